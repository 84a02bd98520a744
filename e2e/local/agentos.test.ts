import { describe, expect, test } from 'vitest'
import { type Files, manifest, registryJson, type World, world } from '../world/index.js'

/** One curated extension as AgentOS publishes them: an index, and a folder under registry/curated. */
function published(path = 'registry/curated/search/web', more: Record<string, unknown> = {}): Files {
  return {
    'registry.json': registryJson([{ id: 'com.acme.web', name: 'Web', version: '1.2.0', path, ...more }]),
    'registry/curated/search/web/manifest.json': manifest('com.acme.web', '1.2.0'),
    'registry/curated/search/web/index.mjs': 'export const createExtensionPack = () => ({})\n',
    'registry/curated/search/web/bin/run.sh': { body: '#!/bin/sh\necho run\n', mode: 0o755 },
  }
}

/** Files of an extension below a folder, enough to be one. */
const extension = (folder: string, id: string, more: Record<string, unknown> = {}): Files => ({
  [`${folder}/manifest.json`]: manifest(id, '1.0.0', more),
  [`${folder}/index.mjs`]: 'export {}\n',
})

const entry = (id: string, path: string, more: Record<string, unknown> = {}) => ({
  id,
  name: id,
  version: '1.0.0',
  path,
  ...more,
})

/** AgentOS's own dialect of a configuration. */
async function configured({ project }: World, registryConfig: Record<string, unknown>): Promise<void> {
  await project.write({ 'haal.json': { registryConfig } })
}

describe('several named registries', () => {
  test('[A1] each registry is listed by its name, in order', async () => {
    const at = await world()
    await at.folder('one', published(), { listed: false })
    await at.folder('two', extension('curated/mail', 'com.acme.mail'), { listed: false })
    await configured(at, {
      registries: {
        corp: { type: 'file', location: '../folders/one' },
        hub: { type: 'file', location: '../folders/two', verified: true },
      },
    })
    const { registries } = await at.haal('registry list').json<{ registries: object[] }>()
    expect(registries).toMatchObject([
      { name: 'corp', type: 'file', location: at.root.at('folders/one'), verified: false },
      { name: 'hub', type: 'file', location: at.root.at('folders/two'), verified: true },
    ])
  })

  test('[A1] an unknown type and a missing location are errors that name the registry', async () => {
    const at = await world()
    await configured(at, { registries: { corp: { type: 'ftp', location: '../folders/one' } } })
    expect((await at.haal('install web').fails('E_CONFIG', 2)).stderr).toMatch(/"corp".*"ftp"/)
    await configured(at, { registries: { corp: { type: 'file' } } })
    expect((await at.haal('install web').fails('E_CONFIG', 2)).stderr).toMatch(/"corp".*no location/)
  })

  test('[A28] a kind comes from its default registry, and an undefined one is an error', async () => {
    const at = await world()
    await at.folder('one', published(), { listed: false })
    await at.folder('two', published(), { listed: false })
    const registries = {
      one: { type: 'file', location: '../folders/one' },
      two: { type: 'file', location: '../folders/two' },
    }
    await configured(at, { registries, defaultRegistries: { tool: 'two' } })
    await at.haal('install web').succeeds()
    expect(at.project.json('haal.lock')).toMatchObject({ artifacts: { 'tool/web': { registry: 'two' } } })
    await configured(at, { registries, defaultRegistries: { tool: 'three' } })
    expect((await at.haal('install tool/web').fails('E_CONFIG', 2)).stderr).toMatch(/"three", which is not defined/)
  })

  test('[A31] a kind that is routed to no registry is an error that says so', async () => {
    const at = await world()
    await at.folder('one', published(), { listed: false })
    await configured(at, {
      registries: { one: { type: 'file', location: '../folders/one' } },
      defaultRegistries: { tool: null },
    })
    const { stderr } = await at.haal('install tool/web').fails('E_NO_ROUTE', 3)
    expect(stderr).toMatch(/tool is routed to no registry \(defaultRegistries\.tool\)/)
    expect(stderr).toMatch(/hint: .*<registry>:tool\/<name>/)
    await at.haal('install web').fails('E_NO_ROUTE', 3)
    await at.haal('install one:tool/web').succeeds()
  })
})

