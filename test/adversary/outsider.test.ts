import {
  type Vkey,
  cosign,
  createTree,
  formatVkey,
  fromBase64url,
  kinds,
  leafHash,
  mlDsa44Keys,
  signCheckpoint,
  signMlDsa44,
  signatureTypes,
  splitVkey,
  utf8,
  withSignatures,
} from '@chancery/protocol'
import { ed25519 } from '@noble/curves/ed25519.js'
import { beforeAll, describe, expect, test } from 'vitest'
import { sha256 } from '../relay/fixture.ts'
import { type World, cosignedNote, derive, makeWorld, worldBegins } from '../world.ts'
import { hasOpenssl, opensslHolds } from './openssl.ts'
import { type Ask, bothSay, codesBothSay, judgedIn } from './second.ts'

const { template } = kinds['attribution.statement']
let world: World
beforeAll(async () => {
  world = await makeWorld({ members: 4, seed: 'an outsider', quorum: 3, curvesOnly: true })
})

const quorumOf = (note: string, policy = world.charter.charter.policy ?? ''): Ask => ({
  check: 'quorum',
  given: { note, origin: world.origin, policy },
})

describe('an outsider with stolen keys', () => {
  test('54: with the key of the log alone it signs a log that counts for nobody', async () => {
    const { origin, vkey, relay } = world
    const tree = createTree(sha256)
    for (const text of ['a log', 'of its own']) tree.append(leafHash(sha256, utf8(text)))
    const checkpoint = { origin, size: tree.size, root: tree.root() }
    const note = signCheckpoint({ checkpoint, vkey, sign: relay.sign })
    expect(await codesBothSay([quorumOf(note)])).toEqual(['log.no-quorum'])
  })
  test('55: with fewer witness keys than a quorum it makes no second view count', async () => {
    const by = (...ids: string[]) => Object.fromEntries(ids.map((id, i) => [id, worldBegins + i]))
    const codes = await codesBothSay([
      quorumOf(cosignedNote(world, 4, by('aldova'))),
      quorumOf(cosignedNote(world, 4, by('aldova', 'borsk'))),
      quorumOf(cosignedNote(world, 4, by('aldova', 'borsk', 'caldria'))),
    ])
    expect(codes).toEqual(['log.no-quorum', 'log.no-quorum', 'ok'])
  })
  test('52: with the key of a member it speaks as that member does, and for no other', async () => {
    const thief = world.members['borsk']?.signer
    if (thief === undefined) throw new Error('no signer')
    const said = await world.draft('attribution.statement', 'borsk', template)
    const asOther = await world.draft('attribution.statement', 'borsk', template, {
      change: claims => ({ ...claims, iss: 'caldria' }),
    })
    expect(await codesBothSay([judgedIn(world, `${said.jws}~`), judgedIn(world, `${asOther.jws}~`)])).toEqual([
      'ok',
      'statement.not-issuer',
    ])
  })
})

