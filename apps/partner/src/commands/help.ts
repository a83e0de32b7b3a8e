import {
  Authority,
  Basis,
  ConditionBody,
  Confidence,
  DeclineBody,
  Likelihood,
  Named,
  SpillBody,
  Tlp,
  actions,
  beatSecondsMin,
  limits,
  named,
  namedAtLeast,
  onScale,
  receiptHours,
  releaseModes,
  restrictedTiers,
  roles,
  stances,
} from '@chancery/protocol'
import { z } from 'zod'
import { draftable } from '../draft-file.ts'
import type { OptionLine } from '../help.ts'
import { secondsDefault, secondsMax } from '../outside.ts'
import { workDefault, workMax, workMin } from '../keystore.ts'
import { prekeyDays } from '../rotate.ts'
import { algs } from './init.ts'

type Words = Readonly<Record<string, readonly [takes: string, says: string]>>

/** What each option of a verb takes and means. Every value stands in a schema, and comes from there. */
export const optionsOf = (verb: string): readonly OptionLine[] =>
  Object.entries(words[verb] ?? {}).map(([name, [takes, says]]) => ({ name, says, ...(takes !== '' && { takes }) }))

export const notesOf = (verb: string): readonly string[] => notes[verb] ?? []

const list = (values: readonly string[]): string => values.join(', ')
const tiers = list(Tlp.options)
const offline: Words = { offline: ['', 'asks no relay: what is held here, as it is'] }

const offScale = stances.filter(stance => !onScale(stance))
const scales = Likelihood.options.map(({ shape }) => {
  const { term } = shape
  const terms = term instanceof z.ZodEnum ? list(term.options) : 'a term of one line, in its own words'
  return `${shape.scale.value}: ${terms}`
})

const out = (what: string): Words => ({ out: ['FILE', `${what}; a file that is there is never written over`] })

const charterAssemble: Words = {
  members: ['FILE...', 'what each member wrote with `enrol`; more files may follow it'],
  'relay-origin': ['ORIGIN', 'the name of the log, like relay.example/log1'],
  'relay-vkey': ['VKEYS', 'the keys of the log as one text, as `chancery-relay keygen` prints them'],
  name: ['NAME', 'the coalition, in one line'],
  ...out('the charter'),
  clear: ['TIER=ID,ID', `who reads a tier: one of ${list(restrictedTiers)}; else green for all, above it nobody`],
  clearances: ['FILE', 'the same for several tiers, as JSON: {"amber": ["id", …], …}'],
  purpose: ['TEXT', 'what the coalition is for; else a plain sentence'],
  organisation: ['TEXT', 'what a member is; else the government that holds the keys'],
  'legal-status': ['TEXT', 'else "Not legally binding."'],
  entry: ['TEXT', 'how a State comes in; else by amendment'],
  exit: ['TEXT', 'how a member leaves; else at any time, by notice'],
  'default-tlp': ['TIER', `what a statement is unless it says otherwise: ${tiers}; else green`],
  community: ['ID=NAME', 'readers of TLP:GREEN beside the members, given again for each; else none'],
  'amend-threshold': ['N', 'how many members amend the charter; else more than half'],
  quorum: ['N', 'every member witnesses, and so many make a checkpoint count; else the log alone does'],
  families: ['all|any', 'all: a member counts with its Ed25519 and its ML-DSA-44 key; any: with one; else all'],
  policy: ['FILE', 'the same as a C2SP tlog-policy, with groups and outside witnesses'],
  'max-age': ['SECONDS', 'how old a quorum may be before a node says STALE; else 3600'],
  follows: ['SID:SIZE:ROOT', 'the closed log that this one goes on from, as its `board` says it; else none'],
}

