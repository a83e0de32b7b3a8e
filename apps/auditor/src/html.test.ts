import type { AuditReport } from '@chancery/protocol'
import { describe, expect, test } from 'vitest'
import { htmlReport } from './html.ts'
import { textReport } from './report.ts'

const sid = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
const hostile = `<script>alert("x")</script><img src=x onerror='y'>&`
const report: AuditReport = {
  ok: false,
  exportedBy: 'aldova',
  reader: 'clear',
  genesis: sid,
  pinned: false,
  origin: 'relay.example/log1',
  size: 1,
  root: sid,
  withheld: { entries: 0, slots: 1 },
  callouts: [
    {
      proposal: sid,
      title: hostile,
      phase: 'released',
      exercise: true,
      text: sid,
      release: {
        sid,
        index: 5,
        cut: 4,
        verdict: 'sound',
        withheld: 2,
        leftOut: ['borsk'],
        signatories: [{ member: 'aldova', join: sid, reservations: 2 }],
      },
    },
  ],
  charter: {
    name: hostile,
    version: 1,
    members: [{ id: 'aldova', name: hostile }],
    keys: [{ member: 'aldova', kid: sid, use: 'sign', alg: 'EdDSA' }],
  },
  statements: [
    {
      index: 0,
      sid,
      kind: 'attribution.statement',
      iss: 'aldova',
      kid: sid,
      iat: 0,
      tlp: 'clear',
      exercise: true,
      title: hostile,
      tear: [{ label: 'sources', tlp: 'red', open: false }],
    },
  ],
  proofs: { digests: 1, entries: 1, tiles: 1, signatures: 1, relations: 1, disclosures: 0, receipts: 1 },
  findings: [{ code: 'evidence.unreferenced', at: `${hostile}\u001b[2J`, why: hostile, severity: 'error' }],
}

describe('the page', () => {
  const page = htmlReport(report)
  test('runs nothing and fetches nothing', () => {
    const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    expect(page).toContain(`http-equiv="Content-Security-Policy" content="${policy}"`)
    expect(page).not.toMatch(/<(script|img|link|iframe|object|a)\b|https?:|url\(/i)
  })
  test('shows every text as text, wherever it comes from', () => {
    expect(page).not.toContain(hostile)
    expect(page.split('&#60;script&#62;alert(&#34;x&#34;)').length - 1).toBe(6)
  })
  test('says what is an exercise, what is withheld and what a release has not shown', () => {
    expect(page.match(/EXERCISE\. /g)).toHaveLength(2)
    expect(page).toContain('tear line sources, TLP:RED: withheld')
    expect(page).toContain('2 entries before the cut are withheld')
    expect(page).toContain('borsk has joined and is not in it')
  })
})

test('the text has no control character that a file name brought along', () => {
  expect(textReport(report, 'whole')).not.toContain('\u001b')
  expect(textReport(report, 'findings')).toContain('onerror=')
})
