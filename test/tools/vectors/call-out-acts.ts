import { type Condition, type Position, compareText } from '@chancery/protocol'
import {
  type Statement, abort, bad, begins, borsk, caldria, decline, frozen, good, id, join, proposal, release, says, text,
  textOf, told, withdraw,
} from './call-out-story.ts'
import type { VectorCase } from './vector-file.ts'

const stances: Position['stance'][][] = [
  ['expresses-concern'], ['condemns'], ['in-solidarity'], ['recognises', 'acknowledges'], ['supports'],
  ['shares-assessment'], ['attributes'],
]
const ladder: Position['named'][][] = [
  ['activity'], ['cluster'], ['group'], ['individual', 'persona'], ['entity'], ['organ'], ['state'],
]

/** Each word of both scales against each floor: one member a floor, all of them waiting for one that speaks. */
export function scaleCases(): VectorCase[] {
  const waits = (floors: string[][], floor: string) => floors.flat().map(word => [word, { member: 'aldova',
    [floor]: word }])
  const heard = (name: string, spoken: Position, floors: string[][], floor: string, reach: number) => {
    const when = Object.fromEntries(waits(floors, floor)) as Record<string, Condition>
    const joins = Object.fromEntries(Object.entries(when)
      .map(([word, condition]) => [word, { positions: [says('supports')], when: condition }]))
    const met = floors.slice(0, reach + 1).flat()
    return good(name, { joins: { aldova: { positions: [spoken] }, ...joins } }, ['aldova', ...met].sort(compareText))
  }
  return [
    ...stances.flatMap((level, i) => level.map(word =>
      heard(`the floors that ${word} meets`, says(word), stances, 'min_stance', i))),
    ...(['co-seals', 'no-position', 'dissents'] as const).map(word =>
      heard(`the floors that ${word} meets: none`, says(word, 'state'), stances, 'min_stance', -1)),
    ...ladder.flatMap((level, i) => level.map(word =>
      heard(`the floors of what is named that ${word} meets`, says('supports', word), ladder, 'min_named', i))),
    heard('the floors of what is named that territory meets: none', says('supports', 'territory'), ladder,
      'min_named', -1),
  ]
}

const drill = { exercise: true }
const [exercised, drilled] = [{ ...proposal, ...drill }, { ...text, ...drill }]
const root = (size: number) => id(`root ${size}`)

/** Real acts and exercises of them, and acts that come in another order than they should. */
export function mixedPhaseCases(): VectorCase[] {
  type Value = { phase: string; signatories?: string[]; excluded?: Record<string, string>; refused?: string[] }
  const at = (name: string, size: number, statements: readonly Statement[], value: Value) =>
    good(name, told(statements, size), { signatories: [], excluded: {}, refused: [], ...value })
  const late = join(20, 'caldria')
  const other = { ...proposal, sid: id('another proposal'), index: 9 }
  const ofOther = { ...textOf(12, id('another text')), body: { ...text.body, proposal: other.sid } }
  return [
    at('an exercise of its own', 25, [exercised, drilled, { ...borsk, ...drill }],
      { phase: 'ready', signatories: ['borsk'] }),
    at('a real join of an exercise', 25, [exercised, drilled, borsk],
      { phase: 'collecting', excluded: { borsk: 'other-exercise' } }),
    at('a real text of an exercise freezes nothing', 25, [exercised, text], { phase: 'proposed' }),
    at('a real abort of an exercise', 31, [exercised, drilled, abort(29)], { phase: 'collecting' }),
    at('an exercise aborted as one', 31, [exercised, drilled, { ...abort(29), ...drill }], { phase: 'aborted' }),
    at('a real text after the exercise of one', 20, [proposal, { ...textOf(11, id('drill')), ...drill },
      textOf(12, frozen), join(13, 'borsk')], { phase: 'ready', signatories: ['borsk'] }),
    at('a withdrawal as an exercise takes nothing back', 25, [proposal, text, borsk,
      { ...withdraw(14, 'borsk', borsk), ...drill }], { phase: 'ready', signatories: ['borsk'] }),
    at('a decline as an exercise takes nothing back', 25, [proposal, text, borsk, { ...decline(14, 'borsk'),
      ...drill }],
      { phase: 'ready', signatories: ['borsk'] }),
    at('a release as an exercise of a real call-out', 31, [proposal, text, borsk, release([borsk], {}, drill)],
      { phase: 'ready', signatories: ['borsk'], refused: ['callout.wrong-text'] }),
    at('a text after the abort freezes nothing', 25, [proposal, abort(11), textOf(12, frozen),
      join(13, 'borsk')], { phase: 'aborted' }),
    at('an abort after an abort, as an exercise', 31, [proposal, text, abort(28), { ...abort(29), ...drill }],
      { phase: 'aborted' }),
    at('an answer to another text before ours is frozen', 20, [proposal, join(11, 'borsk', undefined,
      { text: id('another text') }), textOf(12, frozen)], { phase: 'collecting' }),
    at('a withdrawal of a join of another text', 25, [proposal, text, borsk,
      withdraw(14, 'borsk', join(13, 'borsk', undefined, { text: id('another text') }))],
    { phase: 'ready', signatories: ['borsk'] }),
    at('a withdrawal of the join before the last', 25, [proposal, text, borsk, join(13, 'borsk'),
      withdraw(14, 'borsk', borsk)], { phase: 'collecting', excluded: { borsk: 'withdrawn' } }),
    at('a decline after a join', 25, [proposal, text, borsk, decline(13, 'borsk')],
      { phase: 'collecting', excluded: { borsk: 'declined' } }),
    at('a join after a decline', 25, [proposal, text, decline(12, 'borsk'), join(13, 'borsk')],
      { phase: 'ready', signatories: ['borsk'] }),
    at('a join one before the size asked for', 21, [proposal, text, late], { phase: 'ready',
      signatories: ['caldria'] }),
    at('a deputy that was not asked may not be counted', 25, [
      { ...proposal, body: { ...proposal.body, deputies: ['estmark'] } }, text, join(12, 'estmark')],
    { phase: 'collecting', excluded: { estmark: 'not-invited' } }),
    at('a text of another proposal freezes nothing here', 25, [proposal, other, ofOther], { phase: 'proposed' }),
    at('an abort of another proposal ends nothing here', 25, [proposal, other,
      { ...abort(24), body: { proposal: other.sid, reason: 'It leaked.' } }], { phase: 'proposed' }),
    at('a release one before the lapse', 41, [proposal, text, borsk, release([borsk], { index: 39 })],
      { phase: 'released', signatories: ['borsk'] }),
    at('a release at the lapse', 41, [proposal, text, borsk, release([borsk], { index: 40 })],
      { phase: 'lapsed', signatories: ['borsk'], refused: ['callout.wrong-phase'] }),
    at('an abort one before the lapse', 41, [proposal, text, abort(39)], { phase: 'aborted' }),
    at('an abort at the lapse', 41, [proposal, text, abort(40)], { phase: 'lapsed' }),
    at('two valid releases: the first is the one', 35, [proposal, text, borsk, release([borsk]),
      release([borsk], { index: 32 })], { phase: 'released', signatories: ['borsk'],
        refused: ['callout.wrong-phase'] }),
  ]
}

