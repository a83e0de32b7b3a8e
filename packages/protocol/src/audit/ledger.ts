import type { Failure } from '../wire/failure.ts'
import type { Finding, ProofCounts } from './report.ts'

/** Findings and counts as they come up: the one thing that all steps of an audit write to. */
export type Ledger = { readonly findings: Finding[]; readonly proofs: ProofCounts }

export const newLedger = (): Ledger => ({
  findings: [],
  proofs: { digests: 0, entries: 0, tiles: 0, signatures: 0, relations: 0, disclosures: 0, receipts: 0 },
})

type Place = { readonly path: string; readonly index?: number; readonly severity?: Finding['severity'] }

export function note({ findings }: Ledger, failure: Omit<Failure, 'ok'>, { path, index, severity = 'error' }: Place): void {
  const { code, at, why } = failure
  findings.push({
    code, at: at === undefined || at === '' || at === path ? path : `${path}#${at}`, ...(index !== undefined && { index }),
    ...(why !== undefined && { why }), severity,
  })
}
