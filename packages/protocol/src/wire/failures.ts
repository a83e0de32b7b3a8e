/** What a refusal means, the HTTP status a relay gives it, and the clause that orders it (spec/10-failures.md). */
type Row = { readonly means: string; readonly http: number; readonly spec: string }

const row = (means: string, http: number, spec: string): Row => ({ means, http, spec: `spec/${spec}` })

/** The one table of failure codes. A code is `stage.reason`; the first step that fails names the failure. */
export const failures = {
  'bytes.too-large': row('more bytes than the limit allows', 413, '02-bytes.md#limits'),
  'bytes.bad-alphabet': row('a character outside the expected alphabet', 400, '02-bytes.md#strict-reading'),
  'bytes.not-base64url': row('not the one base64url encoding of its bytes', 400, '02-bytes.md#strict-reading'),
  'bytes.not-utf8': row('not valid UTF-8', 400, '02-bytes.md#strict-reading'),
  'bytes.too-deep': row('nested deeper than the limit', 400, '02-bytes.md#limits'),
  'bytes.not-json': row('not JSON', 400, '02-bytes.md#strict-reading'),
  'bytes.not-canonical': row('JSON, but not in canonical form', 400, '02-bytes.md#strict-reading'),

  'statement.bad-header': row('the header is not exactly alg, kid and typ', 400, '04-statements.md#envelope'),
  'statement.wrong-type': row(
    'the header names another type than this place expects',
    400,
    '04-statements.md#envelope',
  ),
  'statement.bad-schema': row('a claim is missing, unknown or of the wrong shape', 400, '04-statements.md#claims'),
  'statement.unknown-kind': row('this version knows no such kind', 400, '05-kinds.md#table'),
  'statement.bad-signature': row('the signature does not hold', 400, '04-statements.md#verification'),
  'statement.wrong-coalition': row('made for another coalition', 400, '04-statements.md#verification'),
  'statement.wrong-charter': row('names a charter version that is not in force', 409, '04-statements.md#verification'),
  'statement.not-issuer': row('this member may not issue this kind', 403, '05-kinds.md#table'),
  'statement.breaks-law': row('a law of its kind does not hold', 422, '05-kinds.md#laws'),
  'statement.wrong-refs': row('refs is not the sorted list of what the body names', 400, '04-statements.md#claims'),
  'statement.unknown-ref': row(
    'refers to a statement that is not on the log before it',
    422,
    '04-statements.md#verification',
  ),
  'statement.chain-broken': row("does not continue its author's chain", 409, '04-statements.md#chains'),
  'statement.equivocation': row(
    'a second statement with the same author, chain and number',
    409,
    '04-statements.md#chains',
  ),
  'statement.duplicate': row('already on the log', 409, '04-statements.md#verification'),
  'statement.seen-mismatch': row('claims a log view that this log never had', 409, '04-statements.md#seen'),

  'tear.unreferenced': row('a disclosure that no slot commits to', 400, '04-statements.md#tear-lines'),
  'tear.repeated': row('a slot disclosed twice', 400, '04-statements.md#tear-lines'),
  'tear.bad-order': row('disclosures are not in the order of their labels', 400, '04-statements.md#tear-lines'),
  'tear.bad-disclosure': row('not a disclosure of this profile', 400, '04-statements.md#tear-lines'),
  'tear.moved': row('bound to another author, statement or slot', 400, '04-statements.md#tear-lines'),
  'tear.too-open': row('a slot less restricted than its statement', 422, '04-statements.md#tear-lines'),

  'seal.malformed': row('not a container of this profile', 400, '04-statements.md#sealing'),
  'seal.mixed-suites': row('recipients of both suites in one container', 400, '04-statements.md#suites'),
  'seal.not-for-you': row('no recipient entry for any key held', 403, '04-statements.md#sealing'),
  'seal.cannot-open': row(
    'the container does not open: damaged, or sealed to another key',
    400,
    '04-statements.md#sealing',
  ),
  'seal.wrong-statement': row('sealed for another statement', 400, '04-statements.md#sealing'),

  'charter.unknown-key': row('no key of this id was in force at that index', 403, '03-charter.md#keys'),
  'charter.wrong-use': row('the key is enrolled for another use', 403, '03-charter.md#keys'),
  'charter.wrong-alg': row('the header names another algorithm than the key record', 400, '03-charter.md#keys'),
  'charter.beyond-mandate': row('the mandate of this key does not go so far', 403, '13-keys-over-time.md#mandates'),
  'charter.bad-key': row('a key that may not be enrolled', 400, '03-charter.md#keys'),
  'charter.repeated-key': row('the same key bytes twice', 400, '03-charter.md#keys'),
  'charter.no-possession': row('a key does not prove its possession', 400, '03-charter.md#possession'),
  'charter.not-genesis': row('the log does not begin with the pinned genesis charter', 409, '03-charter.md#adoption'),
  'charter.not-in-force': row('not every founding member has adopted the charter yet', 409, '03-charter.md#adoption'),
  'charter.already-adopted': row('this member has adopted already', 409, '03-charter.md#adoption'),
  'charter.not-next': row('not what follows the version of the charter in force', 409, '03-charter.md#amendment'),
  'charter.not-proposed': row('nothing of this id waits for approval', 409, '03-charter.md#amendment'),
  'charter.already-approved': row('this member has approved it already', 409, '03-charter.md#amendment'),
  'charter.not-acceded': row('the member has not acceded to the charter yet', 403, '03-charter.md#accession'),
  'charter.suspended': row('the member is suspended', 403, '03-charter.md#suspension'),

  'log.bad-note': row('not a signed note', 400, '06-log.md#checkpoint'),
  'log.bad-vkey': row('not the verifier key of a log', 400, '06-log.md#checkpoint'),
  'log.bad-checkpoint': row('not a checkpoint', 400, '06-log.md#checkpoint'),
  'log.wrong-origin': row('a checkpoint of another log', 409, '06-log.md#checkpoint'),
  'log.bad-signature': row("the log's signature does not hold or is missing", 400, '06-log.md#checkpoint'),
  'log.bad-policy': row('not a policy of logs, witnesses and a quorum', 400, '14-witnesses.md#policy'),
  'log.bad-cosignature': row(
    'a cosignature by a known witness that does not hold',
    400,
    '14-witnesses.md#cosignatures',
  ),
  'log.no-quorum': row('not cosigned by a quorum of the policy', 409, '14-witnesses.md#quorum'),
  'log.bad-proof': row('the proof does not lead to the root', 400, '06-log.md#proofs'),
  'log.bad-receipt': row('not a receipt', 400, '06-log.md#receipts'),
  'log.bad-entry': row('not an entry of this log', 400, '06-log.md#entries'),
  'log.entry-mismatch': row('the statement is not the one the entry commits to', 409, '06-log.md#entries'),
  'log.bad-tile': row('a tile or bundle of the wrong size or place', 400, '06-log.md#tiles'),
  'log.bad-path': row('not a path of this log', 404, '06-log.md#tiles'),
  'log.closed': row('the log was closed before this entry', 409, '06-log.md#closing'),
  'log.went-back': row('the log is smaller than it was', 409, '06-log.md#consistency'),
  'log.forked': row('the log is not an extension of what was seen', 409, '06-log.md#consistency'),

  'callout.unknown': row('no such call-out, or not in this coalition', 404, '08-call-outs.md#phases'),
  'callout.wrong-phase': row('the call-out is past or before the phase this needs', 409, '08-call-outs.md#phases'),
  'callout.wrong-text': row('names another text than the frozen one', 409, '08-call-outs.md#text'),
  'callout.too-early': row('the cut is earlier than the announced deadline', 409, '08-call-outs.md#release'),
  'callout.wrong-cut': row('the cut is not a size and root of this log', 409, '08-call-outs.md#release'),
  'callout.not-largest': row(
    'the set released is not the largest whose conditions all hold',
    409,
    '08-call-outs.md#release',
  ),

  'release.no-grant': row(
    'no grant of the originator, in force and not used up, lets this member do that',
    409,
    '12-release-control.md#uses',
  ),

  'auth.missing': row('no signed request proof', 401, '07-relay.md#authentication'),
  'auth.stale': row('the proof is older or newer than the window allows', 401, '07-relay.md#authentication'),
  'auth.replayed': row('the proof was used before', 401, '07-relay.md#authentication'),
  'auth.wrong-request': row('the proof is for another request', 401, '07-relay.md#authentication'),
  'auth.not-entitled': row('absent, or not for this caller', 404, '07-relay.md#authentication'),

  'relay.busy': row('too much at once; try again after the time given', 429, '07-relay.md#limits'),
  'relay.store-failed': row('the relay cannot write durably and has stopped accepting', 503, '07-relay.md#errors'),
  'relay.no-log-key': row(
    'the relay has not the key that the charter in force names for the log, and appends nothing',
    503,
    '07-relay.md#log-keys',
  ),
  'relay.bad-request': row('not a request this relay knows', 400, '07-relay.md#http'),
  'relay.nonsense': row('the relay answered something that is not of this protocol', 502, '07-relay.md#http'),

  'stream.outdated': row('the cursor is older than what is kept', 409, '07-relay.md#stream'),
  'stream.epoch-changed': row('the log was replaced since the cursor was taken', 409, '07-relay.md#stream'),
  'stream.slow': row('the reader fell behind the bound and was cut', 409, '07-relay.md#stream'),

  'evidence.bad-manifest': row('the manifest is missing or not of this format', 400, '09-audit.md#folder'),
  'evidence.bad-proof': row('nothing that can be held against anyone', 400, '09-audit.md#convict'),
  'evidence.missing': row('a part the manifest or the log names is missing', 409, '09-audit.md#folder'),
  'evidence.altered': row('a part differs from the digest that names it', 409, '09-audit.md#folder'),
  'evidence.unreferenced': row('a part that nothing names', 409, '09-audit.md#folder'),
  'evidence.above-tier': row('a part more restricted than the folder is for', 409, '09-audit.md#folder'),
} as const satisfies Record<string, Row>

export type FailureCode = keyof typeof failures
