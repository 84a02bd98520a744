import { describe, expect, test } from 'vitest'
import { catalog } from '../../src/layout/index.js'
import type { Locator } from '../../src/model/registry.js'
import { json, type MemoryTree, memoryTree, type Planted, skill } from './trees.js'

const tool = { id: 'com.acme.hammer', name: 'Hammer', version: '1.0.0', path: 'curated/hammer' }
const manifest = json({ id: 'com.acme.hammer', extensions: [{ kind: 'tool', id: 'hit' }] })

function registry(entries: readonly object[], files: Record<string, Planted> = {}, at?: Locator): MemoryTree {
  return memoryTree({ 'registry.json': json({ extensions: { curated: entries } }), ...files }, at)
}

async function only(tree: MemoryTree) {
  const { artifacts } = await catalog(tree, 'acme')
  expect(artifacts).toHaveLength(1)
  return artifacts[0]
}

const asks = (tree: MemoryTree) => catalog(tree, 'acme')

describe('entries', () => {
  test('[A21] id, name, version and path are enough', async () => {
    expect(await only(registry([tool], { 'registry/curated/hammer/manifest.json': manifest }))).toEqual({
      registry: 'acme',
      layout: 'agentos',
      kind: 'tool',
      name: 'hammer',
      id: 'com.acme.hammer',
      version: '1.0.0',
      description: 'Hammer',
      content: { path: 'registry/curated/hammer' },
      form: 'folder',
      requires: [],
    })
  })

  test.each([
    ['a string', 'Ada', 'Ada'],
    ['an object', { name: 'Ada', email: 'ada@example.org' }, 'Ada'],
    ['an object without a name', { email: 'ada@example.org' }, undefined],
    ['null', null, undefined],
  ])('[A21] author may be %s', async (_what, author, expected) => {
    expect(await only(registry([{ ...tool, author, whatever: { deep: [1] } }]))).toMatchObject(
      expected === undefined ? { name: 'hammer' } : { author: expected },
    )
  })

  test('[A25] [A42] what a listing shows comes from the index, verified included', async () => {
    const entry = { ...tool, description: 'Hits things', author: 'Ada', license: 'MIT', verified: true }
    expect(await only(registry([entry]))).toMatchObject({
      id: 'com.acme.hammer',
      version: '1.0.0',
      description: 'Hits things',
      author: 'Ada',
      licence: 'MIT',
      verified: true,
    })
  })

  test('[A17] curated, community and any other group are read, and skills and personas like extensions', async () => {
    const index = {
      extensions: { curated: [tool], community: [{ ...tool, id: 'com.you.saw', path: 'registry/community/saw' }] },
      skills: {
        curated: [{ id: 'com.acme.skill.plan', name: 'plan', version: '1.0.0', path: 'registry/curated/plan' }],
      },
      personas: { curated: [{ id: 'ada', name: 'Ada', version: '1.0.0', path: 'personas/ada' }] },
    }
    const tree = memoryTree({ 'registry.json': json(index), 'registry/curated/plan/SKILL.md': skill('plan') })
    const { artifacts } = await asks(tree)
    expect(artifacts.map(({ kind, name }) => `${kind}/${name}`)).toEqual([
      'tool/hammer',
      'tool/saw',
      'skill/plan',
      'persona/ada',
    ])
  })

  test.each([
    {},
    { extensions: {} },
    { extensions: { curated: [] } },
    { extensions: { curated: null } },
    { extensions: null },
  ])('[A23] an absent or empty section is fine: %j', async (index) => {
    expect(await asks(memoryTree({ 'registry.json': json(index) }))).toEqual({
      artifacts: [],
      layouts: ['agentos'],
      notes: [],
    })
  })

  test('[A24] categories say nothing of what there is', async () => {
    const index = { categories: { curated: ['ghost'], nonsense: 3 }, extensions: { curated: [tool] } }
    const { artifacts } = await asks(memoryTree({ 'registry.json': json(index) }))
    expect(artifacts.map(({ name }) => name)).toEqual(['hammer'])
  })

  test('[A20] the same leaf with two ids stays two candidates', async () => {
    const entries = [
      { id: 'com.acme.channels.telegram', version: '1.0.0', path: 'registry/curated/channels/telegram' },
      { id: 'com.acme.integrations.telegram', version: '1.0.0', path: 'registry/curated/integrations/telegram' },
    ]
    const { artifacts, notes } = await asks(registry(entries))
    expect(artifacts.map(({ id, name }) => [id, name])).toEqual([
      ['com.acme.channels.telegram', 'telegram'],
      ['com.acme.integrations.telegram', 'telegram'],
    ])
    expect(notes).toEqual([])
  })

  test('an index may list bundles: they are what they require', async () => {
    const bundle = {
      id: 'com.acme.basics',
      kind: 'bundle',
      path: 'bundles/basics',
      requires: ['skill/plan', 'tools/hammer'],
    }
    expect(await only(registry([bundle]))).toMatchObject({
      kind: 'bundle',
      content: { definition: ['skill/plan', 'tool/hammer'] },
      requires: ['skill/plan', 'tool/hammer'],
    })
  })
})

