import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Index, type Json, Label, Sid, Submission, limits } from '@chancery/protocol'
import { z } from 'zod'
import { homePaths } from './config.ts'
import { makeFolder, namesIn, readOwnJson, removeDurably, writeOwnJson } from './files.ts'
import { orRefuse } from './refusal.ts'

/** A signed statement on its way: written durably before it is sent, and gone only once the mirror holds it. */
export const OutboxItem = z.strictObject({
  chain: z.strictObject({ id: Label, seq: Index }),
  /** The author's own tear lines, in the order of their labels. */
  disclosures: z.array(z.string().max(limits.disclosureBytesMax)).max(limits.slotsMax),
  /** The statement itself: of a sealed one, what is submitted does not show it. */
  jws: z.string().max(limits.statementBytesMax),
  kind: z.string().max(64),
  sid: Sid,
  submission: Submission,
  v: z.literal(2),
})
export type OutboxItem = z.infer<typeof OutboxItem>
export type Kept = { readonly name: string; readonly item: OutboxItem }

const itemBytesMax = 16 * 1024 * 1024

/** In the order they were signed. */
export function outboxOf(home: string): readonly Kept[] {
  const { outbox } = homePaths(home)
  const kept: Kept[] = []
  for (const name of namesIn(outbox)) {
    const reading = { bytesMax: itemBytesMax, code: 'home.bad-config', secret: 'own' } as const
    const item = orRefuse(readOwnJson(join(outbox, name), OutboxItem, reading))
    // Another process of this node may have sent it since the folder was listed.
    if (item !== undefined) kept.push({ name, item })
  }
  return kept
}

export function keepInOutbox(home: string, item: OutboxItem): void {
  const { outbox } = homePaths(home)
  makeFolder(outbox)
  const last = namesIn(outbox).at(-1)?.slice(0, numberDigits) ?? '0'
  const name = `${String(Number(last) + 1).padStart(numberDigits, '0')}-${item.sid}.json`
  writeOwnJson(join(outbox, name), item as Json)
}

const numberDigits = 12

export const dropFromOutbox = (home: string, { name }: Kept): void => removeDurably(join(homePaths(home).outbox, name))

/** Whether this home has sent a statement, or was about to: it waits, its receipt is kept, or it was discarded. */
export function isSentFrom(home: string, sid: string): boolean {
  const { outbox, receipts, discarded } = homePaths(home)
  const kept = existsSync(join(receipts, `${sid}.tlog-proof`)) || existsSync(join(discarded, `${sid}.json`))
  return kept || namesIn(outbox).some(name => name.includes(sid))
}

/** What is never sent again is kept apart: its author may want its words, and has signed them. */
export function discard(home: string, kept: Kept): void {
  const { discarded } = homePaths(home)
  makeFolder(discarded)
  writeOwnJson(join(discarded, `${kept.item.sid}.json`), kept.item as Json)
  dropFromOutbox(home, kept)
}
