import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { agent, needs, skill, world } from '../world/index.js'

const page = fs.readFileSync(path.resolve(import.meta.dirname, '../../docs/registries.md'), 'utf8')

interface Listed {
  registries: { name: string; type: string; location: string; ref: string | null; source: string }[]
}
interface Pinged {
  registries: { name: string; ok: boolean; says: string; revision: string | null }[]
}

needs('nginx')('[A14] a folder, packed as docs/registries.md says, is a registry on any web server', async () => {
  const { haal, project, nginx } = await world()
  const site = await nginx('site', { 'skills/review/SKILL.md': skill('review'), 'agents/helper.md': agent('helper') })
  const [, pack = ''] = /^(tar -czf registry\.tgz .*)$/m.exec(page) ?? []
  execFileSync('sh', ['-c', pack], { cwd: site.path })
  await haal(`registry add ${site.origin}/registry.tgz --name web`).succeeds()
  await haal('install review helper').succeeds()
  await project.has({ '.haal/skills/review/SKILL.md': /review/, '.haal/agents/helper.md': /helper/ })
})

test('registry add, list and remove edit haal.json in the dialect it is written in', async () => {
  const { haal, project, folder } = await world()
  await folder('first', { 'skills/a/SKILL.md': skill('a') }, { listed: false })
  const written =
    '{\n  // the team\n  "registries": [\n    { "name": "hub", "url": "https://github.com/acme/skills" }\n  ]\n}\n'
  await project.write({ 'haal.json': written })
  await haal('registry add ../folders/first').succeeds()
  await haal(
    "registry add https://git.corp.com/ext.git --name corp --ref v3 --token '${CORP_TOKEN}' --verified",
  ).succeeds()
  expect(project.read('haal.json')).toContain('// the team')
  const { registries } = await haal('registry list').json<Listed>()
  expect(registries.map(({ name, type }) => `${name} ${type}`)).toEqual(['hub github', 'first file', 'corp git'])
  await haal('registry add ../folders/first').fails('E_CONFIG', 2)
  await haal('registry remove corp').succeeds()
  await haal('registry remove first').succeeds()
  await haal('registry remove first').fails('E_NOT_FOUND', 3)

  const custom = { type: 'file', location: '../folders/first' }
  await project.write({ 'haal.json': { registryConfig: { registries: { custom } } } })
  await haal("registry add https://git.corp.com/ext.git --name corp --token '${CORP_TOKEN}'").succeeds()
  const corp = { type: 'git', location: 'https://git.corp.com/ext.git', token: '${CORP_TOKEN}' }
  expect(project.json('haal.json')).toMatchObject({ registryConfig: { registries: { corp } } })
  await haal('install custom:a').succeeds()
  const { stderr } = await haal('registry remove custom').fails('E_REQUIRED_BY', 4)
  expect(stderr).toContain('haal uninstall skill/a')
})

test('[O18] a git repository on this machine is added as what its address says it is, a bare name or not', async () => {
  const { haal, project, git, root } = await world()
  const made = await git('repo', { 'skills/a/SKILL.md': skill('a') }, { listed: false })
  fs.renameSync(made.path, root.at('bare'))
  await haal(`registry add git+file://${root.at('bare')} --name one`).succeeds()
  const { registries } = project.json<{ registries: unknown[] }>('haal.json')
  expect(registries).toEqual([{ name: 'one', location: root.at('bare'), type: 'git' }])
  await haal('install one:a').succeeds()
  await haal(`install a --from git+file://${root.at('bare')}`).succeeds()
})

test('[A28] a registry that kinds are routed to is not removed: the configuration could not be read any more', async () => {
  const { haal, project, folder } = await world()
  await folder('first', { 'skills/a/SKILL.md': skill('a') })
  const { registries } = project.json<{ registries: unknown[] }>('haal.json')
  const routes = [{ kind: 'agent', registry: 'first' }]
  await project.write({ 'haal.json': { registries, routes, defaultRegistries: { tool: 'first' } } })
  const { stderr } = await haal('registry remove first').fails('E_CONFIG', 2)
  expect(stderr).toContain('defaultRegistries.tool, routes: agent name first')
  await project.write({ 'haal.json': { registries } })
  await haal('registry remove first').succeeds()
})

