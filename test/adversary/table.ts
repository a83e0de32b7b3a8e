import { anchorsOf, checkTestsNamed, slugOf, withoutFences } from '../tools/anchors.ts'
import type { Source } from '../tools/tree.ts'
import type { Attack } from './attacks.ts'

export const numbersMax = 66

type Table = Readonly<Record<number, Attack>>

/** What is wrong with a table of attacks, in words. */
export function complaintsAbout(table: Table, files: ReadonlyMap<string, Source>): string[] {
  const numbers = Array.from({ length: numbersMax }, (_, i) => i + 1)
  const strangers = Object.keys(table).filter(number => !numbers.includes(Number(number)))
  return [
    ...numbers.flatMap(number => {
      const attack = table[number]
      if (attack === undefined) return [`attack ${number} is missing`]
      return complaintsOf(attack, files).map(why => `attack ${number}, ${attack.name}: ${why}`)
    }),
    ...strangers.map(number => `attack ${number} is none of the ${numbersMax}`),
  ]
}

function complaintsOf({ tests, limit }: Attack, files: ReadonlyMap<string, Source>): string[] {
  const page = files.get('spec/threats.md')
  return [
    ...(tests.length === 0 ? ['no test is named'] : []),
    ...checkTestsNamed({ path: 'the table', text: tests.map(([file]) => `\`${file}\``).join(' ') }, files),
    ...tests.flatMap(([file, title]) => {
      const text = files.get(file)?.text
      return text === undefined || hasTest(text, title) ? [] : [`${file} has no test "${title}"`]
    }),
    ...(limit === undefined || saysUnder(page, limit) ? [] : [`spec/threats.md#${limit.anchor} does not say so`]),
  ]
}

/** A test, alone or of a list, with this title: a group of tests is none. */
export function hasTest(text: string, title: string): boolean {
  const quoted = ["'", '"', '`'].map(quote => escaped(`${quote}${title}${quote}`)).join('|')
  const begins = [...text.matchAll(new RegExp(`(\\w*)\\(\\s*(?:${quoted})`, 'g'))]
  // What stands before a title in `test.each([...])('title'` is no word.
  return begins.some(([, word]) => word === 'test' || word === '')
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

function saysUnder(page: Source | undefined, { anchor, says }: NonNullable<Attack['limit']>): boolean {
  if (page === undefined || !anchorsOf(page.text).has(anchor)) return false
  const sections = withoutFences(page.text).split(/^(?=#{1,6}[ \t])/m)
  const own = sections.find(section => slugOf(section.split('\n')[0]?.replace(/^#+[ \t]+/, '') ?? '') === anchor)
  return own?.includes(says) === true
}
