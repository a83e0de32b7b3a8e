import { join } from 'node:path'
import {
  BeatSeconds,
  Line,
  MemberId,
  Sid,
  limits,
  restrictedTiers,
  beatSecondsMax,
  beatSecondsMin,
  type Json,
} from '@chancery/protocol'
import { z } from 'zod'
import { checkOwn, readOwnJson, writeOwnJson } from './files.ts'
import { OutsideConfig } from './outside.ts'
import { type Answer, Usage, ok, refuse, refused } from './refusal.ts'

/**
 * Plain `http` never leaves this machine, where a tunnel may begin: signatures and containers need no safe transport,
 * but the bodies, and who asks for what, would be read and changed on the way.
 */
export const RelayUrl = z
  .string()
  .max(512)
  .regex(
    /^(https:\/\/[A-Za-z0-9.[\]:-]+|http:\/\/(127\.0\.0\.1|\[::1\]|localhost)(:\d{1,5})?)$/,
    'like https://relay.example, without a path; plain http only to 127.0.0.1, [::1] or localhost',
  )

/** Entries that say nothing, to hide when something is said: so many an interval, to all cleared for the tier. */
export const Cover = z.strictObject({
  count: z.int().min(1).max(64),
  every_seconds: z.int().min(1).max(86_400),
  tlp: z.enum(restrictedTiers),
})
export type Cover = z.infer<typeof Cover>

export const Config = z.strictObject({
  /** Seconds within which this member's node speaks on each chain in use. Absent: it promises nothing. */
  beat: BeatSeconds.optional(),
  /** Absent: none. */
  cover: Cover.optional(),
  /** Statement id of the genesis charter this member has approved: the one thing that is trusted from then on. */
  genesis: Sid.nullable(),
  member: MemberId,
  name: Line,
  /** As it was written; `relayIn` says whether it may be used. A home with a wrong one is cured by `run --relay`. */
  relay: z.string().max(512).nullable(),
  /** Who holds keys in place of the keystore; none where all are in it. */
  signer: OutsideConfig.optional(),
  v: z.literal(1),
})
export type Config = z.infer<typeof Config>

/** Files of a home, by what they are. */
export const homePaths = (home: string) => ({
  config: join(home, 'config.json'),
  keystore: join(home, 'keystore.json'),
  genesis: join(home, 'genesis.jws'),
  mirror: join(home, 'mirror.db'),
  outbox: join(home, 'outbox'),
  discarded: join(home, 'discarded'),
  receipts: join(home, 'receipts'),
  evidence: join(home, 'evidence'),
  lock: join(home, 'lock.db'),
  running: join(home, 'running.db'),
  witness: join(home, 'witness.json'),
})

export function readConfig(home: string): Answer<Config> {
  const own = checkOwn(home)
  if (!own.ok) return own
  const { config: path } = homePaths(home)
  const config = readOwnJson(path, Config, { bytesMax: limits.textMax, code: 'home.bad-config', secret: 'own' })
  if (!config.ok) return config
  return config.value === undefined ? refuse('home.missing', home, 'make one with `chancery init`') : ok(config.value)
}

export const writeConfig = (home: string, config: Config): void => writeOwnJson(homePaths(home).config, config as Json)

/** The relay that was given as `--relay URL`. The one place where what a person gives is checked. */
export function relayGiven(given: string | undefined): string | undefined {
  const relay = RelayUrl.optional().safeParse(given?.replace(/\/+$/, ''))
  if (!relay.success) throw new Usage(`--relay is ${relay.error.issues[0]?.message ?? 'an address'}`)
  return relay.data
}

/** `COUNT:SECONDS[:TIER]`, or `none`; undefined where nothing was given. */
export function coverGiven(given: string | undefined): Cover | 'none' | undefined {
  if (given === undefined || given === 'none') return given
  const [count, seconds, tlp = 'green', ...more] = given.split(':')
  const cover = Cover.safeParse({ count: Number(count), every_seconds: Number(seconds), tlp })
  if (cover.success && more.length === 0) return cover.data
  throw new Usage('--cover is COUNT:SECONDS or COUNT:SECONDS:TIER, 1 to 64 entries every 1 to 86400 seconds, or none')
}

/** `SECONDS`, or `none`; undefined where nothing was given. */
export function beatGiven(given: string | undefined): number | 'none' | undefined {
  if (given === undefined || given === 'none') return given
  const beat = BeatSeconds.safeParse(/^\d+$/.test(given) ? Number(given) : undefined)
  if (beat.success) return beat.data
  throw new Usage(`--beat is a number of seconds from ${beatSecondsMin} to ${beatSecondsMax}, or none`)
}

/** The relay that this home talks to. */
export function relayIn(home: string, { relay }: Config): string {
  if (relay === null)
    throw refused('home.no-relay', home, 'give it with --relay URL; chancery run --relay URL remembers it')
  const known = RelayUrl.safeParse(relay)
  if (known.success) return known.data
  const why = `${known.error.issues[0]?.message ?? 'an address'}; chancery run --relay URL remembers another`
  throw refused('home.bad-config', `${homePaths(home).config}/relay`, why)
}
