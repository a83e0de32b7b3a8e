import type { Source } from './tree.ts'

/** Each rule takes files and returns one complaint a line; an empty list holds. */
export type Complaints = readonly string[]

export const isCode = ({ path }: Source): boolean => /\.(ts|mjs)$/.test(path)
const isTest = (path: string): boolean => path.endsWith('.test.ts')

/** The order a statement travels; a file imports from its own stage or an earlier one. */
export const stages = ['wire', 'charter', 'sharing', 'statement', 'log', 'view', 'audit', 'interop'] as const

type Zone = { readonly folder: string; readonly packages: readonly RegExp[] }

/** Who may import what, besides its own files. Whatever a row does not name is refused. */
const zones: readonly Zone[] = [
  { folder: 'packages/protocol/', packages: [/^jose$/, /^@noble\//, /^zod$/] },
  { folder: 'packages/native/', packages: [/^@chancery\/protocol$/, /^sodium-native$/, /^node:/] },
  { folder: 'packages/store/', packages: [/^@chancery\/protocol$/, /^node:/] },
  { folder: 'packages/client/', packages: [/^@chancery\/(protocol|store)$/, /^ws$/, /^zod$/, /^node:/] },
  {
    folder: 'apps/relay/',
    packages: [/^@chancery\/(protocol|store|native)$/, /^@?hono(\/|$)/, /^ws$/, /^redis$/, /^(pg|postgres)$/, /^node:/],
  },
  {
    folder: 'apps/partner/',
    packages: [/^@chancery\/(protocol|store|client)$/, /^@?hono(\/|$)/, /^ws$/, /^zod$/, /^node:/],
  },
  {
    folder: 'apps/auditor/',
    packages: [
      /^@chancery\/(protocol|native)$/,
      /^node:(?!(net|http|https|http2|dgram|tls|dns|child_process|cluster)(\/|$))/,
    ],
  },
]
const forTests = [/^vitest$/, /^fast-check$/, /^sodium-native$/, /^node:/]

export function checkArrows(file: Source): Complaints {
  const zone = zones.find(({ folder }) => file.path.startsWith(folder))
  if (!zone || !isCode(file)) return []
  const allowed = isTest(file.path) ? [...zone.packages, ...forTests] : zone.packages
  return importsOf(file.text).flatMap(name => {
    if (!name.startsWith('.')) {
      return allowed.some(pattern => pattern.test(name)) ? [] : [`${file.path} may not import ${name}`]
    }
    const target = resolvePath(file.path, name)
    if (ownerOf(target) !== ownerOf(file.path)) return [`${file.path} reaches into ${target}`]
    return stageHolds(file.path, target) ? [] : [`${file.path} imports backwards from ${target}`]
  })
}

const ownerOf = (path: string): string => path.split('/').slice(0, 2).join('/')

function stageHolds(from: string, to: string): boolean {
  const [here, there] = [stageOf(from), stageOf(to)]
  if (here === undefined) return true
  return there !== undefined && there <= here
}

/** `undefined` outside the stages: index.ts may see every stage, and no stage may see it. */
function stageOf(path: string): number | undefined {
  const name = /^packages\/protocol\/src\/([^/]+)\//.exec(path)?.[1]
  const index = stages.findIndex(stage => stage === name)
  return index < 0 ? undefined : index
}

const importForms = [
  /^\s*(?:import|export)\b[^;'"]*?\bfrom\s*['"]([^'"]+)['"]/gm,
  /^\s*import\s*['"]([^'"]+)['"]/gm,
  /\b(?:import|require)\s*\(\s*['"]([^'"]+)['"]/g,
]

export function importsOf(text: string): string[] {
  const bare = withoutComments(text)
  return importForms.flatMap(form => [...bare.matchAll(form)].map(found => found[1] ?? ''))
}

function resolvePath(from: string, name: string): string {
  const parts = from.split('/').slice(0, -1)
  for (const part of name.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.') parts.push(part)
  }
  return parts.join('/')
}

const online = ['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest', 'globalThis']
const impure = [
  ...online,
  'Math.random',
  'Date',
  'process',
  'Buffer',
  'performance',
  'setTimeout',
  'setInterval',
  'setImmediate',
]
/** What is loaded by a name made at run time is seen by no rule above. */
const unseen = ['createRequire']
const banned = [
  { folder: 'packages/protocol/src/', words: [...impure, ...unseen] },
  { folder: 'packages/store/', words: unseen },
  { folder: 'packages/client/', words: unseen },
  { folder: 'apps/auditor/', words: [...online, ...unseen] },
  { folder: 'apps/', words: unseen },
]

/** The protocol has no clock, no randomness and no I/O; the auditor opens no socket; native code comes by one door. */
export function checkPurity(file: Source): Complaints {
  if (!isCode(file) || isTest(file.path)) return []
  const row = banned.find(({ folder }) => file.path.startsWith(folder))
  if (!row) return []
  const code = withoutStrings(file.text)
  const used = row.words.filter(word => new RegExp(`\\b${word.replace('.', '\\.')}\\b`).test(code))
  return used.map(word => `${file.path} uses ${word}`)
}

const commentOrString = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g

const withoutComments = (text: string): string =>
  text.replace(commentOrString, found => (found.startsWith('/') ? ' ' : found))

/** A template keeps its `${…}` parts: they are code. */
function withoutStrings(text: string): string {
  return text.replace(commentOrString, found =>
    found.startsWith('`') ? [...found.matchAll(/\$\{([^}]*)\}/g)].map(part => part[1]).join(' ') : ' ',
  )
}

const linesMax = 500
const columnsMax = 120
const bytesMax = 1 << 20

export function checkSize(file: Source): Complaints {
  if (file.text.length > bytesMax) return [`${file.path} is larger than ${bytesMax} bytes`]
  if (!isCode(file)) return []
  const lines = file.text.split('\n')
  const long = lines.length - 1 > linesMax ? [`${file.path} has ${lines.length - 1} lines; at most ${linesMax}`] : []
  const wide = lines.findIndex(line => line.length > columnsMax)
  return wide < 0 ? long : [...long, `${file.path}:${wide + 1} is wider than ${columnsMax} columns`]
}

// Put together from halves, so that this file does not name what it refuses.
const postponed = new RegExp(`\\b(${['TO', 'FIX', 'XX'].map((half, at) => half + ['DO', 'ME', 'X'][at]).join('|')})\\b`)
const machinePath = new RegExp(`(^|[\\s'"\`(=:,[])/(${['work', 'home', 'root'].join('|')})/`)

const foreign = /^(LICENSE|pnpm-lock\.yaml)$/

export const checkPostponed = (file: Source): Complaints => linesWith(file, postponed, 'postpones something')
export const checkMachinePaths = (file: Source): Complaints =>
  linesWith(file, machinePath, 'names a path of one machine')

function linesWith(file: Source, pattern: RegExp, complaint: string): Complaints {
  if (foreign.test(file.path)) return []
  const lines = file.text.split('\n').map((text, index) => ({ text, number: index + 1 }))
  return lines.filter(({ text }) => pattern.test(text)).map(({ number }) => `${file.path}:${number} ${complaint}`)
}

/** A knob nobody can read about is a trap for the operator. */
export function checkKnobs(knobs: readonly { name: string; why: string }[], pages: readonly Source[]): Complaints {
  return knobs.flatMap(({ name, why }) => {
    if (why.trim() === '') return [`${name} does not say why it exists`]
    return pages.some(({ text }) => text.includes(name)) ? [] : [`${name} is in no page an operator reads`]
  })
}
