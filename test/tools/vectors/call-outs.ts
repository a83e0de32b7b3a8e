import { type Condition, type Position, compareText, instantOf } from '@chancery/protocol'
import { mixedPhaseCases, mixedReleaseCases, scaleCases } from './call-out-acts.ts'
import {
  type Statement, abort, bad, begins, borsk, caldria, decline, frozen, good, id, join, plain, proposal, release,
  says, text, textOf, told, withdraw,
} from './call-out-story.ts'
import type { VectorCase, VectorFile } from './vector-file.ts'

/** All of spec/vectors/call-outs. Statements are summaries of what the rules ask about: no signature is needed. */
export const callOutVectors = (): Record<string, VectorFile> => ({
  'call-outs/largest-set.json': { spec: 'spec/08-call-outs.md#largest-set', check: 'callOutSet', cases: setCases() },
  'call-outs/phases.json': { spec: 'spec/08-call-outs.md#phases', check: 'callOutPhase', cases: phaseCases() },
  'call-outs/release.json': { spec: 'spec/08-call-outs.md#release', check: 'callOutRelease', cases: releaseCases() },
})

type Join = { positions: Position[]; when?: unknown }
const when = (condition: Condition, positions = plain): Join => ({ positions, when: condition })
const outright: Join = { positions: plain }
const joinsOf = (joins: Record<string, Join>) => ({ joins })

function setCases(): VectorCase[] {
  const set = (name: string, joins: Record<string, Join>, value: string[]) => good(name, joinsOf(joins), value)
  const others = { aldova: outright, borsk: when({ member: 'aldova' }) }
  const spoken = (condition: Condition, positions: Position[], met: boolean, name: string) =>
    set(name, { aldova: { positions }, borsk: when(condition) }, met ? ['aldova', 'borsk'] : ['aldova'])
  return [
    set('nobody joins', {}, []),
    set('all join outright', { aldova: outright, borsk: outright }, ['aldova', 'borsk']),
    set('one waits for one that is there', others, ['aldova', 'borsk']),
    set('one waits for itself', { aldova: when({ member: 'aldova' }) }, ['aldova']),
    set('one waits for one that is not there', { borsk: when({ member: 'aldova' }) }, []),
    set('two wait for one another',
      { aldova: when({ member: 'borsk' }), borsk: when({ member: 'aldova' }) }, ['aldova', 'borsk']),
    set('a ring of three', {
      aldova: when({ member: 'borsk' }), borsk: when({ member: 'caldria' }), caldria: when({ member: 'aldova' }),
    }, ['aldova', 'borsk', 'caldria']),
    set('a chain whose first link fails', {
      aldova: when({ member: 'nobody' }), borsk: when({ member: 'aldova' }), caldria: when({ member: 'borsk' }),
      dorvane: outright,
    }, ['dorvane']),
    set('a count of any signatory has the joiner in it',
      { aldova: when({ atLeast: [2] }), borsk: outright }, ['aldova', 'borsk']),
    set('a count that is not reached', { aldova: when({ atLeast: [3] }), borsk: outright }, ['borsk']),
    set('a count of those listed', {
      aldova: outright, borsk: outright, caldria: when({ atLeast: [2, 'aldova', 'borsk', 'dorvane'] }),
    }, ['aldova', 'borsk', 'caldria']),
    set('a count of those listed that is not reached', {
      aldova: outright, borsk: outright, caldria: when({ atLeast: [2, 'aldova', 'dorvane'] }),
    }, ['aldova', 'borsk']),
    set('a count falls step by step', {
      aldova: when({ atLeast: [2] }), borsk: when({ atLeast: [3] }), caldria: when({ atLeast: [4] }),
    }, []),
    set('all of several',
      { ...others, caldria: when({ all: [{ member: 'aldova' }, { member: 'dorvane' }] }) }, ['aldova', 'borsk']),
    set('any of several', {
      ...others, caldria: when({ any: [{ member: 'aldova' }, { member: 'dorvane' }] }),
    }, ['aldova', 'borsk', 'caldria']),
    spoken({ member: 'aldova', min_stance: 'supports' }, [says('attributes')], true, 'a stance that is stronger'),
    spoken({ member: 'aldova', min_stance: 'supports' }, [says('recognises')], false, 'a stance that is weaker'),
    spoken({ member: 'aldova', min_stance: 'recognises' }, [says('acknowledges')], true,
      'recognises and acknowledges are level'),
    spoken({ member: 'aldova', min_named: 'organ' }, [says('supports', 'state')], true,
      'a State is more than its organ'),
    spoken({ member: 'aldova', min_named: 'individual' }, [says('supports', 'persona')], true,
      'persona and individual are level'),
    spoken({ member: 'aldova', min_named: 'activity' }, [says('supports', 'territory')], false,
      'a territory is on no ladder'),
    spoken({ member: 'aldova' }, [says('supports', 'territory')], true,
      'a territory counts where nothing must be named'),
    spoken({ member: 'aldova', min_named: 'state', min_stance: 'supports' },
      [says('supports', 'group'), says('condemns', 'state', 'c2')], false, 'stance and object in two positions'),
    spoken({ member: 'aldova', claim: 'c2', min_stance: 'supports' }, [says('supports')], false,
      'the stance on another claim'),
    spoken({ atLeast: [1], claim: 'c1', min_stance: 'attributes' }, [says('attributes')], true, 'a count on one claim'),
    ...(['co-seals', 'no-position', 'dissents'] as const).flatMap(stance => [
      spoken({ member: 'aldova' }, [says(stance, 'state')], false, `${stance} meets no floor, not even none`),
      set(`${stance} is no vote in a count`,
        { aldova: { positions: [says(stance)] }, borsk: when({ atLeast: [2] }) }, ['aldova']),
    ]),
    ...scaleCases(),
    ...boundCases(),
  ]
}

