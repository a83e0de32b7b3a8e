import {
  OpenSubmission,
  type Result,
  SealedSubmission,
  type Submission,
  check,
  fail,
  limits,
  ok,
  readCanonical,
} from '@chancery/protocol'

/** The body of a submission, read strictly, each submission closed in shape. */
export function readSubmissions(body: Uint8Array, max: number): Result<readonly Submission[]> {
  const plain = readPlain(body)
  if (plain !== undefined && plain.length <= max) return ok(plain)
  return readAny(body, max)
}

const opening = '{"submissions":['
const plainSubmission =
  /\{"jws":"([A-Za-z0-9_.-]+)","seals":\[\](?:,"tag":"([A-Za-z0-9_-]{42}[AEIMQUYcgkosw048])")?\}(,|\]\}$)/y
const noSeals: OpenSubmission['seals'] = []

/**
 * Nearly all bodies are written in one way: no seals, and nothing that JSON escapes. Such a text is canonical as it
 * stands, so it is read in one pass; undefined is not a verdict but the question for readAny, which judges alike.
 */
export function readPlain(body: Uint8Array): readonly Submission[] | undefined {
  const text = Buffer.from(body.buffer, body.byteOffset, body.length).toString('latin1')
  if (!text.startsWith(opening)) return undefined
  const read: Submission[] = []
  plainSubmission.lastIndex = opening.length
  for (;;) {
    const [, jws, tag, after] = plainSubmission.exec(text) ?? []
    if (jws === undefined || jws.length > limits.statementBytesMax) return undefined
    read.push(tag === undefined ? { jws, seals: noSeals } : { jws, seals: noSeals, tag })
    if (after !== ',') return read
  }
}

export function readAny(body: Uint8Array, max: number): Result<readonly Submission[]> {
  const json = readCanonical(body, '')
  if (!json.ok) return json
  const { submissions, ...more } = (json.value ?? {}) as { submissions?: unknown }
  if (!Array.isArray(submissions) || Object.keys(more).length > 0) {
    return fail('relay.bad-request', '', 'the body is {"submissions":[…]}')
  }
  if (submissions.length < 1 || submissions.length > max) {
    return fail('relay.bad-request', '/submissions', `1 to ${max} submissions in a request`)
  }
  const read: Submission[] = []
  for (const [i, submission] of submissions.entries()) {
    const shaped = readOne(submission, `/submissions/${i}`)
    if (!shaped.ok) return shaped
    read.push(shaped.value)
  }
  return ok(read)
}

/** An entry that its author has made is sealed; what has a statement in it is open. */
function readOne(submission: unknown, at: string): Result<Submission> {
  const isSealed = typeof submission === 'object' && submission !== null && Object.hasOwn(submission, 'entry')
  return isSealed
    ? check(SealedSubmission, submission, 'relay.bad-request', at)
    : check(OpenSubmission, submission, 'relay.bad-request', at)
}
