import fs from 'node:fs'
import { expect, test } from 'vitest'
import { httpServer } from '../world/http-server.js'
import { integrityOf, manifest, needs, plugin, registryJson, skill, sri, type World, world } from '../world/index.js'
import type { Files } from '../world/place.js'
import { entriesOf } from '../world/registries.js'
import { tarOf } from '../world/tar.js'
import { configure, lockOf } from './ground.js'

const packed = (files: Files) => tarOf(entriesOf(files))
const calc = { 'manifest.json': manifest('com.acme.calc', '1.0.0'), 'index.mjs': 'export const x = 1\n' }
const entry = (more: Record<string, unknown> = {}) => ({
  id: 'com.acme.calc',
  name: 'Calc',
  version: '1.0.0',
  path: 'curated/calc',
  ...more,
})
const ask = (at: World, location: string, more: Record<string, unknown> = {}) =>
  configure(at.project, {
    registries: [{ name: 'web', type: 'url', location, ...more }],
    artifacts: { 'tool/com.acme.calc': '*' },
  })

needs('nginx')('[A14] an index and an archive come from nginx, and the next time nothing is sent twice', async () => {
  const at = await world()
  const site = await at.nginx('web', {
    'ext/registry.json': registryJson([entry()]),
    'ext/curated/calc.tgz': packed(calc),
  })
  await ask(at, `${site.origin}/ext`, { cacheDuration: 0 })
  await at.haal('install').succeeds()
  await at.project.has({ '.haal/tools/calc/index.mjs': 'export const x = 1\n' })
  expect(lockOf(at.project).registries.web).toMatchObject({ type: 'url', location: `${site.origin}/ext` })
  const before = site.requests().length
  await at.haal('update').succeeds()
  const second = site.requests().slice(before)
  expect(second.filter(({ path }) => path.endsWith('registry.json')).map(({ status }) => status)).toEqual(['304'])
  expect(second.filter(({ path }) => path.endsWith('.tgz')).length).toBeLessThanOrEqual(1)
})

test('[A14] archive, integrity and archiveIntegrity of an entry are what counts', async () => {
  const at = await world()
  const archive = packed(calc)
  const sound = { archive: 'pool/calc-1.0.0.tgz', integrity: integrityOf(calc), archiveIntegrity: sri(archive) }
  const web = await at.http({ '/pool/calc-1.0.0.tgz': archive })
  const serve = (more: Record<string, unknown>) => {
    web.routes['/registry.json'] = JSON.stringify(registryJson([entry(more)]))
  }
  await ask(at, web.origin)
  const wrong = sri('something else')
  for (const [key, value] of Object.entries({ integrity: wrong, archiveIntegrity: wrong })) {
    serve({ ...sound, [key]: value })
    await at.haal('install --refresh').fails('E_INTEGRITY', 6)
  }
  serve(sound)
  await at.haal('install --refresh').succeeds()
})

test('[A22] an entry whose archive is not there is named, and keeps no other away; one that is installed is not lost', async () => {
  const at = await world()
  const gone = { id: 'com.acme.gone', name: 'Gone', version: '1.0.0', path: 'curated/gone' }
  const web = await at.http({
    '/registry.json': JSON.stringify(registryJson([entry(), gone])),
    '/curated/calc.tgz': packed(calc),
  })
  await configure(at.project, { registries: [{ name: 'web', type: 'url', location: web.origin, cacheDuration: 0 }] })
  const { stderr } = await at.haal('install gone').fails('E_ENTRY_MISSING', 3)
  expect(stderr).toContain(`web lists tool/gone, but there is nothing at ${web.origin}/curated/gone.tgz`)
  expect((await at.haal('install tool/*').succeeds()).stderr).toMatch(/web lists tool\/gone, .* \[W_NO_FILES\]/)
  await at.project.has({ '.haal/tools/calc/index.mjs': 'export const x = 1\n' })
  web.routes['/registry.json'] = JSON.stringify(registryJson([entry({ archive: 'curated/moved.tgz' })]))
  await at.haal('update').fails('E_ENTRY_MISSING', 3)
  web.routes['/curated/moved.tgz'] = { status: 403 }
  await at.haal('update').fails('E_ACCESS', 7)
})

test('[O26] versions of an index are candidates of a range', async () => {
  const at = await world()
  const at1 = (text: string) => packed({ ...calc, 'index.mjs': text })
  const web = await at.http({ '/1.tgz': at1('one'), '/1.1.tgz': at1('one-one'), '/2.tgz': at1('two') })
  const versions = { '1.0.0': { archive: '1.tgz' }, '1.1.0': { archive: '1.1.tgz' } }
  web.routes['/registry.json'] = JSON.stringify(registryJson([entry({ version: '2.0.0', archive: '2.tgz', versions })]))
  await ask(at, web.origin)
  await at.haal('install tool/com.acme.calc@^1.0.0').succeeds()
  await at.project.has({ '.haal/tools/calc/index.mjs': 'one-one' })
  await at.haal('update --latest').succeeds()
  await at.project.has({ '.haal/tools/calc/index.mjs': 'two' })
  await at.haal('install tool/com.acme.calc@^3.0.0').fails('E_NO_VERSION', 3)
})

