import { kinds } from '@chancery/protocol'
import { type World, makeWorld } from '../world.ts'
import { whenOf } from './story.ts'

/** A member grants another, for once, to hand its words to a third; it does so as often as is asked for. */
export async function tellUses(seed: string, times = 2) {
  const world = await makeWorld({ members: 3, seed, curvesOnly: true })
  const [author = '', holder = '', reader = ''] = world.ids
  const { template } = kinds['attribution.statement']
  const source = await world.statement('attribution.statement', author, template, {
    tlp: 'green',
    handling: { originator_consent: true },
  })
  const asked = {
    actions: ['forward' as const],
    mode: 'release' as const,
    purpose: 'To warn it.',
    recipient: reader,
    sid: source.sid,
    until: { at: whenOf(600), size: 1_000 },
  }
  const request = await world.statement('release.request', holder, asked, { tlp: 'green' })
  const granted = { ...asked, request: request.sid, to: holder, uses: 'once' as const }
  const grant = await world.statement('release.grant', author, granted, { tlp: 'green' })
  const uses = []
  for (let i = 0; i < times; i++) uses.push(await useOf(world, holder, grant.sid))
  return { world, source, request, grant, uses }
}

export const useOf = (world: World, by: string, grant: string) =>
  world.statement('release.use', by, { action: 'forward', grant, purpose: 'Handed over.' }, { tlp: 'green' })
