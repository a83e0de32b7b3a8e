import { planted as ofTheCharter } from './planted-charter.ts'
import { type Mutant, of, protocol, vectors } from './mutant.ts'

/** Mistakes that were made elsewhere, or that an insider would like us to make. */
export const mutants: readonly Mutant[] = [
  // Signatures and keys.
  of('skip the torsion test of a key', 'wire/signature.ts', [
    "return point.isTorsionFree() ? undefined : 'the point has a torsion component'",
    'return undefined',
  ]),
  of('enrol a key of small order', 'wire/signature.ts', [
    "if (point.isSmallOrder()) return 'the point has small order'",
    '',
  ]),
  of(
    'accept S not below L',
    'wire/signature.ts',
    ['return s < orderL', 'return s > 0n'],
    `${protocol}/wire/signature.test.ts`,
  ),
  of('accept R of small order', 'wire/signature.ts', [
    '(sBelowL(signature) && !isSmallOrder(signature.subarray(0, 32)))',
    'sBelowL(signature)',
  ]),
  of(
    'take the portable equation with its cofactor',
    'wire/signature.ts',
    ['return r.isTorsionFree() && ed25519.verify', 'return ed25519.verify'],
    `${protocol}/wire/signature.test.ts`,
    vectors,
  ),
  of(
    'use a libsodium that multiplies by the cofactor',
    'wire/sodium.ts',
    ['return judgesAsWeDo(sodium) ? verify : undefined', 'return verify'],
    `${protocol}/wire/signature.test.ts`,
  ),
  of(
    'look for native code in the folders above its package',
    'packages/native/src/sodium.ts',
    ["existsSync(file) ? require('sodium-native') : undefined", "require('sodium-native')"],
    'packages/native/src/sodium.test.ts',
  ),
  of('take a log key in a policy that may not be enrolled', 'charter/witnesses.ts', [
    '[...logs.filter(each => each.key.type === signatureTypes.ed25519), ...others]',
    'others',
  ]),
  of('believe a key without its proof of possession', 'charter/keys.ts', [
    "return provesPossession(primitives, member, key) ? ok(key) : fail('charter.no-possession', `${at}/proof`)",
    'return ok(key)',
  ]),
  of('take kid for granted', 'charter/keys.ts', [
    'if (thumbprint(primitives.sha256, key.jwk) !== key.kid)',
    'if (key.kid.length === 0)',
  ]),
  of('let one key belong to two members', 'charter/charter.ts', [
    "if (!distinct(kids)) return fail('charter.repeated-key', `${at}/members`)",
    '',
  ]),
  of('let a statement be signed with a key of another use', 'statement/verify.ts', [
    'if (held.record.use !== row.use)',
    'if (held.record.use === undefined)',
  ]),
  of('let the header choose the algorithm', 'statement/verify.ts', [
    '!signs(held.record.alg) || held.record.alg !== alg',
    '!signs(held.record.alg)',
  ]),

  // Strict reading.
  of('read JSON that is not canonical', 'wire/canonical.ts', [
    "if (!isCanonical(value, text)) return fail('bytes.not-canonical', at, 'write it as RFC 8785 does')",
    '',
  ]),
  of('let depth have no bound', 'wire/canonical.ts', ['if (mayBeDeep(text) && tooDeep(text))', 'if (text === at)']),
  of('take any type of token', 'statement/envelope.ts', [
    "if (header.value.typ !== typ) return fail('statement.wrong-type', '/header/typ', `expected ${typ}`)",
    '',
  ]),
  of('take a statement of any size', 'statement/envelope.ts', [
    "if (jws.length > bytesMax) return fail('bytes.too-large', '', `at most ${bytesMax} bytes`)",
    '',
  ]),

  // Claims.
  of('forget the coalition', 'statement/verify.ts', [
    "if (claims.coa !== charter.genesis) return fail('statement.wrong-coalition', '/coa')",
    '',
  ]),
  of('forget whose key it is', 'statement/verify.ts', [
    "if (claims.iss !== held.member) return fail('statement.not-issuer', '/iss', 'the key belongs to another member')",
    '',
  ]),
  of('let anyone issue every kind', 'statement/verify.ts', [
    "if (!entitled) return fail('statement.not-issuer'",
    "if (!row) return fail('statement.not-issuer'",
  ]),
  of('take refs on trust', 'statement/verify.ts', [
    "if (canonical(refs) !== canonical(refsOf(kind, checked.value.body))) return fail('statement.wrong-refs', '/refs')",
    '',
  ]),

  // Tear lines.
  of('let a disclosure move to another statement', 'statement/tearline.ts', [' || b.jti !== claims.jti', '']),
  of('let a disclosure move to another author', 'statement/tearline.ts', ['b.iss !== claims.iss || ', '']),
  of('let one digest stand in two slots', 'statement/verify.ts', [
    "if (new Set(slots.map(([, slot]) => slot._sd[0])).size < slots.length) return fail('tear.repeated', '/tear')",
    '',
  ]),

  // The log.
  of(
    'hash leaves as nodes',
    'log/merkle.ts',
    ['[leafPrefix, nodePrefix] = [0, 1]', '[leafPrefix, nodePrefix] = [1, 1]'],
    `${protocol}/log/merkle.test.ts`,
    vectors,
  ),
  of(
    'split a note at its first blank line',
    'log/note.ts',
    ["note.lastIndexOf('\\n\\n')", "note.indexOf('\\n\\n')"],
    `${protocol}/log/note.test.ts`,
    vectors,
  ),
  of(
    'take two signatures of one key',
    'log/note.ts',
    ["return refuse('two signatures of one key')", 'continue'],
    `${protocol}/log/note.test.ts`,
    vectors,
  ),
  of(
    'accept a head that went back',
    'log/checkpoint.ts',
    ["if (next.size < known.size) return fail('log.went-back', 'size')", ''],
    `${protocol}/log/checkpoint.test.ts`,
    vectors,
  ),
  of(
    'accept a head without its consistency proof',
    'log/checkpoint.ts',
    ['toRoot, proof }) ? ok(next)', 'toRoot, proof }) || proof ? ok(next)'],
    `${protocol}/log/checkpoint.test.ts`,
    vectors,
  ),
  of(
    'accept the checkpoint of another log',
    'log/checkpoint.ts',
    ["if (checkpoint.value.origin !== origin) return fail('log.wrong-origin', 'origin')", ''],
    `${protocol}/log/checkpoint.test.ts`,
    vectors,
  ),
  of(
    'read a size as any number',
    'log/checkpoint.ts',
    ['!sizeShape.test(size) || ', ''],
    `${protocol}/log/checkpoint.test.ts`,
    vectors,
  ),
  of(
    'take a receipt without its path',
    'log/proof.ts',
    ["if (!verifyInclusion({ sha256, leaf, index, size, proof, root })) return fail('log.bad-proof', 'proof')", ''],
    `${protocol}/log/proof.test.ts`,
    vectors,
  ),
  of(
    'leave the signature out of the commitment',
    'log/entry.ts',
    [
      "sha256(concat(domainTag('leaf'), digestOf(sid), sha256(signature)))",
      "sha256(concat(domainTag('leaf'), digestOf(sid), sha256(signature.subarray(0, 0))))",
    ],
    `${protocol}/log/entry.test.ts`,
    vectors,
  ),

  // Chains and references.
  of('let a number of a chain be used twice', 'statement/relate.ts', [
    'if (seq < next) return checkNumber(statement, prefix, next)',
    'if (seq < next) return ok(statement)',
  ]),
  of('take any view as seen', 'statement/relate.ts', [
    'isOfThisLog(statement.claims.seen, prefix) ? ok(statement)',
    'prefix ? ok(statement)',
  ]),

  // Call-outs.
  of('take a cut before the deadline', 'view/release.ts', [
    "if (size < deadline.size) return fail('callout.too-early'",
    "if (size < 0) return fail('callout.too-early'",
  ]),
  of('take a release that names another text', 'view/release.ts', [
    "if (body.text !== text.sid) return fail('callout.wrong-text', '/body/text', `the frozen text is ${text.sid}`)",
    '',
  ]),
  of('let a second release count', 'view/release.ts', [
    'if (earlier !== undefined && earlier.sid !== sid && earlier.index < index) {',
    'if (earlier !== undefined && index < 0) {',
  ]),
  of(
    'let an exercise satisfy a real quorum',
    'view/signatories.ts',
    ['answer.exercise === callOut.text?.exercise && ', ''],
    'test/view/call-out.test.ts',
    vectors,
  ),
  of(
    'count an answer at the cut',
    'view/signatories.ts',
    ['answer.index < cutSize && ', 'answer.index <= cutSize && '],
    'test/view/call-out.test.ts',
    vectors,
  ),
  of(
    'let a co-seal count as attribution',
    'view/condition.ts',
    ['!onScale(stance) || ', ''],
    `${protocol}/view/condition.test.ts`,
    vectors,
  ),
  of(
    'drop nobody from the largest set',
    'view/fixpoint.ts',
    ['if (!set.delete(member)) continue', 'if (set.has(member)) continue'],
    `${protocol}/view/fixpoint.test.ts`,
    vectors,
  ),

  // Sharing.
  of(
    'clear whoever asks',
    'sharing/rules.ts',
    ['({ reader, tier }) => !atLeastAsRestricted(reader.clearance, tier),', '() => false,'],
    vectors,
  ),
  of(
    'forget whom it is releasable to',
    'sharing/rules.ts',
    [
      "!subject.handling.releasable_to.includes(reader.member ?? '')",
      "!subject.handling.releasable_to.includes(reader.member ?? '') && !reader",
    ],
    vectors,
  ),

  // Copies, grants and witnesses.
  of('let any kind carry a copy of anything', 'sharing/enclose.ts', [
    '  rows[enclosing.kind]?.(enclosing, enclosed, find) === true',
    '  rows[enclosing.kind] !== undefined',
  ]),
  of(
    'take what another sends on, whoever it is for',
    'packages/client/src/onward.ts',
    ["if (isOf(statement, 'resend')) return checkSentOn(batch, { by, copy })", ''],
    'test/partner/onward.test.ts',
  ),
  of('let a grant that was not used yet send words on', 'view/onward.ts', ['use.index < before && ', '']),
  of('audit no resend', 'audit/resends.ts', [
    "if (row.kind === 'resend') auditResend",
    "if (row.kind === 'heartbeat') auditResend",
  ]),
  of('hand on to the constituents of another', 'sharing/rules.ts', ['towards.member !== reader.member,', 'false,']),
  of('let a grant for once be used twice', 'view/release-control.ts', [
    "if (body.uses === 'once' && uses.length > 0) return 'it was granted once, and has been used'",
    '',
  ]),
  of('let a grant be used by another', 'view/release-control.ts', [
    "if (act.iss !== body.to) return 'it was granted to another'",
    '',
  ]),
  of('let a revoked grant be used', 'view/release-control.ts', [
    "if (isRevokedAt(revocations, act.index)) return 'the grant was revoked before'",
    '',
  ]),
  of('let anyone open what another said', 'view/release-control.ts', [
    'if (isOriginators(act, act.body.sid, find) && countsAt(act, fold.at.size)) fold.openings.push(act)',
    'if (countsAt(act, fold.at.size)) fold.openings.push(act)',
  ]),
  of('let one witness fewer be a quorum', 'charter/quorum.ts', [
    'group.members.filter(holds).length >= group.k',
    'group.members.filter(holds).length >= group.k - 1',
  ]),

  // Alarms.
  of('wait for a third beat', 'view/alarms.ts', ['now <= last.iat + 2 * every', 'now <= last.iat + 3 * every']),
  of('let a fast clock promise silence', 'view/alarms.ts', ['iat <= now + fastClockSeconds', 'iat <= now + iat']),
  of('miss a gap at the start of a chain', 'view/gaps.ts', [
    'sorted[i - 1] ?? { seq: -1, index: -1 }',
    'sorted[i - 1] ?? { seq: told.seq - 1, index: -1 }',
  ]),
  of('gaps: miss from a newcomer what was said before it came', 'view/gaps.ts', [
    'isWhole ? lacking : Math.max(0, lacking - (within(after + 1, index) - room))',
    'lacking',
  ]),
  of('gaps: miss nothing from a newcomer until it holds something', 'view/gaps.ts', [
    'isWhole ? lacking : Math.max(0, lacking - (within(after + 1, index) - room))',
    'isWhole ? lacking : 0',
  ]),
  of('gaps: let it be as if a reader had always been one', 'view/gaps.ts', [
    'if (!atLeastAsRestricted(clearanceOf(era, member), tlp)) continue',
    'if (!atLeastAsRestricted(clearanceOf(eras.at(-1) ?? era, member), tlp)) continue',
  ]),
  of('gaps: hold a promise to a reader that was away', 'view/alarms.ts', [
    'index >= (spans?.at(-1)?.from ?? 0)',
    'index >= 0 || spans === undefined',
  ]),
  of('believe a size that was not there yet', 'view/alarms.ts', ['seen.size > index || rootAt', 'rootAt']),

  // Families of signatures.
  of('two families: take an ML-DSA-44 key without its proof', 'charter/keys.ts', [
    'own !== undefined && primitives.verifyMlDsa44(own, message, signature)',
    'own !== undefined',
  ]),
  of('two families: count the two keys of a member as two', 'charter/quorum.ts', [
    'group === undefined || isPair(policy, group)',
    'group === undefined',
  ]),
  of('two families: judge without one by the policy on both', 'audit/notes.ts', [
    'policyOn(whole, otherOf(without))',
    'whole',
  ]),
  of(
    'two families: sign heads with one key of the log',
    'apps/relay/src/log.ts',
    ['return withSignatures(note, [line])', 'return line ? note : note'],
    'test/relay/witness.test.ts',
  ),
  of(
    'two families: cosign with the first key of the node',
    'apps/partner/src/witness.ts',
    ['signers.map(({ key, sign })', 'signers.slice(0, 1).map(({ key, sign })'],
    'test/partner/witness.test.ts',
  ),

  // What a relay that lies is noticed by.
  of(
    'lose the note by which a fork is shown',
    'packages/client/src/witnessed.ts',
    ['onRefused?.(taken, cosigned)', ''],
    'test/adversary/matrix.test.ts',
  ),
  of(
    'call every view fresh that a quorum has ever seen',
    'packages/client/src/witnessed.ts',
    ['value === undefined || !isFresh(value.policy, value.cosigned, { now, maxAge })', 'value === undefined'],
    'test/adversary/matrix.test.ts',
  ),
  of(
    'take a receipt for the log',
    'apps/partner/src/publish.ts',
    ['if (!same || store.indexOf(sid) !== index)', 'if (same && index < 0)'],
    'test/adversary/matrix.test.ts',
  ),

  // The threads of an audit.
  of(
    'do no part of an audit here',
    'apps/auditor/src/pool.ts',
    ['      waiting.shift()?.()', '      waiting.length += 0'],
    'apps/auditor/src/pool.test.ts',
  ),
  of(
    'wait for ever for a thread that has ended',
    'apps/auditor/src/pool.ts',
    ["  worker.on('exit', code => end(new Error(`a thread of the audit has ended with ${code}`)))", ''],
    'apps/auditor/src/pool.test.ts',
  ),

  // Requests.
  of('take a proof for another body', 'statement/auth.ts', [
    'bh === toBase64url(primitives.sha256(body)) ? ok(true)',
    'bh.length > 0 ? ok(true)',
  ]),
  of('take a proof for another relay', 'statement/auth.ts', [
    "if (aud !== request.aud) return fail('auth.wrong-request', '/aud', `this relay is ${request.aud}`)",
    '',
  ]),
  of('take a proof of any age', 'statement/auth.ts', [
    'if (Math.abs(iat - request.now) > authWindowSeconds)',
    'if (Number.isNaN(iat))',
  ]),

  ...ofTheCharter,
]