describe('a registry that is a folder', () => {
  test('[A11 A27] is copied byte for byte with its executable bits, and stays as it was', async () => {
    const { folder, haal, project } = await world()
    const acme = await folder('acme', {
      ...published(),
      'registry/curated/search/web/data.bin': new Uint8Array([0, 255, 13, 10]),
    })
    const before = acme.stamp()
    await haal('install web').succeeds()
    expect(acme.stamp()).toEqual(before)
    expect(project.tree('.haal/tools/web')).toEqual(acme.tree('registry/curated/search/web'))
    await acme.write({ 'registry/curated/search/web/index.mjs': 'changed at the source' })
    await project.has({ '.haal/tools/web/index.mjs': /createExtensionPack/ })
  })

  test('[A11] by its absolute path installs copies, never links', async () => {
    const { folder, haal, list, project } = await world()
    const acme = await folder('acme', published(), { listed: false })
    list({ name: 'acme', type: 'file', location: acme.path })
    await haal('install web').succeeds()
    const kinds = Object.values(project.tree('.haal/tools')).map((line) => line.split(' ')[0])
    expect(new Set(kinds)).toEqual(new Set(['folder', 'file']))
  })

  test('[A12] a relative path starts at the folder of the file that names it', async () => {
    const { folder, haal, project } = await world()
    await folder('acme', published(), { listed: false })
    await project.write({
      'config/deep/haal.json': { registries: [{ name: 'acme', location: '../../../folders/acme' }] },
    })
    await haal('install web --config config/deep/haal.json').succeeds()
    await project.has({ '.haal/tools/web/bin/run.sh': /echo run/ })
  })

  test('[A17 A48] curated and community are found, at any depth, and skills are a section of their own', async () => {
    const { folder, haal, project } = await world()
    await folder('acme', {
      ...published(),
      'registry.json': {
        extensions: {
          curated: [entry('com.acme.web', 'registry/curated/search/web')],
          community: [entry('com.eve.gif', 'registry/community/fun/gif')],
        },
        skills: { curated: [entry('com.acme.plan', 'registry/curated/plan')] },
      },
      ...extension('registry/community/fun/gif', 'com.eve.gif'),
      ...extension('registry/curated/auth', 'com.acme.auth'),
      'registry/curated/plan/SKILL.md': '---\nname: plan\ndescription: plans\n---\n',
    })
    await haal('install web gif plan auth').succeeds()
    expect(Object.keys(project.json<{ artifacts: object }>('haal.lock').artifacts)).toEqual([
      'skill/plan',
      'tool/auth',
      'tool/gif',
      'tool/web',
    ])
  })

  test('[A18] a path with registry/ before it and without it are both found', async () => {
    const { folder, haal, project } = await world()
    await folder('acme', published('curated/search/web'))
    await haal('install com.acme.web').succeeds()
    expect(project.json('haal.lock')).toMatchObject({
      artifacts: { 'tool/web': { path: 'registry/curated/search/web' } },
    })
  })

  test('[A18] two different folders for one path are an error', async () => {
    const { folder, haal } = await world()
    await folder('acme', { ...published(), ...extension('curated/search/web', 'com.acme.web') })
    expect((await haal('install web').fails('E_INDEX', 6)).stderr).toMatch(/differ/)
  })

  test('[A21] id, name, version and path are enough, and an author may be a string, an object or absent', async () => {
    const { folder, haal } = await world()
    await folder('acme', {
      'registry.json': registryJson([
        entry('a.one', 'curated/one', { author: 'Ada', stars: 12, nested: { deep: [1] } }),
        entry('a.two', 'curated/two', { author: { name: 'Bob', email: 'b@acme.test' } }),
        entry('a.three', 'curated/three'),
      ]),
      ...extension('curated/one', 'a.one'),
      ...extension('curated/two', 'a.two'),
      ...extension('curated/three', 'a.three'),
    })
    const { artifacts } = await haal('list --available').json<{ artifacts: { name: string; author?: string }[] }>()
    expect(artifacts.map(({ name, author }) => [name, author])).toEqual([
      ['one', 'Ada'],
      ['three', undefined],
      ['two', 'Bob'],
    ])
  })

  test('[A22] an entry whose folder is missing is named when it is asked for; the others install', async () => {
    const { folder, haal } = await world()
    await folder('acme', {
      ...published(),
      'registry.json': registryJson([
        entry('com.acme.web', 'registry/curated/search/web'),
        entry('com.acme.gone', 'registry/curated/gone'),
      ]),
    })
    const { stderr } = await haal('install gone').fails('E_ENTRY_MISSING', 3)
    expect(stderr).toMatch(/tool\/gone.*registry\/curated\/gone/)
    const all = await haal('install --all').succeeds()
    expect(all.stdout).toMatch(/\+ tool\/web/)
    expect(all.stderr).toMatch(/tool\/gone.*W_NO_FILES/)
  })

  test('[A23] sections may be empty or absent; an index that is no JSON names its position', async () => {
    const { folder, haal } = await world()
    const acme = await folder('acme', {
      'registry.json': { version: '1', extensions: { curated: [], community: null } },
    })
    expect((await haal('list --available').succeeds()).stdout).toBe('nothing to list\n')
    await acme.write({ 'registry.json': '{\n  "extensions": {,}\n}' })
    expect((await haal('install web').fails('E_JSON', 6)).stderr).toMatch(/registry\.json:2:18/)
    await acme.write({ 'registry.json': { extensions: { curated: [{ name: 'no path' }] } } })
    expect((await haal('install web').fails('E_INDEX', 6)).stderr).toMatch(
      /\$\.extensions\.curated\[0\]\.path is missing/,
    )
  })

  test('[A24] categories decide nothing', async () => {
    const { folder, haal, project } = await world()
    const acme = await folder('acme', {
      ...published(),
      'registry.json': {
        ...registryJson([entry('com.acme.web', 'registry/curated/search/web')]),
        categories: { safety: ['web'], gone: ['x'] },
      },
    })
    await haal('install web').succeeds()
    expect(acme.exists('registry.json')).toBe(true)
    await project.has({ '.haal/tools/web/manifest.json': /com\.acme\.web/ })
  })

  test('[A25] list --available and search show name, id, kind, version, author, registry and verified', async () => {
    const { folder, haal, project } = await world()
    await folder(
      'acme',
      published('registry/curated/search/web', { author: 'Ada', description: 'Searches the web', verified: true }),
    )
    const row = (registry: string) =>
      new RegExp(`^tool/web +1\\.2\\.0 +${registry} +Ada +com\\.acme\\.web +Searches the web\n$`)
    expect((await haal('list --available').succeeds()).stdout).toMatch(row('acme \\(says verified\\)'))
    expect((await haal('search searches').succeeds()).stdout).toMatch(row('acme \\(says verified\\)'))
    expect((await haal('info web').succeeds()).stdout).toMatch(/^ +registry +acme \(says verified\)$/m)
    expect((await haal('search nothing-like-it').succeeds()).stdout).toMatch(/^nothing found/)
    const { artifacts } = await haal('search web').json<{ artifacts: object[] }>()
    expect(artifacts).toMatchObject([
      {
        name: 'web',
        id: 'com.acme.web',
        kind: 'tool',
        version: '1.2.0',
        author: 'Ada',
        registry: 'acme',
        verified: false,
        saysVerified: true,
      },
    ])
    const [registry] = project.json<{ registries: object[] }>('haal.json').registries
    await project.write({ 'haal.json': { registries: [{ ...registry, verified: true }] } })
    expect((await haal('list --available').succeeds()).stdout).toMatch(row('acme \\(verified\\)'))
  })

  test('[A25 A26] what people call it and AgentOS’s word for its kind are shown, and found', async () => {
    const { folder, haal } = await world()
    await folder('acme', {
      'registry.json': registryJson([
        entry('com.acme.tg', 'curated/tg', { name: 'Telegram Bridge', kind: 'messaging-channel' }),
        entry('com.acme.web', 'curated/web', { name: 'web' }),
      ]),
      ...extension('curated/tg', 'com.acme.tg'),
      ...extension('curated/web', 'com.acme.web'),
    })
    const row = /^extension\/tg +1\.0\.0 +acme +messaging-channel +com\.acme\.tg +Telegram Bridge\n$/
    expect((await haal('search telegram bridge').succeeds()).stdout).toMatch(row)
    expect((await haal('search messaging-channel').succeeds()).stdout).toMatch(row)
    expect((await haal('search web').succeeds()).stdout).toMatch(/^tool\/web +1\.0\.0 +acme +com\.acme\.web\n$/)
    await haal('install tg').succeeds()
    expect((await haal('info tg').succeeds()).stdout).toMatch(/^ {2}kind +messaging-channel$/m)
    const { artifacts } = await haal('list').json<{ artifacts: object[] }>()
    expect(artifacts).toMatchObject([{ kind: 'extension', agentosKind: 'messaging-channel' }])
  })
})

