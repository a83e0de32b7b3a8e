import type { LieName } from './lies.ts'

/** A test by its file and its title. */
export type TestNamed = readonly [file: string, title: string]

/** One attack, and what shows that it is detected or harmless; or what limits it, where no signature can. */
export type Attack = {
  readonly name: string
  readonly tests: readonly TestNamed[]
  readonly lies?: readonly LieName[]
  /** A heading of `spec/threats.md`, and words that stand under it. */
  readonly limit?: { readonly anchor: string; readonly says: string }
}

const [hostile, fork, witness] = ['sharing/hostile', 'partner/fork', 'partner/witness'].map(named) as Trio
const [follow, badDays, control] = ['partner/follow', 'partner/bad-days', 'partner/release-control'].map(named) as Trio
const [callOut, exclusion, folder] = ['view/call-out', 'view/exclusion', 'audit/audit'].map(named) as Trio
const [refusals, faults, duties] = ['relay/refusals', 'relay/faults', 'partner/duties'].map(named) as Trio
const [amendment, charter] = ['partner/amendment', 'adversary/charter'].map(named) as [string, string]
type Trio = [string, string, string]

function named(path: string): string {
  return `test/${path}.test.ts`
}
const unit = (path: string): string => `packages/protocol/src/${path}.test.ts`

const attack = (name: string, ...tests: TestNamed[]): Attack => ({ name, tests })

const relay: Readonly<Record<number, Attack>> = {
  1: attack(
    'two readers are shown two logs',
    [fork, 'gets its second one cosigned by nobody'],
    [fork, 'and is convicted by what each of them has kept, with no one asked'],
  ),
  2: attack(
    'the log goes back',
    [badDays, 'a log that went back, and one that was forked, are refused, and the evidence is kept'],
    [witness, 'a witness stopped between its record and its signatures signs nothing smaller by any key'],
  ),
  3: attack('a reader is kept at an old log', [
    witness,
    'with two away a statement is logged and does not count, and the view grows stale',
  ]),
  4: attack('a statement is withheld from one member', [
    follow,
    'a number that is withheld leaves a gap in its chain, as wide as there are entries for it',
  ]),
  5: attack('the newest statement of a chain is withheld', [
    control,
    'hostile case 43: who does not confirm is listed, and a receipt is never consent',
  ]),
  6: attack('a statement is not logged', [
    badDays,
    'and no number is used twice: it waits, its chain behind it, until an honest relay logs both',
  ]),
  7: attack(
    'entries are put in another order',
    [follow, 'an entry out of turn'],
    [callOut, 'a join at the cut is too late, and one before it is not'],
  ),
  8: attack('a statement is dated back', [
    witness,
    'the board shows it, fresh, and `show` when it was made, from both sides',
  ]),
  9: attack('a statement is held and logged late', [
    'test/audit/release-control.test.ts',
    'lies between what its author had seen and who has seen it, by their claims',
  ]),
  10: attack('a statement of one coalition is brought to another', [
    hostile,
    '10: a statement of one coalition is none of another, though the signer is the same',
  ]),
  11: attack('a statement is logged twice', [
    hostile,
    '11: a statement that is replayed is where it was; another of its number is equivocation',
  ]),
  12: attack('one type of token is passed off as another', [
    hostile,
    '12: a request proof is no statement, and a statement is no request proof',
  ]),
  13: attack('a copy with parts taken away is shown as whole', [
    hostile,
    '13: a copy with its parts taken away says how many there were, and for whom they are',
  ]),
  14: attack('a part is sent to a reader that is not cleared for it', [
    hostile,
    '14: sent everything there is, a reader of green keeps what is for it and no more',
  ]),
  15: attack(
    'a co-signature is stripped',
    [callOut, 'is refused when it leaves one out or takes one in against its condition'],
    [folder, 'a join that a release lists cannot be left out'],
  ),
  16: attack(
    'a co-signature is forged',
    [refusals, "signed with another member's key"],
    [folder, 'a signature that does not hold is found'],
  ),
  17: attack(
    'a join before the cut is dropped',
    [exclusion, 'proves it alone, from bytes, and names who released'],
    [named('partner/excluded'), 'is convicted by anyone who has the charter, without a key, a mirror or a relay'],
  ),
  18: attack('a change of the charter is sent to some only', [
    amendment,
    'and all of it is judged offline, each statement by the charter at its place',
  ]),
  19: attack(
    'wrong keys are served',
    [named('partner/calls'), "is not remembered where it shows another coalition's log"],
    [follow, 'a statement with a key of its own that it did not send: the owner is told, and holds it'],
  ),
  20: attack(
    'the log is filled with garbage',
    [hostile, '20: garbage is no entry; 65 bytes that are nobody’s are kept as that, and hold nobody up'],
    [faults, 'has its rate, and is told when to come again; the others are not slowed'],
  ),
  21: attack(
    'an entry is logged under a stolen key',
    [hostile, '21: what is signed with a stolen key is told to its owner, sent to it or kept from it'],
    [follow, "a tag that is not its author's: a stolen key is not used unseen by its owner"],
  ),
  22: attack('two processes write one log', [
    'packages/store/src/store.test.ts',
    'of two writers at one size the second changes nothing and reads on from the first',
  ]),
  23: attack(
    'a tile and its entries differ',
    [folder, 'a tile that is not of these entries, or too many, is found'],
    [unit('log/tiles'), 'hold the entries of each bundle, and no other'],
  ),
  24: {
    ...attack('traffic is watched', [
      named('partner/cover'),
      'adds entries that say nothing, at its interval, and nobody misses a statement or is warned',
    ]),
    limit: {
      anchor: 'a-hostile-relay',
      says: 'the caller, the hour, the audience, the number of keys and the bucket show',
    },
  },
  25: attack(
    'the auditor alone is lied to',
    [folder, 'a log key of the forger is not the one that the charter names'],
    [folder, 'a coalition of the forger is not the one that the reader pinned'],
  ),
}

