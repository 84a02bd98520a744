import { expect, test } from 'vitest'
import { skill, world } from '../world/index.js'
import { configure } from './ground.js'

const typescript = `import type { AgentOSConfig } from '@framers/agentos'
import { other } from './other.mjs'
enum Kind { skill = 'skill' }
const resolver = (kind: string): string | null => (kind === Kind.skill ? other : null)
export default {
  registryConfig: { registries: { a: { type: 'file', location: '../folders/a' }, b: { type: 'file', location: '../folders/b' } }, resolver },
} satisfies AgentOSConfig as AgentOSConfig
`

test('[A30 U8] a configuration in TypeScript runs on every Node, where --config names it', async () => {
  const { haal, project, folder } = await world()
  await folder('a', { 'skills/x/SKILL.md': skill('x', 'from a'), 'rules/y.md': 'from a' }, { listed: false })
  await folder('b', { 'skills/x/SKILL.md': skill('x', 'from b'), 'rules/y.md': 'from b' }, { listed: false })
  await project.write({ 'haal.config.ts': typescript, 'other.mjs': "export const other = 'b'\n" })
  await haal('install x y').fails('E_NO_REGISTRY', 3)
  await haal('install x y --config haal.config.ts').succeeds()
  await project.has({ '.haal/skills/x/SKILL.md': /from b/, '.haal/rules/y.md': 'from a' })
})

test('[A30] what is asked for stands in haal.json beside the code, which is never edited', async () => {
  const { haal, project, folder } = await world()
  await folder('a', { 'skills/x/SKILL.md': skill('x', 'v1', { version: '1.0.0' }) }, { listed: false })
  const code = "export const config = { registries: [{ name: 'a', location: '../folders/a' }] }\n"
  await project.write({ 'haal.config.mjs': code })
  await haal('install x --config haal.config.mjs').succeeds()
  await project.has({ 'haal.config.mjs': code, 'haal.json': { artifacts: { 'skill/x': '^1.0.0' } } })
  await project.remove('.haal')
  await haal('install --frozen --config haal.config.mjs').succeeds()
  await project.has({ '.haal/skills/x/SKILL.md': /v1/ })
})

test.each([
  ['broken.ts', 'export default {', 'E_CONFIG_PARSE'],
  ['broken.mjs', 'export default {', 'E_CONFIG_PARSE'],
  ['throws.mjs', "throw new Error('no luck')", 'E_CONFIG'],
  ['nothing.mjs', 'export const other = 1', 'E_CONFIG'],
  ['lost.ts', "import { x } from './gone.mjs'\nexport default { x: x as string }", 'E_CONFIG'],
])('[U3] code that does not load is an error of the configuration: %s', async (name, text, code) => {
  const { haal, project } = await world()
  await project.write({ [name]: text })
  const { stderr } = await haal(`list --available --config ${name}`).fails(code, 2)
  expect(stderr).toContain(name)
})

test('[A30] what a resolver answers must be a registry', async () => {
  const { haal, project, folder } = await world()
  await folder('a', { 'skills/x/SKILL.md': skill('x') }, { listed: false })
  const code = "export default { registries: [{ name: 'a', location: '../folders/a' }], resolver: () => 'nowhere' }\n"
  await project.write({ 'haal.config.mjs': code })
  const { stderr } = await haal('install skill/x --config haal.config.mjs').fails('E_CONFIG', 2)
  expect(stderr).toMatch(/resolver\("skill"\) answered "nowhere"/)
  await configure(project, { artifacts: {} })
})

test.each([
  'export default { resolver: (kind) => (kind === "skill" ? "b" : null) }\n',
  'export default { registryConfig: { resolver: (kind) => (kind === "skill" ? "b" : null) } }\n',
])('[A30] a resolver alone routes the registries of haal.json: %s', async (code) => {
  const { haal, project, folder } = await world()
  await folder('a', { 'skills/x/SKILL.md': skill('x', 'from a'), 'rules/y.md': 'from a' })
  await folder('b', { 'skills/x/SKILL.md': skill('x', 'from b'), 'rules/y.md': 'from b' })
  await project.write({ 'haal.config.mjs': code })
  await haal('install x y --config haal.config.mjs').succeeds()
  await project.has({ '.haal/skills/x/SKILL.md': /from b/, '.haal/rules/y.md': 'from a' })
})
