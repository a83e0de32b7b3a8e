import {
  type Delivery,
  type Json,
  type SubmitResult,
  canonical,
  createTree,
  formatReceipt,
  fromBase64url,
  inclusionProof,
  leafHash,
  signCheckpoint,
  toBase64url,
} from '@chancery/protocol'
import { sha256 } from '../relay/fixture.ts'
import type { Lie, Reply, Stage } from './liar.ts'
import { type Saying, passOne } from './scene.ts'

const json = (status: number, value: object): Reply => ({
  status,
  type: 'application/json',
  body: Buffer.from(canonical(value as Json)),
})

/** One of the deliveries made another. */
const changed = (all: readonly Delivery[], index: number, by: (one: Delivery) => Delivery): Delivery[] =>
  all.map(one => (one.index === index ? by(one) : one))

/** 65 bytes that are nobody's: what a relay can log without a member. */
function nobodys(index: number): Delivery {
  const bytes = new Uint8Array(65).fill(9)
  bytes[0] = 1
  return { entry: toBase64url(bytes), index, seals: [] }
}

const storedAt = ({ said }: Stage, saying: Saying): Delivery => {
  const found = said.stored[said.at[saying]]
  if (found === undefined) throw new Error(`${saying} is not on the log`)
  return found
}

/** The last entry bytes of a submission in the clear, or sealed: what its author's leaf is made of. */
function entryOf(body: Uint8Array): Uint8Array {
  const { submissions } = JSON.parse(Buffer.from(body).toString()) as {
    submissions: { entry?: string; jws?: string }[]
  }
  const [first] = submissions
  if (first?.entry !== undefined) return fromBase64url(first.entry) ?? new Uint8Array(0)
  return new Uint8Array(Buffer.concat([Buffer.from([2]), Buffer.from(first?.jws ?? '')]))
}

/** A receipt for what was never logged, over a tree made for it alone, under the log's own key. */
function inventedReceipt({ scene: { world } }: Stage, entry: Uint8Array): SubmitResult {
  const { origin, vkey, relay, entries } = world
  const tree = createTree(sha256)
  for (const each of [...entries, entry]) tree.append(leafHash(sha256, each))
  const index = tree.size - 1
  const proof = inclusionProof({ sha256, index, size: tree.size, read: tree.read })
  const head = { origin, size: tree.size, root: tree.root() }
  const checkpoint = signCheckpoint({ checkpoint: head, vkey, sign: relay.sign })
  const extra = entry[0] === 1 ? entry.subarray(33) : undefined
  return { index, receipt: formatReceipt({ index, proof, checkpoint, ...(extra && { extra }) }) }
}

/** One letter of its signature made another: it is still the form of a statement. */
function altered(text: string): string {
  const bytes = Uint8Array.from(fromBase64url(text) ?? [])
  const at = bytes.length - 10
  bytes[at] = bytes[at] === 65 ? 66 : 65
  return toBase64url(bytes)
}

/** What was shown before, and not a word of what came since. */
const oldLog: Lie = {
  entries: () => [],
  head: 'old',
  answer: (answer, { scene: { known } }) => (answer.answer === 'ok' ? { ...answer, size: known } : answer),
}
const cut = (): Promise<undefined> => Promise.resolve(undefined)

export const lieNames = [
  'fork per reader',
  'omit',
  'delay',
  'reorder',
  'replay an old head',
  'truncate',
  'swap stub and content',
  "serve one's part to another",
  'alter bytes',
  'invent receipts',
  'drop one join',
  'freeze',
  'hold, then log late',
] as const
export type LieName = (typeof lieNames)[number]

/** Each lie as it is told under the true head, where there is a choice. */
export const lies: Readonly<Record<LieName, Lie>> = {
  // The relay cannot forge a statement, and it can log what is nobody's in its place.
  'fork per reader': {
    head: 'anew',
    entries: (all, { said }) => changed(all, said.at.open, ({ index }) => nobodys(index)),
  },
  omit: { entries: (all, { scene }) => all.filter(({ index }) => index !== scene.known + 1) },
  delay: { ...oldLog, submit: cut },
  reorder: {
    entries: (all, { scene: { known } }) => {
      const [first, second] = [all.find(({ index }) => index === known), all.find(({ index }) => index === known + 1)]
      if (first === undefined || second === undefined) return all
      const exchanged = changed(all, known, () => ({ ...second, index: known }))
      return changed(exchanged, known + 1, () => ({ ...first, index: known + 1 }))
    },
  },
  'replay an old head': { head: 'old' },
  truncate: {
    answer: ({ epoch }, { scene: { known } }) => ({ answer: 'future', epoch, size: known - 1 }),
    get: (path, reply, { scene: { world, known } }) =>
      path.startsWith('/checkpoint') ? { ...reply, body: Buffer.from(world.checkpoint(known - 1)) } : reply,
  },
  'swap stub and content': {
    entries: (all, { said: { at } }) => {
      const seals = (index: number) => all.find(one => one.index === index)?.seals ?? []
      const [forAll, join] = [seals(at.forAll), seals(at.join)]
      const swapped = changed(all, at.forAll, one => ({ ...one, seals: join }))
      return changed(swapped, at.join, one => ({ ...one, seals: forAll }))
    },
  },
  "serve one's part to another": {
    entries: (all, stage) =>
      changed(all, stage.said.at.forOthers, one => ({ ...one, seals: storedAt(stage, 'forOthers').seals })),
  },
  'alter bytes': {
    entries: (all, { said }) => changed(all, said.at.open, one => ({ ...one, entry: altered(one.entry) })),
  },
  'invent receipts': {
    submit: ({ body }, stage) => Promise.resolve(json(201, { results: [inventedReceipt(stage, entryOf(body))] })),
  },
  'drop one join': {
    submit: cut,
    entries: (all, { said }) => changed(all, said.at.join, one => ({ ...one, seals: [] })),
  },
  freeze: oldLog,
  'hold, then log late': {
    submit: async ({ forward }, { scene }) => {
      await passOne(scene)
      return forward()
    },
  },
}

/** Lies about entries that can also be told under a head signed anew over them. */
export const signedAnew: Readonly<Partial<Record<LieName, Lie>>> = {
  omit: {
    head: 'anew',
    answer: answer => (answer.answer === 'ok' ? { ...answer, size: answer.size - 1 } : answer),
    entries: (all, { scene: { known } }) =>
      all
        .filter(({ index }) => index !== known + 1)
        .map(one => (one.index > known ? { ...one, index: one.index - 1 } : one)),
  },
  reorder: { ...lies.reorder, head: 'anew' },
  'alter bytes': { ...lies['alter bytes'], head: 'anew' },
}