const member: Readonly<Record<number, Attack>> = {
  26: attack(
    'two statements have one number',
    [named('audit/release-control'), 'convict their author, without a log'],
    [follow, 'a second statement of one number: both are handed over, as evidence'],
  ),
  27: attack('one slot has two texts for two readers', [
    hostile,
    '27: one tear line has one text: a second, under the same signature, is nobody’s',
  ]),
  28: attack('two languages of a text differ from what was joined', [
    hostile,
    '28: both languages of a text are what is joined: another word in one of them is another text',
  ]),
  29: attack('a signature holds for some libraries only', [
    unit('wire/signature'),
    'is one for all verifiers, and holds exactly for S below L and R without torsion',
  ]),
  30: attack('a key with a defect, or of another, is enrolled', [
    hostile,
    '30: enrols no key of small order, none with torsion, and none that is another’s',
  ]),
  31: attack("another's commitment is copied to claim its discovery", [
    unit('statement/tearline'),
    'of another author are refused though the digest was copied',
  ]),
  32: attack('early knowledge is claimed without a commitment', [
    control,
    'hostile case 32: by its author alone, and the text was held since the old signature',
  ]),
  33: {
    name: 'the evidence is made up',
    tests: [[named('partner/story'), 'a file is the evidence that was bound, or it is not']],
    limit: { anchor: 'a-hostile-member', says: '**open**: signed is not true' },
  },
  34: attack('a join comes after the cut', [callOut, 'a join at the cut is too late, and one before it is not']),
  35: attack('a join is taken back after the release', [callOut, 'keeps a withdrawal after its cut from undoing it']),
  36: attack('a condition is claimed afterwards that was not signed', [
    exclusion,
    'proves nothing where its condition does not hold',
  ]),
  37: attack('conditions wait for one another', [unit('view/fixpoint'), 'admits two that wait for one another']),
  38: attack(
    'a condition is too large to be judged',
    [unit('statement/kinds/condition'), 'as deep as signed JSON may be is read and refused by its law'],
    [unit('statement/kinds/condition'), 'is bounded, on the scales, and counts nobody twice'],
  ),
  39: attack('one member counts twice', [callOut, 'are those whose last answer is a join that counts']),
  40: attack('one key stands under two members', [
    hostile,
    '30: enrols no key of small order, none with torsion, and none that is another’s',
  ]),
  41: {
    name: 'a reader leaks what it was cleared to read',
    tests: [[control, 'hostile case 41: a copy that is handed on is the author’s own words, whoever hands it on']],
    limit: { anchor: 'a-hostile-member', says: '**open**: the leak is authentic and does not show the leaker' },
  },
  42: attack(
    'what is sent does not open, or opens to other bytes',
    [duties, 'says what did not open, gets it again from its author’s node, and then holds it'],
    [unit('sharing/enclose'), 'hostile case 42: once more, whoever holds it, with the tear lines named and no other'],
  ),
  43: attack('what has come is not confirmed', [
    control,
    'hostile case 43: who does not confirm is listed, and a receipt is never consent',
  ]),
  44: attack(
    'a signature is disowned because its key has ended',
    [unit('charter/fold'), 'speaks from its first index to the one before its last'],
    [named('partner/disputed'), 'counts until its member says that the key was compromised, and then no more'],
  ),
}

