import fs from 'node:fs'
import path from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { gunzipSync, gzipSync } from 'node:zlib'
import { create } from 'tar'
import { describe, expect, test } from 'vitest'
import { type Archive, type Chunks, piecesOf, unpack } from '../../src/io/archive.js'
import { nodeDisk } from '../../src/io/disk.js'
import { type Pack, temporaryFor, writePack } from '../../src/io/pack.js'
import { limits } from '../../src/model/limits.js'
import { folder } from '../transport/reach.js'
import { end, entry, type Made, pax, tar, tgz } from './tar-maker.js'

const disk = nodeDisk()

/** Unpacks into a fresh folder, in which nothing may be left where it fails. */
async function unpacked(bytes: Buffer | Chunks, more: Partial<Archive> = {}): Promise<Pack> {
  const root = folder()
  const pack = writePack(disk, temporaryFor(path.join(root, 'p')))
  const chunks = Buffer.isBuffer(bytes) ? [bytes] : bytes
  try {
    await unpack({ name: 'acme.tgz', bytes: chunks, ...more }, pack)
    return pack.finish(path.join(root, 'p'), 'label')
  } catch (e) {
    pack.abandon()
    expect(fs.readdirSync(root)).toEqual([])
    throw e
  }
}

function refused(bytes: Buffer | Chunks, code: string, more: Partial<Archive> = {}) {
  return expect(unpacked(bytes, more)).rejects.toMatchObject({ code })
}

/** What buffers hold that something still refers to. */
function bytesHeld(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return process.memoryUsage().arrayBuffers
}

const skill: Made = { name: 'skills/a/SKILL.md', body: 'hello' }
const textOf = (pack: Pack, file: string) => Buffer.from(pack.read(file)).toString()

