import {
  type AuditedAttribution,
  type AuditedCallOut,
  type AuditedRelease,
  type AuditedSignatory,
  saySurety,
} from '@chancery/protocol'

/** What was said in a call-out, in lines that the terminal and the page both show. */

type Claims = NonNullable<AuditedAttribution['claims']>
type Claim = Claims[number]
type Position = AuditedSignatory['positions'][number]

const withheld = 'withheld from this reader'

/** Who names whom, and how surely, in the attributions that a call-out rests on. */
export function attributionLines({ sid, by, title, summary, claims }: AuditedAttribution): string[] {
  if (claims === undefined) return [`attribution ${sid}: ${withheld}`]
  return [
    `attribution by ${by}: ${title}, ${sid}`,
    ...(summary ?? '').split('\n').map(line => `  | ${line}`),
    ...claims.map(claim => `  ${claim.id}: ${claimWords(claim, by ?? '')}`),
  ]
}

function claimWords({ name, named, stance, attributed_by: quoted, aliases = [], ...sure }: Claim, by: string): string {
  const as = quoted === undefined ? '' : `, as ${quoted} assesses`
  const also = aliases.length === 0 ? '' : `, also known as ${aliases.map(alias => alias.name).join(', ')}`
  return `${by} ${stance} to ${name} (${named})${also}${as}; ${saySurety(sure)}`
}

/** What the text puts to its joiners, under the ids that their positions use. */
export function putLines(callOut: AuditedCallOut): string[] {
  return (callOut.claims ?? []).map(({ id, attribution, claim }) => {
    const found = claimOf(callOut, id)
    const said =
      found === undefined ? `claim ${claim} of ${attribution}, ${withheld}` : claimWords(found.claim, found.by)
    return `claim ${id}: ${said}`
  })
}

function claimOf({ claims = [], attributions }: AuditedCallOut, id: string): { claim: Claim; by: string } | undefined {
  const put = claims.find(each => each.id === id)
  const attribution = attributions.find(({ sid }) => sid === put?.attribution)
  const claim = attribution?.claims?.find(each => each.id === put?.claim)
  return claim && { claim, by: attribution?.by ?? '' }
}

export const signatoryHead = ({ member, join }: AuditedSignatory): string => `signatory ${member}, join ${join}`

/** Everything one signatory has signed besides the text. */
export function signatoryLines(callOut: AuditedCallOut, signatory: AuditedSignatory): string[] {
  const { authority, positions, condition, reservations, declaration } = signatory
  return [
    `for ${authority.organ} (${authority.level})`,
    ...positions.map(position => positionLine(position, claimOf(callOut, position.claim)?.claim)),
    condition === undefined ? 'joined outright' : `joined on the condition that ${condition}`,
    ...reservations.map(({ passage, text }) => `reservation on "${passage}": ${text}`),
    ...(declaration === undefined ? [] : [`interprets: ${declaration}`]),
  ].flatMap(setOff)
}

/** What a signatory has typed never looks like a line of the report. */
const setOff = (line: string): string[] => line.split('\n').map((part, i) => (i === 0 ? part : `  | ${part}`))

/** Whoever goes as far as the attribution names whom it names; whoever does not has named nobody by that name. */
function positionLine({ claim, stance, named, attributed_by: quoted, ...sure }: Position, put?: Claim): string {
  const whom = put?.named === named ? `${named}: ${put.name}` : named
  const as = quoted === undefined ? '' : `, as ${quoted} assesses`
  return `on ${claim}: ${stance} (${whom})${as}; ${saySurety(sure)}`
}

export const releaseLine = ({ sid, by, index, cut }: AuditedRelease): string =>
  `released by ${by} at index ${index} with the cut at size ${cut}: ${sid}`
