import path from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { create } from 'tar'
import { expect, test } from 'vitest'
import { unpack } from '../../src/io/archive.js'
import { nodeDisk } from '../../src/io/disk.js'
import { type Pack, temporaryFor, writePack } from '../../src/io/pack.js'
import { HaalError } from '../../src/model/errors.js'
import { folder } from '../transport/reach.js'
import { entry, type Made, pax, tar } from './tar-maker.js'

const disk = nodeDisk()

async function tree(bytes: Buffer, at: string): Promise<Pack | HaalError> {
  const pack = writePack(disk, temporaryFor(at))
  try {
    await unpack({ name: 'any.tgz', bytes: [bytes] }, pack)
    return pack.finish(at, 'label')
  } catch (e) {
    pack.abandon()
    if (e instanceof HaalError) return e
    throw e
  }
}

const segment = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
  fc.constantFrom('..', '.', 'con', '.git', 'a', 'A', 'C:', '\\', 'ä', 'a\u0308', ' ', 'x'.repeat(98)),
  fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 8 }),
)
const hostile = fc
  .array(segment, { minLength: 1, maxLength: 5 })
  .map((segments) => segments.join('/'))
  .filter((text) => text.isWellFormed())
const plain = fc.stringMatching(/^(\.\/)?[a-z]{1,8}\/[a-z]{1,8}\.md$/)
const filesOf = (name: fc.Arbitrary<string>) =>
  fc.uniqueArray(fc.record({ name, body: fc.uint8Array({ maxLength: 1200 }), mode: fc.constantFrom(0o644, 0o755) }), {
    selector: (file) => file.name,
    minLength: 1,
    maxLength: 6,
  })
const files = fc.oneof(filesOf(hostile), filesOf(plain))

test('[S1] an archive of any names is refused, or gives back the very files that went in', async () => {
  const at = path.join(folder(), 'p')
  let whole = 0
  await fc.assert(
    fc.asyncProperty(files, fc.boolean(), async (all, compressed) => {
      const made = all.flatMap((file): Made[] => [pax({ path: file.name }), { ...file, name: 'x' }])
      const bytes = tar(...made)
      const pack = await tree(compressed ? gzipSync(bytes) : bytes, at)
      if (pack instanceof HaalError) {
        expect(pack.exit).toBe(6)
        return
      }
      whole += 1
      const pathOf = (text: string) => text.replace(/^(\.\/)+/, '')
      const given = all.filter((file) => !file.name.endsWith('/'))
      expect(pack.files.map((file) => [file.path, file.mode])).toEqual(
        given.map((file) => [pathOf(file.name), file.mode]),
      )
      for (const file of given) expect(Buffer.from(pack.read(pathOf(file.name))).equals(file.body)).toBe(true)
    }),
    { numRuns: 200 },
  )
  expect(whole).toBeGreaterThan(50)
})

test('[S1] whatever a byte of an archive is changed to, the answer is files or a refusal', async () => {
  const at = path.join(folder(), 'p')
  const good = Buffer.concat([
    entry({ name: 'a', body: 'hello' }),
    tar(pax({ path: 'long/name' }), { name: 'b', body: 'x' }),
  ])
  await fc.assert(
    fc.asyncProperty(fc.nat(good.length - 1), fc.nat(255), async (where, value) => {
      const bytes = Buffer.from(good)
      bytes.writeUInt8(value, where)
      const pack = await tree(bytes, at)
      expect(pack instanceof HaalError ? pack.exit : 6).toBe(6)
    }),
    { numRuns: 300 },
  )
})

test('[A27] what the tar of npm packs from a folder arrives byte for byte', async () => {
  const root = folder()
  const safe = fc.string({ unit: fc.constantFrom(...'abcdeé😀_-'), minLength: 1, maxLength: 60 })
  const bodies = fc.uniqueArray(fc.tuple(safe, fc.uint8Array({ maxLength: 3000 })), {
    selector: ([file]) => file,
    minLength: 1,
    maxLength: 4,
  })
  let run = 0
  await fc.assert(
    fc.asyncProperty(bodies, async (all) => {
      run += 1
      const from = path.join(root, `${run}`)
      disk.mkdir(from)
      for (const [file, body] of all) disk.write(path.join(from, file), body)
      await create({ file: `${from}.tgz`, gzip: true, cwd: from }, ['.'])
      const pack = await tree(Buffer.from(disk.read(`${from}.tgz`)), `${from}.pack`)
      if (pack instanceof HaalError) throw pack
      expect(pack.files).toHaveLength(all.length)
      for (const [file, body] of all) expect(Buffer.from(pack.read(file)).equals(body)).toBe(true)
    }),
    { numRuns: 30 },
  )
})
