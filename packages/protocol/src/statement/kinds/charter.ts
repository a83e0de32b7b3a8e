import { z } from 'zod'
import { Charter } from '../../charter/charter.ts'
import { Sid } from '../../wire/shapes.ts'
import { kind } from '../kind.ts'

/** The first founding member's adoption carries the charter; every other founder's names it. */
export const AdoptBody = z.union([z.strictObject({ charter: Charter }), z.strictObject({ adopts: Sid })])
export type AdoptBody = z.infer<typeof AdoptBody>

export const charterKinds = {
  /** spec/05-kinds.md#charter-adopt. What it refers to is the coalition itself, checked by the charter fold. */
  'charter.adopt': kind<AdoptBody>({
    title: 'Adoption of the charter',
    issuers: ['member'],
    use: 'root',
    ofRecord: true,
    body: AdoptBody,
    slot: null,
    refs: body => ('adopts' in body ? [{ sid: body.adopts, at: '/adopts', kind: 'charter.adopt' }] : []),
    laws: [],
    template: { adopts: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' },
  }),
} as const
