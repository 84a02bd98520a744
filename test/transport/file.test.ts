import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { takeIn } from '../../src/intake/take-in.js'
import { nodeDisk } from '../../src/io/disk.js'
import { openPack, temporaryFor, writePack } from '../../src/io/pack.js'
import type { Tree } from '../../src/model/tree.js'
import { file } from '../../src/transport/file.js'
import { type Made, tar, tgz } from '../io/tar-maker.js'
import { bench, filesBelow, folder } from './reach.js'

const disk = nodeDisk()
const posix = process.platform !== 'win32'

/** A registry of these files: a string is a body, `-> x` a link, a number a mode. */
function written(root: string, files: Readonly<Record<string, string | { mode: number } | { link: string }>>): string {
  for (const [name, what] of Object.entries(files)) {
    const at = path.join(root, name)
    fs.mkdirSync(path.dirname(at), { recursive: true })
    if (typeof what === 'string') fs.writeFileSync(at, what)
    else if ('link' in what) fs.symlinkSync(what.link, at)
    else {
      fs.writeFileSync(at, 'x')
      fs.chmodSync(at, what.mode)
    }
  }
  return root
}

async function opened(at: string, { reach } = bench({ via: 'file', path: at })): Promise<Tree> {
  return file.open(
    { ...(await file.pin({ via: 'file', path: at }, undefined, reach)), at: { via: 'file', path: at } },
    reach,
  )
}

const listed = async (tree: Tree, under = '') =>
  (await tree.list(under)).map(({ path: name, type }) => `${type} ${name}`)
const textOf = async (tree: Tree, name: string) => Buffer.from(await tree.read(name)).toString()

async function snapshot(root: string): Promise<unknown[]> {
  return fs
    .readdirSync(root, { recursive: true })
    .map(String)
    .sort()
    .map((name) => {
      const { mode, mtimeMs, size } = fs.lstatSync(path.join(root, name))
      return [name, mode, mtimeMs, size]
    })
}

