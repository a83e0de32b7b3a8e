import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Exhibits, equalBytes, maxAgeOf } from '@chancery/protocol'
import { cells, cellsAnew } from './cells.ts'
import { collect, judge } from './collector.ts'
import { type Lie, Liar } from './liar.ts'
import { type LieName, lies, signedAnew } from './lies.ts'
import {
  type Node,
  evidenceOf,
  nodeOf,
  nowSeconds,
  publish,
  signInto,
  standing,
  subscribe,
  witness,
} from './parties.ts'
import { type Saying, type Scene, beginScene, cast, sayOn } from './scene.ts'

export const parties = ['publisher', 'subscriber', 'witness', 'auditor'] as const
export type Party = (typeof parties)[number]

export type Told = {
  readonly lie: LieName
  readonly anew: boolean
  readonly order: readonly Saying[]
  readonly seed: string
}

/** What a party had to say under the lie, and after it, when the true log was shown to it. */
export type Outcome = {
  readonly under: string
  readonly after: string
  /** The files that its node has kept. */
  readonly evidence: readonly Exhibits[]
}

/** Tells one lie to all four, each over sockets of its own, and then the truth. */
export async function tell({ lie, anew, order, seed }: Told): Promise<Record<Party, Outcome>> {
  const folder = mkdtempSync(join(tmpdir(), 'chancery-adversary-'))
  const scene = await beginScene(seed)
  const liar = await new Liar(scene).open()
  try {
    const { world } = scene
    const nodes = new Map<Party, Node>()
    for (const party of ['publisher', 'subscriber', 'witness'] as const) {
      const node = await nodeOf(world, { member: cast[party], url: liar.url, folder })
      const synced = await subscribe(node)
      if (synced !== 'ok' || standing(node).witnessed !== scene.known) throw new Error(`${party} begins with ${synced}`)
      nodes.set(party, node)
    }
    const said = await sayOn(scene, order, lie === 'hold, then log late')
    liar.said = said
    const told = (anew ? signedAnew[lie] : undefined) ?? lies[lie]
    return await tellAll({ scene, liar, nodes, told, isFrozen: lie === 'freeze' })
  } finally {
    await liar.close()
    await scene.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

type Telling = {
  readonly scene: Scene
  readonly liar: Liar
  readonly nodes: ReadonlyMap<Party, Node>
  readonly told: Lie
  readonly isFrozen: boolean
}

/** The publisher comes last: what it says makes the true log longer. */
async function tellAll(telling: Telling): Promise<Record<Party, Outcome>> {
  const { liar, told, nodes, scene } = telling
  const looks: Record<Party, () => Promise<string>> = {
    subscriber: () => subscriberSays(telling),
    witness: () => witnessSays(telling),
    auditor: () => auditorSays(telling),
    publisher: () => publish(nodeIn(telling, 'publisher')),
  }
  await signInto(scene.world, nodeIn(telling, 'publisher'))
  const outcomes = {} as Record<Party, Outcome>
  for (const party of ['subscriber', 'witness', 'auditor', 'publisher'] as const) {
    liar.lie = told
    const under = await looks[party]()
    liar.lie = undefined
    const after = await looks[party]()
    const node = nodes.get(party)
    if (node !== undefined && !countsTheTrue(scene, node)) throw new Error(`${party} counts what no quorum has seen`)
    outcomes[party] = { under, after, evidence: node === undefined ? [] : evidenceOf(node) }
  }
  return outcomes
}

function nodeIn({ nodes }: Telling, party: Party): Node {
  const node = nodes.get(party)
  if (node === undefined) throw new Error(`${party} has no node`)
  return node
}

async function subscriberSays(telling: Telling): Promise<string> {
  const { scene, liar, isFrozen } = telling
  const node = nodeIn(telling, 'subscriber')
  node.notices.splice(0)
  const code = await subscribe(node)
  if (code !== 'ok') return code
  const { store, charter } = node.mirror
  const heard = node.notices.filter(line => !line.startsWith('the relay contradicts'))
  if (heard.length > 0) return [...new Set(heard)].sort().join(' + ')
  if (liar.lie === undefined) return isTrue(scene, node) ? 'ok' : 'another log'
  const entries = Array.from({ length: store.size - scene.known }, (_, i) => store.entry(scene.known + i))
  // One is not for this member, whoever hands it over.
  if (entries.filter(entry => entry?.about === undefined).length > 1) return 'withheld'
  const later = nowSeconds() + maxAgeOf(charter.charter) + 1
  return isFrozen && standing(node, later).stale ? 'STALE' : 'ok'
}

/** Holds what the true log has, all of it. */
function isTrue({ world }: Scene, { mirror: { store } }: Node): boolean {
  return store.size === world.size && equalBytes(store.rootAt(world.size), world.tree.root())
}

/** What a party counts as witnessed is of the true log, whatever it was told. */
function countsTheTrue({ world }: Scene, node: Node): boolean {
  const { witnessed } = standing(node)
  if (witnessed > world.size) return true
  return equalBytes(node.mirror.store.rootAt(witnessed), world.tree.root(witnessed))
}

async function witnessSays(telling: Telling): Promise<string> {
  const { liar } = telling
  const node = nodeIn(telling, 'witness')
  const before = liar.heard.length
  node.notices.splice(0)
  const code = await witness(liar, node)
  if (code !== 'ok') return code
  if (node.notices.some(line => line.startsWith('not cosigned'))) return 'not cosigned'
  // One size, one tree: whatever it was told, before and now.
  const trees = new Map<string, string>()
  for (const { note } of liar.heard) {
    const [, size = '', tree = ''] = note.split('\n')
    if ((trees.get(size) ?? tree) !== tree) return 'signed two trees'
    trees.set(size, tree)
  }
  return liar.heard.length > before ? 'ok' : 'signed nothing'
}

async function auditorSays({ scene, liar }: Telling): Promise<string> {
  const { world, known } = scene
  const report = await judge(world, await collect(world, liar.url, cast.subscriber))
  if (!report.ok) return [...new Set(report.findings.map(({ code }) => code))].sort().join(' + ')
  return report.size === known ? 'old' : 'ok'
}

const benign: ReadonlySet<string> = new Set(['ok', 'old', 'logged', 'kept', 'nothing'])

/**
 * By which codes it was detected, under the lie or once the true log was seen; none, where it was harmless. That
 * something is withheld is the weakest that a reader can notice: what it sees later says more.
 */
export function codesOf({ under, after }: Pick<Outcome, 'under' | 'after'>): string[] {
  const saysMore = benign.has(under) || (under === 'withheld' && !benign.has(after))
  const said = saysMore ? after : under
  return benign.has(said) ? [] : said.split(' + ')
}

/** Where parties and table differ, in words. */
export function complaintsOver(
  { lie, anew }: Pick<Told, 'lie' | 'anew'>,
  outcomes: Readonly<Record<Party, Outcome>>,
): string[] {
  const row = (anew ? cellsAnew[lie] : undefined) ?? cells[lie]
  return parties.flatMap(party => {
    const [cell, outcome] = [row[party], outcomes[party]]
    const codes = codesOf(outcome)
    const said = `${lie}, told to the ${party}: ${outcome.under}, then ${outcome.after}`
    const holds = typeof cell === 'object' && 'by' in cell ? isAmong(codes, cell.by) : codes.length === 0
    return holds ? [] : [`${said}; expected ${JSON.stringify(cell)}`]
  })
}

const isAmong = (codes: readonly string[], by: readonly string[]): boolean =>
  codes.length > 0 && codes.every(code => by.includes(code))
