import fs from 'node:fs'
import { expect, test } from 'vitest'
import { manifest, needs, registryJson, type World, world } from '../world/index.js'
import type { Files } from '../world/place.js'
import { configure, lockOf } from './ground.js'
import { gitAt, githubAt, webAt } from './hosts.js'

/** The examples of AgentOS's page on self-hosted registries, in its own words. */

/** "Repository Structure" and "registry.json Format", as they stand there. */
const format = {
  version: '1.0.0',
  updated: '2024-11-14T00:00:00.000Z',
  categories: { curated: ['tools', 'workflows'], community: [] },
  extensions: {
    curated: [
      {
        id: 'com.yourorg.your-tool',
        name: 'Your Tool',
        version: '1.0.0',
        path: 'curated/your-tool',
        author: { name: 'Your Org', email: 'support@yourorg.com' },
      },
    ],
  },
}
const structure: Files = {
  'registry.json': format,
  'registry/curated/your-tool/manifest.json': manifest('com.yourorg.your-tool'),
  'registry/curated/your-tool/src/index.ts': 'export {}\n',
  'registry/curated/your-workflow/manifest.json': manifest('com.yourorg.your-workflow'),
  'registry/community/.keep': '',
}

const persona = (name: string): Files => ({
  'registry.json': registryJson([{ id: name, name, kind: 'persona', version: '1.0.0', path: `curated/${name}` }]),
  [`registry/curated/${name}/persona.json`]: { id: name, name, version: '1.0.0', baseSystemPrompt: `You are ${name}.` },
})

const asked = { 'tool/com.yourorg.your-tool': '*' }
const tool = '.haal/tools/your-tool'

/** The configuration as it stands in AgentOSConfig, in haal.json. */
const agentos = (at: World, registryConfig: Record<string, unknown>, artifacts: Record<string, string> = asked) =>
  configure(at.project, { registryConfig, artifacts })

const installs = async (at: World) => {
  await at.haal('install').succeeds()
  await at.project.has({ [`${tool}/manifest.json`]: /your-tool/, [`${tool}/src/index.ts`]: 'export {}\n' })
}

needs('git', 'openssl')(
  '[A28 A29] in AgentOSConfig: two GitHub repositories, each the default of its kinds',
  async () => {
    const at = await world()
    const extensions = await at.github('your-org/your-extensions', structure, { listed: false })
    const personas = await at.github('your-org/your-personas', persona('sage'), { listed: false })
    await githubAt(at, { 'your-org/your-extensions': extensions, 'your-org/your-personas': personas })
    const registryConfig = {
      registries: {
        'my-extensions': { type: 'github', location: 'your-org/your-extensions', branch: 'main', verified: true },
        'my-personas': { type: 'github', location: 'your-org/your-personas', branch: 'main' },
      },
      defaultRegistries: {
        tool: 'my-extensions',
        guardrail: 'my-extensions',
        workflow: 'my-extensions',
        persona: 'my-personas',
      },
    }
    await agentos(at, registryConfig, { ...asked, 'persona/sage': '*' })
    await installs(at)
    await at.project.has({ '.haal/personas/sage/persona.json': /You are sage/ })
    const { artifacts } = lockOf(at.project)
    expect([artifacts['tool/your-tool']?.registry, artifacts['persona/sage']?.registry]).toEqual([
      'my-extensions',
      'my-personas',
    ])
    await at.haal('install tool/sage').fails('E_NOT_FOUND', 3)
  },
)

needs('git', 'openssl')('[A2 A3] GitHub (Public)', async () => {
  const at = await world()
  await at.github('your-org/extensions-repo', structure, { publicHost: true, listed: false })
  await agentos(at, {
    registries: { custom: { type: 'github', location: 'your-org/extensions-repo', branch: 'main' } },
  })
  await installs(at)
})

needs('git', 'openssl')('[A6 A7] GitHub (Private)', async () => {
  const at = await world()
  const token = at.secret()
  await at.github('your-org/private-repo', structure, { publicHost: true, listed: false, token })
  const custom = { type: 'github', location: 'your-org/private-repo', branch: 'main', token: '${GITHUB_TOKEN}' }
  await agentos(at, { registries: { custom } })
  await at.haal('install').fails('E_TOKEN_UNSET', 2)
  at.setEnv({ GITHUB_TOKEN: token })
  await installs(at)
})

