import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type HttpServer, httpServer } from '../../e2e/world/http-server.js'
import { copy } from '../../src/operations/copy.js'
import { info } from '../../src/operations/info.js'
import { install } from '../../src/operations/install.js'
import { policyCheck, policyShow } from '../../src/operations/policy.js'
import { registryPing } from '../../src/operations/registries.js'
import { available, search } from '../../src/operations/search.js'
import { outdated, update } from '../../src/operations/update.js'
import { why } from '../../src/operations/why.js'
import { laterCodeOf } from '../failing.js'
import { type Place, place, skill } from './verbs.js'

let at: Place
/** What policy forbids, and must never hear of haal. */
let evil: HttpServer
/** What policy allows, which tries to lead there. */
let good: HttpServer

const index = JSON.stringify({ version: '1', skills: { curated: [{ name: 'far', path: 'far', version: '1.0.0' }] } })

beforeEach(async () => {
  at = place()
  evil = await httpServer({ '*': index })
  good = await httpServer({ '/registry.json': index, '*': { status: 404 } })
  at.env.HAAL_TRUSTED_ORIGINS = `${good.origin},${evil.origin}`
  at.write({ ...skill('target', '1.0.0') })
})

afterEach(async () => {
  await Promise.all([evil.stop(), good.stop()])
  at.remove()
})

const corp = { name: 'corp', type: 'file', location: '../corp' }
const far = () => ({ name: 'far', type: 'url', location: `${evil.origin}/reg` })
const project = (...registries: object[]) => at.write({ 'project/haal.json': { registries } })

interface Way {
  says: string
  prepare(): void | Promise<void>
  act(): Promise<unknown>
}

const wanting = (request: string) => () => install(at.ctx, { requests: [request], flags: { yes: true } })

/** Ways that would ask the forbidden server, were it allowed. */
const ways: readonly Way[] = [
  { says: 'install from the only registry', prepare: () => project(far()), act: wanting('far') },
  {
    says: 'install all of it',
    prepare: () => project(far()),
    act: () => install(at.ctx, { requests: [], flags: { all: true } }),
  },
  { says: 'install from a secondary', prepare: () => project(corp, far()), act: wanting('far') },
  { says: 'install from a secondary by its name', prepare: () => project(corp, far()), act: wanting('far:far') },
  {
    says: 'install from what the primary lists',
    prepare: () => {
      project(corp)
      at.write({ 'corp/registries.json': [{ name: 'far', url: `${evil.origin}/reg` }] })
    },
    act: wanting('far'),
  },
  {
    says: 'install --from',
    prepare: () => project(corp),
    act: () => install(at.ctx, { requests: ['far'], flags: { from: `${evil.origin}/reg` } }),
  },
  {
    says: 'install from an archive',
    prepare: () => project({ name: 'far', type: 'url', location: `${evil.origin}/reg.tgz` }),
    act: wanting('far'),
  },
  {
    says: 'install from git',
    prepare: () => project({ name: 'far', type: 'git', location: `${evil.origin}/reg.git` }),
    act: wanting('far'),
  },
  {
    says: 'install from npm, as the project has it configured',
    prepare: () => {
      project({ name: 'far', type: 'npm', location: '@acme/far' })
      at.write({ 'project/.npmrc': `registry=${evil.origin}/\n` })
    },
    act: wanting('far'),
  },
  {
    says: 'install a plugin whose entry points there',
    prepare: () => {
      project(corp)
      at.write({
        'corp/.claude-plugin/marketplace.json': {
          name: 'corp',
          owner: { name: 'corp' },
          plugins: [{ name: 'far', source: { source: 'url', url: `${evil.origin}/far.git` } }],
        },
      })
    },
    act: wanting('plugin/far'),
  },
  {
    says: 'install a bundle whose member is there',
    prepare: () => {
      project(corp, far())
      at.write({ 'corp/competencies/kit.json': { skills: ['target', 'far'] } })
    },
    act: wanting('bundle/kit'),
  },
  {
    says: 'install what a route leads there',
    prepare: () =>
      at.write({ 'project/haal.json': { registries: [corp, far()], defaultRegistries: { skill: 'far' } } }),
    act: wanting('skill/far'),
  },
  {
    says: 'install --frozen of a lockfile that names it',
    prepare: () => {
      at.write({
        'project/haal.json': { registries: [far()], artifacts: { 'skill/far': '*' } },
        'project/haal.lock': lock(),
      })
    },
    act: () => install(at.ctx, { requests: [], flags: { frozen: true } }),
  },
  {
    says: 'update',
    prepare: () => {
      at.write({
        'project/haal.json': { registries: [far()], artifacts: { 'skill/far': '*' } },
        'project/haal.lock': lock(),
      })
    },
    act: () => update(at.ctx, { requests: [], flags: {} }),
  },
  {
    says: 'outdated',
    prepare: () => {
      at.write({ 'project/haal.json': { registries: [far()] }, 'project/haal.lock': lock() })
    },
    act: () => outdated(at.ctx, { requests: [], flags: {} }),
  },
  {
    says: 'copy',
    prepare: () => project(far()),
    act: () => copy(at.ctx, { request: 'far', destination: at.at('out'), flags: {} }),
  },
  { says: 'list --available', prepare: () => project(far()), act: () => available(at.ctx, { flags: {} }) },
  { says: 'search', prepare: () => project(far()), act: () => search(at.ctx, { text: 'far', flags: {} }) },
  { says: 'info', prepare: () => project(far()), act: () => info(at.ctx, { request: 'far', flags: {} }) },
  { says: 'why', prepare: () => project(far()), act: () => why(at.ctx, { request: 'far', flags: {} }) },
  { says: 'registry ping', prepare: () => project(far()), act: () => registryPing(at.ctx, { names: [], flags: {} }) },
  { says: 'policy show', prepare: () => project(far()), act: () => policyShow(at.ctx, { flags: {} }) },
  { says: 'policy check', prepare: () => project(far()), act: () => policyCheck(at.ctx, { flags: {} }) },
]

