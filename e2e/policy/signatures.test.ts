import { describe, expect, test } from 'vitest'
import { integrityOf, needs, registryJson, skill, type World, world } from '../world/index.js'
import { type Bundle, bundle, libraryBundle, type Pair, pair, type Said, statement } from './bundles.js'

const ada = pair()
const bob = pair('P-256')
const eve = pair()

/** Nothing that this page does needs a network: each run is in a namespace without an interface, where the machine has such. */
const alone = needs('unshare')
const network = { network: false }

const files = (body: string) => ({ 'SKILL.md': skill('a', body) })
const indexOf = (body: string, version = '1.0.0') =>
  `${JSON.stringify(
    registryJson([], {
      skills: { curated: [{ name: 'a', path: 'skills/a', version, integrity: integrityOf(files(body)) }] },
    }),
  )}\n`

const inRegistry = (body: string, more = {}) => ({
  'registry.json': indexOf(body),
  'skills/a/SKILL.md': skill('a', body),
  ...more,
})

const json = (value: unknown) => JSON.stringify(value)
const signedBy = (by: Pair, body = 'v1', said: Said = {}) => bundle(statement(indexOf(body), said), by)

/** A folder registry with a signature, and a policy that asks for one. */
async function signed(signature: string | null, rule: Record<string, unknown> = {}) {
  const at = await world()
  const registry = await at.folder('acme', inRegistry('v1'))
  await registry.write({ 'registry.json.sigstore.json': signature })
  await ask(at, rule)
  return { ...at, registry }
}

const ask = (at: World, rule: Record<string, unknown>) =>
  at.store.write({
    'policy.json': {
      policyVersion: 1,
      contact: 'ada@acme.example',
      registries: { require: { signature: [{ registry: '*', keys: [ada.publicKey], ...rule }] } },
    },
  })

describe('a registry whose index a pinned key has signed is used', () => {
  const good: [string, () => unknown, Record<string, unknown>?][] = [
    ['ed25519', () => signedBy(ada)],
    ['P-256', () => signedBy(bob), { keys: [bob.publicPem] }],
    ['made by the library of Sigstore', () => libraryBundle(statement(indexOf('v1')), ada)],
    ['made by it with P-256', () => libraryBundle(statement(indexOf('v1')), bob), { keys: [bob.publicKey] }],
    ['one of two keys, while one replaces the other', () => signedBy(bob), { keys: [ada.publicKey, bob.publicKey] }],
    [
      'two of three',
      () => [signedBy(ada), signedBy(bob)],
      { keys: [ada.publicKey, bob.publicKey, eve.publicKey], threshold: 2 },
    ],
    ['under its own name', () => signedBy(ada), { id: 'acme' }],
    [
      'by a key that counts for a while yet',
      () => signedBy(ada),
      { keys: [{ key: ada.publicKey, until: '2120-01-01' }] },
    ],
  ]
  for (const [says, make, rule] of good)
    alone(`[S12] ${says}`, async () => {
      const { haal, project } = await signed(json(await make()), rule)
      await haal('install a', network).succeeds()
      await project.has({ '.haal/skills/a/SKILL.md': /v1/ })
      await haal('registry verify acme', network).succeeds()
    })
})

