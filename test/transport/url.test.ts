import { describe, expect, test } from 'vitest'
import type { Routes } from '../../e2e/world/http-server.js'
import { sri } from '../../e2e/world/integrity.js'
import { url } from '../../src/transport/url.js'
import { bench } from './reach.js'
import { index, openNow, registryAt } from './web-registry.js'

const hour = 3_600_000

describe('an index', () => {
  test('[A14] is fetched from <base>/registry.json; the revision is its digest', async () => {
    const body = JSON.stringify(index)
    const { at, reach, server } = await registryAt({ 'registry.json': body })
    const tree = await openNow(at, reach)
    expect(tree.revision).toEqual({ at, id: sri(body) })
    expect(Buffer.from(await tree.read('registry.json')).toString()).toBe(body)
    expect(server.paths()).toEqual(['/ai/registry.json'])
  })

  test('[A14 U8] a byte order mark before it is passed over, and its bytes are what they are', async () => {
    const body = `\ufeff${JSON.stringify(index)}`
    const { at, reach } = await registryAt({ 'registry.json': body })
    const tree = await openNow(at, reach)
    expect(tree.revision).toEqual({ at, id: sri(body) })
  })

  test('[A14] the address may name the index itself, and end with a slash', async () => {
    const { at, reach, server } = await registryAt({ 'registry.json': JSON.stringify(index) })
    await url.pin({ ...at, url: `${at.url}/registry.json` }, undefined, reach)
    await url.pin({ ...at, url: `${at.url}/` }, undefined, reach)
    expect(new Set(server.paths())).toEqual(new Set(['/ai/registry.json']))
  })

  test('a marketplace is an index where there is no registry.json', async () => {
    const { at, reach } = await registryAt({ '.claude-plugin/marketplace.json': '{"name":"m","plugins":[]}' })
    const tree = await openNow(at, reach)
    expect((await tree.children('')).map(({ path }) => path)).toEqual(['.claude-plugin'])
    expect((await tree.children('.claude-plugin')).map(({ path }) => path)).toEqual(['.claude-plugin/marketplace.json'])
  })

  test('files that haal knows beside the index are there when they are there', async () => {
    const { at, reach } = await registryAt({
      'registry.json': JSON.stringify(index),
      'registries.json': '[]',
      '*': { status: 404 },
    })
    const tree = await openNow(at, reach)
    expect((await tree.children('')).map(({ path }) => path)).toEqual(['registries.json', 'registry.json'])
    expect(Buffer.from(await tree.read('registries.json')).toString()).toBe('[]')
    await expect(tree.read('policy.json')).rejects.toMatchObject({ code: 'E_ENTRY_MISSING' })
    await expect(tree.read('secrets.txt')).rejects.toMatchObject({ code: 'E_ENTRY_MISSING' })
    expect(await tree.children('curated')).toEqual([])
  })

  test('a bucket answers 403 for what is not there; a policy that may not be read is not taken for none', async () => {
    const { at, reach } = await registryAt({
      'registry.json': JSON.stringify(index),
      'policy.json': { status: 404 },
      '*': { status: 403 },
    })
    expect((await (await openNow(at, reach)).children('')).map(({ path }) => path)).toEqual(['registry.json'])
    const closed = await registryAt({ 'registry.json': JSON.stringify(index), '*': { status: 403 } })
    const tree = await openNow(closed.at, closed.reach)
    await expect(tree.children('')).rejects.toMatchObject({ code: 'E_ACCESS' })
  })

  test('a server that answers every address with its page has no files beside the index', async () => {
    const page = { body: '<!doctype html><title>App</title>', headers: { 'content-type': 'text/html' } }
    const { at, reach } = await registryAt({
      'registry.json': JSON.stringify(index),
      'policy.json': { status: 404 },
      '*': page,
    })
    expect((await (await openNow(at, reach)).children('')).map(({ path }) => path)).toEqual(['registry.json'])
  })

  test('single files that an entry lists are fetched one by one', async () => {
    const entry = { path: 'curated/tool', files: ['manifest.json', { path: 'bin/run.sh', executable: true }] }
    const { at, reach, server } = await registryAt({
      'registry.json': JSON.stringify({ extensions: { curated: [entry] } }),
      'curated/tool/manifest.json': '{}',
      'curated/tool/bin/run.sh': '#!/bin/sh\n',
    })
    const tree = await openNow(at, reach)
    expect(await tree.list('curated/tool')).toEqual([
      { path: 'curated/tool/manifest.json', type: 'file', mode: 0o644, size: -1 },
      { path: 'curated/tool/bin/run.sh', type: 'file', mode: 0o755, size: -1 },
    ])
    expect(await tree.list('curated/tool/bin/run.sh')).toHaveLength(1)
    expect(Buffer.from(await tree.read('curated/tool/bin/run.sh')).toString()).toBe('#!/bin/sh\n')
    expect(server.paths()).toEqual(['/ai/registry.json', '/ai/curated/tool/bin/run.sh'])
  })

  test('single files are asked for by the names they have, whatever these mean in an address', async () => {
    const entry = { path: './curated/tool/', files: ['./a b#1?x%.md'] }
    const { at, reach } = await registryAt({
      'registry.json': JSON.stringify({ skills: { curated: [entry] } }),
      'curated/tool/a%20b%231%3Fx%25.md': 'odd',
      '*': { status: 404 },
    })
    const tree = await openNow(at, reach)
    expect((await tree.list('curated/tool')).map(({ path }) => path)).toEqual(['curated/tool/a b#1?x%.md'])
    expect(Buffer.from(await tree.read('curated/tool/a b#1?x%.md')).toString()).toBe('odd')
  })

  test.each(['extensions', 'skills', 'personas', 'categories', 'version', 'updated', 'plugins'])(
    '[A23] one that has nothing but %s is one',
    async (key) => {
      const { at, reach } = await registryAt({ 'registry.json': JSON.stringify({ [key]: {} }) })
      expect((await openNow(at, reach)).revision.at).toEqual(at)
    },
  )

  test('[S6] nothing is asked for that the index does not list, and nothing that lies too deep', async () => {
    const deep = 'd/'.repeat(70)
    const entry = { path: 'curated/tool', files: ['a.md', { path: 'run.sh', executable: 'yes' }, `${deep}x.md`] }
    const { at, reach, server } = await registryAt({
      'registry.json': JSON.stringify({ extensions: { curated: [entry] } }),
      '*': 'x',
    })
    const tree = await openNow(at, reach)
    expect((await tree.list('curated/tool')).map(({ path, mode }) => [path, mode])).toEqual([
      ['curated/tool/a.md', 0o644],
      ['curated/tool/run.sh', 0o644],
    ])
    for (const path of ['curated/tool/secret', 'curated/tool', 'secret', `curated/tool/${deep}x.md`])
      await expect(tree.read(path)).rejects.toMatchObject({ code: 'E_ENTRY_MISSING' })
    expect(server.paths()).toEqual(['/ai/registry.json'])
  })

  test.each([
    [404, 'E_ENTRY_MISSING'],
    [410, 'E_ENTRY_MISSING'],
    [403, 'E_ACCESS'],
    [418, 'E_REGISTRY_UNAVAILABLE'],
  ])('[A22] a single file that answers %i is %s', async (status, code) => {
    const { at, reach } = await registryAt({
      'registry.json': JSON.stringify({ skills: { curated: [{ path: 'a', files: ['b.md'] }] } }),
      'a/b.md': { status },
    })
    await expect((await openNow(at, reach)).read('a/b.md')).rejects.toMatchObject({ code })
  })

  test('[S2] H06 an index, what lies beside it and a single file end, or are refused', async () => {
    const endless = { body: 'x'.repeat(65_536), endless: true }
    const listing = JSON.stringify({ skills: { curated: [{ path: 'a', files: ['b.md'] }] } })
    const { at, reach } = await registryAt({ 'registry.json': listing, 'policy.json': endless, 'a/b.md': endless })
    const tree = await openNow(at, reach)
    for (const file of ['policy.json', 'a/b.md'])
      await expect(tree.read(file)).rejects.toMatchObject({ code: 'E_LIMIT_SIZE' })
    const all = await registryAt({ '*': endless })
    await expect(url.pin(all.at, undefined, all.reach)).rejects.toMatchObject({ code: 'E_LIMIT_SIZE' })
  })

  test('[P4] a page in the place of a policy is not taken for none', async () => {
    const { at, reach } = await registryAt({ 'registry.json': JSON.stringify(index), '*': '<!doctype html>' })
    expect(Buffer.from(await (await openNow(at, reach)).read('policy.json')).toString()).toBe('<!doctype html>')
  })

  test('an index with a < in it is no page', async () => {
    const body = JSON.stringify({ ...index, updated: 'a <b> c' })
    const { at, reach } = await registryAt({ 'registry.json': body })
    expect((await url.pin(at, undefined, reach)).id).toBe(sri(body))
  })

  test('[O19] has no branches or tags', async () => {
    const { at, reach } = await registryAt({ 'registry.json': JSON.stringify(index) })
    const asked = { code: 'E_REF', hint: 'ask for no version, or for one that it has: a number or a range' }
    await expect(url.pin(at, 'latest', reach)).rejects.toMatchObject(asked)
    const configured = { ...reach, registry: { ...reach.registry, ref: 'main' } }
    const hint = expect.stringMatching(/^take the ref out of its configuration/)
    await expect(url.pin(at, 'main', configured)).rejects.toMatchObject({ code: 'E_REF', hint })
  })

  test('[O18 O19 U3] a repository without .git, or a folder, leads to the hint to call it git, or to pack it', async () => {
    const { at, reach } = await registryAt({ '*': { status: 404 } })
    const packed = { hint: expect.stringContaining('a folder without a registry.json is served as a .tgz of it') }
    await expect(url.pin(at, undefined, reach)).rejects.toMatchObject(packed)
    for (const ref of ['v1', undefined])
      await expect(
        url.pin(at, ref, { ...reach, registry: { ...reach.registry, ...(ref && { ref }) } }),
      ).rejects.toMatchObject({ hint: expect.stringContaining('"type": "git"') })
  })
})

