import { readFile, writeFile } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import { type Part, coordinator, everyone, expected, partners } from './cast.ts'
import type { Coalition } from './coalition.ts'
import { StepFailed, each } from './processes.ts'
import { attribution, hosts, tearLines, textOf } from './texts.ts'

type Published = { readonly sid: string; readonly index: number }
type Draft = Record<string, unknown> & {
  readonly body: { readonly evidence: readonly { readonly id: string; readonly stix?: { readonly objects: number } }[] }
}
type Shown = { readonly tear: readonly { readonly label: string; readonly tlp: string; readonly open: boolean }[] }
export type Released = Published & {
  readonly cut: { readonly size: number; readonly root: string }
  readonly signatories: readonly string[]
  readonly excluded: readonly string[]
  /** The attribution that it rests on. */
  readonly attribution: string
}
type Say = (line: string) => void

/** From the attribution to the release, each step by the member whose step it is. */
export async function tell(
  coalition: Coalition,
  input: { stix: string; say: Say; hold: (until: string) => Promise<void> },
): Promise<Released> {
  const { say } = input
  const attributed = await attribute(coalition, input.stix, say)
  await showEach(coalition, attributed.sid, say)
  const text = await propose(coalition, attributed.sid, say)
  await answerAll(coalition, text.sid, say)
  say('The deadline passes. The coordinator releases the largest set whose conditions all hold.')
  await input.hold(text.at)
  const released = await coalition.as<Omit<Released, 'attribution'>>(coordinator.id, ['release', text.sid])
  say(`  Released by ${released.signatories.length}: ${released.signatories.map(nameOf).join(', ')}.`)
  for (const id of released.excluded)
    say(`  Not among them: ${nameOf(id)}, whose condition does not hold. Nobody spoke for it.`)
  return { ...released, attribution: attributed.sid }
}

/** One reader of each clearance is named on the screen; all nine are checked. */
const told = ['arkenia', 'corvane', 'galdia']

export const nameOf = (id: string): string => everyone.find(part => part.id === id)?.name ?? id

async function attribute(coalition: Coalition, stix: string, say: Say): Promise<Published> {
  const draft = coalition.file('attribution.json')
  await coalition.as(coordinator.id, ['draft', 'attribution.statement', '--stix', stix, '--out', draft])
  const written = JSON.parse(await readFile(draft, 'utf8')) as Draft
  const { evidence } = written.body
  const claims = attribution.claims.map(claim => ({ ...claim, evidence: evidence.map(({ id }) => id) }))
  await save(draft, {
    ...written,
    handling: { tlp: 'clear' },
    exercise: false,
    body: { ...attribution, claims, evidence },
    tear: tearLines,
    slices: { label: 'hosts', handling: { tlp: 'amber' }, to: hosts },
  })
  const published = await coalition.as<Published>(coordinator.id, ['publish', draft])
  say(`${coordinator.name} attributes: "${attribution.title}".`)
  say(
    '  One signature; three tear lines (green, amber, amber+strict); ' +
      `a part for each of ${Object.keys(hosts).length} States, with its own hosts; ` +
      `a STIX bundle of ${evidence[0]?.stix?.objects ?? 0} objects bound as evidence.`,
  )
  return published
}

async function showEach(coalition: Coalition, sid: string, say: Say): Promise<void> {
  const shown = await each(everyone, 3, ({ id }) => coalition.as<Shown>(id, ['show', sid]))
  for (const [i, { id, cleared }] of everyone.entries()) {
    const tear = shown[i]?.tear ?? []
    const open = tear.filter(line => line.open).map(({ label }) => label)
    // The author holds all that it wrote; everyone else what its clearance opens, no more and no less.
    const wanted = expected.opened[id === coordinator.id ? 'amber+strict' : cleared]
    if (!isDeepStrictEqual(open, [...wanted]))
      throw new StepFailed(`${id} opens ${open.join(', ')} in place of ${wanted.join(', ')}`)
    if (!told.includes(id)) continue
    const withheld = tear.filter(line => !line.open).map(({ label, tlp }) => `${label} (${tlp})`)
    const hidden = withheld.length > 0 ? `; sees that ${withheld.join(', ')} is withheld` : ''
    say(`  ${nameOf(id)} reads ${open.join(', ')}${hidden}.`)
  }
}

async function propose(coalition: Coalition, attributed: string, say: Say): Promise<Published & { at: string }> {
  const instant = (seconds: number): string =>
    new Date(Date.now() + seconds * 1000).toISOString().replace(/\.\d+Z$/, 'Z')
  const at = instant(2)
  const proposal = await publish(coalition, 'callout.propose', {
    title: textOf.title,
    attributions: [attributed],
    pen_holder: coordinator.id,
    form: 'common-text',
    deputies: [partners[0]?.id ?? ''],
    invitees: partners.map(({ id }) => id).sort(),
    respond_by: at,
    release_window: { from: instant(0), until: instant(86_400) },
  })
  const text = await publish(coalition, 'callout.text', {
    proposal: proposal.sid,
    texts: [textOf],
    claims: [{ id: 'c1', attribution: attributed, claim: 'c1' }],
    // Everyone has the time to answer: as many places on the log as there are answers to come.
    deadline: { at, size: proposal.index + 2 + everyone.length },
    lapse: { size: proposal.index + 1000 },
  })
  say('It proposes a call-out and freezes the text. Each partner answers on its own conditions:')
  return { ...text, at }
}

async function publish(coalition: Coalition, kind: string, body: object): Promise<Published> {
  const draft = coalition.file(`${kind}.json`)
  await save(draft, { kind, handling: { tlp: 'green' }, exercise: false, body, tear: [] })
  return coalition.as<Published>(coordinator.id, ['publish', draft])
}

async function answerAll(coalition: Coalition, text: string, say: Say): Promise<void> {
  await each(everyone, 2, async part => {
    const [verb = '', ...options] = part.answer
    await coalition.as(part.id, [verb, text, ...options])
    sayAnswer(part, say)
  })
}

const sayAnswer = ({ name, says }: Part, say: Say): void => say(`  ${name} ${says}.`)

const save = (path: string, value: object): Promise<void> => writeFile(path, JSON.stringify(value, null, 2))
