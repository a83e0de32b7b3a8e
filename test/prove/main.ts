import { proveAdversary } from './adversary.ts'
import { proveMutants } from './mutants.ts'

/** `npm run prove [-- PART [WORDS]]`: the long lane. Each part prints what it found and fails loudly. */
const parts: Readonly<Record<string, (only?: string) => Promise<boolean>>> = {
  adversary: proveAdversary,
  mutants: proveMutants,
}

const [wanted, only] = process.argv.slice(2)
if (wanted !== undefined && !Object.hasOwn(parts, wanted)) {
  console.error(`there is no part ${wanted}; there are ${Object.keys(parts).join(', ')}`)
  process.exit(2)
}
let holds = true
for (const [name, prove] of Object.entries(parts)) {
  if (wanted === undefined || wanted === name) holds = (await prove(only)) && holds
}
process.exitCode = holds ? 0 : 1
