#!/usr/bin/env -S node --disable-warning=ExperimentalWarning
import { lstatSync, realpathSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { primitives } from '@chancery/native'
import { type AuditReport, auditFolder, manifestPath } from '@chancery/protocol'
import { type Arguments, type Said, faultSaid, helpSaid, readArguments, usageError } from './args.ts'
import { type ConvictArguments, tryFiles } from './convict.ts'
import { openEvidence } from './evidence.ts'
import { htmlReport } from './html.ts'
import { openPool } from './pool.ts'
import { textReport } from './report.ts'

const [holds, found, wrongUsage, fault] = [0, 1, 2, 3]

// Statements in flight outlive a small nursery: with room for them most garbage is never copied.
setFlagsFromString('--max-semi-space-size=64')

async function main(argv: readonly string[]): Promise<number> {
  const args = readArguments(argv)
  if (args === 'help') {
    process.stdout.write(helpSaid(argv))
    return holds
  }
  if ('wrong' in args) return end(usageError(argv, args.wrong), wrongUsage)
  try {
    if ('files' in args) return tried(args)
    if (!isFolder(args.folder)) return end(usageError(argv, `there is no folder ${args.folder}`), wrongUsage)
    const wrong = args.html === undefined ? undefined : whyNotPage(args.html, args.folder)
    return wrong === undefined ? await audit(args) : end(usageError(argv, wrong), wrongUsage)
  } catch (error) {
    return end(faultSaid(argv, `the audit could not be done: ${reasonOf(error)}`), fault)
  }
}

function tried(args: ConvictArguments): number {
  const { out, convicted } = tryFiles(args)
  process.stdout.write(out)
  return convicted ? holds : found
}

async function audit({ folder, genesis, without, html, json, quiet }: Arguments): Promise<number> {
  const report = await reportOn(folder, { genesis, without })
  if (html !== undefined) writePage(html, report)
  process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : textReport(report, quiet ? 'findings' : 'whole'))
  return report.ok ? holds : found
}

/** Of a manifest that lists some 4,000 files: threads take longer to start than fewer take to check. */
const largeManifestBytes = 400_000

/** Threads are begun before the folder is walked: they load while it is. */
async function reportOn(folder: string, by: Pick<Arguments, 'genesis' | 'without'>): Promise<AuditReport> {
  const manifest = statSync(join(folder, manifestPath), { throwIfNoEntry: false })
  if ((manifest?.size ?? 0) < largeManifestBytes) return auditFolder({ files: openEvidence(folder), primitives, ...by })
  const { crew, close } = openPool(folder)
  try {
    return await auditFolder({ files: openEvidence(folder), primitives, ...by, crew })
  } finally {
    await close()
  }
}

/** Nothing is written over, and least of all what is being judged. */
function whyNotPage(path: string, folder: string): string | undefined {
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) return `--html ${path} exists already; name a new file`
  const home = dirname(resolve(path))
  if (!isFolder(home)) return undefined
  const within = relative(realpathSync(folder), join(realpathSync(home), basename(path)))
  return within.startsWith('..') || isAbsolute(within) ? undefined : '--html is a file outside the evidence folder'
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true

/** Before the report is printed: who asked for both has both, or neither. */
function writePage(path: string, report: AuditReport): void {
  try {
    writeFileSync(path, htmlReport(report))
  } catch (cause) {
    throw new Error(`the page cannot be written to ${path}`, { cause })
  }
}

const reasonOf = (error: unknown): string => {
  const { message, cause } = error as Error
  return cause instanceof Error ? `${message}: ${cause.message}` : message
}

function end({ out, err }: Said, code: number): number {
  process.stdout.write(out)
  process.stderr.write(err)
  return code
}

// Whoever reads a part of it, as `head` does, has had enough: the verdict is in the exit code all the same.
for (const stream of [process.stdout, process.stderr]) stream.on('error', onBroken)

process.exitCode = await main(process.argv.slice(2))

function onBroken(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED') return
  process.stderr.write(`the report cannot be written: ${error.message}\n`)
  process.exit(fault)
}
