import type { VectorCase, VectorFile } from './vector-file.ts'

/**
 * The matrix of decisions: reader × tier × action × state × own or other coalition. What is expected is written down
 * here, in tables read off spec/11-handling.md, and nothing of it comes from the code that decides.
 */
export const decisionVectors = (): Record<string, VectorFile> => ({
  ...Object.fromEntries(
    actions.map(action => [
      `sharing/decide-${action}.json`,
      { spec: 'spec/11-handling.md#rules', check: 'decide', cases: casesOf(action) },
    ]),
  ),
  'sharing/decide-towards.json': { spec: 'spec/11-handling.md#rules', check: 'decide', cases: towardsCases() },
})

const actions = [
  'see', 'store', 'forward', 'name-source', 'act-passively', 'act-openly', 'use-in-court', 'publish',
] as const
type Action = (typeof actions)[number]
const tiers = ['clear', 'green', 'amber', 'amber+strict', 'red'] as const
type Tier = (typeof tiers)[number]

const [ours, theirs] = ['A'.repeat(43), `${'B'.repeat(42)}A`]
const author = 'ardenia'

type Reader = {
  readonly as: string
  readonly clearance: Tier
  readonly coa: string | null
  readonly member: string | null
  readonly roles: readonly string[]
}
const reader = (as: string, clearance: Tier, member: string | null = null, ...roles: string[]): Reader =>
  ({ as, clearance, coa: as === 'anyone' ? null : ours, member, roles })
const of = (member: string, ...roles: string[]) => reader('member', 'red', member, ...roles)

/** Who asks, and what each tier answers before anything else: "+" reaches, else the rule that denies. */
const readers: Readonly<Record<string, Reader>> = {
  'anyone': reader('anyone', 'clear'),
  'whoever holds a folder for green': reader('tier', 'green'),
  'whoever holds a folder for red': reader('tier', 'red'),
  'a registered community': reader('community', 'green'),
  'a constituent': reader('constituent', 'red', 'borealia', 'member'),
  'a body of a member': reader('body', 'red', 'borealia', 'member'),
  'a member': of('borealia', 'member'),
  'a member cleared for green': reader('member', 'green', 'borealia', 'member'),
  'a person of a member': reader('person', 'red', 'borealia', 'member'),
  'a coordinator': of('borealia', 'coordinator'),
  'a pen-holder': of('borealia', 'pen-holder'),
  'a secretariat': of('borealia', 'secretariat'),
  'an observer': of('borealia', 'observer'),
  'a witness': of('borealia', 'witness'),
  'an auditor': of('borealia', 'auditor'),
  'a guest': of('borealia', 'guest'),
  'an observer that is a member too': of('borealia', 'member', 'observer'),
  'the author': of(author, 'member'),
  'a person of the author': reader('person', 'red', author, 'member'),
  'a constituent of the author': reader('constituent', 'red', author, 'member'),
}
const reach: Readonly<Record<string, readonly string[]>> = {
  'anyone': ['+', 'stranger', 'stranger', 'stranger', 'stranger'],
  'whoever holds a folder for green': ['+', '+', 'not-cleared', 'not-cleared', 'not-cleared'],
  'whoever holds a folder for red': ['+', '+', '+', '+', '+'],
  'a registered community': ['+', '+', 'not-cleared', 'not-cleared', 'not-cleared'],
  'a constituent': ['+', '+', '+', 'strict-organisation', 'red-persons'],
  'a constituent of the author': ['+', '+', '+', 'strict-organisation', 'red-persons'],
  'a member cleared for green': ['+', '+', 'not-cleared', 'not-cleared', 'not-cleared'],
  'a person of a member': ['+', '+', '+', '+', '+'],
}
/** Every reader not named above but the author: a member, or a body of one, that is cleared for all. */
const wholeReach = ['+', '+', '+', '+', 'red-persons']
const readOnly = new Set(['an observer', 'a witness', 'an auditor', 'a guest'])
const own = new Set(['the author', 'a person of the author'])

