import { expect } from 'vitest'
import { agent, integrityOf, manifest, needs, plugin, registryJson, skill, sri, type World, world } from '../world/index.js'
import { tarOf } from '../world/tar.js'
import { entriesOf } from '../world/registries.js'

/** A registry of every kind of transport, each private where it can be, and a project that wants one artifact of each. */
async function five(at: World) {
  const { git, github, http, npm, folder, secret, setEnv, project } = at
  const tokens = { git: secret('git'), github: secret('github'), url: secret('url'), npm: secret('npm') }
  const corp = await git(
    'corp',
    { 'skills/review/SKILL.md': skill('review'), 'skills/review/scripts/run.sh': { body: '#!/bin/sh\n', mode: 0o755 } },
    { access: { bearer: tokens.git }, entry: { token: '${CORP_GIT_TOKEN}' } },
  )
  const hub = await github(
    'acme/tools',
    {
      'registry.json': registryJson([
        { id: 'com.acme.calc', name: 'Calc', version: '1.2.0', path: 'curated/calc' },
      ]),
      'registry/curated/calc/manifest.json': manifest('com.acme.calc', '1.2.0'),
      'registry/curated/calc/index.mjs': 'export const createExtensionPack = () => ({})\n',
    },
    { token: tokens.github, entry: { token: '${GITHUB_TOKEN}' } },
  )
  const kit = { '.claude-plugin/plugin.json': plugin('kit'), 'commands/hello.md': '# Hello\n' }
  const archive = tarOf(entriesOf(kit))
  const web = await http({
    '/registry.json': ({ headers }) =>
      headers.authorization === `Bearer ${tokens.url}`
        ? {
            body: JSON.stringify(
              registryJson([
                {
                  id: 'kit',
                  name: 'kit',
                  kind: 'plugin',
                  version: '1.0.0',
                  path: 'kit',
                  archive: 'kit-1.0.0.tgz',
                  archiveIntegrity: sri(archive),
                  integrity: integrityOf(kit),
                },
              ]),
            ),
            etag: true,
          }
        : { status: 401 },
    '/kit-1.0.0.tgz': ({ headers }) =>
      headers.authorization === `Bearer ${tokens.url}` ? { body: archive } : { status: 401 },
  })
  at.list({ name: 'web', type: 'url', location: web.origin, token: '${WEB_TOKEN}' })
  const packages = await npm({ scopes: { '@acme': tokens.npm } })
  await packages.publish('@acme/agents', '2.0.0', { 'agents/helper.md': agent('helper') })
  at.list({ name: 'packages', type: 'npm', location: '@acme/agents' })
  await folder('local', { 'rules/tabs.md': '# Tabs\n' })
  setEnv({
    CORP_GIT_TOKEN: tokens.git,
    GITHUB_TOKEN: tokens.github,
    WEB_TOKEN: tokens.url,
    NPM_TOKEN: tokens.npm,
    HAAL_TRUSTED_ORIGINS: [corp.server.origin, hub.api.origin, web.origin, packages.origin].join(','),
  })
  await project.write({
    'haal.json': {
      ...project.json('haal.json'),
      artifacts: {
        'skill/review': '*',
        'tool/com.acme.calc': '^1.0.0',
        'plugin/kit': '*',
        'agent/helper': '*',
        'rule/tabs': '*',
      },
    },
  })
  return { corp, hub, web, packages, stop: async () => {
    for (const server of [corp.server, hub.api, hub.codeload, web, packages]) await server.stop()
  } }
}

needs('git')(
  '[O37] a skill, a tool, a plugin, an agent and a rule come from five kinds of registry in one install and one lockfile',
  async () => {
    const t1=Date.now();const at = await world()
    await five(at);console.log('setup ms', Date.now()-t1)
    const t0=Date.now();const outcome = await at.haal('install --verbose', {env: {}}).succeeds();console.log('install ms', Date.now()-t0)
    console.log(outcome.stdout, outcome.stderr, at.project.read('haal.lock'))
    console.log(Object.keys(at.project.tree()).join('\n'))
    expect(1).toBe(1)
  },
)
