import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { nodeDisk } from '../../src/io/disk.js'

const disk = nodeDisk()
let folder = ''

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'haal-disk-'))
})

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
  fs.rmSync(folder, { recursive: true })
})

function on(platform: NodeJS.Platform): void {
  vi.spyOn(process, 'platform', 'get').mockReturnValue(platform)
}

/** A call fails with a code so many times before it is done. */
function refusing(call: 'renameSync' | 'unlinkSync' | 'rmdirSync', code: string, times: number) {
  const real = fs[call] as (...paths: unknown[]) => void
  let left = times
  return vi.spyOn(fs, call).mockImplementation((...paths: unknown[]) => {
    if (left > 0) {
      left -= 1
      throw Object.assign(new Error(code), { code })
    }
    real(...paths)
  })
}

describe.each([
  ['a rename', 'renameSync', () => disk.rename(path.join(folder, 'a'), path.join(folder, 'b'))],
  ['a file’s removal', 'unlinkSync', () => disk.remove(path.join(folder, 'a'))],
  ['a folder’s removal', 'rmdirSync', () => disk.remove(path.join(folder, 'c'))],
] as const)('what somebody holds open for a moment: %s', (_title, call, act) => {
  beforeEach(() => {
    fs.writeFileSync(path.join(folder, 'a'), 'bytes')
    fs.mkdirSync(path.join(folder, 'c'))
  })

  test.each(['EPERM', 'EACCES', 'EBUSY'])('[U8] %s on Windows: it is tried again', (code) => {
    on('win32')
    const waited = vi.spyOn(Atomics, 'wait').mockReturnValue('timed-out')
    const tries = refusing(call, code, 3)
    act()
    expect(tries).toHaveBeenCalledTimes(4)
    expect(waited).toHaveBeenCalledTimes(3)
    expect(fs.existsSync(path.join(folder, call === 'rmdirSync' ? 'c' : 'a'))).toBe(false)
  })

  test('[U8] that never ends on Windows is said, with the path', () => {
    on('win32')
    vi.spyOn(Atomics, 'wait').mockReturnValue('timed-out')
    const tries = refusing(call, 'EBUSY', 1000)
    expect(act).toThrow(expect.objectContaining({ code: 'E_DISK', message: expect.stringContaining(folder) }))
    expect(tries).toHaveBeenCalledTimes(11)
  })

  test.each([
    ['linux', 'EPERM'],
    ['darwin', 'EBUSY'],
    ['win32', 'ENOSPC'],
  ] as const)('[U8] on %s %s is no such moment', (platform, code) => {
    on(platform)
    const tries = refusing(call, code, 1)
    expect(act).toThrow(expect.objectContaining({ code: 'E_DISK' }))
    expect(tries).toHaveBeenCalledTimes(1)
  })
})

describe('what Windows has otherwise', () => {
  test('[U8] a link to a folder is a junction, which needs no rights', () => {
    on('win32')
    const made = vi.spyOn(fs, 'symlinkSync').mockReturnValue(undefined)
    disk.link('C:\\work\\a', path.join(folder, 'link'))
    expect(made).toHaveBeenCalledWith('C:\\work\\a', path.join(folder, 'link'), 'junction')
  })

  test('[U8] a folder cannot be flushed, and need not be', () => {
    on('win32')
    const flushed = vi.spyOn(fs, 'fsyncSync')
    disk.flush(folder)
    expect(flushed).not.toHaveBeenCalled()
    on('linux')
    disk.flush(folder)
    expect(flushed).toHaveBeenCalledTimes(1)
  })
})

test.each<[string, RegExp]>([
  ['ENOSPC', /make room .*haal cache info/],
  ['EACCES', /give this user access there/],
  ['EROFS', /--cwd <dir>/],
  ['ENOENT', /make the folder/],
  ['ENAMETOOLONG', /shorter path: --cwd <dir>/],
  ['ENOTDIR', /move away what is in the way/],
  ['ELOOP', /move away what is in the way/],
])('[U3] %s comes with the next move', (code, hint) => {
  vi.spyOn(fs, 'mkdirSync').mockImplementation(() => {
    throw Object.assign(new Error(code), { code })
  })
  expect(() => disk.mkdir(path.join(folder, 'a'))).toThrow(
    expect.objectContaining({ code: 'E_DISK', hint: expect.stringMatching(hint) }),
  )
})