function boundCases(): VectorCase[] {
  const nested = (depth: number): Condition => (depth === 1 ? { member: 'aldova' } : { all: [nested(depth - 1)] })
  const wide = (parts: number): Condition => ({ any: Array.from({ length: parts }, () => ({ member: 'aldova' })) })
  const listed = (ids: number): Condition => ({ atLeast: [1, ...Array.from({ length: ids }, (_, i) => `m${i}`)] })
  const refused = (name: string, condition: unknown, code = 'statement.breaks-law') =>
    bad(name, joinsOf({ aldova: { positions: plain, when: condition } }), code, '/joins/aldova/when')
  const held = (name: string, condition: Condition, value = ['aldova']) =>
    good(name, joinsOf({ aldova: when(condition) }), value)
  return [
    held('4 deep', nested(4)),
    refused('5 deep', nested(5)),
    held('64 nodes', wide(63)),
    refused('65 nodes', wide(64)),
    held('64 nodes in a list of 63', listed(63), []),
    refused('65 nodes in a list of 64', listed(64)),
    refused('more than are listed', { atLeast: [3, 'aldova', 'borsk'] }),
    refused('one listed twice', { atLeast: [1, 'aldova', 'aldova'] }),
    refused('a floor off the scale of stances', { atLeast: [2], min_stance: 'co-seals' }),
    refused('a floor off the ladder of what is named', { atLeast: [2], min_named: 'territory' }),
    refused('a negation', { not: { member: 'borsk' } }, 'statement.bad-schema'),
    refused('a count of nobody', { atLeast: [0] }, 'statement.bad-schema'),
    refused('all of nothing', { all: [] }, 'statement.bad-schema'),
  ]
}

