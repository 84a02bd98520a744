import { expect, test } from 'vitest'
import { signedLines } from '../../src/commands/signing.js'

test('[S12] what was signed is named once where it calls itself by its file', () => {
  const result = {
    version: 2,
    file: 'p',
    issuedAt: '2026-11-22T00:00:00Z',
    expires: '2027-02-20T00:00:00Z',
    key: 'sha256-k',
    signatures: 1,
    signature: 's',
  }
  const first = (signed: string, id: string) => signedLines({ ...result, signed, id }, {})[0]
  expect(first('policy.json', 'policy.json')).toBe('signed policy.json as version 2, until 2027-02-20')
  expect(first('policy.json', 'acme')).toBe('signed policy.json of acme as version 2, until 2027-02-20')
})
