import path from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Ref } from '../../src/model/kinds.js'
import type { Lock } from '../../src/model/lock.js'
import type { OnDisk } from '../../src/model/plan.js'
import { type Difference, diff, type Place, placesOf } from '../../src/plan/diff.js'
import { digest, lock, locked } from './made.js'

const root = path.resolve('/project')

interface Seen {
  /** What really lies there: a letter's content, a person's edit of it, something else. */
  there: 'nothing' | 'a' | 'b' | 'edited' | 'foreign'
}

/** Looks as the disk would: compares what is there with what is expected. */
function looking({ there }: Seen) {
  return (_place: unknown, content: Place['content'] | undefined): OnDisk => {
    const expected = content?.from === 'store' ? content.integrity : undefined
    const found = (state: OnDisk['state'], changed: string[] = [], added: string[] = []) => ({
      state,
      changed,
      added,
      missing: [],
    })
    if (there === 'nothing') return found('absent')
    if (there === 'a' || there === 'b')
      return found(expected === digest(there) ? 'same' : expected ? 'edited' : 'foreign', ['SKILL.md'])
    return expected === undefined ? found('foreign') : found('edited', ['SKILL.md'], ['mine.md'])
  }
}

const a = lock({ 'skill/a': locked('a') })
const b = lock({ 'skill/a': locked('b', { version: '2.0.0' }) })
const none = lock({})

function brief({ steps, conflicts, kept, changes }: Difference): string[] {
  return [
    ...steps.map(
      ({ after, saveOld }) =>
        `${after.from}${after.from === 'kept' ? ` ${after.files.join(' ')}` : ''}${saveOld ? ', old saved' : ''}`,
    ),
    ...conflicts.map(({ why }) => `conflict: ${why}`),
    ...kept.map(({ files }) => `keeps ${files.join(' ')}`),
    ...changes.map(({ action }) => action),
  ]
}

describe('one place', () => {
  test.each<[string, Lock, Lock, Seen['there'], boolean, string[]]>([
    ['a new artifact goes where nothing is', none, a, 'nothing', false, ['store', 'add']],
    ['a new artifact is taken as installed where its very bytes lie', none, a, 'a', false, ['add']],
    ['a file of the person’s in the way is a conflict', none, a, 'foreign', false, ['conflict: foreign', 'add']],
    ['with force, that file is put aside', none, a, 'foreign', true, ['store, old saved', 'add']],
    ['what is as locked stays as it is', a, a, 'a', false, []],
    ['what is missing comes back', a, a, 'nothing', false, ['store', 'add']],
    ['an edit stays where nothing new is wanted', a, a, 'edited', false, []],
    [
      'with force, an edit is put aside and the locked bytes come back',
      a,
      a,
      'edited',
      true,
      ['store, old saved', 'add'],
    ],
    ['an update replaces what is as locked', a, b, 'a', false, ['store', 'update']],
    ['an update over an edit is a conflict', a, b, 'edited', false, ['conflict: edited', 'update']],
    ['an update whose bytes are there already writes nothing', a, b, 'b', false, ['update']],
    ['an artifact that goes takes what haal put there', a, none, 'a', false, ['nothing', 'remove']],
    [
      'an edited file of it stays',
      a,
      none,
      'edited',
      false,
      ['kept SKILL.md mine.md', 'keeps .haal/skills/a/SKILL.md .haal/skills/a/mine.md', 'remove'],
    ],
    ['with force, the edited one is put aside', a, none, 'edited', true, ['nothing, old saved', 'remove']],
    ['what is gone already leaves its folders to go', a, none, 'nothing', false, ['nothing', 'remove']],
  ])('[L16 O3 T4] %s', (_title, from, to, there, force, expected) => {
    expect(brief(diff({ root, from, to, look: looking({ there }), force }))).toEqual(expected)
  })
})

test('[O6 A26] every kind has its folder, a single file keeps its form, a bundle has no place', () => {
  const to = lock({
    'agent/reviewer': locked('a', { file: 'reviewer.md' }),
    'bundle/basics': locked('a'),
    'extension/x': locked('a', { agentosKind: 'channel' }),
    'guardrail/pii': locked('a'),
    'mcp/github': locked('a', { file: 'github.json' }),
    'persona/guide': locked('a'),
    'tool/search': locked('a'),
    'workflow/release': locked('a'),
  })
  const { steps } = diff({ root, from: none, to, look: looking({ there: 'nothing' }), force: false })
  expect(steps.map(({ shown }) => shown)).toEqual([
    '.haal/agents/reviewer.md',
    '.haal/extensions/x',
    '.haal/guardrails/pii',
    '.haal/mcp/github.json',
    '.haal/personas/guide',
    '.haal/tools/search',
    '.haal/workflows/release',
  ])
})

test('[T1] tools that come and go are told by their names, whether haal.lock has their place or not', () => {
  const given = (targets: string[]) => lock({ 'skill/a': locked('a', { targets }) })
  const from = given(['claude', 'kiro:.kiro/skills/a'])
  const to = given(['kiro:.kiro/skills/a', 'roo'])
  const { changes } = diff({ root, from, to, look: looking({ there: 'a' }), force: false })
  expect(changes.map(({ tools }) => tools)).toEqual([{ added: ['roo'], removed: ['claude'] }])
})

