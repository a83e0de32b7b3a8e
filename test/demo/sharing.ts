import { isDeepStrictEqual } from 'node:util'
import { coordinator, everyone } from './cast.ts'
import type { Coalition } from './coalition.ts'
import { StepFailed, each, programs, run } from './processes.ts'
import { nameOf } from './story.ts'
import { hosts } from './texts.ts'

/** What the story shows of sharing; each number is counted in what the programs answered. */
export type Sharing = {
  /** Questions put to `chancery why`: may this reader see this part? Each answer is held against what is open there. */
  readonly decisions: number
  readonly denied: number
  /** Entries of the log that the least cleared reader named here sees as stubs. */
  readonly stubs: number
  /** Tear lines that their author opened to the public, and that the public folder has. */
  readonly declassified: number
  /** Grants of an onward release, each used once and accounted for. */
  readonly grants: number
}

type Say = (line: string) => void
type Logged = { readonly sid: string }
type Part = { readonly label: string; readonly open: boolean }
type Shown = {
  readonly tear: readonly Part[]
  readonly slices?: { readonly count: number; readonly open: readonly { readonly to: string }[] }
}

const slot = 'infrastructure'
const [asker, holder, warned, least] = ['corvane', 'belmora', 'galdia', 'hesparia'] as const

/** One's own part and no other, a request denied, one let on a condition, and words opened in the end. */
export async function share(coalition: Coalition, sid: string, say: Say): Promise<Sharing> {
  await eachReadsItsOwn(coalition, sid, say)
  await askInVain(coalition, sid, say)
  await askAndBeLet(coalition, sid, say)
  const { decisions, denied } = await decideAll(coalition, sid, say)
  const declassified = await declassify(coalition, sid, say)
  const { withheld } = await coalition.as<{ withheld: { entries: number } }>(least, ['board'])
  say(`  ${nameOf(least)} sees of ${withheld.entries} entries of the log that they are there, and nothing else.`)
  return { decisions, denied, stubs: withheld.entries, declassified, grants: await grantsIn(coalition) }
}

async function eachReadsItsOwn(coalition: Coalition, sid: string, say: Say): Promise<void> {
  const shown = await each(everyone, 3, ({ id }) => coalition.as<Shown>(id, ['show', sid]))
  const addressees = Object.keys(hosts)
  for (const [i, { id }] of everyone.entries()) {
    const { count = 0, open = [] } = shown[i]?.slices ?? {}
    const wanted = id === coordinator.id ? addressees : addressees.filter(name => name === id)
    const holds = isDeepStrictEqual(
      open.map(({ to }) => to),
      wanted,
    )
    if (!holds || count !== addressees.length)
      throw new StepFailed(`${id} opens ${open.length} parts of ${count}, and not just its own`)
  }
  say(`Each of ${addressees.length} States reads its own hosts, and learns of the others only how many there are.`)
}

const asking = (sid: string, to: string) => [
  'request-release',
  sid,
  '--to',
  to,
  '--action',
  'forward',
  '--slot',
  slot,
  '--purpose',
  'To warn its port operators.',
  '--until',
  '2099-01-01T00:00:00Z',
]

async function askInVain(coalition: Coalition, sid: string, say: Say): Promise<void> {
  const { sid: request } = await coalition.as<Logged>(asker, asking(sid, 'fenwald'))
  await coalition.as(coordinator.id, ['deny', request, '--reason', 'The hosts are still watched.'])
  say(`${nameOf(asker)} asks to hand a tear line on to ${nameOf('fenwald')}. The originator says no.`)
  const home = ['--home', coalition.home(asker), '--passphrase-file', coalition.file('passphrase')]
  const tried = await run(programs.chancery, ['forward', sid, '--to', 'fenwald', '--slot', slot, '--json', ...home])
  const { refused } = JSON.parse(tried.out) as { refused?: { code: string } }
  if (tried.code !== 1 || refused?.code !== 'release.no-grant')
    throw new StepFailed(`${asker} handed on what nobody granted: ${tried.out}${tried.err}`)
  say('  Its own node refuses to hand it on, and says which grant is missing.')
}

