import { primitives } from '@chancery/native'
import {
  type AuditReport,
  type Result,
  auditFolder,
  convict,
  fromBase64url,
  ok,
  portablePrimitives,
  readExhibit,
} from '@chancery/protocol'
import { z } from 'zod'

/** How a case of spec/vectors/audit is run: the first finding is the answer; a folder that holds shows what it has. */
export const auditChecks: Record<string, (given: unknown) => Promise<Result<unknown>>> = {
  auditFolder: async given => {
    const { files, genesis, without } = Given.parse(given)
    const bytesOf = (text: string) => fromBase64url(text) ?? new Uint8Array(0)
    const folder = new Map(Object.entries(files).map(([path, text]) => [path, bytesOf(text)]))
    const report = await auditFolder({
      files: { list: () => [...folder.keys()].map(path => ({ path, plain: true })), read: path => folder.get(path) },
      genesis,
      without,
      primitives,
    })
    const [first] = report.findings
    return first === undefined ? ok(shown(report)) : { ok: false, code: first.code, at: first.at }
  },
}

const Given = z.strictObject({
  files: z.record(z.string(), z.string()),
  genesis: z.string().optional(),
  without: z.enum(['ed25519', 'ml-dsa-44']).optional(),
})

function shown({ statements, callouts, withheld, size, reader, trust, ifEd25519Falls }: AuditReport) {
  return {
    reader,
    ...(trust && { trust: { cosigned: trust.cosigned, ifEd25519Falls, standsOn: trust.standsOn } }),
    size,
    withheld,
    statements: statements.map(({ index, sid, iss, kid, notBefore, notAfter }) => ({
      index,
      sid,
      iss,
      kid,
      ...(notBefore !== undefined && { notBefore }),
      ...(notAfter !== undefined && { notAfter }),
    })),
    releases: callouts.flatMap(({ release }) =>
      release === undefined
        ? []
        : [
            {
              sid: release.sid,
              verdict: release.verdict,
              signatories: release.signatories.map(({ member }) => member),
            },
          ],
    ),
  }
}

/** One proof file: every pair of its exhibits. */
export const convictChecks: Record<string, (given: unknown) => Result<unknown>> = {
  convict: given => {
    const read = readExhibit(JSON.stringify(given))
    return read.ok ? convict(portablePrimitives, [read.value]) : read
  },
}
