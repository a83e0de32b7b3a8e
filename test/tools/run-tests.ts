import { closingLine, format, lint, runStep, sum, types, type Outcome, type Step } from './steps.ts'

/** Everything `npm test` runs, in order. A new step is one row; a step whose tool is missing is skipped and says so. */
const steps: readonly Step[] = [
  types,
  lint,
  format,
  { name: 'vectors are up to date', run: ['node', 'test/tools/make-vectors.ts', '--check'] },
  { name: 'second witness in Python', run: ['python3', 'spec/check.py'], needs: ['python3'] },
  { name: 'Go reads the log', run: ['node', 'test/tools/go-witness.ts'], needs: ['go', 'golang.org/x/mod'] },
  { name: 'tests', run: ['vitest', 'run'] },
  { name: 'the main job', run: ['node', '--disable-warning=ExperimentalWarning', 'test/demo/check.ts'] },
]

const outcomes: Outcome[] = []
const lines: string[] = []
for (const [index, step] of steps.entries()) {
  console.log(`\n[${index + 1}/${steps.length}] ${step.name}: ${step.run.join(' ')}`)
  const began = performance.now()
  const outcome = await runStep(step, 'shown')
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  outcomes.push(outcome)
  lines.push(`  ${step.name.padEnd(28)} ${closingLine(outcome).padEnd(34)} ${seconds} s`)
}

const total = sum(outcomes)
console.log(`\n${lines.join('\n')}\n`)
console.log(closingLine(total))
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1
