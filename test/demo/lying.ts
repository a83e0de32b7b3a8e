import { cp, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Coalition } from './coalition.ts'
import { StepFailed, programs, run } from './processes.ts'
import { nameOf } from './story.ts'
import { attribution } from './texts.ts'

export type Convicted = { readonly who: string; readonly of: string }

/** Who is shown the other log, who is asked to believe it, and who speaks on the true one. */
const [victim, partner, speaker] = ['galdia', 'belmora', 'estmark'] as const

/**
 * The relay lies: with its own log key it shows one State a log in which another's words are missing. That State's
 * machine is one that had been away; everyone else's has kept what it saw, and two signatures are enough.
 */
export async function catchLiar(coalition: Coalition, say: (line: string) => void): Promise<Convicted> {
  say('The operator of the relay turns: it copies its log, and shows a second one beside the first.')
  const away = coalition.home(`${victim}-away`)
  await cp(coalition.home(victim), away, { recursive: true })
  const lying = await coalition.forkRelay()
  const first = await speak(coalition, speaker, coalition.home(speaker))
  const second = await speak(coalition, victim, away, ['--relay', lying])
  if (first.index !== second.index) throw new StepFailed(`two entries of one index: ${first.index}, ${second.index}`)
  say(
    `  Entry ${first.index} is ${nameOf(speaker)}'s on the first log, cosigned by ${first.witnesses ?? 0}, and ` +
      `${nameOf(victim)}'s on the second, cosigned by ${second.witnesses ?? 0}: no witness signs both.`,
  )
  await refusesOther(coalition, lying)
  say(`  ${nameOf(partner)} asks the second relay, sees another log than its own, refuses it, and keeps both heads.`)
  const convicted = await convict(coalition)
  say(`  Offline, by these heads and the charter alone: the ${convicted.who} has signed ${convicted.of}.`)
  return convicted
}

type Spoken = { readonly index: number; readonly witnesses?: number }

async function speak(coalition: Coalition, id: string, home: string, relay: readonly string[] = []): Promise<Spoken> {
  const [draft, handling] = [coalition.file(`${id}-later.json`), { tlp: 'clear' }]
  const title = `What ${nameOf(id)} has seen since`
  const claims = attribution.claims.map(claim => ({ ...claim, evidence: [] }))
  const body = { ...attribution, title, claims, evidence: [] }
  await writeFile(draft, JSON.stringify({ kind: 'attribution.statement', handling, exercise: false, body, tear: [] }))
  return coalition.at<Spoken>(home, ['publish', draft, ...relay])
}

async function refusesOther(coalition: Coalition, lying: string): Promise<void> {
  const asked = await run(programs.chancery, [
    'board',
    '--relay',
    lying,
    '--json',
    '--home',
    coalition.home(partner),
    '--passphrase-file',
    coalition.file('passphrase'),
  ])
  const answer = JSON.parse(asked.out) as { refused?: { code: string } }
  if (asked.code !== 1 || answer.refused?.code !== 'log.forked')
    throw new StepFailed(`${partner} did not refuse the second log: ${asked.out}${asked.err}`)
}

async function convict(coalition: Coalition): Promise<Convicted> {
  const folder = join(coalition.home(partner), 'evidence')
  const files = (await readdir(folder)).map(name => join(folder, name))
  const tried = await run(programs.audit, ['convict', ...files, '--genesis', coalition.genesis, '--json'])
  const { convictions } = JSON.parse(tried.out) as {
    convictions: readonly { who: { is: string; name: string }; of: string }[]
  }
  const [first] = convictions
  if (tried.code !== 0 || first === undefined) throw new StepFailed(`nobody is convicted: ${tried.out}${tried.err}`)
  return { who: `${first.who.is} ${first.who.name}`, of: first.of }
}
