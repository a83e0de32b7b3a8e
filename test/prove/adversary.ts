import { type LieName, lieNames, signedAnew } from '../adversary/lies.ts'
import { complaintsOver, tell } from '../adversary/matrix.ts'
import { type Saying, sayings } from '../adversary/scene.ts'

type Lie = { readonly lie: LieName; readonly anew: boolean }

/** Every lie to every party, over what was said in every order, each telling in a coalition of its own seed. */
export async function proveAdversary(only?: string): Promise<boolean> {
  const all: readonly Lie[] = [
    ...lieNames.map(lie => ({ lie, anew: false })),
    ...(Object.keys(signedAnew) as LieName[]).map(lie => ({ lie, anew: true })),
  ]
  const chosen = all.filter(({ lie }) => only === undefined || lie.includes(only))
  const [orders, base] = [ordersOf(sayings), process.env.SEED ?? 'the adversary']
  let wrong = 0
  for (const { lie, anew } of chosen) {
    const name = anew ? `${lie}, under a head signed anew` : lie
    const found: string[] = []
    for (const [i, order] of orders.entries()) {
      const seed = `${base} ${i}`
      const complaints = await complaintsOf({ lie, anew }, order, seed)
      found.push(...complaints.map(why => `  ${why}\n    SEED=${seed}, in the order ${order.join(', ')}`))
    }
    wrong += found.length
    console.log([`${name}: ${orders.length} orders, ${found.length} differ`, ...found].join('\n'))
  }
  console.log(
    `\n${chosen.length * orders.length} tellings to four parties each, ${wrong} differ from the table (SEED=${base})`,
  )
  return wrong === 0 && chosen.length > 0
}

async function complaintsOf(told: Lie, order: readonly Saying[], seed: string): Promise<string[]> {
  try {
    return complaintsOver(told, await tell({ ...told, order, seed }))
  } catch (error) {
    return [`${told.lie}: ${(error as Error).message}`]
  }
}

function ordersOf<T>(all: readonly T[]): T[][] {
  if (all.length === 0) return [[]]
  return all.flatMap(first => ordersOf(all.filter(one => one !== first)).map(rest => [first, ...rest]))
}
