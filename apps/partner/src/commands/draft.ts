import { basename } from 'node:path'
import {
  type AttributionBody,
  type Draft,
  type Evidence,
  type KindName,
  Tlp,
  fromUtf8,
  isKind,
  kindOf,
  limits,
  sayHandling,
} from '@chancery/protocol'
import type { Command, Flags } from '../cli.ts'
import { allowedValues, draftSchema, draftable, newDraft } from '../draft-file.ts'
import { stixEvidence } from '../evidence.ts'
import { checkNew, readBounded, writeNew } from '../files.ts'
import { orRefuse, Usage } from '../refusal.ts'

/** Writes a draft to be edited, and beside it the schema that editors read. Nothing is signed. */
export const draft: Command = {
  verb: 'draft',
  usage: `KIND [--stix FILE]... [--tlp TIER] [--exercise] [--out FILE]    KIND: ${draftable.join(' ')}`,
  says: 'writes a draft to be edited',
  args: { min: 1, max: 1 },
  options: {
    stix: { type: 'string', multiple: true },
    tlp: { type: 'string' },
    exercise: { type: 'boolean' },
    out: { type: 'string' },
  },
  run: async ({ world, args, flags }) => {
    const kind = kindNamed(args[0] ?? '')
    const out = flags.text('out') ?? `${kind}.json`
    orRefuse(checkNew(out))
    const evidence = flags.texts('stix').map((path, i) => orRefuse(stixEvidence(world, path, `e${i + 1}`)))
    const exercise = flags.on('exercise')
    const written = withEvidence(newDraft(kind, { exercise, handling: { tlp: tlpOf(flags, 'green') } }), evidence)
    const schema = `${out.replace(/\.json$/, '')}.schema.json`
    writeSchema(schema, kind)
    const text = `${JSON.stringify({ $schema: `./${basename(schema)}`, ...written }, null, 2)}\n`
    orRefuse(writeNew(out, text, 'owner'))
    return { lines: linesOf({ kind, out, schema, evidence, written }), data: { evidence, kind, out, schema } }
  },
}

/** Drafts of one kind share it; a file that only has its name is not written over. */
function writeSchema(path: string, kind: KindName): void {
  const text = `${JSON.stringify(draftSchema(kind), null, 2)}\n`
  const there = orRefuse(readBounded(path, { bytesMax: limits.statementBytesMax }))
  if (there === undefined || fromUtf8(there) !== text) orRefuse(writeNew(path, text, 'everyone'))
}

function kindNamed(name: string): KindName {
  if (isKind(name) && draftable.includes(name)) return name
  throw new Usage(`there is no kind ${name} to draft; one of ${draftable.join(', ')}`)
}

/** The tier named with --tlp. */
export function tlpOf(flags: Flags, fallback: Tlp): Tlp {
  const tlp = Tlp.safeParse(flags.text('tlp') ?? fallback)
  if (!tlp.success) throw new Usage('--tlp is clear, green, amber, amber+strict or red')
  return tlp.data
}

/** Every claim cites what is given; the author narrows it. */
function withEvidence(written: Draft, evidence: readonly Evidence[]): Draft {
  if (evidence.length === 0) return written
  if (written.kind !== 'attribution.statement') throw new Usage(`--stix: ${written.kind} has no evidence`)
  const body = written.body as AttributionBody
  const ids = evidence.map(({ id }) => id)
  return { ...written, body: { ...body, claims: body.claims.map(claim => ({ ...claim, evidence: ids })), evidence } }
}

type Written = { kind: KindName; out: string; schema: string; evidence: readonly Evidence[]; written: Draft }

function linesOf({ kind, out, schema, evidence, written }: Written): string[] {
  const { slot, slice, title } = kindOf(kind)
  return [
    `wrote ${out}: ${title}`,
    `fields and allowed values are in ${schema}; the main ones:`,
    ...allowedValues(kind).map(line => `  ${line}`),
    ...allowedValues(kind, 'handling').map(line => `  ${line}`),
    `  tear: ${slot === null ? 'empty' : 'a list of {label, handling, content}, each at least as restricted'}`,
    ...(slice === undefined
      ? []
      : ['  slices: {label, handling, to}: one content for each member, here or in a folder']),
    '  what a tear line does not say of its handling, it takes over from the statement',
    ...sayHandling(written.handling).map(line => `handling: ${line}`),
    ...evidence.flatMap(sayEvidence),
    `edit it, then: chancery publish ${out}`,
  ]
}

const sayEvidence = ({ id, title, size, digest, stix }: Evidence): string[] => [
  `evidence ${id}: ${title}, ${size} bytes, salted digest ${digest}`,
  ...(stix === undefined
    ? []
    : [
        `  STIX 2.1, ${stix.bundle}, ${stix.objects} objects:`,
        `  ${stix.types.map(({ type, count }) => `${count} ${type}`).join(', ')}`,
      ]),
]
