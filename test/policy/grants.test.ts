import { describe, expect, test } from 'vitest'
import { isHeld, pinnedRange, policyOrigins, sizeRefusals } from '../../src/policy/grants.js'
import { bytesA, bytesB, policy, type Rules } from './made.js'

test('[S7] origins get tokens where a policy of the person lists them and none denies them; a project and a registry bind nothing', () => {
  const allow = (...list: object[]) => ({ registries: { allow: list } })
  const rules = policy(
    allow({ origin: 'https://GIT.corp.com:443', path: '/ai/*' }, { origin: 'https://old.corp' }, { npm: '@acme/*' }),
    allow({ origin: 'https://mine.corp' }),
    { registries: { deny: [{ origin: 'https://old.corp' }], ...allow({ origin: 'https://ci.corp' }).registries } },
    allow({ origin: 'https://project.example' }),
    allow({ origin: 'https://registry.example' }),
  )
  expect(policyOrigins(rules)).toEqual(['https://git.corp.com', 'https://mine.corp', 'https://ci.corp'])
})

const pins = (to: string): Rules => ({ artifacts: { pinned: { 'skill/x': to } } })

describe('[O31] an update has nothing to raise where policy pins exactly what is locked', () => {
  const rows: [says: string, rules: readonly Rules[], held: boolean][] = [
    ['pinned to its version', [pins('1.0.0')], true],
    ['pinned to its bytes', [pins(bytesA)], true],
    ['pinned to both', [pins('1.0.0'), pins(bytesA)], true],
    ['pinned to another version', [pins('1.0.1')], false],
    ['pinned to a range', [pins('^1.0.0')], false],
    ['pinned to its version, and to other bytes', [pins('1.0.0'), pins(bytesB)], false],
    ['another one is pinned', [{ artifacts: { pinned: { 'skill/y': '1.0.0' } } }], false],
    ['nothing is pinned', [{}], false],
  ]
  test.each(rows)('%s', (_says, rules, held) => {
    expect(isHeld(policy(...rules), 'skill/x', { version: '1.0.0', integrity: bytesA })).toBe(held)
  })
})

describe('[O31] a pin leaves a range of versions to choose from', () => {
  const rows: [says: string, rules: readonly Rules[], range: string | undefined][] = [
    ['one range', [pins('^1.0.0')], '^1.0.0'],
    ['two have to hold', [pins('^1.0.0'), pins('<1.5.0')], '>=1.0.0 <2.0.0-0 <1.5.0'],
    ['bytes leave every version', [pins(bytesA)], undefined],
    ['bytes beside a range', [pins(bytesA), pins('^1.0.0')], '^1.0.0'],
    ['another one is pinned', [{ artifacts: { pinned: { 'skill/y': '1.0.0' } } }], undefined],
  ]
  test.each(rows)('%s', (_says, rules, range) => {
    expect(pinnedRange(policy(...rules), { ref: 'skill/x' })).toBe(range)
  })
})

describe('[P6] [S2] a size at which intake stopped is refused in the name of the rules that set it', () => {
  const rules = policy({ content: { maxFileBytes: 10, maxArtifactBytes: 50 } }, { content: { maxFileBytes: 20 } })
  const rows: [budget: string, limit: number, said: string[][]][] = [
    ['file', 10, [['skill/x', 'content.maxFileBytes', '/0/policy.json', 'it has a file of more than 10 bytes']]],
    ['artifact', 50, [['skill/x', 'content.maxArtifactBytes', '/0/policy.json', 'it has more than 50 bytes']]],
    ['artifact', 10, []],
    ['file', 1000, []],
  ]
  test.each(rows)('%s of more than %d bytes', (budget, limit, said) => {
    const refusals = sizeRefusals(rules, { about: 'skill/x', budget, limit })
    expect(refusals.map(({ about, rule, source, reason }) => [about, rule, source.from, reason])).toEqual(said)
  })
})
