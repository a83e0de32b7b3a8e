/** The only fields that are ever logged. None holds a statement, a proof, a body or a query. */
type Fields = {
  readonly event: string
  readonly route?: string
  readonly member?: string
  readonly status?: number
  readonly code?: string
  readonly ms?: number
  readonly count?: number
  readonly size?: number
  readonly host?: string
  readonly port?: number
  /** Who checks signatures of Ed25519. */
  readonly ed25519?: string
  /** Text of our own errors, of start-up and of storage. */
  readonly reason?: string
}
export type Journal = (fields: Fields) => void

const names = [
  'event',
  'route',
  'member',
  'status',
  'code',
  'ms',
  'count',
  'size',
  'host',
  'port',
  'ed25519',
  'reason',
] as const satisfies readonly (keyof Fields)[]

/** One JSON object a line: nothing a caller sends can begin a second one. */
export function createJournal(write: (line: string) => void, now: () => number): Journal {
  return fields => {
    const kept = names.filter(name => fields[name] !== undefined).map(name => [name, fields[name]])
    write(`${JSON.stringify({ at: new Date(now()).toISOString(), ...Object.fromEntries(kept) })}\n`)
  }
}
