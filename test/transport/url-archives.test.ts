import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { sri } from '../../e2e/world/integrity.js'
import type { Event } from '../../src/model/events.js'
import { url } from '../../src/transport/url.js'
import { filesBelow } from './reach.js'
import { index, openNow, registryAt, tgz } from './web-registry.js'

const hour = 3_600_000

describe('archives', () => {
  const files = { 'manifest.json': '{"kind":"tool"}', 'src/index.js': 'export {}\n' }
  const at = (address: string) => ({ via: 'url' as const, url: address })

  test('[A14] the files of an archive are the tree; its digest is the revision', async () => {
    const bytes = tgz(files)
    const { server, reach } = await registryAt({ 'curated/tool.tgz': bytes })
    const tree = await openNow(at(`${server.origin}/ai/curated/tool.tgz`), reach)
    expect(tree.revision.id).toBe(sri(bytes))
    expect((await tree.list('')).map(({ path }) => path)).toEqual(['manifest.json', 'src/index.js'])
    expect(Buffer.from(await tree.read('src/index.js')).toString()).toBe('export {}\n')
    expect(server.requests).toHaveLength(1)
  })

  test('[U2] what is fetched and asked is told while it lasts, with how far it is', async () => {
    const bytes = tgz(files)
    const { server, reach } = await registryAt({ 'curated/tool.tgz': bytes, 'registry.json': JSON.stringify(index) })
    const events: Event[] = []
    const watched = { ...reach, emit: (event: Event) => void events.push(event) }
    const key = `${server.origin}/ai/curated/tool.tgz`
    await openNow(at(key), watched)
    expect(events[0]).toEqual({ type: 'start', what: 'fetching tool.tgz', key })
    expect(events.at(-2)).toEqual({ type: 'progress', key, done: bytes.length, total: bytes.length, unit: 'bytes' })
    expect(events.at(-1)).toEqual({ type: 'end', key })
    events.length = 0
    await openNow(at(`${server.origin}/ai`), watched)
    const asked = `${server.origin}/ai/registry.json`
    expect(events).toEqual([
      { type: 'start', what: 'asking corp', key: asked },
      { type: 'end', key: asked },
    ])
  })

  test('one top folder that holds everything is the root; a folder of a kind is not', async () => {
    const { server, reach } = await registryAt({
      'a.tgz': tgz({ 'package/manifest.json': '{}', 'package/x/y': '' }),
      'b.tgz': tgz({ 'skills/review/SKILL.md': '# x' }),
      'c.tgz': tgz({ '.haal/skills/review/SKILL.md': '# x' }),
    })
    const paths = async (name: string) =>
      (await (await openNow(at(`${server.origin}/ai/${name}`), reach)).list('')).map(({ path }) => path)
    expect(await paths('a.tgz')).toEqual(['manifest.json', 'x/y'])
    expect(await paths('b.tgz')).toEqual(['skills/review/SKILL.md'])
    expect(await paths('c.tgz')).toEqual(['.haal/skills/review/SKILL.md'])
  })

  test.each(['sha256', 'sha384', 'sha512'])(
    'archiveIntegrity (%s) is the revision, and is checked',
    async (algorithm) => {
      const bytes = tgz(files)
      const { server, reach } = await registryAt({ 'tool.tgz': bytes })
      const place = at(`${server.origin}/ai/tool.tgz`)
      const pinned = await url.pin(place, sri(bytes, algorithm), reach)
      expect(pinned.id).toBe(sri(bytes, algorithm))
      expect(server.requests).toEqual([])
      expect(await (await url.open({ at: place, id: pinned.id }, reach)).list('')).toHaveLength(2)
      const other = await url.pin(place, sri('other', algorithm), reach)
      await expect(url.open({ at: place, id: other.id }, reach)).rejects.toMatchObject({
        code: 'E_INTEGRITY',
        exit: 6,
        details: { expected: sri('other', algorithm), actual: sri(bytes, algorithm) },
      })
    },
  )

  test.each(['md5-x', 'sha256-', 'sha512-AAAA', '\u001b[2J'])('archiveIntegrity %j is told as such', async (digest) => {
    const { server, reach } = await registryAt({ 'tool.tgz': tgz(files) })
    await expect(url.pin(at(`${server.origin}/ai/tool.tgz`), digest, reach)).rejects.toMatchObject({
      code: 'E_INDEX',
      message: expect.stringContaining(
        `for tool.tgz the archiveIntegrity ${JSON.stringify(digest)}, which is no digest`,
      ),
    })
    expect(server.requests).toEqual([])
  })

  test.each([
    ['tar', tgz(files, { gzip: false })],
    ['tgz', tgz(files)],
  ])('bytes behind the end of the archive belong to its digest: .%s', async (ending, archive) => {
    const bytes = Buffer.concat([archive, Buffer.alloc(300_000, '\0more')])
    const { server, reach } = await registryAt({ [`tool.${ending}`]: bytes })
    const place = at(`${server.origin}/ai/tool.${ending}`)
    await expect(url.open({ at: place, id: sri(archive) }, reach)).rejects.toMatchObject({ code: 'E_INTEGRITY' })
    expect(await (await url.open({ at: place, id: sri(bytes) }, reach)).list('')).toHaveLength(2)
  })

  test('an archive is fetched once, and again when its address says it changed', async () => {
    const { server, reach, later } = await registryAt({ 'tool.tgz': { body: tgz(files), etag: true } })
    const place = at(`${server.origin}/ai/tool.tgz`)
    await openNow(place, reach)
    await openNow(place, later(hour))
    expect(server.requests.map(({ headers }) => 'if-none-match' in headers)).toEqual([false, true])
    server.routes['/ai/tool.tgz'] = tgz({ 'manifest.json': 'new' })
    const tree = await openNow(place, later(2 * hour))
    expect(Buffer.from(await tree.read('manifest.json')).toString()).toBe('new')
  })

  test('an archive that comes again as it was leaves nothing beside it in the cache', async () => {
    const { server, reach, later } = await registryAt({ 'tool.tgz': tgz(files) })
    const place = at(`${server.origin}/ai/tool.tgz`)
    const kept = () => filesBelow(path.dirname(reach.home)).length
    await openNow(place, reach)
    const before = kept()
    await openNow(place, later(hour))
    expect([server.requests.length, kept()]).toEqual([2, before])
  })

  test('[A40] an archive whose copy in the cache is damaged while it is read is fetched again (hostile F11)', async () => {
    const large = { ...files, 'large.bin': randomBytes(1024 * 1024).toString('base64') }
    const { server, reach } = await registryAt({ 'tool.tgz': tgz(large) })
    const tree = await openNow(at(`${server.origin}/ai/tool.tgz`), reach)
    for (const file of filesBelow(path.dirname(reach.home)).filter((each) =>
      each.includes(`${path.sep}packs${path.sep}`),
    ))
      fs.writeFileSync(file, 'damaged')
    expect(Buffer.from(await tree.read('src/index.js')).toString()).toBe('export {}\n')
    expect(server.requests).toHaveLength(2)
  })

  test('[A14] an archive that its server calls gzip-encoded is the file itself', async () => {
    const bytes = tgz(files)
    const headers = { 'content-encoding': 'gzip' }
    const { server, reach } = await registryAt({ 'tool.tgz': { body: bytes, headers } })
    expect((await openNow(at(`${server.origin}/ai/tool.tgz`), reach)).revision.id).toBe(sri(bytes))
    expect(server.requests[0]?.headers['accept-encoding']).toBe('identity')
  })

  test('[S2] an archive that is announced larger than any may be is refused before it is read', async () => {
    const { server, reach } = await registryAt({ 'tool.tgz': { body: 'x', length: 64 * 1024 * 1024 + 1 } })
    await expect(openNow(at(`${server.origin}/ai/tool.tgz`), reach)).rejects.toMatchObject({ code: 'E_LIMIT_SIZE' })
  })

  test('[S2] H04 an archive that is cut is fetched again, and nothing of it stays', async () => {
    const bytes = tgz({ ...files, big: 'x'.repeat(100_000) }, { gzip: 0 })
    const { server, reach } = await registryAt({ 'tool.tgz': [{ body: bytes, cut: 5000 }, { body: bytes }] })
    const tree = await openNow(at(`${server.origin}/ai/tool.tgz`), reach)
    expect(await tree.list('')).toHaveLength(3)
    expect(server.requests).toHaveLength(2)
  })

  test.each<[string, Buffer | string, string]>([
    ['cut inside', tgz(files, { cut: 700 }), 'E_ARCHIVE_TRUNCATED'],
    ['a page', '<!doctype html>', 'E_ARCHIVE'],
    ['a path that leaves it', tgz({ '../evil': 'x' }), 'E_PATH_ESCAPE'],
    ['a bomb', tgz({ zeros: '\0'.repeat(20_000_000) }), 'E_LIMIT_RATIO'],
  ])('[S1] [S2] %s is refused, and the cache has nothing of it', async (_what, body, code) => {
    const { server, reach } = await registryAt({ 'tool.tgz': body })
    const place = at(`${server.origin}/ai/tool.tgz`)
    await expect(openNow(place, reach)).rejects.toMatchObject({ code })
    await expect(url.open({ at: place, id: sri(body) }, { ...reach, offline: true })).rejects.toMatchObject({
      code: 'E_OFFLINE',
    })
    const cache = path.dirname(path.dirname(reach.cache.folder('x')))
    const left = fs.readdirSync(cache, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    expect(left.map(({ name }) => name)).toEqual([])
  })

  test.each(['', 'main', 'sha512-short'])(
    '[S4] a locked revision %j, which is no digest, is refused before any request',
    async (id) => {
      const { server, reach } = await registryAt({ 'tool.tgz': tgz(files) })
      const opened = url.open({ at: at(`${server.origin}/ai/tool.tgz`), id }, reach)
      await expect(opened).rejects.toMatchObject({ code: 'E_REF' })
      expect(server.requests).toEqual([])
    },
  )

  test('[A14] a whole registry may be one archive, with every layout it has', async () => {
    const { server, reach } = await registryAt({
      'all.tgz': tgz({ 'all/registry.json': '{}', 'all/skills/a/SKILL.md': '# a' }),
    })
    const tree = await openNow(at(`${server.origin}/ai/all.tgz`), reach)
    expect((await tree.children('')).map(({ path }) => path)).toEqual(['registry.json', 'skills'])
  })

  test.each([401, 403, 404, 410])('[S3] %i for an archive is no access, never "no such artifact"', async (status) => {
    const { server, reach } = await registryAt({ '*': { status } })
    await expect(openNow(at(`${server.origin}/ai/tool.tgz`), reach)).rejects.toMatchObject({ code: 'E_ACCESS' })
  })

  test('a ref that is no digest is refused', async () => {
    const { server, reach } = await registryAt({})
    const own = at(`${server.origin}/ai/tool.tgz`)
    const named = { ...reach, registry: { ...reach.registry, at: own } }
    await expect(url.pin(own, 'main', named)).rejects.toMatchObject({ code: 'E_REF' })
    expect(server.requests).toEqual([])
  })
})
