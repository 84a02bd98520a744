import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { nodeDisk } from '../../src/io/disk.js'
import type { Disk } from '../../src/model/disk.js'
import { fail } from '../../src/model/errors.js'
import { openCache } from '../../src/transport/cache.js'
import { cacheKey } from '../../src/transport/fresh.js'
import { filesBelow, folder } from './reach.js'

const hour = 3_600_000
const disk = nodeDisk()

function caches() {
  const at = folder()
  const open = (ms = 0, enabled = true) =>
    openCache(disk, { folder: at, enabled, maxAge: 24 * hour, now: () => new Date(1_700_000_000_000 + ms) })
  return { at, open }
}

/** Makes a pack with these bytes and counts how often. */
function maker(bytes: string) {
  const make = async (place: string) => {
    make.made += 1
    fs.writeFileSync(place, bytes)
  }
  make.made = 0
  return make
}

/** The one file below a part of the cache. */
function only(at: string, part: string): string {
  const [file = '', ...more] = filesBelow(path.join(at, part))
  expect(more).toEqual([])
  return file
}

describe('answers', () => {
  test('an answer is recalled as it was, by a later command too', () => {
    const { open } = caches()
    open().remember('a', { body: 'one\ntwo', etag: '"1"', lastModified: 'Fri' })
    expect(open(hour).recall('a')).toEqual({
      at: 1_700_000_000_000,
      body: 'one\ntwo',
      etag: '"1"',
      lastModified: 'Fri',
    })
    expect(open().recall('b')).toBeUndefined()
  })

  test('[A36] [A39] an answer older than maxAge is not used', () => {
    const { open } = caches()
    open().remember('a', { body: 'x' })
    expect(open(24 * hour).recall('a')?.body).toBe('x')
    expect(open(24 * hour + 1).recall('a')).toBeUndefined()
  })

  test('[A39] an answer from the future is not used: it would never grow old', () => {
    const { open } = caches()
    open(365 * 24 * hour).remember('a', { body: 'x' })
    expect(open().recall('a')).toBeUndefined()
  })

  const damage: [string, (file: string) => void][] = [
    ['cut short', (file) => fs.truncateSync(file, fs.statSync(file).size - 1)],
    ['emptied', (file) => fs.truncateSync(file, 0)],
    ['changed', (file) => fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace('true', 'tru3'))],
    ['given another time', (file) => fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace('17000', '18000'))],
  ]
  test.each(damage)('[A40] F11 an answer that was %s is dropped', (_how, spoil) => {
    const { at, open } = caches()
    open().remember('a', { body: 'true' })
    spoil(only(at, 'answers'))
    expect(open().recall('a')).toBeUndefined()
    expect(filesBelow(at)).toEqual([])
  })

  test('[A40] F11 an answer in the place of another is dropped', () => {
    const { at, open } = caches()
    open().remember('a', { body: 'a' })
    const a = only(at, 'answers')
    open().remember('b', { body: 'b' })
    const b = filesBelow(at).find((file) => file !== a) ?? ''
    fs.copyFileSync(b, a)
    expect(open().recall('a')).toBeUndefined()
    expect(open().recall('b')?.body).toBe('b')
  })
})