/** Says that asking again soon is of no use. */
const later = { 'retry-after': '3600' }

describe('[S3] R04 what is no index is never "no such artifact"', () => {
  test.each<[string, Routes, string]>([
    ['500', { 'registry.json': { status: 500, headers: later } }, 'E_REGISTRY_UNAVAILABLE'],
    ['503', { 'registry.json': { status: 503, headers: later } }, 'E_REGISTRY_UNAVAILABLE'],
    ['401', { 'registry.json': { status: 401 } }, 'E_ACCESS'],
    ['403', { 'registry.json': { status: 403 } }, 'E_ACCESS'],
    ['404', {}, 'E_ACCESS'],
    [
      'a page',
      { 'registry.json': { body: '<!doctype html><h1>Sign in</h1>', headers: { 'content-type': 'text/html' } } },
      'E_REGISTRY_UNAVAILABLE',
    ],
    ['an empty object', { 'registry.json': '{}' }, 'E_REGISTRY_UNAVAILABLE'],
    ['an empty list', { 'registry.json': '[]' }, 'E_REGISTRY_UNAVAILABLE'],
    ['an error in JSON', { 'registry.json': '{"message":"Not Found"}' }, 'E_REGISTRY_UNAVAILABLE'],
    ['nothing', { 'registry.json': '' }, 'E_JSON'],
    ['broken JSON', { 'registry.json': '{"version":"1"' }, 'E_JSON'],
    ['a key twice', { 'registry.json': '{"version":"1","version":"2"}' }, 'E_JSON_KEY'],
    ['null', { 'registry.json': 'null' }, 'E_REGISTRY_UNAVAILABLE'],
    ['a list of what an index has', { 'registry.json': '["version"]' }, 'E_REGISTRY_UNAVAILABLE'],
    ['410', { '*': { status: 410 } }, 'E_ACCESS'],
    ['bytes that are no text', { 'registry.json': Buffer.from('{"version":"\xff"}', 'latin1') }, 'E_JSON'],
    ['304 to nothing', { 'registry.json': { status: 304 } }, 'E_REGISTRY_UNAVAILABLE'],
  ])('%s', async (_what, routes, code) => {
    const { at, reach } = await registryAt(routes)
    await expect(url.pin(at, undefined, reach)).rejects.toMatchObject({
      code,
      message: expect.stringContaining('corp'),
    })
  })

  test('[A23] broken JSON is an error with file and position', async () => {
    const { at, reach } = await registryAt({ 'registry.json': '{\n  "version": "1",\n  oops\n}' })
    await expect(url.pin(at, undefined, reach)).rejects.toMatchObject({
      code: 'E_JSON',
      message: expect.stringContaining('corp: registry.json:3:3'),
    })
  })
})