test('[L17] a pin is a change of its own', () => {
  const pinned = lock({ 'skill/a': locked('a', { pinned: true }) })
  expect(brief(diff({ root, from: a, to: pinned, look: looking({ there: 'a' }), force: false }))).toEqual(['pin'])
  expect(brief(diff({ root, from: pinned, to: a, look: looking({ there: 'a' }), force: false }))).toEqual(['unpin'])
})

test('[L17] of what is pinned to another version, or let go by one, the update says so', () => {
  const pinned = lock({ 'skill/a': locked('a', { pinned: true }) })
  const told = (from: Lock, to: Lock) =>
    diff({ root, from, to, look: looking({ there: 'a' }), force: false }).changes.map(({ action, pinned }) => [
      action,
      pinned,
    ])
  expect(told(b, pinned)).toEqual([['update', true]])
  expect(told(pinned, b)).toEqual([['update', false]])
  expect(told(a, b)).toEqual([['update', undefined]])
})

test('[O36] an update names what was and what is; in a folder the bytes are the revision', () => {
  const { changes } = diff({ root, from: a, to: b, look: looking({ there: 'a' }), force: false })
  expect(changes).toEqual([
    {
      action: 'update',
      artifact: 'skill/a',
      registry: 'acme',
      from: { version: '1.0.0', revision: digest('a'), integrity: digest('a') },
      to: { version: '2.0.0', revision: digest('b'), integrity: digest('b') },
    },
  ])
})

test('[T4] a step knows that nothing lay at its place, so that what appears there meanwhile is not overwritten', () => {
  const steps = (there: Seen['there'], from: Lock, to: Lock) =>
    diff({ root, from, to, look: looking({ there }), force: false }).steps
  expect(steps('nothing', none, a)).toMatchObject([{ onlyIfAbsent: true }])
  expect(steps('a', a, b)[0]).not.toHaveProperty('onlyIfAbsent')
})

describe('[O3] an artifact goes whose place was changed', () => {
  const seen =
    (missing: string[], changed: string[] = []) =>
    (): OnDisk => ({
      state: 'edited',
      changed,
      added: [],
      missing,
    })
  const leaves = (look: () => OnDisk) => brief(diff({ root, from: a, to: none, look, force: false }))

  test('where nobody can tell which files a person changed, all of them stay', () => {
    expect(leaves(seen([]))).toEqual(['keeps .haal/skills/a', 'remove'])
    expect(leaves(() => ({ ...seen(['x'])(), state: 'foreign' }))).toEqual(['keeps .haal/skills/a', 'remove'])
  })

  test('where files are only missing, the rest goes', () => {
    expect(leaves(seen(['SKILL.md']))).toEqual(['nothing', 'remove'])
  })

  test('the files that stay are told in order', () => {
    expect(leaves(seen([], ['b', 'a']))[1]).toBe('keeps .haal/skills/a/a .haal/skills/a/b')
  })
})

test('[L16] an edit is told with every file that was changed, added or deleted', () => {
  const look = (): OnDisk => ({ state: 'edited', changed: ['c'], added: ['a'], missing: ['b'] })
  const files = ['c', 'b', 'a'].map((name) => `.haal/skills/a/${name}`).sort()
  expect(diff({ root, from: a, to: a, look, force: false }).edited).toEqual([{ artifact: 'skill/a', files }])
  expect(diff({ root, from: a, to: b, look, force: false }).conflicts).toMatchObject([
    { place: '.haal/skills/a', files: ['c', 'b', 'a'].sort() },
  ])
})

describe('[T1] the places of tools', () => {
  const place = (letter: string, more: Partial<Place> = {}): Place => ({
    ref: 'skill/a',
    at: '.claude/skills/a',
    content: { from: 'store', integrity: digest(letter) },
    ...more,
  })
  const change = (there: Seen['there'], before: Place[], after: Place[], force = false) =>
    diff({
      root,
      from: a,
      to: a,
      look: (at, content) => looking({ there: at.at.startsWith('.haal') ? 'a' : there })(at, content),
      force,
      tools: { before, after, touched: [] },
    })

  test('are filled and emptied with the artifact, which is then told as updated', () => {
    const filled = change('nothing', [], [place('a')])
    expect(filled.steps.map(({ shown, after }) => [shown, after.from])).toEqual([['.claude/skills/a', 'store']])
    expect(filled.changes.map(({ action }) => action)).toEqual(['update'])
    const emptied = change('a', [place('a')], [])
    expect(emptied.steps.map(({ shown, after }) => [shown, after.from])).toEqual([['.claude/skills/a', 'nothing']])
    expect(emptied.changes.map(({ action }) => action)).toEqual(['update'])
  })

  test('are never taken by force where haal uses no such place', () => {
    expect(change('foreign', [], [place('a')], true).steps).toMatchObject([{ saveOld: true }])
    const strange = change('foreign', [], [place('a', { strange: true })], true)
    expect(strange.steps).toEqual([])
    expect(strange.conflicts).toMatchObject([{ place: '.claude/skills/a', why: 'foreign' }])
  })
})

