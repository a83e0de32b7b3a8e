import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { auditFolder } from '@chancery/protocol'
import { openEvidence } from '../../apps/auditor/src/evidence.ts'
import { openPool } from '../../apps/auditor/src/pool.ts'
import { primitives } from './story.ts'

/** Makes a folder of these files and no others. */
export function lay(folder: string, files: ReadonlyMap<string, Uint8Array>): void {
  rmSync(folder, { recursive: true, force: true })
  for (const [path, bytes] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), bytes)
  }
}

/** What is found in a folder by two threads together, and by one alone. */
export async function bothReports(folder: string) {
  const input = { files: openEvidence(folder), primitives }
  const pool = openPool(folder, 2)
  try {
    return { together: await auditFolder({ ...input, crew: pool.crew }), alone: await auditFolder(input) }
  } finally {
    await pool.close()
  }
}
