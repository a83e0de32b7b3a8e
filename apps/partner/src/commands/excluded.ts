import {
  type Act,
  type CallOut,
  type Exclusion,
  type ExclusionProof,
  type LoggedCopy,
  type Tlp,
  actOf,
  atLeastAsRestricted,
  candidatesAt,
  exclusionBytes,
  formatReceipt,
  inclusionProof,
  proveWrongfulExclusion,
  readEntry,
  readExclusion,
  recordKinds,
  signatoriesAt,
  tlpLabel,
  verifyWrongfulExclusion,
} from '@chancery/protocol'
import type { Command, Input, Report } from '../cli.ts'
import { readConfig } from '../config.ts'
import { checkNew, readGiven, writeNew } from '../files.ts'
import { orRefuse, refused, Usage } from '../refusal.ts'
import { type Genesis, type Session, readGenesis, readGenesisFile, syncIfReached, withSession } from '../session.ts'
import type { World } from '../world.ts'
import { callOutOf, heldStatement, sidArgument } from './call-out.ts'

/** Was this member left out of a release though it belonged? The proof of it, and the check of one, offline. */
export const excluded: Command = {
  verb: 'excluded',
  usage: 'RELEASE_SID [--out FILE] [--offline]  |  --check FILE [--genesis FILE]',
  says: 'was this member wrongly left out of a release? makes and checks the proof',
  args: { min: 0, max: 1 },
  options: {
    out: { type: 'string' },
    check: { type: 'string' },
    genesis: { type: 'string' },
    offline: { type: 'boolean' },
  },
  run: async input => {
    const { args, flags } = input
    const [out, file] = [flags.text('out'), flags.text('check')]
    if ((args.length === 0) === (file === undefined)) throw new Usage('a release, or --check FILE')
    if (file !== undefined && out !== undefined) throw new Usage('--out goes with a release, not with --check')
    if (file === undefined && flags.text('genesis') !== undefined) throw new Usage('--genesis goes with --check')
    if (file !== undefined) return checkFile(input, file)
    const sid = sidArgument(args[0])
    if (out !== undefined) orRefuse(checkNew(out))
    return withSession(input, async session => {
      if (!flags.on('offline')) await syncIfReached(session)
      return reportOn(session, sid, out)
    })
  },
}

type Release = Act<'callout.release'>
type Why = Extract<Exclusion, { shown: false }>['why'] | 'not-joined'

/** What the proof shows, or why there is none. */
type Found =
  | { readonly is: 'shown'; readonly shown: Extract<Exclusion, { shown: true }>; readonly proof: ExclusionProof }
  | { readonly is: 'not'; readonly member: string; readonly why: Why }

function reportOn(session: Session, sid: string, out: string | undefined): Report {
  const release = releaseHeld(session, sid)
  const found = lookFor(session, callOutOf(session, release.body.text), release)
  if (found.is === 'not') return notShown(found, release.sid)
  const tlp = highestIn(session, found.proof)
  const { genesis } = session.mirror.founded
  if (out !== undefined) orRefuse(writeNew(out, exclusionBytes(genesis, found.proof), 'owner'))
  const told =
    out === undefined
      ? [`  the proof is written with --out FILE; it holds statements up to ${tlpLabel(tlp)}`]
      : [
          `wrote the proof to ${out}; it holds statements up to ${tlpLabel(tlp)}: hand it to readers of that tier only`,
          `whoever has the charter checks it offline: chancery excluded --check ${out}`,
        ]
  return {
    lines: [...shownLines(found.shown), ...told],
    data: { ...dataOf(found.shown), tlp, ...(out !== undefined && { out }) },
  }
}

function releaseHeld(session: Session, sid: string): Release {
  const held = heldStatement(session, sid)
  const act = held && actOf(held)
  if (act?.kind !== 'callout.release') throw refused('callout.unknown', sid, 'it is not a release that is held here')
  return act
}

/** Proven, and then checked as a stranger will: with the genesis statement and nothing else of ours. */
function lookFor(session: Session, callOut: CallOut, release: Release): Found {
  const { mirror, keys } = session
  const { member } = keys
  const cut = release.body.cut.size
  if (candidatesAt(callOut, cut).get(member) === undefined) {
    const known = signatoriesAt(callOut, cut).excluded.find(other => other.member === member)
    return { is: 'not', member, why: known?.why ?? 'not-joined' }
  }
  const copyOf = (sid: string) => loggedCopy(session, sid)
  const proof = orRefuse(proveWrongfulExclusion({ callOut, release, member, copyOf, adoptions: adoptionsIn(session) }))
  const { primitives, founded: charter } = mirror
  const exclusion = orRefuse(verifyWrongfulExclusion({ primitives, charter, proof }))
  return exclusion.shown ? { is: 'shown', shown: exclusion, proof } : { is: 'not', member, why: exclusion.why }
}

