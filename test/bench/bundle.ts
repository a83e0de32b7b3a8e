import * as crypto from 'node:crypto'
import { assert, kinds } from '@chancery/protocol'
import { audit, folderFor, whenOf } from '../audit/story.ts'
import { type World, makeWorld } from '../world.ts'
import { printFigure, race } from './measure.ts'

const joins = 30

/** What a court is handed: a release by thirty States, audited whole, beside OpenSSL on thirty of its signatures. */
export async function benchBundle(): Promise<void> {
  const world = await releasedByAll()
  const folder = folderFor(world, 'clear')
  const report = await audit(folder, world.charter.genesis)
  const signatories = report.callouts[0]?.release?.signatories.length
  assert(report.ok && signatories === joins, `the folder holds, with ${joins} signatories: ${signatories}`)
  const signed = world.logged.filter(({ statement: { kind } }) => kind === 'callout.join').map(partsOf)
  const rates = await race([
    { name: 'raw', count: 1, run: () => signed.forEach(each => assert(crypto.verify(null, ...each), 'holds')) },
    { name: 'bundle', count: 1, run: async () => assert((await audit(folder)).ok, 'holds') },
  ])
  const [raw, bundle] = [1_000 / (rates.get('raw') ?? 1), 1_000 / (rates.get('bundle') ?? 1)]
  printFigure({
    what: `a bundle with ${joins} joins, audited whole`,
    value: bundle,
    unit: 'ms',
    beside:
      `${raw.toFixed(1)} ms for ${joins} bare verifications, ${(bundle / raw).toFixed(1)} ×; the folder has ` +
      `${report.statements.length} statements, ${report.proofs.receipts} receipts and ${folder.size} files`,
  })
}

function partsOf({ jws, statement }: World['logged'][number]): [Uint8Array, crypto.KeyObject, Uint8Array] {
  const signer = statement.kid
  const [head, payload, signature] = jws.split('.')
  return [Buffer.from(`${head}.${payload}`), keyOf(signer), Buffer.from(signature ?? '', 'base64url')]
}

const keys = new Map<string, crypto.KeyObject>()
function keyOf(kid: string): crypto.KeyObject {
  const known = keys.get(kid)
  assert(known !== undefined, 'the charter has the key of each join')
  return known
}

async function releasedByAll(): Promise<World> {
  const world = await makeWorld({ members: joins, seed: 'bundle', curvesOnly: true })
  for (const { record } of world.charter.keys.values())
    if (record.use === 'sign') keys.set(record.kid, crypto.createPublicKey({ key: { ...record.jwk }, format: 'jwk' }))
  const [first = '', ...others] = world.ids
  const template = kinds['attribution.statement'].template
  const said = await world.statement('attribution.statement', first, template)
  const proposal = await world.statement(
    'callout.propose',
    first,
    {
      ...kinds['callout.propose'].template,
      attributions: [said.sid],
      pen_holder: first,
      invitees: [...others].sort(),
      deputies: [],
      respond_by: whenOf(1),
      release_window: { from: whenOf(0), until: whenOf(6_000) },
    },
    { tlp: 'green' },
  )
  const text = await world.statement(
    'callout.text',
    first,
    {
      proposal: proposal.sid,
      texts: [{ lang: 'en', title: 'On the harbour case', text: 'We name the organ.' }],
      claims: [{ id: 'c1', attribution: said.sid, claim: template.claims[0]?.id ?? '' }],
      deadline: { size: world.size + joins + 1, at: whenOf(1) },
      lapse: { size: world.size + 500 },
    },
    { tlp: 'green' },
  )
  const sids: string[] = []
  for (const id of world.ids) {
    const body = { ...kinds['callout.join'].template, text: text.sid, when: { atLeast: [joins] } }
    const handling = { releasable_to: [...new Set([first, id])].sort() }
    sids.push((await world.statement('callout.join', id, body as never, { tlp: 'green', handling })).sid)
  }
  const cut = { size: world.size, root: world.rootAt(world.size) }
  const body = { text: text.sid, joins: sids.sort(), cut, released_at: whenOf(world.size) }
  await world.statement('callout.release', first, body)
  return world
}
