import { type Tlp, atLeastAsRestricted } from '../charter/tiers.ts'
import { type Handling, type Now, actionsOf, hasPassed, legalUseOf } from './handling.ts'
import type { Reader, ReaderForm } from './reader.ts'

/** What a reader may want to do with a statement or a tear line: spec/11-handling.md#actions. */
export const actions = [
  'see',
  'store',
  'forward',
  'name-source',
  'act-passively',
  'act-openly',
  'use-in-court',
  'publish',
] as const
export type Action = (typeof actions)[number]

/** One statement, or one tear line of it, as a decision sees it. */
export type Subject = {
  readonly coa: string
  readonly iss: string
  readonly handling: Handling
  /** A tier to which a later statement has opened it. */
  readonly opened?: Tlp | undefined
  /** What its originator has granted this reader, by grants in force at this position. */
  readonly granted?: readonly Action[] | undefined
}

/** A question, with what follows from the log's position settled. */
export type Case = {
  readonly subject: Subject
  readonly reader: Reader
  readonly action: Action
  readonly at: Now
  /** Of what is handed on, to whom; undefined where that is not asked. */
  readonly towards: Reader | undefined
  /** How widely it may be read at this position. */
  readonly tier: Tlp
  /** Opened, or open from the start: the choice of readers that its author made holds no longer. */
  readonly lifted: boolean
}

export type Asked = { readonly action: Action; readonly at: Now; readonly towards?: Reader | undefined }

export function caseOf(subject: Subject, reader: Reader, { action, at, towards }: Asked): Case {
  const { handling, opened } = subject
  const declassified = handling.declassify_on !== undefined && hasPassed(handling.declassify_on, at)
  const wider = declassified ? 'clear' : (opened ?? handling.tlp)
  const tier = atLeastAsRestricted(wider, handling.tlp) ? handling.tlp : wider
  // Opened to its own tier, it is for all of that: a release to the tier of a join opens the join to that tier.
  const lifted = tier === 'clear' || tier !== handling.tlp || opened === handling.tlp
  return { subject, reader, action, at, towards, tier, lifted }
}

export type Rule = {
  readonly id: string
  readonly actions: readonly Action[]
  readonly answer: 'allow' | 'deny'
  /** Why, for people; the same words as in spec/11-handling.md#rules. */
  readonly says: string
  readonly when: (question: Case) => boolean
}

const row = (
  id: string,
  on: readonly Action[],
  answer: Rule['answer'],
  says: string,
  when: (question: Case) => boolean = () => true,
): Rule => ({ id, actions: on, answer, says, when })

const onward = ['forward', 'name-source', 'act-openly', 'use-in-court', 'publish'] as const
const beyondReading = actions.filter(action => action !== 'see' && action !== 'store')
const ofOthers = onward.filter(action => action !== 'act-openly')

const is = ({ reader }: Case, ...forms: readonly ReaderForm[]): boolean => forms.includes(reader.as)
const isOpen = ({ tier }: Case): boolean => tier === 'clear'
const restrictedTo =
  (tlp: Tlp) =>
  ({ tier }: Case): boolean =>
    tier === tlp
const allows = ({ subject: { handling } }: Case, ...wanted: readonly string[]): boolean =>
  wanted.includes(actionsOf(handling))

