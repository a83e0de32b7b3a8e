import {
  type Condition,
  type Floor,
  MemberId,
  Named,
  Stance,
  named,
  namedAtLeast,
  onScale,
  stances,
  whyNotCondition,
} from '@chancery/protocol'
import { type Answer, ok, refuse } from './refusal.ts'

/**
 * The words in which a member writes its condition, and the Condition they mean.
 *
 *   condition = both { "or" both }          both = part { "and" part }
 *   part      = "(" condition ")" | leaf { floor }
 *   leaf      = [ "at least" | "atleast" ] NUMBER [ "of" "(" id { "," id } ")" ] | id
 *   floor     = [ "with" | "and" where a floor follows ] ( "stance>=" STANCE | "named>=" NAMED | "claim=" CLAIM )
 */
export function parseCondition(text: string): Answer<Condition> {
  const tokens = tokenize(text)
  if (!tokens.ok) return tokens
  const reader = readerOf(tokens.value, text.length)
  try {
    const condition = readAny(reader, 0)
    const rest = reader.peek()
    if (rest !== undefined) throw wrong(rest.at, `"and", "or" or the end is expected, not "${rest.text}"`)
    const why = whyNotCondition(condition)
    return why === undefined ? ok(condition) : refuse('condition.bad-syntax', '', why)
  } catch (error) {
    if (error instanceof Wrong) return refuse('condition.bad-syntax', `column ${error.at + 1}`, error.message)
    throw error
  }
}

type Token = { readonly text: string; readonly at: number }

class Wrong extends Error {
  readonly at: number
  constructor(at: number, why: string) {
    super(why)
    this.at = at
  }
}
const wrong = (at: number, why: string): Wrong => new Wrong(at, why)

const word = /[a-z][a-z0-9-]*|[0-9]+|>=|≥|[(),=]/y

function tokenize(text: string): Answer<readonly Token[]> {
  const tokens: Token[] = []
  const source = text.toLowerCase()
  for (let at = 0; at < source.length;) {
    const space = /\s+/y
    space.lastIndex = at
    at += space.exec(source)?.[0].length ?? 0
    if (at >= source.length) break
    word.lastIndex = at
    const found = word.exec(source)?.[0]
    const column = `column ${at + 1}`
    if (found === undefined) return refuse('condition.bad-syntax', column, `"${source[at]}" has no meaning here`)
    tokens.push({ text: found === '≥' ? '>=' : found, at })
    at += found.length
  }
  return ok(tokens)
}

type Reader = ReturnType<typeof readerOf>

function readerOf(tokens: readonly Token[], end: number) {
  let next = 0
  const peek = (ahead = 0): Token | undefined => tokens[next + ahead]
  return {
    peek,
    at: () => peek()?.at ?? end,
    take: (text: string): boolean => {
      if (peek()?.text !== text) return false
      next++
      return true
    },
    next: (expected: string): Token => {
      const token = peek()
      if (token === undefined) throw wrong(end, `${expected} is expected at the end`)
      next++
      return token
    },
  }
}

/** Deeper than any condition may nest: parentheses alone never exhaust the stack. */
const parenthesesMax = 32

function readAny(reader: Reader, depth: number): Condition {
  const parts = [readAll(reader, depth)]
  while (reader.take('or')) parts.push(readAll(reader, depth))
  return only(parts) ?? { any: parts }
}

function readAll(reader: Reader, depth: number): Condition {
  const parts = [readPart(reader, depth)]
  while (reader.take('and')) parts.push(readPart(reader, depth))
  return only(parts) ?? { all: parts }
}

const only = (parts: readonly Condition[]): Condition | undefined => (parts.length === 1 ? parts[0] : undefined)

function readPart(reader: Reader, depth: number): Condition {
  if (depth > parenthesesMax) throw wrong(reader.at(), 'too many parentheses')
  if (!reader.take('(')) return readLeaf(reader)
  const inner = readAny(reader, depth + 1)
  close(reader)
  return inner
}

function close(reader: Reader): void {
  const at = reader.at()
  if (!reader.take(')')) throw wrong(at, '")" is expected')
}

const floorNames: ReadonlySet<string> = new Set(['stance', 'named', 'claim'])
const reserved: ReadonlySet<string> = new Set([...floorNames, 'and', 'or', 'of', 'with', 'at', 'least', 'atleast'])
const isNumber = (text: string | undefined): boolean => text !== undefined && /^[0-9]+$/.test(text)

function readLeaf(reader: Reader): Condition {
  const first = reader.next('a number or a member')
  if (first.text === 'at') {
    const at = reader.at()
    if (!reader.take('least')) throw wrong(at, '"least" is expected after "at"')
    return readCount(reader, reader.next('a number'))
  }
  if (first.text === 'atleast') return readCount(reader, reader.next('a number'))
  if (isNumber(first.text)) return readCount(reader, first)
  return { member: memberOf(first), ...readFloor(reader) }
}

function readCount(reader: Reader, token: Token): Condition {
  if (!isNumber(token.text)) throw wrong(token.at, `a number is expected, not "${token.text}"`)
  const count = Number(token.text)
  if (count < 1 || count > 200) throw wrong(token.at, 'from 1 to 200')
  const ids = reader.take('of') ? readMembers(reader) : []
  if (ids.length > 0 && count > ids.length) throw wrong(token.at, `${count} of ${ids.length} can never be`)
  return { atLeast: [count, ...ids], ...readFloor(reader) }
}

