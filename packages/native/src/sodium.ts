import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { type Sodium, sodiumVerifier } from '@chancery/protocol'

const require = createRequire(import.meta.url)

/** libsodium, where the package has it built for this machine, it loads, and it judges as everybody does. */
export function openSodium(load: () => unknown = () => loadBuilt()): Sodium | undefined {
  try {
    const sodium = load() as Sodium | undefined
    return sodium !== undefined && sodiumVerifier(sodium) !== undefined ? sodium : undefined
  } catch {
    return undefined
  }
}

/**
 * Asked for only where its file lies in the package: its loader would go on looking in the folders above, up to the
 * root, and run what it finds in a process that may hold keys.
 */
export function loadBuilt(file = builtFile()): unknown {
  return existsSync(file) ? require('sodium-native') : undefined
}

export function builtFile(): string {
  // The loader's own way to tell the two C libraries of Linux apart.
  const musl = process.platform === 'linux' && existsSync('/etc/alpine-release') ? '-musl' : ''
  const host = `${process.platform}-${process.arch}${musl}`
  return join(dirname(require.resolve('sodium-native/package.json')), 'prebuilds', host, 'sodium-native.node')
}