describe('one that is not is refused, and nothing is written', () => {
  const altered = (change: (bundle: Bundle) => Bundle) => () => json(change(signedBy(ada)))
  const flip = (text: string) => {
    const bytes = Buffer.from(text, 'base64')
    bytes[9] = (bytes[9] ?? 0) ^ 4
    return bytes.toString('base64')
  }
  const other = () => json(bundle(statement('{"version":"2"}'), ada))
  const bad: [string, () => string | null, string, Record<string, unknown>?][] = [
    ['not signed (hostile S01)', () => null, 'E_SIG_MISSING'],
    ['an empty file (hostile S01)', () => '', 'E_SIG_MISSING'],
    ['an empty list (hostile S01)', () => '[]', 'E_SIG_MISSING'],
    ['an object that is none (hostile S01)', () => '{}', 'E_SIG'],
    [
      'a bit of the payload (hostile S02)',
      altered((each) => ({
        ...each,
        dsseEnvelope: { ...each.dsseEnvelope, payload: flip(each.dsseEnvelope.payload) },
      })),
      'E_SIG',
    ],
    [
      'a bit of the signature (hostile S02)',
      altered((each) => ({
        ...each,
        dsseEnvelope: {
          ...each.dsseEnvelope,
          signatures: each.dsseEnvelope.signatures.map(({ sig }) => ({ sig: flip(sig) })),
        },
      })),
      'E_SIG',
    ],
    [
      'the type that is signed with it (hostile S02)',
      altered((each) => ({ ...each, dsseEnvelope: { ...each.dsseEnvelope, payloadType: 'text/plain' } })),
      'E_SIG',
    ],
    ['an unknown key (hostile S03)', () => json(signedBy(eve)), 'E_SIG_KEY'],
    [
      'a key that counts no more (hostile S03)',
      () => json(signedBy(ada)),
      'E_SIG_KEY',
      { keys: [{ key: ada.publicKey, until: '2020-01-01' }] },
    ],
    [
      'a key that was taken off the list (hostile S03)',
      () => json(signedBy(ada)),
      'E_SIG_KEY',
      { keys: [bob.publicKey] },
    ],
    [
      'one signature of two',
      () => json([signedBy(ada)]),
      'E_SIG_KEY',
      { keys: [ada.publicKey, bob.publicKey], threshold: 2 },
    ],
    [
      'two signatures by one key',
      () => json([signedBy(ada), signedBy(ada)]),
      'E_SIG_KEY',
      { keys: [ada.publicKey, bob.publicKey], threshold: 2 },
    ],
    [
      'two keys over two statements',
      () => json([signedBy(ada), signedBy(bob, 'v1', { version: 2 })]),
      'E_SIG_KEY',
      { keys: [ada.publicKey, bob.publicKey], threshold: 2 },
    ],
    ['another index (hostile S04)', other, 'E_SIG_SUBJECT'],
    ['another name (hostile S04)', () => json(signedBy(ada, 'v1', { subject: 'other.json' })), 'E_SIG_SUBJECT'],
    [
      'another registry (hostile S04)',
      () => json(signedBy(ada, 'v1', { registryId: 'staging' })),
      'E_SIG_SUBJECT',
      { id: 'acme' },
    ],
    [
      'a policy in its place (hostile S04)',
      () => json(signedBy(ada, 'v1', { predicateType: 'urn:haal:policy:1' })),
      'E_SIG_SUBJECT',
    ],
    [
      'one that has expired (hostile S05)',
      () => json(signedBy(ada, 'v1', { expires: '2026-02-01T00:00:00Z' })),
      'E_INDEX_EXPIRED',
    ],
  ]
  for (const [says, make, code, rule] of bad)
    alone(`[S12] ${says}`, async () => {
      const { haal } = await signed(make(), rule)
      const { stderr } = await haal('install a', network).fails(code, 6)
      expect(stderr).toMatch(/registries\.require\.signature in .*policy\.json/)
      expect(stderr).toMatch(/ask ada@acme\.example/)
      await haal('registry verify acme', network).fails(code, 6)
      await haal('copy a ../out', network).fails(code, 6)
    })
})

describe('time goes forward only', () => {
  const publish = (at: { registry: World['project'] }, body: string, said: Said) =>
    at.registry.write(inRegistry(body, { 'registry.json.sigstore.json': json(signedBy(ada, body, said)) }))

  alone('[S12] an older index than was seen is refused, by every verb (hostile S05)', async () => {
    const at = await signed(json(signedBy(ada, 'v1', { version: 4 })))
    await at.haal('install a', network).succeeds()
    await publish(at, 'v2', { version: 5 })
    await at.haal('update', network).succeeds()
    await publish(at, 'v1', { version: 4 })
    for (const line of ['update', 'install b', 'list --available', 'copy acme:a@1.0.0 ../out'])
      await at.haal(line, network).fails('E_INDEX_ROLLBACK', 6)
    await at.haal('install --frozen', network).succeeds()
    await publish(at, 'v3', { version: 5 })
    await at.haal('update', network).fails('E_INDEX_ROLLBACK', 6)
    await publish(at, 'v3', { version: 6 })
    await at.haal('update', network).succeeds()
    await publish(at, 'v4', { version: 7, registryId: 'other' })
    await at.haal('update', network).fails('E_SIG_SUBJECT', 6)
  })

  alone('[S12] what a refused command saw is not held against the next one', async () => {
    const at = await signed(json(signedBy(ada, 'v1', { version: 9 })))
    await at.haal('install nothing-of-this-name', network).fails('E_NOT_FOUND', 3)
    await publish(at, 'v1', { version: 8 })
    await at.haal('install a', network).succeeds()
  })
})