test('[A15] a token is a bearer header, on the index and on archives below it', async () => {
  const at = await world()
  const token = at.secret()
  const guarded = (body: string | Uint8Array) => (seen: { headers: Record<string, string> }) =>
    seen.headers.authorization === `Bearer ${token}` ? { body } : { status: 401 }
  const web = await at.http({
    '/registry.json': guarded(JSON.stringify(registryJson([entry()]))),
    '/curated/calc.tgz': guarded(packed(calc)),
  })
  await ask(at, web.origin, { token: '${WEB_TOKEN}' })
  at.setEnv({ WEB_TOKEN: token, HAAL_TRUSTED_ORIGINS: web.origin })
  await at.haal('install').succeeds()
  await ask(at, web.origin)
  await at.haal('install --refresh --force').succeeds()
  await at.project.write({ 'haal.lock': null, '.haal': null })
  const { stderr } = await at.haal('install --refresh').fails('E_ACCESS', 7)
  expect(stderr).toMatch(/"web".*not found or no access/)
})

test('[A15 S6] plain http is refused except on loopback, or where the person allows the origin', async () => {
  const at = await world()
  await ask(at, 'http://registry.example.test')
  const { stderr } = await at.haal('install').fails('E_TRANSPORT', 2)
  expect(stderr).toMatch(/plain http/)
  const allowed = { HAAL_TRUSTED_ORIGINS: 'http://registry.example.test' }
  await at.haal('install', { env: allowed, network: false }).fails('E_REGISTRY_UNAVAILABLE', 7)
})

needs('openssl')('[A14] https with an authority of one’s own, through Node’s variable', async () => {
  const at = await world()
  const web = await at.http(
    { '/registry.json': JSON.stringify(registryJson([entry()])), '/curated/calc.tgz': packed(calc) },
    { tls: true },
  )
  await ask(at, web.origin)
  await at.haal('install', { env: { NODE_EXTRA_CA_CERTS: undefined } }).fails('E_REGISTRY_UNAVAILABLE', 7)
  await at.haal('install').succeeds()
})

needs('openssl')('[A14] HTTPS_PROXY is the way to a registry, and its password is not printed', async () => {
  const at = await world()
  const routes = { '/registry.json': JSON.stringify(registryJson([entry()])), '/curated/calc.tgz': packed(calc) }
  const web = await httpServer(routes, at.tls().issue('registry.corp.test'))
  at.onEnd(() => web.stop())
  const between = await at.proxy()
  between.map('registry.corp.test', web.port)
  await ask(at, 'https://registry.corp.test')
  const proxy = between.origin.replace('//', `//ada:${at.secret('proxy')}@`)
  at.setEnv({ HTTPS_PROXY: proxy })
  await at.haal('install').succeeds()
  expect(new Set(between.tunnels)).toEqual(new Set(['registry.corp.test:443']))
  await between.stop()
  await at.haal('update --verbose').succeeds()
  await at.haal('update --refresh --verbose').fails('E_REGISTRY_UNAVAILABLE', 7)
})

test('[A14] one archive may be a whole registry, and its digest is the revision', async () => {
  const at = await world()
  const whole = packed({
    'registry.json': registryJson([entry()]),
    'registry/curated/calc/manifest.json': calc['manifest.json'],
  })
  const web = await at.http({ '/all.tgz': { body: whole, etag: true } })
  await ask(at, `${web.origin}/all.tgz`)
  await at.haal('install').succeeds()
  expect(lockOf(at.project).registries.web?.revision).toBe(sri(whole))
  await at.haal('update --refresh').succeeds()
  expect(web.paths()).toEqual(['/all.tgz', '/all.tgz'])
})

test('a web address has no branches', async () => {
  const at = await world()
  const web = await at.http({ '/registry.json': JSON.stringify(registryJson([entry()])) })
  await ask(at, web.origin, { branch: 'main' })
  await at.haal('install').fails('E_REF', 3)
})

test('[A14] a busy server is asked again, and what it says in the end counts', async () => {
  const at = await world()
  const index = JSON.stringify(registryJson([entry()]))
  const busy = { status: 503, headers: { 'retry-after': '0' } }
  const web = await at.http({ '/registry.json': [busy, busy, { body: index }], '/curated/calc.tgz': packed(calc) })
  await ask(at, web.origin)
  await at.haal('install').succeeds()
  expect(web.paths().filter((path) => path === '/registry.json')).toHaveLength(3)
  expect(fs.existsSync(at.project.at('.haal/tools/calc'))).toBe(true)
})

