import semver from 'semver'
import { describe, expect, test } from 'vitest'
import type { Request } from '../../src/model/artifact.js'
import type { Ref } from '../../src/model/kinds.js'
import type { Wishes } from '../../src/model/manifest.js'
import { demandsOf, metIn } from '../../src/plan/demand.js'
import { entryOf, isUnmet, lockedFor, reachable, refsMatching, wantsOf } from '../../src/plan/desire.js'
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
    ['a name, before an id that is spelt as it is', { name: 'com.acme.search' }, ['skill/com.acme.search']],
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
  const pinned = { 'skill/review': '1.0.0' }
  const tagged = lock({ 'skill/review': locked('a', { version: '0.0.1', ref: 'stable' }) })
  const brought = lock({ 'skill/review': locked('a', { requestedBy: ['bundle/all'] }) })
  const review = { kind: 'skill', name: 'review' } as const
  test.each<[says: string, request: Request, from: typeof many, refs: Ref[], pins?: Wishes['pins']]>([
    ['without a range', review, many, ['skill/review']],
    ['within its range', { ...review, range: '^1.0.0' }, many, ['skill/review']],
    ['outside its range', { ...review, range: '^2.0.0' }, many, []],
    ['outside its range, but as pinned', { ...review, range: '^2.0.0' }, many, ['skill/review'], pinned],
    ['without a range, though it was asked at a tag', review, tagged, ['skill/review']],
    ['at the tag it was asked at', { ...review, range: 'stable' }, tagged, ['skill/review']],
    ['from its registry', { ...review, registry: 'acme' }, many, ['skill/review']],
    ['from another registry', { ...review, registry: 'corp' }, many, []],
    ['one of several of that name', { name: 'review' }, many, []],
    ['not there', { name: 'other' }, many, []],
    ['by a pattern', { kind: 'skill', name: 're*' }, many, ['skill/review']],
    ['by a pattern within its range', { name: 're*', range: '^1.0.0' }, many, ['skill/review', 'agent/review']],
    ['by a pattern outside its range', { name: 're*', range: '^2.0.0' }, many, []],
    ['by a pattern outside its range, but as pinned', { name: 're*', range: '^2' }, many, ['skill/review'], pinned],
    ['by a pattern, at the tag it asks for', { name: 're*', range: 'stable' }, tagged, ['skill/review']],
    ['by a pattern, but brought by something else', { name: 're*' }, brought, []],
    ['by a pattern, but not as pinned', { name: 're*' }, tagged, [], pinned],
  ])('%s', (_says, request, from, refs, pins = {}) => {
    const want = { request, by: 'haal.json' }
    expect(lockedFor(want, from, metIn(from, demandsOf([want], pins), satisfies))).toEqual(refs)
  })
})

describe('[L4] a pattern is looked up where all that it means is there for something narrower', () => {
  const unmet = (pattern: string, ...others: string[]) => {
    const [want, ...more] = wantsOf({
      artifacts: Object.fromEntries([pattern, ...others].map((key) => [key, '*'])),
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
    const wants = wantsOf({ artifacts: wishes })
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