/** What each tier answers to each action where the tier reaches the reader and nothing else is said. */
const plain: Readonly<Record<Action, readonly string[]>> = {
  'see': ['open', 'within-reach', 'within-reach', 'within-reach', 'within-reach'],
  'store': ['open', 'within-reach', 'within-reach', 'within-reach', 'within-reach'],
  'forward': [
    'forward-anyone', 'forward-community', 'forward-constituents', 'forward-organisation', 'red-nobody-else',
  ],
  'name-source': ['source-free', 'source-free', 'source-free', 'source-free', 'red-nobody-else'],
  'act-passively': ['act-unseen', 'act-unseen', 'act-unseen', 'act-unseen', 'act-unseen'],
  'act-openly': ['act-openly', 'act-openly', 'act-openly', 'act-openly', 'act-openly'],
  'use-in-court': ['in-court', 'ask-for-court', 'ask-for-court', 'ask-for-court', 'ask-for-court'],
  'publish': ['public', 'not-public', 'not-public', 'not-public', 'not-public'],
}
const allowing = new Set([
  'author', 'granted', 'open', 'within-reach', 'forward-organisation', 'forward-constituents', 'forward-community',
  'forward-anyone', 'source-required', 'source-free', 'act-unseen', 'act-openly', 'in-court', 'public',
])

type State = {
  readonly name: string
  readonly handling?: object
  readonly at?: object
  readonly granted?: readonly Action[]
  readonly opened?: Tier
  /** The tier that decides, where it is another than the marking's. */
  readonly as?: Tier
  /** Readers whom it does not reach at all, and the rule that says so. */
  readonly cut?: readonly [rule: string, readers: readonly string[]]
  /** What it says of an action, in the place of what is said plainly. */
  readonly says?: Partial<Record<Action, string>>
  /** Tiers asked of; amber and red unless it says. */
  readonly over?: readonly Tier[]
  /** It opens, and says nothing of courts. */
  readonly court?: boolean
}

const start = { moment: 1_900_000_000, size: 100 }
const end = { at: '2030-03-17T17:46:40Z', size: 100 }
const early = { at: '2030-03-17T17:46:41Z', size: 100 }
const small = { at: '2030-03-17T17:46:40Z', size: 101 }
const underEmbargo = Object.fromEntries(
  ['forward', 'name-source', 'act-openly', 'use-in-court', 'publish'].map(action => [action, 'embargo']),
)
const asking = Object.fromEntries(
  ['forward', 'name-source', 'use-in-court', 'publish'].map(action => [action, 'originator-consent']),
)
const both = (rule: string) => ({ 'act-passively': rule, 'act-openly': rule })
const others = ['a constituent', 'a member', 'a person of a member', 'an observer']