test('[A43 O19] registry add writes no token, no second ref, and nothing that could not be read again', async () => {
  const { haal, project, secret } = await world()
  const token = secret('literal')
  await haal(`registry add https://git.corp.com/ext.git --token ${token}`).fails('E_USAGE', 2)
  await haal('registry add https://git.corp.com/ext.git#v1 --ref v2').fails('E_USAGE', 2)
  await haal('registry add npm:@acme/skills@^1 --ref ^2').fails('E_CONFIG', 2)
  await haal('registry add https://git.corp.com/ext.git#v1 --ref v1').succeeds()
  expect(project.json('haal.json')).toMatchObject({ registries: [{ name: 'ext', ref: 'v1' }] })
})

test.each([
  ['registry add ../nothere'],
  ['registry add ../nothere#v1'],
  ['registry add ../nothere.git'],
  ['registry add acme'],
  ['init --registry ../nothere'],
])('[U3] haal %s: a path that leads to nothing is refused before it is written down', async (line) => {
  const { haal } = await world()
  const { stderr } = await haal(line).fails('E_REGISTRY_UNAVAILABLE', 7)
  expect(stderr).toMatch(/there is no folder or archive at \S*(nothere|acme)/)
  expect(stderr).toContain('owner/repo')
})

test('[U5] a registry that is not configured is an error with the nearest one, wherever one is named', async () => {
  const { haal, folder } = await world()
  await folder('corp', { 'skills/a/SKILL.md': skill('a') })
  await folder('hub', {})
  const lines = [
    ...['list --registry crop', 'list --available --registry crop', 'search a --registry crop', 'info crop:a'],
    ...['install crop:a', 'copy crop:a x/', 'copy corp:a registry:crop', 'why crop:a', 'trust crop'],
    ...['registry remove crop', 'registry ping crop', 'registry verify crop'],
  ]
  for (const line of lines) {
    const { stderr } = await haal(line).fails('E_NOT_FOUND', 3)
    expect(stderr, line).toContain('hint: did you mean corp?')
  }
  const { stderr } = await haal('list --registry nobody').fails('E_NOT_FOUND', 3)
  expect(stderr).toContain('hint: there are: corp, hub')
  expect((await haal('list --registry hub').changesNothing()).stdout).toBe('nothing to list\n')
})

test('registry list has its columns in line, though a path in the project is shortened', async () => {
  const { haal, project, folder } = await world()
  await folder('first', {})
  await project.write({ 'own/skills/a/SKILL.md': skill('a') })
  await haal('registry add ./own').succeeds()
  const [first = '', own = ''] = (await haal('registry list').changesNothing()).stdout.split('\n')
  expect(own).toMatch(/^own +file +own /)
  expect(own.indexOf('haal.json')).toBe(first.indexOf('haal.json'))
})

test('[O11] list --registry knows a registry that only the primary lists, once something came from it', async () => {
  const { haal, folder } = await world()
  const second = await folder('second', { 'skills/b/SKILL.md': skill('b') }, { listed: false })
  await folder('first', {
    'registries.json': [{ name: 'second', location: second.path }],
    'skills/a/SKILL.md': skill('a'),
  })
  await haal('install b').succeeds()
  expect((await haal('list --registry second').changesNothing()).stdout).toMatch(/^skill\/b /)
})

test('registry add takes a list along that stood elsewhere, with all that it says', async () => {
  const { haal, project } = await world()
  const key = 'MCowBQYDK2VwAyEAqmGTztoJrvUD4CHgtY/EEFjEig8FQE/mOudPCq9ZuJY='
  const digest = `sha256-${'A'.repeat(43)}=`
  const guarded = { token: '${CORP_TOKEN}', signature: { keys: [{ key, until: '2027-06-30' }], threshold: 1, id: 'x' } }
  const more = { checksum: digest, priority: 3, verified: true, cacheDuration: 1000 }
  const corp = { name: 'corp', url: 'https://git.corp.com/ext.git', ref: 'v1', ...guarded, ...more }
  const folder = { name: 'folder', url: '../registry' }
  await project.write({ '.haal/registries.json': [folder, corp], 'registry/agents/a.md': agent('a') })
  await haal('registry add acme/skills').succeeds()
  const { url: location, ...rest } = corp
  expect(project.json('haal.json')).toEqual({
    registries: [
      { name: 'folder', type: 'file', location: './registry' },
      { type: 'git', location, ...rest },
      { name: 'skills', location: 'https://github.com/acme/skills' },
    ],
  })
})

