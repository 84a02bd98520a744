import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Engine, RawObject } from '../../src/transport/git/engine.js'
import { openObjects } from '../../src/transport/git/objects.js'

const text = (written: string) => Buffer.from(written, 'latin1')
const idOf = (type: string, bytes: Uint8Array) =>
  createHash('sha1').update(`${type} ${bytes.length}\0`).update(bytes).digest('hex')
const object = (type: string, bytes: Uint8Array): [string, RawObject] => [
  idOf(type, bytes),
  { type, size: bytes.length, bytes },
]
const file = object('blob', text('hi'))
const entry = (mode: string, name: string, id = file[0]) =>
  Buffer.concat([text(`${mode} ${name}\0`), Buffer.from(id, 'hex')])
const folder = object('tree', entry('100644', 'a.md'))
const commit = object('commit', text(`tree ${folder[0]}\ncommitter A <a@b> 1735700400 +0000\n\nfirst\n`))

/** A store with these objects in it, over a server with those; how often it was forgotten and asked. */
function stored(here: Iterable<[string, RawObject]>, there: Iterable<[string, RawObject]> = [], mayDrop = true) {
  const [store, server] = [new Map(here), new Map(there)]
  const told = { dropped: 0, asked: [] as string[] }
  const fetch = (ids: readonly string[]) => {
    told.asked.push(...ids)
    for (const [id, one] of server) store.set(id, one)
  }
  const engine: Engine = {
    refs: async () => new Map(),
    fetchCommit: async (id) => fetch([id]),
    fetchBlobs: async (ids) => fetch(ids),
    local: async (ids) => ids.map((id) => store.get(id)),
    log: async () => [],
    drop: () => {
      if (mayDrop) store.clear()
      told.dropped += 1
      return mayDrop
    },
  }
  return { told, objects: (id = commit[0]) => openObjects(engine, { commit: id, registry: 'corp' }) }
}

const other = (id: string, type = 'blob'): [string, RawObject] => [id, { type, size: 5, bytes: text('other') }]

describe('[S8] what a git store holds', () => {
  test('is read from the commit down; what is not here is fetched, once', async () => {
    const { told, objects } = stored([], [commit, folder, file])
    const { tree, committed } = await objects().commit()
    expect([tree, committed]).toEqual([folder[0], new Date(1_735_700_400_000)])
    expect((await objects().tree([tree])).get(tree)).toEqual([{ mode: 0o100644, name: 'a.md', id: file[0] }])
    expect(told).toEqual({ dropped: 0, asked: [commit[0]] })
  })

  test('[A40] is forgotten and fetched again where it is not what its id says', async () => {
    const { told, objects } = stored([other(file[0])], [file])
    const found = new Map<string, RawObject>()
    await objects().blobs([file[0], file[0]], found)
    expect(found.get(file[0])?.bytes).toEqual(text('hi'))
    expect(told).toEqual({ dropped: 1, asked: [file[0]] })
  })

  test.each([
    ['cannot be forgotten', false, 1],
    ['comes again and again', true, 3],
  ])('[A40] is an error where what is damaged %s', async (_how, mayDrop, dropped) => {
    const { told, objects } = stored([other(file[0])], [other(file[0])], mayDrop)
    await expect(objects().blobs([file[0]], new Map())).rejects.toMatchObject({ code: 'E_CACHE' })
    expect(told.dropped).toBe(dropped)
  })

  test('[A40] is believed by its digest, also where git gives that with its head', async () => {
    const bytes = text('hi')
    const framed = (as: string): RawObject => ({ type: 'blob', size: 2, bytes, framed: text(as) })
    const sound = stored([[file[0], framed('blob 2\0hi')]])
    await expect(sound.objects().blobs([file[0]], new Map())).resolves.toBeUndefined()
    const damaged = stored([[file[0], framed('blob 2\0ho')]], [], false)
    await expect(damaged.objects().blobs([file[0]], new Map())).rejects.toMatchObject({ code: 'E_CACHE' })
  })

  test.each([
    ['a file', file],
    ['a folder', folder],
    ['a commit without a folder', object('commit', text('parent x\n\ntree 5f3c\n'))],
  ])('[O19] has no commit where its id is that of %s', async (_what, one) => {
    await expect(stored([one]).objects(one[0]).commit()).rejects.toMatchObject({ code: 'E_REF' })
  })

  test('is of any age that can be written down', async () => {
    const at = (line: string) => object('commit', text(`tree ${folder[0]}\n${line}\n\n`))
    const dateOf = async (line: string) => {
      const one = at(line)
      return (await stored([one]).objects(one[0]).commit()).committed.toISOString()
    }
    expect(await dateOf('author A <a@b> 1 +0000')).toBe('1970-01-01T00:00:00.000Z')
    expect(await dateOf(`committer A <a@b> ${'9'.repeat(20)} +0000`)).toBe('9999-12-31T23:59:59.000Z')
  })
})

describe('a folder of a git store', () => {
  const listed = async (bytes: Uint8Array, type = 'tree') => {
    const one = object(type, bytes)
    return (await stored([one]).objects().tree([one[0]])).get(one[0])
  }

  test.each([
    ['nothing but a mode', text('100644')],
    ['no mode', entry('', 'a')],
    ['a mode that is none', entry('10064x', 'a')],
    ['a mode that is too long', entry('10064444', 'a')],
    ['half an id', entry('100644', 'a').subarray(0, 20)],
    ['a name without an end', text('100644 a')],
    ['a name as long as an entry without an end', text('100644 aaaaaaaaaaaaa100644 bbbbbbbbbbbbbbbbbbbbbbbb')],
    ['something behind its last entry', Buffer.concat([entry('100644', 'a'), text('x')])],
  ])('[S1 S8] that holds %s is refused', async (_what, bytes) => {
    await expect(listed(bytes)).rejects.toMatchObject({ code: 'E_ARCHIVE' })
  })

  test.each(['', 'a/b', '/', '../a'])('[S1 S8] with the name %j is refused (hostile G01)', async (name) => {
    await expect(listed(entry('100644', name))).rejects.toMatchObject({ code: 'E_PATH_FORBIDDEN' })
  })

  test('[S1] that is none is refused', async () => {
    await expect(listed(text('hi'), 'blob')).rejects.toMatchObject({ code: 'E_ENTRY_TYPE' })
  })

  test('[S2] that is larger than haal reads is refused', async () => {
    const { objects } = stored([[folder[0], { type: 'tree', size: 2 ** 40 }]])
    await expect(objects().tree([folder[0]])).rejects.toMatchObject({ code: 'E_LIMIT_SIZE' })
  })

  test('[S1] keeps names apart that are no text, and passes none of them off as sound', async () => {
    const names = (await listed(Buffer.concat(['\xff', '\xfe', 'a\xff'].map((name) => entry('100644', name)))))?.map(
      ({ name }) => name,
    )
    expect(new Set(names).size).toBe(3)
    expect(names?.map((name) => /\p{Surrogate}/u.test(name))).toEqual([true, true, true])
    expect(names?.[2]?.[0]).toBe('a')
  })
})
