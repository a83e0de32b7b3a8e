import { PrekeyBody } from '../../charter/prekeys.ts'
import { distinct } from '../../wire/shapes.ts'
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
} as const