/** THE table. The first rule of an action that holds decides; the last holds always, so there is an answer to all. */
export const rules = [
  row(
    'author',
    actions,
    'allow',
    'its own words: a marking binds those who were given it, not the State that wrote it',
    ({ subject, reader }) =>
      (reader.as === 'member' || reader.as === 'person') && reader.coa === subject.coa && reader.member === subject.iss,
  ),
  row(
    'granted',
    actions,
    'allow',
    'the originator has granted this reader exactly this',
    ({ subject, action }) => subject.granted?.includes(action) ?? false,
  ),

  // Whom it reaches.
  row(
    'stranger',
    actions,
    'deny',
    'restricted, and this reader stands in no charter',
    question => !isOpen(question) && is(question, 'anyone'),
  ),
  row(
    'other-coalition',
    actions,
    'deny',
    'restricted, and this reader is of another coalition: here it is a stranger',
    question => !isOpen(question) && question.reader.coa !== question.subject.coa,
  ),
  row(
    'not-releasable',
    actions,
    'deny',
    'releasable to named members only, and this reader is of none of them',
    ({ subject, reader, lifted }) =>
      !lifted &&
      subject.handling.releasable_to !== undefined &&
      !subject.handling.releasable_to.includes(reader.member ?? ''),
  ),
  row(
    'not-cleared',
    actions,
    'deny',
    'more restricted than the charter clears this reader for',
    ({ reader, tier }) => !atLeastAsRestricted(reader.clearance, tier),
  ),
  row(
    'red-persons',
    actions,
    'deny',
    'TLP:RED is for the named persons to whose keys it is sealed, and for no organisation',
    question => question.tier === 'red' && !is(question, 'person', 'tier'),
  ),
  row(
    'strict-organisation',
    actions,
    'deny',
    'TLP:AMBER+STRICT stays within what the charter calls one organisation',
    question => question.tier === 'amber+strict' && is(question, 'constituent', 'community'),
  ),
  row(
    'affected-parties',
    actions,
    'deny',
    'affected parties are not to be told, and a constituent may be one',
    question =>
      !question.lifted &&
      is(question, 'constituent') &&
      question.subject.handling.affected_party_notifications === 'must-not',
  ),

  // Reading.
  row('open', ['see', 'store'], 'allow', 'anyone may read it', isOpen),
  row('within-reach', ['see', 'store'], 'allow', 'its marking reaches this reader'),

  // What holds for several actions.
  row(
    'reads-only',
    beyondReading,
    'deny',
    'an observer, witness, auditor or guest reads, and does nothing more with what is restricted',
    question =>
      !isOpen(question) && question.reader.member !== null && !question.reader.roles.some(role => acting.has(role)),
  ),
  row(
    'embargo',
    onward,
    'deny',
    'under embargo: neither the log size nor the moment may be missing',
    ({ subject: { handling }, lifted, at }) =>
      !lifted && handling.embargo_until !== undefined && !hasPassed(handling.embargo_until, at),
  ),
  row(
    'originator-consent',
    ofOthers,
    'deny',
    'the originator decides on each onward use, and has granted none like this',
    ({ subject: { handling }, lifted }) => !lifted && handling.originator_consent === true,
  ),
  row(
    'red-nobody-else',
    ['forward', 'name-source'],
    'deny',
    'TLP:RED goes to nobody else, by text or by word',
    restrictedTo('red'),
  ),

  row(
    'one-step',
    ['forward'],
    'deny',
    'TLP:AMBER goes from a member to its constituents and no further',
    question => question.tier === 'amber' && is(question, 'constituent'),
  ),
  row(
    'others-organisation',
    ['forward'],
    'deny',
    "a member hands it on within its own organisation and to those whom it names, and to nobody of another's",
    ({ tier, reader, towards }) =>
      (tier === 'amber' || tier === 'amber+strict') &&
      towards !== undefined &&
      within.has(towards.as) &&
      towards.member !== reader.member,
  ),
  row(
    'forward-organisation',
    ['forward'],
    'allow',
    'within its own organisation, as the charter calls it, where it is needed',
    restrictedTo('amber+strict'),
  ),
  row(
    'forward-constituents',
    ['forward'],
    'allow',
    'within its own organisation and to the constituents it names, where it is needed',
    restrictedTo('amber'),
  ),
  row(
    'forward-community',
    ['forward'],
    'allow',
    'to members and registered communities, never where anyone can read it',
    restrictedTo('green'),
  ),
  row('forward-anyone', ['forward'], 'allow', 'anyone may have it', isOpen),

  row(
    'chatham-house',
    ['name-source'],
    'deny',
    'what was said may be used, and not who said it',
    ({ subject: { handling } }) => handling.chatham_house === true,
  ),
  row(
    'source-withheld',
    ['name-source'],
    'deny',
    'its provider must not be named',
    ({ subject: { handling } }) => handling.provider_attribution === 'must-not',
  ),
  row(
    'source-required',
    ['name-source'],
    'allow',
    'its provider must be named wherever it is passed on',
    ({ subject: { handling } }) => handling.provider_attribution === 'must',
  ),
  row('source-free', ['name-source'], 'allow', 'nothing forbids naming its provider to those who may have it'),

  row('no-action', ['act-passively', 'act-openly'], 'deny', 'no action is permitted on it', question =>
    allows(question, 'none'),
  ),
  row('ask-first', ['act-passively', 'act-openly'], 'deny', 'the originator is asked before any action', question =>
    allows(question, 'contact-for-instruction'),
  ),
  row('act-unseen', ['act-passively'], 'allow', 'in its own logs and systems, where nobody outside can notice'),
  row('not-outside', ['act-openly'], 'deny', 'no direct action that is visible outside is permitted', question =>
    allows(question, 'internally-visible-actions', 'externally-visible-indirect-actions'),
  ),
  row(
    'pap',
    ['act-openly'],
    'deny',
    'PAP:AMBER and PAP:RED permit nothing that its target can notice',
    ({ subject: { handling } }) => handling.pap === 'amber' || handling.pap === 'red',
  ),
  row('act-openly', ['act-openly'], 'allow', 'nothing forbids an action that is visible outside'),

  row(
    'not-in-court',
    ['use-in-court'],
    'deny',
    'not for use in court',
    ({ subject: { handling } }) => legalUseOf(handling) === 'deny',
  ),
  row(
    'ask-for-court',
    ['use-in-court'],
    'deny',
    'the originator is asked before use in court',
    ({ subject: { handling } }) => legalUseOf(handling) === 'ask',
  ),
  row('in-court', ['use-in-court'], 'allow', 'may be used in court'),

  row('public', ['publish'], 'allow', 'anyone may read it', isOpen),
  row('not-public', ['publish'], 'deny', 'restricted: only its author opens it'),

  row('no-rule', actions, 'deny', 'no rule allows it'),
] as const satisfies readonly Rule[]

/** What a member's organisation is made of, and whom it warns: the member itself is a reader of its tier. */
const within: ReadonlySet<ReaderForm> = new Set(['body', 'constituent', 'person'])

const acting: ReadonlySet<string> = new Set(['member', 'coordinator', 'pen-holder', 'secretariat'])
