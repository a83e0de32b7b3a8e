import { describe, expect, test } from 'vitest'
import { tellResend } from './resends.ts'
import { audit, found } from './story.ts'

describe('what is sent on by another than its originator', () => {
  test('within a grant that it has used is in order, by whoever can judge it', async () => {
    const { folder, holder, recipient } = await tellResend('a resend within a grant', { grant: 'used' })
    expect(found(await audit(folder(recipient)))).toEqual([])
    expect(found(await audit(folder(holder)))).toEqual([])
  })
  test('without a use of a grant is found, and the finding says who could read what', async () => {
    for (const grant of ['none', 'unused'] as const) {
      const { folder, recipient, at } = await tellResend(`a resend with a grant that is ${grant}`, { grant })
      const report = await audit(folder(recipient))
      expect(found(report)).toEqual([`release.no-grant ${at}`])
      expect(report.findings[0]?.why).toContain(`${recipient} could read it, tear line named`)
    }
  })
  test('to one more is found by that one, and by another only where nothing is withheld from it', async () => {
    const told = await tellResend('a resend to one more', { grant: 'used', wide: true })
    expect(found(await audit(told.folder(told.recipient)))).toEqual([`release.no-grant ${told.at}`])
    const less = await tellResend('a resend to one more, withheld', { grant: 'used', wide: true, withheld: true })
    expect(found(await audit(less.folder(less.recipient)))).toEqual([])
    expect(found(await audit(less.folder(less.other)))).toEqual([`release.no-grant ${less.at}`])
  })
})
