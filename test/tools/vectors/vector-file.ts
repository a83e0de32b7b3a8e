/** One file under spec/vectors: what is given, and what every implementation answers (spec/README.md). */
export type VectorFile = {
  /** The clause that orders it: `spec/06-log.md#receipts`. */
  spec: string
  /** The name of the check in test/conformance/checks that runs it. */
  check: string
  cases: VectorCase[]
}

/** `expect` is "ok" or a failure code; `at` and `value` are compared where they are given. */
export type VectorCase = { name: string; given: unknown; expect: string; at?: string; value?: unknown }
