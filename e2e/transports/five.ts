import type { GithubRegistry } from '../world/github.js'
import type { HttpServer } from '../world/http-server.js'
import { agent, integrityOf, manifest, plugin, registryJson, skill, sri, type World } from '../world/index.js'
import type { NpmServer } from '../world/npm.js'
import { entriesOf, type GitRegistry } from '../world/registries.js'
import { tarOf } from '../world/tar.js'
import { configure } from './ground.js'

/** One registry of each kind, private where it can be, and a project that asks for one artifact of each. */
export interface Five {
  corp: GitRegistry
  hub: GithubRegistry
  web: HttpServer
  packages: NpmServer
  tokens: Readonly<Record<'git' | 'github' | 'url' | 'npm', string>>
  /** Every server that haal may ask. */
  servers: readonly { requests: unknown[]; stop(): Promise<void>; again(): Promise<void>; forget(): void }[]
}

export const wanted = {
  'skill/review': '*',
  'tool/com.acme.calc': '^1.0.0',
  'plugin/kit': '*',
  'agent/helper': '*',
  'rule/tabs': '*',
}

/** Needs git. */
export async function five(at: World): Promise<Five> {
  const { secret } = at
  const tokens = { git: secret('git'), github: secret('github'), url: secret('url'), npm: secret('npm') }
  const corp = await privateGit(at, tokens.git)
  const hub = await privateGithub(at, tokens.github)
  const web = await privateWeb(at, tokens.url)
  const packages = await at.npm({ scopes: { '@acme': tokens.npm } })
  await packages.publish('@acme/agents', '2.0.0', { 'agents/helper.md': agent('helper') })
  at.list({ name: 'packages', type: 'npm', location: '@acme/agents' })
  await at.folder('local', { 'rules/tabs.md': '# Tabs\n' })
  at.setEnv({
    CORP_GIT_TOKEN: tokens.git,
    GITHUB_TOKEN: tokens.github,
    WEB_TOKEN: tokens.url,
    NPM_TOKEN: tokens.npm,
    HAAL_TRUSTED_ORIGINS: [corp.server.origin, hub.api.origin, web.origin, packages.origin].join(','),
  })
  await configure(at.project, { artifacts: wanted })
  return { corp, hub, web, packages, tokens, servers: [corp.server, hub.api, hub.codeload, web, packages] }
}

function privateGit({ git }: World, bearer: string): Promise<GitRegistry> {
  const files = {
    'skills/review/SKILL.md': skill('review'),
    'skills/review/scripts/run.sh': { body: '#!/bin/sh\n', mode: 0o755 },
  }
  return git('corp', files, { access: { bearer }, entry: { token: '${CORP_GIT_TOKEN}' } })
}

function privateGithub({ github }: World, token: string): Promise<GithubRegistry> {
  const files = {
    'registry.json': registryJson([{ id: 'com.acme.calc', name: 'Calc', version: '1.2.0', path: 'curated/calc' }]),
    'registry/curated/calc/manifest.json': manifest('com.acme.calc', '1.2.0'),
    'registry/curated/calc/index.mjs': 'export const createExtensionPack = () => ({})\n',
  }
  return github('acme/tools', files, { token, entry: { token: '${GITHUB_TOKEN}' } })
}

async function privateWeb({ http, list }: World, token: string): Promise<HttpServer> {
  const kit = { '.claude-plugin/plugin.json': plugin('kit'), 'commands/hello.md': '# Hello\n' }
  const archive = tarOf(entriesOf(kit))
  const entry = {
    id: 'kit',
    name: 'kit',
    kind: 'plugin',
    version: '1.0.0',
    path: 'kit',
    archive: 'kit-1.0.0.tgz',
    archiveIntegrity: sri(archive),
    integrity: integrityOf(kit),
  }
  const index = JSON.stringify(registryJson([entry]))
  const guarded = (body: string | Uint8Array) => (seen: { headers: Record<string, string> }) =>
    seen.headers.authorization === `Bearer ${token}` ? { body, etag: true } : { status: 401 }
  const web = await http({ '/registry.json': guarded(index), '/kit-1.0.0.tgz': guarded(archive) })
  list({ name: 'web', type: 'url', location: web.origin, token: '${WEB_TOKEN}' })
  return web
}