describe('the cache', () => {
  const routes = { 'registry.json': { body: JSON.stringify(index), etag: true } }

  test('[A35] a second command within the hour asks nothing, a later one asks whether anything changed', async () => {
    const { at, reach, later, server } = await registryAt(routes)
    const first = await openNow(at, reach)
    expect((await openNow(at, later(hour - 1))).revision).toEqual(first.revision)
    expect(server.requests).toHaveLength(1)
    expect((await openNow(at, later(hour))).revision).toEqual(first.revision)
    expect(server.requests).toHaveLength(2)
    expect(server.requests[1]?.headers['if-none-match']).toMatch(/^"\w+"$/)
  })

  test('[A35] so it is with what lies beside an index, and with the single files that it lists', async () => {
    const entry = { path: 'curated/tool', files: ['manifest.json'] }
    const { at, reach, later, server } = await registryAt({
      'registry.json': { body: JSON.stringify({ extensions: { curated: [entry] } }), etag: true },
      'registries.json': { body: '[]', etag: true },
      'curated/tool/manifest.json': { body: '{}', etag: true },
    })
    const readAll = async (by: typeof reach) => {
      const tree = await openNow(at, by)
      const bytes = await tree.read('curated/tool/manifest.json')
      return [(await tree.children('')).map(({ path }) => path), Buffer.from(bytes).toString()]
    }
    const all = [['registries.json', 'registry.json'], '{}']
    expect(await readAll(reach)).toEqual(all)
    const asked = server.paths()
    expect(await readAll(later(hour - 1))).toEqual(all)
    expect(server.paths()).toEqual(asked)
    server.forget()
    expect(await readAll(later(hour))).toEqual(all)
    expect(server.paths().sort()).toEqual(asked.sort())
    const known = server.requests.filter(({ headers }) => 'if-none-match' in headers).map(({ path }) => path)
    expect(known.sort()).toEqual(['/ai/curated/tool/manifest.json', '/ai/registries.json', '/ai/registry.json'])
  })

  test('[A35] Last-Modified does the same', async () => {
    const modified = 'Fri, 02 Jan 2026 00:00:00 GMT'
    const { at, reach, later, server } = await registryAt({
      'registry.json': ({ headers }: { headers: Record<string, string> }) =>
        headers['if-modified-since'] === modified
          ? { status: 304 }
          : { body: JSON.stringify(index), headers: { 'last-modified': modified } },
    })
    await openNow(at, reach)
    await openNow(at, later(hour))
    expect(server.requests[1]?.headers['if-modified-since']).toBe(modified)
  })

  test('[A35] a Last-Modified of the second in which it was sent does not: more may have changed in that', async () => {
    const now = 'Fri, 02 Jan 2026 00:00:00 GMT'
    const headers = { 'last-modified': now, date: now }
    const { at, reach, later, server } = await registryAt({ 'registry.json': { body: JSON.stringify(index), headers } })
    await openNow(at, reach)
    await openNow(at, later(hour))
    expect(server.requests[1]?.headers['if-modified-since']).toBeUndefined()
  })

  test('[A41] a server that is gone is answered for by the cache for a day, with one warning', async () => {
    const { at, reach, later, server, warnings } = await registryAt(routes)
    const first = await openNow(at, reach)
    await first.children('')
    await server.stop()
    const again = await openNow(at, later(23 * hour))
    await again.children('')
    expect(again.revision).toEqual(first.revision)
    expect(warnings()).toEqual(['W_STALE'])
    await expect(openNow(at, later(25 * hour))).rejects.toMatchObject({ code: 'E_REGISTRY_UNAVAILABLE' })
  })

  test('[A41] --offline asks nobody', async () => {
    const { at, reach, later, server } = await registryAt(routes)
    await expect(openNow(at, later(0, { offline: true }))).rejects.toMatchObject({ code: 'E_OFFLINE' })
    await openNow(at, reach)
    await openNow(at, later(hour * 2, { offline: true }))
    expect(server.requests).toHaveLength(1)
  })

  test('an index that has changed can still be opened at its old revision while the cache has it', async () => {
    const { at, reach, later, server } = await registryAt(routes)
    const before = await openNow(at, reach)
    server.routes['/ai/registry.json'] = JSON.stringify({ ...index, version: '2.0.0' })
    const after = await openNow(at, later(hour))
    expect(after.revision).not.toEqual(before.revision)
    const again = await url.open({ at, id: before.revision.id }, later(hour + 1))
    expect(Buffer.from(await again.read('registry.json')).toString()).toBe(JSON.stringify(index))
    const elsewhere = bench(at).reach
    await expect(url.open({ at, id: before.revision.id }, elsewhere)).rejects.toMatchObject({ code: 'E_REF' })
  })
})
