import {
  type Draft,
  type EnclosedCopy,
  type Handling,
  type Submission,
  type Tlp,
  atLeastAsRestricted,
  instantOf,
  kinds,
  tiers,
} from '@chancery/protocol'
import { submissionOf } from '../deliveries.ts'
import { control } from './story-control.ts'
import { type LoggedStatement, type StatementOptions, type World, makeWorld, worldBegins } from '../world.ts'

/** The words of a part that this marking covers. Of equal length for one `what`, so that sizes stay in one bucket. */
export type Words = (marking: Handling, what: string) => string

/** Five States and what each is cleared for: the most restricted first. Red is for persons. */
export const clearanceOf = {
  aldova: 'red',
  borsk: 'red',
  caldria: 'amber+strict',
  dorvane: 'amber',
  estmark: 'green',
} as const satisfies Record<string, Tlp>
export type Id = keyof typeof clearanceOf
export const ids = Object.keys(clearanceOf) as readonly Id[]

export const cleared = (tlp: Tlp): readonly Id[] => ids.filter(id => atLeastAsRestricted(clearanceOf[id], tlp))

/** Whether a marking reaches a member with a person, as the coalition of this story has it: the slow obvious twin. */
export const reaches = ({ tlp, releasable_to }: Handling, iss: string, id: Id): boolean =>
  iss === id || (cleared(tlp).includes(id) && (releasable_to?.includes(id) ?? true))

const restricted = ['green', 'amber', 'amber+strict', 'red'] as const
const template = kinds['attribution.statement'].template

/** One author of all tiers, statements of each tier and for named members, and within each tier every other kind. */
export async function tell(seed: string, words: Words): Promise<World> {
  const clearances = Object.fromEntries(restricted.map(tlp => [tlp, cleared(tlp)]))
  const world = await makeWorld({ members: ids.length, seed, clearances })
  for (const tlp of tiers) await attribute(world, { tlp }, words)
  await attribute(world, { tlp: 'green', releasable_to: ['aldova', 'borsk', 'estmark'] }, words)
  await attribute(world, { tlp: 'amber', releasable_to: ['aldova', 'borsk'] }, words)
  for (const tlp of ['green', 'amber', 'amber+strict'] as const) {
    await callOut(world, tlp, words)
    const others = cleared(tlp).filter(id => id !== 'aldova')
    const [holder = '', recipient = ''] = [others[0], others.at(-1)]
    await control(world, await attribute(world, { tlp }, words), { tlp, holder, recipient }, words)
  }
  return world
}

const piece = {
  class: 'malware',
  digest: 'A'.repeat(43),
  id: 'e1',
  information_credibility: '2',
  media_type: 'application/zip',
  salt: 'A'.repeat(43),
  size: 4_096,
  source_reliability: 'B',
  title: 'The implant',
}

function attribute(world: World, marking: Handling, words: Words): Promise<LoggedStatement> {
  const { tlp, releasable_to: among } = marking
  const reach = (tier: (typeof restricted)[number]) => cleared(tier).filter(id => among?.includes(id) ?? true)
  const tear: NonNullable<StatementOptions['tear']>[number][] = restricted
    .filter(tier => atLeastAsRestricted(tier, tlp) && reach(tier).length > 0)
    .flatMap(tier => {
      const whole = { tlp: tier, ...(among && { releasable_to: reach(tier) }) }
      const one = { tlp: tier, releasable_to: reach(tier).slice(-1) }
      const label = tier.replace('+', '-')
      return [
        { label, ...whole, content: { text: words(whole, `tear line ${tier}`) } },
        { label: `${label}-one`, ...one, content: { text: words(one, `tear line ${tier} for one`) } },
      ]
    })
  // Of a statement that is hidden, how many parts it has, and for how many, is hidden too.
  if (words(marking, 'more parts').startsWith('1')) tear.push(...more(marking, words))
  const tier = atLeastAsRestricted('amber', tlp) ? 'amber' : (tlp as (typeof restricted)[number])
  const { title, summary } = { title: words(marking, 'title'), summary: words(marking, 'summary') }
  const slices = slicesTo(reach(tier), tier, words)
  const handling = { ...(among && { releasable_to: [...among] }) }
  const evidence = words(marking, 'evidence').startsWith('1') ? [piece] : []
  const body = { ...template, title, summary, evidence }
  return world.statement('attribution.statement', 'aldova', body, { tlp, handling, tear, slices })
}

const more = ({ tlp, releasable_to }: Handling, words: Words): NonNullable<StatementOptions['tear']> =>
  ['aldova', 'borsk'].flatMap((id, i) => {
    const reader = { tlp: tlp === 'clear' ? 'green' : tlp, releasable_to: [id] } satisfies Handling
    const isReader = releasable_to?.includes(id) ?? true
    return isReader ? [{ label: `more-${i}`, ...reader, content: { text: words(reader, 'one more') } }] : []
  })

const slicesTo = (
  members: readonly Id[],
  tlp: (typeof restricted)[number],
  words: Words,
): NonNullable<Draft['slices']> => ({
  label: 'slices',
  handling: { tlp },
  to: Object.fromEntries(
    members.map(id => [id, { text: words({ tlp, releasable_to: [id] }, `slice for ${id}`.padEnd(20)) }]),
  ),
})

