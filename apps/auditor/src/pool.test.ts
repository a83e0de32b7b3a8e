import * as crypto from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { auditFolder, nodePrimitives } from '@chancery/protocol'
import { afterEach, describe, expect, test } from 'vitest'
import { openEvidence } from './evidence.ts'
import { openPool } from './pool.ts'

type Case = {
  readonly name: string
  readonly given: { readonly files: Readonly<Record<string, string>>; readonly genesis?: string }
}

const casesOf = (name: string): readonly Case[] => {
  const vectors = new URL(`../../../spec/vectors/audit/${name}.json`, import.meta.url)
  return (JSON.parse(readFileSync(vectors, 'utf8')) as { readonly cases: readonly Case[] }).cases
}

const primitives = nodePrimitives(crypto)
let folder = ''

function write(files: Readonly<Record<string, string>>): void {
  folder = mkdtempSync(join(tmpdir(), 'evidence-'))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), Buffer.from(text, 'base64url'))
  }
}
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('an audit by threads', () => {
  test.each(['folder', 'order'])(
    'comes to the report of one thread, finding by finding, for every folder of %s.json',
    async name => {
      for (const { given } of casesOf(name)) {
        write(given.files)
        const input = { files: openEvidence(folder), primitives, genesis: given.genesis }
        const alone = await auditFolder(input)
        for (const threads of [1, 2, 3]) {
          const pool = openPool(folder, threads)
          const together = await auditFolder({ ...input, crew: pool.crew })
          await pool.close()
          expect(together).toEqual(alone)
        }
        rmSync(folder, { recursive: true })
      }
    },
    60_000,
  )
  test.each<[string, number, URL | undefined, string]>([
    ['the calling thread', 1, undefined, 'ENOENT'],
    ['another thread', 2, undefined, 'ENOENT'],
    ['a thread that throws', 2, new URL('data:text/javascript,throw new Error("planted")'), 'planted'],
    ['a thread that ends', 2, new URL('data:text/javascript,process.exit(0)'), 'has ended with 0'],
    ['two threads that end', 3, new URL('data:text/javascript,process.exit(7)'), 'has ended with 7'],
  ])('ends with the fault of %s', async (_, threads, program, words) => {
    const [whole] = casesOf('folder')
    write(whole?.given.files ?? {})
    const files = openEvidence(folder)
    const pool = openPool(program === undefined ? join(folder, 'gone') : folder, threads, program)
    await expect(auditFolder({ files, primitives, crew: pool.crew })).rejects.toThrow(words)
    await pool.close()
  })
})