describe('kinds', () => {
  const kinds = (...words: string[]) => json({ id: 'com.acme.hammer', extensions: words.map((kind) => ({ kind })) })

  test.each([
    ['its own word', { kind: 'guardrail' }, kinds('tool'), { kind: 'guardrail', kindStated: true }],
    [
      'a word of AgentOS alone',
      { kind: 'tts-provider' },
      undefined,
      { kind: 'extension', agentosKind: 'tts-provider' },
    ],
    ['the manifest', {}, json({ kind: 'workflow', extensionId: 'hammer' }), { kind: 'workflow' }],
    [
      'the only kind it declares',
      {},
      kinds('provenance', 'provenance'),
      { kind: 'extension', agentosKind: 'provenance' },
    ],
    ['the category’s among several', { category: 'safety' }, kinds('tool', 'guardrail'), { kind: 'guardrail' }],
    [
      'what is no mere companion',
      { category: 'channels' },
      kinds('tool', 'http-handler', 'messaging-channel'),
      { kind: 'extension' },
    ],
    ['the category', { category: 'workflows' }, undefined, { kind: 'workflow' }],
    ['no category that every object has', { category: 'constructor' }, undefined, { kind: 'tool' }],
    ['the folder it lies in', { path: 'registry/curated/personas/hammer' }, undefined, { kind: 'persona' }],
    ['nothing at all', {}, undefined, { kind: 'tool' }],
    ['a manifest that is broken', {}, '{', { kind: 'tool' }],
  ])('[A26] the kind of an entry is told by %s', async (_what, more, file, expected) => {
    const files = file === undefined ? {} : { 'registry/curated/hammer/manifest.json': file }
    const artifact = await only(registry([{ ...tool, ...more }], files))
    expect(artifact).toMatchObject(expected)
  })

  test('manifests are read only where the index does not say the kind', async () => {
    const tree = registry([{ ...tool, kind: 'tool' }], { 'registry/curated/hammer/manifest.json': manifest })
    await asks(tree)
    expect(tree.reads).toEqual(['registry.json'])
  })
})

