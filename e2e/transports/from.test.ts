import { expect, test } from 'vitest'
import { needs, skill, world } from '../world/index.js'
import { lockOf } from './ground.js'

const files = {
  'skills/review/SKILL.md': skill('review'),
  'skills/test/SKILL.md': skill('test'),
  'agents/helper.md': '# Helper\n',
}

interface Config {
  registries: Record<string, unknown>[]
  artifacts: Record<string, string>
}

test('[A11] --from a folder brings the registry into haal.json, its path relative to it', async () => {
  const { haal, project, folder } = await world()
  await folder('acme', files, { listed: false })
  await haal('install review --from ../folders/acme').succeeds()
  const { registries, artifacts } = project.json<Config>('haal.json')
  expect(registries).toEqual([{ name: 'acme', location: '../folders/acme' }])
  expect(artifacts).toEqual({ 'skill/review': '*' })
  await haal('install test --from ../folders/acme').succeeds()
  expect(project.json<Config>('haal.json').registries).toHaveLength(1)
})

test('--from an archive, and everything in it', async () => {
  const { haal, project, archive } = await world()
  const file = await archive('acme', files)
  await haal(`install --all --from ${file}`).succeeds()
  await project.has({ '.haal/skills/review/SKILL.md': /review/, '.haal/agents/helper.md': /Helper/ })
  expect(lockOf(project).registries.acme).toMatchObject({ type: 'file' })
})

needs('git')('[A9 A5] --from a git address with a ref', async () => {
  const { haal, project, git } = await world()
  const acme = await git('acme', files, { tag: 'v1', listed: false })
  await acme.commit({ 'skills/review/SKILL.md': skill('review', 'newer') })
  await haal(`install review --from ${acme.url}#v1`).succeeds()
  await project.has({ '.haal/skills/review/SKILL.md': /How to review/ })
  expect(project.json<Config>('haal.json').registries).toEqual([{ name: 'acme', location: acme.url, ref: 'v1' }])
})

needs('git', 'openssl')('[A2] --from owner/repo is GitHub, a folder behind it all that is meant', async () => {
  const { haal, project, github } = await world()
  await github('acme/skills', files, { publicHost: true, listed: false })
  await haal('install --from acme/skills/skills').succeeds()
  await project.has({ '.haal/skills/review/SKILL.md': /review/, '.haal/skills/test/SKILL.md': /test/ })
  await project.lacks('.haal/agents')
  expect(project.json<Config>('haal.json')).toMatchObject({
    registries: [{ name: 'skills', location: 'https://github.com/acme/skills' }],
    artifacts: { 'skill/review': '*', 'skill/test': '*' },
  })
  await haal('install helper --from acme/skills/skills').fails('E_NOT_FOUND', 3)
  await haal('install helper --from acme/skills').succeeds()
  expect(project.json<Config>('haal.json').registries).toHaveLength(1)
})

needs('git', 'openssl')('[A2] owner/repo may have in front what says GitHub, and a slash behind it', async () => {
  const { haal, project, github } = await world()
  await github('acme/skills', files, { publicHost: true, listed: false })
  await haal('install review --from github.com/acme/skills').succeeds()
  expect(project.json<Config>('haal.json').registries).toEqual([
    { name: 'skills', location: 'https://github.com/acme/skills' },
  ])
  for (const source of ['github:acme/skills', 'github.com/acme/skills/skills', 'acme/skills/', 'acme/skills#'])
    await haal(`install test --from ${source}`).succeeds()
  expect(project.json<Config>('haal.json').registries).toHaveLength(1)
})

needs('git', 'openssl')('[A5] what a browser shows of a folder at GitHub can be pasted', async () => {
  const { haal, project, github } = await world()
  await github('acme/skills', files, { publicHost: true, listed: false, tag: 'v1' })
  await haal('install --from https://github.com/acme/skills/tree/v1/skills/review').succeeds()
  await project.has({ '.haal/skills/review/SKILL.md': /review/ })
  await project.lacks('.haal/skills/test')
  expect(lockOf(project).registries.skills).toMatchObject({ location: 'https://github.com/acme/skills', ref: 'v1' })
})

test('[A14] --from a web address', async () => {
  const { haal, project, http, archive } = await world()
  const { readFileSync } = await import('node:fs')
  const packed = readFileSync(await archive('review', { 'SKILL.md': skill('review') }))
  const index = { skills: { curated: [{ id: 'review', name: 'review', version: '1.0.0', path: 'skills/review' }] } }
  const web = await http({ '/ext/registry.json': { body: JSON.stringify(index) }, '/ext/skills/review.tgz': packed })
  await haal(`install review --from ${web.origin}/ext`).succeeds()
  await project.has({ '.haal/skills/review/SKILL.md': /review/ })
  expect(lockOf(project).registries.ext).toMatchObject({ type: 'url', location: `${web.origin}/ext` })
})

test('[A16] --from npm:package@range', async () => {
  const { haal, project, npm } = await world()
  const registry = await npm()
  await registry.publish('@acme/skills', '1.0.0', { 'skills/review/SKILL.md': skill('review', 'one') })
  await registry.publish('@acme/skills', '2.0.0', { 'skills/review/SKILL.md': skill('review', 'two') })
  await haal('install review --from npm:@acme/skills@^1.0.0').succeeds()
  await project.has({ '.haal/skills/review/SKILL.md': /one/ })
  expect(lockOf(project).registries['acme-skills']).toMatchObject({ type: 'npm', ref: '^1.0.0' })
  await project.remove('.haal')
  await haal('install --frozen').succeeds()
})

test('a registry is a whole repository: registry add takes no folder in it', async () => {
  const { haal } = await world()
  await haal('registry add acme/skills/skills/review').fails('E_USAGE', 2)
})

test('--from says where, and names or --all say what', async () => {
  const { haal, folder } = await world()
  await folder('acme', files, { listed: false })
  await haal('install --from ../folders/acme').fails('E_USAGE', 2)
  const { stderr } = await haal('install nothing --from ../folders/acme').fails('E_NOT_FOUND', 3)
  expect(stderr).toMatch(/nothing.*in acme/)
})