const states: readonly State[] = [
  { name: 'under embargo by size', handling: { embargo_until: small }, says: underEmbargo },
  { name: 'under embargo by the clock', handling: { embargo_until: early }, says: underEmbargo },
  { name: 'after the embargo', handling: { embargo_until: end } },
  { name: 'declassified', handling: { declassify_on: end }, as: 'clear', court: true },
  { name: 'to be declassified, by size', handling: { declassify_on: small } },
  { name: 'to be declassified, by the clock', handling: { declassify_on: early } },
  {
    name: 'declassified, with all that chooses readers', as: 'clear', court: true,
    handling: { declassify_on: end, embargo_until: end, originator_consent: true, releasable_to: ['delos'] },
  },
  { name: 'opened to green', opened: 'green', as: 'green' },
  { name: 'opened to anyone', opened: 'clear', as: 'clear', court: true },
  { name: 'opened to anyone under embargo', handling: { embargo_until: small }, opened: 'clear', as: 'clear',
    court: true },
  { name: 'opened to fewer than may read it', opened: 'red' },
  { name: 'for another, and opened to its own tier', handling: { releasable_to: ['cassia', 'delos'] }, opened: 'amber',
    as: 'amber', over: ['amber'] },
  { name: 'for another, and opened to fewer', handling: { releasable_to: ['cassia', 'delos'] }, opened: 'red',
    cut: ['not-releasable', others], over: ['amber'] },
  { name: 'originator controlled', handling: { originator_consent: true }, says: asking },
  { name: 'releasable to another', handling: { releasable_to: ['cassia', 'delos'] }, cut: ['not-releasable', others],
    over: ['green', 'amber', 'amber+strict', 'red'] },
  { name: 'releasable to this member', handling: { releasable_to: ['borealia', 'cassia'] } },
  { name: 'nobody affected is told', handling: { affected_party_notifications: 'must-not' },
    cut: ['affected-parties', ['a constituent']], over: ['green', 'amber'] },
  { name: 'under the Chatham House rule', handling: { chatham_house: true }, says: { 'name-source': 'chatham-house' } },
  { name: 'its provider not to be named', handling: { provider_attribution: 'must-not' },
    says: { 'name-source': 'source-withheld' } },
  { name: 'its provider to be named', handling: { provider_attribution: 'must' },
    says: { 'name-source': 'source-required' } },
  { name: 'PAP:GREEN', handling: { pap: 'green' } },
  { name: 'PAP:AMBER', handling: { pap: 'amber' }, says: { 'act-openly': 'pap' } },
  { name: 'PAP:RED', handling: { pap: 'red' }, says: { 'act-openly': 'pap' } },
  { name: 'no action permitted', handling: { permitted_actions: 'none' }, says: both('no-action') },
  { name: 'instructions first', handling: { permitted_actions: 'contact-for-instruction' }, says: both('ask-first') },
  { name: 'actions inside', handling: { permitted_actions: 'internally-visible-actions' },
    says: { 'act-openly': 'not-outside' } },
  { name: 'indirect actions', handling: { permitted_actions: 'externally-visible-indirect-actions' },
    says: { 'act-openly': 'not-outside' } },
  { name: 'for court', handling: { legal_use: 'allow' }, says: { 'use-in-court': 'in-court' } },
  { name: 'never for court', handling: { legal_use: 'deny' }, says: { 'use-in-court': 'not-in-court' } },
  { name: 'granted to forward', granted: ['forward'], handling: { originator_consent: true },
    says: { ...asking, forward: 'granted' } },
]

const asked = ['anyone', ...others, 'the author']

function casesOf(action: Action): VectorCase[] {
  const cases: VectorCase[] = []
  for (const [name, who] of Object.entries(readers)) {
    for (const tier of tiers) {
      cases.push(make({ action, name, who, tier, state: {} }))
      if (who.as !== 'anyone') cases.push(make({ action, name, who: { ...who, coa: theirs }, tier, state: {} }))
    }
  }
  for (const state of states) {
    for (const name of asked) {
      const who = readers[name]
      if (who === undefined) continue
      for (const tier of state.over ?? (['amber', 'red'] as const)) cases.push(make({ action, name, who, tier, state }))
    }
  }
  return cases
}

type Question = {
  readonly action: Action
  readonly name: string
  readonly who: Reader
  readonly tier: Tier
  readonly state: Partial<State>
}

function make({ action, name, who, tier, state }: Question): VectorCase {
  const rule = ruleOf({ action, name, who, tier, state })
  const { handling, at = start, granted, opened } = state
  const subject = { coa: ours, granted, handling: { ...handling, tlp: tier }, iss: author, opened }
  const place = who.coa === theirs ? ' of another coalition' : ''
  return {
    name: [`${name}${place}, ${tier}`, ...(state.name === undefined ? [] : [state.name])].join(', '),
    given: { action, at, reader: who, subject },
    expect: 'ok',
    value: { decision: allowing.has(rule) ? 'allow' : 'deny', rule },
  }
}