test('[O36] the same bytes from another registry, or under another version, are an update', () => {
  const actions = (to: Lock) =>
    diff({ root, from: a, to, look: looking({ there: 'a' }), force: false }).changes.map(({ action }) => action)
  expect(actions(lock({ 'skill/a': locked('a', { registry: 'other' }) }))).toEqual(['update'])
  expect(actions(lock({ 'skill/a': locked('a', { version: '1.0.1' }) }))).toEqual(['update'])
  expect(actions(a)).toEqual([])
})

test('[O36] the same bytes are no update where only the commit differs that their version is made of', () => {
  const at = (version: string) => lock({ 'skill/a': locked('a', { version }) })
  const changes = (from: string, to: string) =>
    diff({ root, from: at(from), to: at(to), look: looking({ there: 'a' }), force: false }).changes
  const [one, other] = ['0.0.0-20260102030405-5f3c0123abcd', '0.0.0-20260102030406-0123456789ab']
  expect(changes(one, other)).toEqual([])
  expect(changes(one, '1.0.0')).toMatchObject([{ action: 'update', from: { version: one }, to: { version: '1.0.0' } }])
  expect(changes('0.0.0-rc.1', '0.0.0-rc.2')).toHaveLength(1)
})

test('[T1] a tool that is added or left is a change that names it', () => {
  const at = (...targets: string[]) => lock({ 'skill/a': locked('a', { targets }) })
  const from = at('claude:.claude/skills/a', 'cursor:.cursor/skills/a')
  const to = at('claude:.claude/skills/a', 'kiro:.kiro/skills/a')
  const changed = (after: Lock, touched: Ref[] = []) =>
    diff({
      root,
      from,
      to: after,
      look: looking({ there: 'a' }),
      force: false,
      tools: { before: [], after: [], touched },
    }).changes.map(({ action, tools }) => [action, tools])
  expect(changed(to)).toEqual([['update', { added: ['kiro'], removed: ['cursor'] }]])
  expect(changed(from, ['skill/a'])).toEqual([['update', { added: [], removed: [] }]])
  expect(changed(from)).toEqual([])
})

test('[L18] changes are told in the order of their names', () => {
  const [from, to] = [lock({ 'skill/c': locked('a'), 'skill/a': locked('a') }), lock({ 'skill/b': locked('a') })]
  const { changes } = diff({ root, from, to, look: looking({ there: 'nothing' }), force: false })
  expect(changes.map(({ artifact }) => artifact)).toEqual(['skill/a', 'skill/b', 'skill/c'])
})

describe('where haal.lock came by itself', () => {
  const kit = '.haal/skills/a'
  /** What lies at the one place: its files, each as one of these has it or as nobody does. */
  const lying = (files: Record<string, 'a' | 'b' | 'mine'>) => (place: Place, content?: Place['content']) => {
    const expected = content?.from === 'store' ? content.integrity : undefined
    const own = Object.keys(files).filter((file) => expected !== digest(files[file] ?? ''))
    const unchanged = Object.keys(files).length - own.length
    const state = place.at !== kit ? 'absent' : expected === undefined ? 'foreign' : own.length > 0 ? 'edited' : 'same'
    return { state, changed: own, added: [], missing: [], unchanged } as const
  }
  const former = (of: Lock) => ({ lock: of, places: placesOf(of), touched: [] })

  test.each<[string, Lock, Lock, Parameters<typeof lying>[0], string[]]>([
    ['what lies as before makes way for what it says', b, b, { x: 'a', y: 'a' }, ['store', 'update']],
    ['what lies as before goes where nothing is wanted', none, none, { x: 'a' }, ['nothing', 'remove']],
    ['of that, an edited file stays', none, none, { x: 'a', y: 'mine' }, ['kept y', `keeps ${kit}/y`, 'remove']],
    ['what a person wrote altogether is not told again and again', none, none, { x: 'mine' }, []],
    ['an edit of what was before stays', b, b, { x: 'a', y: 'mine' }, []],
    [
      'where that goes, only the edited file stays',
      b,
      none,
      { x: 'a', y: 'mine' },
      ['kept y', `keeps ${kit}/y`, 'remove'],
    ],
  ])('[L16 O3] %s', (_title, from, to, files, expected) => {
    expect(brief(diff({ root, from, former: former(a), to, look: lying(files), force: false }))).toEqual(expected)
  })

  test('[L16 O3] what goes takes files along that are of a version that was here once', () => {
    const given = { root, from: b, to: none, look: lying({ x: 'a', y: 'mine' }), force: false }
    expect(brief(diff({ ...given, ever: placesOf(a) }))).toEqual(['kept y', `keeps ${kit}/y`, 'remove'])
    expect(brief(diff(given))).toEqual(['kept x y', `keeps ${kit}/x ${kit}/y`, 'remove'])
  })
})
