import { expect, test } from 'vitest'
import type { Reply } from '../world/http-server.js'
import { needs, registryJson, skill, type World, world } from '../world/index.js'
import { configure, lockOf } from './ground.js'

const x = { 'skills/x/SKILL.md': skill('x', 'from the secondary') }
const installed = '.haal/skills/x/SKILL.md'

/** A primary that may not answer well, and a secondary that has `x`. */
async function pair(at: World, primary: Record<string, unknown>) {
  await at.folder('second', x, { listed: false })
  const second = { name: 'second', type: 'file', location: '../folders/second' }
  await configure(at.project, { registries: [{ name: 'first', ...primary }, second] })
}

const page = '<!DOCTYPE html><title>Sign in</title>'
const ways: Readonly<Record<string, Reply>> = {
  'answers 500': { status: 500 },
  'answers 401': { status: 401 },
  'answers 403': { status: 403 },
  'answers 404': { status: 404 },
  'answers with a page': { body: page, headers: { 'content-type': 'text/html' } },
  'answers with an empty object': { body: '{}' },
  'answers with half a document': { body: '{"extensions": {' },
  'answers with another document': { body: '["a"]' },
  'cuts the answer': { body: JSON.stringify(registryJson([])), cut: 10 },
  'says a longer length than it sends': { body: '{}', length: 100 },
  'resets the connection': { reset: true },
  'answers with garbage': { raw: 'SSH-2.0-OpenSSH_9.2\r\n' },
  'redirects for ever': { status: 302, headers: { location: '/registry.json' } },
  'redirects to a file': { status: 302, headers: { location: 'file:///etc/passwd' } },
  'is encoded as nobody asked': { body: '{}', headers: { 'content-encoding': 'zstd' } },
  'is damaged gzip': { body: 'no gzip', headers: { 'content-encoding': 'gzip' } },
}

test('[S3] R04 whatever a primary answers that is no index stops the command; the secondary does not answer in its name', async () => {
  const broken = async ([how, reply]: [string, Reply]) => {
    const at = await world()
    const web = await at.http({ '*': reply })
    await pair(at, { type: 'url', location: web.origin })
    const done = await at.haal('install x').outcome()
    expect([6, 7], `a primary that ${how}: ${done.stderr}`).toContain(done.exit)
    expect(done.stderr).toMatch(/first/)
    await at.project.lacks('.haal', 'haal.lock')
  }
  await Promise.all(Object.entries(ways).map(broken))
})

test('[S3 O22] --allow-missing leaves out no primary', async () => {
  const at = await world()
  const web = await at.http({ '*': { status: 404 } })
  await pair(at, { type: 'url', location: web.origin })
  await at.haal('install x --allow-missing').fails('E_ACCESS', 7)
})

test('[S3] R04 so does a primary whose name cannot be found, whose port is closed, whose certificate is unknown', async () => {
  const at = await world()
  const closed = await at.http({})
  await closed.stop()
  const secure = await at.http({ '*': '{}' }, { tls: true })
  for (const location of [closed.origin, secure.origin]) {
    await pair(at, { type: 'url', location })
    await at.haal('install x', { env: { NODE_EXTRA_CA_CERTS: undefined } }).fails('E_REGISTRY_UNAVAILABLE', 7)
  }
  await pair(at, { type: 'url', location: 'https://registry.nowhere.invalid' })
  await at.haal('install x', { network: false }).fails('E_REGISTRY_UNAVAILABLE', 7)
})

needs('git')('[S3] R04 and so does a git server that does not answer as one', async () => {
  const replies: Reply[] = [{ status: 500 }, { status: 404 }, { body: page }, { body: '' }, { reset: true }]
  const broken = async (HAAL_GIT: string, reply: Reply) => {
    const at = await world()
    const web = await at.http({ '*': reply })
    await pair(at, { type: 'git', location: `${web.origin}/ext.git` })
    const done = await at.haal('install x', { env: { HAAL_GIT } }).outcome()
    expect(done.exit, `${HAAL_GIT} ${JSON.stringify(reply)} ${done.stderr}`).toBe(7)
    await at.project.lacks('.haal', 'haal.lock')
  }
  await Promise.all(['system', 'embedded'].flatMap((git) => replies.map((reply) => broken(git, reply))))
})

