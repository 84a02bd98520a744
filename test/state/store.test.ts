import { spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { build } from 'esbuild'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nodeDisk } from '../../src/io/disk.js'
import { type PackWriter, writePack } from '../../src/io/pack.js'
import { type Digest, hexOf, listingDigest, sha256Hex } from '../../src/model/digest.js'
import { fail } from '../../src/model/errors.js'
import { openStore } from '../../src/state/store.js'
import { codeOf } from '../failing.js'
import { folder } from '../transport/reach.js'

const disk = nodeDisk()
const day = 86_400_000

function skill(body: string) {
  return (pack: PackWriter) => {
    pack.add('SKILL.md', 0o644, Buffer.from(body))
    pack.add('run.sh', 0o755, Buffer.from('#!/bin/sh'))
  }
}

function integrityOf(body: string): Digest {
  return listingDigest([
    { path: 'SKILL.md', mode: 0o644, sha256: sha256Hex(body) },
    { path: 'run.sh', mode: 0o755, sha256: sha256Hex('#!/bin/sh') },
  ])
}

function world() {
  const root = folder()
  const place = (digest: Digest) => path.join(root, hexOf(digest).slice(0, 2), hexOf(digest))
  /** As another process sees the same store. */
  const open = (pid = 4711) => openStore(disk, root, pid)
  const files = () =>
    fs
      .readdirSync(root, { recursive: true, withFileTypes: true })
      .flatMap((entry) => (entry.isFile() ? [entry.name] : []))
  return { root, place, open, files }
}

describe('the store', () => {
  test('names what it takes in by its integrity, and gives it back', async () => {
    const { open, place } = world()
    const digest = await open().take(skill('one'))
    expect(digest).toBe(integrityOf('one'))
    const stored = open().open(digest)
    expect(stored.files.map(({ path: name, mode, size }) => [name, mode, size])).toEqual([
      ['SKILL.md', 0o644, 3],
      ['run.sh', 0o755, 9],
    ])
    expect(Buffer.from(stored.read('SKILL.md')).toString()).toBe('one')
    expect(fs.existsSync(place(digest))).toBe(true)
  })

  test('lists and drops what it has', async () => {
    const { open } = world()
    const store = open()
    const digests = [await store.take(skill('one')), await store.take(skill('two'))]
    expect(store.list().sort()).toEqual(digests.sort())
    expect(store.drop(integrityOf('one'))).toBe(true)
    expect(store.drop(integrityOf('one'))).toBe(false)
    expect(['one', 'two'].map((name) => store.stat(integrityOf(name))?.type)).toEqual([undefined, 'file'])
    expect(codeOf(() => store.open(integrityOf('one')))).toBe('E_CACHE')
  })

  test('is empty where there is no folder yet', () => {
    const store = openStore(disk, path.join(folder(), 'none'), 1)
    store.sweep(new Date())
    expect([store.list(), store.stat(integrityOf('x'))]).toEqual([[], undefined])
  })

  test('reads what came in last from memory', async () => {
    const { open, place } = world()
    const store = open()
    const digest = await store.take(skill('one'))
    fs.rmSync(place(digest))
    expect(Buffer.from(store.open(digest).read('SKILL.md')).toString()).toBe('one')
  })

  test('[S1] keeps nothing of what an intake refused', async () => {
    const { open, files } = world()
    const refused = open().take((pack) => {
      pack.add('large', 0o644, Buffer.alloc(3_000_000))
      fail('E_ENTRY_TYPE', 'a link')
    })
    await expect(refused).rejects.toMatchObject({ code: 'E_ENTRY_TYPE' })
    expect(files()).toEqual([])
  })

  test('takes modes that haal writes, and no others', async () => {
    const { open, files } = world()
    await expect(open().take((pack) => pack.add('a', 0o4755, Buffer.from('')))).rejects.toMatchObject({
      code: 'E_CACHE',
    })
    expect(files()).toEqual([])
  })
})

