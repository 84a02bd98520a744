import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { needs, registryJson, skill, type World, world } from '../world/index.js'
import { configure, lockOf } from './ground.js'

const review = 'skills/review/SKILL.md'
const installed = '.haal/skills/review/SKILL.md'
const minute = 60_000
const hour = 60 * minute

/** A web registry that is one archive, and the next state of it. */
async function site(at: World, entry: Record<string, unknown> = {}) {
  const web = await at.http({})
  const serve = async (body: string) => {
    const file = await at.archive('all', { [review]: skill('review', body) })
    web.routes['/all.tgz'] = { body: fs.readFileSync(file), etag: true }
  }
  await serve('one')
  await configure(at.project, {
    registries: [{ name: 'web', type: 'url', location: `${web.origin}/all.tgz`, ...entry }],
    artifacts: { 'skill/review': '*' },
  })
  return { ...web, serve }
}

/** The same machine, so many milliseconds later. */
function later(at: World, ms: number): { env: Record<string, string> } {
  const shifted = `const Now = Date
globalThis.Date = class extends Now {
  constructor(...given) { if (given.length > 0) super(...given); else super(Now.now() + ${ms}) }
  static now() { return Now.now() + ${ms} }
}\n`
  fs.writeFileSync(at.root.at(`later-${ms}.cjs`), shifted)
  return { env: { NODE_OPTIONS: `--require ${at.root.at(`later-${ms}.cjs`)}` } }
}

test('[A35 A36] within an hour a second command sends nothing; after it one revalidation', async () => {
  const at = await world()
  const web = await site(at)
  await at.haal('install').succeeds()
  expect(web.paths()).toEqual(['/all.tgz'])
  for (const line of ['list --available', 'search review', 'info web:review', 'why review'])
    await at.haal(line, later(at, 59 * minute)).succeeds()
  expect(web.paths()).toEqual(['/all.tgz'])
  await at.haal('list --available', later(at, 61 * minute)).succeeds()
  expect(web.requests.map(({ headers }) => headers['if-none-match'] !== undefined)).toEqual([false, true])
  await at.haal('list --available', later(at, 62 * minute)).succeeds()
  expect(web.requests).toHaveLength(2)
})

test('[A35] cacheDuration is what counts where it is said, for update too', async () => {
  const at = await world()
  const web = await site(at, { cacheDuration: 2 * hour })
  await at.haal('install').succeeds()
  await web.serve('two')
  await at.haal('update', later(at, 119 * minute)).succeeds()
  await at.haal('install nothing', later(at, 119 * minute)).fails('E_NOT_FOUND', 3)
  expect(web.requests).toHaveLength(1)
  await at.haal('update', later(at, 121 * minute)).succeeds()
  await at.project.has({ [installed]: /^two$/m })
})

test('[A35 L5] where nothing is said, update asks what is new, and so does a name that the cache does not know', async () => {
  const at = await world()
  const web = await site(at)
  await at.haal('install').succeeds()
  await web.serve('two')
  await at.haal('update').succeeds()
  await at.project.has({ [installed]: /^two$/m })
  const asked = web.requests.length
  const file = await at.archive('more', { [review]: skill('review'), 'skills/new/SKILL.md': skill('new') })
  web.routes['/all.tgz'] = fs.readFileSync(file)
  await at.haal('install new').succeeds()
  expect(web.requests.length).toBe(asked + 1)
})

type Indexed = (at: World, entry: Record<string, unknown>) => Promise<(version: string) => Promise<unknown>>

/** Two registries whose bytes are told by an index: the next version of `review` in each. */
const indexed: Record<string, Indexed> = {
  'npm package': async (at, entry) => {
    const npm = await at.npm()
    await configure(at.project, { registries: [{ name: 'corp', type: 'npm', location: '@acme/skills', ...entry }] })
    return (version) => npm.publish('@acme/skills', version, { [review]: skill('review', version) })
  },
  'web registry': async (at, more) => {
    const web = await at.http({})
    await configure(at.project, { registries: [{ name: 'corp', type: 'url', location: web.origin, ...more }] })
    return async (version) => {
      const entry = { name: 'review', version, path: 'review', files: ['SKILL.md'] }
      web.routes['/registry.json'] = JSON.stringify(registryJson([], { skills: { curated: [entry] } }))
      web.routes['/review/SKILL.md'] = skill('review', version)
    }
  },
}

