/** What every node needs to talk to a relay and believe nothing it says unchecked. */
export * from './relay.ts'
export * from './stream.ts'
export * from './mirror.ts'
export * from './notice.ts'
export * from './witnessed.ts'
export * from './admit.ts'
export { admittedPrefix } from './batch.ts'
export * from './follow.ts'
