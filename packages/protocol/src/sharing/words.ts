import { type Tlp, tlpLabel } from '../charter/tiers.ts'
import type { Handling, LogTime } from './handling.ts'

const readersOf: Readonly<Record<Tlp, string>> = {
  clear: 'anyone may read it',
  green: 'for members and registered communities, never where anyone can read it',
  amber: 'for members the charter clears, within their organisation and to the constituents they name',
  'amber+strict': 'for members the charter clears, within their own organisation only',
  red: 'for the named persons to whose keys it is sealed, and for nobody else',
}

const visible = {
  none: 'no action is permitted',
  'contact-for-instruction': 'ask the originator before any action',
  'internally-visible-actions': 'actions visible inside your own systems only',
  'externally-visible-indirect-actions': 'actions visible outside, and none directly against what it names',
  'externally-visible-direct-actions': 'actions visible outside, direct ones too',
} as const

const source = { may: 'may be named', must: 'must be named', 'must-not': 'must not be named' } as const
const court = { allow: 'allowed', ask: 'ask the originator', deny: 'not allowed' } as const

const timeOf = ({ at, size }: LogTime): string => `log size ${size} and ${at}, whichever is later`

/** A marking in plain words, a line a dimension; what nothing is said of is left out, but for the court. */
export function sayHandling(handling: Handling): readonly string[] {
  const { tlp, releasable_to, originator_consent, embargo_until, declassify_on, pap, permitted_actions } = handling
  const {
    affected_party_notifications: told,
    provider_attribution,
    chatham_house,
    legal_use,
    national_marking,
  } = handling
  return [
    `${tlpLabel(tlp)}: ${readersOf[tlp]}`,
    releasable_to && `releasable to ${releasable_to.join(', ')}, and to no other member`,
    originator_consent && 'originator controlled: ask before passing it on, naming its source, or using it in court',
    embargo_until && `under embargo until ${timeOf(embargo_until)}: read it and keep it, nothing more`,
    declassify_on && `opens to anyone at ${timeOf(declassify_on)}`,
    pap && `PAP:${pap.toUpperCase()}: ${papWords[pap]}`,
    permitted_actions && `permitted actions: ${visible[permitted_actions]}`,
    told && `affected parties: ${told === 'may' ? 'may be told' : 'must not be told'}`,
    provider_attribution && `its provider ${source[provider_attribution]}`,
    chatham_house && 'Chatham House rule: use what was said, never say who said it',
    `in court: ${legal_use === undefined ? silentCourt(tlp) : court[legal_use]}`,
    national_marking && `national marking (${national_marking.system}): ${national_marking.marking}`,
  ].filter(line => typeof line === 'string')
}

const papWords = {
  clear: 'any action',
  green: 'active measures against it are allowed',
  amber: 'passive checks, also with third parties',
  red: 'nothing that can be noticed: your own logs only',
} as const

const silentCourt = (tlp: Tlp): string => (tlp === 'clear' ? court.allow : court.ask)