describe('an archive', () => {
  test('[A27] keeps bytes and executable bits, compressed or not', async () => {
    const entries = [
      skill,
      { name: './skills/a/run.sh', body: '#!/bin/sh', mode: 0o755 },
      { name: 'skills/', type: '5' },
    ]
    for (const bytes of [tar(...entries), tgz(...entries)]) {
      const pack = await unpacked(bytes)
      expect(pack.files.map(({ path: name, mode }) => [name, mode])).toEqual([
        ['skills/a/SKILL.md', 0o644],
        ['skills/a/run.sh', 0o755],
      ])
      expect(textOf(pack, 'skills/a/SKILL.md')).toBe('hello')
    }
  })

  test('has a long link before a long name, and headers for all that follows that name nothing', async () => {
    const link: Made[] = [
      { name: 'K', type: 'K', body: 'to\0' },
      { name: 'L', type: 'L', body: 'from\0' },
    ]
    const pack = await unpacked(tgz(pax({ comment: 'c' }, 'g'), ...link, { name: 'l', type: '2', link: 't' }, skill))
    expect(pack.odd.map(({ path: name }) => name)).toEqual(['from'])
    expect(pack.files).toHaveLength(1)
  })

  test('arrives in pieces of any size', async () => {
    const body = Buffer.from(Array.from({ length: 5000 }, (_, i) => i % 251))
    const whole = tgz({ name: 'a', body }, { name: 'b', body: 'end' })
    for (const size of [1, 7, 511, 4096]) {
      const pack = await unpacked(piecesBy(whole, size))
      expect(Buffer.from(pack.read('a')).equals(body)).toBe(true)
      expect(textOf(pack, 'b')).toBe('end')
    }
  })

  test('names longer than a header holds, as ustar, pax and GNU tar write them', async () => {
    const long = `${'d'.repeat(90)}/${'é'.repeat(40)}.md`
    const gnu: Made = { name: '././@LongLink', type: 'L', body: `${long}2\0` }
    const pack = await unpacked(
      tgz({ name: 'short.md', prefix: 'p'.repeat(99) }, pax({ path: long }), { name: 'cut', body: 'x' }, gnu, {
        name: 'cut',
      }),
    )
    expect(pack.files.map((file) => file.path)).toEqual([`${'p'.repeat(99)}/short.md`, long, `${long}2`])
  })

  test('made by the tar of npm gives the same files', async () => {
    const root = folder()
    fs.mkdirSync(path.join(root, 'in', 'deep', 'er'), { recursive: true })
    fs.writeFileSync(path.join(root, 'in', 'deep', 'er', 'ünï.md'), 'text')
    fs.writeFileSync(path.join(root, 'in', 'run'), 'x', { mode: 0o755 })
    await create({ file: path.join(root, 'a.tgz'), gzip: true, cwd: path.join(root, 'in') }, ['.'])
    const pack = await unpacked(piecesOf(disk, path.join(root, 'a.tgz')))
    expect(textOf(pack, 'deep/er/ünï.md')).toBe('text')
    expect(pack.files.find((file) => file.path === 'run')?.mode).toBe(0o755)
  })

  test('with a global header, padding after its end or a second gzip member is fine', async () => {
    const padded = Buffer.concat([tar(pax({ comment: 'a'.repeat(40) }, 'g'), skill), Buffer.alloc(9000)])
    const members = Buffer.concat([gzipSync(padded.subarray(0, 700)), gzipSync(padded.subarray(700))])
    const far = Buffer.concat([gzipSync(padded), Buffer.alloc(300_000)])
    for (const bytes of [padded, members, piecesBy(far, 65_536)])
      expect(textOf(await unpacked(bytes), skill.name)).toBe('hello')
  })

  test('[S1] links, devices and pipes are recorded for the intake to refuse: hostile A13, A14, A16', async () => {
    const odd: Made[] = [
      { name: 'out', type: '2', link: '../../etc/passwd' },
      { name: 'absolute', type: '2', link: '/etc/passwd' },
      { name: 'drive', type: '2', link: 'C:..\\..' },
      { name: 'in', type: '2', link: 'SKILL.md' },
      { name: 'hard', type: '1', link: '/etc/passwd' },
      { name: 'null', type: '3' },
      { name: 'disk', type: '4' },
      { name: 'pipe', type: '6' },
      { name: 'sparse', type: 'S' },
      { name: 'vendor', type: 'Z' },
    ]
    const pack = await unpacked(tgz(...odd, skill))
    expect(pack.files.map((file) => file.path)).toEqual([skill.name])
    expect(pack.odd.map((each) => `${each.type} ${each.path}`)).toEqual([
      'link out',
      'link absolute',
      'link drive',
      'link in',
      'link hard',
      'other null',
      'other disk',
      'other pipe',
      'other sparse',
      'other vendor',
    ])
  })

  test('[S1] setuid bits are recorded for the intake to refuse: hostile A18', async () => {
    const pack = await unpacked(tgz({ ...skill, mode: 0o6777 }, { name: 'none', mode: 0 }))
    expect(pack.files.map((file) => file.mode)).toEqual([0o6777, 0])
  })

  test('[S1] time, owner, order and compression change nothing of what is in it: hostile A32', async () => {
    const other = { name: 'skills/a/b.md', body: 'two' }
    const one = await unpacked(tgz(skill, other))
    const two = await unpacked(gzipSync(tar({ ...other, uid: 1000, mtime: 1e9 }, { ...skill, mtime: 5 }), { level: 1 }))
    const listing = (pack: Pack) => pack.files.map(({ path: name, sha256 }) => `${sha256} ${name}`).sort()
    expect(listing(two)).toEqual(listing(one))
  })
})