test.each(
  Object.keys(indexed).flatMap((kind) => [
    { kind, how: 'for an hour by default', entry: {} },
    { kind, how: 'for as long as its cacheDuration', entry: { cacheDuration: 24 * hour } },
  ]),
)(
  '[A35 L6] what a newer haal.lock names is asked for, although the cache holds what was there before: $kind, $how',
  async ({ kind, entry }) => {
    const at = await world()
    const release = await indexed[kind]?.(at, entry)
    await release?.('1.0.0')
    await at.haal('install review').succeeds()
    await release?.('1.1.0')
    await at.haal('update --latest', { env: { HAAL_HOME: at.root.at('colleague') } }).succeeds()
    await at.project.write({ '.haal': null })
    await at.haal('install --frozen').succeeds()
    await at.project.has({ [installed]: /^1\.1\.0$/m })
  },
)

test('[A35] an archive that has gone since the index was cached leads to the index of now', async () => {
  const at = await world()
  const packed = async (name: string) => fs.readFileSync(await at.archive(name, { 'SKILL.md': skill(name) }))
  const entry = (name: string, version: string) => ({ name, version, path: name, archive: `${name}-${version}.tgz` })
  const index = (...curated: object[]) => JSON.stringify(registryJson([], { skills: { curated } }))
  const web = await at.http({ '/a-1.0.0.tgz': await packed('a'), '/b-1.1.0.tgz': await packed('b') })
  web.routes['/registry.json'] = index(entry('a', '1.0.0'), entry('b', '1.0.0'))
  await configure(at.project, { registries: [{ name: 'web', type: 'url', location: web.origin }] })
  await at.haal('install a').succeeds()
  web.routes['/registry.json'] = index(entry('a', '1.0.0'), entry('b', '1.1.0'))
  await at.haal('install b').succeeds()
  expect(lockOf(at.project).artifacts['skill/b']).toMatchObject({ version: '1.1.0' })
})

/** A web registry with one skill, and what stands beside its index. */
async function besideIndex(at: World, entry: Record<string, unknown> = {}) {
  const web = await at.http({ '/review/SKILL.md': skill('review') })
  const curated = [{ name: 'review', version: '1.0.0', path: 'review', files: ['SKILL.md'] }]
  web.routes['/registry.json'] = JSON.stringify(registryJson([], { skills: { curated } }))
  await configure(at.project, { registries: [{ name: 'web', type: 'url', location: web.origin, ...entry }] })
  return web
}

test.each(['registries.json', '.claude-plugin/marketplace.json', 'policy.json'])(
  '[A40] a %s that came broken is not kept: the next command asks for it',
  async (name) => {
    const at = await world()
    const web = await besideIndex(at, { cacheDuration: hour })
    web.routes[`/${name}`] = [{ body: '{"name": "ac' }, { status: 404 }]
    const { exit } = await at.haal('install review').outcome()
    expect([2, 5, 6]).toContain(exit)
    await at.haal('install review').succeeds()
  },
)

needs('git')('[A40] an answer of GitHub that is no commit, or no list of tags, is not kept', async () => {
  const at = await world()
  const acme = await at.github('acme/skills', { [review]: skill('review') }, { tag: 'v1.0.0', listed: false })
  const registries = [{ name: 'hub', type: 'github', location: 'acme/skills', cacheDuration: hour }]
  await configure(at.project, { registries })
  const portal = await at.http({ '*': '<!DOCTYPE html><title>Sign in</title>' })
  const through = (api: { origin: string }) => ({ env: { HAAL_GITHUB_API: api.origin } })
  await at.haal('install review@^1', through(portal)).fails('E_REGISTRY_UNAVAILABLE', 7)
  portal.routes['/repos/acme/skills/commits/HEAD'] = acme.sha()
  portal.routes[`/repos/acme/skills/tarball/${acme.sha()}`] = {
    status: 302,
    headers: { location: `${acme.codeload.origin}/acme/skills/legacy.tar.gz/${acme.sha()}` },
  }
  await at.haal('install review@^1', through(portal)).fails('E_JSON', 6)
  await at.haal('install review@^1', through(acme.api)).succeeds()
})