function phaseCases(): VectorCase[] {
  type Value = { phase: string; signatories?: string[]; excluded?: Record<string, string>; refused?: string[] }
  const at = (name: string, size: number, statements: readonly Statement[], value: Value) =>
    good(name, told([proposal, ...statements], size), { signatories: [], excluded: {}, refused: [], ...value })
  const unmet = join(12, 'borsk', { member: 'dorvane' })
  const both = ['borsk', 'caldria']
  const drill = join(12, 'borsk', undefined, { exercise: true })
  const early = (size: number): Statement =>
    ({ ...text, body: { ...text.body, deadline: { at: instantOf(begins), size } } })
  return [
    at('proposed', 11, [], { phase: 'proposed' }),
    at('collecting from the text on', 12, [text], { phase: 'collecting' }),
    at('collecting one before the deadline', 19, [text, borsk], { phase: 'collecting', signatories: ['borsk'] }),
    at('ready at the deadline', 20, [text, borsk], { phase: 'ready', signatories: ['borsk'] }),
    at('collecting past the deadline while the largest set is empty', 25, [text, unmet],
      { phase: 'collecting', excluded: { borsk: 'condition-unmet' } }),
    at('ready one before the lapse', 39, [text, borsk], { phase: 'ready', signatories: ['borsk'] }),
    at('lapsed', 40, [text, borsk], { phase: 'lapsed', signatories: ['borsk'] }),
    at('released', 31, [text, borsk, caldria, release([borsk, caldria])], { phase: 'released', signatories: both }),
    at('released stays released past the lapse', 50, [text, borsk, caldria, release([borsk, caldria])],
      { phase: 'released', signatories: both }),
    at('aborted before the text', 31, [abort(11)], { phase: 'aborted' }),
    at('an abort after the release changes nothing', 32, [text, borsk, release([borsk]), abort(31)],
      { phase: 'released', signatories: ['borsk'] }),
    at('a release after the abort changes nothing', 31, [text, borsk, abort(29), release([borsk])],
      { phase: 'aborted', signatories: ['borsk'], refused: ['callout.wrong-phase'] }),
    at('an abort after the lapse changes nothing', 42, [text, abort(41)], { phase: 'lapsed' }),
    at('an exercise does not abort the real call-out',
      31, [{ ...abort(11), exercise: true }, text], { phase: 'collecting' }),
    at('an exercise does not freeze the text of a real one', 31, [{ ...text, exercise: true }], { phase: 'proposed' }),
    at('the second text freezes nothing', 20, [text, textOf(12, id('second text')),
      join(13, 'borsk', undefined, { text: id('second text') })], { phase: 'collecting' }),
    at('a deadline that leaves no place for an answer freezes nothing', 31, [early(12), borsk], { phase: 'proposed' }),
    at('a deadline that leaves one place freezes the text', 31, [early(13), borsk],
      { phase: 'ready', signatories: ['borsk'] }),
    at('after a text that froze nothing the next one does', 13,
      [{ ...early(12), sid: id('no room') }, textOf(12, frozen)], { phase: 'collecting' }),
    at('the last answer of a member counts',
      25, [text, unmet, join(13, 'borsk'), caldria, withdraw(14, 'caldria', caldria),
      join(15, 'dorvane'), decline(16, 'dorvane')],
    { phase: 'ready', signatories: ['borsk'], excluded: { caldria: 'withdrawn', dorvane: 'declined' } }),
    at('a member joins again after it has withdrawn',
      25, [text, borsk, withdraw(13, 'borsk', borsk), join(14, 'borsk')],
      { phase: 'ready', signatories: ['borsk'] }),
    at('a stranger and an exercise count for nobody', 25, [text, drill, join(13, 'estmark')],
      { phase: 'collecting', excluded: { borsk: 'other-exercise', estmark: 'not-invited' } }),
    at('the proposer may join', 25, [text, join(12, 'aldova')], { phase: 'ready', signatories: ['aldova'] }),
    at('a join at the cut is too late', 31, [text, borsk, join(20, 'caldria'), release([borsk])],
      { phase: 'released', signatories: ['borsk'], excluded: { caldria: 'after-cut' } }),
    at('a withdrawal at the cut is too late', 31, [text, borsk, withdraw(20, 'borsk', borsk), release([borsk])],
      { phase: 'released', signatories: ['borsk'] }),
    ...mixedPhaseCases(),
    ...disputedPhaseCases(),
  ]
}