describe('[S1] a name refuses the whole archive', () => {
  const rows: [row: string, name: string, code: string][] = [
    ['A01', '../evil', 'E_PATH_ESCAPE'],
    ['A01', 'p/../../evil', 'E_PATH_ESCAPE'],
    ['A01', 'p/..', 'E_PATH_ESCAPE'],
    ['A01', 'p\\..\\..\\evil', 'E_PATH_ESCAPE'],
    ['A02', '/tmp/evil', 'E_PATH_ABSOLUTE'],
    ['A02', 'C:\\evil', 'E_PATH_ABSOLUTE'],
    ['A02', 'C:evil', 'E_PATH_ABSOLUTE'],
    ['A02', '\\\\srv\\share\\x', 'E_PATH_ABSOLUTE'],
    ['A02', '//?/C:/x', 'E_PATH_ABSOLUTE'],
    ['A19', '.git/hooks/post-checkout', 'E_PATH_FORBIDDEN'],
    ['A19', '.GIT/config', 'E_PATH_FORBIDDEN'],
    ['A19', 'git~1/x', 'E_PATH_FORBIDDEN'],
    ['A19', '.g\u200cit/x', 'E_PATH_FORBIDDEN'],
    ['names', 'a/con.txt', 'E_PATH_FORBIDDEN'],
    ['names', 'a./x', 'E_PATH_FORBIDDEN'],
    ['names', 'a//x', 'E_PATH_FORBIDDEN'],
    ['names', 'a/./x', 'E_PATH_FORBIDDEN'],
    ['names', 'a\u001b[2Jx', 'E_PATH_FORBIDDEN'],
    ['names', 'ab:c', 'E_PATH_FORBIDDEN'],
    ['depth', 'd/'.repeat(33).concat('f'), 'E_LIMIT_DEPTH'],
  ]
  for (const [row, name, code] of rows)
    test(`hostile ${row}: ${JSON.stringify(name)}`, async () => {
      await refused(tgz(skill, { name, body: 'x' }), code)
      await refused(tgz(skill, pax({ path: name }), { name: 'other', body: 'x' }), code)
    })

  test('of a folder or a link too', async () => {
    await refused(tgz({ name: '../out/', type: '5' }), 'E_PATH_ESCAPE')
    await refused(tgz({ name: '../l', type: '2', link: 'x' }), 'E_PATH_ESCAPE')
  })

  test('[S2] longer than 200 bytes', () =>
    refused(tgz(pax({ path: `${'é'.repeat(40)}/`.repeat(3) }), { name: 'x' }), 'E_LIMIT_PATH'))

  test('that is not UTF-8', async () => {
    const head = entry({ name: 'aXb', body: 'x' })
    head[1] = 0xff
    head.fill(' ', 148, 156)
    const sum = head.subarray(0, 512).reduce((total, byte) => total + byte, 0)
    head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
    await refused(Buffer.concat([head, end]), 'E_PATH_FORBIDDEN')
  })

  test('hostile A01: an escaped escape is just a name', async () => {
    const pack = await unpacked(tgz({ name: '%2e%2e/evil', body: 'x' }))
    expect(pack.files.map((file) => file.path)).toEqual(['%2e%2e/evil'])
  })

  test('unless only a part is wanted, and the name is no more than unportable', async () => {
    const leave = { names: 'leave' } as const
    const pack = await unpacked(tgz(skill, { name: 'tests/aux.md' }, { name: 'ab:c' }), leave)
    expect(pack.files.map((file) => file.path)).toEqual([skill.name, 'tests/aux.md', 'ab:c'])
    await refused(tgz(skill, { name: '../x' }), 'E_PATH_ESCAPE', leave)
    await refused(tgz(skill, { name: 'a\nb' }), 'E_PATH_FORBIDDEN', leave)
    await refused(tgz(pax({ path: 'x/'.repeat(600).concat('y') }), { name: 'x' }), 'E_LIMIT_PATH', leave)
  })
})