test('[A35] what was wrong with a registry is asked for again: it may have been put right', async () => {
  const at = await world()
  const web = await besideIndex(at)
  web.routes['/.claude-plugin/marketplace.json'] = '[]'
  await at.haal('install review').fails('E_INDEX', 6)
  delete web.routes['/.claude-plugin/marketplace.json']
  await at.haal('install review').succeeds()
})

needs('git')('[A35] so is what was wrong with an artifact', async () => {
  const at = await world()
  const acme = await at.git('acme', { [review]: skill('review', '\u202e') })
  await at.haal('install review').fails('E_HIDDEN_UNICODE', 6)
  await acme.commit({ [review]: skill('review', 'seen') })
  await at.haal('install review').succeeds()
})

for (const HAAL_GIT of ['system', 'embedded'])
  needs('git')(
    `[A35] a git registry is asked once, too, and then the ${HAAL_GIT} git fetches only what is new`,
    async () => {
      const at = await world()
      const big = randomBytes(225_000).toString('base64')
      const acme = await at.git('acme', { [review]: skill('review', 'one'), 'skills/review/big.txt': big })
      at.setEnv({ HAAL_GIT })
      await at.haal('install review').succeeds()
      const asked = acme.server.requests.length
      await at.haal('list --available').succeeds()
      expect(acme.server.requests).toHaveLength(asked)
      for (const [body, hours] of [
        ['two', 2],
        ['three', 4],
      ] as const) {
        await acme.commit({ [review]: skill('review', body) })
        await at.haal('update', later(at, hours * hour)).succeeds()
        await at.project.has({ [installed]: new RegExp(`^${body}$`, 'm') })
      }
      const packs = Object.keys(at.store.tree('cache'))
        .filter((file) => file.endsWith('.pack'))
        .map((file) => fs.statSync(at.store.at('cache', file)).size)
      expect(packs.filter((size) => size > 100_000)).toHaveLength(1)
      await at.haal('install review@^9', later(at, 4 * hour)).fails('E_NO_VERSION', 3)
    },
  )

needs('git')('a repository is fetched once in a command, however many artifacts come from it', async () => {
  const at = await world()
  const names = Array.from({ length: 12 }, (_, i) => `skill-${i}`)
  const files = Object.fromEntries(names.map((name) => [`skills/${name}/SKILL.md`, skill(name)]))
  const acme = await at.git('acme', files)
  await at.haal('install skill-0').succeeds()
  const forOne = acme.server.requests.length
  acme.server.forget()
  await at.store.remove('cache')
  await at.project.write({ '.haal': null, 'haal.lock': null })
  await at.haal('install --all').succeeds()
  expect(acme.server.requests.length).toBeLessThanOrEqual(forOne)
})

test('[A37] a cache that is off is neither read nor written', async () => {
  const at = await world()
  const web = await site(at)
  await configure(at.project, { cacheSettings: { enabled: false } })
  await at.haal('install').succeeds()
  await at.haal('list --available').succeeds()
  expect(web.requests).toHaveLength(2)
  expect(Object.keys(at.store.tree()).filter((file) => file.startsWith('cache'))).toEqual([])
})

test('[A37 U6] what was kept before it was turned off is told where it lies, and can be removed', async () => {
  const at = await world()
  await site(at)
  await configure(at.project, {})
  await at.haal('install').succeeds()
  const { cache } = await at.haal('cache info').json<{ cache: object }>()
  expect(cache).toMatchObject({ path: at.store.at('cache'), entries: 2 })
  await configure(at.project, { cacheSettings: { enabled: false } })
  expect((await at.haal('cache info').json<{ cache: object }>()).cache).toEqual(cache)
  expect(await at.haal('cache clean').json()).toEqual(cache)
  expect((await at.haal('doctor').outcome()).stdout).toContain(at.store.at('cache'))
  expect(Object.keys(at.store.tree()).filter((file) => /^cache\/./.test(file))).toEqual([])
})