describe('a folder', () => {
  const basic = {
    'skills/a/SKILL.md': '# a',
    'skills/a/scripts/x': { mode: 0o755 },
    'skills/b/SKILL.md': '# b',
    'registry.json': '{}',
  }

  test('[A11] is a registry, and stays as it is', async () => {
    const root = written(folder(), basic)
    const before = await snapshot(root)
    const tree = await opened(root)
    expect(tree.revision.id).toBe('folder')
    expect(await listed(tree, 'skills/a')).toEqual(['file skills/a/SKILL.md', 'file skills/a/scripts/x'])
    expect(await textOf(tree, 'skills/a/SKILL.md')).toBe('# a')
    expect(await snapshot(root)).toEqual(before)
  })

  test('[A11] gives copies, never links', async () => {
    const root = written(folder(), basic)
    const at = path.join(folder(), 'p')
    const pack = writePack(disk, temporaryFor(at))
    const content = { path: 'skills/a' }
    await takeIn({ tree: await opened(root), artifact: { kind: 'skill', name: 'a', form: 'folder', content } }, pack)
    pack.finish(at, 'a')
    fs.writeFileSync(path.join(root, 'skills/a/SKILL.md'), 'changed')
    expect(Buffer.from(openPack(disk, at).read('SKILL.md')).toString()).toBe('# a')
  })

  test('tells what lies in a folder, sorted, and nothing where there is none', async () => {
    const tree = await opened(written(folder(), basic))
    expect((await tree.children('')).map(({ path: name, type }) => `${type} ${name}`)).toEqual([
      'file registry.json',
      'folder skills',
    ])
    expect((await tree.children('skills')).map((entry) => entry.path)).toEqual(['skills/a', 'skills/b'])
    expect([await tree.children('none'), await tree.list('none'), await tree.children('registry.json')]).toEqual([
      [],
      [],
      [],
    ])
    expect(await listed(tree, 'registry.json')).toEqual(['file registry.json'])
  })

  test.runIf(posix)('[A27] tells sizes and executable bits', async () => {
    const tree = await opened(written(folder(), basic))
    const [skill, script] = await tree.list('skills/a')
    expect([skill?.size, script?.size]).toEqual([3, 1])
    expect((script?.mode ?? 0) & 0o777).toBe(0o755)
  })

  test('[A27 L1 P10] on Windows tells the executable bits that scripts have elsewhere', async () => {
    const root = written(folder(), { ...basic, 'skills/a/run.sh': '#!/bin/sh\n', 'skills/a/empty': '' })
    const tree = await opened(root, bench({ via: 'file', path: root }, { platform: 'win32' }))
    const modes = (await tree.list('skills/a')).map(({ path: name, mode }) => [name, mode])
    expect(modes).toEqual([
      ['skills/a/SKILL.md', 0o644],
      ['skills/a/empty', 0o644],
      ['skills/a/run.sh', 0o755],
      ['skills/a/scripts/x', 0o644],
    ])
    expect((await tree.list('skills/a/run.sh')).map(({ mode }) => mode)).toEqual([0o755])
  })

  test('keeps git’s own folder out of its root, and only there', async () => {
    const tree = await opened(written(folder(), { '.git/config': 'x', 'skills/a/.git/config': 'y', 'SKILL.md': 'z' }))
    expect(await listed(tree)).toEqual(['file SKILL.md', 'file skills/a/.git/config'])
  })

  test('that is missing is told with the name of the registry', () =>
    expect(opened(path.join(folder(), 'none'))).rejects.toMatchObject({
      code: 'E_REGISTRY_UNAVAILABLE',
      message: expect.stringMatching(/^registry "corp": there is no folder, \.tgz or \.tar at .*none$/),
    }))

  test('has no refs', () => {
    const root = folder()
    const pinned = file.pin({ via: 'file', path: root }, 'main', bench({ via: 'file', path: root }).reach)
    return expect(pinned).rejects.toMatchObject({ code: 'E_REF', message: expect.stringContaining('a plain folder') })
  })

  test('may be reached through a link', async () => {
    const root = folder()
    written(path.join(root, 'real'), basic)
    fs.symlinkSync(path.join(root, 'real'), path.join(root, 'link'), 'junction')
    expect(await textOf(await opened(path.join(root, 'link')), 'skills/b/SKILL.md')).toBe('# b')
  })

  test('reads what was not listed before, and says what is not there', async () => {
    const tree = await opened(written(folder(), basic))
    await expect(tree.read('skills/none')).rejects.toMatchObject({ code: 'E_ENTRY_MISSING' })
    await expect(tree.read('skills')).rejects.toMatchObject({ code: 'E_ENTRY_TYPE' })
  })

  test('[S2] gives no file above 32 MiB', async () => {
    const root = written(folder(), { 'a/large': '' })
    fs.truncateSync(path.join(root, 'a/large'), 32 * 1024 * 1024 + 1)
    await expect((await opened(root)).read('a/large')).rejects.toMatchObject({ code: 'E_LIMIT_SIZE' })
  })

  for (const way of ['../x', 'a/../../x', '/etc/passwd', 'C:/x', 'a\\..\\..\\x'])
    test(`[A19] never leads out of itself: ${way}`, async () => {
      const tree = await opened(written(folder(), basic))
      for (const attempt of [tree.read(way), tree.children(way), tree.list(`${way}/y`)])
        await expect(attempt).rejects.toMatchObject({ code: expect.stringMatching(/^E_PATH_(ESCAPE|ABSOLUTE)$/) })
    })
})

