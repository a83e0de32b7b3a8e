import {
  type Amendment,
  type CharterState,
  type Member,
  NextCharter,
  type Policy,
  type RestrictedTlp,
  type Sha256,
  canonical,
  check,
  compareText,
  limits,
  nextCharter,
  policyOf,
  printPolicy,
  readVkeyOf,
  restrictedTiers,
  seal,
  signatureTypes,
  tagKeyRecipients,
  utf8,
} from '@chancery/protocol'
import { ofRecord } from '../draft-file.ts'
import { changesOf } from '../charter-changes.ts'
import type { Command, Flags } from '../cli.ts'
import { publishDraft } from '../publish.ts'
import { Usage, orRefuse, refused } from '../refusal.ts'
import { type Session, syncIfReached, withSession } from '../session.ts'
import { clearancesGiven, readMember } from './charter-assemble.ts'
import { policyGiven } from './charter-policy.ts'
import { namedOf } from './enrol.ts'
import { reportPublished } from './publish.ts'

const texts = ['name', 'purpose', 'organisation', 'legal-status', 'entry', 'exit', 'default-tlp'] as const

/** Proposes the next version of the charter. What is not said stays as it is. */
export const charterAmend: Command = {
  verb: 'charter amend',
  usage:
    '[--member FILE]... [--remove ID]... [--clear TIER=ID,ID]... [--clearances FILE] [--name NAME] [--purpose TEXT] ' +
    '[--organisation TEXT] [--legal-status TEXT] [--entry TEXT] [--exit TEXT] [--community ID=NAME]... ' +
    '[--default-tlp TIER] [--amend-threshold N] [--quorum N [--families all|any] | --policy FILE] ' +
    '[--max-age SECONDS] [--relay-vkey VKEYS]',
  says: 'proposes the next version of the charter',
  args: { min: 0, max: 0 },
  options: {
    member: { type: 'string', multiple: true },
    remove: { type: 'string', multiple: true },
    clear: { type: 'string', multiple: true },
    clearances: { type: 'string' },
    community: { type: 'string', multiple: true },
    'amend-threshold': { type: 'string' },
    quorum: { type: 'string' },
    families: { type: 'string' },
    policy: { type: 'string' },
    'max-age': { type: 'string' },
    'relay-vkey': { type: 'string' },
    ...Object.fromEntries(texts.map(name => [name, { type: 'string' } as const])),
  },
  run: async input => {
    const { flags } = input
    const given = flags.texts('member').map(readMember)
    return withSession(input, async session => {
      await syncIfReached(session)
      const body = await amendmentOf(session, flags, given)
      const { version } = session.mirror.charter
      const changes = changesOf(version.charter, orRefuse(nextCharter(version, body)))
      if (changes.length === 0)
        throw new Usage('nothing would change: say what, as `chancery help charter amend` has it')
      for (const line of changes) session.world.say(`  ${line}`)
      const published = await publishDraft(session, ofRecord('charter.amend', body))
      const next = `next: others run chancery charter endorse ${published.sid}, until`
      const needs = `${version.charter.amend_threshold} members have approved it, this one among them`
      return reportPublished('charter.amend', published, {
        lines: [next, `      ${needs}`],
        data: { changes: [...changes] },
      })
    })
  },
}

async function amendmentOf(session: Session, flags: Flags, given: readonly Member[]): Promise<Amendment> {
  const { charter: state } = session.mirror
  const { charter: before, number, sid: previous } = state.version
  const members = membersAfter(before.members, { given, removed: flags.texts('remove') })
  const brought = members.filter(member => !isSame(before.members, member))
  const next = {
    ...textsAfter(before, flags),
    amend_threshold: Number(flags.text('amend-threshold') ?? Math.min(before.amend_threshold, members.length)),
    clearances: clearancesAfter(flags, { before: before.clearances, members, brought }),
    members: members.map(member => (isSame(before.members, member, canonical) ? member.id : member)),
    version: number + 1,
    ...logAfter(session, flags, members),
  }
  const charter = orRefuse(check(NextCharter, next, 'statement.bad-schema', '/charter'))
  return { charter, previous, ...(brought.length > 0 && { seal: await sealTo(session, brought) }) }
}