test('[A38] cacheSettings.directory is where the cache is, and the only place', async () => {
  const at = await world()
  const web = await site(at)
  await configure(at.project, { cacheSettings: { directory: '../tmp/agentos' } })
  await at.haal('install').succeeds()
  await at.haal('list --available').succeeds()
  expect(web.requests).toHaveLength(1)
  expect(Object.keys(at.store.tree()).filter((file) => file.startsWith('cache'))).toEqual([])
  await at.root.remove('tmp/agentos')
  await at.haal('list --available').succeeds()
  expect(web.requests).toHaveLength(2)
  const { cache } = await at.haal('cache info').json<{ cache: { path: string } }>()
  expect(cache.path).toBe(at.root.at('tmp/agentos'))
})

test.skipIf(process.platform !== 'linux')(
  '[A38 L12] where the system takes no folders, that is told, and not tried for ever',
  async () => {
    const at = await world()
    await site(at)
    await configure(at.project, { cacheSettings: { directory: '/proc/haal/cache' } })
    const { stderr } = await at.haal('install', { timeout: 20_000 }).fails('E_DISK', 2, { writes: ['haal/seal'] })
    expect(stderr).toMatch(/^error: \/proc\/haal\/cache\/.*: no such file or folder\n {2}hint: .*haal doctor$/m)
  },
)

test('[A38] files of others in that folder are neither removed nor counted', async () => {
  const at = await world()
  await site(at)
  await at.root.write({
    'docs/new/report.txt': 'mine',
    'docs/packs/notes.txt': 'mine',
    'docs/answers/old/a.txt': 'mine',
  })
  await configure(at.project, { cacheSettings: { directory: '../docs' } })
  const mine = at.root.tree('docs')
  await at.haal('install').succeeds()
  await at.haal('cache clean').succeeds()
  expect(at.root.tree('docs')).toEqual(mine)
})

needs('git')(
  '[A38 S8] a cache that a project brings along is not used: git would obey what its stores say',
  async () => {
    const at = await world()
    const acme = await at.git('acme', { [review]: skill('review') })
    await configure(at.project, { cacheSettings: { directory: 'cache' } })
    await at.haal('list --available', { env: { HAAL_HOME: at.root.at('author') } }).succeeds()
    const asked = acme.server.requests.length
    const stores = Object.keys(at.project.tree('cache')).filter((file) => file.endsWith('/config'))
    expect(stores).toHaveLength(1)
    await at.root.write({ kept: 'mine', 'other.git/HEAD': 'ref: refs/heads/none\n', 'other.git/objects/info/x': '' })
    for (const config of stores) {
      const store = path.dirname(at.project.at('cache', config))
      const run = `[core]\n\talternateRefsCommand = "touch ${at.root.at('ran')}; true"\n`
      fs.appendFileSync(path.join(store, 'config'), run)
      fs.mkdirSync(path.join(store, 'objects', 'info'), { recursive: true })
      fs.writeFileSync(path.join(store, 'objects', 'info', 'alternates'), `${at.root.at('other.git/objects')}\n`)
      fs.rmSync(path.join(store, 'FETCH_HEAD'))
      fs.symlinkSync(at.root.at('kept'), path.join(store, 'FETCH_HEAD'))
    }
    await acme.commit({ [review]: skill('review', 'two') })
    await at.haal('install review --refresh').succeeds()
    expect(at.root.exists('ran')).toBe(false)
    expect(at.root.read('kept')).toBe('mine')
    await at.project.has({ [installed]: /^two$/m })
    acme.server.forget()
    await at.haal('list --available').succeeds()
    expect([asked > 0, acme.server.requests.length]).toEqual([true, 0])
  },
)

test('[A39] what is older than maxAge is not used, not even where the network is down', async () => {
  const at = await world()
  const web = await site(at)
  await configure(at.project, { cacheSettings: { maxAge: 2 * hour } })
  await at.haal('install').succeeds()
  await web.stop()
  const { stderr } = await at.haal('list --available', later(at, 90 * minute)).succeeds()
  expect(stderr).toMatch(/W_STALE/)
  await at.haal('list --available', later(at, 121 * minute)).fails('E_REGISTRY_UNAVAILABLE', 7)
})

