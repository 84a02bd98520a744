import { expect, test } from 'vitest'
import { type ErrorCode, HaalError } from '../../src/model/errors.js'

const terse: ErrorCode[] = [
  'E_TRANSPORT',
  'E_REF',
  'E_REGISTRY_UNAVAILABLE',
  'E_IDENTITY',
  'E_CACHE',
  'E_SIG',
  'E_SIG_MISSING',
  'E_SIG_SUBJECT',
]

test.each(terse)('[U3] %s says a next move where whoever fails knows no better one', (code) => {
  expect(new HaalError(code, 'x').hint).toMatch(/^[a-z].{20}/)
  expect(new HaalError(code, 'x', { hint: 'better' }).hint).toBe('better')
})