const charterAmend: Words = {
  member: ['FILE', 'what a State wrote with `enrol`: a new member, or new keys of one, given again for each'],
  remove: ['ID', 'a member that is no longer one, given again for each'],
  clear: ['TIER=ID,ID', `who reads a tier from then on: one of ${list(restrictedTiers)}; a new member reads green`],
  clearances: ['FILE', 'the same for several tiers, as JSON: {"amber": ["id", …], …}'],
  name: ['NAME', 'the coalition, in one line'],
  purpose: ['TEXT', 'what the coalition is for'],
  organisation: ['TEXT', 'what a member is'],
  'legal-status': ['TEXT', 'what the arrangement is in law'],
  entry: ['TEXT', 'how a State comes in'],
  exit: ['TEXT', 'how a member leaves'],
  'default-tlp': ['TIER', `what a statement is unless it says otherwise: ${tiers}`],
  community: ['ID=NAME', 'readers of TLP:GREEN beside the members, all of them, given again for each'],
  'amend-threshold': ['N', 'how many members amend the charter'],
  quorum: ['N', 'every member witnesses, and so many make a checkpoint count'],
  families: ['all|any', 'all: a member counts with its Ed25519 and its ML-DSA-44 key; any: with one; else all'],
  policy: ['FILE', 'the same as a C2SP tlog-policy, with groups and outside witnesses'],
  'max-age': ['SECONDS', 'how old a quorum may be before a node says STALE'],
  'relay-vkey': ['VKEYS', 'new keys of the log as one text, as `chancery-relay keygen` prints them'],
}

const join: Words = {
  stance: ['S', `needed; strongest first: ${list(stances.filter(onScale))}; off the scale: ${list(offScale)}`],
  level: ['LEVEL', `needed; who speaks: ${list(Authority.shape.level.options)}`],
  if: ['EXPR', 'joins only if this holds, in the words below; else outright'],
  'if-file': ['FILE', 'the same condition from a file'],
  named: ['N', `what is named: ${list(Named.options)}; else as far as the attribution goes`],
  basis: ['B', `${list(Basis.options)}; else none-stated`],
  confidence: ['C', `${list(Confidence.options)}; else not said`],
  likelihood: ['SCALE:TERM', `on one's own yardstick, like icd203:likely; else not said. ${scales.join('; ')}`],
  'attributed-by': ['ID', 'the member whose assessment it is; else not said'],
  claim: ['ID', 'a claim of the text, given again for each; else all of them'],
  reserve: ['"PASSAGE: TEXT"', 'a reservation on a passage, given again for each; else none'],
  declare: ['TEXT', 'an interpretive declaration; else none'],
  organ: ['NAME', "the organ that speaks; else the member's name"],
}

const slot: Words = { slot: ['LABEL', 'a tear line, given again for each; else the statement and none of them'] }
const asked: Words = {
  to: ['READER', 'to whom: anyone, MEMBER, MEMBER/ID, community:ID'],
  action: ['A', `what would be done, given again for each: ${list(actions)}`],
  ...slot,
  purpose: ['TEXT', 'what for, for its readers'],
  until: ['TIME', 'when it ends: a moment, or a moment, a comma and a log size that must have passed as well'],
  mode: ['MODE', `${list(releaseModes)}: to be shown it, or a copy to keep; else release`],
}

