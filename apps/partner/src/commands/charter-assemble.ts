import {
  Charter,
  Member,
  type Policy,
  type RestrictedTlp,
  Tlp,
  canonical,
  check,
  checkCharter,
  compareText,
  concat,
  domainTag,
  fromUtf8,
  limits,
  policyOf,
  readCanonical,
  readVkey,
  readVkeyOf,
  restrictedTiers,
  seal,
  signatureTypes,
  tagKeyRecipients,
  toBase64url,
  utf8,
} from '@chancery/protocol'
import { z } from 'zod'
import type { Command, Flags } from '../cli.ts'
import { readGiven, writeNew } from '../files.ts'
import { Usage, orRefuse } from '../refusal.ts'
import type { World } from '../world.ts'
import { type Policed, bearsOf, policyGiven, sayTolerance } from './charter-policy.ts'
import { namedOf } from './enrol.ts'

type Clearances = Charter['clearances']
const ClearanceFile = z.strictObject({
  amber: z.array(z.string()).optional(),
  'amber+strict': z.array(z.string()).optional(),
  green: z.array(z.string()).optional(),
  red: z.array(z.string()).optional(),
})

/** Puts the members' public keys together, makes the tag key and seals it to every member. */
export const charterAssemble: Command = {
  verb: 'charter assemble',
  usage:
    '--members FILE... --relay-origin ORIGIN --relay-vkey VKEYS --name NAME --out FILE [--clear TIER=ID,ID]... ' +
    '[--clearances FILE] [--purpose TEXT] [--organisation TEXT] [--legal-status TEXT] [--entry TEXT] [--exit TEXT] ' +
    '[--community ID=NAME]... [--default-tlp TIER] [--amend-threshold N] ' +
    '[--quorum N [--families all|any] | --policy FILE] [--max-age SECONDS] [--follows SID:SIZE:ROOT]',
  says: "puts a charter together from the members' files",
  args: { min: 0, max: limits.coalitionMembersMax },
  options: {
    members: { type: 'string', multiple: true },
    'relay-origin': { type: 'string' },
    'relay-vkey': { type: 'string' },
    name: { type: 'string' },
    out: { type: 'string' },
    clear: { type: 'string', multiple: true },
    clearances: { type: 'string' },
    community: { type: 'string', multiple: true },
    purpose: { type: 'string' },
    organisation: { type: 'string' },
    'legal-status': { type: 'string' },
    entry: { type: 'string' },
    exit: { type: 'string' },
    'default-tlp': { type: 'string' },
    'amend-threshold': { type: 'string' },
    quorum: { type: 'string' },
    families: { type: 'string' },
    policy: { type: 'string' },
    'max-age': { type: 'string' },
    follows: { type: 'string' },
  },
  run: async ({ world, args, flags }) => {
    const files = [...flags.texts('members'), ...args]
    if (files.length === 0) throw new Usage('--members is needed')
    const out = flags.must('out')
    const members = files.map(readMember).sort((a, b) => compareText(a.id, b.id))
    const ids = members.map(({ id }) => id)
    const communities = namedOf(flags, 'community')
    const { relay, logs } = relayOf(world, flags)
    const policy = policyGiven(flags, { members, relay, logs })
    const maxAge = flags.text('max-age')
    const charter = orRefuse(
      check(
        Charter,
        {
          ...textsOf(flags),
          clearances: clearancesOf(flags, ids),
          ...(communities.length > 0 && { communities }),
          ...followsGiven(flags),
          ...(maxAge !== undefined && { max_age: Number(maxAge) }),
          members,
          ...(policy !== undefined && { policy }),
          relay,
          amend_threshold: Number(flags.text('amend-threshold') ?? Math.floor(ids.length / 2) + 1),
          default_tlp: flags.text('default-tlp') ?? 'green',
          tag: await makeTag(world, members),
          version: 1,
        },
        'statement.bad-schema',
        '/charter',
      ),
    )
    orRefuse(checkCharter(world.primitives, charter, '/charter'))
    orRefuse(writeNew(out, canonical(charter), 'everyone'))
    const bears = policyOf(world.primitives.sha256, charter)
    return {
      lines: linesOf(charter, out, bears),
      data: { clearances: charter.clearances, members: ids, out, ...(bears && { tolerance: bearsOf(bears) }) },
    }
  },
}

