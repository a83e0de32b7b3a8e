import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { goPath, isInstalled, root } from './steps.ts'

export const canReadByGo = (): boolean => isInstalled('go') && isInstalled('golang.org/x/mod')

/** Whether Go itself reads the log of an evidence folder, by golang.org/x/mod/sumdb as Debian packages it. */
export function goReads(folder: string): boolean {
  const env = {
    ...process.env,
    GO111MODULE: 'off',
    GOPATH: goPath,
    GOFLAGS: '',
    GOCACHE: join(tmpdir(), 'chancery-go-cache'),
  }
  const ran = spawnSync('go', ['run', join(root, 'test/go/main.go'), folder], { env, encoding: 'utf8' })
  return ran.status === 0 && ran.stdout.startsWith('ok ')
}
