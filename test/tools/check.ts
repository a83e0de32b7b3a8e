import { closingLine, format, lint, runStep, sum, types, type Step } from './steps.ts'

/** What to run before each commit: seconds, side by side. `npm test` runs the rest. */
const steps: readonly Step[] = [
  types,
  lint,
  format,
  { name: 'tests', run: ['vitest', 'run', '--project', 'unit', '--project', 'conformance', '--project', 'tidy'] },
]

const outcomes = await Promise.all(
  steps.map(async step => {
    const outcome = await runStep(step, 'kept')
    console.log(`${outcome.failed === 0 ? 'holds ' : 'FAILED'}  ${step.name}: ${closingLine(outcome)}`)
    if (outcome.failed > 0) console.log(outcome.output)
    return outcome
  }),
)

const total = sum(outcomes)
console.log(closingLine(total))
process.exitCode = total.failed === 0 ? 0 : 1
