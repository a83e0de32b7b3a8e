import * as crypto from 'node:crypto'
import {
  type Draft,
  type DraftedLine,
  assert,
  decide,
  entryTag,
  fromTheStart,
  kinds,
  nodePrimitives,
  readerOf,
  sealSlots,
  slotsOf,
  subjectOf,
  tagScanner,
  toBase64url,
} from '@chancery/protocol'
import { ml_kem768_x25519 as xwing } from '@noble/post-quantum/hybrid.js'
import { type World, makeWorld } from '../world.ts'
import { printFigure, race } from './measure.ts'

const primitives = nodePrimitives(crypto)
const addressees = 200
const leaves = 1_000_000
const decisions = 200_000

/** Slices for 200 addressees, decisions, and an owner's scan of a whole log for its own keys. */
export async function benchSharing(): Promise<void> {
  const world = await makeWorld({ members: addressees, seed: 'bench of sharing' })
  await benchSlices(world, 'green', 'X25519 agreements by OpenSSL')
  await benchSlices(world, 'amber', 'X-Wing encapsulations by noble')
  await benchDecide(world)
  await benchScan()
}

async function benchSlices(world: World, tlp: 'green' | 'amber', limit: string): Promise<void> {
  const to = Object.fromEntries(world.ids.map(id => [id, { text: 'Addresses in your networks: 198.51.100.0/24' }]))
  const slices: Draft['slices'] = { label: 'addresses', handling: { tlp }, to }
  const body = kinds['attribution.statement'].template
  const { sid, lines } = await world.draft('attribution.statement', 'aldova', body, { slices })
  const sealAll = (some: readonly DraftedLine[]) =>
    sealSlots({ sid, iss: 'aldova', lines: some, charter: world.charter })
  const bytes = JSON.stringify(await sealAll(lines)).length
  const theirs = crypto.generateKeyPairSync('x25519').publicKey
  const publicKey = xwing.getPublicKey(new Uint8Array(32))
  // Each is sealed to its addressee and to its author.
  const one = tlp === 'green' ? () => void agree(theirs) : () => void xwing.encapsulate(publicKey)
  const rates = await race(
    [
      { name: 'slices', count: 2 * addressees, run: async () => void (await sealAll(lines)) },
      { name: 'limit', count: 2 * addressees, run: () => times(2 * addressees, one) },
    ],
    3,
  )
  const [rate = 1, bare = 1] = [rates.get('slices'), rates.get('limit')]
  const ms = ((2 * addressees) / rate) * 1_000
  const size = `${ms.toFixed(0)} ms, ${bytes.toLocaleString('en')} bytes`
  const beside = `${Math.round(rate)}/s beside ${Math.round(bare)}/s of ${limit}; ${size}`
  printFigure({
    what: `slices for 200 addressees, ${tlp}: keys sealed to`,
    value: rate / bare,
    unit: '× limit',
    beside,
  })
}

function agree(publicKey: crypto.KeyObject): void {
  const { privateKey } = crypto.generateKeyPairSync('x25519')
  crypto.diffieHellman({ privateKey, publicKey })
}

async function benchDecide(world: World): Promise<void> {
  const tear = [{ label: 'a', tlp: 'amber' as const, content: { text: 'x' } }]
  const said = await world.statement('attribution.statement', 'aldova', kinds['attribution.statement'].template, {
    tear,
  })
  const subjects = [subjectOf(said.statement), ...slotsOf(said.statement).map(([, subject]) => subject)]
  const names = ['borsk', 'anyone', 'tlp:amber', 'caldria/Envoy of Caldria']
  const readers = names.flatMap(name => readerOf(world.charter, name) ?? [])
  assert(readers.length === names.length, 'all of them are readers of this charter')
  const message = new Uint8Array(64)
  const ask = (i: number) => {
    const [subject, reader] = [subjects[i % subjects.length], readers[i % readers.length]]
    if (subject !== undefined && reader !== undefined) decide(subject, reader, 'forward', fromTheStart)
  }
  const rates = await race([
    { name: 'decide', count: decisions, run: () => timesOf(decisions, ask) },
    { name: 'hash', count: decisions, run: () => times(decisions, () => void primitives.sha256(message)) },
  ])
  const [rate = 1, bare = 1] = [rates.get('decide'), rates.get('hash')]
  const beside = `${Math.round(rate)}/s beside ${Math.round(bare)}/s SHA-256 of one block`
  printFigure({ what: 'decisions, each by the table of rules', value: rate / bare, unit: '× limit', beside })
}

/** Of every sealed entry: is it tagged with one of my two keys? One of a thousand is. */
async function benchScan(): Promise<void> {
  const tagKey = new Uint8Array(crypto.randomBytes(32))
  const kids = [0, 1].map(() => toBase64url(crypto.randomBytes(32)))
  const [own = ''] = kids
  const entries = Array.from({ length: leaves }, (_, i) => {
    const commitment = new Uint8Array(crypto.randomBytes(32))
    const tag = i % 1_000 === 0 ? entryTag({ ...primitives, tagKey, commitment, kid: own }) : commitment
    return { commitment, tag }
  })
  const scan = tagScanner({ sha256: primitives.sha256, tagKey }, kids)
  const message = new Uint8Array(80)
  const bare = () => void crypto.createHmac('sha256', tagKey).update(message).digest()
  const rates = await race(
    [
      {
        name: 'scan',
        count: leaves * kids.length,
        run: () => assert(entries.filter(entry => scan(entry).length > 0).length === leaves / 1_000, 'finds its own'),
      },
      { name: 'hmac', count: 100_000, run: () => times(100_000, bare) },
      { name: 'hash', count: 100_000, run: () => times(100_000, () => void primitives.sha256(message)) },
    ],
    3,
  )
  const [rate = 1, hmac = 1, hash = 1] = ['scan', 'hmac', 'hash'].map(name => rates.get(name))
  const seconds = ((leaves * kids.length) / rate).toFixed(1)
  const [tags, raw, two] = [rate, hmac, hash / 2].map(Math.round)
  const besides = `${tags} tags/s beside ${raw}/s of createHmac and ${two}/s of two SHA-256`
  const what = 'an owner scans 1,000,000 leaves for two keys'
  printFigure({ what, value: rate / (hash / 2), unit: '× limit', beside: `${besides}; ${seconds} s` })
}

function times(count: number, run: () => void): void {
  for (let i = 0; i < count; i++) run()
}

function timesOf(count: number, run: (i: number) => void): void {
  for (let i = 0; i < count; i++) run(i)
}
