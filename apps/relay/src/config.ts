import { readFileSync } from 'node:fs'

type Value = string | number
export type Knob<T extends Value = Value> = {
  readonly name: string
  /** undefined: the operator must say. An empty text: none. */
  readonly default: T | undefined
  readonly why: string
}

const text = (name: string, value: string | undefined, why: string): Knob<string> => ({ name, default: value, why })
const count = (name: string, value: number, why: string): Knob<number> => ({ name, default: value, why })

/** Every knob of the relay: spec/07-relay.md#configuration. */
export const knobs = {
  origin: text('origin', undefined, 'name of the log, as the charter has it'),
  genesis: text('genesis', undefined, 'file of the genesis statement: it says who may call and which log key is right'),
  logKey: text('logKey', undefined, 'file of the log keys (PKCS#8 PEM, mode 0600), made by chancery-relay keygen'),
  nextLogKey: text(
    'nextLogKey',
    '',
    'file of the log keys that take over once the charter in force names them; made like those of logKey',
  ),
  store: text('store', undefined, 'file of the log; its head lies beside it under the same name with .head'),
  witnesses: text(
    'witnesses',
    '',
    'tlog-policy file whose witness lines have the addresses of outside witnesses; none of a charter is ever asked',
  ),
  host: text('host', '127.0.0.1', 'address to listen on; any but loopback needs tlsCert and tlsKey'),
  port: count('port', 8480, 'port to listen on; 0 takes a free one'),
  tlsCert: text('tlsCert', '', 'file of the certificate chain (PEM)'),
  tlsKey: text('tlsKey', '', "file of the certificate's key (PEM, mode 0600)"),
  bodyBytesMax: count(
    'bodyBytesMax',
    4_194_304,
    'largest request body: one statement with four sealed tear lines for 200 members, or 64 small ones',
  ),
  bodiesBytesMax: count('bodiesBytesMax', 67_108_864, 'bodies in memory at once, over all callers'),
  connectionsMax: count('connectionsMax', 2_048, 'sockets at once, HTTP and streams together'),
  socketsPerMember: count('socketsPerMember', 3, 'streams of one member: a node, its successor, and one for a person'),
  statementsPerSecond: count(
    'statementsPerSecond',
    20,
    'lasting rate of one member, so that none crowds out the others',
  ),
  statementsBurst: count('statementsBurst', 100, 'statements of one member at once; at least 64, one full request'),
  requestsPerSecond: count(
    'requestsPerSecond',
    50,
    "lasting rate of one member's requests: each costs a signature check",
  ),
  requestsBurst: count('requestsBurst', 500, 'requests of one member at once: a node that catches up by tiles'),
  proofsMax: count(
    'proofsMax',
    500_000,
    'request proofs remembered against replay, the same share for each member; who fills its own is refused',
  ),
  waitingMax: count('waitingMax', 4_096, 'statements admitted or being checked and not yet on the log'),
  batchMax: count('batchMax', 512, 'statements that share one fsync and one checkpoint'),
  frameBytesMax: count('frameBytesMax', 262_144, 'bytes of one stream frame, counted by what its reader is sent'),
  streamFramesMax: count('streamFramesMax', 64, 'frames on their way to one reader; the log is the queue behind them'),
  streamBytesMax: count('streamBytesMax', 1_048_576, 'bytes on their way to one reader'),
  outboundBytesMax: count(
    'outboundBytesMax',
    67_108_864,
    'bytes on their way to all readers; past it the fullest is cut',
  ),
  slowMs: count('slowMs', 10_000, 'a reader whose oldest frame waits longer is cut and resumes later'),
  helloMs: count('helloMs', 5_000, 'time for the first message of a stream'),
  pingMs: count('pingMs', 20_000, 'time between pings; a stream that answers none in between is closed'),
  drainMs: count('drainMs', 5_000, 'time to finish what is under way after SIGTERM'),
} as const

export type Config = {
  readonly [Name in keyof typeof knobs]: (typeof knobs)[Name] extends Knob<number> ? number : string
}