const words: Readonly<Record<string, Words>> = {
  'request-release': { ...asked, accepts: ['SID', 'the condition that is accepted; else none'] },
  grant: {
    ...asked,
    member: ['ID', 'unasked: who may do it'],
    uses: ['U', 'once, or until it ends; else once'],
  },
  deny: {
    reason: ['TEXT', 'needed: why, or with --demands what has to be done first'],
    demands: ['D', `in place of a no, on this condition: ${list(ConditionBody.shape.demands.options)}`],
  },
  forward: {
    to: ['READER', 'needed: to whom, as in `chancery why`; a member gets it over the log'],
    ...slot,
    purpose: ['TEXT', 'what for, as it is logged; else to whom'],
    out: ['FILE', 'for a reader that is no member: a new file with the signed copy'],
  },
  use: {
    action: ['A', 'what is done, where more than one is granted; else the one'],
    purpose: ['TEXT', 'needed: what is done, where and what for, for those who may read the grant'],
  },
  open: { ...slot, to: ['TIER', 'needed: the wider tier that may read it from now on'] },
  receipts: {
    within: [
      'TIER=HOURS',
      `another time than the coalition's, given again for each of ${Object.keys(receiptHours).join(', ')}`,
    ],
    send: ['', 'confirms to each author what is held here and owed'],
    read: ['SID', 'says that a person has read it; nothing says so unless asked'],
    resend: ['SID', 'sends the same copies once more, with --to'],
    to: ['MEMBER', 'with --resend: to whom'],
    ...offline,
  },
  spill: {
    ...slot,
    how: ['HOW', `needed: ${list(SpillBody.shape.how.options)}`],
    'to-whom': ['TEXT', 'needed: who has had it'],
    summary: ['TEXT', 'needed: what happened, without the words that were spilled'],
    containment: ['TEXT', 'needed: what has been done about it'],
    discovered: ['TIME', 'when it was found, like 2031-03-01T12:00:00Z; else now'],
  },
  init: {
    member: ['ID', "the member's id: a to z, 0 to 9 and hyphens, a letter first"],
    name: ['NAME', 'its name as people read it, in one line'],
    person: ['NAME', 'makes an X-Wing key for a person who reads TLP:RED, given again for each; else none'],
    alg: ['ALG', `of the signing keys: ${list(algs)}; else ${algs[0]}, and ES256 where another signer holds them`],
    work: [
      'N',
      `what guessing the passphrase costs: a power of two from ${workMin} to ${workMax}; else ${workDefault}`,
    ],
    signer: [
      'WHO',
      'who holds the root, sign and auth keys: keystore, pkcs11 or command; else keystore. The witness key and what ' +
        'text is sealed to stay in the keystore',
    ],
    module: ['PATH', 'pkcs11: the library of the token, like /usr/lib/softhsm/libsofthsm2.so'],
    token: ['LABEL', 'pkcs11: its label; the keys are made on it, and never leave it'],
    'pin-file': ['FILE', 'pkcs11: where its PIN is, a file of mode 0600; else it is asked for'],
    command: ['PATH', 'command: a program; what follows goes to it, words with a hyphen behind --'],
    'auth-in-keystore': ['', 'each request to the relay is signed: where the token is slow, this key is not on it'],
    'signer-seconds': ['N', `how long a signature may take, to ${secondsMax}; else ${secondsDefault}`],
  },
  enrol: {
    ...out('the public keys'),
    roles: ['ROLE,ROLE', `of ${list(roles)}; else member`],
    body: ['ID=NAME', 'one more body of the organisation that reads TLP:AMBER+STRICT, given again for each; else none'],
    'next-root': ['', 'makes the next root key and names it: no other can take over; else root keys are added'],
    constituent: ['ID=NAME', 'whom the member warns: a reader of TLP:AMBER, given again for each; else none'],
  },
  'charter assemble': charterAssemble,
  'charter approve': {
    genesis: ['FILE', "the founder's genesis statement"],
    fingerprint: [
      'SID',
      'as the founder reads it aloud; else six characters at each end are asked for on the terminal',
    ],
    'to-accede': ['', 'an amendment is to bring this State: its keys are looked for there, by `charter accede`'],
  },
  'charter adopt': {
    charter: ['FILE', 'of the first founder alone: what `charter assemble` wrote'],
    ...out('with it: the genesis statement, for the relay and every founder'),
  },
  'charter amend': charterAmend,
  'charter suspend': { reason: ['TEXT', 'needed; why, for all to read'] },
  'charter close': { reason: ['TEXT', 'needed; why, for all to read, and where it goes on'] },
  'charter leave': { reason: ['TEXT', 'needed; why, for all to read'] },
  'charter show': { genesis: ['FILE', 'a genesis statement; else the one pinned here'] },
  draft: {
    stix: ['FILE', 'evidence: a STIX 2.1 bundle, given again for each; of an attribution only'],
    tlp: ['TIER', `who may read it: ${tiers}; else green`],
    exercise: ['', 'marks it as an exercise; else it is meant'],
    ...out('the draft, its schema beside it; else KIND.json here'),
  },
  publish: {
    outbox: ['', 'sends what waits here, in its order'],
    discard: ['SID', 'drops one that waits, and what follows it in its chain'],
  },
  run: {
    cover: ['COUNT:SECONDS[:TIER]', 'entries that say nothing, for readers of a tier, else green; kept; none ends it'],
    beat: [
      'SECONDS',
      `speaks on each chain in use so often, from ${beatSecondsMin} on, so that silence alarms; kept; none ends it`,
    ],
    'rotate-days': [
      'N',
      `how long the keys live that it publishes anew, once \`rotate\` has begun; else ${prekeyDays}`,
    ],
    'no-receipts': ['', 'sends no receipts, nothing again, and does not say what did not open; else it does'],
  },
  rotate: { days: ['N', `how long the new keys live, from 1 to ${prekeyDays} days; else ${prekeyDays}`] },
  'key add': { alg: ['ALG', `${list(algs)}; else that of the key in use`] },
  'key revoke': {
    reason: ['TEXT', 'needed: why, for anyone to read'],
    'compromised-since': ['INDEX', 'what it signed from this index of the log on is disputed; else nothing is'],
  },
  'key rotate-root': {
    'compromised-since': ['INDEX', 'what the root keys before it signed from here on is disputed; else nothing is'],
  },
  'mandate grant': {
    kind: ['KIND', 'a kind that it may sign, given again for each; else all'],
    'strongest-stance': ['S', `how far it may go: ${list(stances.filter(onScale))}; else as far as it likes`],
    until: ['INDEX', 'the index of the log from which on it signs nothing; else without end'],
  },
  'mandate revoke': {},
  reaffirm: {},
  'key list': offline,
  board: offline,
  show: {
    evidence: ['FILE', 'is FILE the evidence that the statement binds?'],
    receipt: ['FILE', 'writes the C2SP tlog-proof of its place on the log'],
    ...offline,
  },
  why: {
    slot: ['LABEL', 'asks about this tear line; else about the statement'],
    to: ['READER', 'of `forward` and `name-source`: towards whom, so that a grant may count; else nobody'],
    ...offline,
  },
  handling: offline,
  join,
  decline: {
    reason: ['R', `needed: ${list(DeclineBody.shape.reason.options)}`],
    note: ['TEXT', 'more words, for the members alone; else none'],
  },
  withdraw: { reason: ['TEXT', 'why, for the members alone; else not said'] },
  release: {
    tlp: ['TIER', `to whom: ${tiers}; else clear, the public`],
    'despite-withheld': ['', 'also where entries before the cut are withheld from this member; else that is refused'],
  },
  abort: { reason: ['TEXT', 'needed: why there is no release'] },
  excluded: {
    ...out('the proof, where there is one'),
    check: ['FILE', 'checks such a proof offline, in place of a release'],
    genesis: ['FILE', 'with it: the charter it is checked against; else the one pinned here'],
    ...offline,
  },
  export: {
    for: ['READER', `needed: who will read it: ${tiers}, or anyone, MEMBER, MEMBER/ID, community:ID`],
    out: ['DIR', 'needed: a new folder'],
    own: ['', 'for this member itself: it has also what may not be handed on'],
    ...offline,
  },
}

