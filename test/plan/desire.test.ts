import semver from 'semver'
import { describe, expect, test } from 'vitest'
import type { Ref } from '../../src/model/kinds.js'
import {
  entryOf,
  isAsPinned,
  isUnmet,
  lockedFor,
  rangeFor,
  reachable,
  refsMatching,
  wantsOf,
} from '../../src/plan/desire.js'
import { isSettled } from '../../src/plan/settled.js'
import { lock, locked } from './made.js'

const satisfies = (version: string, range: string) => semver.satisfies(version, range)
const many = lock({
  'skill/review': locked('a'),
  'agent/review': locked('b', { registry: 'corp' }),
  'skill/acme/lint': locked('c'),
  'tool/search': locked('d', { id: 'com.acme.search' }),
  'skill/com.acme.search': locked('e'),
})

describe('[A20] [U5] what a person means among what is installed', () => {
  test.each<[says: string, request: Parameters<typeof refsMatching>[0], refs: Ref[]]>([
    ['a name', { name: 'review' }, ['skill/review', 'agent/review']],
    ['a kind and a name', { kind: 'agent', name: 'review' }, ['agent/review']],
    ['a registry and a name', { registry: 'corp', name: 'review' }, ['agent/review']],
    ['a kind and a name of another registry', { registry: 'corp', kind: 'skill', name: 'review' }, []],
    ['an id, before a name that is spelt as it is', { name: 'com.acme.search' }, ['tool/search']],
    ['a kind and an id', { kind: 'tool', name: 'com.acme.search' }, ['tool/search']],
    ['a kind that has no such id', { kind: 'skill', name: 'com.acme.search' }, ['skill/com.acme.search']],
    ['a pattern of a kind', { kind: 'skill', name: 're*' }, ['skill/review']],
    ['a pattern with the star within', { name: 'acme/*nt' }, ['skill/acme/lint']],
    ['nothing that is there', { name: 'revie' }, []],
  ])('%s', (_says, request, refs) => {
    expect(refsMatching(request, many)).toEqual(refs)
  })
})

describe('[L4] what is locked is what is wished', () => {
  const pinned = { pins: { 'skill/review': '1.0.0' } }
  const tagged = lock({ 'skill/review': locked('a', { version: '0.0.1', ref: 'stable' }) })
  const brought = lock({ 'skill/review': locked('a', { requestedBy: ['bundle/all'] }) })
  const review = { kind: 'skill', name: 'review' } as const
  test.each<[says: string, want: object, from: typeof many, refs: Ref[]]>([
    ['without a range', { request: review }, many, ['skill/review']],
    ['within its range', { request: { ...review, range: '^1.0.0' } }, many, ['skill/review']],
    ['outside its range', { request: { ...review, range: '^2.0.0' } }, many, []],
    [
      'outside its range, but as pinned',
      { request: { ...review, range: '^2.0.0' }, ...pinned },
      many,
      ['skill/review'],
    ],
    ['without a range, though it was asked at a tag', { request: review }, tagged, ['skill/review']],
    ['at the tag it was asked at', { request: { ...review, range: 'stable' } }, tagged, ['skill/review']],
    ['from its registry', { request: { ...review, registry: 'acme' } }, many, ['skill/review']],
    ['from another registry', { request: { ...review, registry: 'corp' } }, many, []],
    ['one of several of that name', { request: { name: 'review' } }, many, []],
    ['not there', { request: { name: 'other' } }, many, []],
    ['by a pattern', { request: { kind: 'skill', name: 're*' } }, many, ['skill/review']],
    [
      'by a pattern whose range is for nobody',
      { request: { name: 're*', range: '^9.0.0' } },
      many,
      ['skill/review', 'agent/review'],
    ],
    ['by a pattern, but brought by something else', { request: { name: 're*' } }, brought, []],
    ['by a pattern, but not as pinned', { request: { name: 're*' }, ...pinned }, tagged, []],
  ])('%s', (_says, want, from, refs) => {
    expect(lockedFor({ by: 'haal.json', request: { name: '' }, ...want }, from, satisfies)).toEqual(refs)
  })

  test('[L17] a pin stands in the place of the range', () => {
    const request = { ...review, range: '^1.0.0' }
    expect(rangeFor({ request }, 'skill/review')).toBe('^1.0.0')
    expect(rangeFor({ request, pins: { 'skill/review': '1.2.3' } }, 'skill/review')).toBe('1.2.3')
    expect(rangeFor({ request: { name: 're*', range: '^1.0.0' } }, 'skill/review')).toBeUndefined()
    const asPinned = (ref: Ref, pin: string) => isAsPinned(ref, { pins: { [ref]: pin } }, { lock: many, satisfies })
    expect(asPinned('skill/review', '1.0.0')).toBe(true)
    expect(asPinned('skill/review', '1.0.1')).toBe(false)
    expect(asPinned('skill/none', '1.0.1')).toBe(true)
    expect(isAsPinned('skill/review', {}, { lock: many, satisfies })).toBe(true)
  })

  test('[L17] pins of haal.json go with every wish of it', () => {
    const pins = { 'skill/review': '1.0.0' }
    expect(wantsOf({ artifacts: { 'skill/review': '^1.0.0' }, pins })).toEqual([
      { request: { kind: 'skill', name: 'review', range: '^1.0.0' }, by: 'haal.json', pins },
    ])
  })
})

