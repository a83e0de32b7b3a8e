import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './steps.ts'

/** A file of the repository, path from its root with forward slashes. */
export type Source = { readonly path: string; readonly text: string }

/** What git holds or would hold; a copy without its history is walked instead. */
export function sources(): Source[] {
  const paths = existsSync(join(root, '.git')) ? gitPaths() : walk('')
  const files = paths.filter(path => statSync(join(root, path), { throwIfNoEntry: false })?.isFile())
  return files.map(path => ({ path, text: readFileSync(join(root, path), 'utf8') }))
}

function gitPaths(): string[] {
  const words = ['ls-files', '--cached', '--others', '--exclude-standard', '-z']
  const listed = execFileSync('git', words, { cwd: root, encoding: 'utf8', maxBuffer: 64 << 20 })
  return [...new Set(listed.split('\0').filter(path => path !== ''))]
}

const unwalked = new Set(['node_modules', '.git', '.state', 'coverage', 'out'])

function walk(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap(entry => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) return unwalked.has(entry.name) ? [] : walk(path)
    return [path]
  })
}