describe('packs', () => {
  test('a pack is made once and found by later commands', async () => {
    const { open } = caches()
    const make = maker('bytes')
    const first = await open().pack('k', make)
    expect(await open(hour).pack('k', make)).toBe(first)
    expect(make.made).toBe(1)
    expect(fs.readFileSync(first, 'utf8')).toBe('bytes')
  })

  test('two that want one pack at once make it once', async () => {
    const make = maker('bytes')
    const cache = caches().open()
    await Promise.all([cache.pack('k', make), cache.pack('k', make)])
    expect(make.made).toBe(1)
  })

  test('[A39] a pack older than maxAge is made again', async () => {
    const { at, open } = caches()
    const make = maker('bytes')
    await open().pack('k', make)
    await open(25 * hour).pack('k', make)
    expect(make.made).toBe(2)
    expect(filesBelow(at)).toHaveLength(1)
  })

  test.each([
    ['cut short', (file: string) => fs.truncateSync(file, 3)],
    ['emptied', (file: string) => fs.truncateSync(file, 0)],
    ['changed by a bit', (file: string) => fs.writeFileSync(file, 'byter')],
  ])('[A40] F11 a pack that was %s is made again', async (_how, spoil) => {
    const { at, open } = caches()
    const make = maker('bytes')
    spoil(await open().pack('k', make))
    expect(fs.readFileSync(await open().pack('k', make), 'utf8')).toBe('bytes')
    expect(make.made).toBe(2)
    expect(filesBelow(at)).toHaveLength(1)
  })

  test.each([1, 2, 2.5])('[A40] F11 a large pack is read to its end: %f MiB', async (size) => {
    const { open } = caches()
    const make = maker('x'.repeat(size * 1024 * 1024))
    const place = await open().pack('k', make)
    await open().pack('k', make)
    expect(make.made).toBe(1)
    fs.writeFileSync(place, `${'x'.repeat(size * 1024 * 1024 - 1)}y`)
    await open().pack('k', make)
    expect(make.made).toBe(2)
  })

  test('[A40] a cache from somebody else has nothing removed that it only leads to', async () => {
    const [{ at, open }, others] = [caches(), folder()]
    const home = path.dirname(await open().pack('k', maker('bytes')))
    fs.rmSync(home, { recursive: true })
    fs.writeFileSync(path.join(others, 'mine.txt'), 'mine')
    fs.symlinkSync(others, home, 'junction')
    await open().pack('k', maker('bytes'))
    expect(fs.readdirSync(others)).toEqual(['mine.txt'])
    expect(fs.readFileSync(only(at, 'packs'), 'utf8')).toBe('bytes')
  })

  test('[A40] F11 a pack that lies in the place of another is made again', async () => {
    const { open } = caches()
    const a = await open().pack('a', maker('of a'))
    const b = await open().pack('b', maker('of b'))
    fs.renameSync(b, path.join(path.dirname(a), path.basename(b)))
    fs.rmSync(a)
    expect(fs.readFileSync(await open().pack('a', maker('of a')), 'utf8')).toBe('of a')
  })

  test('a pack that another command removes while it is looked at is made again', async () => {
    const { at, open } = caches()
    await open().pack('k', maker('bytes'))
    const names: Disk['names'] = (folder) => {
      const found = disk.names(folder)
      if (found.some(({ type }) => type === 'file')) fs.rmSync(only(at, 'packs'))
      return found
    }
    const make = maker('bytes')
    const now = () => new Date(1_700_000_000_000)
    const emptied = openCache({ ...disk, names }, { folder: at, enabled: true, maxAge: hour, now })
    await emptied.pack('k', make)
    expect(make.made).toBe(1)
  })

  test.each([
    ['a folder', (place: string) => fs.mkdirSync(path.join(place, 'x'), { recursive: true })],
    ['a link to itself', (place: string) => fs.symlinkSync(place, place, 'junction')],
  ])('F11 %s in the place of an entry is no entry, and makes room for one', async (_what, put) => {
    const { at, open } = caches()
    const make = maker('bytes')
    open().remember('k', { body: 'old' })
    for (const place of [only(at, 'answers'), await open().pack('k', make)]) {
      fs.rmSync(place)
      put(place)
    }
    expect(open().recall('k')).toBeUndefined()
    open().remember('k', { body: 'new' })
    expect(open().recall('k')?.body).toBe('new')
    expect(fs.readFileSync(await open().pack('k', make), 'utf8')).toBe('bytes')
    expect(make.made).toBe(2)
  })

  test('[A41] an entry that the disk does not give now is kept', async () => {
    const { at, open } = caches()
    const make = maker('bytes')
    open().remember('k', { body: 'old' })
    await open().pack('k', make)
    const refuse = (file: string) => fail('E_DISK', `${file}: is in use`)
    const busy = openCache(
      { ...disk, text: refuse, readAt: refuse },
      { folder: at, enabled: true, maxAge: hour, now: () => new Date(1_700_000_000_000) },
    )
    expect(() => busy.recall('k')).toThrow(/is in use$/)
    await expect(busy.pack('k', make)).rejects.toThrow(/is in use$/)
    expect(open().recall('k')?.body).toBe('old')
    await open().pack('k', make)
    expect(make.made).toBe(1)
  })

  test('F11 a damaged pack that may not be fetched again is E_CACHE', async () => {
    const { open } = caches()
    const offline = async () => fail('E_OFFLINE', 'not now')
    await expect(open().pack('k', offline)).rejects.toMatchObject({ code: 'E_OFFLINE' })
    fs.truncateSync(await open().pack('k', maker('bytes')), 0)
    await expect(open().pack('k', offline)).rejects.toMatchObject({ code: 'E_CACHE', exit: 6 })
  })

  test('a pack that cannot be made leaves nothing, and is tried again', async () => {
    const { at, open } = caches()
    const cache = open()
    const half = async (place: string) => {
      fs.writeFileSync(place, 'half')
      fail('E_HTTP_TRUNCATED', 'cut')
    }
    await expect(cache.pack('k', half)).rejects.toMatchObject({ code: 'E_HTTP_TRUNCATED' })
    expect(filesBelow(at)).toEqual([])
    await cache.pack('k', maker('whole'))
    expect(filesBelow(at)).toHaveLength(1)
  })

  test('what a process that died was writing is swept away an hour later', async () => {
    const { at, open } = caches()
    fs.mkdirSync(path.join(at, 'new'))
    fs.writeFileSync(path.join(at, 'new', '1700000000000-0a1b2c3d-4'), 'half')
    await open(hour - 1).pack('a', maker('a'))
    expect(fs.readdirSync(path.join(at, 'new'))).toHaveLength(1)
    await open(hour + 1).pack('b', maker('b'))
    expect(fs.readdirSync(path.join(at, 'new'))).toEqual([])
  })
})

