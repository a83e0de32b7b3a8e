import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, sep } from 'node:path'
import { root } from '../tools/steps.ts'
import type { Mutant } from './mutant.ts'
import { mutants } from './planted.ts'

type Verdict = { readonly mutant: Mutant; readonly caughtBy: string | undefined }

/** Plants one mistake after the other in a copy of this tree: each must make a named test fail. */
export async function proveMutants(only?: string): Promise<boolean> {
  const chosen = mutants.filter(({ name }) => only === undefined || name.includes(only))
  console.log(`${chosen.length} mistakes to plant`)
  const copy = copyTree()
  const verdicts: Verdict[] = []
  try {
    for (const [i, mutant] of chosen.entries()) {
      const caughtBy = await plant(copy, mutant)
      verdicts.push({ mutant, caughtBy })
      const said = caughtBy === undefined ? 'NOT CAUGHT' : `caught by "${caughtBy}"`
      console.log(`${String(i + 1).padStart(3)}/${chosen.length}  ${mutant.name}: ${said}`)
    }
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
  const caught = verdicts.filter(({ caughtBy }) => caughtBy !== undefined).length
  console.log(`\n${caught} of ${verdicts.length} planted mistakes are caught`)
  return caught === verdicts.length && verdicts.length > 0
}

/** Dependencies are linked, sources are copied: nothing of this tree is touched. */
function copyTree(): string {
  const copy = mkdtempSync(join(tmpdir(), 'chancery-mutants-'))
  const left = new Set(['node_modules', '.git', 'out', 'coverage'].map(name => join(root, name)))
  // Links between packages are relative, and lead to the copies.
  cpSync(root, copy, { recursive: true, verbatimSymlinks: true, filter: from => !left.has(from) })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  return copy
}

/** The first test that fails with the mistake in place; undefined where all of them pass. */
async function plant(copy: string, { name, file, line, becomes, tests }: Mutant): Promise<string | undefined> {
  const path = join(copy, file.split('/').join(sep))
  const before = readFileSync(path, 'utf8')
  if (before.split(line).length !== 2) throw new Error(`"${name}": its line stands not once in ${file}`)
  writeFileSync(
    path,
    before.replace(line, () => becomes),
  )
  try {
    return await firstFailure(copy, tests)
  } finally {
    writeFileSync(path, before)
  }
}

type Report = {
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[]
  }[]
}

async function firstFailure(copy: string, tests: readonly string[]): Promise<string | undefined> {
  const out = join(copy, 'report.json')
  const words = ['run', '--bail=1', '--reporter=json', `--outputFile=${out}`, ...tests]
  const child = spawn(join(copy, 'node_modules/.bin/vitest'), words, { cwd: copy, stdio: 'ignore', env: pinned(copy) })
  const status = await ended(child)
  const report = JSON.parse(readFileSync(out, 'utf8')) as Report
  rmSync(out)
  const all = report.testResults.flatMap(({ assertionResults }) => assertionResults)
  const failed = all.find(test => test.status === 'failed')?.fullName
  // A file that does not even load is no verdict on the mistake: the mutant is not a program.
  if (failed === undefined && status !== 0) throw new Error(`the tests did not run: ${tests.join(', ')}`)
  return failed
}

const pinned = (copy: string) => ({
  ...process.env,
  PATH: `${join(copy, 'node_modules/.bin')}:${process.env.PATH ?? ''}`,
})

async function ended(child: ChildProcess): Promise<number> {
  const [status] = (await once(child, 'close')) as [number | null]
  return status ?? 1
}
