import {
  type CharterState,
  type Primitives,
  type Result,
  authWindowSeconds,
  fail,
  ok,
  verifyRequest,
} from '@chancery/protocol'
import { forStranger } from './problem.ts'
import type { Quota } from './quota.ts'

export type Caller = {
  readonly member: string
  /** The key that it proved itself with. */
  readonly kid: string
  /** Whether the proof is for this body. What the caller asks is not done before that is known. */
  readonly signed: (body: Uint8Array) => Result<true>
}
export type Authenticate = (request: {
  readonly authorization: string | undefined
  readonly htm: 'GET' | 'POST'
  /** Path and query as they stood in the request line, before anything decoded them. */
  readonly htu: string
}) => Result<Caller>

const scheme = 'Chancery '

/**
 * spec/07-relay.md#authentication: who calls, by a signed proof for exactly this request, used once. It asks for no
 * body, so that nobody's body is held before its sender is known.
 */
export function createAuth(input: {
  readonly origin: string
  readonly primitives: Primitives
  readonly charter: () => CharterState
  readonly index: () => number
  readonly now: () => number
  readonly proofsMax: number
  readonly quota: Quota
}): Authenticate {
  const { origin: aud, primitives, now, quota } = input
  // Each member has its own share: whoever fills it shuts out nobody else.
  const proofsOf = new Map<string, Proofs>()
  const ownProofs = (member: string): Proofs => {
    const max = Math.max(1, Math.floor(input.proofsMax / input.charter().charter.members.length))
    const own = proofsOf.get(member) ?? createProofs({ now, max })
    proofsOf.set(member, own)
    return own
  }
  return ({ authorization, htm, htu }) => {
    if (authorization?.startsWith(scheme) !== true) return fail('auth.missing')
    const request = {
      aud,
      htm,
      htu,
      now: Math.floor(now() / 1_000),
      index: input.index(),
      charter: input.charter(),
      primitives,
    }
    const proven = verifyRequest(authorization.slice(scheme.length), request)
    if (!proven.ok) return forStranger(proven)
    const { member, kid, jti, covers: signed } = proven.value
    const proofs = ownProofs(member)
    if (proofs.has(jti)) return fail('auth.replayed')
    return quota(member, 1) ?? proofs.remember(jti) ?? ok({ member, kid, signed })
  }
}

type Proofs = ReturnType<typeof createProofs>

/**
 * Proofs of one member seen within twice the window, in two generations that change places: bounded in time and in
 * number. When there is no room left the answer is no, since a proof that is forgotten could be used again.
 */
function createProofs({ now, max }: { now: () => number; max: number }) {
  const lifetimeMs = 2 * authWindowSeconds * 1_000
  let [young, old, since] = [new Set<string>(), new Set<string>(), now()]
  const turn = (): void => {
    const age = now() - since
    if (age > lifetimeMs) [young, old, since] = [new Set(), age > 2 * lifetimeMs ? new Set() : young, now()]
  }
  return {
    has(jti: string): boolean {
      turn()
      return young.has(jti) || old.has(jti)
    },
    remember(jti: string) {
      turn()
      if (young.size + old.size >= max) return fail('relay.busy', undefined, 'no room to remember another proof')
      young.add(jti)
      return undefined
    },
  }
}
