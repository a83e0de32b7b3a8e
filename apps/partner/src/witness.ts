import { type Mirror, refreshMirror } from '@chancery/client'
import {
  type Checkpoint,
  type Cosignatures,
  Digest,
  Line,
  type Result,
  Seconds,
  Size,
  type Vkey,
  cosign,
  equalBytes,
  formatLine,
  limits,
  openHead,
  toBase64url,
  vkeyPartsOf,
} from '@chancery/protocol'
import { z } from 'zod'
import { readOwnJson, writeOwnJson } from './files.ts'
import { orRefuse } from './refusal.ts'
import type { Cosigner } from './signer.ts'

/** What was cosigned last, or was about to be when the power went: nothing smaller is ever signed after it. */
const Last = z.strictObject({ at: Seconds, origin: Line, root: Digest, size: Size, v: z.literal(1) })
type Last = z.infer<typeof Last>

export type WitnessDeps = {
  /** The file in which it is kept. It outlives the mirror, which may be fetched anew. */
  readonly path: string
  readonly mirror: Mirror
  readonly cosigners: readonly Cosigner[]
  readonly now: () => number
  readonly warn: (line: string) => void
}

/** The name under which the charter's policy knows this member's witness key, or undefined where it does not. */
export function witnessKeyOf({ policy, charter }: Mirror, kid: string): Vkey | undefined {
  const record = charter.keys.get(kid)?.record
  const own = record && vkeyPartsOf(record)
  return own && policy?.witnesses.find(({ key }) => key.type === own.type && equalBytes(key.key, own.key))?.key
}

/**
 * spec/14-witnesses.md#witnessing: cosigns the checkpoint that the mirror holds, and no other, with each key that the
 * policy knows. The record is durable before there is a signature, and one for all keys: none signs what another would
 * not. undefined where it will not sign, and why is said to the member.
 */
export function createWitness(deps: WitnessDeps): ((note: string) => Promise<Cosignatures | undefined>) | undefined {
  const { path, mirror, now, warn } = deps
  if (deps.cosigners.length === 0) return undefined
  // Asked anew for each note: an amendment of the charter puts other witnesses in the place of those there were.
  const signersNow = () =>
    deps.cosigners.flatMap(({ kid, sign }) => {
      const key = witnessKeyOf(mirror, kid)
      return key === undefined ? [] : [{ key, sign }]
    })
  return async note => {
    const { origin } = mirror
    const opened = openAsked(mirror, note)
    if (!opened.ok) {
      warn(`not cosigned: the note to cosign is not the log's: ${opened.code}`)
      return undefined
    }
    const checkpoint = opened.value
    const last = readLast(path)
    const at = now()
    const refused = whyNot(mirror, { checkpoint, last, at })
    if (refused === 'behind') return undefined
    if (refused !== undefined) {
      warn(`not cosigned: ${refused}`)
      return undefined
    }
    const signers = signersNow()
    if (signers.length === 0) return undefined
    const { size, root } = checkpoint
    writeOwnJson(path, { at, origin, root: toBase64url(root), size, v: 1 })
    return { lines: signers.map(({ key, sign }) => formatLine(cosign(key, { checkpoint, at, sign }))).join(''), size }
  }
}

/** The key at its size may be one that another process of this node has taken in. */
function openAsked(mirror: Mirror, note: string): Result<Checkpoint> {
  const opened = openHead(mirror, note)
  if (opened.ok) return opened
  orRefuse(refreshMirror(mirror))
  return openHead(mirror, note)
}

function readLast(path: string): Last | undefined {
  return orRefuse(readOwnJson(path, Last, { bytesMax: limits.textMax, code: 'home.bad-config', secret: 'own' }))
}

type Asked = { readonly checkpoint: Checkpoint; readonly last: Last | undefined; readonly at: number }

/** `behind` is no fault of anyone's: another process of this node has more, or less, than this note says. */
function whyNot(mirror: Mirror, { checkpoint: { origin, size, root }, last, at }: Asked): string | undefined {
  if (mirror.store.size < size) orRefuse(refreshMirror(mirror))
  const { store } = mirror
  if (size !== store.size) return 'behind'
  if (!equalBytes(store.rootAt(size), root)) return `the log shows another tree at size ${size} than the one held`
  if (last === undefined) return undefined
  if (last.origin !== origin) return `this key has cosigned the log ${last.origin} before`
  if (size < last.size) return `the log has ${size} entries, and ${last.size} were cosigned before`
  if (size === last.size && last.root !== toBase64url(root)) return `another tree of size ${size} was cosigned before`
  if (toBase64url(store.rootAt(last.size)) !== last.root)
    return `the log does not extend the ${last.size} cosigned before`
  return at < last.at ? `the clock says ${at}, which is before the last cosignature` : undefined
}
