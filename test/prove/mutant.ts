/** One line of a check made wrong, and the test files of which at least one must then fail. */
export type Mutant = {
  readonly name: string
  readonly file: string
  /** Stands exactly once in the file. */
  readonly line: string
  readonly becomes: string
  readonly tests: readonly string[]
}

export const protocol = 'packages/protocol/src'
export const vectors = 'test/conformance/vectors.test.ts'
export const of = (
  name: string,
  path: string,
  [line, becomes]: readonly [string, string],
  ...tests: string[]
): Mutant => ({
  name,
  file: path.includes('/src/') ? path : `${protocol}/${path}`,
  line,
  becomes,
  tests: tests.length > 0 ? tests : [vectors],
})
