import { expect, test } from 'vitest'
import { needs, skill, sri, type World, world } from '../world/index.js'
import { entriesOf } from '../world/registries.js'
import { tarOf } from '../world/tar.js'
import { configure, lockOf } from './ground.js'

const installed = '.haal/skills/review/SKILL.md'
const ask = (at: World, location: string, more: Record<string, unknown> = {}) =>
  configure(at.project, {
    registries: [{ name: 'packages', type: 'npm', location, ...more }],
    artifacts: { 'skill/review': '*' },
  })

test('[A16] a package is a registry; its integrity is the revision and is checked', async () => {
  const at = await world()
  const registry = await at.npm()
  const { integrity } = await registry.publish('@acme/skills', '1.0.0', { 'skills/review/SKILL.md': skill('review') })
  await ask(at, '@acme/skills')
  await at.haal('install').succeeds()
  await at.project.has({ [installed]: /review/ })
  expect(lockOf(at.project).registries.packages).toMatchObject({
    type: 'npm',
    location: '@acme/skills',
    revision: integrity,
  })
  await registry.publish(
    '@acme/skills',
    '1.0.1',
    { 'skills/review/SKILL.md': 'x' },
    { dist: { integrity: sri('y', 'sha512') } },
  )
  await at.haal('update --refresh').fails('E_INTEGRITY', 6)
})

test('[A16] a package may be one artifact', async () => {
  const at = await world()
  const registry = await at.npm()
  await registry.publish('review', '1.4.0', { 'SKILL.md': skill('review'), 'references/a.md': 'a' })
  await ask(at, 'review')
  await at.haal('install').succeeds()
  await at.project.has({ '.haal/skills/review/references/a.md': 'a' })
  expect(lockOf(at.project).artifacts['skill/review']).toMatchObject({ version: '1.4.0' })
})

test('[A16] entries of a catalogue may name packages', async () => {
  const at = await world()
  const registry = await at.npm()
  const extension = {
    'manifest.json': { id: 'com.acme.calc', name: 'calc', version: '1.0.0' },
    'index.js': 'export {}\n',
  }
  await registry.publish('@acme/ext-calc', '1.1.0', extension, { manifest: { main: 'index.js' } })
  const entry = {
    id: 'com.acme.calc',
    name: 'calc',
    version: '1.1.0',
    package: '@acme/ext-calc',
    path: 'registry/curated/calc',
  }
  await registry.publish('@acme/extensions', '1.0.0', {
    'registry.json': { version: '1.0.0', extensions: { curated: [entry] } },
  })
  await configure(at.project, {
    registries: [{ name: 'official', type: 'npm', location: '@acme/extensions' }],
    artifacts: { 'tool/com.acme.calc': '*' },
  })
  await at.haal('install').succeeds()
  await at.project.has({ '.haal/tools/calc/index.js': 'export {}\n' })
})

test('[A16] no script of a package runs', async () => {
  const at = await world()
  const registry = await at.npm()
  const marker = at.root.at('ran')
  const scripts = Object.fromEntries(
    ['preinstall', 'install', 'postinstall', 'prepare', 'prepublish'].map((name) => [name, `touch ${marker}`]),
  )
  await registry.publish('review', '1.0.0', { 'SKILL.md': skill('review') }, { manifest: { scripts } })
  await ask(at, 'review')
  await at.haal('install').succeeds()
  await at.root.lacks('ran')
})

test('[O26 A5] versions, ranges and dist-tags of a package', async () => {
  const at = await world()
  const registry = await at.npm()
  const versions = { '1.0.0': ['old'], '1.2.0': ['one'], '2.0.0': ['latest'], '3.0.0-beta.1': ['next'] }
  for (const [version, tags] of Object.entries(versions))
    await registry.publish('@acme/skills', version, { 'skills/review/SKILL.md': skill('review', version) }, { tags })
  const body = (version: string) => ({ [installed]: new RegExp(`^${version}$`, 'm') })
  for (const [ref, version] of [
    ['', '2.0.0'],
    ['next', '3.0.0-beta.1'],
    ['^1.0.0', '1.2.0'],
    ['1.0.0', '1.0.0'],
  ]) {
    await ask(at, '@acme/skills', ref === '' ? {} : { ref })
    await at.haal('update').succeeds()
    await at.haal('install').succeeds()
    await at.project.has(body(version ?? ''))
  }
  await ask(at, '@acme/skills', { ref: '^9.0.0' })
  const { stderr } = await at.haal('update').fails('E_REF', 3)
  expect(stderr).toMatch(/\^9\.0\.0[\s\S]*3\.0\.0-beta\.1/)
})