needs('git', 'openssl')(
  '[A7] GitHub (Private), with process.env in code: a variable that is not set stops the command',
  async () => {
    const at = await world()
    const token = at.secret()
    await at.github('your-org/private-repo', structure, { publicHost: true, listed: false, token })
    await at.project.write({
      'haal.config.mjs': `export default {
  registryConfig: {
    registries: {
      'custom': {
        type: 'github',
        location: 'your-org/private-repo',
        branch: 'main',
        token: process.env.GITHUB_PAT,
      }
    }
  }
}
`,
    })
    await configure(at.project, { artifacts: asked })
    const { stderr } = await at.haal('install --config haal.config.mjs').fails('E_TOKEN_UNSET', 2)
    expect(stderr).toMatch(/registry "custom".*token/)
    await at.haal('install --config haal.config.mjs', { env: { GITHUB_PAT: token } }).succeeds()
    await at.project.has({ [`${tool}/manifest.json`]: /your-tool/ })
  },
)

needs('git', 'openssl')('[A9] Self-Hosted Git', async () => {
  const at = await world()
  const repo = await at.git('extensions', { 'README.md': 'nothing here yet' }, { listed: false })
  await repo.commit(structure, { branch: 'production' })
  await gitAt(at, 'git.yourcompany.com')
  const location = 'https://git.yourcompany.com/extensions.git'
  await agentos(at, { registries: { custom: { type: 'git', location, branch: 'production' } } })
  await installs(at)
  expect(lockOf(at.project).registries.custom).toMatchObject({ type: 'git', location, ref: 'production' })
})

test('[A11] Local File System', async () => {
  const at = await world()
  const local = await at.folder('registry', structure, { listed: false })
  const before = local.stamp()
  await agentos(at, { registries: { local: { type: 'file', location: local.path } } })
  await installs(at)
  expect(local.stamp()).toEqual(before)
})

needs('openssl')('[A14] HTTP(S) URL', async () => {
  const at = await world()
  const inside = { 'manifest.json': manifest('com.yourorg.your-tool'), 'src/index.ts': 'export {}\n' }
  const archive = fs.readFileSync(await at.archive('your-tool', inside))
  await webAt(at, 'registry.yourcompany.com', {
    '/registry.json': JSON.stringify(format),
    '/curated/your-tool.tgz': archive,
  })
  await agentos(at, { registries: { hosted: { type: 'url', location: 'https://registry.yourcompany.com' } } })
  await installs(at)
})

needs('unshare')('[A34 A13] Air-Gapped Deployment: install, list, verify and rollback without a network', async () => {
  const at = await world()
  const extensions = await at.folder('extensions', { ...structure, ...onlyPersona() }, { listed: false })
  const internal = { type: 'file', location: extensions.path }
  await agentos(at, { registries: { internal }, defaultRegistries: { tool: 'internal', persona: 'internal' } })
  const alone = { network: false }
  await at.haal('install', alone).succeeds()
  await at.haal('install persona/sage', alone).succeeds()
  for (const line of ['list', 'list --available', 'verify', 'outdated', 'search your', 'info your-tool', 'rollback'])
    await at.haal(line, alone).succeeds()
  await at.project.lacks('.haal/personas/sage')
  await at.haal('install --frozen', alone).succeeds()
  await at.haal('history', alone).succeeds()
})

function onlyPersona(): Files {
  const index = structuredClone(format) as Record<string, unknown>
  const sage = { id: 'sage', name: 'sage', kind: 'persona', version: '1.0.0', path: 'curated/sage' }
  return {
    ...persona('sage'),
    'registry.json': { ...index, extensions: { curated: [...format.extensions.curated, sage] } },
  }
}

needs('git', 'openssl')(
  '[A33] Enterprise with Private Git: two registries on one host, one token each, one command',
  async () => {
    const at = await world()
    const token = at.secret()
    for (const [name, files] of Object.entries({
      'agentos-extensions': structure,
      'agentos-personas': persona('sage'),
    })) {
      const repo = await at.git(name, { 'README.md': 'unstable' }, { listed: false })
      await repo.commit(files, { branch: 'stable' })
    }
    const server = await gitAt(at, 'git.corp.com')
    for (const name of ['agentos-extensions', 'agentos-personas']) server.guard(name, { bearer: token })
    const entry = (name: string) => ({
      type: 'git',
      location: `https://git.corp.com/${name}.git`,
      branch: 'stable',
      token: '${CORP_GIT_TOKEN}',
    })
    const registries = {
      'enterprise-extensions': entry('agentos-extensions'),
      'enterprise-personas': entry('agentos-personas'),
    }
    const defaultRegistries = { tool: 'enterprise-extensions', persona: 'enterprise-personas' }
    await agentos(at, { registries, defaultRegistries }, { ...asked, 'persona/sage': '*' })
    at.setEnv({ CORP_GIT_TOKEN: token })
    await at.haal('install').fails('E_TOKEN_UNTRUSTED', 2)
    await at.haal('trust enterprise-extensions').succeeds()
    await installs(at)
    await at.project.has({ '.haal/personas/sage/persona.json': /sage/ })
  },
)

