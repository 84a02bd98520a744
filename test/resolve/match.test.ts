import { expect, test } from 'vitest'
import { called, matching } from '../../src/resolve/match.js'
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