describe.runIf(posix)('[S1] links in a folder', () => {
  test('are told and not followed: hostile A13, A14', async () => {
    const outside = written(folder(), { secret: 'token', 'dir/SKILL.md': 'x' })
    const root = written(folder(), {
      'skills/a/SKILL.md': '# a',
      'skills/a/out': { link: path.join(outside, 'secret') },
      'skills/a/in': { link: 'SKILL.md' },
      'skills/a/dir': { link: path.join(outside, 'dir') },
      'skills/a/dangling': { link: 'nowhere' },
    })
    const tree = await opened(root)
    expect(await listed(tree, 'skills/a')).toEqual([
      'file skills/a/SKILL.md',
      'link skills/a/dangling',
      'link skills/a/dir',
      'link skills/a/in',
      'link skills/a/out',
    ])
    for (const name of ['out', 'in', 'dir/SKILL.md', 'dangling'])
      await expect(tree.read(`skills/a/${name}`)).rejects.toMatchObject({ code: 'E_ENTRY_TYPE' })
  })

  test('[A19] on the way to an artifact refuse it: hostile G16', async () => {
    const outside = written(folder(), { 'a/SKILL.md': 'x' })
    const root = written(folder(), { skills: { link: outside }, 'more/SKILL.md': 'x', l: { link: 'more' } })
    const tree = await opened(root)
    expect(await listed(tree, 'skills/a')).toEqual(['link skills'])
    expect(await tree.children('skills')).toEqual([])
    expect(await listed(tree, 'l')).toEqual(['link l'])
    for (const at of ['skills/a', 'l']) await expect(take(tree, at)).rejects.toMatchObject({ code: 'E_ENTRY_TYPE' })
  })

  test.runIf(process.platform === 'linux')('and names that are no text refuse the artifact', async () => {
    const root = written(folder(), { 'a/SKILL.md': 'x', 'b/SKILL.md': 'x' })
    const noText = (under: string) => Buffer.concat([Buffer.from(`${root}/${under}/`), Buffer.from([0x78, 0xff])])
    fs.writeFileSync(noText('a'), 'x')
    fs.mkdirSync(noText('b'))
    for (const name of ['a', 'b'])
      await expect(take(await opened(root), name)).rejects.toMatchObject({ code: 'E_PATH_FORBIDDEN' })
  })

  test('and devices and pipes refuse the artifact', async () => {
    const root = written(folder(), { 'a/SKILL.md': 'x' })
    const server = net.createServer().listen(path.join(root, 'a/socket'))
    await new Promise((ready) => server.once('listening', ready))
    try {
      expect(await listed(await opened(root), 'a')).toContain('other a/socket')
      await expect(take(await opened(root), 'a')).rejects.toMatchObject({ code: 'E_ENTRY_TYPE' })
    } finally {
      server.close()
    }
  })

  const swaps: [what: string, swap: (root: string, outside: string) => void][] = [
    ['a file by a link', (root, outside) => replace(path.join(root, 'skills/a/b.md'), path.join(outside, 'secret'))],
    ['a file by a longer one', (root) => fs.writeFileSync(path.join(root, 'skills/a/b.md'), 'longer')],
    [
      'a file by a pipe',
      (root) => {
        fs.rmSync(path.join(root, 'skills/a/b.md'))
        execFileSync('mkfifo', [path.join(root, 'skills/a/b.md')])
      },
    ],
    ['a file by nothing', (root) => fs.rmSync(path.join(root, 'skills/a/b.md'))],
    ['a folder by a link', (root, outside) => replace(path.join(root, 'skills/a/sub'), path.join(outside, 'sub'))],
    ['the artifact by a link', (root, outside) => replace(path.join(root, 'skills/a'), path.join(outside, 'a'))],
    ['a folder above by a link', (root, outside) => replace(path.join(root, 'skills'), outside)],
    [
      'a folder above by a link to where it is now',
      (root) => {
        fs.renameSync(path.join(root, 'skills'), path.join(root, 'moved'))
        fs.symlinkSync('moved', path.join(root, 'skills'))
      },
    ],
  ]
  for (const [what, swap] of swaps)
    test(`exchanged, ${what}, while it is read: nothing comes in`, async () => {
      const files = { 'a/SKILL.md': 'a', 'a/b.md': 'b', 'a/sub/c.md': 'c', secret: 'secret', 'sub/c.md': 'd' }
      const outside = written(folder(), files)
      const root = written(folder(), { 'skills/a/SKILL.md': 'x', 'skills/a/b.md': 'y', 'skills/a/sub/c.md': 'z' })
      const tree = await opened(root)
      const swapping: Tree = {
        ...tree,
        read: async (name) => {
          if (name.endsWith('SKILL.md')) swap(root, outside)
          return tree.read(name)
        },
      }
      await expect(take(swapping, 'skills/a')).rejects.toMatchObject({ code: 'E_CHANGED' })
    })

  test('exchanged and put back are found too', async () => {
    const root = written(folder(), { 'skills/a/SKILL.md': 'x', 'skills/a/b.md': 'y' })
    const at = path.join(root, 'skills/a/b.md')
    const tree = await opened(root)
    const swapping: Tree = {
      ...tree,
      read: async (name) => {
        if (!name.endsWith('b.md')) return tree.read(name)
        fs.renameSync(at, `${at}.aside`)
        fs.writeFileSync(at, 'z')
        const bytes = await tree.read(name)
        fs.renameSync(`${at}.aside`, at)
        return bytes
      },
    }
    await expect(take(swapping, 'skills/a')).rejects.toMatchObject({ code: 'E_CHANGED' })
  })

  test('a neighbour that comes meanwhile harms nothing', async () => {
    const root = written(folder(), { 'skills/a/SKILL.md': 'x' })
    const tree = await opened(root)
    const busy: Tree = {
      ...tree,
      read: async (name) => {
        written(root, { 'skills/new/SKILL.md': 'n', 'top.md': 't' })
        return tree.read(name)
      },
    }
    expect(await take(busy, 'skills/a')).toEqual(['SKILL.md'])
  })
})