/** Each of these is disputed on logs of a size from 26 on. */
function disputedPhaseCases(): VectorCase[] {
  type Span = { from: number; to?: number }
  const disputed = (one: Statement, ...spans: Span[]): Statement => ({ ...one, disputed: spans }) as Statement
  const late = (one: Statement) => disputed(one, { from: 26 })
  const mended = (one: Statement) => disputed(one, { from: 26, to: 28 })
  type Is = { phase: string; signatories?: string[]; excluded?: object; refused?: string[] }
  const at = (name: string, size: number, statements: readonly Statement[], is: Is, first = proposal): VectorCase =>
    good(name, told([first, ...statements], size), { excluded: {}, refused: [], signatories: [], ...is })
  const waits = join(14, 'dorvane', { member: 'borsk' })
  const out = release([borsk, caldria])
  const withdrawn = withdraw(15, 'borsk', borsk)
  const second = textOf(16, id('text two'))
  const again = release([borsk, caldria], { index: 35, size: 21 })
  const all = [text, late(borsk), caldria, waits]
  const released = { phase: 'released', signatories: ['borsk', 'caldria'] }
  return [
    at('a join before it is disputed', 25, [text, late(borsk), caldria], { phase: 'ready',
      signatories: ['borsk', 'caldria'] }),
    at('a disputed join counts for nobody, nor do those who waited for it', 26, all, { phase: 'ready',
      signatories: ['caldria'], excluded: { borsk: 'disputed', dorvane: 'condition-unmet' } }),
    at('a join that was re-affirmed counts again', 28, [text, mended(borsk), caldria], { phase: 'ready',
      signatories: ['borsk', 'caldria'] }),
    at('a disputed withdrawal takes nothing back', 26, [text, borsk, late(withdrawn)], { phase: 'ready',
      signatories: ['borsk'] }),
    at('an answer before a disputed one counts', 26, [text, borsk, late(join(14, 'borsk', { member: 'caldria' }))],
      { phase: 'ready', signatories: ['borsk'] }),
    at('a release stays as it was at its cut', 31, [text, late(borsk), caldria, out], released),
    at('a release over a cut where a join is disputed', 31, [text, disputed(borsk, { from: 20 }), caldria, out],
      { phase: 'ready', signatories: ['caldria'], excluded: { borsk: 'disputed' }, refused: ['callout.not-largest'] }),
    at('a disputed release has released nothing', 38, [text, borsk, caldria, disputed(out, { from: 36 })],
      { phase: 'ready', signatories: ['borsk', 'caldria'] }),
    at('one that was re-affirmed has', 38, [text, borsk, caldria, disputed(out, { from: 36, to: 37 })], released),
    at('after a disputed release another one holds', 38, [text, borsk, caldria, disputed(out, { from: 33 }), again],
      released),
    at('and stays when the first is re-affirmed', 38, [text, borsk, caldria, disputed(out, { from: 33, to: 37 }),
      again], released),
    at('a disputed abort ends nothing', 26, [text, borsk, late(abort(14))], { phase: 'ready',
      signatories: ['borsk'] }),
    at('under a disputed text nothing is frozen', 26, [late(text), borsk], { phase: 'proposed' }),
    at('the next text takes its place', 26, [late(text), borsk, second, join(17, 'caldria', undefined,
      { text: id('text two') })], { phase: 'ready', signatories: ['caldria'] }),
    at('a release stays though its text is disputed since', 38, [disputed(text, { from: 33 }), borsk, caldria, out],
      released),
    at('under a disputed proposal nothing counts', 26, [text, borsk], { phase: 'disputed' }, late(proposal)),
    at('a release stays though its proposal is disputed since', 38, [text, borsk, caldria, out], released,
      disputed(proposal, { from: 33 })),
    at('a release under a disputed proposal is none', 38, [text, borsk, caldria, out], { phase: 'disputed' },
      disputed(proposal, { from: 22 })),
  ]
}