test('[U3] a read-only file system is told as one, though Node says that a folder is missing', () => {
  vi.spyOn(fs, 'mkdirSync').mockImplementation((_at, options) => {
    const code = options === undefined ? 'EROFS' : 'ENOENT'
    throw Object.assign(new Error(code), { code })
  })
  expect(() => disk.mkdir(path.join(folder, 'a/b'))).toThrow(
    expect.objectContaining({ code: 'E_DISK', message: expect.stringMatching(/read-only$/) }),
  )
})

test.skipIf(process.platform === 'win32')('[S5] a link where a file is written is replaced, not followed', () => {
  const [other, at] = [path.join(folder, 'other'), path.join(folder, 'at')]
  fs.writeFileSync(other, 'theirs')
  const replaced = (target: string) => {
    fs.symlinkSync(target, at)
    disk.write(at, 'ours')
    expect([fs.lstatSync(at).isFile(), fs.readFileSync(at, 'utf8')]).toEqual([true, 'ours'])
    fs.rmSync(at)
  }
  for (const target of [other, path.join(folder, 'nowhere'), at]) replaced(target)
  on('win32')
  replaced(other)
  expect(fs.readFileSync(other, 'utf8')).toBe('theirs')
  expect(fs.readdirSync(folder)).toEqual(['other'])
})

test.skipIf(process.platform === 'win32')('[S5] a pipe is not waited for', () => {
  const pipe = path.join(folder, 'pipe')
  execFileSync('mkfifo', [pipe])
  expect(() => disk.write(pipe, 'x')).toThrow(
    expect.objectContaining({ code: 'E_DISK', message: expect.stringMatching(/a pipe that nobody reads$/) }),
  )
  expect(() => disk.readAt(pipe, 0, 10)).toThrow(expect.objectContaining({ code: 'E_DISK' }))
})

describe('whether a folder can be written', () => {
  const probe = () => disk.probe(folder)

  test.each<NodeJS.Platform>(['linux', 'darwin', 'win32'])('[U6] on %s one that can is left as it was', (platform) => {
    on(platform)
    probe()
    expect(fs.readdirSync(folder)).toEqual([])
  })

  test.each<[NodeJS.Platform, 'accessSync' | 'writeFileSync']>([
    ['linux', 'accessSync'],
    ['win32', 'writeFileSync'],
  ])('[U6] on %s one that cannot is told with the reason', (platform, call) => {
    on(platform)
    vi.spyOn(fs, call).mockImplementation(() => {
      throw Object.assign(new Error('EACCES'), { code: 'EACCES' })
    })
    expect(probe).toThrow(expect.objectContaining({ code: 'E_DISK', message: `${folder}: permission denied` }))
  })

  test.each<[boolean, number, number]>([
    [true, 1000, 0],
    [true, 1000, 15],
    [false, 1000, 16],
    [false, 0, 0],
  ])('[U6] where the disk is full: %s with %i blocks, %i of them free', (isFull, blocks, bavail) => {
    vi.spyOn(fs, 'statfsSync').mockReturnValue({ ...fs.statfsSync(folder), bsize: 4096, blocks, bavail })
    if (isFull)
      expect(probe).toThrow(expect.objectContaining({ code: 'E_DISK', hint: expect.stringMatching(/make room/) }))
    else expect(probe).not.toThrow()
  })

  test('[U6] a file system that does not tell its size is not full', () => {
    vi.spyOn(fs, 'statfsSync').mockImplementation(() => {
      throw Object.assign(new Error('ENOSYS'), { code: 'ENOSYS' })
    })
    expect(probe).not.toThrow()
  })

  test('[U6] one that is not there cannot', () => {
    fs.rmSync(folder, { recursive: true })
    expect(probe).toThrow(expect.objectContaining({ code: 'E_DISK' }))
    fs.mkdirSync(folder)
  })
})

test('what would lie below a file is not there', () => {
  fs.writeFileSync(path.join(folder, 'file'), '')
  const at = path.join(folder, 'file', 'below')
  expect([disk.stat(at), disk.mark(at), disk.text(at), disk.real(at), disk.names(at), disk.remove(at)]).toEqual([
    ...[undefined, undefined, undefined, undefined],
    [],
    false,
  ])
})

test.skipIf(process.platform === 'win32')('[U8] /dev/null stands for an empty file, whatever its name', () => {
  fs.symlinkSync('/dev/null', path.join(folder, 'npmrc'))
  expect(disk.text(path.join(folder, 'npmrc'))).toBe('')
  expect(disk.read('/dev/null')).toHaveLength(0)
})
