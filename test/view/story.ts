import {
  type CallOut,
  type Condition,
  type LogView,
  type Position,
  type TextBody,
  assert,
  foldCallOuts,
  instantOf,
} from '@chancery/protocol'
import { type LoggedStatement, type StatementOptions, type World, makeWorld, worldBegins } from '../world.ts'

/** A coalition whose first member has attributed, proposed a call-out to all, and frozen its text. */
export type Story = {
  readonly world: World
  readonly attribution: LoggedStatement
  readonly proposal: LoggedStatement
  readonly text: LoggedStatement
  /** Joins count before this size; nothing can be released from `lapse` on. */
  readonly deadline: number
  readonly lapse: number
  readonly join: (by: string, when?: Condition, more?: JoinMore) => Promise<LoggedStatement>
  readonly release: (joins: readonly string[], more?: ReleaseMore) => Promise<LoggedStatement>
  readonly callOut: (view?: Partial<LogView>) => CallOut
}

type JoinMore = StatementOptions & { readonly positions?: readonly Position[]; readonly text?: string }
type ReleaseMore = StatementOptions & {
  readonly by?: string
  readonly size?: number
  readonly root?: string
  readonly text?: string
}

export const says = (stance: Position['stance'] = 'supports', named: Position['named'] = 'organ'): Position => ({
  claim: 'c1',
  stance,
  named,
  basis: 'partner-evidence-reviewed',
})

/** The deadline leaves room for so many answers, and the lapse for so many statements more. */
export async function tell(seed: string, { answers = 3, room = 20 } = {}): Promise<Story> {
  const world = await makeWorld({ members: 5, seed })
  const [first = '', ...others] = world.ids
  const attribution = await world.statement('attribution.statement', first, attributionBody)
  const proposal = await world.statement('callout.propose', first, {
    title: 'Intrusion at the Harbour Registry',
    attributions: [attribution.sid],
    pen_holder: first,
    form: 'common-text',
    invitees: others.filter(id => id !== 'estmark'),
    deputies: ['borsk'],
    respond_by: instantOf(worldBegins),
    release_window: { from: instantOf(worldBegins), until: instantOf(worldBegins + 86_400) },
  })
  const deadline = world.size + 1 + answers
  const lapse = deadline + room
  const body = textBody({ proposal: proposal.sid, attribution, deadline, lapse })
  const text = await world.statement('callout.text', first, body)
  return {
    world,
    attribution,
    proposal,
    text,
    deadline,
    lapse,
    join: (by, when, { positions = [says()], text: named = text.sid, ...opts } = {}) =>
      world.statement('callout.join', by, joinBody(named, positions, when), { tlp: 'amber', ...opts }),
    release: (joins, { by = first, size = world.size, root, text: named = text.sid, ...opts } = {}) => {
      const cut = { size, root: root ?? world.rootAt(size) }
      return world.statement('callout.release', by, releaseBody({ text: named, cut, joins }), opts)
    },
    callOut: view => {
      const { size, rootAt } = world
      const found = foldCallOuts(world.logged, { size, rootAt, ...view }).get(proposal.sid)
      assert(found !== undefined, 'the story has a call-out')
      return found
    },
  }
}

const attributionBody = {
  title: 'Intrusion at the Harbour Registry',
  summary: 'The registry of ships was copied.',
  kind: 'political',
  publicity: 'coalition',
  incidents: [{ ref: 'case-1', title: 'Copying of a registry' }],
  evidence: [],
  claims: [
    {
      id: 'c1',
      named: 'organ',
      name: 'Bureau Nine of Norvania',
      stance: 'attributes',
      basis: 'own-assessment',
      evidence: [],
    },
  ],
}

export const textBody = ({
  proposal,
  attribution,
  deadline,
  lapse,
}: {
  proposal: string
  attribution: LoggedStatement
  deadline: number
  lapse: number
}): TextBody => ({
  proposal,
  texts: [{ lang: 'en', title: 'On the Harbour Registry', text: 'We say together who did it.' }],
  claims: [{ id: 'c1', attribution: attribution.sid, claim: 'c1' }],
  deadline: { size: deadline, at: instantOf(worldBegins) },
  lapse: { size: lapse },
})

const joinBody = (text: string, positions: readonly Position[], when: Condition | undefined) => ({
  text,
  authority: { level: 'mfa', organ: 'Ministry of Foreign Affairs' },
  positions,
  reservations: [{ passage: 'together', text: 'In our own words.' }],
  ...(when !== undefined && { when }),
})

const releaseBody = ({ text, cut, joins }: { text: string; cut: object; joins: readonly string[] }) => ({
  text,
  cut,
  joins: [...joins].sort(),
  released_at: instantOf(worldBegins + 7_200),
})
