import { expect, test } from 'vitest'
import { RelayUrl, relayGiven, relayIn } from './config.ts'

const isTaken = (url: string): boolean => RelayUrl.safeParse(url).success

test('a relay is reached over https, and over plain http on this machine only', () => {
  const good = ['https://relay.example', 'https://relay.example:8443', 'https://[2001:db8::1]:8443', 'https://10.0.0.7']
  const local = ['http://127.0.0.1', 'http://127.0.0.1:8080', 'http://localhost:8080', 'http://[::1]:8080']
  expect([...good, ...local].filter(url => !isTaken(url))).toEqual([])
})
test('an address that only looks like this machine is not it', () => {
  const bad = [
    'http://evil.example',
    'http://127.0.0.1.evil.example',
    'http://localhost.evil.example',
    'http://localhost@evil.example',
    'http://127.0.0.1:80@evil.example',
    'http://127.0.0.2',
    'http://0.0.0.0:8080',
    'http://localhost/path',
    'ftp://localhost',
    'https://relay.example/path',
    'https://user@relay.example',
    'https://relay.example\n',
  ]
  expect(bad.filter(isTaken)).toEqual([])
})
test('a relay is given once, with or without the slash at its end; what is no relay is a wrong call', () => {
  expect(relayGiven('https://relay.example/')).toBe('https://relay.example')
  expect(relayGiven(undefined)).toBeUndefined()
  expect(() => relayGiven('http://relay.example')).toThrow('--relay is like https://relay.example, without a path')
})
test('a relay that was written down is held against the same rule when it is used', () => {
  const config = { genesis: null, member: 'arvandia', name: 'Arvandia', v: 1 } as const
  expect(relayIn('home', { ...config, relay: 'https://relay.example' })).toBe('https://relay.example')
  expect(() => relayIn('home', { ...config, relay: null })).toThrow('home.no-relay at home')
  const old = { ...config, relay: 'http://relay.example' }
  expect(() => relayIn('home', old)).toThrow(
    /^home\.bad-config at home\/config\.json\/relay: .* chancery run --relay URL remembers another\.$/,
  )
})
