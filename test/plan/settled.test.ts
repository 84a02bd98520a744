import semver from 'semver'
import { expect, test } from 'vitest'
import type { Lock } from '../../src/model/lock.js'
import type { Wishes } from '../../src/model/manifest.js'
import { isSettled } from '../../src/plan/settled.js'
import { lock, locked } from './made.js'

const wish = (artifacts: Wishes['artifacts'], pins: Wishes['pins'] = {}): Wishes => ({ artifacts, pins })
const one = lock({ 'skill/a': locked('a') })
const pair = lock({
  'bundle/all': locked('b', { requires: ['skill/a'] }),
  'skill/a': locked('a', { requestedBy: ['bundle/all'] }),
})
const revised = (own: string): Lock => ({
  ...lock({ 'skill/a': locked('a', { revision: own }) }),
  registries: { acme: { type: 'git', location: 'x', revision: 'r1' } },
})

test.each<[says: string, lock: Lock, wishes: Wishes, settled: boolean]>([
  ['what is wished is locked', one, wish({ 'skill/a': '^1.0.0' }), true],
  ['nothing is wished and nothing locked', { ...one, registries: {}, artifacts: {} }, wish({}), true],
  ['a wish is not locked', one, wish({ 'skill/a': '*', 'skill/b': '*' }), false],
  ['another version is wished', one, wish({ 'skill/a': '^2.0.0' }), false],
  ['another registry is wished', one, wish({ 'other:skill/a': '*' }), false],
  [
    'something is locked that nobody wishes',
    lock({ ...one.artifacts, 'skill/b': locked('a') }),
    wish({ 'skill/a': '*' }),
    false,
  ],
  ['a bundle and what it brings are locked', pair, wish({ 'bundle/all': '*' }), true],
  [
    'what a bundle brings is wished as well, and not noted so',
    pair,
    wish({ 'bundle/all': '*', 'skill/a': '*' }),
    false,
  ],
  [
    'what a bundle brings is missing',
    lock({ 'bundle/all': locked('b', { requires: ['skill/a'] }) }),
    wish({ 'bundle/all': '*' }),
    false,
  ],
  [
    'a pin is noted',
    lock({ 'skill/a': locked('a', { pinned: true }) }),
    wish({ 'skill/a': '*' }, { 'skill/a': '1.0.0' }),
    true,
  ],
  ['a pin is not noted', one, wish({ 'skill/a': '*' }, { 'skill/a': '1.0.0' }), false],
  ['a pin is of another version', one, wish({ 'skill/a': '*' }, { 'skill/a': '1.0.1' }), false],
  [
    'a pin is noted of what a bundle brings, and is of another version',
    lock({
      ...pair.artifacts,
      'skill/a': locked('a', { requestedBy: ['bundle/all'], pinned: true }),
    }),
    wish({ 'bundle/all': '*' }, { 'skill/a': '1.0.1' }),
    false,
  ],
  [
    'a pin is noted that is no more',
    lock({ 'skill/a': locked('a', { pinned: true }) }),
    wish({ 'skill/a': '*' }),
    false,
  ],
  ['a pattern has brought something', one, wish({ 'skill/*': '*' }), true],
  ['a pattern has brought nothing yet', one, wish({ 'skill/*': '*', 'skill/a': '*' }), false],
  ['an artifact has a revision of its own', revised('r2'), wish({ 'skill/a': '*' }), true],
  ['an artifact repeats its registry’s revision', revised('r1'), wish({ 'skill/a': '*' }), false],
  [
    'a registry is noted from which nothing is',
    { ...one, registries: { ...one.registries, old: { type: 'file', location: '../old' } } },
    wish({ 'skill/a': '*' }),
    false,
  ],
])('[L4] [L7] an install has nothing to resolve, or has, where %s', (_says, from, wishes, settled) => {
  expect(isSettled(from, wishes, (version, range) => semver.satisfies(version, range))).toBe(settled)
})
