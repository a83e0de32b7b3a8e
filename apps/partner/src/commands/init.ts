import { existsSync } from 'node:fs'
import { type KeyRecord, Line, MemberId } from '@chancery/protocol'
import type { Command } from '../cli.ts'
import { homePaths, relayGiven, writeConfig } from '../config.ts'
import { checkOwn, makeFolder } from '../files.ts'
import { type HeldKey, makeKeys, workDefault, workMax, workMin, writeKeystore } from '../keystore.ts'
import { makeOutside, openOutside } from '../outside.ts'
import { orRefuse, refused, Usage } from '../refusal.ts'
import { outsideGiven, outsideOptions, usesGiven } from './init-signer.ts'

/** What the signing keys may be of. */
export const algs = ['EdDSA', 'ES256', 'ES384'] as const

/** Makes a home: fresh keys under a passphrase, and a configuration that trusts nobody yet. */
export const init: Command = {
  verb: 'init',
  usage:
    '--member ID --name NAME [--person NAME]... [--alg EdDSA|ES256|ES384] [--work N] [--relay URL] ' +
    '[--signer pkcs11 --module PATH --token LABEL [--pin-file FILE] | --signer command --command PATH [ARG]...] ' +
    '[--auth-in-keystore] [--signer-seconds N]',
  says: 'makes keys and a home for a member',
  args: { min: 0, max: 31 },
  options: {
    member: { type: 'string' },
    name: { type: 'string' },
    person: { type: 'string', multiple: true },
    alg: { type: 'string' },
    work: { type: 'string' },
    ...outsideOptions,
  },
  run: async ({ world, args, flags }) => {
    const { home, random } = world
    const member = memberId(flags.must('member'))
    const name = Line.safeParse(flags.must('name'))
    if (!name.success) throw new Usage('--name is one line of text')
    const persons = flags.texts('person')
    if (!persons.every(person => Line.safeParse(person).success)) throw new Usage('--person is one line of text')
    const signer = outsideGiven(flags, args)
    const alg = algs.find(known => known === (flags.text('alg') ?? (signer === undefined ? 'EdDSA' : 'ES256')))
    if (alg === undefined) throw new Usage(`--alg is one of ${algs.join(', ')}`)
    const work = workOf(flags.text('work'))
    orRefuse(checkOwn(home))
    const { keystore } = homePaths(home)
    if (existsSync(keystore)) throw refused('home.exists', keystore, 'a keystore is never written over')
    const relay = relayGiven(flags.text('relay')) ?? null
    const passphrase = await world.passphrase('new')
    makeFolder(home)
    const outside = signer && openOutside(signer, world)
    const wanted = usesGiven(flags).map(use => ({ use, alg, member }))
    const keep = async (held: readonly HeldKey[]) => {
      const keys = await makeKeys(member, alg, persons, held)
      await writeKeystore({ path: keystore, keys, passphrase, work, random })
      writeConfig(home, { genesis: null, member, name: name.data, relay, ...(signer && { signer }), v: 1 })
      return keys
    }
    const keys = await (outside === undefined ? keep([]) : makeOutside(outside, wanted, keep))
    const held = keys.held ?? []
    const own = [...keys.keys, ...held].filter(({ record }) => record.person === undefined)
    const kids = Object.fromEntries(own.map(({ record }) => [nameOf(record), record.kid]))
    const named = keys.keys.flatMap(({ record: { person, kid } }) => (person === undefined ? [] : [{ kid, person }]))
    return {
      lines: [
        `made the keys of ${member} in ${home}`,
        ...Object.entries(kids).map(([use, kid]) => `  ${use.padEnd(10)}${kid}`),
        ...(outside === undefined ? [] : [`  of these ${wanted.map(({ use }) => use).join(', ')}: ${outside.name}`]),
        ...named.map(({ kid, person }) => `  TLP:RED ${kid}  ${person}`),
        ...(relay === null ? [] : [`relay remembered: ${relay}, not yet asked`]),
        'next: chancery enrol --out FILE',
      ],
      data: {
        alg,
        home,
        kids,
        member,
        ...(signer && { signer: signer.kind, outside: wanted.map(({ use }) => use) }),
        ...(named.length > 0 && { persons: named }),
      },
    }
  },
}

/** One key a use, for sealing one a suite, and for cosigning one a family. */
const nameOf = ({ alg, use }: KeyRecord): string => {
  if (alg === 'X-Wing') return 'x-wing'
  return alg === 'ML-DSA-44' ? 'ml-dsa-44' : use
}

function memberId(text: string): string {
  if (!MemberId.safeParse(text).success) throw new Usage('--member is a to z, 0 to 9 and hyphens, a letter first')
  return text
}

/** As a number, or as its power of two. */
function workOf(text: string | undefined): number {
  if (text === undefined) return workDefault
  const number = Number(text)
  const work = number < 64 ? 2 ** number : number
  if (Number.isInteger(Math.log2(work)) && work >= workMin && work <= workMax) return work
  throw new Usage(`--work is a power of two from ${workMin} to ${workMax}, or its exponent`)
}
