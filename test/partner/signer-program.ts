import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * A signer as a ministry might write one: keys in the folder that it is given, and beside them, for the tests, a file
 * `mood` that says how it behaves today.
 */
type Request = {
  readonly purpose: string
  readonly use: string
  readonly alg: 'EdDSA' | 'ES256' | 'ES384'
  readonly message: string
}

const folder = process.argv[2] ?? ''
const request = JSON.parse(readFileSync(0, 'utf8')) as Request
const asked = join(folder, 'asked')
writeFileSync(asked, `${JSON.stringify(request)}\n`, { flag: 'a' })
const mood = existsSync(join(folder, 'mood')) ? readFileSync(join(folder, 'mood'), 'utf8') : ''
const say = (answer: object): void => void process.stdout.write(JSON.stringify(answer))

const curves = { ES256: 'P-256', ES384: 'P-384' } as const

function make({ use, alg }: Request): void {
  const pair = alg === 'EdDSA' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: curves[alg] })
  const { d, ...jwk } = pair.privateKey.export({ format: 'jwk' })
  writeFileSync(join(folder, `${use}.json`), JSON.stringify({ ...jwk, d }), { mode: 0o600 })
  say({ jwk })
}

/** The kid of a request is a thumbprint; this program knows its keys by what they are for. */
const useOf = (purpose: string): string =>
  ({ charter: 'root', statement: 'sign', request: 'auth' })[purpose] ?? lastMade()

function lastMade(): string {
  const all = readFileSync(asked, 'utf8').trim().split('\n')
  const wanted = all.map(line => JSON.parse(line) as Request).filter(({ purpose }) => purpose === 'public-key')
  const proofs = all.filter(line => line.includes('"possession"')).length
  return wanted[proofs - 1]?.use ?? ''
}

function signs({ purpose, alg, message }: Request): void {
  const jwk = JSON.parse(readFileSync(join(folder, `${useOf(purpose)}.json`), 'utf8')) as object
  const key = createPrivateKey({ key: jwk as never, format: 'jwk' })
  const hash = { EdDSA: null, ES256: 'sha256', ES384: 'sha384' }[alg]
  const words = Buffer.from(message, 'base64url')
  if (mood === 'wrong') words.writeUInt8(words.readUInt8(0) ^ 1)
  say({ signature: sign(hash, words, { key, dsaEncoding: 'ieee-p1363' }).toString('base64url') })
}

if (mood === 'no') say({ refused: 'the minister has not approved it' })
else if (mood === 'garbage') process.stdout.write('Signature: 42')
else if (mood === 'other') say({ signature: 'AA', more: 1 })
else if (mood === 'flood') process.stdout.write('x'.repeat(1_000_000))
else if (mood === 'hang') setInterval(() => {}, 1_000)
else if (mood === 'fail') {
  process.stderr.write('no card in the reader\n')
  process.exitCode = 7
} else if (request.purpose === 'public-key') make(request)
else signs(request)
