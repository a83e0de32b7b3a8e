import { type Refusal } from './problem.ts'

export type Quota = (member: string, cost: number) => Refusal | undefined

/** One bucket for each member. Callers are members by then, so there are never more buckets than members. */
export function createQuota(input: {
  readonly perSecond: number
  readonly burst: number
  readonly now: () => number
  readonly what: string
}): Quota {
  const { perSecond, burst, now, what } = input
  const buckets = new Map<string, { level: number; at: number }>()
  return (member, cost) => {
    const at = now()
    const bucket = buckets.get(member) ?? { level: burst, at }
    const refilled = Math.min(burst, bucket.level + (Math.max(0, at - bucket.at) / 1_000) * perSecond)
    const level = refilled >= cost ? refilled - cost : refilled
    buckets.set(member, { level, at })
    if (refilled >= cost) return undefined
    const retryAfterSeconds = Math.max(1, Math.ceil((cost - refilled) / perSecond))
    return { ok: false, code: 'relay.busy', why: `${perSecond} ${what} a second, ${burst} at once`, retryAfterSeconds }
  }
}