test('registry add keeps the repositories of repos-manifest.json where they are, in their order', async () => {
  const { haal, project } = await world()
  await project.write({
    'haal.json': { repos: ['acme/base:main', { repo: 'corp/x', base_url: 'https://ghe.corp.com' }] },
  })
  const listed = async () => {
    const { registries } = await haal('registry list').json<Listed>()
    return registries.map(({ name, type, location, ref }) => [name, type, location, ref])
  }
  const before = await listed()
  expect(before).toEqual([
    ['corp-x', 'github', 'https://ghe.corp.com/corp/x', null],
    ['acme-base', 'github', 'acme/base', 'main'],
  ])
  expect((await haal('registry remove corp-x').fails('E_CONFIG', 2)).stderr).toContain('haal.json repos[1]')
  await haal('registry add acme/skills').succeeds()
  expect(await listed()).toEqual([...before, ['skills', 'github', 'acme/skills', null]])
})

test.each(['registry add ../folders/more', 'install b --from ../folders/more'])(
  '[O10 L6] after %s, what came from the list in .haal/registries.json is where haal.lock says',
  async (line) => {
    const { folder, haal, project } = await world()
    await folder('acme', { 'skills/a/SKILL.md': skill('a'), 'skills/c/SKILL.md': skill('c') }, { listed: false })
    await folder('more', { 'skills/b/SKILL.md': skill('b') }, { listed: false })
    await project.write({ '.haal/registries.json': [{ name: 'acme', url: '../../folders/acme' }] })
    await haal('install a').succeeds()
    await haal(line).succeeds()
    await haal('install --frozen').changesNothing()
    await haal('install b c').succeeds()
  },
)

needs('git')('registry ping asks each, and says which does not answer', async () => {
  const { haal, git, http, list } = await world()
  const acme = await git('acme', { 'skills/a/SKILL.md': skill('a') })
  const web = await http({})
  list({ name: 'web', type: 'url', location: web.origin })
  const done = await haal('registry ping --json').outcome()
  expect(done.exit).toBe(7)
  const { registries } = (JSON.parse(done.stdout) as { result: Pinged }).result
  expect(registries).toMatchObject([
    { name: 'acme', ok: true, revision: acme.sha(), says: '1 artifact (folders)' },
    { name: 'web', ok: false },
  ])
  const before = acme.server.requests.length
  await haal('registry ping acme').succeeds()
  expect(acme.server.requests.length).toBeGreaterThan(before)
  await haal('registry ping nobody').fails('E_NOT_FOUND', 3)
  await haal('registry ping acme --offline').fails('E_USAGE', 2)
})

test('[P2] registry ping says of a registry that policy forbids that it is forbidden, and does not ask it', async () => {
  const { haal, store, folder, http, list } = await world()
  await folder('corp', { 'skills/a/SKILL.md': skill('a') })
  const web = await http({ '*': { status: 404 } })
  list({ name: 'web', type: 'url', location: web.origin })
  await store.write({ 'policy.json': { policyVersion: 1, registries: { deny: [{ origin: web.origin }] } } })
  const { stdout, exit } = await haal('registry ping').outcome()
  expect(stdout).toMatch(/^ok +corp .*\nforbidden +web .*policy denies/)
  expect(exit).toBe(5)
  const { result } = JSON.parse((await haal('registry ping web --json').outcome()).stdout) as { result: Pinged }
  expect(result.registries).toMatchObject([{ name: 'web', ok: false, code: 'E_POLICY_REGISTRY' }])
  expect(web.requests).toEqual([])
  list({ name: 'gone', type: 'file', location: '../folders/gone' })
  const both = await haal('registry ping').outcome()
  expect([both.exit, both.stdout]).toEqual([7, expect.stringMatching(/^forbidden +web.*\n.*\ndown +gone/m)])
})

test('[U3] a file that is no archive haal reads is not added', async () => {
  const { haal, root, project } = await world()
  await root.write({ 'folders/acme.zip': 'PK', 'folders/acme.tgz': '' })
  for (const line of ['registry add ../folders/acme.zip', 'init --registry ../folders/acme.zip']) {
    const { stderr } = await haal(line).fails('E_REGISTRY_UNAVAILABLE', 7)
    expect(stderr).toMatch(/acme\.zip is no folder, \.tgz or \.tar\n +hint: name a folder/)
  }
  await haal('registry add ../folders/acme.tgz').succeeds()
  expect(project.json('haal.json')).toMatchObject({ registries: [{ name: 'acme' }] })
})

test('a registry that policy does not allow is not even added', async () => {
  const { haal, store, folder } = await world()
  await folder('first', { 'skills/a/SKILL.md': skill('a') }, { listed: false })
  await store.write({
    'policy.json': { policyVersion: 1, registries: { allow: [{ origin: 'https://git.corp.com' }] } },
  })
  await haal('registry add ../folders/first').fails('E_POLICY_REGISTRY', 5)
  await haal('install a --from ../folders/first').fails('E_POLICY_REGISTRY', 5)
})
