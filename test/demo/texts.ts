import { createHash } from 'node:crypto'

/** The attribution: the summary is what anyone may read; each tear line adds what only its readers may know. */
export const attribution = {
  title: 'Malicious activity against the ports of Hesparia',
  summary: [
    'Between March and May, intruders disabled the cargo systems of two ports in Hesparia for nine days.',
    'Valdoria assesses that Directorate 9 of the armed forces of Morvania carried out this operation.',
  ].join('\n'),
  kind: 'political',
  publicity: 'public',
  maturity: 'm4',
  incidents: [
    {
      ref: 'HES-PORTS',
      title: 'Cargo systems of Port Aster and Port Lune disabled',
      discovered_at: '2026-03-14T06:00:00Z',
    },
  ],
  claims: [
    {
      id: 'c1',
      named: 'organ',
      name: 'Directorate 9, armed forces of Morvania',
      stance: 'attributes',
      basis: 'own-assessment',
      confidence: 'high',
      likelihood: { scale: 'icd203', term: 'very-likely' },
      aliases: [{ name: 'SLATE HERON', source: 'Valdoria' }],
    },
  ],
  norm_citations: [{ norm: 'UN-GGE-2015:13(f)', breach: 'contrary-to-norm' }],
  responsibility: { arsiwa: '4', healey: 'state-executed' },
  calls_on: ['cease', 'repair'],
}

export const tearLines = [
  {
    label: 'method',
    handling: { tlp: 'green' },
    content: {
      text: 'Entry was through the update server of a port supplier; two other members have seen the same loader.',
    },
  },
  {
    label: 'infrastructure',
    handling: { tlp: 'amber' },
    content: { text: 'Three staging hosts were rented in the name of a firm that Directorate 9 has used since 2023.' },
  },
  {
    label: 'source',
    handling: { tlp: 'amber+strict' },
    content: { text: 'A service of Valdoria observed the operators at work from an office of Directorate 9.' },
  },
]

/** Each State's own hosts that the intruders used: what is for one is for no other. */
export const hosts = {
  arkenia: { text: '192.0.2.10 and 192.0.2.11, in the port of Arken' },
  belmora: { text: '192.0.2.40, at a forwarder in Belmor' },
  corvane: { text: '198.51.100.7, in a hosting centre of the Union' },
  drosia: { text: '198.51.100.90, at a customs broker' },
  estmark: { text: '203.0.113.5, at the ferry line' },
}

export const textOf = {
  lang: 'en',
  title: 'Statement on malicious activity against ports',
  text: [
    'We call out the operation that disabled the ports of Hesparia.',
    'It was contrary to the norm that States do not damage critical infrastructure.',
  ].join('\n'),
}

/** A small STIX 2.1 bundle of invented objects, for when none is given. Ids are derived, so every run gets the same. */
export function inventedBundle(): string {
  const id = (type: string, name: string): string => {
    const h = createHash('sha256').update(`${type} ${name}`).digest('hex')
    return `${type}--${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-a${h.slice(17, 20)}-${h.slice(20, 32)}`
  }
  const common = { spec_version: '2.1', created: '2026-05-02T09:00:00.000Z', modified: '2026-05-02T09:00:00.000Z' }
  const group = { type: 'intrusion-set', id: id('intrusion-set', 'SLATE HERON'), ...common, name: 'SLATE HERON' }
  const loader = { type: 'malware', id: id('malware', 'QUAYSIDE'), ...common, name: 'QUAYSIDE', is_family: false }
  const link = {
    type: 'relationship',
    id: id('relationship', 'uses'),
    ...common,
    relationship_type: 'uses',
    source_ref: group.id,
    target_ref: loader.id,
  }
  const indicators = Array.from({ length: 12 }, (_, i) => ({
    type: 'indicator',
    id: id('indicator', String(i)),
    ...common,
    pattern_type: 'stix',
    valid_from: common.created,
    pattern: `[ipv4-addr:value = '192.0.2.${i + 1}']`,
  }))
  return JSON.stringify(
    { type: 'bundle', id: id('bundle', 'ports'), objects: [group, loader, link, ...indicators] },
    null,
    2,
  )
}
