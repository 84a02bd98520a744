import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { nodeDisk } from '../../src/io/disk.js'
import { sha256Hex } from '../../src/model/digest.js'
import type { Disk, Mark, Stat } from '../../src/model/disk.js'
import type { Memory } from '../../src/model/folder-memory.js'
import { openMemories } from '../../src/state/folder-memory.js'
import { folderTree } from '../../src/transport/folder-tree.js'
import { temporaryFolder, write } from './project.js'

let root = ''
beforeEach(() => {
  root = temporaryFolder()
  write(root, { 'acme/skills/a/SKILL.md': 'a skill', 'acme/skills/a/sub/run.sh': ['run it'], 'acme/skills/b/x': 'b' })
})
afterEach(() => fs.rmSync(root, { recursive: true }))

const at = (name: string) => path.join(root, ...name.split('/'))
const cache = () => at('cache/folders')
const files = () => fs.readdirSync(cache()).sort()
const memoryFile = () => path.join(cache(), files().find((name) => name !== 'folder-here') ?? '')

/** A disk whose clock shows that `ms` have passed since everything was written. */
function later(ms = 10_000, more: Partial<Stat> = {}): Disk {
  const disk = nodeDisk()
  return {
    ...disk,
    stat: (name) => {
      const found = disk.stat(name)
      return found && name.endsWith('.tmp')
        ? { ...found, mtime: found.mtime + BigInt(ms) * 1_000_000n, ...more }
        : found
    },
  }
}

/** One command: what it does with the memory of the registry, and then writes down. */
async function command<T>(
  act: (memory: Memory, read: () => Promise<void>) => T | Promise<T>,
  more: Partial<Given> = {},
) {
  const { disk = later(), mayWrite = true, registry = 'acme' } = more
  const memories = openMemories({ disk, cache: at('cache'), pid: 7, mayWrite })
  const folder = at('acme')
  const tree = folderTree(
    { disk, root: folder, platform: process.platform, memory: memories.of(registry, folder) },
    { at: { via: 'file', path: folder }, id: 'folder' },
  )
  const read = async () => {
    for (const entry of await tree.list('skills/a')) await tree.read(entry.path)
    await tree.lookAgain?.('skills/a')
  }
  if (tree.memory === undefined) throw new Error('no memory')
  const done = await act(tree.memory, read)
  memories.write()
  return done
}

interface Given {
  disk: Disk
  mayWrite: boolean
  registry: string
}

const remember = (more: Partial<Given> = {}) =>
  command(async (memory, read) => {
    if (memory.recall('bytes', 'x') === undefined) await read()
    memory.keep('bytes', { of: 'x', made: 'made', listed: ['skills/a'] })
  }, more)

const recalled = (of = 'x', more: Partial<Given> = {}) => command((memory) => memory.recall('bytes', of), more)

/** Until the file system's clock shows another time than the last change. */
function tick(): void {
  const now = () => fs.statSync(at('probe'), { bigint: true }).ctimeNs
  fs.writeFileSync(at('probe'), '')
  const started = now()
  do fs.writeFileSync(at('probe'), '')
  while (now() <= started)
}

function keepingDates(name: string, act: () => void): void {
  const { atime, mtime } = fs.statSync(at(name))
  act()
  fs.utimesSync(at(name), atime, mtime)
}

describe('what was made of a folder', () => {
  test('[F1 A11] is recalled until something happens to it, and for nothing else than it was made of', async () => {
    expect(await recalled()).toBeUndefined()
    await remember()
    expect(await recalled()).toBe('made')
    expect(await recalled('y')).toBeUndefined()
    await command((memory) => expect(memory.recall('other', 'x')).toBeUndefined())
    expect(await recalled()).toBe('made')
  })

  test.each<[string, () => void]>([
    ['an edit', () => fs.writeFileSync(at('acme/skills/a/SKILL.md'), 'another text')],
    [
      'an edit that keeps size and date',
      () => keepingDates('acme/skills/a/SKILL.md', () => fs.writeFileSync(at('acme/skills/a/SKILL.md'), 'A skill')),
    ],
    ['a new mode', () => fs.chmodSync(at('acme/skills/a/SKILL.md'), 0o755)],
    ['a file that is added', () => fs.writeFileSync(at('acme/skills/a/more.md'), '')],
    [
      'a file that is added further down, with the date of its folder put back',
      () => keepingDates('acme/skills/a/sub', () => fs.writeFileSync(at('acme/skills/a/sub/more.md'), '')),
    ],
    ['a file that is removed', () => fs.rmSync(at('acme/skills/a/sub/run.sh'))],
    ['a file that is renamed', () => fs.renameSync(at('acme/skills/a/sub/run.sh'), at('acme/skills/a/sub/runs.sh'))],
    [
      'a file that is exchanged for one of the same size and date',
      () => {
        const { atime, mtime } = fs.statSync(at('acme/skills/a/SKILL.md'))
        fs.writeFileSync(at('other'), 'A skill')
        fs.utimesSync(at('other'), atime, mtime)
        fs.renameSync(at('other'), at('acme/skills/a/SKILL.md'))
      },
    ],
    [
      'the whole exchanged for a copy',
      () => {
        fs.cpSync(at('acme/skills/a'), at('copy'), { recursive: true, preserveTimestamps: true })
        fs.rmSync(at('acme/skills/a'), { recursive: true })
        fs.renameSync(at('copy'), at('acme/skills/a'))
      },
    ],
    ['its end', () => fs.rmSync(at('acme/skills/a'), { recursive: true })],
  ])('[F1 A11] %s is noticed', async (_what, act) => {
    await remember()
    tick()
    act()
    expect(await recalled()).toBeUndefined()
  })

  test.skipIf(process.platform === 'win32')('[A19] is not recalled through a link on the way to it', async () => {
    await remember()
    fs.renameSync(at('acme/skills'), at('elsewhere'))
    fs.symlinkSync(at('elsewhere'), at('acme/skills'))
    expect(await recalled()).toBeUndefined()
  })

  test('[F1] outlives what happens beside it', async () => {
    await remember()
    tick()
    write(root, { 'acme/skills/c/SKILL.md': 'c', 'acme/skills/b/x': 'other' })
    expect(await recalled()).toBe('made')
  })
})

