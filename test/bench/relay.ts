export { benchFanout } from './fan-out.ts'
export { benchIngest } from './ingest.ts'
export { benchStartUp } from './start-up.ts'