const textsOf = (flags: Flags) => ({
  name: flags.must('name'),
  purpose: flags.text('purpose') ?? 'To attribute malicious cyber activity together, and to answer it together.',
  organisation: flags.text('organisation') ?? 'The government that holds the keys, with its ministries and agencies.',
  legal_status: flags.text('legal-status') ?? 'Not legally binding.',
  entry: flags.text('entry') ?? 'By amendment of this charter.',
  exit: flags.text('exit') ?? 'At any time, by notice to the other members.',
})

function followsGiven(flags: Flags): Pick<Charter, 'follows'> {
  const text = flags.text('follows')
  if (text === undefined) return {}
  const [genesis = '', size = '', root = '', ...more] = text.split(':')
  if (more.length > 0 || root === '' || !/^[1-9][0-9]{0,15}$/.test(size))
    throw new Usage('--follows is SID:SIZE:ROOT, as `chancery board` of the closed log says it')
  return { follows: { genesis, root, size: Number(size) } }
}

export function readMember(path: string): Member {
  const json = orRefuse(readCanonical(orRefuse(readGiven(path, limits.textMax)), path))
  return orRefuse(check(Member, json, 'statement.bad-schema', path))
}

/** The verifier keys as `keygen` prints them: the charter names the first, and a policy all of them. */
function relayOf({ primitives: { sha256 } }: World, flags: Flags): Pick<Policed, 'relay' | 'logs'> {
  const logs = flags.must('relay-vkey').trim().split(/\s+/)
  const [vkey = '', ...more] = logs
  orRefuse(readVkey(sha256, vkey))
  for (const other of more) orRefuse(readVkeyOf(sha256, other, [signatureTypes.mlDsa44]))
  return { relay: { origin: flags.must('relay-origin'), vkey }, logs }
}

/** Nobody is cleared for more than green unless it is said; everybody is cleared for green unless it is said. */
function clearancesOf(flags: Flags, ids: readonly string[]): Clearances {
  return clearancesGiven(flags, { amber: [], 'amber+strict': [], green: [...ids], red: [] }, ids)
}

/** As they are, with what the command line says of some tiers. */
export function clearancesGiven(flags: Flags, before: Clearances, ids: readonly string[]): Clearances {
  const cleared = { ...before }
  const file = flags.text('clearances')
  if (file !== undefined) Object.assign(cleared, readClearances(file))
  for (const text of flags.texts('clear')) {
    const [tier, list, ...rest] = text.split('=')
    const tlp = Tlp.safeParse(tier)
    if (!tlp.success || tlp.data === 'clear' || list === undefined || rest.length > 0)
      throw new Usage(`--clear is like amber=${ids.slice(0, 2).join(',')}; tiers are ${restrictedTiers.join(', ')}`)
    cleared[tlp.data satisfies RestrictedTlp] = list.split(',').filter(id => id !== '')
  }
  for (const tier of restrictedTiers) cleared[tier] = [...new Set(cleared[tier])].sort()
  return cleared
}

function readClearances(path: string): object {
  const text = fromUtf8(orRefuse(readGiven(path, limits.textMax))) ?? ''
  return orRefuse(check(ClearanceFile, parse(text), 'statement.bad-schema', path))
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** spec/03-charter.md#tag-key: 32 random bytes, committed to, and sealed to every member. */
async function makeTag({ random, primitives }: World, members: readonly Member[]): Promise<Charter['tag']> {
  const key = random(32)
  const commit = toBase64url(primitives.sha256(concat(domainTag('tag-key'), key)))
  const recipients = tagKeyRecipients(members)
  return { commit, seal: await seal({ plaintext: key, aad: utf8(commit), recipients }) }
}

function linesOf({ name, members, clearances }: Charter, out: string, policy?: Policy): string[] {
  return [
    `assembled the charter of ${name} with ${members.length} members into ${out}`,
    ...members.map(({ id, name: full, roles }) => `  ${id.padEnd(16)}${full}: ${roles.join(', ')}`),
    ...restrictedTiers.map(tier => `  cleared for ${tier.padEnd(14)}${clearances[tier].join(', ') || 'nobody'}`),
    ...sayTolerance(policy),
    `next: read it, then chancery charter adopt --charter ${out} --out FILE`,
  ]
}
