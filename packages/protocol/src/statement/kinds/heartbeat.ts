import { z } from 'zod'
import { kind } from '../kind.ts'

/** Seconds: below a minute a log is filled with nothing else, and after 30 days a promise alarms nobody in time. */
export const [beatSecondsMin, beatSecondsMax] = [60, 2_592_000] as const

export const BeatSeconds = z.int().min(beatSecondsMin).max(beatSecondsMax)

export const HeartbeatBody = z.strictObject({
  /** null: the last of its chain, for now. */
  every: BeatSeconds.nullable(),
})
export type HeartbeatBody = z.infer<typeof HeartbeatBody>

/** What a member says so that its silence means something: spec/14-witnesses.md#heartbeats */
export const heartbeatKinds = {
  /** spec/05-kinds.md#heartbeat */
  heartbeat: kind<HeartbeatBody>({
    title: 'Heartbeat',
    issuers: ['member'],
    use: 'sign',
    body: HeartbeatBody,
    slot: null,
    refs: () => [],
    laws: [],
    template: { every: 3_600 },
  }),
} as const
