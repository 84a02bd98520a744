import fs from 'node:fs'
import { expect, test } from 'vitest'
import type { Reply, Route } from '../world/http-server.js'
import { integrityOf, registryJson, skill, sri, type World, world } from '../world/index.js'
import { configure } from './ground.js'

const installed = '.haal/skills/review/SKILL.md'
const entry = (more: Record<string, unknown> = {}) => ({
  id: 'review',
  name: 'review',
  kind: 'skill',
  version: '1.0.0',
  path: 'review',
  archive: 'review.tgz',
  ...more,
})

const unavailable: Route = { status: 503, headers: { 'retry-after': '0' } }
const anyKey = 'MCowBQYDK2VwAyEAqmGTztoJrvUD4CHgtY/EEFjEig8FQE/mOudPCq9ZuJY='

/** A web registry whose index is sound, and whose archive answers so. */
async function registry(at: World, archive: Route, more: Record<string, unknown> = {}) {
  const web = await at.http({ '/review.tgz': archive })
  web.routes['/registry.json'] = JSON.stringify(registryJson([entry(more)]))
  await configure(at.project, {
    registries: [{ name: 'web', type: 'url', location: web.origin }],
    artifacts: { 'skill/review': '*' },
  })
  return web
}

async function packed(at: World, body = 'How to review.'): Promise<Buffer> {
  return fs.readFileSync(await at.archive(`a${Math.random()}`, { 'SKILL.md': skill('review', body) }))
}

const rows: Readonly<Record<string, { reply(bytes: Buffer): Reply; code: RegExp }>> = {
  'is cut in the middle': { reply: (body) => ({ body, cut: 40 }), code: /E_HTTP_TRUNCATED/ },
  'is cut at once': { reply: (body) => ({ body, cut: 0 }), code: /E_HTTP_TRUNCATED/ },
  'is cut without a length': { reply: (body) => ({ body, cut: 40, length: false }), code: /E_HTTP_TRUNCATED/ },
  'is shorter than its length says': { reply: (body) => ({ body, length: body.length + 9 }), code: /E_HTTP_TRUNCATED/ },
  'is longer than its length says': { reply: (body) => ({ body, length: 50 }), code: /E_HTTP_TRUNCATED|E_ARCHIVE/ },
  'is half an archive, and says so': { reply: (body) => ({ body: body.subarray(0, 60) }), code: /E_ARCHIVE/ },
  'is a page': { reply: () => ({ body: '<!DOCTYPE html><title>Sign in</title>' }), code: /E_ARCHIVE/ },
  'is empty': { reply: () => ({ body: '' }), code: /E_ARCHIVE/ },
  'is not there': { reply: () => ({ status: 404 }), code: /E_ACCESS|E_ENTRY_MISSING/ },
  'is refused': { reply: () => ({ status: 403 }), code: /E_ACCESS/ },
  'never ends': { reply: () => ({ body: Buffer.alloc(65_536, 1), endless: true }), code: /E_LIMIT_SIZE|E_ARCHIVE/ },
  'has 3 000 headers': {
    reply: (body) => ({ body, headers: Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`x-${i}`, 'x'])) }),
    code: /E_LIMIT_SIZE/,
  },
}

test('[S2 S3] H04 H06 whatever is wrong with an archive on its way, nothing is installed and nothing is kept', async () => {
  const broken = async ([how, { reply, code }]: [string, (typeof rows)[string]]) => {
    const at = await world()
    await registry(at, reply(await packed(at)))
    const done = await at.haal('install').outcome()
    expect(done.stderr, how).toMatch(code)
    expect(done.stderr, how).toMatch(/^error: (registry "web"|web:|web lists)/m)
    expect([3, 6, 7], how).toContain(done.exit)
    await at.project.lacks('.haal', 'haal.lock')
    expect(Object.keys(at.store.tree('store')), how).toEqual([])
    expect(
      Object.keys(at.store.tree('cache/packs')).filter((file) => file.includes('/')).length,
      how,
    ).toBeLessThanOrEqual(1)
  }
  await Promise.all(Object.entries(rows).map(broken))
})

