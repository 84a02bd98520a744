import path from 'node:path'
import { expect, test } from 'vitest'
import { lockedPlace, relativeTo } from '../../src/state/paths.js'

test.each<[what: string, root: string, place: string, written: string | undefined]>([
  ['below the project', 'C:\\work', 'C:\\work\\tools\\review', 'tools/review'],
  ['of a name that begins with dots', 'C:\\work', 'C:\\work\\..tools', '..tools'],
  ['beside the project', 'C:\\work', 'C:\\out\\review', 'C:/out/review'],
  ['on another drive', 'C:\\work', 'D:\\out\\review', 'D:/out/review'],
  ['on a network share, which a lockfile must not name', 'C:\\work', '\\\\server\\share\\review', undefined],
])('[O4 U8] haal.lock names a place on Windows %s', (_what, root, place, written) => {
  expect(lockedPlace(root, place, path.win32)).toBe(written)
})

test.each([
  ['/work', '/work/tools/review', 'tools/review'],
  ['/work', '/out/review', '/out/review'],
  ['/work', '/work/back\\slash', 'back\\slash'],
])('[O4] below %s, haal.lock names %s elsewhere as it is', (root, place, written) => {
  expect(lockedPlace(root, place, path.posix)).toBe(written)
})

test('[U8 L11] the journal names places on Windows with slashes, and those elsewhere as they are', () => {
  expect(relativeTo('C:\\work', 'c:\\Work\\.haal\\skills\\a', path.win32)).toBe('.haal/skills/a')
  expect(relativeTo('C:\\work', 'D:\\out\\a', path.win32)).toBe('D:\\out\\a')
})
