import { actions, failures, kindOf, kinds, rules, type KindName } from '@chancery/protocol'

/** The table of spec/10-failures.md, made from the code it describes. */
export function failureTable(): string {
  const rows = Object.entries(failures).map(([code, { means, http, spec }]) => [
    `\`${code}\``,
    means,
    String(http),
    clauseLink(spec),
  ])
  return table(['code', 'means', 'HTTP', 'ordered by'], rows)
}

/** The table of spec/05-kinds.md#table, made from the kinds themselves. */
export function kindsTable(): string {
  const rows = (Object.keys(kinds) as KindName[]).map(name => {
    const { title, issuers, use, slot, slice } = kindOf(name)
    return [
      `[\`${name}\`](#${anchorOf(name)})`,
      title,
      issuers.map(code).join(', '),
      code(use),
      slot === null ? 'none' : slice === undefined ? 'yes' : 'yes, and slices',
      refersTo(name).map(code).join(', ') || 'nothing',
    ]
  })
  return table(['kind', 'title', 'issuer has one of', 'signed with', 'tear lines', 'refers to'], rows)
}

/** The cells of spec/11-handling.md#rules that are words of the code: the condition is a function there. */
export const ruleCells = (): string[][] =>
  rules.map(({ id, actions: of, answer, says }) => [code(id), actionsOf(of), answer, says])

function actionsOf(of: readonly string[]): string {
  if (of.length === actions.length) return 'all'
  const left = actions.filter(action => !of.includes(action))
  return left.length < 3 ? `all but ${left.map(code).join(', ')}` : of.map(code).join(', ')
}

/** A dot is no part of an anchor. */
export const anchorOf = (name: KindName): string => name.replace('.', '-')

/** The template of a kind names one statement of each kind that it can refer to. */
function refersTo(name: KindName): string[] {
  const { refs, template } = kindOf(name)
  return [...new Set(refs(template).map(({ kind }) => kind ?? 'any'))]
}

const code = (text: string): string => `\`${text}\``

function clauseLink(spec: string): string {
  const place = spec.replace(/^spec\//, '')
  return `[${place.replace('.md', '')}](${place})`
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(heads), `|${'---|'.repeat(heads.length)}`, ...rows.map(line)].join('\n')
}

/** `node test/tools/spec-tables.ts` prints both, to be pasted where a page differs. */
if (import.meta.main) console.log(`${kindsTable()}\n\n${failureTable()}`)