describe('[S1] an archive that contradicts itself is refused', () => {
  test('hostile A09: one path twice', async () => {
    await refused(tgz(skill, { ...skill, body: 'evil' }), 'E_ARCHIVE_DUPLICATE')
    await refused(tgz(skill, { ...skill, name: `./${skill.name}` }), 'E_ARCHIVE_DUPLICATE')
    await refused(tgz({ name: 'l', type: '2', link: 'x' }, { name: 'l', body: 'x' }), 'E_ARCHIVE_DUPLICATE')
    await refused(tgz({ name: 'x', body: 'x' }, { name: 'x/', type: '5' }), 'E_ARCHIVE_DUPLICATE')
    await refused(tgz({ name: 'x/', type: '5' }, { name: 'x', body: 'x' }), 'E_ARCHIVE_DUPLICATE')
  })

  test('a folder may be named again', async () => {
    const pack = await unpacked(tgz({ name: 'x/', type: '5' }, { name: 'x/y', body: '' }, { name: 'x/', type: '5' }))
    expect(pack.files.map(({ path }) => path)).toEqual(['x/y'])
  })

  test('an extended header whose name cannot be read is not passed over', async () => {
    const broken = Buffer.concat([
      entry({ name: 'PaxHeader', type: 'x', body: '30 path=first\nsecond\n' }),
      entry(skill),
      end,
    ])
    await refused(broken, 'E_ARCHIVE')
    await refused(tgz(pax({ path: 'line\nbreak' }), { name: 'x' }), 'E_ARCHIVE')
  })

  test.each([
    ['a length with zeros in front', '0020 path=skills/zz\n'],
    ['a length with blanks in front', ' 19 path=skills/zz\n'],
    ['a path with a zero byte', '18 path=SKILL\0.md\n'],
    ['a size below zero', '11 size=-1\n'],
    ['a size that is no whole number', '12 size=1.5\n'],
    ['a size with letters', '12 size=0x1\n'],
  ])('an extended header that other readers read otherwise: %s', (_what, body) =>
    refused(tgz({ name: 'PaxHeader', type: 'x', body }, { name: 'x', body: 'x' }), 'E_ARCHIVE'),
  )

  const hidden = `comment=a\n${pax({ path: 'other' }).body}`
  test.each<[what: string, ...headers: Made[]]>([
    ['a name inside another value', { name: 'p', type: 'x', body: `${hidden.length + 4} ${hidden}` }],
    ['a name behind what is no record', { name: 'p', type: 'x', body: `none\n${pax({ path: 'other' }).body}` }],
    ['a name behind a record without a key', { name: 'p', type: 'x', body: `0 =\n${pax({ path: 'other' }).body}` }],
    ['a name for all that follows', pax({ path: 'other' }, 'g')],
    ['a size for all that follows', pax({ size: '1' }, 'g')],
    ['a target for all that follows', pax({ linkpath: 'other' }, 'g')],
    ['a target and an extended one', pax({ linkpath: 'one' }), { name: 'K', type: 'K', body: 'two\0' }],
    ['two names in two headers', pax({ path: 'one' }), pax({ path: 'two' })],
    ['a long name and an extended one', pax({ path: 'one' }), { name: 'L', type: 'L', body: 'two\0' }],
    ['two long names', { name: 'L', type: 'L', body: 'one\0' }, { name: 'L', type: 'L', body: 'two\0' }],
    ['two headers, one with a name', pax({ path: 'one' }), pax({ comment: 'two' })],
  ])('headers in which other readers see another archive: %s', async (_what, ...headers) => {
    await refused(tgz(skill, ...headers, { name: 'x', body: 'xx' }), 'E_ARCHIVE')
    await refused(tgz(...headers, { name: 'x', body: 'xx' }, skill), 'E_ARCHIVE')
  })

  test('a sparse file, whose bytes are not what they seem', () =>
    refused(tgz(pax({ 'GNU.sparse.major': '1', 'GNU.sparse.name': 'x' }), { name: 'x', body: 'map' }), 'E_ARCHIVE'))

  test('a link without a target', () => refused(tgz({ name: 'l', type: '2' }), 'E_ARCHIVE'))
})