describe('settings', () => {
  test('[A37] a cache that is off neither reads nor writes what is kept, and leaves nothing', async () => {
    const { at, open } = caches()
    open().remember('a', { body: 'x' })
    const before = filesBelow(at)
    const off = open(0, false)
    expect(off.recall('a')).toBeUndefined()
    off.remember('a', { body: 'y' })
    expect(off.recall('a')?.body).toBe('y')
    await off.pack('k', maker('bytes'))
    off.close()
    expect(filesBelow(at)).toEqual(before)
    expect(fs.readdirSync(at)).toEqual(['answers', 'new'])
  })

  test('[A37] a cache that is off leaves no folder where none was', async () => {
    const { at } = caches()
    const off = openCache(disk, { folder: path.join(at, 'cache'), enabled: false, maxAge: 1, now: () => new Date() })
    off.remember('a', { body: 'x' })
    off.close()
    expect(fs.readdirSync(at)).toEqual([])
  })

  test('[A38] everything lies in the folder that is given', async () => {
    const { at, open } = caches()
    const cache = open()
    expect(cache.folder('repository').startsWith(at + path.sep)).toBe(true)
    expect((await cache.pack('k', maker('x'))).startsWith(at + path.sep)).toBe(true)
  })

  test('[A38] what others keep in the folder stays, whatever its name, and is not counted', async () => {
    const { at, open } = caches()
    const theirs = [
      'answers/a.txt',
      'packs/mine/b.txt',
      'repositories/c.git',
      'new/report.txt',
      'new/20240101-d',
      'unkept-e',
      ...[`answers/${'a'.repeat(32)}.txt`, `packs/${'b'.repeat(32)}-c/d`, `repositories/${'e'.repeat(32)}.git/HEAD`],
      'my-unkept-01234567-f/g',
    ]
    for (const file of theirs) {
      fs.mkdirSync(path.dirname(path.join(at, file)), { recursive: true })
      fs.writeFileSync(path.join(at, file), 'theirs')
    }
    const cache = open()
    cache.remember('a', { body: 'x' })
    await cache.pack('k', maker('12345'))
    expect(cache.info()).toMatchObject({ entries: 2 })
    cache.clean()
    expect(cache.info()).toMatchObject({ entries: 0, bytes: 0 })
    expect(filesBelow(at).sort()).toEqual(theirs.map((file) => path.join(at, file)).sort())
  })

  test('[A38] [S8] with a seal nothing is found that was put there without it, nor under another', async () => {
    const { at } = caches()
    const open = (seal?: string) =>
      openCache(disk, { folder: at, enabled: true, maxAge: hour, now: () => new Date(), ...(seal && { seal }) })
    const names = [undefined, 'one', 'other'].map((seal) => open(seal).folder('r'))
    expect(new Set(names).size).toBe(3)
    for (const seal of [undefined, 'other']) {
      open(seal).remember('a', { body: 'theirs' })
      await open(seal).pack('k', maker('theirs'))
    }
    expect(open('one').recall('a')).toBeUndefined()
    const mine = maker('mine')
    await open('one').pack('k', mine)
    await open('one').pack('k', mine)
    expect(mine.made).toBe(1)
  })

  test('the cache knows its size and can be emptied; other files in its folder stay', async () => {
    const { at, open } = caches()
    const cache = open()
    fs.writeFileSync(path.join(at, 'mine.txt'), 'mine')
    open(0, false).remember('of a process that was killed', { body: '' })
    cache.remember('a', { body: 'x' })
    await cache.pack('k', maker('12345'))
    fs.mkdirSync(path.join(cache.folder('r'), 'refs'), { recursive: true })
    fs.writeFileSync(path.join(cache.folder('r'), 'refs', 'head'), '123')
    const { bytes } = cache.info()
    expect(cache.info()).toMatchObject({ folder: at, entries: 3 })
    expect(bytes).toBeGreaterThan(8)
    expect(cache.clean().bytes).toBe(bytes)
    expect(filesBelow(at)).toEqual([path.join(at, 'mine.txt')])
    expect(cache.info()).toMatchObject({ entries: 0, bytes: 0 })
  })
})

test('[A40] [A8] the key holds type, location, ref and whose credential it was, and no token', () => {
  const at = { via: 'git', url: 'https://git.corp.com/a.git' } as const
  const credential = { origin: 'https://git.corp.com', value: 'canary' }
  const keys = [
    cacheKey(at, 'main', {}),
    cacheKey(at, 'next', {}),
    cacheKey({ ...at, url: 'https://git.corp.com/b.git' }, 'main', {}),
    cacheKey({ via: 'url', url: at.url }, 'main', {}),
    cacheKey(at, 'main', { credential }),
    cacheKey(at, 'main', { credential: { ...credential, value: 'other' } }),
  ]
  expect(new Set(keys).size).toBe(keys.length)
  expect(keys.join()).not.toContain('canary')
})
