import * as crypto from 'node:crypto'
import { type Json, type Primitives, nodePrimitives } from '@chancery/protocol'

/** Everything a command has of the machine, handed in: clock, chance, what it says and where its home is. */
export type World = {
  readonly home: string
  /** Seconds since 1970. */
  readonly now: () => number
  readonly random: (length: number) => Uint8Array
  readonly primitives: Primitives
  /** Lines for people while a command is at work; silent where one JSON object is to be printed. */
  readonly say: (line: string) => void
  /** What happens while a command stays, as data for `--json`, one object a line; silent where lines are wanted. */
  readonly event: (data: Json) => void
  readonly warn: (line: string) => void
  /** Asks for the passphrase, twice where it is a new one. */
  readonly passphrase: (is: 'new' | 'known') => Promise<string>
  /** The PIN of a token: from the file named, or asked for. */
  readonly pin: (token: string, file: string | null) => Promise<string>
  /** A line that a person types; undefined where there is no terminal. */
  readonly ask: (question: string) => Promise<string | undefined>
  /** Fires when the process is asked to end. */
  readonly signal: AbortSignal
}

export const primitives: Primitives = nodePrimitives(crypto as never)
export const random = (length: number): Uint8Array => crypto.randomBytes(length)