describe('a signature covers what comes', () => {
  alone('[S12] files that are not those of the signed index are refused', async () => {
    const at = await signed(json(signedBy(ada)))
    await at.registry.write({ 'skills/a/SKILL.md': skill('a', 'evil') })
    await at.haal('install a', network).fails('E_INTEGRITY', 6)
  })

  alone('[S12] what lies beside the signed index is not believed', async () => {
    const at = await signed(json(signedBy(ada)))
    await at.registry.write({ 'skills/b/SKILL.md': skill('b') })
    await at.haal('install b', network).fails('E_SIG_SUBJECT', 6)
    await at.registry.write({
      '.claude-plugin/marketplace.json': { name: 'x', owner: { name: 'x' }, plugins: [{ name: 'p', source: './p' }] },
    })
    await at.registry.write({ 'p/.claude-plugin/plugin.json': { name: 'p', version: '1.0.0' } })
    await at.haal('install plugin/p', network).fails('E_SIG_SUBJECT', 6)
    await at.registry.write({ 'registries.json': [] })
    await at.haal('install a', network).fails('E_SIG_SUBJECT', 6)
  })

  alone('[S12] a bundle that nobody signed brings nothing', async () => {
    const at = await signed(json(signedBy(ada)))
    await at.registry.write({ 'competencies/kit.json': { skills: ['a'] } })
    await at.haal('install bundle/kit', network).fails('E_SIG_SUBJECT', 6)
  })

  alone('[S12] a policy of the registry that nobody signed is not obeyed, and stops', async () => {
    const at = await signed(json(signedBy(ada)))
    await at.registry.write({ 'policy.json': { policyVersion: 1, artifacts: { required: { 'skill/evil': '*' } } } })
    await at.haal('install a', network).fails('E_SIG_SUBJECT', 6)
  })
})

describe('what was vouched for once', () => {
  alone('[S12] [L10] comes back offline and frozen, while its keys are trusted', async () => {
    const at = await signed(json(signedBy(ada)))
    await at.haal('install a', network).succeeds()
    await at.haal('uninstall a', network).succeeds()
    await at.root.remove('folders/acme')
    await at.haal('rollback', network).succeeds()
    await at.project.remove('.haal/skills')
    await at.haal('install --frozen', network).succeeds()
    await ask(at, { keys: [bob.publicKey] })
    for (const line of ['install --frozen', 'install']) await at.haal(line, network).fails('E_SIG_KEY', 6)
  })

  alone('[S12] is asked for again where this machine has never seen it; a lockfile is no proof', async () => {
    const at = await signed(null)
    await at.store.remove('policy.json')
    await at.haal('install a', network).succeeds()
    await ask(at, {})
    for (const line of ['install --frozen', 'install', 'uninstall b', 'policy check'])
      expect((await at.haal(line, network).outcome()).exit, line).not.toBe(0)
    await at.haal('install --frozen', network).fails('E_SIG_MISSING', 6)
    await at.registry.write({ 'registry.json.sigstore.json': json(signedBy(ada)) })
    await at.haal('install --frozen', network).succeeds()
    await at.haal('policy check', network).succeeds()
  })

  alone('[S12] a damaged memory of it stops, and says which file', async () => {
    const at = await signed(json(signedBy(ada)))
    await at.haal('install a', network).succeeds()
    await at.store.write({ 'signed-seen.json': '{' })
    const { stderr } = await at.haal('update', network).fails('E_SIG', 6)
    expect(stderr).toMatch(/signed-seen\.json is damaged/)
  })
})