function ruleOf({ action, name, who, tier, state }: Question): string {
  const foreign = who.coa === theirs
  if (own.has(name) && !foreign) return 'author'
  if (state.granted?.includes(action) === true) return 'granted'
  const deciding = state.as === undefined || rank(state.as) > rank(tier) ? tier : state.as
  const place = rank(deciding)
  if (deciding !== 'clear' && foreign) return 'other-coalition'
  const [rule, readersCut = []] = state.cut ?? []
  const first = rule === 'not-releasable'
  if (first && rule !== undefined && readersCut.includes(name)) return rule
  const reached = (reach[name] ?? wholeReach)[place] ?? ''
  // In another coalition what is clear is all there is, and there the author is a reader like any other.
  if (reached !== '+') return reached
  if (!first && rule !== undefined && readersCut.includes(name)) return rule
  return saidOf({ action, name, tier, state, deciding })
}

function saidOf({ action, name, tier, state, deciding }: Omit<Question, 'who'> & { deciding: Tier }): string {
  const usual = plain[action][rank(deciding)] ?? ''
  if (action === 'see' || action === 'store') return usual
  if (deciding !== 'clear' && readOnly.has(name)) return 'reads-only'
  const said = state.says?.[action]
  // Nobody else may have TLP:RED, whoever might be named; the embargo and the originator are asked before.
  if (usual === 'red-nobody-else') return said === 'embargo' || said === 'originator-consent' ? said : usual
  if (said !== undefined) return said
  if (action === 'forward' && deciding === 'amber' && name.startsWith('a constituent')) return 'one-step'
  // A marking that was restricted says nothing of courts by opening.
  if (action === 'use-in-court' && state.court === true && tier !== 'clear') return 'ask-for-court'
  return usual
}

/** To whom it would go, and whether that is of the organisation of borealia, of another's, or a reader of a tier. */
const recipients: Readonly<Record<string, readonly ['own' | 'theirs' | 'tier', Reader]>> = {
  'its constituent': ['own', reader('constituent', 'red', 'borealia', 'member')],
  'its body': ['own', reader('body', 'red', 'borealia', 'member')],
  'its person': ['own', reader('person', 'red', 'borealia', 'member')],
  'a constituent of another': ['theirs', reader('constituent', 'red', 'cassia', 'member')],
  'a body of another': ['theirs', reader('body', 'red', 'cassia', 'member')],
  'a person of another': ['theirs', reader('person', 'red', 'cassia', 'member')],
  'a constituent of the author': ['theirs', reader('constituent', 'red', author, 'member')],
  'another member': ['tier', of('cassia', 'member')],
  'a community': ['tier', reader('community', 'green')],
  'anyone': ['tier', reader('anyone', 'clear')],
  'readers of a tier': ['tier', reader('tier', 'red')],
}

const handing: readonly Partial<State>[] = [
  {},
  { name: 'opened to amber', opened: 'amber', as: 'amber', over: ['red'] },
  { name: 'opened to green', opened: 'green', as: 'green', over: ['amber', 'amber+strict'] },
  { name: 'granted to forward', granted: ['forward'], over: ['amber', 'amber+strict', 'red'] },
  { name: 'originator controlled', handling: { originator_consent: true }, says: asking, over: ['green', 'amber'] },
]

/** Handing on, by to whom: whether the recipient may see it is a question of its own, and not of these. */
function towardsCases(): VectorCase[] {
  const cases: VectorCase[] = []
  for (const name of ['a member', 'a body of a member', 'a person of a member', 'an observer', 'the author']) {
    const who = readers[name]
    if (who === undefined) continue
    for (const [recipient, [whose, towards]] of Object.entries(recipients)) {
      for (const state of handing) {
        for (const tier of state.over ?? tiers) {
          const usual = ruleOf({ action: 'forward', name, who, tier, state })
          const goes = usual === 'forward-constituents' || usual === 'forward-organisation'
          const rule = goes && whose === 'theirs' ? 'others-organisation' : usual
          const { given, ...made } = make({ action: 'forward', name, who, tier, state })
          const value = { decision: allowing.has(rule) ? 'allow' : 'deny', rule }
          const asks = { ...(given as object), towards }
          cases.push({ ...made, name: `${made.name}, to ${recipient}`, given: asks, value })
        }
      }
    }
  }
  return cases
}

const rank = (tier: Tier): number => tiers.indexOf(tier)
