import { expect, test } from 'vitest'
import { emptyLock } from '../../src/model/lock.js'
import { registryFrom } from '../../src/model/registries.js'
import { asVouched, isSameAddress, leadsTo, sourceChanges } from '../../src/plan/sources.js'

test.each([
  ['git', 'https://h/x.git', 'https://h/x.git#v1'],
  ['git', 'https://h/x.git', 'git+https://h/x.git/'],
  ['git', '../x', './../x#v1'],
  ['github', 'acme/x', 'https://github.com/acme/x.git'],
  ['npm', 'npm:@acme/x@^1', '@acme/x'],
  ['url', 'https://h/x', 'https://H/x/'],
  ['file', '../x', './../x'],
  ['file', '/srv/x', '/srv/x/'],
])('[S4] an address is the same however it is written: %s %s %s', (type, a, b) => {
  expect(isSameAddress({ type, location: a }, { type, location: b })).toBe(true)
})

test.each([
  ['file', '../x', '../../x'],
  ['file', '../x', '/x'],
  ['file', '//server/x', '/server/x'],
  ['git', '//server/x', '//evil/../server/x'],
  ['git', '../x', '../../x'],
  ['git', 'https://h/x.git', 'https://h/y.git'],
  ['git', 'https://h/x.git', 'http://h/x.git'],
  ['git', 'https://h/x.git', 'https://evil/../h/x.git'],
  ['git', 'ssh://h/x.git', 'ssh://evil/../h/x.git'],
  ['git', 'git@h:x', 'git@evil:../../git@h:x'],
  ['git', '../x', 'git@evil:a/../../x'],
  ['github', 'acme/x', 'https://ghe.corp.com/acme/x'],
  ['npm', '@acme/x', '@acme/y'],
  ['npm', 'x', '@acme/x'],
  ['url', 'https://h/x', 'https://h:8443/x'],
])('[S4] another place is another address: %s %s %s', (type, a, b) => {
  expect(isSameAddress({ type, location: a }, { type, location: b })).toBe(false)
})

test('[S4] the same words of another type are another address', () => {
  expect(isSameAddress({ type: 'git', location: 'https://h/x' }, { type: 'url', location: 'https://h/x' })).toBe(false)
})

test('[L4] a registry of the configuration is changed where its ref is another, and nothing is where it is not locked', () => {
  const registry = (name: string, ref?: string) =>
    registryFrom(
      name,
      { type: 'git', location: 'https://h/x.git', verified: true, ...(ref && { ref }) },
      { folder: '/', author: 'project', source: 'haal.json' },
    )
  const locked = { type: 'git', location: 'https://h/x.git' }
  const registries = { a: { ...locked, ref: 'v1' }, b: { ...locked, ref: 'v1' }, c: locked, d: locked }
  const all = [registry('a', 'v1'), registry('b', 'v2'), registry('c', 'v1'), registry('d')]
  expect(
    sourceChanges({ ...emptyLock, registries }, all).map(({ name, was, now }) => [name, was.ref, now.ref]),
  ).toEqual([
    ['b', 'v1', 'v2'],
    ['c', undefined, 'v1'],
  ])
})

const written = (location: string, type = 'file') =>
  registryFrom('a', { type, location }, { folder: '/home/me/project', author: 'project', source: 'haal.json' })

test.each([
  ['file', '../x', '/home/me/x'],
  ['file', '/home/me/x', '../x'],
  ['file', '/home/me/x', '../project/../x/'],
  ['file', '../x', 'file:../x'],
  ['file', '../x', 'file:///home/me/x'],
  ['git', '../x', '/home/me/x'],
  ['git', '../x#v1', 'file:///home/me/x'],
])('[S4] a place on this machine is the same from where haal.json lies: %s %s %s', (type, location, now) => {
  const registry = written(now, type)
  expect(leadsTo({ type, location }, registry)).toBe(true)
  const { a } = asVouched({ ...emptyLock, registries: { a: { type, location } } }, [registry])
  expect(a).toEqual({ type, location: now })
})

test.each([
  ['file', '../x', '/home/x'],
  ['file', '../../x', '/home/me/x'],
  ['file', '../x', '/home/me/X'],
  ['file', '../link/../y', '/home/me/x'],
  ['file', '/home/me/x', './x'],
  ['file', 'https://evil/x', '/home/me/x'],
  ['git', 'git@evil:../x', '/home/me/x'],
  ['git', '../x', 'https://h/home/me/x'],
  ['git', 'https://h/../../home/me/x', '/home/me/x'],
])('[S4] another place on this machine is another address: %s %s %s', (type, location, now) => {
  expect(leadsTo({ type, location }, written(now, type))).toBe(false)
})

test('[S4] a place on this machine is of the type that it is of', () => {
  expect(leadsTo({ type: 'git', location: '../x' }, written('/home/me/x'))).toBe(false)
})
