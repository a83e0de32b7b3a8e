import { type Claims, type Json, type KindName, canonical, concat, kinds, toBase64url, utf8 } from '@chancery/protocol'
import type { SignedDraft, World } from '../world.ts'

type Random = (below: number) => number
export type Mutant = { readonly how: string; readonly copy: string }

/** Kinds that stand alone: a statement of any other refers to what is on the log. */
const alone = ['attribution.statement', 'callout.propose', 'release.request', 'receipt'] as const satisfies KindName[]

/** A statement of a chance kind, author and tier, with tear lines or none. */
export async function generated(world: World, random: Random): Promise<SignedDraft> {
  const kind = alone[random(alone.length)] ?? 'attribution.statement'
  // Only the first of a world is a coordinator, and may propose.
  const by = world.ids[kind === 'callout.propose' ? 0 : random(world.ids.length)] ?? ''
  const tlp = random(2) === 0 ? ('clear' as const) : ('green' as const)
  const count = kind === 'attribution.statement' ? random(3) : 0
  const tear = Array.from({ length: count }, (_, i) => ({
    label: `line-${i}`,
    tlp: 'green' as const,
    content: { text: `Line ${random(1_000)}` },
  }))
  return world.draft(kind, by, kinds[kind].template, { tlp, tear, iat: 1_924_992_000 + random(1_000_000) })
}

const pick = <T>(random: Random, all: readonly T[]): T => all[random(all.length)] as T

/** One character of a text made another of the same alphabet, or one that is in none. */
function altered(text: string, random: Random): string {
  const at = random(text.length)
  const letter = pick(random, ['A', 'B', '_', '-', '0', '9', '=', '.', '~', '+', ' '])
  return `${text.slice(0, at)}${letter}${text.slice(at + 1)}`
}

/** Signed by the author itself, over any text: what no library of ours would sign. */
async function resigned(world: World, by: string, header: string, payload: string): Promise<string> {
  const signer = world.members[by]?.signer
  if (signer === undefined) throw new Error(`${by} is no member`)
  const input = `${toBase64url(utf8(header))}.${toBase64url(utf8(payload))}`
  return `${input}.${toBase64url(await signer.sign(utf8(input)))}`
}

const headerOf = ({ jws }: SignedDraft): string => Buffer.from(jws.split('.')[0] ?? '', 'base64url').toString()
const claimsText = ({ payload }: SignedDraft): string => canonical(payload as unknown as Json)

const values: readonly unknown[] = [
  null,
  0,
  -1,
  1.5,
  2 ** 53,
  '',
  'clear',
  [],
  {},
  true,
  'A'.repeat(43),
  '\u202e',
  'e\u0301',
]

/** One claim, at any depth of two, made another value. */
function changed(claims: Claims, random: Random): unknown {
  const copy = structuredClone(claims) as unknown as Record<string, unknown>
  const name = pick(random, Object.keys(copy))
  const inner = copy[name]
  const deep = typeof inner === 'object' && inner !== null && Object.keys(inner).length > 0 && random(2) === 0
  if (deep) (inner as Record<string, unknown>)[pick(random, Object.keys(inner))] = pick(random, values)
  else copy[name] = pick(random, values)
  return copy
}

/** JSON with its members in order, whatever its values are. */
const written = (value: unknown): string =>
  JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  )

type Mutate = (world: World, draft: SignedDraft, random: Random) => Promise<string> | string

const tildes = (jws: string, disclosures: readonly string[]): string => [jws, ...disclosures, ''].join('~')
const own = ({ lines }: SignedDraft): string[] => lines.map(({ disclosure }) => disclosure)

const headers: readonly ((header: string) => string)[] = [
  header => header.replace('EdDSA', 'none'),
  header => header.replace('EdDSA', 'ES256'),
  header => header.replace('{', '{"crit":["b64"],'),
  header => header.replace('chancery-statement+sd-jwt', 'chancery-auth+jwt'),
  header => header.replace('{', '{ '),
  header => header.replace('"alg":"EdDSA"', '"alg":"none","alg":"EdDSA"'),
  header => header.replace(/"kid":"./, '"kid":"_'),
]

const texts: readonly ((text: string) => string)[] = [
  text => text.replace('{', '{"v":1,'),
  text => `\ufeff${text}`,
  text => text.replace('"exercise":false', '"exercise":false '),
  text => text.replace(/"seq":\d+/, '"seq":0.0'),
  text => text.replace(/"title":"/, '"title":"\\ud800'),
  text => `${text}\n`,
  text => text.replace('"tlp":"green"', '"tlp":"red","tlp":"green"'),
  text => text.replace('"body":', '"__proto__":{},"body":'),
]

const mutations: Readonly<Record<string, Mutate>> = {
  'as it is': (_, draft) => tildes(draft.jws, own(draft)),
  'a character of the copy': (_, draft, random) => altered(tildes(draft.jws, own(draft)), random),
  'a claim, signed again': (world, draft, random) =>
    resigned(world, draft.payload.iss, headerOf(draft), written(changed(draft.payload, random))).then(jws => `${jws}~`),
  'the header, signed again': (world, draft, random) =>
    resigned(world, draft.payload.iss, pick(random, headers)(headerOf(draft)), claimsText(draft)).then(
      jws => `${jws}~`,
    ),
  'the text, signed again': (world, draft, random) =>
    resigned(world, draft.payload.iss, headerOf(draft), pick(random, texts)(claimsText(draft))).then(jws => `${jws}~`),
  'the key of another': (world, draft, random) =>
    resigned(world, pick(random, world.ids), headerOf(draft), claimsText(draft)).then(jws => `${jws}~`),
  'S and L more': (_, draft) => {
    const [header, payload, signature = ''] = draft.jws.split('.')
    return `${header}.${payload}.${toBase64url(moreByL(Buffer.from(signature, 'base64url')))}~`
  },
  'disclosures in another order, or again': (_, draft, random) => {
    const lines = own(draft)
    return tildes(draft.jws, random(2) === 0 ? lines.toReversed() : [...lines, ...lines])
  },
  'a disclosure altered': (_, draft, random) => {
    const [first = 'W10', ...others] = own(draft)
    return tildes(draft.jws, [altered(first, random), ...others])
  },
}

const orderL = 2n ** 252n + 27742317777372353535851937790883648493n

/** The same R, and S with the order of the group added: many libraries once took both. */
function moreByL(signature: Uint8Array): Uint8Array {
  const s = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString('hex')}`) + orderL
  const bytes = Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse()
  return concat(signature.subarray(0, 32), bytes)
}

/** A statement that was made and then changed in one of these ways. */
export async function mutant(world: World, random: Random): Promise<Mutant> {
  const draft = await generated(world, random)
  const how = pick(random, Object.keys(mutations))
  const copy = await mutations[how]?.(world, draft, random)
  return { how: `${draft.payload.kind}, ${how}`, copy: copy ?? '' }
}
