import { primitives } from '@chancery/native'
import { type Result, ok, verifyRequest } from '@chancery/protocol'
import { z } from 'zod'
import { charterOf } from './statements.ts'

const Given = z.strictObject({
  charter: z.string(),
  index: z.number(),
  now: z.number(),
  proof: z.string(),
  request: z.strictObject({ aud: z.string(), body: z.string(), htm: z.enum(['GET', 'POST']), htu: z.string() }),
})

/** How a case of spec/vectors/auth is run. The body of a request is given as text. */
export const authChecks: Record<string, (given: unknown) => Result<unknown>> = {
  authRequest: given => {
    const { charter, index, now, proof, request } = Given.parse(given)
    const body = new TextEncoder().encode(request.body)
    const proven = verifyRequest(proof, { ...request, charter: charterOf(charter), index, now, primitives })
    if (!proven.ok) return proven
    const { covers, ...who } = proven.value
    const covered = covers(body)
    return covered.ok ? ok(who) : covered
  },
}
