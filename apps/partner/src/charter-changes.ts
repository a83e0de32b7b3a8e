import { type Charter, type Json, type Member, canonical, restrictedTiers } from '@chancery/protocol'

/** What the next version of a charter changes, in lines that a person decides by. Empty where it changes nothing. */
export function changesOf(before: Charter, after: Charter): readonly string[] {
  return [
    ...after.members.flatMap(member =>
      memberChanges(
        before.members.find(({ id }) => id === member.id),
        member,
      ),
    ),
    ...before.members.flatMap(({ id }) => (after.members.some(member => member.id === id) ? [] : [`removes ${id}`])),
    ...restrictedTiers.flatMap(tier => clearanceChanges(tier, before.clearances[tier], after.clearances[tier])),
    ...textChanges(before, after),
  ]
}

const same = (a: unknown, b: unknown): boolean => canonical((a ?? null) as Json) === canonical((b ?? null) as Json)

function memberChanges(before: Member | undefined, member: Member): string[] {
  const { id, name, keys, roles } = member
  if (before === undefined) return [`brings ${id}, ${name}, as ${roles.join(', ')}, with ${keys.length} keys`]
  const { keys: old, roles: were, ...rest } = before
  const { keys: _keys, roles: _roles, ...said } = member
  return [
    ...(same(old, keys) ? [] : [`gives ${id} ${keys.length} new keys, and ends all that it has`]),
    ...(same(were, roles) ? [] : [`${id} is ${roles.join(', ')}; it was ${were.join(', ')}`]),
    ...(same(rest, said) ? [] : [`changes the name or the readers of ${id}`]),
  ]
}

function clearanceChanges(tier: string, before: readonly string[], after: readonly string[]): string[] {
  const more = after.filter(id => !before.includes(id))
  const less = before.filter(id => !after.includes(id))
  return [
    ...(more.length > 0 ? [`clears ${more.join(', ')} for ${tier}`] : []),
    ...(less.length > 0 ? [`no longer clears ${less.join(', ')} for ${tier}`] : []),
  ]
}

/** Short values are shown, long ones named. */
function textChanges(before: Charter, after: Charter): string[] {
  const { members: _a, clearances: _b, tag: _c, version: _d, ...old } = before
  const { members: _e, clearances: _f, tag: _g, version: _h, ...now } = after
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])].sort() as (keyof typeof old)[]
  return names.flatMap(name => {
    if (same(old[name], now[name])) return []
    const value = now[name]
    const shown = typeof value === 'number' || (typeof value === 'string' && value.length <= 80 && name !== 'policy')
    return [shown ? `${name}: ${value}, was ${old[name] ?? 'not said'}` : `changes ${name}`]
  })
}