describe('[L15] an entry is verified on use: hostile F11', () => {
  const damages: [how: string, damage: (at: string) => void][] = [
    ['0 bytes', (at) => fs.writeFileSync(at, '')],
    ['cut', (at) => fs.truncateSync(at, 60)],
    ['a flipped bit', (at) => fs.writeFileSync(at, flipped(fs.readFileSync(at)))],
    ['gone', (at) => fs.rmSync(at)],
  ]
  for (const [how, damage] of damages)
    test(`${how}: it is dropped, named, and can be taken in again`, async () => {
      const { open, place } = world()
      const digest = await open().take(skill('one'))
      damage(place(digest))
      const store = open()
      const use = () => store.open(digest).files.map((file) => store.open(digest).read(file.path))
      expect(use).toThrow(expect.objectContaining({ code: 'E_CACHE', message: expect.stringContaining(digest) }))
      expect(store.stat(digest)).toBeUndefined()
      expect(await store.take(skill('one'))).toBe(digest)
      expect(Buffer.from(open().open(digest).read('SKILL.md')).toString()).toBe('one')
    })

  test.each(['../evil', 'a/../../evil', '/evil', 'a\\..\\evil', '.git/hooks/x', 'C:evil', 'con'])(
    '[S1] an entry from elsewhere, its digest right, with the path %j: dropped too',
    (evil) => {
      const { root, open, place } = world()
      const integrity = listingDigest([{ path: evil, mode: 0o755, sha256: sha256Hex('x') }])
      const pack = writePack(disk, path.join(root, 'new'))
      pack.add(evil, 0o755, Buffer.from('x'))
      fs.mkdirSync(path.dirname(place(integrity)))
      pack.finish(place(integrity), integrity)
      expect(codeOf(() => open().open(integrity))).toBe('E_CACHE')
      expect(fs.existsSync(place(integrity))).toBe(false)
    },
  )

  test.skipIf(process.platform === 'win32')(
    'an entry with a listing of many GiB, most of it a hole: dropped too',
    async () => {
      const { open, place } = world()
      const integrity = await open().take(skill('x'))
      const file = fs.openSync(place(integrity), 'r+')
      fs.ftruncateSync(file, 2 ** 33)
      fs.writeSync(file, `${'0'.repeat(64)} ${String(5_000_000_000).padStart(14, '0')}\n`, 2 ** 33 - 80)
      fs.closeSync(file)
      expect(codeOf(() => open().open(integrity))).toBe('E_CACHE')
      expect(fs.existsSync(place(integrity))).toBe(false)
    },
  )

  test('another entry’s bytes under its name: dropped too', async () => {
    const { open, place } = world()
    const [one, two] = [await open().take(skill('one')), await open().take(skill('two'))]
    fs.copyFileSync(place(two), place(one))
    expect(codeOf(() => open().open(one))).toBe('E_CACHE')
    expect(open().list()).toEqual([two])
  })

  test('a listing that says another name than it digests to: dropped too', async () => {
    const { open, place } = world()
    const one = await open().take(skill('one'))
    const at = place(one)
    const forged = openStore(disk, folder(), 1)
    const pack = await forged.take((to) => to.add('evil', 0o644, Buffer.from('x')))
    fs.writeFileSync(at, relabelled(forged.open(pack).files[0]?.sha256 ?? '', one))
    expect(codeOf(() => open().open(one))).toBe('E_CACHE')
    expect(open().stat(one)).toBeUndefined()
  })

  test('taking it in again mends a damaged entry', async () => {
    const { open, place } = world()
    const digest = await open().take(skill('one'))
    fs.writeFileSync(place(digest), flipped(fs.readFileSync(place(digest))))
    await open().take(skill('one'))
    expect(Buffer.from(open().open(digest).read('SKILL.md')).toString()).toBe('one')
  })
})

