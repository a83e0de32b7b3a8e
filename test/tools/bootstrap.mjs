// Brings the pinned tools into node_modules before a script runs.
// Plain JavaScript: it runs on whatever Node the machine has.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const stampPath = join(root, 'node_modules/.chancery-stamp')
const nodeWanted = [24, 12]
const nodeForPnpm = [20, 0]
const cure = 'check the network and the registry, then run this again'
const windows = process.platform === 'win32'

process.exitCode = bootstrap()

function bootstrap() {
  const stamp = stampOf(manifests())
  if (!existsSync(stampPath) || readFileSync(stampPath, 'utf8') !== stamp) {
    const refusal = install()
    if (refusal) return refuse(refusal)
    writeFileSync(stampPath, stamp)
  }
  const refusal = checkNode()
  return refusal ? refuse(refusal) : 0
}

function refuse(line) {
  console.error(`chancery: ${line}`)
  return 3
}

/** Whatever decides what an install would bring; nothing else may cause one. */
function manifests() {
  const members = ['packages', 'apps'].flatMap(folder =>
    readdirSync(join(root, folder)).map(name => `${folder}/${name}/package.json`),
  )
  const all = ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', 'test/package.json', ...members]
  return all.filter(path => existsSync(join(root, path))).sort()
}

function stampOf(paths) {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}\n`)
  for (const path of paths)
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update('\0')
  return `${hash.digest('hex')}\n`
}

function install() {
  if (isOlder(process.versions.node, nodeForPnpm)) {
    return `Node ${process.versions.node} is too old to install with; install Node ${nodeForPnpm[0]} or newer`
  }
  const pnpm = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).packageManager
  // Standard output belongs to the script that comes next, which may print JSON.
  console.error(`chancery: the dependencies are new or have changed; installing them with ${pnpm}`)

  // npm alone first and quietly: without a network its answer is a screen of noise, ours is one line.
  const fetched = npx([pnpm, '--version'], ['ignore', 'ignore', 'pipe'])
  if (fetched.error) return `npx does not run (${fetched.error.message}); install npm`
  if (fetched.status !== 0) return `${pnpm} cannot be fetched from the npm registry (${reasonOf(fetched)}); ${cure}`

  const installed = npx([pnpm, 'install', '--frozen-lockfile'], ['ignore', 2, 2])
  if (installed.status === 0) return undefined
  return `${pnpm} could not install the dependencies; its reason is above`
}

function npx(words, stdio) {
  const env = {
    ...process.env,
    npm_config_fetch_retries: '2',
    npm_config_fetch_retry_mintimeout: '1000',
    npm_config_fetch_retry_maxtimeout: '4000',
    npm_config_loglevel: 'error',
  }
  return spawnSync('npx', ['-y', ...words], { cwd: root, stdio, env, shell: windows })
}

function reasonOf(run) {
  const text = String(run.stderr ?? '')
  return /\b(E[A-Z]{3,}\w*)\b/.exec(text)?.[1] ?? text.trim().split('\n')[0] ?? `exit ${run.status}`
}

/** npm and pnpm put node_modules/.bin first on the PATH of a script, so the pinned Node answers where there is one. */
function checkNode() {
  const pinned = join(root, 'node_modules/.bin/node')
  const found = spawnSync(existsSync(pinned) ? pinned : 'node', ['--version'], { encoding: 'utf8', shell: windows })
  const version = found.stdout?.trim().replace(/^v/, '') ?? ''
  if (version && !isOlder(version, nodeWanted)) return undefined
  const wanted = nodeWanted.join('.')
  if (version) return `Node ${version} is too old; install Node ${wanted} or newer and run this again`
  return `the pinned Node does not run on this machine; delete ${pinned} and install Node ${wanted} or newer`
}

function isOlder(version, [major, minor]) {
  const [a, b] = version.split('.').map(Number)
  return a < major || (a === major && b < minor)
}
