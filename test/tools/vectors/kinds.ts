import { type KindName, portableSha256 as sha256, toBase64url as b64, utf8 } from '@chancery/protocol'
import { attribution, bad, charter, good, seed } from './coalition.ts'
import type { VectorCase, VectorFile } from './vector-file.ts'

/** spec/vectors/kinds: a file a kind. The mechanical cases are made from a body in which every member is present. */
export const kindsVectors = (): Record<string, VectorFile> => Object.fromEntries(
  Object.entries(casesByKind).map(([kind, cases]) => [
    `kinds/${kind}.json`,
    { spec: `spec/05-kinds.md#${kind.replace('.', '-')}`, check: 'kindBody', cases: cases(of(kind as KindName)) },
  ]),
)

type Path = readonly (string | number)[]
type Of = ReturnType<typeof of>

const sid = (name: string) => b64(sha256(utf8(`a statement: ${name}`)))
const pointer = (path: Path) => ['/body', ...path.map(part => String(part).replaceAll('~', '~0').replaceAll('/', '~1'))].join('/')

/** A copy in which one place is changed; undefined leaves it out. */
function changed(value: unknown, [first, ...rest]: Path, to: unknown): unknown {
  if (first === undefined) return to
  if (Array.isArray(value)) return value.map((part, i) => (i === first ? changed(part, rest, to) : part))
  const members = value as Record<string, unknown>
  return { ...members, [first]: changed(members[first], rest, to) }
}

/** The cases of one kind: bodies, and one place of a whole body made wrong. */
function of(kind: KindName) {
  const holds = (name: string, body: unknown, refs: string[] = []) => good(name, { body, kind }, { refs: [...refs].sort() })
  const breaks = (name: string, body: unknown, at: string) => bad(name, { body, kind }, 'statement.breaks-law', at)
  const shape = (name: string, body: unknown, at: string) => bad(name, { body, kind }, 'statement.bad-schema', at)
  /** A value of several forms that fits none: where it is at fault is each reader's to say. */
  const anywhere = (name: string, body: unknown) => bad(name, { body, kind }, 'statement.bad-schema')
  const place = (body: unknown, path: Path, to: unknown) =>
    shape(`${pointer(path)} is ${JSON.stringify(to) ?? 'missing'}`.slice(0, 80), changed(body, path, to), pointer(path))
  const missing = (body: unknown, ...paths: Path[]) => paths.map(path => place(body, path, undefined))
  const unknown = (body: unknown, ...paths: Path[]) =>
    paths.map(path => shape(`an unknown member at ${pointer(path)}`, changed(body, [...path, 'zzz'], 1), pointer([...path, 'zzz'])))
  const enums = (body: unknown, ...paths: Path[]) => paths.flatMap(path => [place(body, path, 'unheard-of'), place(body, path, '')])
  const wrong = (body: unknown, ...places: [Path, unknown][]) => places.map(([path, to]) => place(body, path, to))
  return { holds, breaks, anywhere, missing, unknown, enums, wrong }
}

const casesByKind: Readonly<Record<KindName, (of: Of) => VectorCase[]>> = {
  'charter.adopt': adoptCases,
  'attribution.statement': attributionCases,
  'callout.propose': proposeCases,
  'callout.text': textCases,
  'callout.join': joinCases,
  'callout.decline': declineCases,
  'callout.withdraw': withdrawCases,
  'callout.release': releaseCases,
  'callout.abort': abortCases,
}

function adoptCases({ holds, anywhere }: Of): VectorCase[] {
  const genesis = sid('genesis')
  return [
    holds('the charter itself', { charter }),
    holds('the charter named', { adopts: genesis }, [genesis]),
    anywhere('both', { adopts: genesis, charter }, '/body'),
    anywhere('neither', {}, '/body'),
    anywhere('an unknown member beside the name', { adopts: genesis, note: 'x' }, '/body/note'),
    anywhere('an unknown member beside the charter', { charter, note: 'x' }, '/body/note'),
    anywhere('not a sid', { adopts: 'x' }, '/body/adopts'),
    anywhere('an unknown member in the charter', { charter: { ...charter, motto: 'x' } }, '/body/charter/motto'),
    anywhere('a charter that is null', { charter: null }, '/body/charter'),
    anywhere('no body', null, '/body'),
    anywhere('a list', [], '/body'),
  ]
}

