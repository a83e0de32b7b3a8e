import { Member, Role, canonical, roles } from '@chancery/protocol'
import type { Command } from '../cli.ts'
import { readConfig } from '../config.ts'
import { checkNew, writeNew } from '../files.ts'
import { Usage, orRefuse } from '../refusal.ts'
import { unlock } from '../session.ts'

/** Writes what a member shows the coordinator: its public keys, each with its proof, and the roles it asks for. */
export const enrol: Command = {
  verb: 'enrol',
  usage: '--out FILE [--roles member,coordinator,pen-holder,...]',
  says: "writes this member's public keys for the charter",
  args: { min: 0, max: 0 },
  options: { out: { type: 'string' }, roles: { type: 'string', multiple: true } },
  run: async ({ world, flags }) => {
    const out = flags.must('out')
    orRefuse(checkNew(out))
    const asked = rolesOf(flags.texts('roles'))
    const { member: id, name } = orRefuse(readConfig(world.home))
    const { records } = await unlock(world)
    const member: Member = { id, keys: [...records], name, roles: asked }
    orRefuse(writeNew(out, canonical(member), 'everyone'))
    return {
      lines: [
        `wrote the public keys of ${id} to ${out}`,
        'next: hand it to the founder, whose next is chancery charter assemble',
      ],
      data: { member, out },
    }
  },
}

function rolesOf(texts: readonly string[]): Role[] {
  const asked = texts.flatMap(text => text.split(','))
  const known = asked.map(role => Role.safeParse(role))
  if (known.some(role => !role.success)) throw new Usage(`--roles: of ${roles.join(', ')}`)
  const wanted = known.flatMap(role => (role.success ? [role.data] : []))
  return wanted.length === 0 ? ['member'] : [...new Set(wanted)]
}
