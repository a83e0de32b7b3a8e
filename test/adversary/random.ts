import { sha256 } from '../relay/fixture.ts'

/** Whole numbers below a bound, the same ones for the same seed. */
export function seededRandom(seed: string): (below: number) => number {
  let count = 0
  return below => {
    const bytes = Buffer.from(sha256(Buffer.from(`chancery adversary\0${seed}\0${count++}`)))
    return Number(bytes.readBigUInt64BE() % BigInt(Math.max(1, below)))
  }
}