async function askAndBeLet(coalition: Coalition, sid: string, say: Say): Promise<void> {
  const { sid: first } = await coalition.as<Logged>(holder, asking(sid, warned))
  const { sid: condition } = await coalition.as<Logged>(coordinator.id, [
    'deny',
    first,
    '--demands',
    'sanitise',
    '--reason',
    'Not before the firm is left out of what its operators are told.',
  ])
  const { sid: second } = await coalition.as<Logged>(holder, [...asking(sid, warned), '--accepts', condition])
  await coalition.as(coordinator.id, ['grant', second])
  await coalition.as(holder, ['forward', sid, '--to', warned, '--slot', slot])
  const { tear } = await coalition.as<Shown>(warned, ['show', sid])
  if (!tear.some(({ label, open }) => label === slot && open)) throw new StepFailed(`${warned} was handed nothing`)
  say(`${nameOf(holder)} asks for ${nameOf(warned)}, is told on which condition, accepts it, and is granted it once.`)
  say(`  The use is logged first; then ${nameOf(warned)} reads the tear line under the originator's own signature.`)
}

type Answer = { readonly decision: 'allow' | 'deny'; readonly slots: readonly (Answer & { readonly slot: string })[] }

/** What is decided for each reader is what it can open: no part more, and no part less. */
async function decideAll(coalition: Coalition, sid: string, say: Say): Promise<{ decisions: number; denied: number }> {
  const readers = [...everyone.map(({ id }) => id), 'anyone']
  const answers = await each(readers, 3, reader =>
    run(programs.chancery, [
      'why',
      sid,
      reader,
      'see',
      '--json',
      '--home',
      coalition.home(coordinator.id),
      '--passphrase-file',
      coalition.file('passphrase'),
    ]),
  )
  const shown = await each(everyone, 3, ({ id }) => coalition.as<Shown>(id, ['show', sid]))
  let [decisions, denied] = [0, 0]
  for (const [i, reader] of readers.entries()) {
    const { decision, slots } = JSON.parse(answers[i]?.out ?? '') as Answer
    if (slots === undefined) throw new StepFailed(`why ${reader}: ${answers[i]?.out}${answers[i]?.err}`)
    const all = [{ decision, slot: '' }, ...slots]
    decisions += all.length
    denied += all.filter(one => one.decision === 'deny').length
    const { tear, slices } = shown[i] ?? { tear: [] }
    if (reader === 'anyone') continue
    const open = new Set([
      '',
      ...tear.filter(line => line.open).map(({ label }) => label),
      ...(slices?.open ?? []).map(({ to }) => `hosts/${to}`),
    ])
    const wrong = all.find(part => open.has(part.slot) !== (part.decision === 'allow'))
    if (wrong !== undefined)
      throw new StepFailed(`${reader}: ${wrong.slot} is decided ${wrong.decision}, and is not so`)
  }
  say(
    `Of ${decisions} decisions on who may see which part, ${denied} are no; each State opens what is decided, no more.`,
  )
  return { decisions, denied }
}

async function declassify(coalition: Coalition, sid: string, say: Say): Promise<number> {
  await coalition.as(coordinator.id, ['open', sid, '--slot', slot, '--to', 'clear'])
  const { tear, held } = await coalition.as<Shown & { held: { index: number } }>(least, ['show', sid])
  const opened = tear.filter(({ label, open }) => label === slot && open).length
  if (opened !== 1) throw new StepFailed(`${least} does not read what was opened`)
  say(`${nameOf(coordinator.id)} opens the tear line ${slot} to the public: it was held since entry ${held.index}.`)
  return opened
}

type Report = { readonly release: { readonly grants: readonly { readonly uses: readonly unknown[] }[] } }

async function grantsIn(coalition: Coalition): Promise<number> {
  const out = coalition.file('evidence-for-the-originator')
  await coalition.as(coordinator.id, ['export', '--for', coordinator.id, '--own', '--out', out])
  const { out: said, code } = await run(programs.audit, [out, '--json', '--genesis', coalition.genesis])
  const { release } = JSON.parse(said) as Report
  const used = release.grants.filter(({ uses }) => uses.length === 1)
  if (code !== 0 || used.length !== release.grants.length)
    throw new StepFailed(`not every grant is used once: ${JSON.stringify(release.grants)}`)
  return used.length
}