function readMembers(reader: Reader): string[] {
  const at = reader.at()
  if (!reader.take('(')) throw wrong(at, '"(" and members are expected after "of"')
  const ids: string[] = []
  do {
    const token = reader.next('a member')
    const id = memberOf(token)
    if (ids.includes(id)) throw wrong(token.at, `${id} is counted once`)
    ids.push(id)
  } while (reader.take(','))
  close(reader)
  return ids
}

function memberOf({ text, at }: Token): string {
  if (reserved.has(text) || !MemberId.safeParse(text).success) throw wrong(at, `a member is expected, not "${text}"`)
  return text
}

/** `with stance>=supports named>=organ claim=c1`, in any order, each once; "and" between them is let pass. */
function readFloor(reader: Reader): Floor {
  const floor: { claim?: string; min_named?: Named; min_stance?: Stance } = {}
  const withAt = reader.at()
  const announced = reader.take('with')
  let found = 0
  for (; ; found++) {
    if (found > 0 && reader.peek()?.text === 'and' && isFloor(reader, 1)) reader.take('and')
    if (!isFloor(reader, 0)) break
    readOneFloor(reader, floor)
  }
  if (announced && found === 0) throw wrong(withAt, '"with" is followed by stance>=, named>= or claim=')
  return floor
}

const isFloor = (reader: Reader, ahead: number): boolean =>
  floorNames.has(reader.peek(ahead)?.text ?? '') && ['>=', '='].includes(reader.peek(ahead + 1)?.text ?? '')

function readOneFloor(reader: Reader, floor: { claim?: string; min_named?: Named; min_stance?: Stance }): void {
  const { text: name, at } = reader.next('a floor')
  const sign = name === 'claim' ? '=' : '>='
  const signAt = reader.at()
  if (!reader.take(sign)) throw wrong(signAt, `"${sign}" is expected after "${name}"`)
  const value = reader.next('a value')
  if (name === 'claim') floor.claim = once(floor.claim, value.text, at)
  else if (name === 'stance') floor.min_stance = once(floor.min_stance, stanceOf(value), at)
  else floor.min_named = once(floor.min_named, namedOf(value), at)
}

function once<T>(before: T | undefined, value: T, at: number): T {
  if (before !== undefined) throw wrong(at, 'said twice')
  return value
}

function stanceOf({ text, at }: Token): Stance {
  const stance = Stance.safeParse(text)
  if (stance.success && onScale(stance.data)) return stance.data
  throw wrong(at, `a stance on the scale is expected: ${stances.filter(onScale).join(', ')}`)
}

function namedOf({ text, at }: Token): Named {
  const what = Named.safeParse(text)
  if (what.success && namedAtLeast(what.data, what.data)) return what.data
  throw wrong(at, `one of the ladder is expected: ${named.filter(name => namedAtLeast(name, name)).join(', ')}`)
}

/** The one spelling of a condition in this language: reading it gives the same condition. */
export function printCondition(condition: Condition): string {
  return print(condition, 'top')
}

function print(condition: Condition, within: 'top' | 'all' | 'any'): string {
  if ('any' in condition) return bracket(condition.any.map(part => print(part, 'any')).join(' or '), within !== 'top')
  if ('all' in condition) return bracket(condition.all.map(part => print(part, 'all')).join(' and '), within !== 'top')
  return printLeaf(condition)
}

const bracket = (text: string, needed: boolean): string => (needed ? `(${text})` : text)

function printLeaf(leaf: Exclude<Condition, { all: unknown } | { any: unknown }>): string {
  const floors = printFloor(leaf)
  if ('member' in leaf) return `${leaf.member}${floors}`
  const [least, ...ids] = leaf.atLeast
  return `at least ${least}${ids.length > 0 ? ` of (${ids.join(', ')})` : ''}${floors}`
}

function printFloor({ claim, min_named, min_stance }: Floor): string {
  const floors = [
    min_stance === undefined ? [] : [`stance>=${min_stance}`],
    min_named === undefined ? [] : [`named>=${min_named}`],
    claim === undefined ? [] : [`claim=${claim}`],
  ].flat()
  return floors.length === 0 ? '' : ` with ${floors.join(' ')}`
}

/** The condition as a person would say it, shown before it is signed. */
export function sayCondition(condition: Condition): string {
  if ('all' in condition) return condition.all.map(sayPart).join(', and ')
  if ('any' in condition) return condition.any.map(sayPart).join(', or ')
  return sayLeaf(condition)
}

const sayPart = (part: Condition): string =>
  'all' in part || 'any' in part ? `(${sayCondition(part)})` : sayLeaf(part)

function sayLeaf(leaf: Exclude<Condition, { all: unknown } | { any: unknown }>): string {
  const saying = sayFloor(leaf)
  if ('member' in leaf) return `${leaf.member} signs${saying}`
  const [least, ...ids] = leaf.atLeast
  if (ids.length === 0) return `at least ${least} sign, this member counted${saying}`
  return `at least ${least} of ${ids.join(', ')} sign${least === 1 ? 's' : ''}${saying}`
}

function sayFloor({ claim, min_named, min_stance }: Floor): string {
  const floors = [
    min_stance === undefined ? [] : [`saying "${min_stance}" or stronger`],
    min_named === undefined ? [] : [`naming ${min_named} or more`],
    claim === undefined ? [] : [`on claim ${claim}`],
  ].flat()
  return floors.length === 0 ? '' : `, ${floors.join(', ')}`
}
