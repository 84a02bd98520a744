import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { catalog } from '../../src/layout/index.js'
import { listedRegistries } from '../../src/layout/registries-json.js'
import { errors, HaalError } from '../../src/model/errors.js'
import { nameProblem } from '../../src/model/names.js'
import { json, memoryTree, type Planted, skill } from './trees.js'

const asks = (files: Record<string, Planted>) => catalog(memoryTree(files), 'acme')

test.each(['registry.json', '.claude-plugin/marketplace.json', 'haal_manifest.json'])(
  '[A23] an index that is a link is refused with the name of its registry: %s',
  async (file) => {
    await expect(asks({ [file]: { type: 'link' } })).rejects.toMatchObject({
      code: 'E_ENTRY_TYPE',
      message: expect.stringMatching(`^acme: ${file} `),
    })
  },
)

describe('several layouts in one tree', () => {
  test('all that are found are used and reported, in their order', async () => {
    const { artifacts, layouts } = await asks({
      'registry.json': json({ extensions: { curated: [{ id: 'com.acme.hammer', path: 'curated/hammer' }] } }),
      'curated/hammer/manifest.json': '{}',
      '.haal/skills/plan/SKILL.md': skill('plan'),
      'competencies/dev.json': json({ skills: ['plan'] }),
      '.claude-plugin/marketplace.json': json({ plugins: [{ name: 'kit', source: './kit' }] }),
      'kit/README.md': '',
      'agents/reviewer.md': '#',
      'SKILL.md': skill('whole'),
    })
    expect(layouts).toEqual(['agentos', 'olaf', 'haal-manifest', 'marketplace', 'folders', 'single'])
    expect(artifacts.map(({ layout, kind, name }) => `${layout} ${kind}/${name}`)).toEqual([
      'agentos tool/hammer',
      'olaf skill/plan',
      'haal-manifest bundle/dev',
      'marketplace plugin/kit',
      'folders agent/reviewer',
      'single skill/whole',
    ])
  })

  test('the same files offered by two layouts are one artifact', async () => {
    const index = { skills: { curated: [{ id: 'com.acme.plan', path: 'skills/plan', version: '2.0.0' }] } }
    const { artifacts, notes } = await asks({ 'registry.json': json(index), 'skills/plan/SKILL.md': skill('plan') })
    expect(artifacts).toMatchObject([{ layout: 'agentos', version: '2.0.0' }])
    expect(notes).toEqual([])
  })

  test('one name at two paths: the earlier layout wins, and a note says so', async () => {
    const { artifacts, notes } = await asks({ '.haal/skills/plan/SKILL.md': 'a', 'skills/plan/SKILL.md': 'b' })
    expect(artifacts.map(({ content }) => content.path)).toEqual(['.haal/skills/plan'])
    expect(notes).toEqual([
      {
        code: 'W_DUPLICATE',
        message: 'acme has skill/plan at .haal/skills/plan (olaf) and at skills/plan (folders); the first is used',
      },
    ])
  })

  test('what an index lists and does not hold takes no other artifact’s place', async () => {
    const source = { source: 'pip', package: 'x' }
    const index = json({ plugins: [{ name: 'kit', source }] })
    const { artifacts } = await asks({ '.claude-plugin/marketplace.json': index, 'SKILL.md': skill('whole') })
    expect(artifacts.map(({ name }) => name)).toEqual(['kit', 'whole'])
  })
})

test('an empty tree offers nothing', async () => {
  expect(await asks({})).toEqual({ artifacts: [], layouts: [], notes: [] })
})

test('a catalogue of thousands of skills is made from names alone, each folder listed once', async () => {
  const names = Array.from({ length: 300 }, (_, i) => `skill-${i}`)
  const tree = memoryTree(Object.fromEntries(names.map((name) => [`skills/${name}/SKILL.md`, skill(name)])))
  const { artifacts } = await catalog(tree, 'acme')
  expect(artifacts).toHaveLength(300)
  expect(tree.reads).toEqual([])
  expect(tree.listed).toHaveLength(new Set(tree.listed).size)
})