test('[A14] a marketplace on a web server: sources that point elsewhere are followed', async () => {
  const at = await world()
  const registry = await at.npm()
  await registry.publish('@acme/kit', '1.0.0', {
    '.claude-plugin/plugin.json': { name: 'kit', version: '1.0.0' },
    'commands/x.md': '# x\n',
  })
  const marketplace = {
    name: 'acme',
    owner: { name: 'Acme' },
    plugins: [{ name: 'kit', source: { source: 'npm', package: '@acme/kit', version: '1.0.0' } }],
  }
  const web = await at.http({ '/.claude-plugin/marketplace.json': JSON.stringify(marketplace) })
  at.setEnv({ HAAL_TRUSTED_ORIGINS: registry.origin })
  await configure(at.project, {
    registries: [{ name: 'web', type: 'url', location: web.origin }],
    artifacts: { 'plugin/kit': '*' },
  })
  await at.haal('install').succeeds()
  await at.project.has({ '.haal/plugins/kit/commands/x.md': '# x\n' })
})

test('[A14] a plugin of a marketplace on a web server is packed beside it, as the .tgz of its folder', async () => {
  const at = await world()
  const kit = packed({ '.claude-plugin/plugin.json': plugin('kit'), 'commands/x.md': '# x\n' })
  const plugins = [
    { name: 'kit', source: './plugins/kit' },
    { name: 'lint', source: './lint', strict: false, commands: './commands/x.md' },
    { name: 'gone', source: './gone' },
  ]
  const marketplace = { name: 'acme', owner: { name: 'Acme' }, metadata: { pluginRoot: './more' }, plugins }
  const web = await at.http({
    '/acme/.claude-plugin/marketplace.json': JSON.stringify(marketplace),
    '/acme/more/plugins/kit.tgz': kit,
    '/acme/more/lint.tgz': kit,
  })
  await configure(at.project, { registries: [{ name: 'web', type: 'url', location: `${web.origin}/acme` }] })
  await at.haal('install kit lint').succeeds()
  await at.project.has({ '.haal/plugins/kit/commands/x.md': '# x\n', '.haal/plugins/lint/commands/x.md': '# x\n' })
  await at.haal('install --frozen').succeeds()
  const { stderr } = await at.haal('install gone').fails('E_ENTRY_MISSING', 3)
  expect(stderr).toContain(`web lists plugin/gone, but there is nothing at ${web.origin}/acme/more/gone.tgz`)
})

test('[A11] single files of an index are fetched one by one', async () => {
  const at = await world()
  const web = await at.http({ '/skills/review/SKILL.md': skill('review'), '/skills/review/run.sh': '#!/bin/sh\n' })
  const files = ['SKILL.md', { path: 'run.sh', executable: true }]
  const index = {
    skills: { curated: [{ id: 'review', name: 'review', version: '1.0.0', path: 'skills/review', files }] },
  }
  web.routes['/registry.json'] = JSON.stringify(index)
  await configure(at.project, {
    registries: [{ name: 'web', type: 'url', location: web.origin }],
    artifacts: { 'skill/review': '*' },
  })
  await at.haal('install').succeeds()
  expect(at.project.tree('.haal/skills/review')['run.sh']).toMatch(/^file 755/)
})

test('[A35 A41] single files of an index are cached with it: asked for as seldom, and there when the network is down', async () => {
  const at = await world()
  const web = await at.http({ '/skills/a/SKILL.md': skill('a'), '/skills/a/logo.bin': Buffer.from([0, 255, 254, 10]) })
  const entry = { id: 'a', name: 'a', version: '1.0.0', path: 'skills/a', files: ['SKILL.md', 'logo.bin'] }
  web.routes['/registry.json'] = JSON.stringify({ skills: { curated: [entry] } })
  await configure(at.project, { registries: [{ name: 'web', type: 'url', location: web.origin }] })
  await at.haal('install a').succeeds()
  expect([...fs.readFileSync(at.project.at('.haal/skills/a/logo.bin'))]).toEqual([0, 255, 254, 10])
  await at.project.remove('.haal', 'haal.lock')
  const before = web.requests.length
  await at.haal('install').succeeds()
  await at.project.remove('.haal', 'haal.lock')
  await at.haal('install --offline').succeeds()
  expect(web.requests).toHaveLength(before)
  web.routes['/skills/a/SKILL.md'] = skill('a', 'v2')
  await at.haal('update').succeeds()
  expect(at.project.read('.haal/skills/a/SKILL.md')).toBe(skill('a', 'v2'))
  await web.stop()
  expect((await at.haal('update').succeeds()).stderr).toContain('[W_STALE]')
})