const coordinator: Readonly<Record<number, Attack>> = {
  45: attack(
    'the text is altered after joins',
    [callOut, 'the first text is the frozen one, and joins to another count for nothing'],
    [callOut, 'of another text, or as an exercise, releases nothing'],
  ),
  46: attack('a release has no quorum', [
    callOut,
    'is refused when it leaves one out or takes one in against its condition',
  ]),
  47: attack(
    'the cut is chosen to drop someone',
    [callOut, 'is refused before the deadline, by size and by time'],
    [callOut, 'is refused over a cut that this log never had'],
  ),
  48: attack(
    'a reservation is hidden',
    [callOut, 'keep their own words and reservations'],
    [folder, 'a join that a release lists cannot be left out'],
  ),
  49: attack(
    'one text is released twice',
    [callOut, 'is refused from the lapse on, and a second one after the first'],
    [named('partner/story'), 'a second release, and one by a member that may not, are refused'],
  ),
  50: attack(
    'a call-out is never released',
    [callOut, 'end by lapse at the announced size, not before it'],
    [named('partner/excluded'), 'is told how many there are, and releases the largest set if no answer was among them'],
  ),
  51: attack('answers are shown to more than their readers', [
    hostile,
    '51: an answer is signed for its readers alone, and is sealed to no key beside theirs',
  ]),
}

const outsider: Readonly<Record<number, Attack>> = {
  52: attack(
    'a key that signs is stolen',
    [hostile, '21: what is signed with a stolen key is told to its owner, sent to it or kept from it'],
    [named('partner/keys'), 'revokes the old one: a copy of it is of no use, and what it said before stays'],
    [named('partner/disputed'), 'counts again once it is, and the folder says so'],
  ),
  53: attack(
    'the root key of a member is stolen',
    [
      named('partner/rotate-root'),
      'the root key that was named takes over, and what the old one signed can be disputed',
    ],
    [amendment, 'gets new ones from the others, and speaks with them once it has acceded'],
  ),
  54: attack('the key of the log is stolen, and no other', [fork, 'gets its second one cosigned by nobody']),
  55: attack('fewer witness keys than a quorum are stolen', [
    unit('charter/quorum'),
    'what a policy bears is what trying all sets finds',
  ]),
  56: attack('the Ed25519 of a quorum is broken'),
  57: attack('traffic is recorded now and decrypted later', [
    hostile,
    '57: has of everything above green nothing that falls with X25519 alone',
  ]),
  58: attack(
    'odd bytes, depth, size or number break a reader',
    [unit('wire/canonical'), 'refuses a million open brackets without recursing'],
    [unit('log/note'), 'has at most 32 signatures'],
    [named('relay/stream'), 'a message longer than 256 KiB is cut'],
    [named('partner/follow-faults'), 'under a checkpoint that the log signed is nonsense after one largest batch'],
  ),
  59: attack(
    'a request proof is used again',
    [refusals, 'a proof is good once'],
    [refusals, 'other than the one that was signed'],
  ),
  60: attack(
    'a path leads out of where it belongs',
    [unit('log/tiles'), 'is read back for every address'],
    ['apps/auditor/src/evidence.test.ts', 'has no path that leads out of it'],
  ),
  61: attack(
    'characters spoof a name or a text',
    [unit('wire/shapes'), 'is NFC without control characters, of one line or of several'],
    [hostile, 'two markings in one: duplicate members, look-alike labels and halves of characters are refused'],
  ),
  62: attack(
    'a dependency is replaced',
    ['test/tidy.test.ts', 'every package is pinned by digest'],
    ['test/tidy.test.ts', 'nothing runs code at install time'],
  ),
}