describe('whatever an index says', () => {
  const indexes = [
    'registry.json',
    '.claude-plugin/marketplace.json',
    'haal_manifest.json',
    'collection-manifest.json',
    'competencies/x.json',
  ]
  const files = {
    'curated/hammer/manifest.json': '{}',
    'skills/plan/SKILL.md': skill('plan'),
    'plugins/kit/plugin.json': '{}',
  }

  const word = fc.constantFrom(
    'curated/hammer',
    'skills/plan',
    './',
    '../x',
    '/x',
    'constructor',
    'a:b',
    '',
    'https://x.y/z',
    'tool',
    '1.0.0',
    '__proto__',
  )
  const leaf = fc.oneof(word, fc.jsonValue({ maxDepth: 2 }))
  const keys = fc.constantFrom(
    'id',
    'name',
    'version',
    'path',
    'kind',
    'category',
    'author',
    'archive',
    'integrity',
    'files',
    'versions',
    'requires',
    'package',
    'verified',
    'source',
    'repo',
    'url',
    'sha',
    'strict',
    'skills',
    'hooks',
    'shared',
    'tools',
    'competencyIds',
    'manifestUrl',
    'license',
  )
  const entry = fc.dictionary(keys, leaf, { maxKeys: 8 })
  const group = fc.oneof(fc.array(entry, { maxLength: 3 }), leaf)
  const shaped = fc.dictionary(
    fc.constantFrom(
      'extensions',
      'skills',
      'personas',
      'plugins',
      'renames',
      'metadata',
      'collections',
      'competencies',
      'systems',
      'shared',
      'tools',
    ),
    fc.oneof(group, fc.dictionary(fc.constantFrom('curated', 'community', 'x'), group, { maxKeys: 2 })),
    { maxKeys: 3 },
  )

  const typed = async (attempt: () => Promise<unknown>) => {
    try {
      return await attempt()
    } catch (e) {
      if (e instanceof HaalError && e.code in errors && e.code !== 'E_BUG') return undefined
      throw e
    }
  }

  test.each(indexes)('[S5] %s gives a catalogue of safe names, or an error with a code', async (file) => {
    const text = fc.oneof(fc.json(), shaped.map(json), entry.map(json), fc.string())
    await fc.assert(
      fc.asyncProperty(text, async (index) => {
        const found = await typed(() => asks({ ...files, [file]: index }))
        const { artifacts = [] } = (found ?? {}) as Partial<Awaited<ReturnType<typeof asks>>>
        expect(artifacts.filter(({ name }) => nameProblem(name) !== undefined || name.includes('/'))).toEqual([])
      }),
      { numRuns: 400 },
    )
  })

  test('[S5] registries.json gives a list or an error with a code', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.json(), entry.map(json), fc.string()), async (text) => {
        const found = await typed(() => listedRegistries(memoryTree({ 'registries.json': text }), 'acme'))
        expect(Array.isArray((found as { entries?: unknown } | undefined)?.entries ?? [])).toBe(true)
      }),
    )
  })
})

test('a folder of many is gone through once, not once for each path that an index names in it', async () => {
  const looksAt = async (count: number) => {
    const paths = Array.from({ length: count }, (_, i) => `curated/ext-${i}`)
    const files = Object.fromEntries(paths.map((path) => [`${path}/index.js`, '']))
    const tree = memoryTree({
      'registry.json': json({ extensions: { curated: paths.map((path) => ({ path })) } }),
      ...files,
    })
    const children = (await tree.children('curated')).map((entry) => ({ ...entry }))
    let looks = 0
    const counted = children.map(({ path, ...entry }) => ({
      ...entry,
      get path() {
        looks += 1
        return path
      },
    }))
    const found = await catalog(
      { ...tree, children: async (folder) => (folder === 'curated' ? counted : tree.children(folder)) },
      'acme',
    )
    expect(found.artifacts).toHaveLength(count)
    return looks
  }
  expect(await looksAt(800)).toBeLessThan(4 * (await looksAt(200)) * 2)
})
