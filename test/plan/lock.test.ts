import { describe, expect, test } from 'vitest'
import type { Resolution } from '../../src/model/artifact.js'
import { emptyLock } from '../../src/model/lock.js'
import type { Registry } from '../../src/model/registry.js'
import { carriedOn, labelOf, lockOf, type Unfolded, unfolded, unfoldedOf } from '../../src/plan/lock.js'
import { digest, lock, locked } from './made.js'

const at = { via: 'git', url: 'https://git.corp/ai.git' } as const
const registry: Registry = {
  name: 'acme',
  at,
  written: 'https://git.corp/ai.git',
  author: 'project',
  source: 'haal.json',
}
const revision = { at, id: 'c1' }
const found: Resolution = {
  registry: 'acme',
  kind: 'skill',
  name: 'a',
  layout: 'folders',
  content: { path: 'skills/a' },
  form: 'folder',
  requires: [],
  version: '1.0.0',
  revision,
  integrity: digest('a'),
  reading: { notes: [], surface: [], needs: {} },
}

describe('[O2] what an artifact is in a lockfile', () => {
  test('no more than there is to say', () => {
    expect(unfoldedOf(found, { registry, revision })).toStrictEqual({
      ref: 'skill/a',
      locked: {
        version: '1.0.0',
        registry: 'acme',
        path: 'skills/a',
        revision: 'c1',
        integrity: digest('a'),
        requestedBy: [],
      },
      registry: { type: 'git', location: 'https://git.corp/ai.git', revision: 'c1' },
    })
  })

  test('all that there is to say', () => {
    const whole: Resolution = {
      ...found,
      kind: 'extension',
      content: { path: 'channels/a.b.md' },
      form: 'file',
      id: 'com.acme.a',
      agentosKind: 'channel',
      requires: ['skill/z', 'agent/y'],
      reading: { ...found.reading, entry: 'dist/index.js', loadable: false },
    }
    const from: Registry = { ...registry, ref: 'main', verified: true, listedBy: 'primary' }
    expect(unfoldedOf(whole, { registry: from, revision, ref: 'v1' })).toEqual({
      ref: 'extension/a',
      locked: {
        version: '1.0.0',
        registry: 'acme',
        path: 'channels/a.b.md',
        revision: 'c1',
        ref: 'v1',
        integrity: digest('a'),
        requestedBy: [],
        file: 'a.b.md',
        id: 'com.acme.a',
        agentosKind: 'channel',
        entry: 'dist/index.js',
        loadable: false,
        requires: ['agent/y', 'skill/z'],
      },
      registry: {
        type: 'git',
        location: 'https://git.corp/ai.git',
        ref: 'main',
        verified: true,
        listedBy: 'primary',
        revision: 'c1',
      },
    })
  })

  test('a folder has no revision', () => {
    const { locked: one, registry: its } = unfoldedOf(found, { registry, revision: { at, id: 'folder' } })
    expect(its).not.toHaveProperty('revision')
    expect(one).toHaveProperty('revision', 'c1')
  })
})

describe('what the lockfile knew of an artifact that is resolved anew', () => {
  const known = { copies: ['other/a'], as: 'b', approved: ['x'], unknown: { note: 1 } }
  const before = {
    ...lock({ 'skill/a': locked('a', known) }),
    registries: { acme: { type: 'file', location: '../acme', unknown: { mirror: true } } },
  }
  const settledAs = (letter: string): Unfolded => ({
    ref: 'skill/a',
    locked: locked(letter),
    registry: { type: 'file', location: '../acme' },
  })

  test('[L2] [O4] its copies, its other name and unknown keys stay', () => {
    const { locked: now, registry: its } = carriedOn(settledAs('b'), before)
    expect(now).toEqual(locked('b', { copies: ['other/a'], as: 'b', unknown: { note: 1 } }))
    expect(its.unknown).toEqual({ mirror: true })
  })

  test('[P10] an approval stays with the very bytes it was given for, and with no others', () => {
    expect(carriedOn(settledAs('a'), before).locked.approved).toEqual(['x'])
    expect(carriedOn(settledAs('b'), before).locked).not.toHaveProperty('approved')
  })

  test('nothing comes from nowhere', () => {
    expect(carriedOn(settledAs('a'), emptyLock)).toStrictEqual(settledAs('a'))
  })
})

