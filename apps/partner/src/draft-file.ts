import {
  type Draft,
  Handling,
  type KindName,
  Label,
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
import { type Answer, ok, refuse } from './refusal.ts'

const Line = z.strictObject({ content: z.unknown(), handling: Handling, label: Label })
const DraftFile = z.strictObject({
  $schema: z.string().optional(),
  body: z.unknown(),
  exercise: z.boolean(),
  handling: Handling,
  kind: z.string().max(64),
  tear: z.array(Line).max(limits.slotsMax),
})

/** People write it: any JSON, any order, any white space. What is signed is made from it. */
export function readDraft(path: string): Answer<Draft> {
  const bytes = readGiven(path, limits.statementBytesMax * 4)
  if (!bytes.ok) return bytes
  const json = parse(fromUtf8(bytes.value), path)
  if (!json.ok) return json
  const file = check(DraftFile, json.value, 'statement.bad-schema')
  if (!file.ok) return file
  const { kind, handling, exercise, body, tear } = file.value
  if (!isKind(kind)) return refuse('statement.unknown-kind', '/kind', `one of ${draftable.join(', ')}`)
  return ok({ kind, handling, exercise, body, tear })
}

function parse(text: string | undefined, path: string): Answer<unknown> {
  if (text === undefined) return refuse('draft.not-json', path, 'it is not UTF-8')
  try {
    return ok(JSON.parse(text) as unknown)
  } catch (error) {
    return refuse('draft.not-json', path, (error as Error).message)
  }
}

/** Kinds a person writes; what the charter is folded from has verbs of its own. */
export const draftable = (Object.keys(kinds) as KindName[]).filter(name => !recordKinds.includes(name))

/** A draft that passes, with hints in its texts, from the kind's own row. */
export function newDraft(kind: KindName, { handling, exercise }: Pick<Draft, 'handling' | 'exercise'>): Draft {
  const { template } = kindOf(kind)
  return { kind, handling, exercise, body: structuredClone(template), tear: [] }
}

/** JSON Schema of a draft of this kind: editors show its fields and allowed values from it. */
export function draftSchema(kind: KindName): object {
  const { body, slot, title } = kindOf(kind)
  const line = z.strictObject({ content: slot ?? z.never(), handling: Handling, label: Label })
  const shape = z.strictObject({
    $schema: z.string().optional(),
    body,
    exercise: z.boolean(),
    handling: Handling,
    kind: z.literal(kind),
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
