import {
  type Checkpoint,
  type Cosignatures,
  type Hash,
  type PolicyKey,
  type Primitives,
  consistencyProof,
  parsePolicy,
  toBase64,
} from '@chancery/protocol'
import type { LogStore } from '@chancery/store'
import { ConfigError } from './config.ts'
import type { Journal } from './journal.ts'
import { readKnob } from './log-key.ts'

type Outside = {
  readonly store: LogStore
  readonly sha256: Primitives['sha256']
  readonly journal: Journal
  readonly hear: (said: Cosignatures) => void
}

const timeoutMs = 5_000
const answerBytesMax = 65_536
const sizeType = 'text/x.tlog.size'

/** The witnesses of the operator's own list, with the prefix that each takes checkpoints under. */
export type OutsideWitness = PolicyKey & { readonly name: string; readonly url: string }

/** Addresses come from this file and nowhere else: a charter's policy may have urls too, and they are never asked. */
export function readOutside(path: string, { sha256 }: Pick<Primitives, 'sha256'>): readonly OutsideWitness[] {
  if (path === '') return []
  const policy = parsePolicy(sha256, readKnob(path, 'witnesses'))
  if (!policy.ok)
    throw new ConfigError(`${path} is no tlog-policy: ${[policy.at, policy.why].filter(Boolean).join(', ')}`)
  return policy.value.witnesses.map(({ url, ...witness }) => {
    if (url === undefined || !isUrl(url))
      throw new ConfigError(`${path}: the witness ${witness.name} needs an https address, or http on loopback`)
    return { ...witness, url: url.replace(/\/+$/, '') }
  })
}

const isUrl = (url: string): boolean =>
  /^(https:\/\/[^/?#@]+|http:\/\/(127\.0\.0\.1|\[::1\]|localhost)(:\d+)?)(\/|$)/.test(url)

/**
 * C2SP tlog-witness, as its client: puts a checkpoint to each witness, with the proof from the last that it cosigned.
 * A witness that does not answer, or answers with nonsense, is told of in the journal and costs nobody anything.
 */
export function createOutside(witnesses: readonly OutsideWitness[], { store, sha256, journal, hear }: Outside) {
  // What each has cosigned last, as far as is known; a 409 tells it.
  const known = new Map<string, number>()
  const busy = new Set<string>()

  const post = async (witness: OutsideWitness, note: string, size: number, tries = 2): Promise<void> => {
    const from = known.get(witness.name) ?? 0
    const answer = await add(
      witness.url,
      addBody({ from, note, proof: from === 0 ? [] : consistencyProof({ sha256, from, to: size, read: store.read }) }),
    )
    if (answer.status === 200) {
      known.set(witness.name, size)
      return hear({ lines: answer.text, size })
    }
    const has = answer.status === 409 && answer.type === sizeType ? sizeIn(answer.text) : undefined
    if (has === undefined || has > size) throw new Error(`status ${answer.status}`)
    known.set(witness.name, has)
    if (tries > 1) return post(witness, note, size, tries - 1)
    throw new Error('it has cosigned another size each time')
  }
  return (asked: { readonly note: string; readonly checkpoint: Checkpoint }): void => {
    for (const witness of witnesses) {
      if (busy.has(witness.name)) continue
      busy.add(witness.name)
      post(witness, asked.note, asked.checkpoint.size)
        .catch((error: Error) => journal({ event: 'witness.away', member: witness.name, reason: error.message }))
        .finally(() => busy.delete(witness.name))
    }
  }
}

function sizeIn(text: string): number | undefined {
  return /^(0|[1-9][0-9]{0,15})\n$/.test(text) ? Number(text) : undefined
}

function addBody({ from, note, proof }: { from: number; note: string; proof: readonly Hash[] }): string {
  return `old ${from}\n${proof.map(hash => `${toBase64(hash)}\n`).join('')}\n${note}`
}

async function add(url: string, body: string): Promise<{ status: number; type: string; text: string }> {
  const response = await fetch(`${url}/add-checkpoint`, {
    method: 'POST',
    body,
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
  })
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > answerBytesMax) throw new Error(`an answer of more than ${answerBytesMax} bytes`)
    chunks.push(chunk)
  }
  const type = response.headers.get('content-type')?.split(';')[0]?.trim() ?? ''
  return { status: response.status, type, text: Buffer.concat(chunks).toString('utf8') }
}
