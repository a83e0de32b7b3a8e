import { type Keys, readKeystore, rewriteKeystore } from './keystore.ts'
import { homePaths } from './config.ts'
import { orRefuse } from './refusal.ts'
import type { World } from './world.ts'

/** The keystore of a home while a command is at work. Whoever writes it holds the lock of the home. */
export type Vault = {
  readonly read: () => Promise<Keys>
  readonly write: (keys: Keys) => Promise<void>
}

/** The passphrase is asked for once; it is no more secret than the keys that this process holds. */
export async function openVault(world: World): Promise<Vault> {
  const { keystore: path } = homePaths(world.home)
  const passphrase = await world.passphrase('known')
  return {
    read: async () => orRefuse(await readKeystore(path, passphrase)),
    write: async keys => orRefuse(await rewriteKeystore({ path, keys, passphrase, random: world.random })),
  }
}
