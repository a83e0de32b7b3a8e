import { Label, Line, Member, Role, canonical, compareText, roles } from '@chancery/protocol'
import type { Command, Flags } from '../cli.ts'
import { readConfig } from '../config.ts'
import { checkNew, writeNew } from '../files.ts'
import { Usage, orRefuse } from '../refusal.ts'
import { nameNextRoot } from '../key-changes.ts'
import { unlock } from '../session.ts'

/** Writes what a member shows the coordinator: its public keys, each with its proof, and the roles it asks for. */
export const enrol: Command = {
  verb: 'enrol',
  usage:
    '--out FILE [--roles member,coordinator,pen-holder,...] [--body ID=NAME]... [--constituent ID=NAME]... ' +
    '[--next-root]',
  says: "writes this member's public keys for the charter",
  args: { min: 0, max: 0 },
  options: {
    out: { type: 'string' },
    roles: { type: 'string', multiple: true },
    body: { type: 'string', multiple: true },
    constituent: { type: 'string', multiple: true },
    'next-root': { type: 'boolean' },
  },
  run: async ({ world, flags }) => {
    const out = flags.must('out')
    orRefuse(checkNew(out))
    const asked = rolesOf(flags.texts('roles'))
    const { member: id, name } = orRefuse(readConfig(world.home))
    const { records, nextRoot } = flags.on('next-root') ? await nameNextRoot(world) : await unlock(world)
    const [bodies, constituents] = [namedOf(flags, 'body'), namedOf(flags, 'constituent')]
    const member: Member = {
      ...(bodies.length > 0 && { bodies }),
      ...(constituents.length > 0 && { constituents }),
      id,
      keys: [...records],
      name,
      ...(nextRoot !== undefined && { next_root: nextRoot }),
      roles: asked,
    }
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

/** `grid=Power grid`, as often as there are any. */
export function namedOf(flags: Flags, option: string): { id: string; name: string }[] {
  const all = flags.texts(option).map(text => {
    const [id = '', ...name] = text.split('=')
    return { id, name: name.join('=') }
  })
  const wrong = all.some(({ id, name }) => !Label.safeParse(id).success || !Line.safeParse(name).success)
  if (wrong) throw new Usage(`--${option} is like grid=Power grid`)
  return all.sort((a, b) => compareText(a.id, b.id))
}

function rolesOf(texts: readonly string[]): Role[] {
  const asked = texts.flatMap(text => text.split(','))
  const known = asked.map(role => Role.safeParse(role))
  if (known.some(role => !role.success)) throw new Usage(`--roles: of ${roles.join(', ')}`)
  const wanted = known.flatMap(role => (role.success ? [role.data] : []))
  return wanted.length === 0 ? ['member'] : [...new Set(wanted)]
}
