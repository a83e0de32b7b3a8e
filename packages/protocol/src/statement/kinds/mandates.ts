import { MandateBody, MandateRevokeBody } from '../../charter/mandates.ts'
import { ascending } from '../../wire/shapes.ts'
import { kind } from '../kind.ts'
import { onScale } from './position.ts'

export const mandateKinds = {
  /** spec/05-kinds.md#mandate-grant. Which key it is for is checked by the charter fold. */
  'mandate.grant': kind<MandateBody>({
    title: 'Full powers',
    issuers: ['member'],
    use: 'root',
    ofRecord: true,
    body: MandateBody,
    slot: null,
    refs: () => [],
    laws: [
      { at: '/kinds', says: 'sorted, none twice', holds: ({ kinds = [] }) => ascending(kinds) },
      {
        at: '/strongest_stance',
        says: 'a stance on the scale',
        holds: ({ strongest_stance: stance }) => stance === undefined || onScale(stance),
      },
    ],
    template: {
      kid: 'JGN-Cf4F0D1RiZ6n7DE6If-VT6xGCe8aluqScc7covM',
      kinds: ['callout.decline', 'callout.join', 'callout.withdraw'],
      strongest_stance: 'supports',
      until: 10_000,
    },
  }),
  /** spec/05-kinds.md#mandate-revoke */
  'mandate.revoke': kind<MandateRevokeBody>({
    title: 'End of full powers',
    issuers: ['member'],
    use: 'root',
    ofRecord: true,
    body: MandateRevokeBody,
    slot: null,
    refs: () => [],
    laws: [],
    template: { kid: 'JGN-Cf4F0D1RiZ6n7DE6If-VT6xGCe8aluqScc7covM' },
  }),
} as const
