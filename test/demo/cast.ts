/** The States of the story. All of them are fictional; so are the accused and the victim. */
export type Part = {
  readonly id: string
  readonly name: string
  readonly organ: string
  /** Highest tier the charter clears this member for. */
  readonly cleared: 'green' | 'amber' | 'amber+strict'
  readonly alg: 'EdDSA' | 'ES256' | 'ES384'
  /** What it answers to the frozen text: arguments of `chancery join` or `chancery decline`, and the same in words. */
  readonly answer: readonly string[]
  readonly says: string
}

const position = (stance: string, named: string, basis: string) => [
  '--stance',
  stance,
  '--named',
  named,
  '--basis',
  basis,
]

export const coordinator: Part = {
  id: 'valdoria',
  name: 'Republic of Valdoria',
  organ: 'Federal Foreign Office',
  cleared: 'amber+strict',
  alg: 'EdDSA',
  answer: [
    'join',
    ...position('attributes', 'organ', 'own-assessment'),
    '--confidence',
    'high',
    '--likelihood',
    'icd203:very-likely',
    '--organ',
    'Federal Foreign Office',
    '--level',
    'foreign-minister',
  ],
  says: 'joins outright: attributes, naming the organ, high confidence',
}

export const partners: readonly Part[] = [
  {
    id: 'arkenia',
    name: 'Kingdom of Arkenia',
    organ: 'Ministry of Foreign Affairs',
    cleared: 'amber+strict',
    alg: 'ES384',
    answer: [
      'join',
      ...position('attributes', 'organ', 'own-assessment'),
      '--confidence',
      'moderate',
      '--likelihood',
      'phia:highly-likely',
      '--organ',
      'Ministry of Foreign Affairs',
      '--level',
      'mfa',
    ],
    says: 'joins outright, on its own assessment and its own scale',
  },
  {
    id: 'belmora',
    name: 'Commonwealth of Belmora',
    organ: 'Department of State',
    cleared: 'amber+strict',
    alg: 'EdDSA',
    answer: [
      'join',
      '--if',
      'at least 5 and arkenia',
      ...position('supports', 'organ', 'partner-evidence-reviewed'),
      '--organ',
      'Department of State',
      '--level',
      'mfa',
    ],
    says: 'joins if at least five sign, Arkenia among them',
  },
  {
    id: 'corvane',
    name: 'Corvane Union',
    organ: 'External Action Service',
    cleared: 'amber',
    alg: 'ES256',
    answer: [
      'join',
      '--if',
      'at least 4 with stance>=supports',
      ...position('supports', 'organ', 'partner-evidence-reviewed'),
      '--organ',
      'External Action Service',
      '--level',
      'mfa',
    ],
    says: 'joins if at least four say "supports" or stronger',
  },
  {
    id: 'drosia',
    name: 'Federation of Drosia',
    organ: 'Foreign Ministry',
    cleared: 'amber',
    alg: 'EdDSA',
    answer: [
      'join',
      '--if',
      'at least 3 with named>=organ',
      ...position('shares-assessment', 'organ', 'partner-evidence-reviewed'),
      '--organ',
      'Foreign Ministry',
      '--level',
      'foreign-minister',
    ],
    says: 'joins if at least three name an organ, not only a group',
  },
  {
    id: 'estmark',
    name: 'Estmark',
    organ: 'Ministry of External Relations',
    cleared: 'amber',
    alg: 'EdDSA',
    answer: [
      'join',
      ...position('recognises', 'organ', 'partner-word'),
      '--reserve',
      'paragraph 2: Estmark takes no position on the legal characterisation of the operation.',
      '--organ',
      'Ministry of External Relations',
      '--level',
      'mfa',
    ],
    says: 'joins with a reservation on the law',
  },
  {
    id: 'fenwald',
    name: 'Principality of Fenwald',
    organ: 'Chancellery',
    cleared: 'green',
    alg: 'EdDSA',
    answer: ['decline', '--reason', 'no-mandate'],
    says: 'declines; the reason stays with the coordinator and its deputy',
  },
  {
    id: 'galdia',
    name: 'Republic of Galdia',
    organ: 'Foreign Service',
    cleared: 'green',
    alg: 'EdDSA',
    answer: [
      'join',
      '--if',
      'at least 9',
      ...position('supports', 'group', 'partner-word'),
      '--organ',
      'Foreign Service',
      '--level',
      'mfa',
    ],
    says: 'joins only if all nine do',
  },
  {
    id: 'hesparia',
    name: 'Hesparia',
    organ: 'Office of the Foreign Minister',
    cleared: 'green',
    alg: 'EdDSA',
    answer: [
      'join',
      ...position('in-solidarity', 'activity', 'public-evidence'),
      '--organ',
      'Office of the Foreign Minister',
      '--level',
      'foreign-minister',
    ],
    says: 'joins in solidarity with the victim, naming nobody',
  },
]

export const everyone: readonly Part[] = [coordinator, ...partners]

/** How the story must end, worked out by hand: eight have joined, nine are asked for by Galdia, and one declined. */
export const expected = {
  signatories: ['arkenia', 'belmora', 'corvane', 'drosia', 'estmark', 'hesparia', 'valdoria'],
  excluded: ['galdia'],
  /** Tear lines that a member of each clearance opens. */
  opened: {
    green: ['method'],
    amber: ['infrastructure', 'method'],
    'amber+strict': ['infrastructure', 'method', 'source'],
  },
} as const