const floors = named.filter(name => namedAtLeast(name, name))

const notes: Readonly<Record<string, readonly string[]>> = {
  init: [
    'A program given as --command reads one JSON object on standard input and answers one on standard output:',
    '  {"purpose": "public-key", "use", "alg", "member"}  ->  {"jwk": …}          as this home is made',
    '  {"purpose", "kid", "alg", "message": base64url}    ->  {"signature": base64url}    for ECDSA r and s, no DER',
    '  purpose is possession, charter, statement or request; {"refused": "why"} answers no to any of them',
  ],
  join: [
    'EXPR, with spaces and capitals as one likes:',
    '  condition = both { "or" both }       both = part { "and" part }       part = "(" condition ")" | count | ID',
    `  count     = [ "at least" ] NUMBER [ "of" "(" ID { "," ID } ")" ]       from 1 to ${limits.coalitionMembersMax}`,
    '  behind a count or an ID:  [ "with" ] { "stance>=" S | "named>=" N | "claim=" ID }',
    `    S, strongest first: ${list(stances.filter(onScale))}`,
    `    N, weakest first: ${list(floors)}`,
    '  at least 5 and arkenia        2 of (a, b, c)        at least 4 with stance>=supports named>=organ',
  ],
  draft: [`KIND: ${list(draftable)}`],
}