/** What says which keys spoke, in log order; keys to seal to have no part in that. */
const adoptionsIn = ({ mirror: { store, founded } }: Session): string[] =>
  recordKinds
    .filter(kind => kind !== 'key.prekey')
    .flatMap(kind => store.ofKinds(kind))
    .toSorted((a, b) => a.index - b.index)
    .map(({ about: { sid } }) => sid)
    .filter(sid => sid !== founded.genesis)

/** As it stands in the mirror, with the receipt that the newest checkpoint gives. */
function loggedCopy({ mirror: { store, primitives } }: Session, sid: string): LoggedCopy | undefined {
  const held = store.statement(sid)
  if (held === undefined || store.head === undefined || held.index >= store.head.size) return undefined
  const { size, note: checkpoint } = store.head
  const proof = inclusionProof({ sha256: primitives.sha256, index: held.index, size, read: store.read })
  const form = orRefuse(readEntry(held.entry))
  const extra = form.form === 'sealed' ? { extra: form.tag } : {}
  return { jws: held.jws, receipt: formatReceipt({ index: held.index, proof, checkpoint, ...extra }) }
}

/** The tier that a reader of the file needs. */
function highestIn(session: Session, proof: ExclusionProof): Tlp {
  const { proposal, text, release, excluded: left, joins } = proof
  const jwss = new Set([proposal, text, release, left, ...joins].map(({ jws }) => jws))
  const tiers = session.mirror.store.ofKinds('callout.').flatMap(({ jws, about }) => (jwss.has(jws) ? about.tlp : []))
  return tiers.reduce((most, tlp) => (atLeastAsRestricted(tlp, most) ? tlp : most), 'clear')
}

/** Larger than any proof that is meant; a coalition of 200 with joins of some pages each. */
const fileBytesMax = 64 * 1024 * 1024

/** No key, no mirror, no relay: the file, and the charter that is pinned here or given. */
function checkFile({ world, flags }: Input, file: string): Report {
  const given = flags.text('genesis')
  const { founded, charter } = given === undefined ? pinnedIn(world) : readGenesisFile(world, given)
  const bytes = orRefuse(readGiven(file, fileBytesMax))
  const proof = orRefuse(readExclusion(bytes, founded.genesis))
  const exclusion = orRefuse(verifyWrongfulExclusion({ primitives: world.primitives, charter: founded, proof }))
  const fingerprint =
    given === undefined
      ? `  under the charter of ${charter.name}, pinned here: ${founded.genesis}`
      : `  under the charter of ${charter.name}; compare its fingerprint with the one you know: ${founded.genesis}`
  const { genesis } = founded
  if (!exclusion.shown) {
    const { lines, data, exit = 1 } = notShown(exclusion)
    return { lines: [...lines, fingerprint], data: { ...(data as object), genesis }, exit }
  }
  return { lines: [...shownLines(exclusion), fingerprint], data: { ...dataOf(exclusion), genesis } }
}

const pinnedIn = (world: World): Genesis => readGenesis(world, orRefuse(readConfig(world.home)))

type Shown = Extract<Exclusion, { shown: true }>

const dataOf = ({ shown, wronged, by, join, release }: Shown) => ({ shown, member: wronged, by, join, release })

const shownLines = ({ wronged, by, join, release }: Shown): string[] => [
  `${wronged} was wrongly left out of a release by ${by}`,
  `  release  ${release}`,
  `  join     ${join}`,
  `  every condition of those released and of ${wronged} holds among them all, so a larger set was due and the`,
  '  release is not valid. A later answer of this member below the cut, with its receipt, would defeat the proof',
]

function notShown({ member, why }: { readonly member: string; readonly why: Why }, release?: string): Report {
  return {
    lines: [`${member} is not shown to be wrongly left out (${why}): ${inWords[why]}`],
    data: { shown: false, member, why, means: inWords[why], release },
    exit: 1,
  }
}

const inWords: Readonly<Record<Why, string>> = {
  listed: 'the release names it',
  'not-joined': 'it has not joined this call-out',
  'condition-unmet': 'its own condition does not hold among those released and itself',
  withdrawn: 'it took its join back before the cut',
  declined: 'it declined after it had joined, before the cut',
  'after-cut': 'it joined only at or after the cut',
  'not-invited': 'the call-out did not ask it',
  disputed: 'its join was signed by a key that had been compromised, and was not said again before the cut',
  'other-exercise': 'either its join or the text is an exercise, and not both',
  superseded: 'another join of it is the one that counts',
  'release-unsound': 'the release names somebody whose condition does not hold, so it is invalid for that',
}
