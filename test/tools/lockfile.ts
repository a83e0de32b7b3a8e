import type { Complaints } from './tidy.ts'
import type { Source } from './tree.ts'

/** The part of YAML that pnpm writes: nested maps by indentation, everything else kept as text. */
export type Node = { readonly [key: string]: Node | string }

export function parseLockfile(text: string): Node {
  const top: Record<string, Node | string> = {}
  const open: { indent: number; node: Record<string, Node | string> }[] = [{ indent: -1, node: top }]
  for (const line of text.split('\n')) {
    const found = /^( *)('(?:[^']|'')*'|[^\s'#-][^:]*(?::[^\s:][^:]*)*):(?: (.*))?$/.exec(line)
    if (!found) continue
    const indent = found[1]?.length ?? 0
    while ((open.at(-1)?.indent ?? -1) >= indent) open.pop()
    const key = (found[2] ?? '').replace(/^'|'$/g, '')
    const parent = open.at(-1)?.node ?? top
    if (found[3] !== undefined) {
      parent[key] = found[3].replace(/^'|'$/g, '')
      continue
    }
    const node: Record<string, Node | string> = {}
    parent[key] = node
    open.push({ indent, node })
  }
  return top
}

const asNode = (value: Node | string | undefined): Node => (typeof value === 'object' ? value : {})
const child = (node: Node, key: string): Node => asNode(node[key])

/** Names of every package that running the packages and apps brings with it: what they depend on, all the way down. */
export function runtimeTree(lock: Node): string[] {
  const importers = Object.entries(child(lock, 'importers')).filter(([path]) => /^(packages|apps)\//.test(path))
  const queue = importers.flatMap(([, importer]) =>
    ['dependencies', 'optionalDependencies'].flatMap(group =>
      Object.entries(child(asNode(importer), group)).map(([name, entry]) => `${name}@${String(asNode(entry).version)}`),
    ),
  )
  const found = new Set<string>()
  for (const id of queue) {
    if (found.has(id) || id.includes('@link:')) continue
    found.add(id)
    const snapshot = child(child(lock, 'snapshots'), id)
    for (const group of ['dependencies', 'optionalDependencies']) {
      queue.push(...Object.entries(child(snapshot, group)).map(([name, version]) => `${name}@${String(version)}`))
    }
  }
  return [...new Set([...found].map(id => id.slice(0, id.indexOf('@', 1))))].sort()
}

/** Every package comes from the registry by its digest, and none may run code while it is installed. */
export function checkLockfile(text: string): Complaints {
  const entries = Object.entries(child(parseLockfile(text), 'packages'))
  if (entries.length === 0) return ['the lockfile has no packages, or is not read']
  const loose = entries.filter(
    ([, entry]) => !/^\{integrity: sha512-[A-Za-z0-9+/]{86}==\}$/.test(String(asNode(entry).resolution)),
  )
  const building = entries.filter(([, entry]) => 'requiresBuild' in asNode(entry))
  return [
    ...loose.map(([id]) => `${id} is not pinned by a digest alone`),
    ...building.map(([id]) => `${id} wants to run code when it is installed`),
  ]
}

export function checkNoInstallScripts(workspace: string, manifests: readonly Source[]): Complaints {
  const scripts = manifests.flatMap(({ path, text }) => {
    const names = Object.keys((JSON.parse(text) as { scripts?: object }).scripts ?? {})
    const bad = names.filter(name => /^(pre|post)?(install|prepare)$/.test(name))
    return bad.map(name => `${path} runs ${name} when it is installed`)
  })
  const off = /^ignoreScripts: true$/m.test(workspace) && /^onlyBuiltDependencies: \[\]$/m.test(workspace)
  return off ? scripts : [...scripts, 'pnpm-workspace.yaml lets dependencies run code when they are installed']
}

/** A dependency is a decision: each has its line where decisions are written down. */
export function checkDependencyLines(names: readonly string[], page: string): Complaints {
  const missing = names.filter(name => !page.includes(`\`${name}\``))
  return missing.map(name => `ARCHITECTURE.md has no line for \`${name}\``)
}