describe('paths', () => {
  test.each([
    ['curated/hammer', 'curated/hammer'],
    ['curated/hammer', 'registry/curated/hammer'],
    ['registry/curated/hammer', 'registry/curated/hammer'],
    ['registry/curated/hammer', 'curated/hammer'],
    ['./registry/curated/tools/hammer/', 'registry/curated/tools/hammer'],
  ])('[A18] the path %s is found at %s', async (path, at) => {
    const artifact = await only(registry([{ ...tool, path }], { [`${at}/manifest.json`]: manifest }))
    expect(artifact?.content).toEqual({ path: at })
  })

  test('[A18] both places with the same files are one', async () => {
    const files = { 'curated/hammer/manifest.json': manifest, 'registry/curated/hammer/manifest.json': manifest }
    expect((await asks(registry([tool], files))).artifacts[0]?.content).toEqual({ path: 'curated/hammer' })
  })

  test.each<[string, Record<string, Planted>]>([
    ['other bytes', { 'registry/curated/hammer/manifest.json': '{}' }],
    ['another file', { 'registry/curated/hammer/manifest.json': manifest, 'registry/curated/hammer/index.js': '' }],
    ['another mode', { 'registry/curated/hammer/manifest.json': { text: manifest, mode: 0o755 } }],
    ['another type', { 'registry/curated/hammer/manifest.json': { type: 'other' } }],
  ])('[A18] both places with %s are an error', async (_what, there) => {
    const tree = registry([tool], { 'curated/hammer/manifest.json': manifest, ...there })
    await expect(asks(tree)).rejects.toMatchObject({
      code: 'E_INDEX',
      message: expect.stringContaining('com.acme.hammer'),
    })
  })

  test.each([
    ['../../etc/passwd', 'E_PATH_ESCAPE'],
    ['curated/../../x', 'E_PATH_ESCAPE'],
    ['a/../../b', 'E_PATH_ESCAPE'],
    ['..\\x', 'E_PATH_ESCAPE'],
    ['/etc/passwd', 'E_PATH_ABSOLUTE'],
    ['/', 'E_PATH_ABSOLUTE'],
    ['C:/x', 'E_PATH_ABSOLUTE'],
    ['C:x', 'E_PATH_ABSOLUTE'],
    ['\\\\server\\share', 'E_PATH_ABSOLUTE'],
    ['curated//hammer', 'E_PATH_FORBIDDEN'],
    ['curated/con', 'E_PATH_FORBIDDEN'],
    ['curated/.git', 'E_PATH_FORBIDDEN'],
  ])('[A19] [G16] the path %s is refused, and the entry is named', async (path, code) => {
    await expect(asks(registry([{ ...tool, path }]))).rejects.toMatchObject({
      code,
      message: expect.stringContaining('$.extensions.curated[0] (com.acme.hammer)'),
    })
  })

  test.each<[string, Record<string, Planted>]>([
    ['that is a link', { 'curated/hammer': { type: 'link' } }],
    ['below a link', { curated: { type: 'link' } }],
    ['below a file', { curated: 'text' }],
    ['that is a file', { 'curated/hammer': 'text' }],
    ['that is a device', { 'curated/hammer': { type: 'other' } }],
  ])('[A19] [G16] a path %s is refused', async (_what, files) => {
    await expect(asks(registry([tool], files))).rejects.toMatchObject({ code: 'E_PATH_ESCAPE' })
  })

  test('a kind that may be a single file is taken as one', async () => {
    const entry = { id: 'com.acme.reviewer', kind: 'agent', path: 'agents/reviewer.md' }
    const { artifacts } = await asks(registry([entry], { 'agents/reviewer.md': '# Review' }))
    expect(artifacts).toMatchObject([
      { kind: 'agent', name: 'reviewer', form: 'file', content: { path: 'agents/reviewer.md' } },
    ])
  })

  test('[A22] an entry whose path is nowhere says so, and the others are offered', async () => {
    const entries = [{ ...tool, id: 'com.acme.ghost', path: 'curated/ghost' }, tool]
    const { artifacts } = await asks(registry(entries, { 'curated/hammer/manifest.json': manifest }))
    expect(artifacts.map(({ name, unavailable }) => [name, unavailable])).toEqual([
      ['ghost', 'its path curated/ghost is not there'],
      ['hammer', undefined],
    ])
  })

  test('[A48] a folder directly below curated is offered though the index forgot it', async () => {
    const tree = registry([tool], {
      'registry/curated/hammer/manifest.json': manifest,
      'registry/curated/auth/manifest.json': json({ id: 'com.acme.auth', version: '1.0.0' }),
      'registry/curated/saw/package.json': '{}',
      'registry/curated/channels/slack/manifest.json': '{}',
      'registry/curated/.hidden/manifest.json': '{}',
      'registry/curated/con/manifest.json': '{}',
    })
    const { artifacts, notes } = await asks(tree)
    expect(artifacts.map(({ name, id }) => [name, id])).toEqual([
      ['hammer', 'com.acme.hammer'],
      ['auth', 'com.acme.auth'],
      ['saw', undefined],
    ])
    expect(notes).toEqual([{ code: 'W_NAME_UNSAFE', message: expect.stringContaining('registry/curated/con') }])
  })
})