const whenOf = (minutes: number): string => instantOf(worldBegins + 60 * minutes)

/** Proposed, frozen, joined, taken back, declined and released, all within one tier; answers for those they are for. */
async function callOut(world: World, tlp: 'green' | 'amber' | 'amber+strict', words: Words): Promise<void> {
  const marking = { tlp }
  const members = cleared(tlp)
  const others = members.filter(id => id !== 'aldova')
  const said = await attribute(world, marking, words)
  const proposal = await world.statement(
    'callout.propose',
    'aldova',
    {
      ...kinds['callout.propose'].template,
      title: words(marking, 'title of a call-out'),
      attributions: [said.sid],
      pen_holder: 'aldova',
      invitees: [...others].sort(),
      deputies: [],
      respond_by: whenOf(8),
      release_window: { from: whenOf(10), until: whenOf(6_000) },
    },
    { tlp },
  )
  const text = await world.statement(
    'callout.text',
    'aldova',
    {
      proposal: proposal.sid,
      texts: [{ lang: 'en', title: words(marking, 'title of a text'), text: words(marking, 'text') }],
      claims: [{ id: 'c1', attribution: said.sid, claim: 'c1' }],
      deadline: { size: world.size + members.length + 2, at: whenOf(8) },
      lapse: { size: world.size + 500 },
    },
    { tlp },
  )
  const dropped = { ...(proposal.statement.body as object), title: words(marking, 'title of what is dropped') }
  const { sid: second } = await world.statement('callout.propose', 'aldova', dropped as never, { tlp })
  const ended = { proposal: second, reason: words(marking, 'why it is dropped') }
  await world.statement('callout.abort', 'aldova', ended, { tlp })
  await answers(world, { text: text.sid, tlp, others, words })
}

async function answers(
  world: World,
  { text, tlp, others, words }: { text: string; tlp: Tlp; others: readonly Id[]; words: Words },
): Promise<void> {
  const joins: LoggedStatement[] = []
  const forReaders = (id: Id): Handling => ({ tlp, releasable_to: [...new Set(['aldova', id])].sort() })
  const joiners = ['aldova', ...others.slice(0, -1)] as const
  for (const id of joiners) {
    const marking = forReaders(id)
    // What a release lists it opens to its readers; the last is taken back.
    const readers = id === joiners.at(-1) ? marking : { tlp }
    const reservations = [{ passage: 'organ', text: words(readers, 'reservation') }]
    const when = words(readers, 'condition').startsWith('1') ? { atLeast: [1] } : { any: [{ member: 'aldova' }] }
    const body = { ...kinds['callout.join'].template, text, reservations, when }
    const handling = { releasable_to: marking.releasable_to }
    joins.push(await world.statement('callout.join', id, body, { tlp, handling }))
  }
  const [last = 'aldova'] = others.slice(-1)
  const [back] = joins.slice(-1)
  const own = forReaders((back?.statement.iss ?? 'aldova') as Id)
  const decline = { text, reason: 'timing', note: words(forReaders(last), 'note') }
  await world.statement('callout.decline', last, decline, { tlp, handling: forReaders(last) })
  const reason = words(own, 'reason')
  const withdrawn = { join: back?.sid, reason }
  await world.statement('callout.withdraw', back?.statement.iss ?? '', withdrawn, { tlp, handling: own })
  const cut = { root: world.rootAt(world.size), size: world.size }
  const listed = joins
    .slice(0, -1)
    .map(({ sid }) => sid)
    .sort()
  const body = { text, joins: listed, cut, released_at: whenOf(world.size) }
  if (listed.length > 0) await world.statement('callout.release', 'aldova', body, { tlp })
}

/** As its author hands it in: with copies of what it lists, opens, hands on or sends again. */
export function handedIn(world: World, logged: LoggedStatement): Promise<Submission> {
  const copies = copiesIn(world, logged)
  return submissionOf(world, logged, copies)
}

function copiesIn(world: World, { statement, payload }: LoggedStatement): EnclosedCopy[] {
  const { kind, body } = statement
  const held = (sid: string | undefined) => world.logged.find(each => each.sid === sid)
  // In the order of the log: that of the list is one of hashes.
  const isListed = (each: LoggedStatement) => payload.refs.includes(each.sid) && each.statement.kind === 'callout.join'
  if (kind === 'callout.release') return world.logged.filter(isListed).map(each => copyOf(each))
  const { sid, grant, slots = [] } = body as { sid?: string; grant?: string; slots?: readonly string[] }
  if (kind === 'tearline.open' || kind === 'resend') return [copyOf(held(sid), slots)]
  const granted = kind === 'release.use' ? (held(grant)?.statement.body as { sid: string } | undefined) : undefined
  return granted === undefined ? [] : [copyOf(held(granted.sid))]
}

function copyOf(logged: LoggedStatement | undefined, slots: readonly string[] = []): EnclosedCopy {
  if (logged === undefined) throw new Error('the story has what it names')
  const lines = logged.lines.filter(({ label, to }) => to === undefined && slots.includes(label))
  return { disclosures: lines.map(({ disclosure }) => disclosure), jws: logged.jws }
}