describe('an archive', () => {
  const entries: Made[] = [
    { name: 'registry.json', body: '{}' },
    { name: 'skills/a/SKILL.md', body: '# a' },
    { name: 'skills/a/run', body: 'x', mode: 0o755 },
    { name: 'skills/a/l', type: '2', link: 'run' },
  ]

  function archive(bytes: Buffer, name = 'acme.tgz'): string {
    const at = path.join(folder(), name)
    fs.writeFileSync(at, bytes)
    return at
  }

  for (const [name, bytes] of [
    ['a.tgz', tgz(...entries)],
    ['a.tar.gz', tgz(...entries)],
    ['a.TAR', tar(...entries)],
  ] as const)
    test(`[A27] ${name} is a whole registry, its digest the revision`, async () => {
      const tree = await opened(archive(bytes, name))
      expect(tree.revision.id).toMatch(/^sha256-/)
      expect((await tree.children('')).map((entry) => entry.path)).toEqual(['registry.json', 'skills'])
      expect((await tree.children('skills')).map(({ path: at, type }) => `${type} ${at}`)).toEqual(['folder skills/a'])
      expect(await listed(tree, 'skills/a')).toEqual(['file skills/a/SKILL.md', 'link skills/a/l', 'file skills/a/run'])
      expect(await textOf(tree, 'skills/a/SKILL.md')).toBe('# a')
      await expect(tree.read('skills/a/l')).rejects.toMatchObject({ code: 'E_ENTRY_TYPE' })
      await expect(tree.read('skills/none')).rejects.toMatchObject({ code: 'E_ENTRY_MISSING' })
      await expect(take(tree, 'skills/a')).rejects.toMatchObject({ code: 'E_ENTRY_TYPE' })
    })

  test('whose one top folder is the registry is read from there', async () => {
    for (const top of ['acme-1.2.3', 'package']) {
      const tree = await opened(archive(tgz(...entries.map((each) => ({ ...each, name: `${top}/${each.name}` })))))
      expect((await tree.children('')).map((entry) => entry.path)).toEqual(['registry.json', 'skills'])
      expect(await textOf(tree, 'registry.json')).toBe('{}')
    }
  })

  test('whose one top folder is part of a layout is read as it is', async () => {
    for (const top of ['skills', '.haal', '.claude-plugin', 'registry']) {
      const tree = await opened(archive(tgz({ name: `${top}/a/SKILL.md` })))
      expect(await listed(tree)).toEqual([`file ${top}/a/SKILL.md`])
    }
  })

  test('[S1] with a link on the way tells it: hostile G02', async () => {
    const through: Made[] = [{ name: 'skills', type: '2', link: '/tmp' }, { name: 'skills/a/SKILL.md' }, { name: 'x' }]
    const tree = await opened(archive(tgz(...through)))
    await expect(take(tree, 'skills/a')).rejects.toMatchObject({ code: 'E_ENTRY_TYPE' })
  })

  test('is unpacked once for several commands', async () => {
    const at = archive(tgz(...entries))
    const { reach, later } = bench({ via: 'file', path: at })
    const made: string[] = []
    const counting = (of: typeof reach) => ({
      ...of,
      cache: {
        ...of.cache,
        pack: (key: string, make: (to: string) => Promise<void>) =>
          of.cache.pack(key, async (to) => {
            made.push(key)
            await make(to)
          }),
      },
    })
    for (const each of [reach, later(1000)])
      await opened(at, { ...bench({ via: 'file', path: at }), reach: counting(each) })
    expect(made).toHaveLength(1)
  })

  test('[L15] in a cache that was damaged meanwhile is unpacked again: hostile F11', async () => {
    const at = archive(tar({ name: 'x', body: 'hello' }, { name: 'y', body: 'y'.repeat(1_200_000) }), 'acme.tar')
    const world = bench({ via: 'file', path: at })
    const tree = await opened(at, world)
    const [pack] = filesBelow(path.dirname(world.reach.home)).filter((name) => name.includes('packs'))
    fs.writeFileSync(pack ?? '', 'damaged')
    expect(await textOf(tree, 'x')).toBe('hello')
    fs.rmSync(pack ?? '')
    expect((await tree.read('y')).length).toBe(1_200_000)
  })

  test('[S1] that is refused leaves nothing in the cache: hostile A01, A23', async () => {
    for (const bytes of [tgz({ name: '../x' }), tgz(...entries).subarray(0, -20)]) {
      const at = archive(bytes)
      const world = bench({ via: 'file', path: at })
      await expect(opened(at, world)).rejects.toMatchObject({ exit: 6 })
      expect(filesBelow(path.dirname(world.reach.home))).toEqual([])
    }
  })

  const padding = Buffer.alloc(600_000)
  test.each([
    ['', tgz(...entries), tgz({ name: 'other' })],
    [
      ', behind its padding',
      Buffer.concat([tgz(...entries), padding]),
      Buffer.concat([tgz(...entries), padding, padding]),
    ],
  ])('that was changed since its revision is refused%s', async (_where, before, after) => {
    const at = archive(before)
    const { reach } = bench({ via: 'file', path: at })
    const revision = await file.pin({ via: 'file', path: at }, undefined, reach)
    fs.writeFileSync(at, after)
    await expect(file.open({ ...revision, at: { via: 'file', path: at } }, reach)).rejects.toMatchObject({
      code: 'E_INTEGRITY',
    })
  })

  test('has no refs, and another file is none', async () => {
    const at = archive(tgz(...entries))
    const { reach } = bench({ via: 'file', path: at })
    await expect(file.pin({ via: 'file', path: at }, 'v1', reach)).rejects.toMatchObject({ code: 'E_REF' })
    await expect(opened(archive(Buffer.from('x'), 'notes.txt'))).rejects.toMatchObject({
      code: 'E_REGISTRY_UNAVAILABLE',
    })
  })
})

