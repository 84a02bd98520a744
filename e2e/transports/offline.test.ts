import { expect } from 'vitest'
import { needs, skill, world } from '../world/index.js'
import { five } from './five.js'
import { configure } from './ground.js'

const alone = { network: false } as const

needs('git', 'unshare')('[A34 A41 O33] with no interface at all, everything that is cached works', async () => {
  const at = await world()
  await five(at)
  await at.haal('install').succeeds()
  for (const line of [
    'list',
    'list --available',
    'search review',
    'info review',
    'info web:kit',
    'why skill/review',
    'verify',
    'outdated --offline',
    'update --offline',
    'diff',
    'diff --upstream --offline',
    'copy review ../tmp/copied',
    'uninstall plugin/kit',
    'rollback',
    'install kit',
    'pin review',
    'install --frozen',
    'policy check',
    'registry list',
    'cache info',
  ])
    await at.haal(line, alone).succeeds()
  await at.project.remove('.haal')
  await at.haal('install', alone).succeeds()
  await at.haal('verify', alone).succeeds()
  await at.haal('update', alone).succeeds()
  const stale = await at.haal('outdated', alone).succeeds()
  expect(stale.stderr.match(/W_STALE/g)?.length).toBeGreaterThanOrEqual(3)
})

needs('git', 'unshare')(
  '[A34 A13] with no interface at all, everything from folders, archives and repositories here works',
  async () => {
    const at = await world()
    await at.folder('first', { 'skills/one/SKILL.md': skill('one') })
    const acme = await at.git('acme', { 'skills/two/SKILL.md': skill('two', 'v1') }, { tag: 'v1.0.0', listed: false })
    await acme.commit({ 'skills/two/SKILL.md': skill('two', 'v2') })
    at.list({ name: 'here', type: 'git', location: acme.path, ref: 'v1.0.0' })
    at.list({ name: 'url', type: 'git', location: `file://${acme.path}` })
    at.list({
      name: 'packed',
      type: 'file',
      location: await at.archive('packed', { 'skills/three/SKILL.md': skill('three') }),
    })
    for (const HAAL_GIT of ['system', 'embedded']) {
      const options = { ...alone, env: { HAAL_GIT } }
      await at.haal('install one here:two three', options).succeeds()
      await at.project.has({ '.haal/skills/two/SKILL.md': /^v1$/m })
      await at.haal('list --available', options).succeeds()
      await configure(at.project, { artifacts: { one: '*', three: '*', 'url:skill/two': '*' } })
      await at.haal('update', options).succeeds()
      await at.haal('install', options).succeeds()
      await at.project.has({ '.haal/skills/two/SKILL.md': /^v2$/m })
      await at.haal('uninstall one two three', options).succeeds()
    }
    expect(acme.server.requests).toEqual([])
  },
)

needs('git', 'unshare')(
  '[A41] what is neither cached nor here is an error that says so, and --offline needs no network to say it',
  async () => {
    const at = await world()
    await five(at)
    await configure(at.project, { artifacts: {} })
    for (const [name, line] of Object.entries({
      corp: 'corp:review',
      tools: 'tools:com.acme.calc',
      web: 'web:kit',
      packages: 'packages:helper',
    })) {
      const offline = await at.haal(`install ${line} --offline`, alone).fails('E_OFFLINE', 7)
      expect(offline.stderr).toContain(`"${name}"`)
    }
    await at.haal('install corp:review', alone).fails('E_REGISTRY_UNAVAILABLE', 7)
  },
)
