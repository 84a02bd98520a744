import { expect, test } from 'vitest'
import { called, matching, theOne } from '../../src/resolve/match.js'
import { artifact } from '../layout/artifacts.js'

test('a catalogue is gone through once, however many names are looked for in it', () => {
  let looks = 0
  const artifacts = Array.from({ length: 100 }, (_, i) => ({
    ...artifact('skill', `skill-${i}`),
    get id() {
      looks += 1
      return `com.acme.skill-${i}`
    },
  }))
  const found = artifacts.flatMap(({ kind, name }) => [
    ...matching(artifacts, { kind, name }),
    ...matching(artifacts, { name: `com.acme.${name}` }),
    ...called(artifacts, name),
  ])
  expect(found).toHaveLength(300)
  expect(looks).toBeLessThan(10 * artifacts.length)
})

test.each([
  [
    'their names, where ids are shared',
    [['tool', 'a', 'com.a'] as const, ['tool', 'b', 'com.a'] as const],
    ['tool/a', 'tool/b'],
  ],
  ['their kinds', [['tool', 'a', 'com.a'] as const, ['extension', 'a', 'com.b'] as const], ['tool/a', 'extension/a']],
  ['their ids', [['tool', 'a', 'com.a'] as const, ['tool', 'a', 'com.b'] as const], ['tool/com.a', 'tool/com.b']],
])('[A20] candidates are told apart by %s, so that what the hint says works', (_what, found, candidates) => {
  const artifacts = found.map(([kind, name, id]) => ({ ...artifact(kind, name), id }))
  expect(() => theOne(artifacts, 'x')).toThrow(
    expect.objectContaining({
      code: 'E_AMBIGUOUS',
      hint: `name one of them, for example ${candidates[0]}`,
      details: { candidates },
    }),
  )
})
