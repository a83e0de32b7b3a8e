import type { TearLine } from '@chancery/protocol'

/** A disclosed part in one text: the label, and after a slash the addressee of a slice. */
export const nameOf = ({ label, to }: TearLine): string => (to === undefined ? label : `${label}/${to}`)
