import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Repository, repository } from './world/git-repository.js'
import { type GitServer, gitServer } from './world/git-server.js'
import { httpServer } from './world/http-server.js'
import { type Files, needs, type RunOptions, registryJson, type World, world } from './world/index.js'

const folder = path.resolve(import.meta.dirname, '../examples/programs')
const tested = new Set<string>()

/** Runs an example as it stands, in the project; its lines. */
function runs(at: World, name: string, options: RunOptions = {}): Promise<string[]> {
  return at
    .node([path.join(folder, name)], options)
    .succeeds()
    .then(({ stdout }) => stdout.trim().split('\n'))
}

/** A test of an example. */
function program(title: string, name: string, act: (at: World, name: string) => Promise<void>): void {
  tested.add(name)
  needs('git', 'openssl')(`${title} (${name})`, async () => act(await world(), name))
}

/** An extension at `registry/curated/<name>`, with the entry that lists it. */
function extension(name: string, version = '1.0.0', more: Record<string, unknown> = {}) {
  const id = `com.yourorg.${name}`
  const at = `registry/curated/${name}`
  const files: Files = {
    [`${at}/manifest.json`]: { id, name, version, entry: 'index.mjs', ...more },
    [`${at}/index.mjs`]: `export const createExtensionPack = () => ({ name: '${name}', version: '${version}', descriptors: [] })\n`,
  }
  return { entry: { id, name: 'Your Tool', version, path: `curated/${name}`, author: { name: 'Your Org' } }, files }
}

/** A whole registry, as the page on self-hosted registries lays it out. */
function registry(...extensions: ReturnType<typeof extension>[]): Files {
  return Object.assign(
    { 'registry.json': registryJson(extensions.map(({ entry }) => entry)) },
    ...extensions.map(({ files }) => files),
  )
}

const persona = (name: string): Files => ({
  'registry.json': registryJson([], {
    personas: { curated: [{ id: name, name, version: '1.0.0', path: `personas/${name}` }] },
  }),
  [`personas/${name}/persona.json`]: { id: name, name, version: '1.0.0', baseSystemPrompt: `You are ${name}.` },
})

/** A git server that goes by a name of the page's, over https. */
async function gitHost(at: World, host: string, repositories: Record<string, { files: Files; branch: string }>) {
  const below = at.root.at('servers/hosts', host)
  const repos: Record<string, Repository> = {}
  for (const [name, { files, branch }] of Object.entries(repositories))
    repos[name] = await repository(`${below}/${name}.git`, files, { branch })
  const server = await gitServer(below, at.tls().issue(host))
  at.onEnd(() => server.stop())
  await goesBy(at, host, server)
  return { server, repos }
}

async function goesBy(at: World, host: string, { port }: Pick<GitServer, 'port'>): Promise<void> {
  const proxy = await at.proxy()
  proxy.map(host, port)
  at.setEnv({ HTTPS_PROXY: proxy.origin, NO_PROXY: '127.0.0.1' })
}

const hub = { publicHost: true, listed: false }

