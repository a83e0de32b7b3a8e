import { type Json, type Verified, sayHandling, sliceOf, slotsOf, subjectOf, tlpLabel } from '@chancery/protocol'
import type { Command } from '../cli.ts'
import { syncIfReached, withSession } from '../session.ts'
import { heldOrRefuse, sidArgument } from './call-out.ts'

/** The marking of a statement and of each tear line of it, in plain words. */
export const handling: Command = {
  verb: 'handling',
  usage: 'SID [--offline]',
  says: 'says in plain words who may read a statement and what may be done with it',
  args: { min: 1, max: 1 },
  options: { offline: { type: 'boolean' } },
  run: async input => {
    const sid = sidArgument(input.args[0])
    return withSession(input, async session => {
      if (!input.flags.on('offline')) await syncIfReached(session)
      const { statement } = heldOrRefuse(session, sid)
      return { lines: linesOf(statement), data: dataOf(statement) }
    })
  },
}

function linesOf(statement: Verified): string[] {
  const own = subjectOf(statement).handling
  const torn = slotsOf(statement).flatMap(([label, { handling: marking }]) => [
    `  tear line ${label}  ${tlpLabel(marking.tlp)}`,
    ...sayHandling(marking).map(line => `    ${line}`),
  ])
  const { kind, iss, sid } = statement
  return [`${kind} by ${iss}  ${sid}`, ...sayHandling(own).map(line => `  ${line}`), ...torn, ...sliced(statement)]
}

/** One marking for all of the group; whom each is for beside it only the slices that are open here say. */
function sliced({ claims: { slices }, slices: open }: Verified): string[] {
  if (slices === undefined) return []
  const { label, handling: marking, to } = slices
  const mine = open.map(slice => slice.to)
  return [
    `  slices ${label}  ${tlpLabel(marking.tlp)}  one for each of ${to._sd.length} members`,
    ...sayHandling(marking).map(line => `    ${line}`),
    '    each is releasable to its addressee, and to no other member',
    ...(mine.length === 0 ? [] : [`    open here: for ${mine.join(', ')}`]),
  ]
}

function dataOf(statement: Verified): Json {
  const marked = ({ handling: marking }: ReturnType<typeof subjectOf>) => ({
    handling: marking,
    says: sayHandling(marking),
  })
  const tear = Object.fromEntries(slotsOf(statement).map(([label, slot]) => [label, marked(slot)]))
  const slices = Object.fromEntries(statement.slices.map(({ to }) => [to, marked(sliceOf(statement, to))]))
  return { ...marked(subjectOf(statement)), sid: statement.sid, slices, tear } as unknown as Json
}