test('[S7] a token of the user’s .npmrc goes to its registry and to no other', async () => {
  const at = await world()
  const token = at.secret()
  const packages = await at.npm({ scopes: { '@acme': token } })
  const thief = await at.http({ '*': { status: 404 } })
  const tarball = `${thief.origin}/skills-1.0.0.tgz`
  await packages.publish('@acme/skills', '1.0.0', { 'skills/review/SKILL.md': skill('review') }, { dist: { tarball } })
  await ask(at, '@acme/skills')
  at.setEnv({ NPM_TOKEN: token, HAAL_TRUSTED_ORIGINS: thief.origin })
  await at.haal('install').fails('E_ACCESS', 7)
  expect(thief.requests.map(({ headers }) => headers.authorization)).toEqual([undefined])
  const without = await at.haal('install', { env: { NPM_TOKEN: undefined } }).fails('E_TOKEN_UNSET', 2)
  expect(without.stderr).toMatch(/NPM_TOKEN/)
})

test('[S7] a project’s own .npmrc binds no token to a registry', async () => {
  const at = await world()
  const thief = await at.http({ '*': { status: 404 } })
  const { host } = new URL(thief.origin)
  await at.project.write({ '.npmrc': `@acme:registry=${thief.origin}/\n//${host}/:_authToken=\${MY_TOKEN}\n` })
  await ask(at, '@acme/skills')
  await at.haal('install', { env: { MY_TOKEN: at.secret() } }).fails('E_TOKEN_UNTRUSTED', 2)
  expect(thief.requests).toEqual([])
})

test('[S7] a project’s own .npmrc puts no variable into an address', async () => {
  const at = await world()
  const thief = await at.http({ '*': { status: 404 } })
  await at.project.write({ '.npmrc': `@acme:registry=${thief.origin}/\${MY_SECRET}/\n` })
  await ask(at, '@acme/skills')
  const run = (more = {}) => at.haal('install', { env: { MY_SECRET: at.secret(), ...more } })
  const { stderr } = await run().fails('E_TOKEN_UNTRUSTED', 2)
  expect(stderr).toContain('MY_SECRET')
  expect(thief.requests).toEqual([])
  await at.root.write({ 'home/.npmrc': `@acme:registry=${thief.origin}/\${PLACE}/\n` })
  await at.project.write({ '.npmrc': null })
  await at.haal('install', { env: { PLACE: 'mirror' } }).fails('E_ACCESS', 7)
  expect(thief.paths()).toEqual(['/mirror/@acme%2fskills'])
})

test('[S7] haal trust binds the variable of a project’s own .npmrc, too', async () => {
  const at = await world()
  const token = at.secret()
  const packages = await at.npm({ scopes: { '@acme': token }, configure: false })
  await packages.publish('@acme/skills', '1.0.0', { 'skills/review/SKILL.md': skill('review') })
  const { host } = new URL(packages.origin)
  await at.project.write({ '.npmrc': `@acme:registry=${packages.origin}/\n//${host}/:_authToken=\${MY_TOKEN}\n` })
  await ask(at, '@acme/skills')
  at.setEnv({ MY_TOKEN: token })
  const { stderr } = await at.haal('install').fails('E_TOKEN_UNTRUSTED', 2)
  const [, command = ''] = /haal (trust [\w-]+)/.exec(stderr) ?? []
  await at.haal(command).succeeds()
  expect(packages.requests).toEqual([])
  await at.haal('install').succeeds()
  await at.haal(command).fails('E_CONFIG', 2)
})

test('an archive with a link in it is refused, whichever way it comes', async () => {
  const at = await world()
  const registry = await at.npm()
  const entries = entriesOf({ 'package/SKILL.md': skill('review') })
  const tarball = tarOf([...entries, { path: 'package/secret', type: '2', link: '../../../etc/passwd' }])
  await registry.publish('review', '1.0.0', {}, { tarball })
  await ask(at, 'review')
  await at.haal('install').fails('E_ENTRY_TYPE', 6)
})

needs('verdaccio')('[A16] a private scope of a real npm registry opens with the token of .npmrc', async () => {
  const at = await world()
  const registry = await at.verdaccio()
  await registry.publish('@acme/skills', '1.0.0', { 'skills/review/SKILL.md': skill('review') })
  await ask(at, '@acme/skills')
  await at.haal('install', { env: { NPM_TOKEN: 'wrong-token' } }).fails('E_ACCESS', 7)
  await at.haal('install', { env: { NPM_TOKEN: registry.token } }).succeeds()
  await at.project.has({ [installed]: /review/ })
})
