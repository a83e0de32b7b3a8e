/** Rates are medians of interleaved rounds in one run: the machine's drift hits both sides of a ratio alike. */
export type Rate = { readonly name: string; readonly perSecond: number }

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

export type Work = { readonly name: string; readonly count: number; readonly run: () => void | Promise<void> }

/** Each work in turn, `rounds` times after one warm-up; per second, by the median round. */
export async function race(works: readonly Work[], rounds = 7): Promise<ReadonlyMap<string, number>> {
  const times = new Map(works.map(({ name }) => [name, [] as number[]]))
  for (let round = 0; round <= rounds; round++) {
    for (const { name, count, run } of works) {
      const began = performance.now()
      await run()
      if (round > 0) times.get(name)?.push(count / ((performance.now() - began) / 1000))
    }
  }
  return new Map([...times].map(([name, rates]) => [name, median(rates)]))
}

export type Figure = {
  readonly what: string
  readonly value: number
  readonly unit: string
  readonly goal?: string
  readonly beside: string
}

const round = (value: number): string => (value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(2))

export function printFigure({ what, value, unit, goal, beside }: Figure): void {
  const shown = `${round(value)} ${unit}`.padStart(16)
  console.log([what.padEnd(52), shown, ` ${beside}`, goal === undefined ? '' : ` goal ${goal}`].join(' '))
}
