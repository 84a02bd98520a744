import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { nodeDisk } from '../../src/io/disk.js'
import { folder } from '../transport/reach.js'

const disk = nodeDisk()

test('[L1] the names in a folder come in the order of their code units', () => {
  const root = folder()
  for (const name of ['b', 'ｚ', 'ä', 'Z', 'a10', 'a9', '😀', '_', 'a', '0'])
    fs.writeFileSync(path.join(root, name), '')
  expect(disk.names(root).map(({ name }) => name)).toEqual(['0', 'Z', '_', 'a', 'a10', 'a9', 'b', 'ä', '😀', 'ｚ'])
})

test.runIf(process.platform === 'linux')(
  '[S1 O28] a folder whose name is not UTF-8 does not pass for an empty one',
  () => {
    const root = folder()
    fs.mkdirSync(Buffer.concat([Buffer.from(`${root}/a`), Buffer.of(0xff)]))
    fs.mkdirSync(path.join(root, 'b\ufffd'))
    expect(disk.names(root)).toEqual([
      { name: 'a\ufffd', type: 'other' },
      { name: 'b\ufffd', type: 'folder' },
    ])
    expect(disk.readBelow(root, 10, () => undefined)).toBe(false)
  },
)

test.skipIf(process.platform === 'win32')('[A27 O9] an executable bit arrives whatever the umask takes away', () => {
  const root = folder()
  const before = process.umask(0o177)
  try {
    disk.write(path.join(root, 'run'), 'x', 0o755)
    disk.write(path.join(root, 'text'), 'x', 0o644)
  } finally {
    process.umask(before)
  }
  expect(['run', 'text'].map((name) => disk.stat(path.join(root, name))?.mode)).toEqual([0o755, 0o600])
})

test('[S2] a text larger than Node can hold is refused before it is read', () => {
  const at = path.join(folder(), 'large')
  fs.writeFileSync(at, '')
  fs.truncateSync(at, 256 * 1024 * 1024 + 1)
  expect(() => disk.text(at)).toThrow(
    expect.objectContaining({ code: 'E_DISK', details: { path: at, errno: 'EFBIG' } }),
  )
})

test('[S1] a folder in the place of a file is said, and not taken for none', () => {
  const root = folder()
  expect(() => disk.text(root)).toThrow(expect.objectContaining({ code: 'E_DISK', message: `${root}: is a folder` }))
})

test('[F1] what lies in a place has the marks that were kept of it until one thing is another or gone', () => {
  const root = fs.realpathSync(folder())
  const place = path.join(root, 'place')
  fs.mkdirSync(path.join(place, 'sub'), { recursive: true })
  fs.writeFileSync(path.join(place, 'sub/file'), '')
  const names = ['', 'sub', 'sub/file']
  const kept = [0, ...names.flatMap((name) => disk.mark(path.join(place, name)) ?? [])]
  expect(disk.marks(place, names)).toEqual(kept.slice(1))
  expect(disk.marks(place, [...names, 'none'])).toBe(undefined)
  const are = (all = names) => disk.areMarked(place, all, { kept, from: 1 })
  expect(are()).toBe(true)
  expect(are(['', 'sub', 'sub/other'])).toBe(false)
  expect(are(['', 'sub/file', 'sub'])).toBe(false)
  expect(are([...names, 'sub'])).toBe(false)
  fs.writeFileSync(path.join(place, 'sub/file'), 'longer')
  expect(are()).toBe(false)
  fs.rmSync(place, { recursive: true })
  expect(are()).toBe(false)
})

test.skipIf(process.platform === 'win32')(
  '[F1] a folder in the current one is near, but not one that bears the name of that by now',
  () => {
    const root = path.join(fs.realpathSync(folder()), 'root')
    const place = path.join(root, 'place')
    fs.mkdirSync(place, { recursive: true })
    const near = () => [root, place, path.dirname(root), `${root}-2`].map(disk.near)
    const far = [`${root}/`, `${place}/`, `${path.dirname(root)}/`, `${root}-2/`]
    expect(near()).toEqual(far)
    inFolder(root, () => {
      expect(near()).toEqual(['', 'place/', ...far.slice(2)])
      fs.renameSync(root, `${root}-2`)
      expect(near()).toEqual(far)
      fs.mkdirSync(root)
      expect(near()).toEqual(far)
    })
  },
)