describe('examples/programs', () => {
  program('[A28] each kind comes from its own repository', 'configuration.mjs', async (at, name) => {
    const guard = extension('guard', '1.1.0', { kind: 'guardrail' })
    const files = registry(extension('your-tool'), guard, extension('onboard', '1.0.0', { kind: 'workflow' }))
    await at.github('your-org/your-extensions', files, hub)
    await at.github('your-org/your-personas', persona('guide'), hub)
    expect(await runs(at, name)).toEqual([
      'guardrail/guard 1.1.0 my-extensions',
      'persona/guide 1.0.0 my-personas',
      'tool/your-tool 1.0.0 my-extensions',
      'workflow/onboard 1.0.0 my-extensions',
    ])
  })

  program('[A2] a public GitHub repository, by the id of an extension', 'github-public.mjs', async (at, name) => {
    await at.github('your-org/extensions-repo', registry(extension('your-tool')), hub)
    expect(await runs(at, name)).toEqual(['tool/your-tool 1.0.0 custom'])
    expect(at.project.json('haal.json')).toEqual({ artifacts: { 'tool/com.yourorg.your-tool': '^1.0.0' } })
  })

  program(
    '[A6 A7] a private GitHub repository, with a token, with a wrong one and without',
    'github-private.mjs',
    async (at, name) => {
      const token = at.secret('github')
      await at.github('your-org/private-repo', registry(extension('your-tool')), { ...hub, token })
      const refused = (env: Record<string, string>) => at.node([path.join(folder, name)], { env }).outcome()
      const [unset, wrong] = [await refused({}), await refused({ GITHUB_TOKEN: at.secret('wrong') })]
      expect([unset.exit, unset.stderr]).toEqual([2, expect.stringMatching(/custom.*"token"/)])
      expect([wrong.exit, wrong.stderr]).toEqual([7, expect.stringMatching(/custom.*not found.*no access/)])
      expect(await runs(at, name, { env: { GITHUB_TOKEN: token } })).toEqual(['tool/your-tool 1.0.0 custom'])
    },
  )

  program('[A9] a branch on a git server of one’s own', 'self-hosted-git.mjs', async (at, name) => {
    const files = registry(extension('your-tool', '2.0.0'))
    const { repos } = await gitHost(at, 'git.yourcompany.com', { extensions: { files, branch: 'production' } })
    await repos.extensions?.commit(registry(extension('your-tool', '3.0.0')), { branch: 'other' })
    expect(await runs(at, name)).toEqual(['tool/your-tool 2.0.0 custom'])
  })

  program('[A11] a folder, which stays as it was', 'local-folder.mjs', async (at, name) => {
    const { path: location, tree } = await at.folder('local', registry(extension('your-tool')), { listed: false })
    const before = tree()
    expect(await runs(at, name, { env: { REGISTRY: location } })).toEqual(['tool/your-tool 1.0.0 local'])
    expect(tree()).toEqual(before)
  })

  program('[A14 A25] a web server', 'http-url.mjs', async (at, name) => {
    const { entry, files } = extension('your-tool')
    const inner = Object.fromEntries(
      Object.entries(files).map(([file, body]) => [file.replace('registry/curated/your-tool/', ''), body]),
    )
    const archive = fs.readFileSync(await at.archive('your-tool', inner))
    const index = JSON.stringify(registryJson([{ ...entry, archive: 'curated/your-tool.tgz' }]))
    const host = 'registry.yourcompany.com'
    const server = await httpServer(
      { '/registry.json': index, '/curated/your-tool.tgz': archive },
      at.tls().issue(host),
    )
    at.onEnd(() => server.stop())
    await goesBy(at, host, server)
    expect(await runs(at, name)).toEqual(['found tool/your-tool 1.0.0 Your Org', 'tool/your-tool 1.0.0 hosted'])
  })

  program('[A33] two registries on one host, a token, one step', 'enterprise.mjs', async (at, name) => {
    const token = at.secret('corp')
    const { server } = await gitHost(at, 'git.corp.com', {
      'agentos-extensions': { files: registry(extension('your-tool')), branch: 'stable' },
      'agentos-personas': { files: persona('guide'), branch: 'stable' },
    })
    for (const each of ['agentos-extensions', 'agentos-personas']) server.guard(each, { bearer: token })
    expect(await runs(at, name, { env: { CORP_GIT_TOKEN: token } })).toEqual([
      'persona/guide 1.0.0 enterprise-personas',
      'tool/your-tool 1.0.0 enterprise-extensions',
    ])
    const { registries } = at.project.json<{ registries: Record<string, unknown> }>('haal.lock')
    expect(Object.keys(registries)).toEqual(['enterprise-extensions', 'enterprise-personas'])
  })

  program(
    '[A30 A32] a resolver sends tools to one registry and the rest to another',
    'hybrid.mjs',
    async (at, name) => {
      const npm = await at.npm()
      const official = registry(extension('search', '9.0.0'), extension('topicality', '2.0.0', { kind: 'guardrail' }))
      const personas = persona('researcher')
      const index = { ...(official['registry.json'] as object), ...pick(personas['registry.json'], 'personas') }
      await npm.publish('@framers/agentos-extensions', '5.0.0', { ...personas, ...official, 'registry.json': index })
      await at.github('your-org/custom-extensions', registry(extension('search', '1.2.0')), hub)
      expect(await runs(at, name)).toEqual([
        'guardrail/topicality 2.0.0 official',
        'persona/researcher 1.0.0 official',
        'tool/search 1.2.0 custom',
      ])
      const { registries } = at.project.json<{ registries: Record<string, unknown> }>('haal.lock')
      expect(Object.keys(registries)).toEqual(['custom', 'official'])
    },
  )

  program('[A35 A38] answers hold for an hour, in the folder that was named', 'caching.mjs', async (at, name) => {
    const { api } = await at.github('your-org/extensions', registry(extension('your-tool')), hub)
    const cache = at.root.at('tmp/cache')
    expect(await runs(at, name, { env: { CACHE: cache } })).toEqual([`${cache} in use`])
    const asked = api.requests.length
    await runs(at, name, { env: { CACHE: cache } })
    expect(api.requests.length - asked).toBe(0)
    await at.store.lacks('cache')
  })

  program('[A42] a policy requires what is verified', 'security.mjs', async (at, name) => {
    const token = at.secret('pat')
    await at.github('your-org/vetted-extensions', registry(extension('your-tool')), { ...hub, token })
    await at.root.write({ 'policy.json': { policyVersion: 1, registries: { require: { verified: true } } } })
    const env = { GITHUB_PAT: token, POLICY: at.root.at('policy.json') }
    expect(await runs(at, name, { env })).toEqual(['tool/your-tool vetted verified'])
  })

  program('[A26 A30] all of it, up to what AgentOS takes', 'complete.mjs', async (at, name) => {
    const token = at.secret('corp')
    const auth = extension('auth', '1.0.0', { id: 'com.corp.auth' })
    const files = {
      ...registry(extension('your-tool'), { ...auth, entry: { ...auth.entry, id: 'com.corp.auth' } }),
      'registry/curated/auth/index.mjs': `export const createExtensionPack = () => ({ name: 'auth', descriptors: [] })
export const createAuthExtension = () => ({ authService: 'signs in', subscriptionService: 'counts' })\n`,
    }
    const { server } = await gitHost(at, 'git.corp.com', {
      'agentos-extensions': { files, branch: 'production' },
      'agentos-personas': { files: persona('guide'), branch: 'production' },
    })
    for (const each of ['agentos-extensions', 'agentos-personas']) server.guard(each, { bearer: token })
    const said = await runs(at, name, { env: { GIT_TOKEN: token, CACHE: at.root.at('tmp/cache') } })
    expect(said.slice(0, 3)).toEqual([
      'persona/guide 1.0.0 corp-personas',
      'tool/auth 1.0.0 corp-extensions',
      'tool/your-tool 1.0.0 corp-extensions',
    ])
    expect(said.slice(3).join(' ')).toMatch(/com\.corp\.auth.*com\.yourorg\.your-tool.*\.haal\/personas.*signs in/)
    await at.project.lacks('haal.json')
  })

  tested.add('air-gapped.mjs')
  needs('unshare')(
    '[A34] without any network it installs, lists, verifies and goes back (air-gapped.mjs)',
    async () => {
      const at = await world()
      const personas = persona('guide')
      const index = { ...registry(extension('your-tool')), ...personas }
      const whole = {
        ...index,
        'registry.json': {
          ...(registry(extension('your-tool'))['registry.json'] as object),
          ...pick(personas['registry.json'], 'personas'),
        },
      }
      const { path: location } = await at.folder('internal', whole, { listed: false })
      expect(await runs(at, 'air-gapped.mjs', { env: { REGISTRY: location }, network: false })).toEqual([
        'installed persona/guide 1.0.0',
        'installed tool/your-tool 1.0.0',
        'verified 2',
        'rollback remove persona/guide',
      ])
    },
  )

  test('[U9] every one of them is run here, and the page that lists them has them all', () => {
    const all = fs.readdirSync(folder).filter((file) => file.endsWith('.mjs'))
    expect([...tested].sort()).toEqual(all)
    const page = fs.readFileSync(path.join(folder, 'README.md'), 'utf8')
    expect([...page.matchAll(/\]\((\w[\w-]*\.mjs)\)/g)].map(([, file]) => file).sort()).toEqual(all)
  })
})

function pick(value: unknown, key: string): Record<string, unknown> {
  return { [key]: (value as Record<string, unknown>)[key] }
}