test('[A36] maxAge is a day unless something else is said', async () => {
  const at = await world()
  const web = await site(at)
  await at.haal('install').succeeds()
  await web.stop()
  await at.haal('list --available', later(at, 23 * hour)).succeeds()
  await at.haal('list --available', later(at, 25 * hour)).fails('E_REGISTRY_UNAVAILABLE', 7)
})

test('[A40] the cache tells locations, refs and credentials apart', async () => {
  const at = await world()
  const [one, other] = [at.secret('one'), at.secret('other')]
  const file = fs.readFileSync(await at.archive('all', { [review]: skill('review') }))
  const web = await at.http({
    '/all.tgz': ({ headers }) => (headers.authorization === `Bearer ${one}` ? { body: file } : { status: 403 }),
  })
  const registries = [{ name: 'web', type: 'url', location: `${web.origin}/all.tgz`, token: '${T}' }]
  await configure(at.project, { registries })
  at.setEnv({ HAAL_TRUSTED_ORIGINS: web.origin })
  await at.haal('list --available', { env: { T: one } }).succeeds()
  await at.haal('list --available', { env: { T: other } }).fails('E_ACCESS', 7)
  await configure(at.project, { registries: [{ name: 'web', type: 'url', location: `${web.origin}/all.tgz` }] })
  await at.haal('list --available').fails('E_ACCESS', 7)
})

for (const [how, damage] of Object.entries({
  'cut short': (bytes: Buffer) => bytes.subarray(0, bytes.length / 2),
  empty: () => Buffer.alloc(0),
  'bit-flipped': (bytes: Buffer) => Buffer.from(bytes.map((byte, i) => (i === bytes.length >> 1 ? byte ^ 1 : byte))),
})) {
  test(`[A40] F11 an entry of the cache that is ${how} is found and fetched again; offline that is an error`, async () => {
    const at = await world()
    const web = await site(at)
    await at.haal('install').succeeds()
    const spoil = () => {
      for (const file of Object.keys(at.store.tree('cache/packs')).filter((name) => name.includes('/'))) {
        const place = at.store.at('cache/packs', file)
        fs.writeFileSync(place, damage(fs.readFileSync(place)))
      }
    }
    spoil()
    await at.haal('list --available --offline').fails('E_CACHE', 6)
    spoil()
    await at.haal('list --available').succeeds()
    expect(web.requests.length).toBeGreaterThan(1)
    await at.haal('list --available --offline').succeeds()
  })
}

for (const HAAL_GIT of ['system', 'embedded'])
  needs('git')(`[A40] what the ${HAAL_GIT} git reads first of a store is made again where it is damaged`, async () => {
    const at = await world()
    const acme = await at.git('acme', { [review]: skill('review', 'one') })
    at.setEnv({ HAAL_GIT })
    await at.haal('install review').succeeds()
    const stored = () => Object.keys(at.store.tree('cache/repositories'))
    for (const [name, body] of [
      ['config', 'two'],
      ['shallow', 'three'],
    ] as const) {
      const file = at.store.at('cache/repositories', stored().find((one) => one.endsWith(`/${name}`)) ?? '')
      fs.writeFileSync(file, fs.readFileSync(file).subarray(0, 30))
      await acme.commit({ [review]: skill('review', body) })
      await at.haal('update').succeeds()
      await at.project.has({ [installed]: new RegExp(`^${body}$`, 'm') })
    }
    expect(stored().filter((one) => one.includes('.old-'))).toEqual([])
  })

needs('git')('[A40] a damaged git store is fetched again', async () => {
  const at = await world()
  const acme = await at.git('acme', { [review]: skill('review') })
  await at.haal('install review').succeeds()
  const packs = Object.keys(at.store.tree('cache/repositories')).filter((file) => file.endsWith('.pack'))
  for (const pack of packs) {
    const place = at.store.at('cache/repositories', pack)
    fs.chmodSync(place, 0o644)
    fs.writeFileSync(place, 'garbage')
  }
  await at.project.write({ '.haal': null, 'haal.lock': null })
  await at.store.remove('store')
  await at.haal('install review').succeeds()
  await at.project.has({ [installed]: /review/ })
  expect(acme.server.requests.length).toBeGreaterThan(2)
})