export function mixedReleaseCases(): VectorCase[] {
  const holds = (name: string, statements: readonly Statement[], signatories: string[], of = proposal) =>
    good(name, told([of, ...statements]), { is: 'largest', signatories })
  const refused = (name: string, code: string, at: string, statements: readonly Statement[], of = proposal) =>
    bad(name, told([of, ...statements]), `callout.${code}`, at)
  const again = join(13, 'borsk')
  const late = join(20, 'caldria')
  const [asDrill, stranger] = [{ ...borsk, ...drill }, join(12, 'estmark')]
  const deadline = (sizes: object) => ({ ...text, body: { ...text.body, ...sizes } })
  const one = [text, borsk]
  return [
    holds('by a deputy', [...one, { ...release([borsk]), iss: 'borsk' }], ['borsk']),
    holds('signed at the moment of the deadline', [...one, release([borsk], {}, { iat: begins })], ['borsk']),
    refused('signed one second before it', 'too-early', '/iat', [...one, release([borsk], {}, { iat: begins - 1 })]),
    holds('over a cut at the size of the deadline',
      [deadline({ deadline: { at: '2031-01-01T00:00:00Z', size: 25 } }), borsk, release([borsk], { size: 25 })],
        ['borsk']),
    refused('over a cut before the size of the deadline, that there is', 'too-early', '/body/cut/size',
      [deadline({ deadline: { at: '2031-01-01T00:00:00Z', size: 26 } }), borsk, release([borsk], { size: 25 })]),
    refused('over a cut one past itself', 'wrong-cut', '/body/cut/size',
      [...one, release([borsk], { index: 24, size: 25 })]),
    refused('over the largest cut there is', 'wrong-cut', '/body/cut/size',
      [...one, release([borsk], { size: Number.MAX_SAFE_INTEGER, root: root(20) })]),
    refused('over a cut whose root is that of another size', 'wrong-cut', '/body/cut/root',
      [...one, release([borsk], { root: root(21) })]),
    refused('after the lapse', 'wrong-phase', '', [...one, release([borsk], { index: 41 })]),
    refused('after the lapse, of another text', 'wrong-phase', '',
      [...one, release([borsk], { index: 41, text: id('second text') })]),
    refused('of another text, as an exercise', 'wrong-text', '/body/text',
      [...one, release([borsk], { text: id('second text') }, drill)]),
    refused('as an exercise, before the deadline', 'wrong-text', '/exercise', [...one, release([borsk], { size: 10 },
      drill)]),
    refused('before the size and the moment of the deadline', 'too-early', '/body/cut/size',
      [...one, release([borsk], { size: 10 }, { iat: begins - 1 })]),
    refused('before the moment, over a cut past itself', 'too-early', '/iat',
      [...one, release([borsk], { index: 20, size: 21 }, { iat: begins - 1 })]),
    holds('with the second join of a member', [text, borsk, again, release([again])], ['borsk']),
    refused('with both joins of a member', 'not-largest',
      `/body/joins/${[borsk.sid, again.sid].sort(compareText).indexOf(borsk.sid)}`,
      [text, borsk, again, release([borsk, again])]),
    refused('with one that has declined since', 'not-largest', '/body/joins/0',
      [text, borsk, decline(13, 'borsk'), release([borsk])]),
    holds('with one that had declined before', [text, decline(12, 'borsk'), again, release([again])], ['borsk']),
    refused('with a join after its withdrawal of the one before', 'not-largest', '/body/joins/0',
      [text, borsk, again, withdraw(14, 'borsk', borsk), release([again])]),
    holds('with one that withdrew at the cut', [...one, withdraw(20, 'borsk', borsk), release([borsk])], ['borsk']),
    refused('with one that withdrew one before the cut', 'not-largest', '/body/joins/0',
      [...one, withdraw(19, 'borsk', borsk), release([borsk])]),
    refused('with a join at the cut', 'not-largest', '/body/joins/0', [text, late, release([late])]),
    holds('with a join one before the cut', [text, late, release([late], { size: 21 })], ['caldria']),
    refused('with one that was not asked', 'not-largest', '/body/joins/0', [text, stranger, release([stranger])]),
    holds('without one that was not asked', [...one, stranger, release([borsk])], ['borsk']),
    refused('with a join that is an exercise', 'not-largest', '/body/joins/0', [text, asDrill, release([asDrill])]),
    holds('of an exercise', [drilled, asDrill, release([asDrill], {}, drill)], ['borsk'], exercised),
    refused('of an exercise, as if it were real', 'wrong-text', '/exercise', [drilled, asDrill, release([asDrill])],
      exercised),
    refused('of an exercise with a real join', 'not-largest', '/body/joins/0',
      [drilled, borsk, release([borsk], {}, drill)], exercised),
    holds('after an abort that was an exercise', [...one, { ...abort(28), ...drill }, release([borsk])], ['borsk']),
    holds('after a release that was an exercise', [...one, release([borsk], { index: 28 }, drill), release([borsk])],
      ['borsk']),
    holds('after a withdrawal that was an exercise',
      [...one, { ...withdraw(13, 'borsk', borsk), ...drill }, release([borsk])], ['borsk']),
    ...withheldCases(),
  ]
}

