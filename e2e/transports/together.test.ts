import fs from 'node:fs'
import { expect } from 'vitest'
import { leaksIn } from '../world/ground.js'
import { needs, skill, world } from '../world/index.js'
import { five } from './five.js'
import { lockOf } from './ground.js'

const installed = {
  '.haal/skills/review/SKILL.md': /How to review/,
  '.haal/tools/calc/manifest.json': /com\.acme\.calc/,
  '.haal/plugins/kit/commands/hello.md': '# Hello\n',
  '.haal/agents/helper.md': /You are helper/,
  '.haal/rules/tabs.md': '# Tabs\n',
}

needs('git', 'unshare')(
  '[O37 A2 A9 A11 A14 A16] five kinds of registry, one install, one lockfile; frozen elsewhere; frozen again without a network',
  async () => {
    const at = await world()
    const { haal, project, root, home } = at
    const { servers, tokens } = await five(at)
    await haal('install').succeeds()
    await project.has(installed)
    const { registries, artifacts } = lockOf(project)
    const types = Object.values(artifacts).map(({ registry }) => registries[registry]?.type)
    expect(types.sort()).toEqual(['file', 'git', 'github', 'npm', 'url'])
    const tree = project.tree('.haal/skills')

    const other = root.below('other')
    await other.write({ 'haal.json': project.read('haal.json'), 'haal.lock': project.read('haal.lock') })
    await root.write({ 'home/other/.npmrc': home.read('.npmrc') })
    const machine = { cwd: '../other', env: { HOME: root.at('home/other'), HAAL_HOME: root.at('haal/other') } }
    await haal('install --frozen', machine).succeeds()
    await other.has(installed)
    expect(other.tree('.haal/skills')).toEqual(tree)
    expect(other.read('haal.lock')).toBe(project.read('haal.lock'))

    for (const server of servers) await server.stop()
    await other.remove('.haal')
    await haal('install --frozen', { ...machine, network: false }).succeeds()
    await other.has(installed)
    await haal('verify', { ...machine, network: false }).succeeds()
    expect(leaksIn(root.path, Object.values(tokens))).toEqual([])
    const files = Object.keys(other.tree()).filter((file) => fs.statSync(other.at(file)).isFile())
    for (const file of files) for (const token of Object.values(tokens)) expect(other.read(file)).not.toContain(token)
  },
)

needs('git')(
  '[O27] a frozen install takes the very bytes of the lockfile although every upstream has moved on',
  async () => {
    const at = await world()
    const { haal, project, store } = at
    const { corp, hub, packages } = await five(at)
    await haal('install').succeeds()
    const before = project.tree('.haal/agents')
    await corp.commit({ 'skills/review/SKILL.md': skill('review', 'newer') })
    await hub.commit({ 'registry/curated/calc/index.mjs': '// newer\n' })
    await packages.publish('@acme/agents', '3.0.0', { 'agents/helper.md': 'newer' })
    await project.remove('.haal')
    await store.remove('store', 'cache')
    await haal('install --frozen').succeeds()
    await project.has(installed)
    expect(project.tree('.haal/agents')).toEqual(before)
  },
)

needs('git')('[S3] one registry that is down stops the whole command, and nothing is written', async () => {
  const at = await world()
  const { servers, hub } = await five(at)
  // Without its archives GitHub is read through git.
  for (const server of servers.filter((each) => each !== hub.codeload)) {
    await server.stop()
    await at.haal('install').fails('E_REGISTRY_UNAVAILABLE', 7)
    await server.again()
    await at.store.write({ cache: null, store: null })
  }
  await at.haal('install').succeeds()
})
