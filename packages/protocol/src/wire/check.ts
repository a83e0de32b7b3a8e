import type { z } from 'zod'
import { type Result, fail, ok } from './failure.ts'
import type { FailureCode } from './failures.ts'

/** A closed schema's verdict as a Failure: JSON pointer of the first fault, and what was expected there. */
export function check<T>(schema: z.ZodType<T>, value: unknown, code: FailureCode, under = ''): Result<T> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return ok(parsed.data)
  const issue = parsed.error.issues[0]
  if (issue === undefined) return fail(code, under)
  return fail(code, under + pointer(issue.path, issue), issue.message)
}

function pointer(path: readonly PropertyKey[], issue: z.core.$ZodIssue): string {
  const extra = issue.code === 'unrecognized_keys' && issue.keys[0] !== undefined ? [issue.keys[0]] : []
  return [...path, ...extra].map(part => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
