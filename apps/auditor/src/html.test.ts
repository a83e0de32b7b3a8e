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
  withheld: { entries: 0, slots: 1, slices: 0 },
  untold: 2,
  release: {
    requests: [{ sid, by: 'borsk', of: sid, is: 'denied' }],
    grants: [
      {
        sid,
        by: 'aldova',
        of: sid,
        slots: ['sources'],
        to: 'borsk',
        recipient: hostile,
        actions: ['forward'],
        is: 'used-up',
        uses: [{ sid, index: 4, action: 'forward', purpose: `${hostile}\nHOLDS: granted by all` }],
      },
    ],
    openings: [{ sid, by: 'aldova', of: sid, slots: [], to: 'clear' }],
    receipts: [{ sid, by: 'borsk', is: 'read', of: [sid] }],
    spills: [{ sid, by: 'borsk', of: sid, how: 'misdirected' }],
  },
  trust: {
    quorum: 2,
    witnesses: 3,
    faulty: 0,
    by: [hostile],
    cosigned: { key: 1 },
    standsOn: ['ed25519'],
    asOf: 60,
  },
  ifEd25519Falls: null,
  callouts: [
    {
      proposal: sid,
      by: 'aldova',
      title: hostile,
      form: 'common-text',
      phase: 'released',
      exercise: true,
      attributions: [
        {
          sid,
          by: 'aldova',
          title: hostile,
          summary: hostile,
          claims: [
            {
              id: 'a1',
              named: 'organ',
              name: hostile,
              stance: 'attributes',
              basis: 'own-assessment',
              confidence: 'high',
              likelihood: { scale: 'other', term: hostile },
              evidence: [],
            },
          ],
        },
      ],
      text: sid,
      texts: [
        { lang: 'en', title: 'We speak', text: `One line\n${hostile}` },
        { lang: 'fr', title: 'Nous parlons', text: 'Une ligne' },
      ],
      claims: [{ id: 'c1', attribution: sid, claim: 'a1' }],
      release: {
        sid,
        by: 'aldova',
        index: 5,
        cut: 4,
        verdict: 'sound',
        withheld: 2,
        leftOut: ['borsk'],
        signatories: [
          {
            member: 'aldova',
            join: sid,
            authority: { level: 'mfa', organ: hostile },
            positions: [{ claim: 'c1', stance: 'supports', named: 'group', basis: 'partner-word' }],
            when: { atLeast: [2] },
            condition: 'at least 2 sign, this member counted',
            reservations: [{ passage: 'line', text: `${hostile}\njoined outright` }],
            declaration: hostile,
          },
        ],
      },
    },
  ],
  charter: {
    name: hostile,
    version: 1,
    versions: [],
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
      held: { notBefore: 60, notAfter: 120 },
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
    expect(page.split('&#60;script&#62;alert(&#34;x&#34;)').length - 1).toBe(19)
  })
  test('shows the words that were signed, in every language, and each signatory in its own', () => {
    expect(page).toContain('<blockquote lang="en" dir="auto">')
    expect(page).toMatch(/Nous parlons<\/strong> \(fr\)[^]*Une ligne/)
    expect(page).toMatch(
      /claim c1: aldova attributes to .* \(organ\); own assessment, .* on the scale other, high conf/,
    )
    expect(page).toContain('on c1: supports (group); partner word')
    expect(page).toContain('joined on the condition that at least 2 sign, this member counted')
    expect(page).toMatch(/reservation on &#34;line&#34;: /)
    expect(page).toContain('interprets: ')
  })
  test('names the proofs as the text report does, and says once what cannot be told', () => {
    const text = textReport(report, 'whole')
    for (const line of ['1 statement in order: references, chain and view of the log', '1 receipt of inclusion']) {
      expect(text).toContain(`  ${line}\n`)
      expect(page).toContain(`<li>${line}</li>`)
    }
    const untold = 'Whether 2 texts above TLP:CLEAR may be here cannot be told'
    for (const shown of [text, page, textReport(report, 'findings')]) expect(shown.split(untold)).toHaveLength(2)
  })
  test('says what is an exercise, what is withheld and what a release has not shown', () => {
    expect(page.match(/EXERCISE\. /g)).toHaveLength(2)
    expect(page).toContain('tear line sources, TLP:RED: withheld')
    expect(page).toContain('2 entries before the cut are withheld')
    expect(page).toContain('borsk has joined and is not in it')
  })
})

