import { createPublicKey } from 'node:crypto'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isInstalled } from './second.ts'

export const hasOpenssl = isInstalled('openssl', 'version')

type Signed = { readonly jwk: object; readonly message: Uint8Array; readonly signature: Uint8Array }

/** What the openssl of this machine says of an Ed25519 signature, by its own command line. */
export function opensslHolds({ jwk, message, signature }: Signed): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'chancery-openssl-'))
  const file = (name: string, bytes: string | Uint8Array): string => {
    writeFileSync(join(folder, name), bytes)
    return join(folder, name)
  }
  try {
    const key = createPublicKey({ key: jwk as never, format: 'jwk' }).export({ format: 'pem', type: 'spki' })
    const [pem, text, sig] = [file('key.pem', key), file('message', message), file('signature', signature)]
    const words = ['pkeyutl', '-verify', '-pubin', '-inkey', pem, '-rawin', '-in', text, '-sigfile', sig]
    return spawnSync('openssl', words).status === 0
  } finally {
    rmSync(folder, { recursive: true })
  }
}