describe('an outsider for whom Ed25519 has fallen', () => {
  const witnesses = ['aldova', 'borsk'] as const
  const nameOf = (id: string): string => `${world.origin}/witness/${id}`
  const pqKeys = (id: string) => mlDsa44Keys(derive('an outsider', `${id} ml-dsa`))
  const keyOf = (text: string): Vkey => splitVkey(text) ?? raise(text)
  const edVkey = (id: string): string => {
    const key = ed25519.getPublicKey(derive('an outsider', `${id} witness`))
    return formatVkey({ sha256, name: nameOf(id), key, type: signatureTypes.cosignature })
  }
  const pqVkey = (id: string, name = nameOf(id)): string =>
    formatVkey({ sha256, name, key: pqKeys(id).publicKey, type: signatureTypes.mlDsa44 })

  /** Each witness has two keys, and counts with both. */
  function policy(): string {
    const pairs = witnesses.flatMap(id => [
      `witness ${id}-ed ${edVkey(id)}`,
      `witness ${id}-pq ${pqVkey(id)}`,
      `group ${id} all ${id}-ed ${id}-pq`,
    ])
    const logs = [`log ${world.vkey}`, `log ${pqVkey('log', world.origin)}`]
    return `${[...logs, ...pairs, 'group both all aldova borsk', 'quorum both'].join('\n')}\n`
  }

  function lines(pqBy: string = '') {
    const checkpoint = { origin: world.origin, size: 4, root: world.tree.root(4) }
    const ed = witnesses.map(id => {
      const sign = (message: Uint8Array) => ed25519.sign(message, derive('an outsider', `${id} witness`))
      return cosign(keyOf(edVkey(id)), { checkpoint, at: worldBegins, sign })
    })
    const pq = ['log', ...witnesses].map(id => {
      const key = keyOf(id === 'log' ? pqVkey(id, world.origin) : pqVkey(id))
      const sign = (message: Uint8Array) => signMlDsa44(pqKeys(`${pqBy}${id}`).secretKey, message)
      return cosign(key, { checkpoint, at: worldBegins, sign })
    })
    return { ed, pq }
  }

  test('56: signs with every Ed25519 key there is, and has no quorum where both families are asked for', async () => {
    const { ed, pq } = lines()
    const stranger = lines('not ')
    const notes = [[...ed, ...pq], ed, [...ed, ...stranger.pq]].map(each => withSignatures(world.checkpoint(4), each))
    const [whole, broken, forged] = await bothSay(notes.map(note => quorumOf(note, policy())))
    expect(whole).toMatchObject({ expect: 'ok', value: { standsOn: ['ed25519', 'ml-dsa-44'] } })
    expect(broken?.expect).toMatch(/^log\.(no-quorum|bad-signature)$/)
    expect(forged?.expect).toMatch(/^log\.bad-(cosignature|signature)$/)
  })
})

describe('an auditor that says what is not so', () => {
  const entryOf = (index: number): string => Buffer.from(world.entries[index] ?? []).toString('base64url')
  const receiptOf = (index: number, entry = entryOf(index)): Ask => {
    const { origin, vkey } = world
    return { check: 'logReceipt', given: { receipt: world.receipt(index), entry, origin, vkey } }
  }

  test('63: “it is not on the log” is refuted by its receipt, which holds for nothing else', async () => {
    const codes = await codesBothSay([receiptOf(2), receiptOf(2, entryOf(3))])
    expect(codes).toEqual(['ok', 'log.bad-proof'])
  })
  test('64: “it did not sign”, and “it did”, are decided by the statement and the charter', async () => {
    const said = await world.draft('attribution.statement', 'borsk', template)
    const other = await world.draft('attribution.statement', 'caldria', template)
    const [header, payload] = other.jws.split('.')
    const never = `${header}.${payload}.${said.jws.split('.')[2]}`
    expect(await codesBothSay([judgedIn(world, `${said.jws}~`), judgedIn(world, `${never}~`)])).toEqual([
      'ok',
      'statement.bad-signature',
    ])
  })
  test.skipIf(!hasOpenssl)('64: and openssl says the same, of the statement and of the head of the log', async () => {
    const said = await world.draft('attribution.statement', 'borsk', template)
    const [header, payload, signature = ''] = said.jws.split('.')
    const jwk = world.members['borsk']?.record.keys.find(({ use }) => use === 'sign')?.jwk ?? {}
    const parts = {
      jwk,
      message: utf8(`${header}.${payload}`),
      signature: fromBase64url(signature) ?? new Uint8Array(),
    }
    expect(opensslHolds(parts)).toBe(true)
    expect(opensslHolds({ ...parts, message: utf8(`${header}.${payload}A`) })).toBe(false)
    const note = world.checkpoint()
    const text = note.slice(0, note.lastIndexOf('\n\n') + 1)
    const line = Buffer.from(note.slice(note.lastIndexOf(' ') + 1).trim(), 'base64')
    const log = { crv: 'Ed25519', kty: 'OKP', x: Buffer.from(keyOfLog()).toString('base64url') }
    expect(opensslHolds({ jwk: log, message: utf8(text), signature: line.subarray(4) })).toBe(true)
  })

  const keyOfLog = (): Uint8Array => splitVkey(world.vkey)?.key ?? new Uint8Array()
})

function raise(what: string): never {
  throw new Error(what)
}