test('[L6] the files below a folder are shown with their bytes, one after the other, however large', () => {
  const root = folder()
  const place = path.join(root, 'place')
  fs.mkdirSync(path.join(place, 'sub'), { recursive: true })
  const large = Buffer.alloc(100_000, 'x')
  fs.writeFileSync(path.join(place, 'sub/large'), large)
  fs.writeFileSync(path.join(place, 'b'), 'bb')
  fs.writeFileSync(path.join(place, 'a'), '')
  const shown: [string, string][] = []
  const show = (at = place, longest = large.length) =>
    disk.readBelow(at, longest, ({ name, bytes }) => shown.push([name, Buffer.from(bytes).toString()]))
  expect(show()).toBe(true)
  expect(shown.sort()).toEqual([
    ['a', ''],
    ['b', 'bb'],
    ['sub/large', large.toString()],
  ])
  expect(show(place, large.length - 1)).toBe(false)
  expect(show(path.join(place, 'a'))).toBe(false)
  expect(show(path.join(root, 'none'))).toBe(false)
  fs.symlinkSync(path.join(place, 'sub'), path.join(place, 'link'), 'junction')
  expect(show()).toBe(false)
  expect(show(path.join(place, 'link'))).toBe(false)
})

test.skipIf(process.platform === 'win32').each([
  ['file', '', 'secrets/one'],
  ['folder', '/one', 'secrets'],
])('[S1] a %s that becomes a link while its folder is read is not followed', (_what, below, target) => {
  const root = folder()
  const names = ['a', 'b', 'c'].map((name) => path.join(root, 'place', name))
  for (const each of [...names.map((name) => name + below), path.join(root, 'secrets/one')]) {
    fs.mkdirSync(path.dirname(each), { recursive: true })
    fs.writeFileSync(each, each.includes('secrets') ? 'secret' : 'mine')
  }
  const shown: string[] = []
  const isWhole = disk.readBelow(path.join(root, 'place'), 100, ({ bytes }) => {
    shown.push(Buffer.from(bytes).toString())
    for (const name of names) fs.rmSync(name, { recursive: true })
    for (const name of names) fs.symlinkSync(path.join(root, target), name)
  })
  expect({ shown, isWhole }).toEqual({ shown: ['mine'], isWhole: false })
})

test.skipIf(process.platform === 'win32' || process.getuid?.() === 0)(
  '[S1] what cannot be read below a folder is named',
  () => {
    const root = folder()
    fs.writeFileSync(path.join(root, 'closed'), 'x', { mode: 0o000 })
    expect(() => disk.readBelow(root, 10, () => undefined)).toThrow(
      expect.objectContaining({ code: 'E_DISK', details: { path: path.join(root, 'closed'), errno: 'EACCES' } }),
    )
  },
)

test('[F1] a file is read up to a size, and what is no file of its own is as good as absent', () => {
  const root = folder()
  const at = (name: string) => path.join(root, name)
  fs.writeFileSync(at('a'), 'aaa')
  fs.mkdirSync(at('folder'))
  fs.symlinkSync(at('folder'), at('to-folder'), 'junction')
  if (process.platform !== 'win32') fs.symlinkSync(at('a'), at('to-file'))
  expect(Buffer.from(disk.readUpTo(at('a'), 3) as Uint8Array).toString()).toBe('aaa')
  expect(disk.readUpTo(at('a'), 2)).toBe(3)
  const others = ['folder', 'to-folder', 'to-file', 'none', 'a/b']
  expect(others.map((name) => disk.readUpTo(at(name), 3))).toEqual(others.map(() => undefined))
})

function inFolder<T>(at: string, act: () => T): T {
  const before = process.cwd()
  process.chdir(at)
  try {
    return act()
  } finally {
    process.chdir(before)
  }
}
