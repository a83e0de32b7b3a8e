import { execFileSync } from 'node:child_process'
import { type Jwe, kinds, recipientsFor, seal, thumbprint, toBase64url, utf8 } from '@chancery/protocol'
import { ed25519 } from '@noble/curves/ed25519.js'
import { beforeAll, describe, expect, test } from 'vitest'
import { sha256 } from '../relay/fixture.ts'
import { type World, makeWorld, worldBegins } from '../world.ts'
import { generated, mutant } from './mutations.ts'
import { hasOpenssl, opensslHolds } from './openssl.ts'
import { seededRandom } from './random.ts'
import { type Ask, bothSay, hasPython, isInstalled, judgedIn, secondWitness } from './second.ts'

// SEED=… replays a run.
const seed = process.env.SEED ?? String(Date.now())
const count = 160

let world: World
beforeAll(async () => {
  world = await makeWorld({ members: 3, seed: 'two verifiers', curvesOnly: true })
})

test.skipIf(!hasPython)('the second witness is here: each verdict of this folder is of two', async () => {
  const [said] = await secondWitness([{ check: 'instant', given: { instant: '2031-01-01T00:00:00Z' } }])
  expect(said).toEqual({ expect: 'ok', value: { seconds: worldBegins } })
})

describe(`two verifiers, of which one was written from the pages alone (SEED=${seed})`, () => {
  test('have one verdict, with one code at one place, on statements that were made and then changed', async () => {
    const random = seededRandom(seed)
    const made = []
    for (let i = 0; i < count; i++) made.push(await mutant(world, random))
    const answers = await bothSay(made.map(({ copy }) => judgedIn(world, copy)))
    const codes = new Set(answers.map(({ expect: code }) => code))
    expect(codes).toContain('ok')
    // So many ways to be wrong were met: the changes are not all of one sort.
    expect(codes.size).toBeGreaterThan(8)
    const unchanged = made.flatMap(({ how }, i) => (how.endsWith('as it is') ? [answers[i]?.expect] : []))
    expect(new Set(unchanged)).toEqual(new Set(['ok']))
  })
  test('have one verdict on signatures at the edges, and on keys', async () => {
    const random = seededRandom(`${seed} edges`)
    const asks = Array.from({ length: 24 }, () => edge(random))
    const codes = (await bothSay(asks)).map(({ expect: code }) => code)
    expect(new Set(codes)).toEqual(new Set(['ok', 'statement.bad-signature']))
  })
})

const jwkOf = (key: Uint8Array) => ({ crv: 'Ed25519', kty: 'OKP', x: toBase64url(key) })
const torsion = ed25519.Point.fromHex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a')
const bytesOf = (random: (below: number) => number, length: number) => Uint8Array.from({ length }, () => random(256))

type Edge = { readonly jwk: object; readonly message: Uint8Array; readonly signature: Uint8Array }

/** A signature that holds, and what becomes of it. */
function edgeOf(random: (below: number) => number): Edge {
  const secret = bytesOf(random, 32)
  const message = bytesOf(random, random(80))
  const signature = Uint8Array.from(ed25519.sign(message, secret))
  const jwk = jwkOf(ed25519.getPublicKey(secret))
  const how = random(5)
  if (how === 1) signature[random(64)] = random(256)
  if (how === 2) signature.set(ed25519.Point.fromBytes(signature.subarray(0, 32)).add(torsion).toBytes())
  if (how === 3) signature.set(random(2) === 0 ? torsion.toBytes() : ed25519.Point.ZERO.toBytes())
  if (how === 4) signature.fill(255, 56)
  return { jwk, message, signature }
}

function edge(random: (below: number) => number): Ask {
  const { jwk, message, signature } = edgeOf(random)
  const given = { alg: 'EdDSA', jwk, message: toBase64url(message), signature: toBase64url(signature) }
  return { check: 'signature', given }
}

describe(`and the standard tools (SEED=${seed})`, () => {
  test.skipIf(!hasOpenssl)('29: openssl takes no signature that we refuse, nor the reverse', async () => {
    const random = seededRandom(`${seed} openssl`)
    const edges = Array.from({ length: 20 }, () => edgeOf(random))
    const asks = edges.map(({ jwk, message, signature }) => ({
      check: 'signature',
      given: { alg: 'EdDSA', jwk, message: toBase64url(message), signature: toBase64url(signature) },
    }))
    const ours = (await bothSay(asks)).map(({ expect: code }) => code === 'ok')
    expect(edges.map(opensslHolds)).toEqual(ours)
    expect(new Set(ours).size).toBe(2)
  })
})

const hasJwcrypto = isInstalled('python3', '-c', 'import jwcrypto')

/** What another library of JOSE makes of our tokens and containers, called as its manual says. */
const jose = `
import json, sys
from jwcrypto import jwe, jwk, jws
def holds(one):
    token = jws.JWS()
    token.deserialize(one["jws"])
    try:
        token.verify(jwk.JWK(**one["jwk"]))
        return True
    except Exception:
        return False
def opened(one):
    box = jwe.JWE()
    box.deserialize(json.dumps(one["jwe"]), jwk.JWK(**one["jwk"]))
    # Padded to a bucket: a byte 0x80, and zeros.
    return box.payload.rstrip(bytes(1))[:-1].decode("utf-8")
given = json.load(sys.stdin)
print(json.dumps([list(map(holds, given["signed"])), list(map(opened, given["sealed"]))]))
`

test.skipIf(!hasJwcrypto)(
  'jwcrypto verifies our statements, refuses them altered, and opens our containers',
  async () => {
    const draft = await generated(world, seededRandom(`${seed} jwcrypto`))
    const { iss } = draft.payload
    const record = world.members[iss]?.record.keys.find(({ use }) => use === 'sign')
    const other = await world.draft('attribution.statement', iss, kinds['attribution.statement'].template)
    const [header, payload] = draft.jws.split('.')
    const forged = `${header}.${payload}.${other.jws.split('.')[2]}`
    const signed = [draft.jws, forged].map(jws => ({ jws, jwk: record?.jwk }))
    const recipients = recipientsFor(world.charter, 'green', [...world.ids])
    const jwe: Jwe = await seal({ plaintext: utf8('{"words":1}'), aad: utf8('for all'), recipients })
    const sealed = world.ids.map(id => ({ jwe, jwk: world.members[id]?.encKey.jwk }))
    const out = execFileSync('python3', ['-c', jose], { input: JSON.stringify({ signed, sealed }), encoding: 'utf8' })
    const [held, opened] = JSON.parse(out) as [boolean[], string[]]
    expect(held).toEqual([true, false])
    expect(opened).toEqual(world.ids.map(() => '{"words":1}'))
    expect(thumbprint(sha256, record?.jwk as never)).toBe(record?.kid)
  },
)
