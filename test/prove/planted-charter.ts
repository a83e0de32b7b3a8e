import { type Mutant, of } from './mutant.ts'

/** In what changes the charter and its keys: each would hand someone a voice that is not theirs, or take one away. */
export const planted: readonly Mutant[] = [
  // Versions.
  of('charter: count approvals, not members', 'charter/amend.ts', [
    "if (proposal.approvedBy.has(iss)) return fail('charter.already-approved', '/iss')",
    '',
  ]),
  of('charter: accept the next version by the new threshold alone', 'charter/amend.ts', [
    'if (before < state.version.charter.amend_threshold) return',
    "if ('suspends' in is && before < state.version.charter.amend_threshold) return",
  ]),
  of('charter: accept the next version by the old threshold alone', 'charter/amend.ts', [
    'if (after < is.charter.amend_threshold) return waiting(state, sid, proposal)',
    '',
  ]),
  of('charter: count who is absent', 'charter/amend.ts', [
    '[...approvedBy].filter(id => speaks(state, id)).length',
    'approvedBy.size',
  ]),
  of('charter: let a suspension pass by its author alone', 'charter/amend.ts', [
    'if (before < state.version.charter.amend_threshold) return',
    "if (!('suspends' in is) && before < state.version.charter.amend_threshold) return",
  ]),
  of('charter: let whom a suspension is about have a say in it', 'charter/amend.ts', [
    "if ('suspends' in proposal.is && proposal.is.suspends === iss)",
    "if ('suspends' in proposal.is && proposal.is.suspends.length === 0)",
  ]),
  of('charter: let a statement stand on a closed log', 'statement/verify.ts', [
    "if (isClosed(charter, index)) return fail('log.closed', '/seen')",
    '',
  ]),
  of('charter: close the log one entry late', 'charter/amend.ts', [
    'proposals: new Map(), closedFrom: index + 1 }',
    'proposals: new Map(), closedFrom: index + 2 }',
  ]),
  of(
    'charter: let the relay take what is sealed on a closed log',
    'apps/relay/src/sequence.ts',
    ["if (isClosed(charter, index)) return fail('log.closed', '/entry')", ''],
    'test/relay/closing.test.ts',
  ),
  of(
    'charter: take a closed entry into the mirror',
    'packages/client/src/take.ts',
    ['if (isClosed(batch.charter, delivery.index))', 'if (isClosed(batch.charter, delivery.index - 1))'],
    'test/relay/closing.test.ts',
  ),
  of('charter: skip a version', 'charter/amend.ts', [
    "checkCharter(primitives, charter, '/body/charter', version.number + 1)",
    "checkCharter(primitives, charter, '/body/charter', charter.version)",
  ]),
  of('charter: go on from another version than the one in force', 'charter/amend.ts', [
    'if (by.body.previous !== version.sid)',
    'if (by.body.previous.length === 0)',
  ]),
  of('charter: let what waits beside the next version wait on', 'charter/amend.ts', [
    'adopted, proposals: new Map() },',
    'adopted },',
  ]),
  of('charter: move the coalition to another log', 'charter/log-key.ts', [
    'if (relay.origin !== before.origin)',
    "if (relay.origin === '')",
  ]),
  of('charter: ask for more approvals than there are voices left', 'charter/amend.ts', [
    'if (charter.amend_threshold > own)',
    'if (own === 0)',
  ]),
  of('charter: judge an old statement by the newest charter', 'statement/verify.ts', [
    'const charter = stateAt(context.charter, context.index)',
    'const { charter } = context',
  ]),
  of('charter: take a statement under another version', 'statement/verify.ts', [
    'if (claims.charter?.sid !== charter.version.sid || claims.charter.version !== charter.version.number) {',
    'if (claims.charter === null) {',
  ]),

  // Members.
  of('charter: let a member speak that is awaited', 'statement/verify.ts', [
    "if (absence === 'awaited' && kind !== 'member.accede') return fail('charter.not-acceded', '/iss')",
    '',
  ]),
  of('charter: let a member speak that is suspended', 'statement/verify.ts', [
    "if (absence === 'suspended') return fail('charter.suspended', '/iss')",
    '',
  ]),
  of('charter: accede to a version that was replaced', 'charter/amend.ts', [
    'if (accedes !== state.version.sid)',
    'if (accedes.length === 0)',
  ]),
  of('charter: clear a member that is absent', 'charter/amend.ts', ['ids.filter(id => !absent.has(id))', 'ids']),
  of('charter: let the keys of a member go on that is dropped', 'charter/amend.ts', [
    '({ member }) => !kept.has(member)',
    '({ member }) => !kept.has(member) && fresh.some(({ id }) => id === member)',
  ]),
  of('charter: keep the old keys of a member that gets new ones', 'charter/amend.ts', [
    '({ member }) => !kept.has(member)',
    '({ member }) => !members.some(({ id }) => id === member)',
  ]),
  of('charter: let the keys of a member go on that has left', 'charter/amend.ts', [
    'held => held.member === iss, index + 1)',
    'held => held.member === iss, Infinity)',
  ]),
  of('charter: bring back a key that was someone’s', 'charter/amend.ts', [
    'if (k >= 0) return fail(',
    'if (k < -1) return fail(',
  ]),
  of('charter: number on where a member was given new keys', 'charter/amend.ts', [
    'if (known.has(id)) renewed.set(id, (renewed.get(id) ?? 0) + 1)',
    'if (known.has(id)) renewed.set(id, renewed.get(id) ?? 0)',
  ]),

  // Keys over time.
  of('keys: let a revoked key speak once more', 'charter/keys-over-time.ts', [
    '.set(body.kid, { ...held, to: index + 1 })',
    '.set(body.kid, { ...held, to: index + 2 })',
  ]),
  of('keys: revoke the key of another', 'charter/keys-over-time.ts', [
    'if (held?.member !== iss || index < held.from',
    'if (held === undefined || index < held.from',
  ]),
  of('keys: revoke the last of a use', 'charter/keys-over-time.ts', [
    'if (!ownKeysAt(keys, iss, index + 1).some(({ record }) => record.use === use))',
    'if (!ownKeysAt(keys, iss, index + 1).some(({ record }) => record.kid))',
  ]),
  of('keys: add a key that was someone’s', 'charter/keys-over-time.ts', [
    'if (isKnownKid(state, record.kid) || taken.has(record.kid))',
    'if (taken.has(record.kid))',
  ]),
  of('keys: add the key of a witness', 'charter/keys-over-time.ts', [
    'if (isKnownKid(state, record.kid) || taken.has(record.kid))',
    'if (isKnownKid(state, record.kid))',
  ]),
  of('keys: rotate the root with a key that was not named in advance', 'charter/keys-over-time.ts', [
    'data.body.key.kid !== kid || state.nextRoots.get(data.iss) !== kid) return undefined',
    'data.body.key.kid !== kid) return undefined',
  ]),
  of('keys: add a root key beside the one that is named', 'charter/keys-over-time.ts', [
    "if (record.use === 'root' && state.nextRoots.has(iss))",
    "if (record.use === 'root' && state.nextRoots.size === 0)",
  ]),
  of('keys: let the old root key go on beside the new', 'charter/keys-over-time.ts', [
    'for (const held of old) keys.set(held.record.kid, { ...held, to: index + 1 })',
    '',
  ]),

  // Disputes.
  of(
    'disputed: count a join by a compromised key',
    'view/signatories.ts',
    ['answer.index < cutSize && countsAt(answer, cutSize)', 'answer.index < cutSize'],
    'test/view/call-out.test.ts',
    'test/conformance/vectors.test.ts',
  ),
  of('disputed: dispute what was signed before the theft', 'charter/disputes.ts', [
    'kid === made.kid && since <= made.index && made.index < by.index && counts(by)',
    'kid === made.kid && since <= made.index + 1 && made.index < by.index && counts(by)',
  ]),
  of('disputed: re-affirm by a compromised key', 'charter/disputes.ts', [
    'other.index > dispute.by.index && counts(other)',
    'other.index > dispute.by.index && other.index < size',
  ]),
  of('disputed: re-affirm what another has said', 'charter/disputes.ts', [
    'other.iss === made.iss && other.index > dispute.by.index',
    'other.index > dispute.by.index',
  ]),
  of('disputed: re-affirm in advance', 'charter/disputes.ts', [
    'other.iss === made.iss && other.index > dispute.by.index',
    'other.iss === made.iss',
  ]),
  of('disputed: count a revocation by a thief', 'charter/disputes.ts', [
    'made.index < by.index && counts(by)',
    'made.index < by.index && by.index < size',
  ]),

  // Mandates.
  of('mandate: let a mandate be exceeded by one index', 'charter/mandates.ts', [
    'if (until !== undefined && index >= until)',
    'if (until !== undefined && index > until)',
  ]),
  of('mandate: let a mandate be for every kind', 'charter/mandates.ts', [
    'if (kinds !== undefined && !kinds.includes(kind))',
    'if (kinds?.length === 0)',
  ]),
  of('mandate: let a claim go further than its mandate', 'charter/mandates.ts', [
    'if (claim >= 0) return',
    'if (claim > Infinity) return',
  ]),
  of('mandate: let a position go further than its mandate', 'charter/mandates.ts', [
    'return position < 0 ? undefined : `/body/positions/${position}/stance`',
    'return undefined',
  ]),
  of('mandate: grant one for the key of another', 'charter/mandates.ts', [
    "if (held?.member !== iss) return fail('charter.unknown-key'",
    "if (held === undefined) return fail('charter.unknown-key'",
  ]),
]