test('[S3] R01 the primary’s version is taken although the secondary has a higher one, and that is said', async () => {
  const at = await world()
  await at.folder('first', { 'skills/x/SKILL.md': skill('x', 'mine', { version: '1.0.0' }) })
  await at.folder('second', { 'skills/x/SKILL.md': skill('x', 'theirs', { version: '99.0.0' }) })
  const { shadowed } = await at
    .haal('install x')
    .json<{ shadowed: { artifact: string; winner: string; losers: string[] }[] }>()
  await at.project.has({ [installed]: /^mine$/m })
  expect(shadowed).toEqual([{ artifact: 'skill/x', winner: 'first', losers: ['second'] }])
})

test('[S3] R02 a version that the owner lacks is not taken from the next', async () => {
  const at = await world()
  await at.folder('first', { 'skills/x/SKILL.md': skill('x', 'mine', { version: '1.0.0' }) })
  await at.folder('second', { 'skills/x/SKILL.md': skill('x', 'theirs', { version: '2.0.0' }) })
  const { stderr } = await at.haal('install x@^2.0.0').fails('E_NO_VERSION', 3)
  expect(stderr).toMatch(/first has skill\/x, but not in version \^2\.0\.0/)
})

test('[O22] a secondary that is down fails the command; --allow-missing goes on with a warning', async () => {
  const at = await world()
  await at.folder('first', { 'skills/y/SKILL.md': skill('y') })
  const web = await at.http({})
  await web.stop()
  at.list({ name: 'second', type: 'url', location: web.origin })
  const { stderr } = await at.haal('install y').fails('E_REGISTRY_UNAVAILABLE', 7)
  expect(stderr).toMatch(/second/)
  const gone = await at.haal('install y --allow-missing').succeeds()
  expect(gone.stderr).toMatch(/second is left out.*W_REGISTRY_MISSING/)
  await at.project.has({ '.haal/skills/y/SKILL.md': /y/ })
})

test('[O22 A25] list --available and search go on without a secondary that is down, where that is asked for', async () => {
  const at = await world()
  await at.folder('first', { 'skills/y/SKILL.md': skill('y') })
  at.list({ name: 'second', type: 'file', location: '../folders/gone' })
  for (const line of ['list --available', 'search y']) {
    const { stderr } = await at.haal(line).fails('E_REGISTRY_UNAVAILABLE', 7)
    expect(stderr).toMatch(/--allow-missing/)
    const found = await at.haal(`${line} --allow-missing`).succeeds()
    expect(found.stdout).toMatch(/skill\/y/)
    expect(found.stderr).toMatch(/second is left out.*W_REGISTRY_MISSING/)
  }
  const { stderr } = await at.haal('info y').fails('E_REGISTRY_UNAVAILABLE', 7)
  expect(stderr).not.toMatch(/--allow-missing/)
})

test('[O22] with --allow-missing a later registry answers only for names that nobody reachable before it has', async () => {
  const at = await world()
  await at.folder('first', { 'skills/y/SKILL.md': skill('y') })
  const web = await at.http({ '*': { status: 403 } })
  at.list({ name: 'second', type: 'url', location: web.origin })
  await at.folder('third', x)
  await at.haal('install x --allow-missing').succeeds()
  expect(lockOf(at.project).artifacts['skill/x']).toMatchObject({ registry: 'third' })
})

const locked = (at: World) => lockOf(at.project)

test('[S4] L01 a lockfile that names another address than the configuration is refused', async () => {
  const at = await world()
  await at.folder('first', x)
  await at.folder('evil', x, { listed: false })
  await at.haal('install x').succeeds()
  const lock = locked(at)
  await at.project.write({
    'haal.lock': { ...lock, registries: { first: { type: 'file', location: '../folders/evil' } } },
    '.haal': null,
  })
  await at.store.remove('store')
  await at.haal('install --frozen').fails('E_LOCK_SOURCE', 2)
  await at.haal('install').fails('E_LOCK_SOURCE', 2)
})

