import type { FailureCode } from './failures.ts'

/** A refusal of outside data: a code of the one table, where (JSON pointer or part name), and what would cure it. */
export type Failure = { readonly ok: false; readonly code: FailureCode; readonly at?: string; readonly why?: string }
export type Ok<T> = { readonly ok: true; readonly value: T }
export type Result<T> = Ok<T> | Failure

export const ok = <T>(value: T): Ok<T> => ({ ok: true, value })

export function fail(code: FailureCode, at?: string, why?: string): Failure {
  return { ok: false, code, ...(at !== undefined && { at }), ...(why !== undefined && { why }) }
}

/** A broken invariant of ours: stops the process. Outside data never reaches it. */
export function assert(condition: boolean, invariant: string): asserts condition {
  if (!condition) throw new Error(`bug: ${invariant}`)
}

export function unreachable(value: never): never {
  throw new Error(`bug: unreachable value ${JSON.stringify(value)}`)
}
