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
        const pool = openPool(folder, 2)
        const input = { files: openEvidence(folder), primitives, genesis: given.genesis }
        const [together, alone] = [await auditFolder({ ...input, crew: pool.crew }), await auditFolder(input)]
        await pool.close()
        rmSync(folder, { recursive: true })
        expect(together).toEqual(alone)
      }
    },
    60_000,
  )
  test('ends with the fault of a thread, and not without it', async () => {
    const [whole] = casesOf('folder')
    write(whole?.given.files ?? {})
    const files = openEvidence(folder)
    const pool = openPool(join(folder, 'gone'), 2)
    await expect(auditFolder({ files, primitives, crew: pool.crew })).rejects.toThrow('ENOENT')
    await pool.close()
  })
})