describe('what changed lately', () => {
  test('[F1] is not remembered within a grain of the clock', async () => {
    await remember({ disk: later(30) })
    expect(await recalled()).toBeUndefined()
    await remember({ disk: later(2100) })
    expect(await recalled()).toBe('made')
  })

  test('[F1] is not remembered for two seconds where dates have whole milliseconds only', async () => {
    const whole = ([mode, size, ino, mtime, ctime]: Mark): Mark => [
      mode,
      size,
      ino,
      Math.floor(mtime),
      Math.floor(ctime),
    ]
    const coarse = (ms: number): Disk => {
      const disk = later(ms)
      return {
        ...disk,
        mark: (name) => whole(disk.mark(name) ?? [0, 0, 0, 0, 0]),
        readMarked: (name, length) => {
          const { bytes, mark } = disk.readMarked(name, length)
          return { bytes, mark: whole(mark) }
        },
      }
    }
    await remember({ disk: coarse(1500) })
    expect(await recalled('x', { disk: coarse(0) })).toBeUndefined()
    await remember({ disk: coarse(2500) })
    expect(await recalled('x', { disk: coarse(0) })).toBe('made')
  })

  test('[F1] is not remembered for a day on another file system, whose clock nobody knows', async () => {
    await remember({ disk: later(3_600_000, { dev: 1n }) })
    expect(await recalled()).toBeUndefined()
    await remember({ disk: later(90_000_000, { dev: 1n }) })
    expect(await recalled()).toBe('made')
  })

  test('[F1] is not remembered, where it was read before anybody looked at the clock', async () => {
    await remember()
    await command(async (memory, read) => {
      expect(memory.recall('bytes', 'x')).toBe('made')
      await read()
      memory.recall('more', 'x')
      memory.keep('bytes', { of: 'x', made: 'made later', listed: ['skills/a'] })
    })
    expect(await recalled()).toBe('made')
  })

  test('[F1] is not remembered as it was before, where it changed while it was read', async () => {
    await command(async (memory, read) => {
      memory.recall('bytes', 'x')
      await read()
      tick()
      fs.writeFileSync(at('acme/skills/a/SKILL.md'), 'A skill')
      await read()
      memory.keep('bytes', { of: 'x', made: 'made of both', listed: ['skills/a'] })
    })
    expect(await recalled()).toBeUndefined()
  })
})

