import { defineConfig } from 'vitest/config'

// A project that names its own exclusions loses vitest's: workspace links under test/ lead into every dependency.
const links = ['**/node_modules/**']
const tidy = ['test/*.test.ts', 'test/tools/**/*.test.ts']
const conformance = ['test/conformance/**/*.test.ts']

/** Every test file is in exactly one project: what is under test/ and in no other is a scenario. */
export default defineConfig({
  test: {
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
