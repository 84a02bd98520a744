import semver from 'semver'
import { describe, expect, test } from 'vitest'
import { parseRequest } from '../../src/model/request.js'
import { demandsOf, type Known, metIn } from '../../src/plan/demand.js'
import { type Want, wantsOf } from '../../src/plan/desire.js'
import { isSettled } from '../../src/plan/settled.js'
import { lock, locked } from './made.js'

const satisfies = (version: string, range: string) => semver.satisfies(version, range)
const review: Known = { ref: 'skill/review', registry: 'acme' }
const search: Known = { ref: 'tool/search', id: 'com.acme.search', registry: 'acme' }
const everything = { '*': '^1', 'skill/*': '>=1.2' }

describe('[L4 L5 L6] the ranges that bind an artifact', () => {
  test.each<[says: string, artifacts: Record<string, string>, known: Known, ranges: string[]]>([
    ['nobody asks', { 'skill/draft': '^2' }, review, []],
    ['by name', { 'skill/review': '^2' }, review, ['^2']],
    ['by name alone', { review: '^2' }, review, ['^2']],
    ['by the name of another kind', { 'agent/review': '^2' }, review, []],
    ['by id', { 'com.acme.search': '^2' }, search, ['^2']],
    ['by two names, which both hold', { review: '^1', 'skill/review': '>=1.2' }, review, ['^1', '>=1.2']],
    ['by a pattern', { 'skill/re*': '^2' }, review, ['^2']],
    ['by a pattern of another kind', { 'agent/*': '^2' }, review, []],
    ['by patterns that overlap, which all hold', everything, review, ['^1', '>=1.2']],
    ['by patterns that say the same, once', { '*': '^1', 'skill/*': '^1' }, review, ['^1']],
    ['by a name before patterns', { '*': '^1', 'skill/review': '*', 'skill/*': '^1' }, review, ['*']],
    ['by a pattern of its registry', { 'acme:skill/*': '^1' }, review, ['^1']],
    ['by a pattern of another registry', { 'corp:skill/*': '^1' }, review, []],
    ['by its name of another registry, before patterns', { 'corp:skill/review': '^1', '*': '^2' }, review, ['^1']],
  ])('%s', (_says, artifacts, known, ranges) => {
    expect(demandsOf(wantsOf({ artifacts }), {})(known).ranges).toEqual(ranges)
    const turned = Object.fromEntries(Object.entries(artifacts).reverse())
    expect(demandsOf(wantsOf({ artifacts: turned }), {})(known).ranges.toSorted()).toEqual(ranges.toSorted())
  })

  test('[L17] are those of its pin alone', () => {
    expect(demandsOf(wantsOf({ artifacts: everything }), { 'skill/review': '3.0.0' })(review)).toEqual({
      ranges: ['3.0.0'],
      by: [],
      pin: '3.0.0',
    })
  })

  test.each<[says: string, want: Partial<Want> & { text: string }, ranges: string[]]>([
    ['what the command names with a version', { text: 'review@^3', named: true }, ['^3']],
    ['what it names in a registry', { text: 'acme:review', named: true }, []],
    ['not what it only names', { text: 'review', named: true }, ['^2']],
    ['and with it: what policy requires', { text: 'skill/review@>=2.1', by: 'policy' }, ['^2', '>=2.1']],
    ['not what another artifact brings', { text: 'skill/review@^3', by: 'bundle/kit' }, ['^2']],
    ['not a pattern that it names', { text: 'skill/*@^3', named: true }, ['^2']],
  ])('before the entry by name: %s', (_says, { text, ...about }, ranges) => {
    const want = { request: parseRequest(text), by: 'haal.json', ...about }
    expect(demandsOf([...wantsOf({ artifacts: { 'skill/review': '^2' } }), want], {})(review).ranges).toEqual(ranges)
  })

  test('with patterns: that policy requires it in whatever version', () => {
    const want = { request: parseRequest('skill/review@*'), by: 'policy' }
    expect(demandsOf([...wantsOf({ artifacts: everything }), want], {})(review).ranges).toEqual(['^1', '>=1.2'])
    expect(demandsOf([want], {})(review).ranges).toEqual([])
    expect(demandsOf([...wantsOf({ artifacts: { review: '^2' } }), want], {})(review).ranges).toEqual(['^2'])
  })

  test('before patterns: a version that policy requires', () => {
    const want = { request: parseRequest('skill/review@^3'), by: 'policy' }
    expect(demandsOf([...wantsOf({ artifacts: everything }), want], {})(review).ranges).toEqual(['^3'])
  })

  test('are judged by the version, and by the ref that led to it', () => {
    const from = lock({
      'skill/review': locked('a', { version: '1.1.0' }),
      'skill/draft': locked('b', { version: '1.2.0' }),
      'skill/plan': locked('c', { version: '0.1.0', ref: 'stable' }),
    })
    const met = (artifacts: Record<string, string>) => {
      const isMet = metIn(from, demandsOf(wantsOf({ artifacts }), {}), satisfies)
      return (['skill/review', 'skill/draft', 'skill/plan', 'skill/none'] as const).filter(isMet)
    }
    expect(met(everything)).toEqual(['skill/draft', 'skill/none'])
    expect(met({ '*': 'stable' })).toEqual(['skill/plan', 'skill/none'])
  })

  test('[L7] a lock that is not in them is not settled, whoever brought what is in it', () => {
    const from = lock({
      'bundle/kit': locked('a', { requires: ['skill/review'] }),
      'skill/draft': locked('a'),
      'skill/review': locked('a', { version: '2.0.0', requestedBy: ['bundle/kit'] }),
    })
    const isWith = (range: string) =>
      isSettled(from, { artifacts: { 'bundle/kit': '*', 'skill/*': range }, pins: {} }, satisfies)
    expect([isWith('>=1'), isWith('^1')]).toEqual([true, false])
  })
})