describe('the file that remembers', () => {
  test.each<[string, () => void]>([
    ['gone', () => fs.rmSync(cache(), { recursive: true })],
    ['empty', () => fs.writeFileSync(memoryFile(), '')],
    ['cut off', () => fs.truncateSync(memoryFile(), fs.statSync(memoryFile()).size - 8)],
    ['longer', () => fs.appendFileSync(memoryFile(), '12345678')],
    ['whole and written otherwise', () => otherwise()],
    ['of another haal', () => edit((text) => text.replace('0.0.0', '9.9.9'))],
  ])('[F1 L15] is not believed where it is %s, and made again', async (_what, act) => {
    await remember()
    act()
    expect(await recalled()).toBeUndefined()
    await remember()
    expect(await recalled()).toBe('made')
  })

  test('[F1 L15] is not believed with any byte of it changed', async () => {
    await remember()
    const bytes = fs.readFileSync(memoryFile())
    const isBelieved = async (i: number) => {
      const other = Buffer.from(bytes)
      other[i] = (other[i] ?? 0) ^ 1
      fs.writeFileSync(memoryFile(), other)
      return (await recalled()) !== undefined
    }
    const believed: number[] = []
    for (let i = 0; i < bytes.length; i += 1) if (await isBelieved(i)) believed.push(i)
    expect(believed).toEqual([])
  })

  test('[S1] that came with a cache from elsewhere is not believed, though it is whole', async () => {
    await remember()
    tick()
    fs.cpSync(at('cache'), at('brought'), { recursive: true, preserveTimestamps: true })
    fs.rmSync(at('cache'), { recursive: true })
    fs.renameSync(at('brought'), at('cache'))
    expect(await recalled()).toBeUndefined()
  })

  test('[S1] that came with a cache from elsewhere, which had nothing to tell it by, is not believed', async () => {
    await remember()
    otherwise((text) => text.replace(/,\[[\d.,]+\]\]/, ',null]'))
    fs.rmSync(path.join(cache(), 'folder-here'))
    expect(await recalled()).toBeUndefined()
  })

  test('[S1] is not believed about what is said to be made of nothing', async () => {
    await remember()
    otherwise((text) => `${text}\nmore\tx\tmade`)
    expect(await command((memory) => memory.recall('more', 'x'))).toBeUndefined()
  })

  test('[F1] is not made of what was made of nothing, and of the rest all the same', async () => {
    await command(async (memory, read) => {
      memory.recall('bytes', 'x')
      await read()
      memory.keep('nothing', { of: 'x', made: 'made', read: [] })
      memory.keep('bytes', { of: 'x', made: 'made', listed: ['skills/a'] })
    })
    expect(await recalled()).toBe('made')
    expect(await command((memory) => memory.recall('nothing', 'x'))).toBeUndefined()
  })

  test('[F1] is of one registry, under one name', async () => {
    await remember()
    expect(await recalled('x', { registry: 'other' })).toBeUndefined()
  })

  test('[F1] is written where there is something new, and nothing is left beside it', async () => {
    await recalled()
    expect(files()).toEqual(['folder-here'])
    await remember()
    expect(files()).toHaveLength(2)
    const written = () => fs.statSync(memoryFile(), { bigint: true }).ctimeNs
    const before = written()
    tick()
    await recalled()
    expect(written()).toBe(before)
    fs.writeFileSync(path.join(cache(), 'folder-ab.12.tmp'), '')
    await recalled()
    expect(files()).toHaveLength(2)
  })

  test('[F1] is asked and not written by a command that changes nothing', async () => {
    await remember({ mayWrite: false })
    expect(fs.existsSync(cache())).toBe(false)
    await remember()
    expect(await recalled('x', { mayWrite: false })).toBe('made')
  })

  test.skipIf(process.platform === 'win32')('[F1] is not written through a link', async () => {
    fs.mkdirSync(at('mine'))
    fs.mkdirSync(at('cache'))
    fs.symlinkSync(at('mine'), cache())
    await remember()
    expect(fs.readdirSync(at('mine'))).toEqual([])
  })

  test.skipIf(process.platform === 'win32')('[F1] nothing is removed through a link', async () => {
    write(root, { 'mine/folder-ab.12.tmp': 'mine' })
    fs.mkdirSync(at('cache'))
    fs.symlinkSync(at('mine'), cache())
    await recalled()
    expect(fs.readdirSync(at('mine'))).toEqual(['folder-ab.12.tmp'])
  })

  test('[F1] keeps what nobody asks about', async () => {
    await remember()
    await command(async (memory, read) => {
      memory.recall('more', '')
      await read()
      memory.keep('more', { of: '', made: 'more', read: ['skills/a/SKILL.md'] })
    })
    expect(await recalled()).toBe('made')
    expect(await command((memory) => memory.recall('more', ''))).toBe('more')
  })

  test('[F1] goes with those of more registries than anybody has', async () => {
    fs.mkdirSync(cache(), { recursive: true })
    for (let i = 0; i < 70; i += 1) fs.writeFileSync(path.join(cache(), `folder-${i}`), '')
    await remember()
    expect(files()).toHaveLength(2)
    expect(await recalled()).toBe('made')
  })

  test.skipIf(os.userInfo().uid === 0 || process.platform === 'win32')(
    '[F1] that cannot be written is no reason to fail',
    async () => {
      fs.mkdirSync(at('cache'), { mode: 0o500 })
      await remember()
      expect(await recalled()).toBeUndefined()
    },
  )
})

/** With other text (a line more), and the digest of that. */
function otherwise(change = (text: string) => text.replace('\n', '\nodd\n')): void {
  const rest = fs.readFileSync(memoryFile()).subarray(79)
  const text = change(rest.toString('utf8', 4, 4 + rest.readUInt32LE(0)))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(Buffer.byteLength(text))
  const other = Buffer.concat([length, Buffer.from(text), rest.subarray(4 + rest.readUInt32LE(0))])
  fs.writeFileSync(memoryFile(), Buffer.concat([Buffer.from(`haal-folder 1 ${sha256Hex(other)}\n`), other]))
}

function edit(change: (text: string) => string): void {
  fs.writeFileSync(memoryFile(), change(fs.readFileSync(memoryFile(), 'latin1')), 'latin1')
}
