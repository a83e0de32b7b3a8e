import { Cosignatures, check, readCanonical } from '@chancery/protocol'
import type { Config } from './config.ts'
import { type Fanout, createFanout } from './fanout.ts'
import type { Journal } from './journal.ts'
import type { Log } from './log.ts'
import { createOutside, readOutside } from './outside.ts'
import { type Witnessing, createWitnessing } from './witness.ts'

/** Who reads the log, and who witnesses it: over the same streams, and for outside witnesses by requests of ours. */
export function serveReaders(
  log: Log,
  {
    config,
    journal,
    onFault,
  }: { readonly config: Config; readonly journal: Journal; readonly onFault: (fault: Error) => void },
): { readonly witnessing: Witnessing; readonly fanout: Fanout } {
  const { store, primitives } = log
  const { sha256 } = primitives
  const askText = (note: string): string => JSON.stringify({ cosign: note })
  /** A cosignature that does not hold is told of, and costs nobody else anything. */
  const hear = (said: Cosignatures): void => {
    const heard = witnessing.hear(said)
    if (!heard.ok) journal({ event: 'witness.refused', code: heard.code, reason: heard.at ?? '' })
  }
  const outside = createOutside(readOutside(config.witnesses, primitives), { store, sha256, journal, hear })
  const witnessing: Witnessing = createWitnessing(log, {
    journal,
    onFault,
    ask(asked) {
      fanout.ask(asked.checkpoint.size, askText(asked.note))
      outside(asked)
    },
    tell: ({ note, number }) => fanout.tell(JSON.stringify({ cosigned: note, number })),
  })
  const fanout: Fanout = createFanout(log, {
    config,
    journal,
    witnesses: {
      said(data, isBinary) {
        const said = isBinary ? undefined : readCosignatures(data as Buffer)
        if (said !== undefined) hear(said)
        return said !== undefined
      },
      askAt(size) {
        const asked = witnessing.asked()
        return asked?.size === size ? askText(asked.note) : undefined
      },
      came: witnessing.look,
    },
  })
  return { witnessing, fanout }
}

/** undefined where it is not that, and the stream ends. */
function readCosignatures(data: Buffer): Cosignatures | undefined {
  const json = readCanonical(data, '')
  const said = json.ok ? check(Cosignatures, json.value, 'relay.bad-request') : json
  return said.ok ? said.value : undefined
}
