import { Base64url, KeyRecord, Line, check, fromBase64url, toBase64url } from '@chancery/protocol'
import { z } from 'zod'
import type { Outside, OutsideConfig } from './outside.ts'
import { askProgram, checkProgram } from './program.ts'
import { orRefuse, refused } from './refusal.ts'

const Signed = z.strictObject({ signature: Base64url.max(256) })
const Public = z.strictObject({ jwk: KeyRecord.shape.jwk })
const No = z.strictObject({ refused: Line })

/**
 * A program of the member's own. It reads one object and answers one:
 *   {"purpose": "public-key", "use", "alg", "member"}   -> {"jwk": …}        once, when the home is made
 *   {"purpose": …, "kid", "alg", "message": base64url}  -> {"signature": base64url}, raw r‖s for ECDSA
 *   either                                              -> {"refused": "why, in one line"}
 */
export function commandSigner(config: Extract<OutsideConfig, { kind: 'command' }>): Outside {
  const { command, seconds } = config
  const name = `the signer ${command.join(' ')}`
  const ask = async <T>(request: object, schema: z.ZodType<T>): Promise<T> => {
    orRefuse(checkProgram(command[0], 'program'))
    const answer = await askProgram({ command, request, seconds, name })
    const no = No.safeParse(answer)
    if (no.success) throw refused('signer.refused', command[0], no.data.refused)
    const read = check(schema, answer, 'statement.bad-schema', '')
    if (read.ok) return read.value
    throw new Error(`${name} answered something else than was asked for, at ${read.at ?? '/'}: ${read.why ?? ''}`)
  }
  return {
    name,
    make: async wanted => {
      const made = []
      for (const { use, alg, member } of wanted)
        made.push(await ask({ alg, member, purpose: 'public-key', use }, Public))
      return made
    },
    sign: async ({ kid, alg, message, purpose }) => {
      const { signature } = await ask({ alg, kid, message: toBase64url(message), purpose }, Signed)
      const bytes = fromBase64url(signature)
      if (bytes === undefined) throw new Error(`${name} answered a signature that is not base64url`)
      return bytes
    },
    // They are its own, and were there before or are made by its own rules.
    remove: async () => {},
  }
}
