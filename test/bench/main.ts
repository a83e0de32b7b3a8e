import { availableParallelism } from 'node:os'
import { benchAudit } from './audit.ts'
import { benchBundle } from './bundle.ts'
import { makeCorpus } from './corpus.ts'
import { benchLargestSet } from './largest-set.ts'
import { benchFanout, benchIngest, benchStartUp } from './relay.ts'
import { benchSeal } from './seal.ts'
import { benchSharing } from './sharing.ts'
import { benchVerify } from './verify.ts'

/** `npm run bench [-- NAME…]`: every figure beside its limit, measured in the same run. */
const corpus = await makeCorpus(9)
const benches: Readonly<Record<string, () => Promise<void>>> = {
  verify: () => benchVerify(corpus),
  audit: () => benchAudit(corpus),
  bundle: benchBundle,
  'largest-set': benchLargestSet,
  seal: benchSeal,
  sharing: benchSharing,
  ingest: () => benchIngest(corpus),
  'fan-out': () => benchFanout(corpus),
  'start-up': () => benchStartUp(corpus),
}
console.log(`node ${process.version}, OpenSSL ${process.versions.openssl}, ${availableParallelism()} cores\n`)
const wanted = process.argv.slice(2)
const unknown = wanted.find(name => !Object.hasOwn(benches, name))
if (unknown !== undefined) {
  console.error(`${unknown} is no bench; there are ${Object.keys(benches).join(', ')}`)
  process.exit(2)
}
for (const [name, bench] of Object.entries(benches)) {
  if (wanted.length === 0 || wanted.includes(name)) await bench()
}