test('[A41] without a network what is cached serves with a warning; --refresh wants the network, --offline does without', async () => {
  const at = await world()
  const web = await site(at, { cacheDuration: 0 })
  await at.haal('install').succeeds()
  await web.stop()
  const { stderr } = await at.haal('list --available').succeeds()
  expect(stderr).toMatch(/"web" does not answer.*using what it said less than a minute ago.*W_STALE/)
  const absent = await at.haal('install absent').fails('E_NOT_FOUND', 3)
  expect(absent.stderr).toMatch(/^warning: .*"web" does not answer.*W_STALE/)
  await at.haal('list --available --refresh').fails('E_REGISTRY_UNAVAILABLE', 7)
  const quiet = await at.haal('list --available --offline').succeeds()
  expect(quiet.stderr).toBe('')
  await at.haal('cache clean').succeeds()
  await at.haal('list --available').fails('E_REGISTRY_UNAVAILABLE', 7)
  await at.haal('list --available --offline').fails('E_OFFLINE', 7)
})

test('[A41] --offline and --refresh ask for what cannot be at once', async () => {
  const at = await world()
  const web = await site(at)
  await at.haal('list --available --offline --refresh').fails('E_USAGE', 2)
  await at.haal('rollback --refresh').fails('E_NO_GENERATION', 3)
  const { stderr } = await at.haal('registry ping --offline').fails('E_USAGE', 2)
  expect(stderr).not.toMatch(/--refresh/)
  expect(web.requests).toEqual([])
})

test('[A41] --offline sends nothing at all, even where an answer would be due', async () => {
  const at = await world()
  const web = await site(at, { cacheDuration: 0 })
  await at.haal('install').succeeds()
  web.forget()
  await at.haal('update --offline').succeeds()
  await at.haal('outdated --offline').succeeds()
  expect(web.requests).toEqual([])
})

test('[A35] --refresh asks whatever is cached', async () => {
  const at = await world()
  const web = await site(at, { cacheDuration: 24 * hour })
  await at.haal('install').succeeds()
  await web.serve('two')
  await at.haal('update --refresh').succeeds()
  await at.project.has({ [installed]: /^two$/m })
})

test('cache info counts, cache clean empties, cache prune keeps what projects need', async () => {
  const at = await world()
  await site(at)
  await at.haal('install').succeeds()
  type Info = { cache: { entries: number; bytes: number }; store: { entries: number } }
  const before = await at.haal('cache info').json<Info>()
  expect([before.cache.entries, before.store.entries]).toEqual([2, 1])
  await at.haal('cache clean --dry-run').changesNothing()
  await at.haal('cache clean').succeeds()
  const after = await at.haal('cache info').json<Info>()
  expect([after.cache.entries, after.cache.bytes, after.store.entries]).toEqual([0, 0, 1])
  await at.haal('cache prune').succeeds()
  await at.project.remove('.haal')
  await at.haal('install --frozen --offline').succeeds()
})

needs('git')(
  '[L6] a frozen install fetches all of a registry in one go, and asks only the primary what it is now',
  async () => {
    const at = await world()
    await at.folder('first', { 'rules/tabs.md': 'tabs\n' })
    const names = Array.from({ length: 12 }, (_, i) => `skill-${i}`)
    const acme = await at.git('acme', Object.fromEntries(names.map((name) => [`skills/${name}/SKILL.md`, skill(name)])))
    await at.haal('install --all').succeeds()
    await acme.commit({ 'skills/skill-0/SKILL.md': 'moved on' })
    acme.server.forget()
    await at.store.write({ store: null, cache: null })
    await at.project.remove('.haal')
    await at.haal('install --frozen').succeeds()
    const [commit, files] = [2, 2]
    expect(acme.server.requests).toHaveLength(commit + files)
  },
)
