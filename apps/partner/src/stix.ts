import { type Answer, ok, refuse } from './refusal.ts'

/** What a STIX 2.1 bundle says of itself, as evidence cites it. */
export type StixBundle = {
  readonly id: string
  readonly objects: number
  readonly types: readonly { readonly type: string; readonly count: number }[]
  /** The name its authors gave it, where one of its objects carries one. */
  readonly title: string | undefined
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const typeShape = /^[a-z0-9][a-z0-9-]{2,249}$/
/** Objects whose name stands for the whole bundle, the most telling first. */
const titled = ['report', 'grouping', 'x-mitre-collection', 'campaign', 'incident', 'intrusion-set']
const typesMax = 256

/** Reads any bundle of any size that fits in memory; the first thing that is wrong is named with its place. */
export function readStix(text: string | undefined): Answer<StixBundle> {
  if (text === undefined) return refuse('stix.malformed', '', 'it is not UTF-8')
  const bundle = parse(text)
  if (!bundle.ok) return bundle
  const { type, id, objects, spec_version } = bundle.value
  if (type !== 'bundle') return refuse('stix.malformed', '/type', `"bundle" is expected, not ${shown(type)}`)
  if (!isId(id, 'bundle'))
    return refuse('stix.malformed', '/id', `"bundle--" and a UUID are expected, not ${shown(id)}`)
  if (spec_version !== undefined)
    return refuse('stix.malformed', '/spec_version', 'a bundle of 2.1 has none; convert it with a STIX elevator')
  if (!Array.isArray(objects) || objects.length === 0)
    return refuse('stix.malformed', '/objects', 'a list of at least one object is expected')
  return countObjects(id, objects)
}

type Loose = { readonly [name: string]: unknown }

function parse(text: string): Answer<Loose> {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? ok(value) : refuse('stix.malformed', '', 'a JSON object is expected')
  } catch (error) {
    return refuse('stix.malformed', '', `it is not JSON: ${(error as Error).message}`)
  }
}

const isObject = (value: unknown): value is Loose =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const shown = (value: unknown): string => JSON.stringify(value)?.slice(0, 60) ?? 'nothing'

function isId(id: unknown, type: string): id is string {
  return typeof id === 'string' && id.startsWith(`${type}--`) && uuid.test(id.slice(type.length + 2))
}

function countObjects(id: string, objects: readonly unknown[]): Answer<StixBundle> {
  const counts = new Map<string, number>()
  const names = new Map<string, string>()
  for (const [i, object] of objects.entries()) {
    const wrong = whatIsWrong(object, `/objects/${i}`)
    if (wrong !== undefined) return wrong
    const { type, name } = object as { type: string; name?: unknown }
    counts.set(type, (counts.get(type) ?? 0) + 1)
    if (typeof name === 'string' && name !== '' && !names.has(type)) names.set(type, name)
  }
  if (counts.size > typesMax) return refuse('stix.malformed', '/objects', `more than ${typesMax} types of objects`)
  const types = [...counts].map(([type, count]) => ({ type, count })).sort((a, b) => (a.type < b.type ? -1 : 1))
  const title = titled.map(type => names.get(type)).find(name => name !== undefined)
  return ok({ id, objects: objects.length, types, title })
}

function whatIsWrong(object: unknown, at: string): ReturnType<typeof refuse> | undefined {
  if (!isObject(object)) return refuse('stix.malformed', at, 'an object is expected')
  const { type, id, spec_version: version } = object
  if (typeof type !== 'string' || !typeShape.test(type))
    return refuse('stix.malformed', `${at}/type`, `not a type: ${shown(type)}`)
  if (!isId(id, type))
    return refuse('stix.malformed', `${at}/id`, `"${type}--" and a UUID are expected, not ${shown(id)}`)
  // Observables may leave it out; whoever states it states 2.1.
  if (version !== undefined && version !== '2.1')
    return refuse('stix.malformed', `${at}/spec_version`, `"2.1" is expected, not ${shown(version)}`)
  return undefined
}
