import { expect, test } from 'vitest'
import { likelyPlaces } from '../../../src/operations/session/likely-places.js'

test.each<[request: string, places: string[]]>([
  ['skill/review', ['skills/review', 'skills/review.md', 'skills/review.json']],
  ['corp:skills/review@^1.2.0', ['skills/review', 'skills/review.md', 'skills/review.json']],
  ['@acme/tools:agent/code review', ['agents/code review', 'agents/code review.md', 'agents/code review.json']],
  ['bundle/all', []],
  ['skill/*', []],
  ['*', []],
  ['nothing/review', []],
  ['https://example.com/x.git', []],
  ['', []],
])('%s is likely to be found in %j', (request, places) => {
  expect(likelyPlaces([request])).toEqual(places)
})

test('a name without a kind may be of any that has a folder', () => {
  const places = likelyPlaces(['review'])
  expect(places).toEqual(expect.arrayContaining(['skills/review', 'agents/review.md', 'hooks/review.json']))
  expect(places).toHaveLength(36)
})
