/** A durable copy of one log: the relay's log, and the mirror of a node. */
export * from './store.ts'
export { type LogStore, openStore } from './sqlite.ts'
export * from './reason.ts'
