import { cp, writeFile } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import type { Coalition } from './coalition.ts'
import { StepFailed } from './processes.ts'
import { nameOf } from './story.ts'
import { attribution } from './texts.ts'

/** Statements that were disputed, and how many of them their author has said again. */
export type Disputed = { readonly statements: number; readonly reaffirmed: number }

const [robbed, neighbour] = ['fenwald', 'drosia'] as const
type Spoken = { readonly sid: string; readonly index: number }
type Board = { readonly attributions: readonly { readonly sid: string; readonly standing: string | null }[] }

/**
 * A thief has copied a State's home and speaks in its name. The State adds a key, revokes the stolen one and says since
 * when: all that it signed from there on is disputed, its own words too, until it says these again.
 */
export async function robAndMend(coalition: Coalition, say: (line: string) => void): Promise<Disputed> {
  const stolen = coalition.home(`${robbed}-stolen`)
  const own = await speak(coalition, coalition.home(robbed), `What ${nameOf(robbed)} has seen`)
  await cp(coalition.home(robbed), stolen, { recursive: true })
  const forged = await speak(coalition, stolen, `What ${nameOf(robbed)} never said`)
  say(`A thief copies the machine of ${nameOf(robbed)}, and speaks in its name: entry ${forged.index}.`)
  const { kid } = await coalition.as<{ kid: string }>(neighbour, ['show', forged.sid])
  await coalition.as(robbed, ['key', 'add', 'sign'])
  const since = ['--compromised-since', String(own.index)]
  await coalition.as(robbed, ['key', 'revoke', kid, '--reason', 'A machine was copied.', ...since])
  await expectStandings(coalition, { [own.sid]: 'disputed', [forged.sid]: 'disputed' })
  say(`  It adds a key, and revokes the stolen one as compromised since entry ${own.index}: both are disputed.`)
  await coalition.as(robbed, ['reaffirm', own.sid])
  const shown = await expectStandings(coalition, { [own.sid]: 'reaffirmed', [forged.sid]: 'disputed' })
  say(`  It says its own again. ${nameOf(neighbour)} counts that one, and goes on showing the other as disputed.`)
  return { statements: shown.length, reaffirmed: shown.filter(standing => standing === 'reaffirmed').length }
}

async function speak(coalition: Coalition, home: string, title: string): Promise<Spoken> {
  const draft = coalition.file('robbed.json')
  const claims = attribution.claims.map(claim => ({ ...claim, evidence: [] }))
  const body = { ...attribution, title, claims, evidence: [] }
  const said = { kind: 'attribution.statement', handling: { tlp: 'clear' }, exercise: false, body, tear: [] }
  await writeFile(draft, JSON.stringify(said))
  return coalition.at<Spoken>(home, ['publish', draft])
}

/** What another State's board says of all that is, or was, disputed. */
async function expectStandings(coalition: Coalition, wanted: Readonly<Record<string, string>>): Promise<string[]> {
  const { attributions } = await coalition.as<Board>(neighbour, ['board'])
  const standings = attributions.flatMap(({ sid, standing }) => (standing === null ? [] : [[sid, standing] as const]))
  const shown = Object.fromEntries(standings)
  if (!isDeepStrictEqual(shown, wanted)) throw new StepFailed(`other statements are disputed: ${JSON.stringify(shown)}`)
  return standings.map(([, standing]) => standing)
}