test('[O22 U3] --allow-missing is offered for a secondary that is cut short, and not for one that redirects elsewhere', async () => {
  const at = await world()
  const web = await registry(at, await packed(at))
  const body = JSON.stringify(registryJson([entry()]))
  const second = await at.http({ '/registry.json': { body, cut: 20 } })
  const registries = [
    { name: 'web', type: 'url', location: web.origin },
    { name: 'second', type: 'url', location: second.origin },
  ]
  await configure(at.project, { registries })
  const { stderr } = await at.haal('install other').fails('E_HTTP_TRUNCATED', 7)
  expect(stderr).toMatch(/or leave it out with --allow-missing/)
  await at.haal('install other --allow-missing').fails('E_NOT_FOUND', 3)
  second.routes['/registry.json'] = { status: 302, headers: { location: 'http://example.test/' } }
  const redirected = await at.haal('install other').fails('E_REDIRECT', 7)
  expect(redirected.stderr).not.toMatch(/--allow-missing/)
  await at.haal('install other --allow-missing').fails('E_REDIRECT', 7)
})

test('H04 an answer that is cut is asked for again, and then it is well', async () => {
  const at = await world()
  const body = await packed(at)
  const web = await registry(at, [{ body, cut: 40 }, { body }])
  await at.haal('install').succeeds()
  expect(web.paths().filter((path) => path === '/review.tgz')).toHaveLength(2)
})

test('a drip that keeps coming is no failure', async () => {
  const at = await world()
  await registry(at, { body: await packed(at), drip: { bytes: 40, every: 5 } })
  await at.haal('install').succeeds()
})

test('[S3] bytes that change between index and archive are refused', async () => {
  const at = await world()
  const [first, second] = [await packed(at, 'first'), await packed(at, 'second')]
  const web = await registry(at, second, { archiveIntegrity: sri(first) })
  await at.haal('install').fails('E_INTEGRITY', 6)
  web.routes['/review.tgz'] = { body: second }
  web.routes['/registry.json'] = JSON.stringify(
    registryJson([entry({ integrity: integrityOf({ 'SKILL.md': skill('review', 'first') }) })]),
  )
  await at.haal('install --refresh').fails('E_INTEGRITY', 6)
  web.routes['/review.tgz'] = { body: first }
  await at.haal('install --refresh').succeeds()
})

test('[O27] a locked artifact whose archive changes afterwards is not taken, frozen or not', async () => {
  const at = await world()
  const web = await registry(at, await packed(at, 'first'))
  await at.haal('install').succeeds()
  await at.project.has({ [installed]: /first/ })
  web.routes['/review.tgz'] = { body: await packed(at, 'second') }
  await at.project.remove('.haal')
  await at.store.write({ store: null, cache: null })
  for (const line of ['install --frozen', 'install', 'install --force']) await at.haal(line).fails('E_INTEGRITY', 6)
  await at.haal('update review').succeeds()
  await at.project.has({ [installed]: /second/ })
})

test.each([[{}], [{ cacheDuration: 3_600_000 }]])(
  '[S3] wrong bytes stay found where the index cannot be asked again (%j)',
  async (more) => {
    const at = await world()
    const first = await packed(at, 'first')
    const web = await registry(at, first, { archiveIntegrity: sri(first) })
    await configure(at.project, { registries: [{ name: 'web', type: 'url', location: web.origin, ...more }] })
    await at.haal('install').succeeds()
    web.routes['/review.tgz'] = { body: await packed(at, 'second') }
    web.routes['/registry.json'] = unavailable
    await at.project.remove('.haal', 'haal.lock')
    await at.store.remove('store', 'cache/packs')
    const { stderr } = await at.haal('install').fails('E_INTEGRITY', 6)
    expect(stderr).toContain('review.tgz')
  },
)

test('[S7] H01 a redirect to an origin that policy does not list is not followed', async () => {
  const at = await world()
  const other = await at.http({ '/review.tgz': await packed(at) })
  const web = await registry(at, { status: 302, headers: { location: `${other.origin}/review.tgz` } })
  await at.store.write({ 'policy.json': { policyVersion: 1, registries: { allow: [{ origin: web.origin }] } } })
  await at.haal('install').fails('E_POLICY_REGISTRY', 5)
  expect(other.requests).toEqual([])
  const allow = [{ origin: web.origin }, { origin: other.origin }]
  await at.store.write({ 'policy.json': { policyVersion: 1, registries: { allow } } })
  await at.haal('install').succeeds()
})