describe('[L1] a lockfile of artifacts says each revision once', () => {
  const from = (name: string, own: string | undefined, shared = own): Unfolded => ({
    ref: `skill/${name}`,
    locked: locked('a', own === undefined ? {} : { revision: own }),
    registry: { type: 'git', location: 'x', ...(shared !== undefined && { revision: shared }) },
  })
  const revisions = (...all: Unfolded[]) => {
    const made = lockOf(all, emptyLock)
    return [made.registries.acme?.revision, ...Object.values(made.artifacts).map((each) => each.revision)]
  }

  test('the registry has the one that most came from', () => {
    expect(revisions(from('a', 'r1'), from('b', 'r2'), from('c', 'r2'))).toEqual(['r2', 'r1', undefined, undefined])
  })

  test('among equals the smallest, whatever the order', () => {
    expect(revisions(from('a', 'r2'), from('b', 'r1'))).toEqual(['r1', 'r2', undefined])
    expect(revisions(from('b', 'r1'), from('a', 'r2'))).toEqual(['r1', undefined, 'r2'])
  })

  test('none where there is none', () => {
    expect(revisions(from('a', undefined))).toEqual([undefined, undefined])
  })

  test('and unfolded it is what it was made of', () => {
    const all = [from('a', 'r1', 'r2'), from('b', 'r2'), from('c', 'r2')]
    const again = unfolded(lockOf(all, emptyLock))
    expect(again.map((each) => each.locked.revision)).toEqual(['r1', 'r2', 'r2'])
    expect(lockOf(again, emptyLock)).toEqual(lockOf(all, emptyLock))
  })

  test('[L2] unknown keys of a registry and of the lockfile stay', () => {
    const one = from('a', 'r1')
    const made = lockOf([{ ...one, registry: { ...one.registry, unknown: { mirror: true } } }, from('b', 'r1')], {
      registries: {},
      unknown: { later: 1 },
    })
    expect(made.registries.acme?.unknown).toEqual({ mirror: true })
    expect(made.unknown).toEqual({ later: 1 })
  })
})

describe('[L1] a lockfile of a registry that artifacts came from at several refs', () => {
  const from = (name: string, ref: string | undefined, own?: string): Unfolded => ({
    ref: `skill/${name}`,
    locked: locked('a', { revision: `r-${ref}`, ...(own !== undefined && { ref: own }) }),
    registry: { type: 'git', location: 'x', revision: `r-${ref}`, ...(ref !== undefined && { ref }) },
  })
  const said = { acme: { type: 'git', location: 'x', ref: 'next' } }

  test.each([
    ['the last', [from('a', 'old'), from('b', 'next')]],
    ['the first', [from('a', 'next'), from('b', 'old')]],
  ])('has it as it is said, whichever came at that: %s', (_which, all) => {
    const made = lockOf(all, { ...emptyLock, registries: said })
    expect(made.registries.acme).toEqual({ ...said.acme, revision: 'r-next' })
    const old = all.find(({ registry }) => registry.ref === 'old')?.ref ?? 'skill/a'
    expect(made.artifacts[old]).toMatchObject({ ref: 'old', revision: 'r-old' })
    const again = lockOf(unfolded(made), made)
    expect(again).toEqual(made)
  })

  test('has the revision that is there where nothing came at the ref that is said', () => {
    const made = lockOf([from('a', 'old')], { ...emptyLock, registries: said })
    expect(made.registries.acme).toEqual({ ...said.acme, revision: 'r-old' })
    expect(made.artifacts['skill/a']).not.toHaveProperty('revision')
  })

  test('a ref of an artifact’s own stays, and where there was none it is HEAD', () => {
    const made = lockOf([from('a', 'old', 'mine'), from('b', undefined)], { ...emptyLock, registries: said })
    expect(made.artifacts['skill/a']?.ref).toBe('mine')
    expect(made.artifacts['skill/b']?.ref).toBe('HEAD')
  })
})

test('[O5] a label has the artifact’s own revision, its registry’s, or its bytes', () => {
  const shared = { ...lock({}), registries: { acme: { type: 'git', location: 'x', revision: 'r1' } } }
  const revisionOf = (more: object, around = shared) =>
    labelOf('skill/a', { ...around, artifacts: { 'skill/a': locked('a', more) } })?.revision
  expect(revisionOf({ revision: 'r2' })).toBe('r2')
  expect(revisionOf({})).toBe('r1')
  expect(labelOf('skill/a', lock({ 'skill/a': locked('a') }))?.revision).toBe(digest('a'))
  expect(labelOf('skill/b', shared)).toBeNull()
})
