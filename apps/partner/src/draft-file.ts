import { existsSync, readdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import {
  type Draft,
  Handling,
  type KindName,
  Label,
  MemberId,
  check,
  fromUtf8,
  isKind,
  kindOf,
  kinds,
  recordKinds,
  limits,
} from '@chancery/protocol'
import { z } from 'zod'
import { readGiven } from './files.ts'
import { nameTwice } from './json-text.ts'
import { type Answer, ok, refuse } from './refusal.ts'

const Line = z.strictObject({ content: z.unknown(), handling: Handling, label: Label })
/** For each addressee its content, here or in a folder beside the draft that has a file MEMBER.json for each. */
const Slices = z.strictObject({
  handling: Handling.omit({ releasable_to: true }),
  label: Label,
  to: z.union([z.string().min(1).max(limits.lineMax), z.record(MemberId, z.unknown())]),
})
const DraftFile = z.strictObject({
  $schema: z.string().optional(),
  body: z.unknown(),
  exercise: z.boolean(),
  handling: Handling,
  kind: z.string().max(64),
  slices: Slices.optional(),
  tear: z.array(Line).max(limits.slotsMax),
})

/** The text of slices for 200 and of sixteen tear lines may stand in it. */
const draftBytesMax = 2 ** 25

/** People write it: any JSON, any order, any white space. What is signed is made from it. */
export function readDraft(path: string): Answer<Draft> {
  const bytes = readGiven(path, draftBytesMax)
  if (!bytes.ok) return bytes
  const json = parse(fromUtf8(bytes.value), path)
  if (!json.ok) return json
  const file = check(DraftFile, json.value, 'statement.bad-schema')
  if (!file.ok) return file
  const { kind, handling, exercise, body, slices, tear } = file.value
  if (!isKind(kind)) return refuse('statement.unknown-kind', '/kind', `one of ${draftable.join(', ')}`)
  if (slices === undefined) return ok({ kind, handling, exercise, body, tear })
  const to = typeof slices.to === 'string' ? readSlices(resolve(dirname(path), slices.to)) : ok(slices.to)
  return to.ok ? ok({ kind, handling, exercise, body, tear, slices: { ...slices, to: to.value } }) : to
}

/** A folder of slices: each file is for the member that its name names. */
function readSlices(folder: string): Answer<Record<string, unknown>> {
  if (!existsSync(folder)) return refuse('draft.not-json', '/slices/to', `there is no folder ${folder}`)
  const to: Record<string, unknown> = {}
  for (const name of readdirSync(folder).sort()) {
    const member = MemberId.safeParse(name.replace(/\.json$/, ''))
    const file = join(folder, name)
    if (!name.endsWith('.json') || !member.success)
      return refuse('draft.not-json', file, 'a folder of slices holds MEMBER.json for each addressee and nothing else')
    const bytes = readGiven(file, limits.disclosureBytesMax * 2)
    if (!bytes.ok) return bytes
    const content = parse(fromUtf8(bytes.value), file)
    if (!content.ok) return content
    to[member.data] = content.value
  }
  return ok(to)
}

/** Words of the template are there to be replaced: whoever signs them has not written the statement. */
export function checkEdited(draft: Draft): Answer<Draft> {
  const hints = new Set([...textsIn(kindOf(draft.kind).template, '')].map(({ text }) => text).filter(isHint))
  const left = [...textsIn(draft.body, '/body')].find(({ text }) => hints.has(text))
  return left === undefined
    ? ok(draft)
    : refuse('draft.unedited', left.at, `"${left.text}": write your own in its place`)
}

/** Sentences, and names that stand for another; what a template chooses from a list may be meant. */
const isHint = (text: string): boolean => text.includes(' ') || /^(A{43}|member-id)$/.test(text)

function* textsIn(value: unknown, at: string): Iterable<{ readonly at: string; readonly text: string }> {
  if (typeof value === 'string') yield { at, text: value }
  if (typeof value !== 'object' || value === null) return
  for (const [name, member] of Object.entries(value)) yield* textsIn(member, `${at}/${name}`)
}

function parse(text: string | undefined, path: string): Answer<unknown> {
  if (text === undefined) return refuse('draft.not-json', path, 'it is not UTF-8')
  try {
    const value: unknown = JSON.parse(text)
    const twice = nameTwice(text)
    return twice === undefined
      ? ok(value)
      : refuse('draft.name-twice', twice, `in ${path}: leave the one that is meant`)
  } catch (error) {
    return refuse('draft.not-json', path, (error as Error).message)
  }
}

/** Public, and of record: what a member says of the charter and its keys everyone folds. */
export const ofRecord = (kind: KindName, body: unknown): Draft => ({
  kind,
  handling: { tlp: 'clear' },
  exercise: false,
  body,
  tear: [],
})

/** Kinds a person writes; what the charter is folded from has verbs of its own. */
export const draftable = (Object.keys(kinds) as KindName[]).filter(name => !recordKinds.includes(name))

/** A draft that passes, with hints in its texts, from the kind's own row. */
export function newDraft(kind: KindName, { handling, exercise }: Pick<Draft, 'handling' | 'exercise'>): Draft {
  const { template } = kindOf(kind)
  return { kind, handling, exercise, body: structuredClone(template), tear: [] }
}

/** JSON Schema of a draft of this kind: editors show its fields and allowed values from it. */
export function draftSchema(kind: KindName): object {
  const { body, slot, slice, title } = kindOf(kind)
  const line = z.strictObject({ content: slot ?? z.never(), handling: Handling, label: Label })
  const shape = z.strictObject({
    $schema: z.string().optional(),
    body,
    exercise: z.boolean(),
    handling: Handling,
    kind: z.literal(kind),
    ...(slice && { slices: Slices.extend({ to: z.union([z.string(), z.record(MemberId, slice)]) }).optional() }),
    tear: z.array(line),
  })
  return { title, ...z.toJSONSchema(shape, { unrepresentable: 'any', io: 'input' }) }
}

/** Allowed values by JSON pointer, for people without an editor that reads schemas. */
export function allowedValues(kind: KindName, part: 'body' | 'handling' = 'body'): readonly string[] {
  const { properties } = draftSchema(kind) as { properties: Record<typeof part, Node> }
  return [...valuesIn(properties[part], part, 0)]
}

type Node = { readonly [name: string]: unknown }

function* valuesIn(node: Node, at: string, depth: number): Iterable<string> {
  const {
    enum: values,
    properties,
    items,
    anyOf,
    oneOf,
  } = node as {
    enum?: string[]
    properties?: Record<string, Node>
    items?: Node
    anyOf?: Node[]
    oneOf?: Node[]
  }
  if (values !== undefined) yield `${at}: ${values.join(' | ')}`
  if (depth > limits.depthMax) return
  for (const [name, child] of Object.entries(properties ?? {})) yield* valuesIn(child, `${at}.${name}`, depth + 1)
  if (items !== undefined) yield* valuesIn(items, `${at}[]`, depth + 1)
  for (const choice of [...(anyOf ?? []), ...(oneOf ?? [])]) yield* valuesIn(choice, at, depth + 1)
}
