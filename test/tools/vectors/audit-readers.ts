import { statementPath } from '@chancery/protocol'
import { folderParts, tellReaders, withAll, without } from '../../audit/readers.ts'
import { tellResend } from '../../audit/resends.ts'
import { doctored } from '../../audit/doctor.ts'
import type { VectorCase } from './vector-file.ts'

type Folder = Map<string, Uint8Array>
type Made = {
  readonly good: (name: string, folder: Folder) => Promise<VectorCase>
  readonly bad: (name: string, folder: Folder, expect: string, at: string) => VectorCase
}

/** One log, a folder of it for each of several readers, and what is too much in each. */
export async function readerCases({ good, bad }: Made): Promise<VectorCase[]> {
  const { world, source, grant, before, author, holder, recipient } = await tellReaders('audit vectors: readers')
  const folder = folderParts(world)
  const path = statementPath({ kind: 'attribution.statement', sid: source.sid })
  const all = withAll(source)
  const [late, named] = [`${path}#/tear/late`, `${path}#/tear/named`]
  const above = 'evidence.above-tier'
  return [
    await good('for a member that the tear lines name', folder(holder)),
    await good('for a member to whom one was opened and the other handed by a grant', folder(recipient)),
    await good('for readers of the tier to which one was opened', folder('green')),
    await good('for anyone', folder('anyone')),
    await good('for a member named, before the opening', before(holder)),
    bad('a tear line for readers of the tier, before it was opened', before('green', all), above, late),
    bad('a tear line for a member, before it was granted', before(recipient, all), above, late),
    bad('a tear line for readers of the tier that was granted to one member', folder('green', all), above, named),
    bad('a tear line granted by what is not in the folder', folder(recipient, without(grant.sid)), above, named),
    bad('a statement for members in a folder for anyone',
      doctored(folder(author), () => {}, { reader: 'anyone' }), above, path),
    ...(await resendCases({ good, bad })),
  ]
}

/** What a member that was given a tear line sends on, as those who are sent it can judge it. */
async function resendCases({ good, bad }: Made): Promise<VectorCase[]> {
  const seed = (name: string) => `audit vectors: resends: ${name}`
  const used = await tellResend(seed('used'), { grant: 'used' })
  const unused = await tellResend(seed('unused'), { grant: 'unused' })
  const none = await tellResend(seed('none'), { grant: 'none' })
  const wide = await tellResend(seed('wide'), { grant: 'used', wide: true })
  const withheld = await tellResend(seed('withheld'), { grant: 'used', wide: true, withheld: true })
  const code = 'release.no-grant'
  return [
    await good('sent on within a grant that was used', used.folder(used.recipient)),
    bad('sent on within a grant that was not used', unused.folder(unused.recipient), code, unused.at),
    bad('sent on without a grant', none.folder(none.recipient), code, none.at),
    bad('sent on to one more than the grant was for', wide.folder(wide.recipient), code, wide.at),
    await good('sent on to one more, by a reader that does not hold what may let it',
      withheld.folder(withheld.recipient)),
    bad('sent on to one more, by that one', withheld.folder(withheld.other), code, withheld.at),
  ]
}