const lock = () => ({
  lockfileVersion: 1,
  registries: { far: { type: 'url', location: `${evil.origin}/reg` } },
  artifacts: {
    'skill/far': {
      version: '1.0.0',
      registry: 'far',
      path: 'far',
      integrity: `sha256-${'A'.repeat(43)}=`,
      requestedBy: ['haal.json'],
    },
  },
})

const policies: readonly [string, () => object][] = [
  [
    'only another origin is allowed',
    () => ({ registries: { allow: [{ origin: good.origin }, { file: at.at('corp') }] } }),
  ],
  ['the origin is denied', () => ({ registries: { deny: [{ origin: evil.origin }, { npm: '@acme/*' }] } })],
]

/** Where a registry that is not allowed is no reason to stop. */
const goesOn = ['registry ping', 'policy show', 'policy check', 'outdated']

describe('a registry that policy does not allow receives no request', () => {
  const pairs = policies.flatMap(([rule, rules]) => ways.map((way) => [rule, way.says, { rules, way }] as const))

  test.each(pairs)('[P2 O29] %s: %s', async (_rule, says, { rules, way }) => {
    await way.prepare()
    at.policy('machine', rules())
    const before = at.snapshot()
    const code = await laterCodeOf(way.act())
    if (!goesOn.includes(says)) expect(code).toBe('E_POLICY_REGISTRY')
    expect(evil.paths()).toEqual([])
    expect(at.snapshot()).toEqual(before)
  })

  test.each(ways.map((way) => [way.says, way] as const))('without a rule it would: %s', async (_says, way) => {
    await way.prepare()
    await laterCodeOf(way.act())
    expect(evil.paths()).not.toEqual([])
  })
})

describe('nothing of what is allowed leads to it', () => {
  const allowed = () =>
    at.policy('machine', { registries: { allow: [{ origin: good.origin }, { file: at.at('corp') }] } })

  test('[P2 O29] a redirect of the index', async () => {
    good.routes['/registry.json'] = { status: 302, headers: { location: `${evil.origin}/registry.json` } }
    project({ name: 'good', type: 'url', location: good.origin })
    allowed()
    expect(await laterCodeOf(wanting('far')())).toBe('E_POLICY_REGISTRY')
    expect([good.paths().length > 0, evil.paths()]).toEqual([true, []])
  })

  test('[P2 O29] a redirect of an archive', async () => {
    good.routes['/far.tgz'] = { status: 302, headers: { location: `${evil.origin}/far.tgz` } }
    project({ name: 'good', type: 'url', location: good.origin })
    allowed()
    expect(await laterCodeOf(wanting('far')())).toBe('E_POLICY_REGISTRY')
    expect(evil.paths()).toEqual([])
  })

  test('[P2] the policy that a project names', async () => {
    at.write({ 'project/haal.json': { registries: [corp], policy: `${evil.origin}/policy.json` } })
    allowed()
    expect(await laterCodeOf(wanting('target')())).toBe('E_POLICY_REGISTRY')
    expect(evil.paths()).toEqual([])
  })

  test.each(['project', 'registry'] as const)('what the policy of a %s builds on', async (layer) => {
    project(corp)
    allowed()
    at.policy(layer, { extends: [{ url: `${evil.origin}/base.json`, integrity: `sha256-${'A'.repeat(43)}=` }] })
    expect(await laterCodeOf(wanting('target')())).toBe('E_POLICY_REGISTRY')
    expect(evil.paths()).toEqual([])
  })

  test('what policy itself requires', async () => {
    project(corp, far())
    at.policy('machine', {
      registries: { allow: [{ file: at.at('corp') }] },
      artifacts: { required: { 'skill/far': '*' } },
    })
    expect(await laterCodeOf(wanting('target')())).toBe('E_POLICY_REGISTRY')
    expect(evil.paths()).toEqual([])
  })
})

describe('while policy itself says no to everything, nobody is asked', () => {
  test.each<[string, object | string, string]>([
    ['a newer haal', { haal: { min: '99.0.0' } }, 'E_POLICY_TOOL'],
    ['a tool that is not here', { tools: { 'no-such-tool': { min: '1.0.0' } } }, 'E_POLICY_TOOL'],
    ['a policy that is no JSON', '{', 'E_POLICY_LOAD'],
    ['a policy with an unknown key', { allow: [] }, 'E_POLICY_SCHEMA'],
  ])('%s', async (_says, rules, code) => {
    project({ name: 'good', type: 'url', location: good.origin })
    at.policy('machine', rules)
    for (const act of [wanting('far'), () => available(at.ctx, { flags: {} })])
      expect(await laterCodeOf(act())).toBe(code)
    expect(good.paths()).toEqual([])
  })
})
