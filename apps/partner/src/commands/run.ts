import { setTimeout as wait } from 'node:timers/promises'
import { NetworkFault } from '@chancery/client'
import { reasonOf } from '@chancery/store'
import type { Command, Flags, Input } from '../cli.ts'
import { beatGiven, coverGiven, readConfig, writeConfig } from '../config.ts'
import { holdRun } from '../lock.ts'
import { runNode } from '../node.ts'
import { Refused, orRefuse } from '../refusal.ts'
import { daysOf } from './rotate.ts'
import { type Session, provenRelay, sayRemembered, withSession } from '../session.ts'

/** The node: follows the log, prints what comes, and sends what waits in the outbox, until it is asked to end. */
export const run: Command = {
  verb: 'run',
  usage: '[--relay URL] [--cover COUNT:SECONDS[:TIER]|none] [--beat SECONDS|none] [--rotate-days N] [--no-receipts]',
  says: 'follows the log until SIGTERM or Ctrl-C; with --json one object a line',
  args: { min: 0, max: 0 },
  options: {
    cover: { type: 'string' },
    beat: { type: 'string' },
    'rotate-days': { type: 'string' },
    'no-receipts': { type: 'boolean' },
  },
  run: input => {
    const days = daysOf(input.flags.text('rotate-days'), 'rotate-days')
    const duties = !input.flags.on('no-receipts')
    rememberGiven(input)
    return withSession(input, async session => {
      const held = holdRun(session.world.home)
      if (!held.alone) warnOfAnother(session)
      const ended = new AbortController()
      void rememberInTime(session, input.flags, AbortSignal.any([session.world.signal, ended.signal]))
      try {
        const size = await runNode(session, { days, alone: held.alone, duties })
        return { lines: [`stopped at size ${size}`], data: { event: 'stopped', size } }
      } finally {
        ended.abort()
        held.letGo()
      }
    })
  },
}

/** Given once, it is kept until it is given anew. */
function rememberGiven({ world: { home }, flags }: Input): void {
  const given = { cover: coverGiven(flags.text('cover')), beat: beatGiven(flags.text('beat')) }
  if (given.cover === undefined && given.beat === undefined) return
  const { cover, beat, ...config } = orRefuse(readConfig(home))
  const kept = { cover: given.cover ?? cover, beat: given.beat ?? beat }
  writeConfig(home, {
    ...config,
    ...(kept.cover !== undefined && kept.cover !== 'none' && { cover: kept.cover }),
    ...(kept.beat !== undefined && kept.beat !== 'none' && { beat: kept.beat }),
  })
}

/** Both store what comes and neither is in the other's way; but one of them is one too many. */
function warnOfAnother({ world }: Session): void {
  const says = `warning: another \`run\` is at work in ${world.home}; one is enough, and this one goes on beside it`
  world.warn(says)
  world.event({ event: 'warning', says })
}

const againMs = 5_000

/** A relay that is away at the start is remembered when it comes; what it shows wrongly ends the node itself. */
async function rememberInTime({ world, keys, mirror }: Session, flags: Flags, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const relay = await provenRelay(world, { flags, keys, charter: mirror.charter })
      if (relay === undefined) return
      writeConfig(world.home, { ...orRefuse(readConfig(world.home)), relay })
      for (const line of sayRemembered(relay)) world.say(line)
      return world.event({ event: 'remembered', relay })
    } catch (error) {
      // Behind the log, this node does not know the newest of its keys yet.
      const isBehind = error instanceof Refused && error.refusal.code === 'log.bad-signature'
      if (error instanceof Refused && !isBehind) return
      if (!isBehind && !(error instanceof NetworkFault))
        return world.warn(`the relay is not remembered: ${reasonOf(error)}`)
    }
    await wait(againMs, undefined, { signal }).catch(() => undefined)
  }
}