describe('[L4] a pattern is looked up where all that it means is there for something narrower', () => {
  const unmet = (pattern: string, ...others: string[]) => {
    const [want, ...more] = wantsOf({
      artifacts: Object.fromEntries([pattern, ...others].map((key) => [key, '*'])),
      pins: {},
    })
    return want && isUnmet(want, [want, ...more], lock({ 'skill/review': locked('a'), 'skill/test': locked('b') }))
  }
  test.each<[pattern: string, others: string[], unmet: boolean]>([
    ['skill/*', [], false],
    ['skill/*', ['skill/review'], false],
    ['skill/*', ['skill/review', 'skill/test'], true],
    ['skill/*', ['skill/re*', 'skill/t*'], true],
    ['*', ['skill/*'], true],
    ['skill/*', ['*'], false],
    ['skill/re*', ['skill/review'], true],
    ['r*', ['re*'], false],
    ['skill/*', ['re*', 't*'], false],
    ['skill/re*', ['skill/r*'], false],
    ['agent/*', [], true],
    ['skill/review', [], false],
  ])('%s beside %j', (pattern, others, expected) => {
    expect(unmet(pattern, ...others)).toBe(expected)
  })
})

test('[O3] [O37] what something still wants stays, with all who want it, sorted, and rings come to an end', () => {
  const from = lock({
    'bundle/z': locked('a', { requires: ['skill/x', 'skill/gone'] }),
    'bundle/a': locked('a', { requires: ['skill/x'] }),
    'skill/x': locked('a', { requires: ['bundle/z'] }),
    'skill/idle': locked('a'),
  })
  const roots = new Map<Ref, string[]>([
    ['bundle/z', ['haal.json']],
    ['bundle/a', ['policy']],
  ])
  expect([...reachable(from, roots)]).toEqual([
    ['bundle/z', ['haal.json', 'skill/x']],
    ['skill/x', ['bundle/a', 'bundle/z']],
    ['bundle/a', ['policy']],
  ])
})

test('[O37] a chain of artifacts that require each other may be longer than a stack is deep', () => {
  const length = 100_000
  const next = (i: number) => (i === length - 1 ? locked('a') : locked('a', { requires: [`skill/s${i + 1}`] }))
  const from = lock(Object.fromEntries(Array.from({ length }, (_, i) => [`skill/s${i}`, next(i)])))
  const wanted = reachable(from, new Map([['skill/s0', ['haal.json']]]))
  expect([wanted.size, wanted.get(`skill/s${length - 1}`)]).toEqual([length, [`skill/s${length - 2}`]])
})

test('[L7] an artifact that is noted for somebody else than those who want it is written anew', () => {
  const from = lock({ 'skill/a': locked('a', { requestedBy: ['policy'] }) })
  expect(isSettled(from, { artifacts: { 'skill/a': '*' }, pins: {} }, satisfies)).toBe(false)
})

describe('of many', () => {
  const refs = Array.from({ length: 100 }, (_, i): Ref => `skill/skill-${i}`)
  const counted = <T extends object>(all: T) => {
    const count = { listings: 0 }
    const ownKeys = (target: T) => {
      count.listings += 1
      return Reflect.ownKeys(target)
    }
    return { all: new Proxy(all, { ownKeys }), count }
  }
  const installed = lock(Object.fromEntries(refs.map((ref) => [ref, locked(ref)])))
  const wishes = Object.fromEntries(refs.map((ref) => [ref, '*']))

  test('a lock is gone through once, however many wants are looked for in it', () => {
    const { all: artifacts, count } = counted(installed.artifacts)
    const wants = wantsOf({ artifacts: wishes, pins: {} })
    expect(wants.flatMap((want) => lockedFor(want, { ...installed, artifacts }, () => true))).toEqual(refs)
    expect(count.listings).toBeLessThan(5)
  })

  test('haal.json is gone through once, however many artifacts are looked for in it', () => {
    const { all: artifacts, count } = counted({ '*': '*', 'corp:skill-7': '*', ...wishes, 'skill-9': '*' })
    const found = refs.map((ref) => entryOf(ref, { artifacts, lock: installed }))
    expect(found).toEqual(refs.map((ref, i) => (i === 7 ? 'corp:skill-7' : ref)))
    expect(count.listings).toBeLessThan(5)
  })
})