describe('[L14] an entry is whole or absent', () => {
  test('while it is written, nobody sees it', async () => {
    const { open } = world()
    let during: Digest[] = []
    await open(1).take((pack) => {
      pack.add('large', 0o644, Buffer.alloc(3_000_000))
      during = open(2).list()
    })
    expect(during).toEqual([])
    expect(open().list()).toHaveLength(1)
  })

  test('two that take in the same at once both succeed', async () => {
    const { open, files } = world()
    const both = await Promise.all(
      [1, 2].map((pid) =>
        open(pid).take(async (pack) => {
          pack.add('large', 0o644, Buffer.alloc(2_000_000))
          await new Promise((next) => setImmediate(next))
          skill('one')(pack)
        }),
      ),
    )
    expect(new Set(both).size).toBe(1)
    expect(files()).toHaveLength(1)
  })

  test('one that is there serves where it cannot be replaced', async () => {
    const { root, open, files } = world()
    const digest = await open().take(skill('one'))
    const stuck = openStore({ ...disk, rename: (_, to) => fail('E_DISK', `${to}: is in use`) }, root, 1)
    expect(await stuck.take(skill('one'))).toBe(digest)
    await expect(stuck.take(skill('two'))).rejects.toMatchObject({ code: 'E_DISK' })
    expect(files()).toHaveLength(1)
  })

  test('[L12] a disk that refuses leaves the store as it was', async () => {
    const { root, open, files } = world()
    await open().take(skill('one'))
    for (const call of ['write', 'append', 'rename', 'mkdir'] as const) {
      const full = { ...disk, [call]: () => fail('E_DISK', `${root}: no space left on the disk`) }
      const large = (pack: PackWriter) => pack.add('large', 0o644, Buffer.alloc(3_000_000))
      const fill = (pack: PackWriter) => [large, large].forEach((each) => void each(pack))
      await expect(openStore(full, root, 1).take(fill)).rejects.toMatchObject({ code: 'E_DISK' })
      expect(files()).toHaveLength(1)
    }
  })

  test('what killed writers left is swept, what others write stays', async () => {
    const { root, open, files } = world()
    const left = async (pid: number) => {
      const dying = openStore({ ...disk, remove: () => false, rename: () => fail('E_DISK', 'killed') }, root, pid)
      await expect(dying.take(skill(`${pid}`))).rejects.toMatchObject({ code: 'E_DISK' })
    }
    const gone = spawnSync(process.execPath, ['--version']).pid
    await left(gone)
    await left(process.pid)
    open().sweep(new Date())
    expect(files().map((name) => name.split('-')[0])).toEqual([String(process.pid)])
    open().sweep(new Date(Date.now() + 2 * day))
    expect(files()).toEqual([])
  })

  test('a store from somebody else has nothing removed that it only leads to', () => {
    const [{ root, open }, others] = [world(), folder()]
    fs.writeFileSync(path.join(others, 'mine.txt'), 'mine')
    fs.symlinkSync(others, path.join(root, 'unfinished'), 'junction')
    open().sweep(new Date(Date.now() + 2 * day))
    expect(fs.readdirSync(others)).toEqual(['mine.txt'])
    expect(fs.readdirSync(root)).toEqual([])
  })

  test('processes that share it, some of them killed, leave only sound entries', { timeout: 60_000 }, async () => {
    const { root, open } = world()
    const program = path.join(folder(), 'writer.mjs')
    await build({
      stdin: { contents: writer, resolveDir: import.meta.dirname, loader: 'ts' },
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile: program,
    })
    const runs = Array.from({ length: 6 }, (_, i) => run(program, root, i % 2 === 1))
    expect((await Promise.all(runs)).filter((code) => code !== 0 && code !== null)).toEqual([])
    const store = open()
    for (const digest of store.list())
      for (const file of store.open(digest).files) expect(store.open(digest).read(file.path)).toHaveLength(file.size)
    expect(store.list()).toHaveLength(40)
  })
})

test('[L14] whatever is taken in is given back', async () => {
  const { open } = world()
  const name = fc.string({ unit: fc.constantFrom(...'abcé😀'), minLength: 1, maxLength: 8 })
  const files = fc.uniqueArray(fc.tuple(name, fc.uint8Array(), fc.boolean()), { selector: ([file]) => file })
  await fc.assert(
    fc.asyncProperty(files, async (all) => {
      const digest = await open().take((pack) => {
        for (const [file, body, runs] of all) pack.add(file, runs ? 0o755 : 0o644, body)
      })
      const stored = open().open(digest)
      expect(stored.files.map((file) => [file.path, file.mode])).toEqual(
        all.map(([file, , runs]) => [file, runs ? 0o755 : 0o644]),
      )
      for (const [file, body] of all) expect(Buffer.from(stored.read(file)).equals(body)).toBe(true)
    }),
    { numRuns: 30 },
  )
})

/** Takes in the same forty artifacts, of which some are larger than what is written at once. */
const writer = `
  import { nodeDisk } from '../../src/io/disk.js'
  import { openStore } from '../../src/state/store.js'
  const store = openStore(nodeDisk(), process.argv[2], process.pid)
  console.log('started')
  for (let i = 0; i < 40; i += 1)
    await store.take((pack) => {
      for (let part = 0; part < 1 + (i % 3); part += 1) pack.add(String(part), 0o644, Buffer.alloc(600_000, i + part))
    })
`

function run(program: string, root: string, kill: boolean): Promise<number | null> {
  const child = spawn(process.execPath, [program, root], { stdio: ['ignore', 'pipe', 'inherit'] })
  if (kill) child.stdout.once('data', () => child.kill('SIGKILL'))
  return new Promise((done) => child.on('close', done))
}

function flipped(all: Buffer): Buffer {
  all.writeUInt8(all.readUInt8(1) ^ 1, 1)
  return all
}

/** A sound pack that claims to be another artifact. */
function relabelled(sha256: string, label: Digest): string {
  const listing = `haal-pack 1 ${label}\n${sha256} 644 1 evil\n`
  return `x${listing}${sha256Hex(listing)} ${String(listing.length).padStart(14, '0')}\n`
}
