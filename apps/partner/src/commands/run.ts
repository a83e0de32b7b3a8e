import type { Command } from '../cli.ts'
import { runNode } from '../node.ts'
import { withSession } from '../session.ts'

/** The node: follows the log, prints what comes, and sends what waits in the outbox, until it is asked to end. */
export const run: Command = {
  verb: 'run',
  usage: '[--relay URL]',
  says: 'follows the log until SIGTERM or Ctrl-C; with --json one object a line',
  args: { min: 0, max: 0 },
  options: {},
  run: input =>
    withSession(input, async session => {
      const size = await runNode(session)
      return { lines: [`stopped at size ${size}`], data: { event: 'stopped', size } }
    }),
}
