import type { Failure } from '../wire/failure.ts'
import type { Finding, ProofCounts } from './report.ts'

/** Findings and counts as they come up: the one thing that all steps of an audit write to. */
export type Ledger = { readonly findings: Finding[]; readonly proofs: ProofCounts }

export const newLedger = (): Ledger => ({
  findings: [],
  proofs: { digests: 0, entries: 0, tiles: 0, signatures: 0, relations: 0, disclosures: 0, receipts: 0 },
})

/** A failure, and the file that it is about; `at` is the place in that file. */
type Noted = Omit<Failure, 'ok'> & {
  readonly path: string
  readonly index?: number
  readonly severity?: Finding['severity']
}

export function note({ findings }: Ledger, { code, at, why, path, index, severity = 'error' }: Noted): void {
  const place = at === undefined || at === '' || at === path ? path : `${path}#${at}`
  const known = { ...(index !== undefined && { index }), ...(why !== undefined && { why }) }
  findings.push({ code, at: place, ...known, severity })
}

/** What a part of the audit has found and counted. */
export function add(ledger: Ledger, { findings, proofs }: { findings: readonly Finding[]; proofs: ProofCounts }): void {
  ledger.findings.push(...findings)
  for (const name of Object.keys(proofs) as (keyof ProofCounts)[]) ledger.proofs[name] += proofs[name]
}
