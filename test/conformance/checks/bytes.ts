import * as crypto from 'node:crypto'
import { primitives as withSodium } from '@chancery/native'
import {
  Base64url,
  Digest,
  Index,
  Instant,
  type Jwk,
  Label,
  Lang,
  Line,
  MemberId,
  type Result,
  Seconds,
  type SignatureCheck,
  Text,
  canonical,
  check,
  fail,
  fromBase64url,
  instantOf,
  nodePrimitives,
  ok,
  portablePrimitives as portable,
  readCanonical,
  secondsOf,
  thumbprint,
  toHex,
  webVerify,
} from '@chancery/protocol'
import { z } from 'zod'

const native = nodePrimitives(crypto)
const web = webVerify(crypto.webcrypto.subtle as never)
const shapes = { Base64url, Digest, Index, Instant, Label, Lang, Line, MemberId, Seconds, Text } as const

/** How a case of spec/vectors/bytes is run. A signature is checked by four verifiers, which must agree. */
export const bytesChecks = {
  strictReading: (given: unknown): Result<unknown> => {
    const read = readCanonical(Bytes.parse(z.strictObject({ bytes: z.string() }).parse(given).bytes), '')
    return read.ok ? ok({ text: canonical(read.value) }) : read
  },
  base64url: (given: unknown): Result<unknown> => {
    const bytes = fromBase64url(z.strictObject({ text: z.string() }).parse(given).text)
    return bytes === undefined ? fail('bytes.not-base64url') : ok({ hex: toHex(bytes) })
  },
  shape: (given: unknown): Result<unknown> => {
    const { shape, value } = ShapeGiven.parse(given)
    const checked = check<unknown>(shapes[shape], value, 'statement.bad-schema')
    return checked.ok ? ok(undefined) : checked
  },
  instant: (given: unknown): Result<unknown> => {
    const { instant } = z.strictObject({ instant: z.string() }).parse(given)
    const checked = check(Instant, instant, 'statement.bad-schema')
    if (!checked.ok) return checked
    const seconds = secondsOf(instant)
    if (instantOf(seconds) !== instant) throw new Error(`${instant} is read as ${instantOf(seconds)}`)
    return ok({ seconds })
  },
  signature: async (given: unknown): Promise<Result<unknown>> => {
    const asked = SignatureGiven.parse(given) as SignatureCheck
    const verdicts = [
      portable.verify(asked),
      native.verify(asked),
      withSodium.verify(asked),
      await native.verifyLater(asked),
      await web(asked),
    ]
    if (new Set(verdicts).size !== 1) throw new Error(`the verifiers disagree: ${verdicts.join(', ')}`)
    return verdicts[0] === true ? ok(undefined) : fail('statement.bad-signature')
  },
  thumbprint: (given: unknown): Result<unknown> => {
    const { jwk } = z.strictObject({ jwk: z.looseObject({}) }).parse(given)
    return ok({ kid: thumbprint(native.sha256, jwk as unknown as Jwk) })
  },
} satisfies Record<string, (given: unknown) => Result<unknown> | Promise<Result<unknown>>>

const Bytes = z.string().transform((text, context) => {
  const bytes = fromBase64url(text)
  if (bytes === undefined) context.addIssue('not base64url')
  return bytes ?? new Uint8Array(0)
})
const ShapeGiven = z.strictObject({
  shape: z.enum(Object.keys(shapes) as (keyof typeof shapes)[]),
  value: z.unknown(),
})
const SignatureGiven = z.strictObject({
  alg: z.enum(['EdDSA', 'ES256', 'ES384']),
  jwk: z.looseObject({}),
  message: Bytes,
  signature: Bytes,
})
