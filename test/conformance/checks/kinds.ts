import { type Result, canonical, checkBody, fail, isKind, ok, readCanonical, refsOf, utf8 } from '@chancery/protocol'
import { z } from 'zod'

const Given = z.strictObject({ body: z.unknown(), kind: z.string() })

/** How a case of spec/vectors/kinds is run: the closed shape of a body, then the laws of its kind. */
export const kindsChecks: Record<string, (given: unknown) => Result<unknown>> = {
  kindBody: given => {
    const { body, kind } = Given.parse(given)
    if (!isKind(kind)) return fail('statement.unknown-kind', '/kind')
    const read = readCanonical(utf8(canonical(body as never)), '/body')
    if (!read.ok) return read
    const checked = checkBody(kind, read.value)
    return checked.ok ? ok({ refs: refsOf(kind, checked.value.body) }) : checked
  },
}