describe('kinds', () => {
  const kinds = [
    { kind: 'tool', at: 'tools' },
    { kind: 'guardrail', at: 'guardrails' },
    { kind: 'workflow', at: 'workflows' },
    { kind: 'persona', at: 'personas' },
    { kind: 'messaging-channel', at: 'extensions', agentosKind: 'messaging-channel' },
  ]

  test('[A26] each lands in its own folder; a kind only AgentOS knows is kept in the lockfile', async () => {
    const { folder, haal, project } = await world()
    await folder('acme', {
      'registry.json': registryJson(kinds.map(({ kind }) => entry(`a.${kind}`, `curated/my-${kind}`, { kind }))),
      ...Object.assign(
        {},
        ...kinds.map(({ kind }) =>
          extension(`curated/my-${kind}`, `a.${kind}`, { kind, name: 'N', baseSystemPrompt: 'You are.' }),
        ),
      ),
    })
    await haal('install --all').succeeds()
    for (const { kind, at, agentosKind } of kinds) {
      expect(project.exists(`.haal/${at}/my-${kind}/manifest.json`), kind).toBe(true)
      const ref = `${agentosKind === undefined ? kind : 'extension'}/my-${kind}`
      const { artifacts } = project.json<{ artifacts: Record<string, { agentosKind?: string }> }>('haal.lock')
      expect(artifacts[ref]?.agentosKind).toBe(agentosKind)
    }
  })
})

