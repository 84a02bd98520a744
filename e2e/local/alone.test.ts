import { expect } from 'vitest'
import { manifest, needs, registryJson, skill, world } from '../world/index.js'

/** In a network namespace without an interface, not even loopback. */
const alone = { network: false } as const

needs('unshare')('[A13] folders and archives need no network at all, from install to rollback', async () => {
  const { archive, folder, haal, project } = await world()
  const acme = await folder('acme', {
    'registry.json': registryJson([{ id: 'a.x', name: 'X', version: '1.0.0', path: 'curated/x', package: 'x' }]),
    'curated/x/manifest.json': manifest('a.x'),
    'curated/x/index.mjs': 'v1\n',
  })
  await archive('packed', { 'skills/s/SKILL.md': skill('s') }, { listed: true })
  for (const line of ['list --available', 'install --all', 'list', 'verify', 'install --frozen', 'why x', 'info s'])
    await haal(line, alone).succeeds()
  await acme.write({ 'curated/x/index.mjs': 'v2\n' })
  await haal('update', alone).succeeds()
  await project.has({ '.haal/tools/x/index.mjs': 'v2\n' })
  await haal('rollback', alone).succeeds()
  await project.has({ '.haal/tools/x/index.mjs': 'v1\n' })
  expect((await haal('uninstall x s', alone).succeeds()).stdout).toMatch(/- skill\/s/)
})
