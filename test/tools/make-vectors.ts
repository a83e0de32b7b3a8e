import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { root } from './steps.ts'

type Files = Readonly<Record<string, unknown>>
type Generator = () => Files | Promise<Files>

/** spec/vectors is made here and nowhere else: the same generators give the same bytes. `--check` only compares. */
async function main(): Promise<number> {
  const made = await generate(join(root, 'test/tools/vectors'))
  const held = readAll(join(root, 'spec/vectors'))
  const changes = differences(made, held)
  for (const change of changes) console.log(change)
  if (process.argv.includes('--check')) {
    console.log(`${made.size} vector files made, ${changes.length} differ from spec/vectors`)
    return changes.length === 0 ? 0 : 1
  }
  for (const [path, text] of made) write(join(root, 'spec/vectors', path), text)
  console.log(`${made.size} vector files written to spec/vectors`)
  return 0
}

/** Each module of the folder exports functions named `<area>Vectors`; two of them may not make the same file. */
export async function generate(folder: string): Promise<Map<string, string>> {
  const made = new Map<string, string>()
  for (const name of listOf(folder).filter(path => path.endsWith('.ts') && !path.endsWith('.test.ts'))) {
    const exported = (await import(join(folder, name))) as Readonly<Record<string, unknown>>
    for (const [key, generator] of Object.entries(exported)) {
      if (!key.endsWith('Vectors') || typeof generator !== 'function') continue
      for (const [path, file] of Object.entries(await (generator as Generator)())) {
        const short = path.replace(/^spec\/vectors\//, '')
        if (made.has(short)) throw new Error(`two generators make ${short}; the second is ${key} in ${name}`)
        made.set(short, textOf(file))
      }
    }
  }
  return made
}

const manyCases = 300
const manyBytes = 786_432

/** What is too long to be read case by case has a case a line, and a fraction of the size. */
function textOf(file: unknown): string {
  const { cases = [], ...head } = file as { readonly cases?: readonly unknown[] }
  const spread = `${JSON.stringify(file, null, 2)}\n`
  if (cases.length < manyCases && spread.length < manyBytes) return spread
  const lines = cases.map(each => `    ${JSON.stringify(each)}`).join(',\n')
  return `${JSON.stringify(head, null, 2).slice(0, -2)},\n  "cases": [\n${lines}\n  ]\n}\n`
}

/** An extra file is named, never deleted: a person decides whether its generator was lost. */
export function differences(made: ReadonlyMap<string, string>, held: ReadonlyMap<string, string>): string[] {
  const missing = [...made.keys()].filter(path => !held.has(path)).map(path => `missing  spec/vectors/${path}`)
  const differing = [...made].filter(([path, text]) => held.has(path) && held.get(path) !== text)
  const extra = [...held.keys()].filter(path => !made.has(path)).map(path => `extra    spec/vectors/${path}`)
  return [...missing, ...differing.map(([path]) => `differs  spec/vectors/${path}`), ...extra].sort()
}

function readAll(folder: string): Map<string, string> {
  const paths = listOf(folder).filter(path => path.endsWith('.json'))
  return new Map(paths.map(path => [path, readFileSync(join(folder, path), 'utf8')]))
}

function listOf(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())
    return entries.map(entry => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/')).sort()
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw fault
  }
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

if (import.meta.main) process.exitCode = await main()