describe('what is told', () => {
  test('[A42] verified is shown and recorded, and is no substitute for a checksum', async () => {
    const { folder, haal, project } = await world()
    const wrong = `sha256-${'A'.repeat(43)}=`
    await folder('acme', published(), { entry: { verified: true, checksum: wrong } })
    await haal('install web').fails('E_CHECKSUM', 6)
    await project.write({
      'haal.json': { registries: [{ name: 'acme', location: '../folders/acme', verified: true }] },
    })
    await haal('install web').succeeds()
    expect(project.json('haal.lock')).toMatchObject({ registries: { acme: { verified: true } } })
    expect((await haal('list').succeeds()).stdout).toMatch(/acme \(verified\)/)
  })

  test('[A42] policy can ask for registries that are verified', async () => {
    const { folder, haal, project, store } = await world()
    await folder('acme', published())
    await store.write({ 'policy.json': { policyVersion: 1, registries: { require: { verified: true } } } })
    expect((await haal('install web').fails('E_POLICY_REGISTRY', 5)).stderr).toMatch(/registries\.require\.verified/)
    await project.write({
      'haal.json': { registries: [{ name: 'acme', location: '../folders/acme', verified: true }] },
    })
    await haal('install web').succeeds()
  })

  test('[A43] a token that stands in a file of the project is a warning that names the field and not the value', async () => {
    const { folder, haal, list } = await world()
    await folder('acme', published())
    list({ name: 'far', type: 'url', location: 'https://registry.acme.test', token: 'not-a-variable' })
    const { stderr } = await haal('install web --allow-missing --offline').succeeds()
    expect(stderr).toMatch(/registries\[1\].*token.*W_TOKEN_LITERAL/)
    expect(stderr).not.toMatch(/not-a-variable/)
  })

  test('[A44] index and manifest disagree on the version: a warning, and the index wins', async () => {
    const { folder, haal, project } = await world()
    await folder('acme', {
      ...published(),
      'registry/curated/search/web/manifest.json': manifest('com.acme.web', '9.9.9'),
    })
    expect((await haal('install web').succeeds()).stderr).toMatch(/1\.2\.0.*9\.9\.9.*W_VERSION/)
    expect(project.json('haal.lock')).toMatchObject({ artifacts: { 'tool/web': { version: '1.2.0' } } })
  })

  test('[A44 O5] info holds what is installed against its own version, whatever the index has by now', async () => {
    const { folder, haal } = await world()
    const at = (version: string): Files => ({
      'registry.json': registryJson([entry('a.calc', 'curated/calc', { version })]),
      'curated/calc/manifest.json': manifest('a.calc', version),
      'curated/calc/index.mjs': `export const v = '${version}'\n`,
    })
    const acme = await folder('acme', at('1.0.0'))
    await haal('install calc').succeeds()
    await acme.write(at('1.1.0'))
    const { version, available, notes } = await haal('info calc').json<Record<string, unknown>>()
    expect({ version, available, notes }).toEqual({ version: '1.0.0', available: '1.1.0', notes: [] })
  })

  test('[A47] source only and unmet packages install, are said, and nothing is built or run', async () => {
    const { folder, haal, project, root } = await world()
    const marker = `require('fs').writeFileSync(${JSON.stringify(root.at('ran'))}, '')`
    await folder('acme', {
      'registry.json': registryJson([entry('a.src', 'curated/src'), entry('a.deps', 'curated/deps')]),
      'curated/src/manifest.json': manifest('a.src', '1.0.0', { entry: 'dist/index.js' }),
      'curated/src/src/index.ts': 'export {}\n',
      'curated/src/package.json': {
        name: 'src',
        scripts: { build: marker, postinstall: `node -e "${marker}"`, prepare: marker },
      },
      ...extension('curated/deps', 'a.deps'),
      'curated/deps/package.json': { name: 'deps', dependencies: { axios: '^1.7.0' } },
    })
    const { stderr } = await haal('install src deps').succeeds()
    expect(stderr).toMatch(/tool\/src is source only: .*dist\/index\.js.*W_SOURCE_ONLY/)
    expect(stderr).toMatch(/tool\/deps needs npm packages: npm install "axios@\^1\.7\.0".*W_DEPENDENCIES/)
    expect(project.json('haal.lock')).toMatchObject({
      artifacts: { 'tool/src': { loadable: false }, 'tool/deps': { loadable: false } },
    })
    expect((await haal('update').changesNothing()).stderr).toBe('')
    expect((await haal('info tool/src').succeeds()).stdout).toMatch(/source only/)
    await root.lacks('ran', 'project/node_modules', 'project/.haal/tools/src/dist')
  })
})
