import {
  type CallOut,
  type Draft,
  type Placed,
  type TextBody,
  type Tlp,
  Sid,
  foldCallOuts,
  isOf,
  toBase64url,
} from '@chancery/protocol'
import { type Standing, readHeld, standingOf, statementsOf, storedOf } from '@chancery/client'
import { type Published, publishDraft } from '../publish.ts'
import { orRefuse, refused, Usage } from '../refusal.ts'
import { type Session } from '../session.ts'

/** How far the log counts, and whether that is fresh. */
export const standing = ({ mirror, world }: Session): Standing => orRefuse(standingOf(mirror, world.now()))

/**
 * The view of everything held, at the size that counts: under the charter's policy what a quorum has cosigned, and else
 * all. Which entries are withheld is looked up once, if it is asked.
 */
export function viewOf(session: Session, placed?: readonly Placed[]) {
  const { mirror } = session
  const { store } = mirror
  const { witnessed } = standing(session)
  let held: readonly number[] | undefined
  return {
    size: witnessed,
    rootAt: (size: number) => (size <= store.size ? toBase64url(store.rootAt(size)) : undefined),
    withheldBefore: (size: number) => {
      held ??= [...(placed ?? storedOf(mirror))].map(({ index }) => index)
      return size - held.filter(index => index < size).length
    },
  }
}

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

type ActDraft = Pick<Draft, 'kind' | 'body' | 'exercise'> & { readonly tlp?: Tlp }

/** Answers and decisions go to the members, TLP:GREEN unless said, in the exercise that the text is of. */
export function publishAct(session: Session, act: ActDraft): Promise<Published> {
  const { tlp = 'green', ...said } = act
  return publishDraft(session, { ...said, handling: { tlp }, tear: [] })
}
