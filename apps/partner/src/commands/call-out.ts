import {
  type CallOut,
  type Draft,
  type Handling,
  type Placed,
  type TextBody,
  type Tlp,
  Sid,
  answerReaders,
  atLeastAsRestricted,
  foldCallOuts,
  isCleared,
  isOf,
} from '@chancery/protocol'
import { readHeld, statementsOf } from '@chancery/client'
import { type Published, publishDraft } from '../publish.ts'
import { orRefuse, refused, Usage } from '../refusal.ts'
import { type Session } from '../session.ts'
import { viewOf } from '../view.ts'

export const placedIn = ({ mirror }: Session): readonly Placed[] => orRefuse(statementsOf(mirror))

/** One statement by its id, checked anew; undefined where it is not held. */
export function heldStatement({ mirror }: Session, sid: string): Placed | undefined {
  const stored = mirror.store.statement(sid)
  if (stored === undefined || stored.index >= mirror.store.size) return undefined
  return orRefuse(readHeld(mirror, stored))
}

export function heldOrRefuse(session: Session, sid: string): Placed {
  const held = heldStatement(session, sid)
  if (held === undefined) throw refused('auth.not-entitled', sid, 'it is not held here')
  return held
}

export function sidArgument(text: string | undefined): string {
  const sid = Sid.safeParse(text)
  if (!sid.success) throw new Usage(`${text ?? 'nothing'} is not a statement id`)
  return sid.data
}

/** A call-out by its frozen text or by its proposal. */
export function callOutOf(session: Session, sid: string): CallOut {
  const view = viewOf(session)
  const acts = orRefuse(statementsOf(session.mirror, 'callout.')).filter(({ index }) => index < view.size)
  const callOuts = foldCallOuts(acts, view)
  const found = callOuts.get(sid) ?? [...callOuts.values()].find(({ text }) => text?.sid === sid)
  if (found === undefined) throw refused('callout.unknown', sid, 'run `chancery board` to see those held')
  return found
}

/** The frozen text of this id, as held. */
export function textHeld(session: Session, sid: string): { readonly body: TextBody; readonly exercise: boolean } {
  const held = heldStatement(session, sid)
  if (held === undefined || !isOf(held.statement, 'callout.text'))
    throw refused('callout.unknown', sid, 'it is not a frozen text that is held here')
  return { body: held.statement.body, exercise: held.statement.claims.exercise }
}

/**
 * spec/08-call-outs.md#answers: until the release an answer is for proposer, deputies and author alone. At AMBER where
 * all of them are cleared for it, so that it is sealed by suite 2; never below the proposal.
 */
function answerHandling({ mirror, keys }: Session, { body }: { readonly body: TextBody }): Handling {
  const proposal = mirror.store.referred(body.proposal)
  if (proposal === undefined) throw refused('callout.unknown', body.proposal, 'the proposal of this text is not held')
  const readers = answerReaders(proposal, keys.member)
  const { charter } = mirror.charter
  const areCleared = (tlp: Tlp): boolean => readers.every(id => isCleared(charter, id, tlp))
  const usual = areCleared('amber') ? 'amber' : 'green'
  const tlp = atLeastAsRestricted(proposal.tlp, usual) ? proposal.tlp : usual
  const without = readers.filter(id => !isCleared(charter, id, tlp))
  if (without.length === 0) return { releasable_to: [...readers], tlp }
  const why = `an answer is for ${readers.join(', ')} at ${tlp}; not cleared for it: ${without.join(', ')}`
  throw refused('draft.above-clearance', '/handling/tlp', why)
}

type Answering = Pick<Draft, 'kind' | 'body' | 'exercise'> & { readonly text: { readonly body: TextBody } }

/** An answer to a frozen text, sealed to those who may read it before the release. */
export function publishAnswer(session: Session, { text, ...act }: Answering): Promise<Published> {
  return publishDraft(session, { ...act, handling: answerHandling(session, text), tear: [] })
}

type ActDraft = Pick<Draft, 'kind' | 'body' | 'exercise'> & { readonly tlp?: Tlp }

/** Decisions go to the members, TLP:GREEN unless said, in the exercise that the text is of. */
export function publishAct(session: Session, act: ActDraft): Promise<Published> {
  const { tlp = 'green', ...said } = act
  return publishDraft(session, { ...said, handling: { tlp }, tear: [] })
}