/** What a reader of part can still refuse, though it cannot compute the largest set. */
function withheldCases(): VectorCase[] {
  const part = (statements: readonly Statement[], withheld = 1) => told([proposal, text, ...statements], 31, withheld)
  const sound = (name: string, statements: readonly Statement[], signatories: string[]) =>
    good(name, part(statements), { is: 'sound', signatories })
  const refused = (name: string, code: string, at: string, statements: readonly Statement[]) =>
    bad(name, part(statements), code, at)
  const again = join(13, 'borsk')
  const mutual = [join(12, 'borsk', { member: 'caldria' }), join(13, 'caldria', { member: 'borsk' })]
  const stranger = join(12, 'estmark')
  const asDrill = { ...borsk, ...drill }
  const late = join(20, 'borsk')
  return [
    sound('of two that waited for one another, seen by a reader of part', [...mutual, release(mutual)],
      ['borsk', 'caldria']),
    good('seen by a reader from whom nothing is withheld', part([borsk, release([borsk])], 0),
      { is: 'largest', signatories: ['borsk'] }),
    refused('with a join that was replaced, seen by a reader of part', 'callout.not-largest', '/body/joins/0',
      [borsk, again, release([borsk])]),
    refused('with a join that was taken back, seen by a reader of part', 'callout.not-largest', '/body/joins/0',
      [borsk, withdraw(13, 'borsk', borsk), release([borsk])]),
    refused('with one that has declined since, seen by a reader of part', 'callout.not-largest', '/body/joins/0',
      [borsk, decline(13, 'borsk'), release([borsk])]),
    refused('with one that was not asked, seen by a reader of part', 'callout.not-largest', '/body/joins/0',
      [stranger, release([stranger])]),
    refused('with an exercise, seen by a reader of part', 'callout.not-largest', '/body/joins/0',
      [asDrill, release([asDrill])]),
    refused('with a join at the cut, seen by a reader of part', 'callout.not-largest', '/body/joins/0',
      [late, release([late])]),
    refused('with one join that is not held beside one that is', 'evidence.missing',
      `/body/joins/${[borsk.sid, caldria.sid].sort(compareText).indexOf(caldria.sid)}`, [borsk, release([borsk,
        caldria])]),
    refused('before the deadline, seen by a reader of part', 'callout.too-early', '/body/cut/size',
      [borsk, release([borsk], { size: 10 })]),
    refused('over another root, seen by a reader of part', 'callout.wrong-cut', '/body/cut/root',
      [borsk, release([borsk], { root: id('other') })]),
    refused('over a cut past itself, seen by a reader of part', 'callout.wrong-cut', '/body/cut/size',
      [borsk, release([borsk], { index: 20, size: 21 })]),
  ]
}