test('[S4] a locked artifact comes from its own registry, although a registry before it has the name by now', async () => {
  const at = await world()
  const first = await at.folder('first', { 'skills/y/SKILL.md': skill('y') })
  await at.folder('second', x)
  await at.haal('install x').succeeds()
  await first.write({ 'skills/x/SKILL.md': skill('x', 'from the primary') })
  await at.project.remove('.haal')
  await at.store.remove('store')
  await at.haal('install').succeeds()
  await at.project.has({ [installed]: /from the secondary/ })
  await at.haal('install --frozen').succeeds()
})

test('[S6] C01 a list of registries that came over the network may name https only', async () => {
  const at = await world()
  const web = await at.http({ '/registry.json': JSON.stringify(registryJson([])) })
  await configure(at.project, { registries: [{ name: 'web', type: 'url', location: web.origin }] })
  const bad = ['file:///srv/x', '/srv/x', '../x', 'git+file:///srv/x.git', 'http://reg.corp/x', 'ssh://git@corp/x.git']
  for (const location of bad) {
    web.routes['/registries.json'] = JSON.stringify([{ name: 'sly', url: location }])
    const done = await at.haal('install x --refresh').fails('E_TRANSPORT', 2)
    expect(done.stderr).toMatch(/web: registries\.json/)
    expect(done.stderr).toContain('  hint: its owner has to name an https address there\n')
  }
})

needs('openssl')(
  '[S6] a private address named by the network is reached only where the person names its origin',
  async () => {
    const at = await world()
    const inner = await at.http({ '/registry.json': JSON.stringify(registryJson([])) }, { tls: true })
    const web = await at.http({
      '/registry.json': JSON.stringify(registryJson([])),
      '/registries.json': JSON.stringify([{ name: 'inner', url: inner.origin }]),
    })
    await configure(at.project, { registries: [{ name: 'web', type: 'url', location: web.origin }] })
    await at.haal('list --available').fails('E_TRANSPORT', 2)
    expect(inner.requests).toEqual([])
    await at.haal('list --available', { env: { HAAL_TRUSTED_ORIGINS: inner.origin } }).succeeds()
    expect(inner.requests.length).toBeGreaterThan(0)
  },
)

test('[S6] a redirect leads to no private address that nobody has named', async () => {
  const at = await world()
  const web = await at.http({ '*': { status: 302, headers: { location: 'http://169.254.169.254/latest/meta-data' } } })
  await configure(at.project, { registries: [{ name: 'web', type: 'url', location: web.origin }] })
  const done = await at.haal('install x').outcome()
  expect([2, 7]).toContain(done.exit)
  expect(done.stderr).toMatch(/E_REDIRECT|E_TRANSPORT/)
})

test('C08 a thousand registries, two of one name, a name that is no name', async () => {
  const at = await world()
  const entry = (name: string) => ({ name, type: 'file', location: '../folders/second' })
  const lists = [
    Array.from({ length: 1000 }, (_, i) => entry(`r${i}`)),
    [entry('a'), entry('a')],
    [{ ...entry('a'), priority: -1 }],
  ]
  for (const registries of lists) {
    await at.project.write({ 'haal.json': { registries } })
    await at.haal('install x').fails('E_CONFIG', 2)
  }
  await at.project.write({ 'haal.json': { registries: [entry('__proto__')] } })
  await at.haal('install x').fails('E_NAME', 6)
})

