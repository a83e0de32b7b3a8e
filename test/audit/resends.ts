import { kinds, statementPath } from '@chancery/protocol'
import { type LoggedStatement, makeWorld } from '../world.ts'
import { folderParts, grantOnce } from './readers.ts'

type Told = { readonly grant: 'none' | 'unused' | 'used'; readonly wide?: true; readonly withheld?: true }

/**
 * A tear line for two members, which the second sends on to a third, or with `wide` to a fourth as well. With
 * `withheld` there is an entry before it that only the author opens.
 */
export async function tellResend(seed: string, { grant, wide, withheld }: Told) {
  const world = await makeWorld({ members: 4, seed, curvesOnly: true })
  const [author = '', holder = '', recipient = '', other = ''] = world.ids
  const { template } = kinds['attribution.statement']
  const few = { tlp: 'green' as const, releasable_to: [author, holder] }
  const named = { label: 'named', ...few, content: { text: 'For two' } }
  const source = await world.statement('attribution.statement', author, template, { tlp: 'green', tear: [named] })
  const alone = { tlp: 'green' as const, handling: { releasable_to: [author] } }
  if (withheld) await world.statement('attribution.statement', author, template, alone)
  let given: LoggedStatement | undefined
  if (grant !== 'none') {
    const granted = grantOnce({ sid: source.sid, to: holder, recipient })
    given = await world.statement('release.grant', author, granted, { tlp: 'green' })
    const use = { action: 'forward' as const, grant: given.sid, purpose: 'Handed over.' }
    if (grant === 'used') await world.statement('release.use', holder, use, { tlp: 'green' })
  }
  const releasable = [holder, recipient, ...(wide ? [other] : [])].sort()
  const body = { sid: source.sid, slots: ['named'], to: recipient }
  const resend = await world.statement('resend', holder, body, {
    tlp: 'green',
    handling: { releasable_to: releasable },
  })
  const at = `${statementPath({ kind: 'resend', sid: resend.sid })}#/body/slots`
  return { world, source, grant: given, resend, author, holder, recipient, other, at, folder: folderParts(world) }
}