function releaseCases(): VectorCase[] {
  const holds = (name: string, statements: readonly Statement[], signatories: string[]) =>
    good(name, told([proposal, ...statements]), { is: 'largest', signatories })
  const refused = (name: string, code: string, at: string, statements: readonly Statement[]) =>
    bad(name, told([proposal, ...statements]), `callout.${code}`, at)
  const both = [text, borsk, caldria]
  const mutual = [join(12, 'borsk', { member: 'caldria' }), join(13, 'caldria', { member: 'borsk' })]
  const four = join(14, 'dorvane', { atLeast: [4] })
  const late = join(22, 'dorvane')
  return [
    holds('everybody that joined', [...both, release([borsk, caldria])], ['borsk', 'caldria']),
    holds('two that waited for one another', [text, ...mutual, release(mutual)], ['borsk', 'caldria']),
    holds('without one whose condition does not hold',
      [...both, four, release([borsk, caldria])], ['borsk', 'caldria']),
    holds('over a cut after the deadline',
      [...both, late, release([borsk, caldria, late], { size: 25 })], ['borsk', 'caldria', 'dorvane']),
    holds('over a cut that is the release', [...both, release([borsk, caldria], { size: 30 })], ['borsk', 'caldria']),
    holds('one before the lapse', [...both, release([borsk, caldria], { index: 39 })], ['borsk', 'caldria']),
    holds('after one that was refused',
      [...both, release([borsk], { index: 29 }), release([borsk, caldria])], ['borsk', 'caldria']),
    refused('before a text is frozen', 'wrong-phase', '/body/text', [release([borsk])]),
    refused('after a release', 'wrong-phase', '',
      [...both, release([borsk, caldria], { index: 29 }), release([borsk, caldria])]),
    refused('after an abort', 'wrong-phase', '', [...both, abort(29), release([borsk, caldria])]),
    refused('at the lapse', 'wrong-phase', '', [...both, release([borsk, caldria], { index: 40 })]),
    refused('of another text', 'wrong-text', '/body/text',
      [...both, release([borsk, caldria], { text: id('second text') })]),
    refused('as an exercise', 'wrong-text', '/exercise', [...both, release([borsk, caldria], {}, { exercise: true })]),
    refused('over a cut before the deadline', 'too-early', '/body/cut/size',
      [...both, release([borsk, caldria], { size: 10 })]),
    refused('signed before the moment of the deadline', 'too-early', '/iat',
      [...both, release([borsk, caldria], {}, { iat: begins - 1 })]),
    refused('over a cut past itself', 'wrong-cut', '/body/cut/size',
      [...both, release([borsk, caldria], { index: 20, size: 21 })]),
    refused('over a cut with another root', 'wrong-cut', '/body/cut/root',
      [...both, release([borsk, caldria], { root: id('other') })]),
    refused('with one left out',
      'not-largest', firstDifference([borsk, caldria], [borsk]), [...both, release([borsk])]),
    refused('with one too many', 'not-largest', firstDifference([borsk, caldria], [borsk, caldria, four]),
      [...both, four, release([borsk, caldria, four])]),
    refused('with an answer that was taken back', 'not-largest', '/body/joins/0',
      [text, borsk, withdraw(13, 'borsk', borsk), release([borsk])]),
    refused('with the earlier join of a member', 'not-largest', '/body/joins/0',
      [text, borsk, join(13, 'borsk'), release([borsk])]),
    refused('of the deadline before the root, where both fail', 'too-early', '/body/cut/size',
      [...both, release([borsk], { size: 10, root: id('other') })]),
    ...mixedReleaseCases(),
    ...partCases(),
  ]
}

/** Where the sorted list released first differs from the sorted list of the largest set. */
function firstDifference(largest: readonly Statement[], released: readonly Statement[]): string {
  const [a, b] = [released, largest].map(joins => joins.map(({ sid }) => sid).sort(compareText)) as [string[], string[]]
  const at = a.findIndex((sid, i) => sid !== b[i])
  return `/body/joins/${at < 0 ? a.length : at}`
}

function partCases(): VectorCase[] {
  const part = (statements: readonly Statement[]) => told([proposal, text, ...statements], 31, 8)
  const waits = join(12, 'borsk', { member: 'caldria' })
  return [
    good('of which a reader holds the joins released and not all entries',
      part([waits, caldria, release([waits, caldria])]),
      { is: 'sound', signatories: ['borsk', 'caldria'] }),
    good('that may leave one out, unless a withheld answer takes it back', part([borsk, caldria, release([borsk])]),
      { is: 'sound', signatories: ['borsk'] }),
    bad('against a condition, seen by a reader of part',
      part([waits, release([waits])]), 'callout.not-largest', '/body/joins/0'),
    bad('with a join that this reader does not hold', part([release([borsk])]), 'evidence.missing', '/body/joins/0'),
  ]
}