describe('an index that cannot be used', () => {
  test.each([
    ['is cut short', '{"extensions": {\n  "curated": [', /registry\.json:2:\d+ is not valid JSON/],
    ['is HTML', '<html>', /registry\.json:1:1 is not valid JSON/],
    ['is empty', '', /registry\.json:1:1 is not valid JSON/],
    ['has a comment', '{} // x', /registry\.json:1:4 is not valid JSON/],
  ])('[A23] [S5] one that %s is an error with file and position', async (_what, text, message) => {
    await expect(asks(memoryTree({ 'registry.json': text }))).rejects.toMatchObject({
      code: 'E_JSON',
      message: expect.stringMatching(message),
    })
  })

  test.each([
    ['a list', [], 'registry.json should be an object, not a list'],
    ['a section that is a list', { extensions: [] }, '$.extensions'],
    [
      'a group that is an object',
      { extensions: { curated: {} } },
      '$.extensions.curated should be a list, not an object',
    ],
    [
      'an entry that is text',
      { extensions: { curated: ['x'] } },
      '$.extensions.curated[0] should be an object, not "x"',
    ],
    ['no path', { skills: { curated: [{ id: 'x' }] } }, '$.skills.curated[0].path is missing'],
    [
      'a path that is a number',
      { extensions: { curated: [{ path: 4 }] } },
      '$.extensions.curated[0].path should be text, not 4',
    ],
    [
      'an author that is a number',
      { extensions: { curated: [{ ...tool, author: 4 }] } },
      '$.extensions.curated[0].author should be',
    ],
    [
      'a version that is a number',
      { extensions: { curated: [{ ...tool, version: 1 }] } },
      '$.extensions.curated[0].version should be text',
    ],
    [
      'verified as text',
      { extensions: { curated: [{ ...tool, verified: 'yes' }] } },
      '$.extensions.curated[0].verified should be true or false',
    ],
    [
      'a digest that is none',
      { extensions: { curated: [{ ...tool, integrity: 'sha1-x' }] } },
      '$.extensions.curated[0].integrity is not a sha256',
    ],
    [
      'an id with a space',
      { extensions: { curated: [{ ...tool, id: 'a b' }] } },
      '$.extensions.curated[0].id should be 1 to 200 characters without a space',
    ],
    ['requires of nothing', { extensions: { curated: [{ ...tool, requires: ['x'] }] } }, 'requires "x"'],
  ])('[S5] %s is refused with its JSON path', async (_what, index, message) => {
    await expect(asks(memoryTree({ 'registry.json': json(index) }))).rejects.toMatchObject({
      code: 'E_INDEX',
      message: expect.stringContaining(message),
    })
  })

  test.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'])(
    '%s is neither a key nor a name nor an id (hostile R10)',
    async (word) => {
      const indexes = [
        `{"extensions": {"${word}": []}}`,
        json({ extensions: { curated: [{ ...tool, path: `curated/${word}` }] } }),
        json({ extensions: { curated: [{ ...tool, id: word }] } }),
      ]
      for (const text of indexes)
        await expect(asks(memoryTree({ 'registry.json': text }))).rejects.toMatchObject({ code: 'E_JSON_KEY' })
      expect(Object.hasOwn({}, 'polluted')).toBe(false)
    },
  )

  test('[S5] a key twice is refused', async () => {
    await expect(asks(memoryTree({ 'registry.json': '{"extensions": {}, "extensions": {}}' }))).rejects.toMatchObject({
      code: 'E_JSON_KEY',
    })
  })

  test('[O24] a name that is not safe as a path is refused', async () => {
    await expect(asks(registry([{ ...tool, path: 'curated/-rf' }]))).rejects.toMatchObject({ code: 'E_NAME' })
    await expect(asks(registry([{ ...tool, path: './' }]))).rejects.toMatchObject({
      code: 'E_INDEX',
      message: expect.stringMatching(/names the path ".\/", the registry itself/),
    })
  })

  test.each([`1.0.0-${'a'.repeat(300)}`, '99999999999999999999.0.0', '1.0.0\n2'])(
    'the version %j is refused (hostile R08)',
    async (version) => {
      await expect(asks(registry([{ ...tool, version }]))).rejects.toMatchObject({ code: 'E_VERSION' })
      await expect(asks(registry([{ ...tool, versions: { [version]: { archive: 'x.tgz' } } }]))).rejects.toMatchObject({
        code: 'E_VERSION',
      })
    },
  )

  test.each(['1.0', 'v1.0.0', '01.0.0', '1.0.0+a'])('the label %s is kept as it is (hostile R08)', async (version) => {
    expect(await only(registry([{ ...tool, version }]))).toMatchObject({ version })
  })
})

