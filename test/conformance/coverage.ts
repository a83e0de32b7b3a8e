/** One case as it stands in a file of spec/vectors. */
export type VectorCase = {
  readonly name: string
  readonly given: unknown
  readonly expect: string
  readonly at?: string
  readonly value?: unknown
}
export type VectorFile = { readonly spec: string; readonly check: string; readonly cases: readonly VectorCase[] }

type Covering = {
  readonly codes: readonly string[]
  readonly files: readonly VectorFile[]
  /** Codes that no data can show, and the test that shows each. */
  readonly elsewhere: Readonly<Record<string, string>>
  readonly read: (path: string) => string | undefined
}

/** A code nobody has seen refused is a promise nobody has tested. */
export function uncoveredCodes({ codes, files, elsewhere, read }: Covering): string[] {
  const refused = new Set(files.flatMap(file => file.cases.map(vector => vector.expect)))
  const missing = codes.filter(code => !refused.has(code) && !Object.hasOwn(elsewhere, code))
  const untold = Object.entries(elsewhere).filter(([code, path]) => !read(path)?.includes(`'${code}'`))
  const unknown = Object.keys(elsewhere).filter(code => !codes.includes(code))
  const needless = Object.keys(elsewhere).filter(code => refused.has(code))
  return [
    ...missing.map(code => `${code} has no negative vector`),
    ...untold.map(([code, path]) => `${code} is not in ${path}`),
    ...unknown.map(code => `${code} is no failure code`),
    ...needless.map(code => `${code} has a vector and needs no other place`),
  ]
}

/** Both answers are needed: a check that always holds, or never, would pass with one of them. */
export function kindHasBoth(file: VectorFile | undefined): boolean {
  const answers = new Set((file?.cases ?? []).map(vector => vector.expect === 'ok'))
  return answers.size === 2
}