test('[S3] six redirects are one too many', async () => {
  const at = await world()
  const body = await packed(at)
  const hop = (n: number): Route => ({ status: 302, headers: { location: `/${n}` } })
  const web = await registry(at, hop(1))
  Object.assign(web.routes, { '/1': hop(2), '/2': hop(3), '/3': hop(4), '/4': hop(5), '/5': { body } })
  await at.haal('install').succeeds()
  await at.project.write({ '.haal': null, 'haal.lock': null })
  await at.store.write({ store: null, cache: null })
  Object.assign(web.routes, { '/5': hop(6), '/6': { body } })
  await at.haal('install').fails('E_REDIRECT', 7)
})

test('[P4] a policy of the primary registry that is no text stops the command as a policy', async () => {
  const at = await world()
  const web = await registry(at, await packed(at))
  web.routes['/policy.json'] = Buffer.from([0xff, 0xfe, 0x7b])
  await at.haal('install').fails('E_POLICY_LOAD', 5)
})

test.each<[string, Route]>([
  ['answers 503', unavailable],
  ['may not be read', { status: 403 }],
  ['is cut short', { body: '{"policyVersion":1}', cut: 4 }],
  ['is elsewhere', { status: 302, headers: { location: 'http://example.test/policy.json' } }],
])('[P4] a policy that %s stops the command as a policy, whatever else fails beside it', async (_how, reply) => {
  const at = await world()
  const web = await registry(at, await packed(at))
  const install = async (more: Record<string, unknown>) => {
    await configure(at.project, { registries: [{ name: 'web', type: 'url', location: web.origin, ...more }] })
    return at.haal('install --refresh')
  }
  web.routes['/policy.json'] = reply
  await (await install({})).fails('E_POLICY_LOAD', 5)
  web.routes['/registries.json'] = reply
  await (await install({ signature: { keys: [anyKey] } })).fails('E_POLICY_LOAD', 5)
  await (await install({ checksum: `sha256-${'A'.repeat(43)}=` })).fails('E_CHECKSUM', 6)
  web.routes['/registry.json'] = unavailable
  await (await install({})).fails('E_REGISTRY_UNAVAILABLE', 7)
})

test('[P4] a policy whose signature is kept back cannot be verified', async () => {
  const at = await world()
  const web = await registry(at, await packed(at))
  web.routes['/policy.json'] = '{"policyVersion":1}'
  web.routes['/policy.json.sigstore.json'] = unavailable
  await at.haal('install').fails('E_POLICY_LOAD', 5)
})

test('[S5] R10 an index with keys that are never safe, or twice, is refused with its place', async () => {
  const at = await world()
  const web = await registry(at, await packed(at))
  const texts = [
    '{"extensions":{"curated":[],"curated":[]}}',
    '{"extensions":{"__proto__":{"polluted":true}}}',
    '{"extensions":{"curated":[{"id":"a","name":"a","version":"1.0.0","path":"a","constructor":{}}]}}',
  ]
  for (const text of texts) {
    web.routes['/registry.json'] = text
    const { stderr } = await at.haal('install --refresh').fails('E_JSON_KEY', 6)
    expect(stderr).toMatch(/web: registry\.json:1:\d+/)
  }
  web.routes['/registry.json'] = `${'['.repeat(100)}${']'.repeat(100)}`
  await at.haal('install --refresh').fails('E_LIMIT_DEPTH', 6)
  const versions = { '99999999999999999999.0.0': { archive: 'review.tgz' } }
  web.routes['/registry.json'] = JSON.stringify(registryJson([entry({ versions })]))
  await at.haal('install --refresh').fails('E_VERSION', 2)
})

test('R12 an entry whose manifest is another artifact’s is refused', async () => {
  const at = await world()
  const manifest = { id: 'com.acme.other', name: 'other', version: '1.0.0' }
  const file = fs.readFileSync(await at.archive('other', { 'manifest.json': manifest }))
  const web = await at.http({ '/calc.tgz': file })
  const tool = { id: 'com.acme.calc', name: 'calc', version: '1.0.0', path: 'curated/calc', archive: 'calc.tgz' }
  web.routes['/registry.json'] = JSON.stringify(registryJson([tool]))
  await configure(at.project, {
    registries: [{ name: 'web', type: 'url', location: web.origin }],
    artifacts: { 'tool/com.acme.calc': '*' },
  })
  await at.haal('install').fails('E_IDENTITY', 6)
})