describe('files that are not in the tree', () => {
  const web: Locator = { via: 'url', url: 'https://reg.acme.com/ai/' }
  const digest = 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='

  test.each([
    ['archives/hammer-1.0.0.tgz', 'https://reg.acme.com/ai/archives/hammer-1.0.0.tgz'],
    ['/archives/hammer.tgz', 'https://reg.acme.com/archives/hammer.tgz'],
    ['https://reg.acme.com/x/hammer.tgz', 'https://reg.acme.com/x/hammer.tgz'],
  ])('[A14] the archive %s is at %s', async (archive, url) => {
    const entry = { ...tool, archive, integrity: digest, archiveIntegrity: 'sha512-x' }
    expect(await only(registry([entry], {}, web))).toMatchObject({
      integrity: digest,
      content: { path: '', elsewhere: { at: { via: 'url', url }, archiveIntegrity: 'sha512-x' } },
    })
  })

  test.each(['download/7', '.', ' ', 'x.zip', 'x.tgz/'])(
    '[A14 U3] the archive %j is none, and is not asked for',
    (archive) =>
      expect(only(registry([{ ...tool, archive }], {}, web))).rejects.toMatchObject({
        code: 'E_INDEX',
        message: expect.stringContaining('.archive is no .tgz or .tar'),
      }),
  )

  test.each([
    'https://evil.com/x.tgz',
    '//evil.com/x.tgz',
    'file:///etc/x.tgz',
    'https://u:p@reg.acme.com/x.tgz',
    'https://u@reg.acme.com/x.tgz',
    'https://:p@reg.acme.com/x.tgz',
    'https://[/x.tgz',
    'data:,x',
  ])('[S6] an archive at another origin is refused: %s', async (archive) => {
    await expect(asks(registry([{ ...tool, archive }], {}, web))).rejects.toMatchObject({ code: 'E_INDEX' })
  })

  test.each([
    ['https://reg.acme.com', 'https://reg.acme.com/curated/hammer.tgz'],
    ['https://reg.acme.com/ai', 'https://reg.acme.com/ai/curated/hammer.tgz'],
    ['https://reg.acme.com/ai/registry.json?x=1', 'https://reg.acme.com/ai/curated/hammer.tgz'],
  ])('[A14] without an archive, <path>.tgz beside the index is meant: %s', async (at, url) => {
    const artifact = await only(registry([tool], {}, { via: 'url', url: at }))
    expect(artifact?.content.elsewhere?.at).toEqual({ via: 'url', url })
  })

  test('a path with odd characters is one path of the address', async () => {
    const artifact = await only(registry([{ ...tool, path: 'curated/%2e%2e/a#b' }], {}, web))
    expect(artifact?.content.elsewhere?.at).toEqual({
      via: 'url',
      url: 'https://reg.acme.com/ai/curated/%252e%252e/a%23b.tgz',
    })
  })

  test('[A14] an entry may list its files one by one', async () => {
    const files = ['manifest.json', { path: 'dist/index.js', integrity: 'x' }]
    expect((await only(registry([{ ...tool, files }], {}, web)))?.content).toEqual({
      path: 'curated/hammer',
      include: ['manifest.json', 'dist/index.js'],
    })
    await expect(asks(registry([{ ...tool, files: ['../x'] }], {}, web))).rejects.toMatchObject({
      code: 'E_PATH_ESCAPE',
    })
  })

  test('[O26] every version that an index lists has its own archive and digest', async () => {
    const versions = { '1.1.0': { archive: 'a-1.1.0.tgz', integrity: digest }, '1.0.0': { path: 'old/hammer' } }
    expect(await only(registry([{ ...tool, versions }], {}, web))).toMatchObject({
      versions: {
        '1.1.0': { integrity: digest, content: { elsewhere: { at: { url: 'https://reg.acme.com/ai/a-1.1.0.tgz' } } } },
        '1.0.0': { content: { path: 'old/hammer' } },
      },
    })
    await expect(asks(registry([{ ...tool, versions: { '1.0.0': {} } }], {}, web))).rejects.toMatchObject({
      code: 'E_INDEX',
    })
  })

  test('an archive in a folder lies below the folder, and nowhere else', async () => {
    const artifact = await only(registry([{ ...tool, archive: 'archives/hammer.tgz' }]))
    expect(artifact?.content.elsewhere?.at).toEqual({ via: 'file', path: '/registries/demo/archives/hammer.tgz' })
    await expect(asks(registry([{ ...tool, archive: '../hammer.tgz' }]))).rejects.toMatchObject({
      code: 'E_PATH_ESCAPE',
    })
  })

  test('a whole registry in one archive has everything inside', async () => {
    const whole: Locator = { via: 'url', url: 'https://reg.acme.com/all.tgz' }
    expect(await only(registry([tool], {}, whole))).toMatchObject({ unavailable: expect.stringContaining('not there') })
  })

  test('[A16] a catalogue from npm may name packages instead of holding them', async () => {
    const entry = { ...tool, package: '@acme/hammer' }
    const artifact = await only(registry([entry], {}, { via: 'npm', name: '@acme/extensions' }))
    expect(artifact?.content).toEqual({
      path: '',
      elsewhere: { at: { via: 'npm', name: '@acme/hammer' }, ref: '1.0.0' },
    })
  })

  test('[A13] [A34] a catalogue in a folder never leads to the network', async () => {
    expect(await only(registry([{ ...tool, package: '@acme/hammer' }]))).toMatchObject({
      unavailable: expect.stringContaining('curated/hammer'),
    })
  })

  test('what names no package is not looked for there', async () => {
    const entry = { ...tool, package: '../../etc' }
    expect(await only(registry([entry], {}, { via: 'npm', name: 'x' }))).toMatchObject({
      unavailable: expect.stringContaining('not there'),
    })
  })
})
