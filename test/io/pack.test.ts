import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nodeDisk } from '../../src/io/disk.js'
import { openPack, type Pack, type PackWriter, temporaryFor, writePack } from '../../src/io/pack.js'
import type { Disk } from '../../src/model/disk.js'
import { codeOf } from '../failing.js'
import { folder } from '../transport/reach.js'

const disk = nodeDisk()
const bytes = (text: string) => Buffer.from(text)

function packed(fill: (pack: PackWriter) => void, at = path.join(folder(), 'a.pack')): Pack {
  const pack = writePack(disk, temporaryFor(at))
  fill(pack)
  return pack.finish(at, 'what it is')
}

describe('a pack', () => {
  test('gives back bytes, modes and odd entries after it was closed', () => {
    const { path: at } = packed((pack) => {
      pack.add('SKILL.md', 0o644, bytes('hello'))
      pack.add('run me.sh', 0o4755, bytes(''))
      pack.odd({ path: 'l', type: 'link', mode: 0o777 })
    })
    const pack = openPack(disk, at)
    expect(pack.label).toBe('what it is')
    expect(pack.files.map(({ path: name, mode, size }) => [name, mode, size])).toEqual([
      ['SKILL.md', 0o644, 5],
      ['run me.sh', 0o4755, 0],
    ])
    expect(pack.odd).toEqual([{ path: 'l', type: 'link', mode: 0o777 }])
    expect(Buffer.from(pack.read('SKILL.md')).toString()).toBe('hello')
    expect(pack.read('run me.sh')).toHaveLength(0)
  })

  test('answers from memory right after it was written', () => {
    const pack = packed((to) => to.add('a', 0o644, bytes('one')))
    fs.rmSync(pack.path)
    expect(Buffer.from(pack.read('a')).toString()).toBe('one')
  })

  test('larger than memory should hold is written in pieces and read in slices', () => {
    const piece = Buffer.alloc(700_000, 'x')
    const { path: at } = packed((pack) => {
      const file = pack.begin('large', 0o644)
      for (let i = 0; i < 5; i += 1) file.write(piece)
      file.end()
      pack.add('small', 0o644, bytes('after'))
    })
    const counting = counted()
    const pack = openPack(counting.disk, at)
    expect(pack.read('large').length).toBe(3_500_000)
    expect(Buffer.from(pack.read('small')).toString()).toBe('after')
    expect(counting.calls).not.toContain('read')
  })

  test('small is one read of one file', () => {
    const { path: at } = packed((pack) => {
      for (let i = 0; i < 20; i += 1) pack.add(`f${i}`, 0o644, bytes(`${i}`))
    })
    const counting = counted()
    const pack = openPack(counting.disk, at)
    for (const file of pack.files) pack.read(file.path)
    expect(counting.calls).toEqual(['readUpTo'])
  })

  test('[L14] is absent until it is finished, and nothing is left of one that is abandoned', () => {
    const root = folder()
    const at = path.join(root, 'a.pack')
    const pack = writePack(disk, temporaryFor(at))
    pack.add('big', 0o644, Buffer.alloc(2_000_000))
    expect(fs.existsSync(at)).toBe(false)
    pack.abandon()
    expect(fs.readdirSync(root)).toEqual([])
  })

  test('opened under another label than its own is refused', () => {
    const { path: at } = packed((pack) => pack.add('a', 0o644, bytes('one')))
    expect(codeOf(() => openPack(disk, at, 'something else'))).toBe('E_CACHE')
  })

  test('without the file asked for says so', () => {
    const pack = packed((to) => to.add('a', 0o644, bytes('one')))
    expect(codeOf(() => pack.read('b'))).toBe('E_ENTRY_MISSING')
  })

  test('takes no name with a line break', () => {
    expect(codeOf(() => packed((pack) => pack.add('a\nb', 0o644, bytes(''))))).toBe('E_PATH_FORBIDDEN')
  })
})

