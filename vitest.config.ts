import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

// Scenarios start hundreds of processes: each reads its modules compiled, which halves its start.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, 'node_modules/.cache/compile')

// A project that names its own exclusions loses vitest's: workspace links under test/ lead into every dependency.
const links = ['**/node_modules/**']
const tidy = ['test/*.test.ts', 'test/tools/**/*.test.ts']
const conformance = ['test/conformance/**/*.test.ts']

/** Every test file is in exactly one project: what is under test/ and in no other is a scenario. */
export default defineConfig({
  test: {
    // Most of a scenario is waiting for a process of its own: one file a core, where vitest would leave one idle.
    maxWorkers: availableParallelism(),
    projects: [
      {
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts', 'apps/*/src/**/*.test.ts'],
          exclude: links,
          // Properties over thousands of cases: no machine is so slow, and none that is busy fails.
          testTimeout: 30_000,
        },
      },
      { test: { name: 'conformance', include: conformance, exclude: links } },
      { test: { name: 'tidy', include: tidy, exclude: links } },
      {
        test: {
          name: 'scenarios',
          include: ['test/**/*.test.ts'],
          exclude: [...links, ...tidy, ...conformance],
          testTimeout: 60_000,
        },
      },
    ],
  },
})