describe('the configuration may pin keys itself', () => {
  test('[S12] of one registry, which nobody else needs to ask for', async () => {
    const at = await world()
    const registry = await at.folder('acme', inRegistry('v1'), { entry: { signature: { keys: [ada.publicKey] } } })
    await at.haal('install a').fails('E_SIG_MISSING', 6)
    await registry.write({ 'registry.json.sigstore.json': json(signedBy(eve)) })
    await at.haal('install a').fails('E_SIG_KEY', 6)
    await registry.write({ 'registry.json.sigstore.json': json(signedBy(ada)) })
    await at.haal('install a').succeeds()
  })

  test('[S12] a key that is none is told where it stands', async () => {
    const at = await world()
    await at.folder('acme', inRegistry('v1'), { entry: { signature: { keys: ['abc'] } } })
    const { stderr } = await at.haal('install a').fails('E_CONFIG', 2)
    expect(stderr).toMatch(/signature\.keys\[0\]/)
  })
})

describe('registries elsewhere', () => {
  const published = async (at: World, signature: string | undefined) => {
    const archive = await at.archive('a', files('v1'))
    const fs = await import('node:fs')
    const index = `${JSON.stringify(
      registryJson([], {
        skills: {
          curated: [
            { name: 'a', path: 'skills/a', version: '1.0.0', archive: 'a.tgz', integrity: integrityOf(files('v1')) },
          ],
        },
      }),
    )}\n`
    return {
      index,
      routes: {
        '/registry.json': index,
        '/a.tgz': fs.readFileSync(archive),
        ...(signature !== undefined && { '/registry.json.sigstore.json': signature }),
      },
    }
  }

  test('[S12] a web server: its index is signed beside it, and 404 is no signature (hostile S01)', async () => {
    const at = await world()
    const { index, routes } = await published(at, undefined)
    const server = await at.http(routes)
    at.list({ name: 'web', type: 'url', location: server.origin })
    await ask(at, { registry: server.origin })
    await at.haal('install a').fails('E_SIG_MISSING', 6)
    expect(server.paths()).toContain('/registry.json.sigstore.json')
    expect(server.paths()).not.toContain('/a.tgz')
    server.routes['/registry.json.sigstore.json'] = json(bundle(statement(index), eve))
    await at.haal('install a --refresh').fails('E_SIG_KEY', 6)
    server.routes['/registry.json.sigstore.json'] = json(bundle(statement(index), ada))
    await at.haal('install a --refresh').succeeds()
    await at.haal('install --frozen').succeeds()
  })

  needs('git')('[S12] git: at a branch, and at a tag of the past, which may be old but must be signed', async () => {
    const at = await world()
    const release = (body: string, label: string, version?: number) => {
      const index = indexOf(body, label)
      const signature = version === undefined ? null : json(bundle(statement(index, { version }), ada))
      return { ...inRegistry(body), 'registry.json': index, 'registry.json.sigstore.json': signature }
    }
    const repo = await at.git('acme', release('v0', '0.1.0'), { tag: 'a@0.1.0' })
    await repo.commit(release('v1', '1.0.0', 1), { tag: 'a@1.0.0' })
    await repo.commit(release('v2', '2.0.0', 2), { tag: 'a@2.0.0' })
    await ask(at, { registry: repo.url })
    await at.haal('install a').succeeds()
    await at.project.has({ '.haal/skills/a/SKILL.md': /v2/ })
    await at.haal('install a@1.0.0').succeeds()
    await at.project.has({ '.haal/skills/a/SKILL.md': /v1/ })
    await at.haal('install a@0.1.0').fails('E_SIG_MISSING', 6)
    await repo.tag('a@9.0.0', repo.sha('a@1.0.0'))
    const { stderr } = await at.haal('install a@^9.0.0 --refresh').fails('E_SIG_SUBJECT', 6)
    expect(stderr).toMatch(/a tag of acme says skill\/a 9\.0\.0; what is signed says 1\.0\.0/)
  })
})
