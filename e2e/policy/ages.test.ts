import { describe, expect, test } from 'vitest'
import { needs, plugin, skill, type World, world } from '../world/index.js'

/** Worlds make their first commit on the second of January 2025, the next a day later; the first package of theirs is a day older. */
const first = 1_735_786_800_000
const hoursSince = (day: number) => (Date.now() - first - day * 86_400_000) / 3_600_000

const older = (at: Pick<World, 'store'>, hours: number) =>
  at.store.write({ 'policy.json': { policyVersion: 1, content: { minimumAgeHours: hours } } })

describe('a minimum age', () => {
  needs('git')('[P6] in git is that of the newest commit that touched the artifact', async () => {
    const at = await world()
    const repo = await at.git('corp', { 'skills/a/SKILL.md': skill('a'), 'skills/b/SKILL.md': skill('b') })
    await repo.commit({ 'skills/b/SKILL.md': skill('b', 'newer') })
    await older(at, hoursSince(0.5))
    const { stderr } = await at.haal('install b').fails('E_POLICY_CONTENT', 5)
    expect(stderr).toMatch(/content\.minimumAgeHours/)
    await at.haal('install a').succeeds()
    await at.haal('install --frozen').succeeds()
    await older(at, hoursSince(-2))
    await at.haal('install --frozen').fails('E_POLICY_CONTENT', 5)
    await older(at, hoursSince(3))
    await at.haal('install b').succeeds()
  })

  needs('git')('[P6] of a plugin elsewhere is that of the newest commit that touched it, too', async () => {
    const at = await world()
    const plugins = await at.git('plugins', { 'kit/.claude-plugin/plugin.json': plugin('kit') }, { listed: false })
    await plugins.commit({ 'other/README.md': 'newer' })
    const source = { source: 'git-subdir', url: plugins.url, path: 'kit' }
    const marketplace = { name: 'acme', plugins: [{ name: 'kit', source }] }
    await at.folder('market', { '.claude-plugin/marketplace.json': marketplace })
    await older(at, hoursSince(-0.5))
    await at.haal('install kit').fails('E_POLICY_CONTENT', 5)
    await older(at, hoursSince(0.5))
    await at.haal('install kit').succeeds()
  })

  test('[P6] in npm is that of the published version, as the registry has recorded it', async () => {
    const at = await world()
    const npm = await at.npm()
    await npm.publish('@acme/skills', '1.0.0', { 'skills/a/SKILL.md': skill('a') })
    at.list({ name: 'corp', type: 'npm', location: '@acme/skills' })
    await older(at, hoursSince(-2))
    await at.haal('install a').fails('E_POLICY_CONTENT', 5)
    await older(at, hoursSince(3))
    await at.haal('install a').succeeds()
    expect(npm.requests.filter(({ path }) => path === '/@acme%2fskills').length).toBeGreaterThan(1)
    await npm.stop()
    await at.haal('install --frozen').succeeds()
    await at.haal('uninstall a').succeeds()
    await at.haal('rollback').succeeds()
  })

  test('[P6] that nobody knows is none', async () => {
    const at = await world()
    await at.folder('corp', { 'skills/a/SKILL.md': skill('a') })
    await older(at, 1)
    expect((await at.haal('install a').fails('E_POLICY_CONTENT', 5)).stderr).toMatch(/its age is not known/)
    await older(at, 0)
    await at.haal('install a').succeeds()
  })
})
