import {
  type OpenKey,
  type Result,
  Slices,
  checkAddressee,
  fromBase64url,
  isCleared,
  mayEnclose,
  ok,
  openSealed,
  openSlots,
  openTagKey,
  portableSha256 as sha256,
  readDisclosures,
  readTierCopy,
  recipientsFor,
  restrictedTiers,
  tiers,
  toHex,
  unseal,
} from '@chancery/protocol'
import { z } from 'zod'
import { nameOf } from './lines.ts'
import { charterOf } from './statements.ts'

/** How a case of spec/vectors/sharing is run. Private keys are given: they are of nobody. */
export const sharingChecks: Record<string, (given: unknown) => Result<unknown> | Promise<Result<unknown>>> = {
  tierCopy: given => readTierCopy(z.strictObject({ copy: z.string() }).parse(given).copy),
  tearLines: given => {
    const { claims, disclosures, readers } = TearGiven.parse(given)
    const read = readDisclosures(sha256, claims, disclosures)
    if (!read.ok) return read
    const addressed = readers === undefined ? read : checkAddressee(read.value, { releasable_to: readers })
    return addressed.ok ? ok(Object.fromEntries(read.value.map(line => [nameOf(line), line.content]))) : addressed
  },
  seal: async given => {
    const { aad, jwe, keys, fill } = SealGiven.parse(given)
    const filled = fill === undefined ? jwe : { ...jwe, ciphertext: 'A'.repeat(fill) }
    const opened = await unseal({ aad: new TextEncoder().encode(aad), jwe: filled, keys })
    return opened.ok ? ok({ hex: toHex(opened.value) }) : opened
  },
  sealedTier: async given => {
    const { jwe, keys, sid } = z.strictObject({ jwe: z.unknown(), keys: Keys, sid: z.string() }).parse(given)
    const opened = await openSlots({ sid, jwe, keys })
    return opened.ok ? ok({ disclosures: opened.value }) : opened
  },
  sealedStatement: async given => {
    const asked = z.strictObject({ commitment: z.string(), jwe: z.unknown(), keys: Keys }).parse(given)
    const commitment = fromBase64url(asked.commitment) ?? new Uint8Array(0)
    return openSealed({ ...asked, commitment })
  },
  enclosure: given => {
    const { enclosed, enclosing, held } = EnclosureGiven.parse(given)
    const lines = enclosed.lines.map(label => ({ label }))
    const find = (sid: string) => (held[sid] === undefined ? undefined : { body: held[sid] })
    return ok({ may: mayEnclose({ sid: '', lines: [], ...enclosing }, { body: {}, ...enclosed, lines }, find) })
  },
  tagKey: async given => {
    const { keys, tag } = z.strictObject({ keys: Keys, tag: z.looseObject({}) }).parse(given)
    const opened = await openTagKey({ tag } as never, keys)
    return opened.ok ? ok({ hex: toHex(opened.value) }) : opened
  },
  clearance: given => {
    const { charter, tlp } = z.strictObject({ charter: z.string(), tlp: z.enum(tiers) }).parse(given)
    const state = charterOf(charter)
    const cleared = state.charter.members.map(({ id }) => id).filter(id => isCleared(state.charter, id, tlp))
    const tier = restrictedTiers.find(restricted => restricted === tlp)
    return ok({ cleared, recipients: tier === undefined ? [] : recipientsFor(state, tier).map(({ kid }) => kid) })
  },
}

const Slot = z.strictObject({ _sd: z.tuple([z.string()]), tlp: z.enum(tiers) })
const TearGiven = z.strictObject({
  claims: z.strictObject({
    iss: z.string(),
    jti: z.string(),
    slices: Slices.optional(),
    tear: z.record(z.string(), Slot),
  }),
  disclosures: z.array(z.string()),
  /** Whom the container that they came in is for. */
  readers: z.array(z.string()).optional(),
})
const Keys = z.array(z.looseObject({})).transform(keys => keys as unknown as readonly OpenKey[])
const EnclosureGiven = z.strictObject({
  enclosed: z.strictObject({ iss: z.string(), kind: z.string(), lines: z.array(z.string()), sid: z.string() }),
  enclosing: z.strictObject({ body: z.unknown(), iss: z.string(), kind: z.string() }),
  held: z.record(z.string(), z.unknown()),
})
const SealGiven = z.strictObject({
  aad: z.string(),
  fill: z.number().optional(),
  jwe: z.looseObject({}),
  keys: Keys,
})
