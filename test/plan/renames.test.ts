import { expect, test } from 'vitest'
import { emptyLock, type Lock } from '../../src/model/lock.js'
import { registryFrom } from '../../src/model/registries.js'
import { renamesIn, withRenames } from '../../src/plan/renames.js'
import { locked } from './made.js'

const registry = (name: string, location: string, ref?: string) =>
  registryFrom(
    name,
    { type: 'git', location, ...(ref && { ref }) },
    { folder: '/', author: 'project', source: 'haal.json' },
  )
const at = (location: string, more = {}) => ({ type: 'git', location, ...more })
const lock = (registries: Lock['registries']): Lock => ({ ...emptyLock, registries })
const [x, y] = ['https://h/x.git', 'https://h/y.git']

test.each([
  ['one name goes and one comes', { a: at(x) }, [registry('b', x)], [{ was: 'a', now: 'b' }]],
  ['though its ref is another', { a: at(x, { ref: 'v1' }) }, [registry('b', x, 'v2')], [{ was: 'a', now: 'b' }]],
  [
    'two at once',
    { a: at(x), b: at(y) },
    [registry('c', y), registry('d', x)],
    [
      { was: 'a', now: 'd' },
      { was: 'b', now: 'c' },
    ],
  ],
  ['another address', { a: at(x) }, [registry('b', y)], []],
  ['another type', { a: { type: 'file', location: '/x' } }, [registry('b', '/x')], []],
  ['its name is there still', { a: at(x) }, [registry('a', x), registry('b', x)], []],
  ['the other name was there before', { a: at(x), b: at(x) }, [registry('b', x)], []],
  ['two come for one', { a: at(x) }, [registry('b', x), registry('c', x)], []],
  ['one comes for two', { a: at(x), b: at(x) }, [registry('c', x)], []],
  ['the primary lists it', { a: at(x, { listedBy: 'p' }) }, [registry('b', x)], []],
])('[S4] a registry is renamed only where nothing else can be meant: %s', (_case, registries, configured, renames) => {
  expect(renamesIn(lock(registries), configured)).toEqual(renames.map((each) => ({ ...each, file: 'haal.json' })))
})

test('[L4] with its artifacts, and with what it lists', () => {
  const registries = { a: at(x, { revision: 'r1' }), s: at(y, { listedBy: 'a' }) }
  const artifacts = { 'skill/k': locked('a', { registry: 'a' }), 'skill/m': locked('b', { registry: 's' }) }
  const now = withRenames({ ...lock(registries), artifacts }, [{ was: 'a', now: 'b' }])
  expect(now.registries).toEqual({ b: at(x, { revision: 'r1' }), s: at(y, { listedBy: 'b' }) })
  expect(Object.values(now.artifacts).map((each) => each.registry)).toEqual(['b', 's'])
})
