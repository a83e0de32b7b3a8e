import { storedOf } from '@chancery/client'
import { type LogView, type Placed, toBase64url } from '@chancery/protocol'
import type { Session } from './session.ts'

/** The view of everything held, at the size held. Which entries are withheld is looked up once, if it is asked. */
export function viewOf({ mirror }: Pick<Session, 'mirror'>, placed?: readonly Placed[]): Required<LogView> {
  const { store } = mirror
  let held: readonly number[] | undefined
  return {
    size: store.size,
    rootAt: (size: number) => (size <= store.size ? toBase64url(store.rootAt(size)) : undefined),
    withheldBefore: (size: number) => {
      held ??= [...(placed ?? storedOf(mirror))].map(({ index }) => index)
      return size - held.filter(index => index < size).length
    },
  }
}
