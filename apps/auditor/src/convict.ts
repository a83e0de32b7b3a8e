import { readFileSync, statSync } from 'node:fs'
import { primitives } from '@chancery/native'
import { type Exhibits, type Json, type Verdict, canonical, convict, failures, readExhibit } from '@chancery/protocol'

export type ConvictArguments = {
  readonly files: readonly string[]
  readonly genesis: string | undefined
  readonly json: boolean
}
/** What is printed, and whether somebody is convicted. */
export type Tried = { readonly out: string; readonly convicted: boolean }

const bytesMax = 16 * 1_048_576

/** Reads what it is given, and holds it against itself. A file that cannot be read throws; no evidence is an answer. */
export function tryFiles({ files, genesis, json }: ConvictArguments): Tried {
  const read: Exhibits[] = []
  for (const file of files) {
    const exhibit = readExhibit(readSmall(file))
    if (!exhibit.ok)
      return nothing(json, `${file}: ${failures[exhibit.code].means}${exhibit.why ? `; ${exhibit.why}` : ''}`)
    read.push(exhibit.value)
  }
  const verdict = convict(primitives, read)
  if (!verdict.ok) return nothing(json, `${failures[verdict.code].means}; ${verdict.why ?? ''}`)
  if (genesis !== undefined && genesis !== verdict.value.genesis)
    return nothing(json, `the charter is ${verdict.value.genesis}, and not the one you trust`)
  const { convictions } = verdict.value
  if (convictions.length === 0) return nothing(json, 'what is shown can all be true: nobody is convicted')
  const out = json
    ? `${canonical(verdict.value as unknown as Json)}\n`
    : `${wordsOf(verdict.value, genesis).join('\n')}\n`
  return { out, convicted: true }
}

function readSmall(file: string): string {
  if (statSync(file).size > bytesMax) throw new Error(`${file} is larger than any evidence`)
  return readFileSync(file, 'utf8')
}

const nothing = (json: boolean, why: string): Tried => ({
  out: json ? `${canonical({ convictions: [], why })}\n` : `${why}\n`,
  convicted: false,
})

function wordsOf({ genesis, convictions }: Verdict, pinned: string | undefined): string[] {
  const lines = convictions.map(({ who, of }) => `CONVICTED: the ${who.is} ${who.name} has signed ${of}.`)
  return pinned === undefined
    ? [...lines, `By the charter ${genesis}: compare it by voice with the one you trust, or pass it as --genesis.`]
    : [...lines, `By the charter ${genesis}, as you named it.`]
}
