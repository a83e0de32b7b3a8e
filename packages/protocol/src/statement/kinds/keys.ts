import { ReaffirmBody } from '../../charter/disputes.ts'
import { KeyAddBody, KeyRevokeBody, RotateRootBody, ownUses } from '../../charter/keys-over-time.ts'
import { PrekeyBody } from '../../charter/prekeys.ts'
import { ascending, distinct } from '../../wire/shapes.ts'
import { kind } from '../kind.ts'

export const keyKinds = {
  /** spec/05-kinds.md#key-prekey. Its keys are checked by the charter fold, which knows all that went before. */
  'key.prekey': kind<PrekeyBody>({
    title: 'Keys to seal to',
    issuers: ['member'],
    use: 'sign',
    ofRecord: true,
    body: PrekeyBody,
    slot: null,
    refs: () => [],
    laws: [
      { at: '/keys', says: 'a prekey is an enc key', holds: body => body.keys.every(({ use }) => use === 'enc') },
      { at: '/keys', says: 'no key twice', holds: body => distinct(body.keys.map(({ kid }) => kid)) },
    ],
    template: {
      keys: [
        {
          alg: 'ECDH-ES+A256KW',
          jwk: { crv: 'X25519', kty: 'OKP', x: 'CQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' },
          kid: 'mtr3IeKcdvsDY_Jfv9EL0n01w9Nw7T36mUSLv_VMdv4',
          use: 'enc',
        },
      ],
      until: '2030-01-31T00:00:00Z',
    },
  }),
  /** spec/05-kinds.md#key-add. Possession and what was there before are checked by the fold. */
  'key.add': kind<KeyAddBody>({
    title: 'Keys added',
    issuers: ['member'],
    use: 'root',
    ofRecord: true,
    body: KeyAddBody,
    slot: null,
    refs: () => [],
    laws: [
      {
        at: '/keys',
        says: 'a key to sign with: of use root, sign or auth',
        holds: body => body.keys.every(({ use }) => ownUses.includes(use)),
      },
      { at: '/keys', says: 'no key twice', holds: body => distinct(body.keys.map(({ kid }) => kid)) },
    ],
    template: {
      keys: [
        {
          alg: 'EdDSA',
          jwk: { crv: 'Ed25519', kty: 'OKP', x: 'qG1ucO2RKSvttrJd_P2MOCRU5de_5d5T_Z-pdfDvmxo' },
          kid: 'JGN-Cf4F0D1RiZ6n7DE6If-VT6xGCe8aluqScc7covM',
          proof: 'gWhK1DH9a1i-zpWVOTjJrGXZ4VtIh4kT91SL29RvgRSwuj-CypPHPNlFijGVE38XjDtuRT0gdZ_qoA2UK_M8AQ',
          use: 'sign',
        },
      ],
    },
  }),
  /** spec/05-kinds.md#key-revoke */
  'key.revoke': kind<KeyRevokeBody>({
    title: 'Revocation of a key',
    issuers: ['member'],
    use: 'root',
    ofRecord: true,
    body: KeyRevokeBody,
    slot: null,
    refs: () => [],
    laws: [],
    template: {
      kid: 'JGN-Cf4F0D1RiZ6n7DE6If-VT6xGCe8aluqScc7covM',
      reason: 'Why it is revoked, in words that anyone may read.',
    },
  }),
  /** spec/05-kinds.md#key-rotate-root. Signed by the key that it brings, which its member has named before. */
  'key.rotate-root': kind<RotateRootBody>({
    title: 'Rotation of the root key',
    issuers: ['member'],
    use: 'root',
    ofRecord: true,
    body: RotateRootBody,
    slot: null,
    refs: () => [],
    laws: [{ at: '/key/use', says: 'a root key', holds: ({ key }) => key.use === 'root' }],
    template: {
      key: {
        alg: 'EdDSA',
        jwk: { crv: 'Ed25519', kty: 'OKP', x: 'qG1ucO2RKSvttrJd_P2MOCRU5de_5d5T_Z-pdfDvmxo' },
        kid: 'JGN-Cf4F0D1RiZ6n7DE6If-VT6xGCe8aluqScc7covM',
        use: 'root',
      },
      next_root: 'mtr3IeKcdvsDY_Jfv9EL0n01w9Nw7T36mUSLv_VMdv4',
    },
  }),
  /** spec/05-kinds.md#statement-reaffirm */
  'statement.reaffirm': kind<ReaffirmBody>({
    title: 'Re-affirmation',
    issuers: ['member'],
    use: 'sign',
    ofRecord: true,
    body: ReaffirmBody,
    slot: null,
    refs: ({ statements }) => statements.map((sid, i) => ({ sid, at: `/statements/${i}`, kind: null })),
    laws: [{ at: '/statements', says: 'sorted, none twice', holds: body => ascending(body.statements) }],
    relates: ({ iss, body, find }) => {
      const stray = body.statements.findIndex(sid => (find(sid)?.iss ?? iss) !== iss)
      return stray < 0 ? undefined : { at: `/statements/${stray}`, says: "one's own word, and nobody else's" }
    },
    template: { statements: ['AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'] },
  }),
} as const