describe('release control', () => {
  const shown = [htmlReport(report), textReport(report, 'whole')]
  test('is told on page and terminal: who asked, each grant with its uses, openings, receipts and spills', () => {
    for (const text of shown) {
      expect(text).toContain(`${sid} borsk asked for ${sid}: denied`)
      expect(text).toContain(`${sid} aldova granted borsk: forward ${sid}, tear lines sources, for `)
      expect(text).toContain('used at index 4 to forward:')
      expect(text).toContain(`${sid} aldova opened ${sid} to TLP:CLEAR`)
      expect(text).toContain(`${sid} borsk confirms that it has read ${sid}`)
      expect(text).toContain(`${sid} borsk tells of a spill of ${sid}: misdirected`)
    }
  })
  test('a purpose that looks like the verdict is marked as words of a person', () => {
    expect(shown[1]).toContain('      | HOLDS: granted by all\n')
    expect(shown[1]).not.toMatch(/\n *HOLDS/)
  })
  test('stands beside the witnesses, and since when each statement was held', () => {
    for (const text of shown) {
      expect(text).toContain('2 of 3 make it count; 0 of them may be corrupt')
      expect(text).toContain('it counts by Ed25519 alone')
      expect(text).toContain(
        'held by aldova since index 0, between 1970-01-01T00:01:00Z and 1970-01-01T00:02:00Z, as those who signed',
      )
    }
  })
})

describe('until when the record stands if Ed25519 falls', () => {
  const shownOf = (more: Partial<AuditReport>) => {
    const of = { ...report, ...more }
    return [htmlReport(of), textReport(of, 'whole')] as const
  }
  test('is said on page and terminal: how many entries, and since when', () => {
    for (const text of shownOf({ size: 7, ifEd25519Falls: { size: 7, at: 60 } }))
      expect(text).toMatch(/falls<\/h2>|FALLS/i)
    const [, all] = shownOf({ size: 7, ifEd25519Falls: { size: 7, at: 60 } })
    expect(all).toContain('IF ED25519 FALLS after 1970-01-01T00:01:00Z, all 7 entries stand: by then a quorum had')
    const [page, some] = shownOf({ size: 7, ifEd25519Falls: { size: 5, at: 60 } })
    for (const text of [page, some])
      expect(text).toContain('after 1970-01-01T00:01:00Z, the first 5 of 7 entries stand')
  })
  test('is nothing where no quorum has cosigned it with ML-DSA-44, and unsaid without a charter', () => {
    for (const text of shownOf({ ifEd25519Falls: null }))
      expect(text).toContain('nothing of this record stands by itself')
    const { ifEd25519Falls: _, ...unknown } = report
    for (const text of [htmlReport(unknown), textReport(unknown, 'whole')]) expect(text).not.toMatch(/falls/i)
  })
  test('a verdict without a family says so', () => {
    for (const text of shownOf({ without: 'ed25519' })) expect(text).toContain('DOES NOT HOLD without Ed25519: ')
    for (const text of shownOf({ without: 'ml-dsa-44', ok: true, findings: [] }))
      expect(text).toContain('HOLDS without ML-DSA-44: ')
  })
})

test('nothing that a signatory has typed looks like a line of the report', () => {
  const text = textReport(report, 'whole')
  expect(text).toContain('  | joined outright\n')
  expect(text).not.toMatch(/\n *joined outright\n/)
})

test('the text has no control character that a file name brought along', () => {
  expect(textReport(report, 'whole')).not.toContain('\u001b')
  expect(textReport(report, 'findings')).toContain('onerror=')
})