/** What the operator wrote is wrong: the program ends with a usage error and says which knob. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

const loopback: ReadonlySet<string> = new Set(['127.0.0.1', '::1', 'localhost'])
const prefix = 'CHANCERY_RELAY_'

/** The file first, then the environment: CHANCERY_RELAY_BODY_BYTES_MAX is bodyBytesMax. */
export function loadConfig(path: string, env: Readonly<Record<string, string | undefined>>): Config {
  let file: unknown
  try {
    file = JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw new ConfigError(`cannot read ${path}: ${(cause as Error).message}`, { cause })
  }
  if (typeof file !== 'object' || file === null || Array.isArray(file)) {
    throw new ConfigError(`${path} is not a JSON object`)
  }
  const given = fromEnvironment(env)
  return readConfig({ ...file, ...given }, name => (Object.hasOwn(given, name) ? variableOf(name) : `"${name}"`))
}

function fromEnvironment(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const given: Record<string, string> = {}
  for (const [variable, value] of Object.entries(env)) {
    if (!variable.startsWith(prefix) || value === undefined) continue
    const name = Object.keys(knobs).find(knob => variableOf(knob) === variable)
    if (name === undefined) throw new ConfigError(`${variable} is no knob of this relay`)
    given[name] = value
  }
  return given
}

export const variableOf = (knob: string): string =>
  prefix + knob.replace(/[A-Z]/g, letter => `_${letter}`).toUpperCase()

/** How a knob is named to its operator: by the place where its value stands. */
type NameOf = (knob: string) => string
const asInFile: NameOf = knob => `"${knob}"`

/** Every knob with its value; an unknown knob, a missing one or one of another type is refused. */
export function readConfig(given: Readonly<Record<string, unknown>>, nameOf = asInFile): Config {
  const unknown = Object.keys(given).find(name => !Object.hasOwn(knobs, name))
  if (unknown !== undefined) throw new ConfigError(`"${unknown}" is no knob of this relay`)
  const entries = Object.values(knobs).map((knob: Knob) => [knob.name, valueOf(knob, given[knob.name], nameOf)])
  const config = Object.fromEntries(entries) as Config
  checkTogether(config, nameOf)
  return config
}

function valueOf({ name, default: fallback }: Knob, given: unknown, nameOf: NameOf): Value {
  const value = given ?? fallback
  if (value === undefined) throw new ConfigError(`${nameOf(name)} must be set`)
  if (typeof fallback !== 'number') {
    if (typeof value !== 'string') throw new ConfigError(`${nameOf(name)} is a text`)
    return value
  }
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value
  const range = name === 'port' ? { from: 0, words: `from 0 to ${portMax}` } : { from: 1, words: 'above zero' }
  const holds = typeof number === 'number' && Number.isSafeInteger(number) && number >= range.from
  if (!holds) throw new ConfigError(`${nameOf(name)} is a whole number ${range.words}`)
  return number
}

function checkTogether(config: Config, nameOf: NameOf): void {
  const { host, tlsCert, tlsKey, statementsBurst, port, batchMax, bodyBytesMax } = config
  const tls = `${nameOf('tlsCert')} and ${nameOf('tlsKey')}`
  if ((tlsCert === '') !== (tlsKey === '')) throw new ConfigError(`${tls} come together`)
  if (tlsCert === '' && !loopback.has(host)) {
    throw new ConfigError(`plain HTTP is for loopback only: ${nameOf('host')} is ${host}, so ${tls} must be set`)
  }
  const least = (knob: string, min: number) => new ConfigError(`${nameOf(knob)} is at least ${min}`)
  const most = (knob: string, max: number) => new ConfigError(`${nameOf(knob)} is at most ${max}`)
  if (statementsBurst < submissionsMax) throw least('statementsBurst', submissionsMax)
  if (batchMax > batchMaxMax) throw most('batchMax', batchMaxMax)
  if (bodyBytesMax > batchBytesMax) throw most('bodyBytesMax', batchBytesMax)
  if (port > portMax) throw most('port', portMax)
}

/** Submissions in one request: spec/07-relay.md#limits. */
export const submissionsMax = 64
/** What may share one checkpoint, bytes as submitted: a reader puts no more together than that, as delivered. */
export const batchBytesMax = 16 * 1_048_576
const batchMaxMax = 16_384
const portMax = 65_535
