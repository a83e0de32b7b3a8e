import { type FailureCode, type Ok, failures, ok } from '@chancery/protocol'

/**
 * Refusals that only a partner's own machine knows. They never travel: no relay, member or auditor sends or reads one.
 * Whatever comes from the protocol has its code in its one table.
 */
export const ownFailures = {
  'home.missing': 'there is no home of a member here',
  'home.exists': 'what would be made is there already',
  'home.bad-config': 'the configuration is not of this format',
  'home.wrong-mode': 'other users of this machine may read or change it',
  'home.bad-keystore': 'the keystore is not of this format',
  'home.wrong-passphrase': 'the passphrase does not open the keystore, or the keystore was changed',
  'home.weak-passphrase': 'the passphrase is too short',
  'home.no-charter': 'no charter is pinned in this home',
  'home.other-charter': 'another charter is pinned in this home',
  'home.no-relay': 'the address of the relay is not known',
  'home.busy': 'another command is signing in this home',
  'signer.wrong-pin': 'the PIN does not open the token',
  'signer.locked': 'the token takes no PIN',
  'signer.no-pin': 'the PIN of the token is not known',
  'signer.refused': 'the program that holds the key says no',
  'enrol.altered': 'the charter does not hold this member as it enrolled',
  'enrol.wrong-fingerprint': 'the charter is not the one whose fingerprint was given',
  'draft.not-json': 'the draft is not JSON',
  'draft.name-twice': 'a name stands twice in one object of the draft',
  'draft.unedited': 'a text that the draft began with still stands in it',
  'draft.above-clearance': 'more restricted than its author may read',
  'reader.unknown': 'the charter knows no such reader',
  'stix.malformed': 'not a STIX 2.1 bundle',
  'condition.bad-syntax': 'not a condition',
  'file.unreadable': 'the file cannot be read',
  'file.unwritable': 'the file cannot be written',
  'file.not-empty': 'the folder has files in it already',
} as const satisfies Record<string, string>

export type OwnCode = keyof typeof ownFailures

/** A refusal as people are shown it: a Failure of the protocol, or one of our own. */
export type Refusal = {
  readonly ok: false
  readonly code: FailureCode | OwnCode
  readonly at?: string
  readonly why?: string
}
export type Answer<T> = Ok<T> | Refusal
export { ok }

export function refuse(code: Refusal['code'], at?: string, why?: string): Refusal {
  return { ok: false, code, ...(at !== undefined && { at }), ...(why !== undefined && { why }) }
}

/** Ends a command with a refusal, from wherever it is noticed. Only the command frame catches it. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly refusal: Refusal

  constructor(refusal: Refusal) {
    super(lineOf(refusal))
    this.refusal = refusal
  }
}

/** `throw refused(…)` where a command finds the reason itself. */
export const refused = (code: Refusal['code'], at?: string, why?: string): Refused => new Refused(refuse(code, at, why))

/** Ends a command because it was called wrongly. */
export class Usage extends Error {
  override readonly name = 'Usage'
}

/** The value, or the end of the command. */
export function orRefuse<T>(answer: Answer<T>): T {
  if (answer.ok) return answer.value
  throw new Refused(answer)
}

export const meansOf = (code: Refusal['code']): string =>
  code in ownFailures ? ownFailures[code as OwnCode] : failures[code as FailureCode].means

/** `code at where: what it means; why, or what cures it.` No word gets a capital: it may be a code or an id. */
export function lineOf({ code, at, why }: Refusal): string {
  const where = at === undefined || at === '' ? '' : ` at ${plainWords(at)}`
  return `${code}${where}: ${meansOf(code)}${why === undefined ? '.' : endOf(plainWords(why))}`
}

const endOf = (words: string): string => (words === '' ? '.' : `; ${words}${/[.?!]$/.test(words) ? '' : '.'}`)

const wordsMax = 300

/** Words that may be a relay's, as one line that neither moves the cursor nor turns the text around. */
export function plainWords(words: string, max = wordsMax): string {
  const plain = words
    .toWellFormed()
    .replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]+/gu, ' ')
    .trim()
  return plain.length <= max ? plain : `${plain.slice(0, max - 1).toWellFormed()}…`
}
