import { join } from 'node:path'
import { Line, MemberId, Sid, limits, type Json } from '@chancery/protocol'
import { z } from 'zod'
import { readOwnJson, writeOwnJson } from './files.ts'
import { type Answer, ok, refuse } from './refusal.ts'

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

export const Config = z.strictObject({
  /** Statement id of the genesis charter this member has approved: the one thing that is trusted from then on. */
  genesis: Sid.nullable(),
  member: MemberId,
  name: Line,
  relay: RelayUrl.nullable(),
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
  lock: join(home, 'lock'),
})

export function readConfig(home: string): Answer<Config> {
  const { config: path } = homePaths(home)
  const config = readOwnJson(path, Config, { bytesMax: limits.textMax, code: 'home.bad-config', secret: 'secret' })
  if (!config.ok) return config
  return config.value === undefined ? refuse('home.missing', home, 'make one with `chancery init`') : ok(config.value)
}

export const writeConfig = (home: string, config: Config): void => writeOwnJson(homePaths(home).config, config as Json)