const hybrid = (typed: boolean) => `${typed ? "import type { AgentOSConfig } from '@framers/agentos'\n" : ''}
export default {
  registryConfig: {
    registries: {
      'official': {
        type: 'npm',
        location: '@framers/agentos-extensions',
      },
      'custom': {
        type: 'github',
        location: 'your-org/custom-extensions',
      }
    },
    resolver: (kind${typed ? ': string' : ''}) => {
      // Use custom for tools, official for everything else
      return kind === 'tool' ? 'custom' : 'official';
    }
  }
}${typed ? ' satisfies Partial<AgentOSConfig>' : ''}
`

for (const file of ['haal.config.mjs', 'haal.config.ts']) {
  needs('git', 'openssl')(`[A30 A32] Hybrid (Official + Custom), with its resolver in ${file}`, async () => {
    const at = await world()
    const registry = await at.npm()
    const guard = { 'manifest.json': manifest('com.framers.guard', '1.0.0', { kind: 'guardrail' }), 'index.mjs': '' }
    const both = [
      { id: 'com.framers.guard', name: 'guard', kind: 'guardrail', version: '1.0.0', path: 'registry/curated/guard' },
      { id: 'com.yourorg.your-tool', name: 'your-tool', version: '9.0.0', path: 'registry/curated/your-tool' },
    ]
    await registry.publish('@framers/agentos-extensions', '1.0.0', {
      'registry.json': registryJson(both),
      'registry/curated/guard/manifest.json': guard['manifest.json'],
      'registry/curated/your-tool/manifest.json': manifest('com.yourorg.your-tool', '9.0.0'),
    })
    await at.github('your-org/custom-extensions', structure, { publicHost: true, listed: false })
    await at.project.write({ [file]: hybrid(file.endsWith('.ts')) })
    await configure(at.project, { artifacts: { ...asked, 'guardrail/guard': '*' } })
    await at.haal(`install --config ${file}`).succeeds()
    const { artifacts } = lockOf(at.project)
    expect(artifacts['tool/your-tool']).toMatchObject({ registry: 'custom', version: '1.0.0' })
    expect(artifacts['guardrail/guard']).toMatchObject({ registry: 'official' })
    await at.haal(`install --frozen --config ${file}`).succeeds()
  })
}

test('[A32 A31] the same hybrid in JSON: routes, and a kind that is routed nowhere', async () => {
  const at = await world()
  await at.folder('official', persona('sage'), { listed: false })
  await at.folder('custom', structure, { listed: false })
  await configure(at.project, {
    registries: {
      official: { type: 'file', location: '../folders/official' },
      custom: { type: 'file', location: '../folders/custom' },
    },
    routes: [
      { kind: 'tool', registry: 'custom' },
      { kind: 'workflow', registry: null },
      { kind: '*', registry: 'official' },
    ],
    artifacts: { ...asked, 'persona/sage': '*' },
  })
  await at.haal('install').succeeds()
  const { stderr } = await at.haal('install workflow/x').fails('E_NO_ROUTE', 3)
  expect(stderr).toMatch(/workflow is routed to no registry/)
})

needs('git', 'openssl')('[A35 A38 A42] the Complete Example: verified, cacheDuration, a cache of its own', async () => {
  const at = await world()
  const token = at.secret()
  for (const [name, files] of Object.entries({ 'agentos-extensions': structure, 'agentos-personas': persona('sage') }))
    await at.git(name, files, { listed: false, branch: 'production' })
  const server = await gitAt(at, 'git.corp.com')
  for (const name of ['agentos-extensions', 'agentos-personas']) server.guard(name, { bearer: token })
  const entry = (name: string, more = {}) => ({
    type: 'git',
    location: `https://git.corp.com/${name}.git`,
    branch: 'production',
    token: '${GIT_TOKEN}',
    verified: true,
    ...more,
  })
  const registryConfig = {
    registries: {
      'corp-extensions': entry('agentos-extensions', { cacheDuration: 7200000 }),
      'corp-personas': entry('agentos-personas'),
    },
    defaultRegistries: {
      tool: 'corp-extensions',
      guardrail: 'corp-extensions',
      workflow: 'corp-extensions',
      persona: 'corp-personas',
    },
    cacheSettings: { enabled: true, directory: at.root.at('tmp/var-cache-agentos') },
  }
  await agentos(at, registryConfig, { ...asked, 'persona/sage': '*' })
  at.setEnv({ GIT_TOKEN: token, HAAL_TRUSTED_ORIGINS: 'https://git.corp.com' })
  await installs(at)
  const { artifacts } = await at.haal('list').json<{ artifacts: { artifact: string; verified: boolean }[] }>()
  expect(artifacts.map(({ verified }) => verified)).toEqual([true, true])
  expect(at.root.exists('tmp/var-cache-agentos/repositories') && !at.store.exists('cache')).toBe(true)
  server.forget()
  await at.haal('list --available').succeeds()
  expect(server.requests).toEqual([])
})
