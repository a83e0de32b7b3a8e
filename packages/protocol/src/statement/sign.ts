import { toBase64url } from '../wire/base64.ts'
import { type Sha256, utf8 } from '../wire/bytes.ts'
import type { Json } from '../wire/canonical.ts'
import type { SignatureAlg } from '../wire/primitives.ts'
import { type EnvelopeType, signingInputOf } from './envelope.ts'

/** A private key that can be asked but not read: keystore today, other holders by the same three members. */
export type Signer = {
  readonly kid: string
  readonly alg: SignatureAlg
  readonly sign: (message: Uint8Array) => Uint8Array | Promise<Uint8Array>
}

/** A JWS over a payload, and its id: SHA-256 of what is signed, never of the signature. */
export async function signEnvelope(
  signer: Signer,
  input: { readonly typ: EnvelopeType; readonly payload: Json; readonly sha256: Sha256 },
): Promise<{ readonly jws: string; readonly sid: string }> {
  const { alg, kid } = signer
  const signingInput = signingInputOf({ typ: input.typ, alg, kid, payload: input.payload })
  const message = utf8(signingInput)
  const signature = await signer.sign(message)
  return { jws: `${signingInput}.${toBase64url(signature)}`, sid: toBase64url(input.sha256(message)) }
}
