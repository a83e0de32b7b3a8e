import { expect, test } from 'vitest'
import { RelayUrl } from './config.ts'

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
