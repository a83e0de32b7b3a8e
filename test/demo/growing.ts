import type { Coalition } from './coalition.ts'
import { coordinator } from './cast.ts'
import { StepFailed } from './processes.ts'
import { nameOf } from './story.ts'

/** Versions of the charter, as the public folder has them. */
export type CharterVersion = { readonly version: number; readonly sid: string; readonly from: number }

const newcomer = { id: 'quillon', name: 'Republic of Quillon' } as const
const endorsers = ['arkenia', 'belmora', 'corvane', 'drosia'] as const

type Logged = { readonly sid: string; readonly index: number }
type Board = {
  readonly coalition: { readonly version: number }
  readonly members: readonly { readonly id: string; readonly absent?: string }[]
}

/** A tenth State comes by amendment: proposed by one, approved by as many as the charter asks for. Then it accedes. */
export async function grow(coalition: Coalition, say: (line: string) => void): Promise<void> {
  const { as, file, genesis, url } = coalition
  const { id, name } = newcomer
  await as(id, ['init', '--member', id, '--name', name, '--work', '14'])
  await as(id, ['enrol', '--roles', 'member', '--out', file(`${id}.member.json`)])
  const { sid } = await as<Logged>(coordinator.id, ['charter', 'amend', '--member', file(`${id}.member.json`)])
  say(`${nameOf(coordinator.id)} proposes the second version of the charter: the ${name} is to be a member.`)
  for (const member of endorsers) await as(member, ['charter', 'endorse', sid])
  await expectVersion(coalition, 'awaited')
  say(
    `  ${endorsers.length} more approve it: it is in force, and the newcomer is awaited. Nothing is sealed to it yet.`,
  )
  const pinned = ['--genesis', file('genesis.jws'), '--fingerprint', genesis]
  await as(id, ['charter', 'approve', ...pinned, '--to-accede'])
  await as(id, ['charter', 'accede', '--relay', url])
  await expectVersion(coalition, undefined)
  say(`  It finds its own keys in it, unchanged, and accedes. From then on it speaks, and is sealed to.`)
}

async function expectVersion({ as }: Coalition, absent: string | undefined): Promise<void> {
  const { coalition, members } = await as<Board>('hesparia', ['board'])
  const found = members.find(({ id }) => id === newcomer.id)
  if (coalition.version !== 2 || found === undefined || found.absent !== absent)
    throw new StepFailed(`the board has version ${coalition.version}, and of the newcomer ${JSON.stringify(found)}`)
}