describe('[L15] a damaged pack is found: hostile F11', () => {
  const sound = () => packed(fillTwo).path

  const damages: [how: string, change: (all: Buffer) => Buffer][] = [
    ['0 bytes', () => Buffer.alloc(0)],
    ['cut in its trailer', (all) => all.subarray(0, -10)],
    ['cut in its listing', (all) => all.subarray(0, 100)],
    ['cut to its trailer', (all) => all.subarray(-80)],
    ['longer by a byte', (all) => Buffer.concat([bytes('x'), all])],
    ['a flipped bit in the listing', (all) => flipped(all, all.length - 100)],
    ['a flipped bit in the trailer', (all) => flipped(all, all.length - 40)],
    ['text', () => bytes('not a pack at all'.repeat(20))],
    ['a listing of a later format', (all) => relisted(all, (text) => text.replace('haal-pack 1', 'haal-pack 2'))],
    ['a listing of something else', (all) => relisted(all, (text) => text.replace(' 644 ', ' rw- '))],
    ['a listing longer than any file', (all) => Buffer.concat([all.subarray(0, -15), bytes(`${'9'.repeat(14)}\n`)])],
  ]
  for (const [how, change] of damages)
    test(`${how}: when it is opened`, () => {
      const at = sound()
      fs.writeFileSync(at, change(fs.readFileSync(at)))
      expect(codeOf(() => openPack(disk, at))).toBe('E_CACHE')
    })

  test('a listing longer than any file, of a pack that is not read at once: when it is opened', () => {
    const { path: at } = packed((pack) => pack.add('big', 0o644, Buffer.alloc(2 * 1024 * 1024)))
    const all = fs.readFileSync(at)
    fs.writeFileSync(at, Buffer.concat([all.subarray(0, -15), bytes(`${'9'.repeat(14)}\n`)]))
    expect(codeOf(() => openPack(disk, at))).toBe('E_CACHE')
  })

  test('other bytes of the same length: when the same pack is written again', () => {
    const at = sound()
    const whole = fs.readFileSync(at)
    fs.writeFileSync(at, flipped(whole, 4))
    packed(fillTwo, at)
    expect(fs.readFileSync(at).equals(whole)).toBe(true)
  })

  test('a flipped bit in a file: when that file is read', () => {
    const at = sound()
    fs.writeFileSync(at, flipped(fs.readFileSync(at), 4))
    const pack = openPack(disk, at)
    expect(Buffer.from(pack.read('a')).toString()).toBe('one')
    expect(codeOf(() => pack.read('b'))).toBe('E_CACHE')
  })

  test('missing: with its name in the message', () => {
    expect(() => openPack(disk, path.join(folder(), 'gone.pack'))).toThrow(/gone\.pack is missing/)
  })
})

test('[L14] whatever goes into a pack comes out of it', () => {
  const name = fc
    .string({ unit: 'grapheme', minLength: 1 })
    .filter((text) => !text.includes('\n') && text.isWellFormed())
  const files = fc.uniqueArray(fc.record({ path: name, mode: fc.nat(0o7777), body: fc.uint8Array() }), {
    selector: (file) => file.path,
  })
  const at = path.join(folder(), 'a.pack')
  fc.assert(
    fc.property(files, (all) => {
      packed((pack) => all.forEach((file) => void pack.add(file.path, file.mode, file.body)), at)
      const pack = openPack(disk, at)
      expect(pack.files.map((file) => [file.path, file.mode])).toEqual(all.map((file) => [file.path, file.mode]))
      for (const file of all) expect(Buffer.from(pack.read(file.path)).equals(file.body)).toBe(true)
    }),
    { numRuns: 60 },
  )
})

/** A pack with another listing, which has the digest and the length that its trailer says. */
function relisted(all: Buffer, change: (listing: string) => string): Buffer {
  const length = Number(all.subarray(-15).toString())
  const listing = change(all.subarray(-80 - length, -80).toString())
  const digest = createHash('sha256').update(listing).digest('hex')
  const trailer = `${digest} ${String(Buffer.byteLength(listing)).padStart(14, '0')}\n`
  return Buffer.concat([all.subarray(0, -80 - length), bytes(listing + trailer)])
}

function flipped(all: Buffer, at: number): Buffer {
  const copy = Buffer.from(all)
  copy.writeUInt8(copy.readUInt8(at) ^ 1, at)
  return copy
}

function fillTwo(pack: PackWriter): void {
  pack.add('a', 0o644, bytes('one'))
  pack.add('b', 0o644, bytes('two'))
}

/** The disk, and the names of the reads it is asked for. */
function counted(): { disk: Disk; calls: string[] } {
  const calls: string[] = []
  const read = (at: string) => {
    calls.push('read')
    return disk.read(at)
  }
  const readAt = (at: string, offset: number, length: number) => {
    calls.push('readAt')
    return disk.readAt(at, offset, length)
  }
  const readUpTo = (at: string, most: number) => {
    calls.push('readUpTo')
    return disk.readUpTo(at, most)
  }
  return { disk: { ...disk, read, readAt, readUpTo }, calls }
}
