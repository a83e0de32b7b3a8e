import { spawnSync } from 'node:child_process'
import { chmodSync, readFileSync } from 'node:fs'
import { get as plainGet } from 'node:http'
import { join } from 'node:path'
import { connect, getCACertificates, setDefaultCACertificates } from 'node:tls'
import { type Relay, startRelay } from '@chancery/relay'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { World } from '../world.ts'
import { type Api, type Files, apiOf, makeFiles, replay, world } from './fixture.ts'

const hasOpenssl = spawnSync('openssl', ['version']).status === 0

/** A relay beyond its own machine: TLS 1.3 of its own, with a certificate that only this test trusts. */
describe.skipIf(!hasOpenssl)('a relay with a certificate', () => {
  let it: { readonly made: World; readonly files: Files; readonly relay: Relay; readonly api: Api }
  const own = getCACertificates()

  beforeAll(async () => {
    const made = await world()
    const files = makeFiles(made)
    const [tlsCert, tlsKey] = [join(files.folder, 'tls.crt'), join(files.folder, 'tls.key')]
    certify(tlsCert, tlsKey)
    setDefaultCACertificates([...own, readFileSync(tlsCert, 'utf8')])
    const relay = await startRelay({ ...files.config, tlsCert, tlsKey })
    it = { made, files, relay, api: apiOf(made, relay.url) }
  })
  afterAll(async () => {
    setDefaultCACertificates(own)
    await it.relay.close()
    it.files.remove()
  })

  test('takes statements and streams them over https', async () => {
    const { made, relay, api } = it
    expect(relay.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/)
    const results = await replay(made, api)
    expect(results.map(each => 'index' in each && each.index)).toEqual(results.map((_, i) => i + 1))
    const stream = await api.stream(made.ids[0] ?? '', null)
    const frames = await stream.until(made.size)
    expect(frames.length).toBeGreaterThan(0)
    stream.socket.terminate()
  })

  test('speaks TLS 1.3 and nothing older', async () => {
    expect(await handshake('TLSv1.3')).toBe('TLSv1.3')
    expect(await handshake('TLSv1.2')).toMatch(/protocol version/)
  })

  test.each([
    ['tlsKey', 'log.pem', /^"tlsKey" is not the key of the certificate in "tlsCert"/],
    ['tlsKey', 'tls.crt', /^"tlsKey" is no private key in PEM/],
    ['tlsCert', 'tls.key', /^"tlsCert" is no certificate in PEM/],
  ])('does not start with a %s that is %s, and names the knob', async (knob, name, words) => {
    const { files } = it
    chmodSync(join(files.folder, 'tls.crt'), 0o600)
    const [tlsCert, tlsKey] = ['tls.crt', 'tls.key'].map(each => join(files.folder, each))
    const config = { ...files.config, store: join(files.folder, 'other.sqlite'), tlsCert, tlsKey }
    await expect(startRelay({ ...config, [knob]: join(files.folder, name) })).rejects.toThrow(words)
  })

  test('answers nothing in plain HTTP', async () => {
    const answer = await new Promise(resolve => {
      plainGet({ host: '127.0.0.1', port: it.relay.port, path: '/health' }, ({ statusCode }) => resolve(statusCode)).on(
        'error',
        error => resolve(error.message),
      )
    })
    expect(answer).toMatch(/socket hang up|ECONNRESET|Parse Error/)
  })

  const handshake = (version: 'TLSv1.2' | 'TLSv1.3'): Promise<string | null> =>
    new Promise(resolve => {
      const socket = connect({ host: '127.0.0.1', port: it.relay.port, minVersion: version, maxVersion: version })
      socket.on('error', error => resolve(error.message))
      socket.on('secureConnect', () => {
        resolve(socket.getProtocol())
        socket.destroy()
      })
    })
})

function certify(cert: string, key: string): void {
  const { status, stderr } = spawnSync(
    'openssl',
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'].concat([
      '-subj',
      '/CN=relay.example',
      '-addext',
      'subjectAltName=IP:127.0.0.1',
      '-keyout',
      key,
      '-out',
      cert,
    ]),
    { encoding: 'utf8' },
  )
  expect([status, status === 0 ? '' : stderr]).toEqual([0, ''])
  chmodSync(key, 0o600)
}
