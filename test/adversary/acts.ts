import type { SignedDraft } from '../world.ts'
import { type Story, tell } from '../view/story.ts'
import type { Ask } from './second.ts'

type Act = { readonly statement: { readonly kind: string; readonly sid: string; readonly iss: string } }

/** What a call-out's rules ask about of each statement of a story, in the form of the vectors. */
export const actsIn = ({ world: { logged } }: Story) =>
  logged
    .filter(({ statement: { kind } }: Act) => kind.startsWith('callout.'))
    .map(({ statement: { kind, sid, iss, body, claims }, index }) => {
      const { iat, exercise } = claims
      return { kind, sid, iss, index, iat, exercise, body }
    })

const rootsIn = ({ world: { size, rootAt } }: Story) =>
  Object.fromEntries(Array.from({ length: size + 1 }, (_, i) => [String(i), rootAt(i)]))

/** Where the call-out of a story stands now. */
export const phaseOf = (story: Story): Ask => ({
  check: 'callOutPhase',
  given: { statements: actsIn(story), size: story.world.size, roots: rootsIn(story) },
})

/** What a release that is signed and comes next is worth. */
export function releaseOf(story: Story, { sid, payload }: SignedDraft): Ask {
  const { kind, iss, iat, exercise, body } = payload
  const index = story.world.size
  const statements = [...actsIn(story), { kind, sid, iss, index, iat, exercise, body }]
  return { check: 'callOutRelease', given: { statements, size: index + 1, roots: rootsIn(story) } }
}

/** A story at its deadline: two have joined outright, and a third where three are in it. */
export async function atDeadline(seed: string): Promise<{ story: Story; joins: string[] }> {
  const story = await tell(seed, { answers: 3 })
  const joined = [await story.join('borsk'), await story.join('caldria'), await story.join('dorvane', { atLeast: [3] })]
  return { story, joins: joined.map(({ sid }) => sid) }
}