const auditor: Readonly<Record<number, Attack>> = {
  63: attack('a statement is said not to be on the log', [unit('log/proof'), 'of every entry is read back and holds']),
  64: attack('a member is said to have signed, or not to have', [
    folder,
    'no file can be left out, with or without its receipt',
  ]),
  65: attack('an old folder is shown as the present one', [folder, 'the manifest says what the checkpoint says']),
  66: attack(
    'a doctored folder is shown',
    [folder, 'an altered file is found'],
    [folder, 'a file that the manifest does not list is found'],
    [folder, 'a missing file is found, of any sort'],
  ),
}

/** Tests of this folder, by the attack that they are named after; what else proves it stands above. */
const here: Readonly<Record<number, readonly TestNamed[]>> = {
  8: [
    [named('adversary/relay'), '8: a statement that is dated back is flagged, and both bounds of its time are shown'],
  ],
  9: [
    [
      named('adversary/relay'),
      '9: a statement that is held and logged late shows how long it may have been on its way',
    ],
  ],
  15: [[named('adversary/coordinator'), '15: strips no co-signature, and 16: adds none']],
  16: [
    [named('adversary/relay'), '16: a co-signature that it makes up is not one, in any reader’s folder'],
    [named('adversary/coordinator'), '15: strips no co-signature, and 16: adds none'],
  ],
  17: [[named('adversary/coordinator'), '17: drops no join before the cut, though its author has no friend']],
  18: [
    [charter, '18: whom it keeps from a change stops at the first statement under it, and holds another log'],
    [charter, '18: nor does it bring an old version back, skip one, or bring one that nobody has approved'],
  ],
  19: [[named('adversary/relay'), '19: a key that the log does not have speaks for nobody, whoever serves it']],
  21: [[charter, '52: its owner revokes the key: what the thief has signed does not count, and more is refused']],
  23: [
    [named('adversary/relay'), '23: a bundle that is not of its tiles is refused, and so is a tile of other entries'],
  ],
  25: [
    [
      named('adversary/relay'),
      '25: the auditor to whom alone it lies counts what a quorum has cosigned, and nothing else',
    ],
  ],
  26: [
    [
      named('adversary/member'),
      '26: two statements of one number convict it before anyone, in any order, and no other',
    ],
  ],
  28: [[named('adversary/coordinator'), '28: a join is to the text with all its languages, by its sid']],
  29: [
    [named('adversary/differential'), '29: openssl takes no signature that we refuse, nor the reverse'],
    [named('adversary/differential'), 'have one verdict on signatures at the edges, and on keys'],
  ],
  31: [[named('adversary/member'), '31: a commitment that it copies from another opens under the other’s name alone']],
  32: [
    [
      named('adversary/member'),
      '32: early knowledge has a digest under its signature, and a text made up later has none',
    ],
  ],
  34: [[named('adversary/coordinator'), '34: takes no join at the cut, and 35: loses none to a withdrawal after it']],
  35: [[named('adversary/coordinator'), '34: takes no join at the cut, and 35: loses none to a withdrawal after it']],
  36: [
    [
      named('adversary/member'),
      '36: it stands under the condition that it signed, and under no other that it tells of later',
    ],
  ],
  37: [
    [
      named('adversary/member'),
      '37: two that wait for one another are both in, and one that waits for nobody there is out',
    ],
  ],
  38: [
    [
      named('adversary/member'),
      '38: a condition too deep or too wide is refused unjudged, and a mean one is judged at once',
    ],
  ],
  39: [
    [named('adversary/member'), '39: it has no second voice by another of its keys, nor by joining twice'],
    [charter, '39: approves no version twice, by a second root key or a second statement'],
  ],
  40: [[named('adversary/member'), '40: one key stands under one member']],
  44: [
    [charter, '44: what a key has signed stays so once the key has ended, whenever it is read'],
    [charter, '44: to disown it, it has to say before all since when, and nothing changes on the log that was'],
  ],
  45: [[named('adversary/coordinator'), '45: releases no other text than the one that was joined']],
  46: [[named('adversary/coordinator'), '46: releases nobody against its condition']],
  47: [[named('adversary/coordinator'), '47: cuts no earlier than announced, and at no log that was not']],
  48: [
    [named('adversary/coordinator'), '48: hides no reservation: a folder without the join that has it does not hold'],
  ],
  49: [[named('adversary/coordinator'), '49: releases once, and 50: not at all once the call-out has lapsed']],
  50: [[named('adversary/coordinator'), '49: releases once, and 50: not at all once the call-out has lapsed']],
  52: [
    [named('adversary/outsider'), '52: with the key of a member it speaks as that member does, and for no other'],
    [charter, '52: its owner revokes the key: what the thief has signed does not count, and more is refused'],
  ],
  53: [
    [charter, '53: with the root key it brings no other where the next is named, and is out once that has come'],
    [charter, '53: where all keys are lost the others give new ones, and the thief is silent from then on'],
  ],
  54: [[named('adversary/outsider'), '54: with the key of the log alone it signs a log that counts for nobody']],
  55: [[named('adversary/outsider'), '55: with fewer witness keys than a quorum it makes no second view count']],
  56: [
    [
      named('adversary/outsider'),
      '56: signs with every Ed25519 key there is, and has no quorum where both families are asked for',
    ],
  ],
  58: [
    [
      named('adversary/differential'),
      'have one verdict, with one code at one place, on statements that were made and then changed',
    ],
  ],
  63: [
    [named('adversary/outsider'), '63: “it is not on the log” is refuted by its receipt, which holds for nothing else'],
  ],
  64: [
    [named('adversary/outsider'), '64: “it did not sign”, and “it did”, are decided by the statement and the charter'],
    [named('adversary/outsider'), '64: and openssl says the same, of the statement and of the head of the log'],
  ],
  65: [
    [named('adversary/auditor'), '65: passes no old one off as the present: it says how large the log was, and when'],
  ],
  66: [[named('adversary/auditor'), '66: doctors no part of it unseen, and two auditors name the same fault']],
}

/** Lies of the matrix that are this attack: each is told to publisher, subscriber, witness and auditor. */
const told: Readonly<Record<number, readonly LieName[]>> = {
  1: ['fork per reader'],
  2: ['truncate', 'replay an old head'],
  3: ['freeze'],
  4: ['omit'],
  5: ['delay', 'drop one join'],
  6: ['invent receipts'],
  7: ['reorder'],
  9: ['hold, then log late'],
  13: ['swap stub and content'],
  14: ["serve one's part to another"],
  17: ['drop one join'],
  23: ['alter bytes'],
  25: ['fork per reader'],
}

const all: Readonly<Record<number, Attack>> = { ...relay, ...member, ...coordinator, ...outsider, ...auditor }

/** The attacks that this project has set itself to show stopped, by their number. */
export const attacks: Readonly<Record<number, Attack>> = Object.fromEntries(
  Object.entries(all).map(([number, { tests, ...more }]) => {
    const [own = [], lies = []] = [here[Number(number)], told[Number(number)]]
    return [number, { ...more, tests: [...tests, ...own], ...(lies.length > 0 && { lies }) }]
  }),
)