describe('[A13] nothing here touches the network', () => {
  beforeEach(() => {
    vi.spyOn(net.Socket.prototype, 'connect').mockImplementation(() => {
      throw new Error('a connection was made')
    })
    vi.spyOn(globalThis, 'fetch').mockRejectedValue(new Error('a request was made'))
  })
  afterEach(() => vi.restoreAllMocks())

  test('neither for a folder nor for an archive', async () => {
    const root = written(folder(), { 'skills/a/SKILL.md': 'x' })
    fs.writeFileSync(path.join(root, 'a.tgz'), tgz({ name: 'skills/a/SKILL.md' }))
    for (const at of [root, path.join(root, 'a.tgz')])
      expect(await take(await opened(at), 'skills/a')).toEqual(['SKILL.md'])
    expect(net.Socket.prototype.connect).not.toHaveBeenCalled()
    expect(fetch).not.toHaveBeenCalled()
  })
})

/** Takes an artifact in and answers the names of its files. */
async function take(tree: Tree, at: string): Promise<string[]> {
  const place = path.join(folder(), 'p')
  const pack = writePack(disk, temporaryFor(place))
  await takeIn({ tree, artifact: { kind: 'skill', name: 'a', form: 'folder', content: { path: at } } }, pack)
  return pack.finish(place, 'a').files.map((each) => each.path)
}

function replace(at: string, target: string): void {
  fs.renameSync(at, `${at}.moved`)
  fs.symlinkSync(target, at)
}