describe('[S1] hostile A23: a cut or damaged archive is refused', () => {
  const good = tar(skill, { name: 'b', body: 'x'.repeat(2000) })
  const rows: [how: string, bytes: Buffer][] = [
    ['no end-of-archive mark', good.subarray(0, -1024)],
    ['half an end-of-archive mark', good.subarray(0, -512)],
    ['cut at a block', good.subarray(0, 1536)],
    ['cut in a file', good.subarray(0, 2000)],
    ['cut in a header', good.subarray(0, 1100)],
    ['a wrong checksum', tar({ ...skill, badChecksum: true })],
    ['a wrong checksum further on', tar(skill, { ...skill, name: 'b', badChecksum: true })],
    ['a file that claims more than there is', Buffer.concat([entry({ ...skill, size: 4096 }), end])],
    ['nothing', Buffer.alloc(0)],
  ]
  for (const [how, bytes] of rows)
    test(how, async () => {
      await refused(bytes, 'E_ARCHIVE_TRUNCATED')
      await refused(piecesBy(bytes, 512), 'E_ARCHIVE_TRUNCATED')
      await refused(gzipSync(bytes), 'E_ARCHIVE_TRUNCATED')
    })

  test('zeros that are too few for an end', () => refused(Buffer.alloc(300), 'E_ARCHIVE_TRUNCATED'))

  test('a gzip stream that is cut or changed', async () => {
    const packed = tgz({ name: 'a', body: Buffer.from(Array.from({ length: 9000 }, (_, i) => (i * i) % 253)) })
    await refused(packed.subarray(0, -6), 'E_ARCHIVE_TRUNCATED')
    await refused(packed.subarray(0, packed.length / 2), 'E_ARCHIVE_TRUNCATED')
    const changed = Buffer.from(packed)
    changed.writeUInt8(changed.readUInt8(changed.length - 6) ^ 0xff, changed.length - 6)
    await refused(changed, 'E_ARCHIVE_TRUNCATED')
  })
})

describe('what is no tar archive is named', () => {
  const rows: [what: string, bytes: Buffer, said: RegExp][] = [
    ['a zip file', Buffer.concat([Buffer.from('504b0304', 'hex'), Buffer.alloc(600)]), /zip/],
    ['a short zip file', Buffer.from('504b05060000', 'hex'), /zip/],
    ['zstd', Buffer.concat([Buffer.from('28b52ffd', 'hex'), Buffer.alloc(600)]), /zstd/],
    ['xz', Buffer.concat([Buffer.from('fd377a585a0000', 'hex'), Buffer.alloc(600)]), /xz/],
    ['bzip2', Buffer.concat([Buffer.from('425a6839314159265359', 'hex'), Buffer.alloc(600)]), /bzip2/],
    ['a page of HTML', Buffer.from('<!doctype html>'.repeat(80)), /no tar archive/],
    ['a word', Buffer.from('hello'), /no tar archive/],
    ['a gzip of text', gzipSync('hello '.repeat(500)), /no tar archive/],
    ['compressed twice', gzipSync(tgz(skill)), /compressed twice/],
    ['zstd in gzip', gzipSync(Buffer.concat([Buffer.from('28b52ffd', 'hex'), Buffer.alloc(600)])), /zstd/],
  ]
  for (const [what, bytes, said] of rows)
    test(what, async () => {
      await refused(bytes, 'E_ARCHIVE')
      await expect(unpacked(bytes)).rejects.toThrow(said)
    })
})

