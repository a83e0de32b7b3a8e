import { toHex } from './bytes.ts'

// RFC 7748 takes any 32 bytes; these are the u-coordinates with which every shared secret is zero,
// and non-canonical ones.
const prime = 2n ** 255n - 19n
const lowOrder: ReadonlySet<bigint> = new Set([
  0n,
  1n,
  325606250916557431795983626356110631294008115727848805560023387167927233504n,
  39382357235489614581723060781553021112529911719440698176882885853963445705823n,
  prime - 1n,
])

/** Why 32 bytes may not be enrolled as an X25519 key, or undefined: spec/02-bytes.md#x25519. */
export function whyNotX25519(bytes: Uint8Array): string | undefined {
  const u = BigInt(`0x${toHex(Uint8Array.from(bytes).reverse())}`)
  if (u >= prime) return 'x is not a canonical coordinate'
  return lowOrder.has(u) ? 'the point has small order' : undefined
}