type Changed = { readonly given: readonly Member[]; readonly removed: readonly string[] }

function membersAfter(before: readonly Member[], { given, removed }: Changed): Member[] {
  const ids = new Set(before.map(({ id }) => id))
  const stranger = removed.find(id => !ids.has(id))
  if (stranger !== undefined) throw new Usage(`--remove names a member; ${stranger} is none`)
  const kept = before.filter(({ id }) => !removed.includes(id) && !given.some(member => member.id === id))
  const members = [...kept, ...given].sort((a, b) => compareText(a.id, b.id))
  if (members.length > limits.coalitionMembersMax) throw new Usage(`at most ${limits.coalitionMembersMax} members`)
  return members
}

const keysOf = ({ keys }: Member): string => canonical(keys)

/** Whether it stays with the keys it has, or in all that is said of it. */
const isSame = (before: readonly Member[], member: Member, of: (member: Member) => string = keysOf): boolean =>
  before.some(one => one.id === member.id && of(one) === of(member))

type Charter = CharterState['charter']

function textsAfter(before: Charter, flags: Flags) {
  const communities = namedOf(flags, 'community')
  return {
    name: flags.text('name') ?? before.name,
    purpose: flags.text('purpose') ?? before.purpose,
    organisation: flags.text('organisation') ?? before.organisation,
    legal_status: flags.text('legal-status') ?? before.legal_status,
    entry: flags.text('entry') ?? before.entry,
    exit: flags.text('exit') ?? before.exit,
    default_tlp: flags.text('default-tlp') ?? before.default_tlp,
    ...(communities.length > 0 ? { communities } : before.communities && { communities: before.communities }),
  }
}

/** Whoever is brought is cleared for green, as at the founding, and for more where it is said. */
function clearancesAfter(
  flags: Flags,
  {
    before,
    members,
    brought,
  }: {
    readonly before: Charter['clearances']
    readonly members: readonly Member[]
    readonly brought: readonly Member[]
  },
): Charter['clearances'] {
  const ids = members.map(({ id }) => id)
  const cleared = { ...before, green: [...before.green, ...brought.map(({ id }) => id)] }
  const kept = (tier: RestrictedTlp) => cleared[tier].filter(id => ids.includes(id))
  const [green, amber, strict, red] = restrictedTiers.map(kept)
  const after = { green: green ?? [], amber: amber ?? [], 'amber+strict': strict ?? [], red: red ?? [] }
  return clearancesGiven(flags, after, ids)
}

/** A policy names keys: where members change, whoever says nothing keeps the witnesses there are. */
function logAfter({ world, mirror }: Session, flags: Flags, members: readonly Member[]) {
  const { policy, max_age: maxAge, relay: before } = mirror.charter.version.charter
  const { sha256 } = world.primitives
  const known = policyOf(sha256, { policy })
  const fresh = flags.text('relay-vkey')?.trim().split(/\s+/)
  const [vkey = before.vkey] = fresh ?? []
  const relay = { origin: before.origin, vkey }
  const logs = fresh ?? known?.logs.map(each => each.vkey) ?? [vkey]
  const kept = known && fresh ? withLogs(sha256, known, fresh) : policy
  const given = policyGiven(flags, { members, relay, logs }) ?? kept
  const age = flags.text('max-age')
  return {
    relay,
    ...(given !== undefined && { policy: given }),
    ...(age !== undefined ? { max_age: Number(age) } : maxAge !== undefined && { max_age: maxAge }),
  }
}

/** The same witnesses over the new keys of the log. */
const withLogs = (sha256: Sha256, policy: Policy, vkeys: readonly string[]): string =>
  printPolicy({ ...policy, logs: vkeys.map(vkey => ({ vkey, key: orRefuse(readVkeyOf(sha256, vkey, logTypes)) })) })
const logTypes = [signatureTypes.ed25519, signatureTypes.mlDsa44]

function sealTo({ mirror: { tagKey, charter } }: Session, brought: readonly Member[]) {
  if (tagKey === undefined) throw refused('charter.not-acceded', '/iss', 'the tag key is not held yet')
  const { commit } = charter.charter.tag
  return seal({ plaintext: tagKey, aad: utf8(commit), recipients: tagKeyRecipients(brought) })
}