describe('[S2] a budget stops an archive and is named', () => {
  const budget = { ...limits, archive: 4096, expanded: 1_500_000, entries: 3 }

  test('hostile A27: 200 MiB of zeros', async () => {
    const mebibyte = gzipSync(Buffer.alloc(1024 * 1024))
    const bomb = Buffer.concat([...Array.from({ length: 200 }, () => mebibyte)])
    await refused(piecesBy(bomb, 65_536), 'E_LIMIT_RATIO')
    await refused(piecesBy(bomb, 65_536), 'E_LIMIT_RATIO', { size: bomb.length })
  })

  test('hostile A27: a file of zeros in an archive, stopped early where the size is known', async () => {
    const bomb = tgz({ name: 'zeros', body: Buffer.alloc(20 * 1024 * 1024) })
    await refused(bomb, 'E_LIMIT_RATIO')
    await expect(unpacked(bomb, { size: bomb.length })).rejects.toMatchObject({
      code: 'E_LIMIT_RATIO',
      details: { budget: 'ratio', limit: 100 },
    })
  })

  test('a small archive may compress as well as it likes', async () => {
    const pack = await unpacked(tgz({ name: 'zeros', body: Buffer.alloc(500_000) }))
    expect(pack.files.map((file) => file.size)).toEqual([500_000])
  })

  test('bytes as they arrive', () =>
    expect(unpacked(tar({ name: 'a', body: 'x'.repeat(5000) }), { budget })).rejects.toMatchObject({
      code: 'E_LIMIT_SIZE',
      message: 'acme.tgz is larger than 4096 bytes (budget: archive)',
    }))

  test('bytes unpacked', () =>
    refused(tgz({ name: 'a', body: noise(1_600_000) }), 'E_LIMIT_SIZE', { budget: { ...budget, archive: 9e9 } }))

  test('a size that no file has, before a byte of it is read', () =>
    refused(Buffer.concat([entry({ name: 'a', size: 8 ** 11 - 1 }), end]), 'E_LIMIT_SIZE'))

  test('entries, folders and links included', async () => {
    const four: Made[] = [
      skill,
      { name: 'd/', type: '5' },
      { name: 'e/', type: '5' },
      { name: 'l', type: '2', link: 'x' },
    ]
    await refused(tgz(...four), 'E_LIMIT_ENTRIES', { budget })
    expect((await unpacked(tgz(...four.slice(1)), { budget })).odd).toHaveLength(1)
  })

  test('an extended header without end', () =>
    refused(tgz(pax({ comment: 'x'.repeat(1_100_000) }), skill), 'E_LIMIT_SIZE', { budget: { ...limits, ratio: 1e9 } }))

  test('60 MiB go through without being held in memory', async () => {
    const block = noise(1024 * 1024)
    function* archive() {
      yield entry({ name: 'large', size: 60 * block.length }).subarray(0, 512)
      for (let i = 0; i < 60; i += 1) yield block
      yield end
    }
    const before = bytesHeld()
    const held: number[] = []
    const append = (at: string, bytes: Uint8Array | string) => {
      held.push(bytesHeld() - before)
      disk.append(at, bytes)
    }
    const at = path.join(folder(), 'p')
    const pack = writePack({ ...disk, append }, temporaryFor(at))
    await unpack({ name: 'large.tar', bytes: archive() }, pack)
    expect(pack.finish(at, 'large').files.map((file) => file.size)).toEqual([60 * block.length])
    expect(held.length).toBeGreaterThan(10)
    expect(Math.max(...held)).toBeLessThan(8 * block.length)
  })
})

test('the source is closed when an archive is refused', async () => {
  let closed = false
  async function* source() {
    try {
      for (const piece of piecesBy(gunzipSync(tgz({ name: '../x', body: noise(500_000) })), 4096)) yield piece
    } finally {
      closed = true
    }
  }
  await refused(source(), 'E_PATH_ESCAPE')
  expect(closed).toBe(true)
})

test('an error of the source is passed on as it is', async () => {
  async function* source() {
    yield tgz(skill).subarray(0, 40)
    throw new Error('the line is dead')
  }
  await expect(unpacked(source())).rejects.toThrow('the line is dead')
})

function* piecesBy(bytes: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

/** Bytes that do not compress, the same every time. */
function noise(length: number): Buffer {
  const bytes = Buffer.alloc(length)
  for (let i = 0, x = 1; i < length; i += 1) {
    x = (Math.imul(x, 1_103_515_245) + 12_345) & 0x7fffffff
    bytes[i] = x >> 16
  }
  return bytes
}