test('[L4] a registry that is taken out of haal.json with all that came from it goes, and nothing else moves', async () => {
  const at = await world()
  await at.folder('first', { 'skills/y/SKILL.md': skill('y') })
  const second = await at.folder('second', x)
  await at.haal('install x y').succeeds()
  await second.write({ 'skills/x/SKILL.md': skill('x', 'by now') })
  const { registries } = at.project.json<{ registries: { name: string }[] }>('haal.json')
  const others = registries.filter(({ name }) => name !== 'first')
  await configure(at.project, { registries: others })
  const { stderr } = await at.haal('install').fails('E_LOCK_SOURCE', 2)
  expect(stderr).toMatch(/haal update ['"]first:\*['"]/)
  await configure(at.project, { artifacts: { 'skill/x': '*' } })
  await at.haal('install').succeeds()
  await at.project.lacks('.haal/skills/y')
  await at.project.has({ [installed]: /from the secondary/ })
  expect(Object.keys(locked(at).registries)).toEqual(['second'])
  await at.haal('install --frozen').succeeds()
})

test('[S4] a command that is not about what is new asks nobody at another address', async () => {
  const at = await world()
  await at.folder('first', { 'skills/y/SKILL.md': skill('y') })
  await at.folder('second', { ...x, 'skills/z/SKILL.md': skill('z') })
  await at.haal('install x y z').succeeds()
  const { registries } = at.project.json<{ registries: { name: string }[] }>('haal.json')
  const now = registries.map((each) => (each.name === 'second' ? { ...each, location: '../folders/moved' } : each))
  await configure(at.project, { registries: now })
  for (const line of ['pin x', 'unpin x', 'uninstall y', 'uninstall z']) await at.haal(line).succeeds()
  await at.project.has({ [installed]: /from the secondary/ })
  expect(locked(at).registries.second?.location).toBe('../folders/second')
  await at.haal('install').fails('E_LOCK_SOURCE', 2)
})

test('[S4] nothing but an update brings anything from a registry at another address beside what came from the former one', async () => {
  const at = await world()
  const y = (version: string) => ({ 'skills/y/SKILL.md': skill('y', version, { version }) })
  await at.folder('first', { ...x, ...y('1.0.0') })
  await at.folder('moved', { ...x, ...y('2.0.0'), 'skills/z/SKILL.md': skill('z') }, { listed: false })
  await at.haal('install x y').succeeds()
  const before = at.project.read('haal.lock')
  const artifacts = { 'skill/x': '*', 'skill/y': '*' }
  await configure(at.project, { registries: [{ name: 'first', location: '../folders/moved' }], artifacts })
  await at.haal('pin y@2.0.0').fails('E_LOCK_SOURCE', 2)
  await configure(at.project, { artifacts: { ...artifacts, 'skill/z': '*' } })
  for (const line of ['pin x', 'unpin x']) {
    const { stderr } = await at.haal(line).succeeds()
    expect(stderr).toMatch(/all else stays as locked: .*at \.\.\/folders\/first.*W_UNRESOLVED/)
  }
  expect(at.project.read('haal.lock')).toBe(before)
  await at.haal(['update', 'first:*']).succeeds()
  await at.haal('pin y@2.0.0').succeeds()
  expect(locked(at).registries.first?.location).toBe('../folders/moved')
})

test('[S4 L5] an update of a part of what came from a registry that the primary lists elsewhere by now is refused', async () => {
  const at = await world()
  const y = { 'skills/y/SKILL.md': skill('y') }
  const list = (url: string) => ({ 'registries.json': [{ name: 'second', url }] })
  for (const name of ['second', 'moved']) await at.folder(name, { ...x, ...y }, { listed: false })
  const first = await at.folder('first', list('../second'))
  await at.haal('install x y').succeeds()
  await first.write(list('../moved'))
  await at.haal('update x --refresh').fails('E_LOCK_SOURCE', 2)
  await at.haal(['update', 'second:*']).succeeds()
  expect(locked(at).registries.second?.location).toBe('../moved')
  await at.haal('update x').changesNothing()
})

test('[L5 S4] what came from a registry at another address is taken from there alone where the update names it', async () => {
  const at = await world()
  const first = await at.folder('first', { 'skills/y/SKILL.md': skill('y', 'as it was') })
  await at.folder('moved', { 'skills/x/SKILL.md': skill('x', 'moved') }, { listed: false })
  await at.folder('second', x)
  await at.haal('install x y').succeeds()
  await first.write({ 'skills/y/SKILL.md': skill('y', 'by now') })
  const { registries } = at.project.json<{ registries: { name: string }[] }>('haal.json')
  const now = registries.map((each) => (each.name === 'second' ? { ...each, location: '../folders/moved' } : each))
  await configure(at.project, { registries: now })
  const { stderr } = await at.haal('install').fails('E_LOCK_SOURCE', 2)
  expect(stderr).toMatch(/haal update ['"]second:\*['"]/)
  await at.haal(['update', 'second:*']).succeeds()
  await at.project.has({ [installed]: /moved/, '.haal/skills/y/SKILL.md': /as it was/ })
  await at.haal('install --frozen').succeeds()
})
