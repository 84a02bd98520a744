import { expect, test } from 'vitest'
import type { Cache } from '../../src/model/transport.js'
import { atEnd, endAll } from '../../src/transport/endings.js'

test('what a session began ends with it, once, and what begins too late at once', () => {
  const cache = {} as Cache
  const ended: string[] = []
  atEnd(cache, () => ended.push('client'))
  atEnd(cache, () => ended.push('git'))
  expect(ended).toEqual([])
  endAll(cache)
  endAll(cache)
  expect(ended).toEqual(['client', 'git'])
  atEnd(cache, () => ended.push('late'))
  expect(ended).toEqual(['client', 'git', 'late'])
})
