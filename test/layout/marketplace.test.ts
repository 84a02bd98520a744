import { describe, expect, test } from 'vitest'
import { catalog } from '../../src/layout/index.js'
import type { Locator } from '../../src/model/registry.js'
import { json, memoryTree, type Planted, skill } from './trees.js'

const sha = 'd16d14ac7f817336e21bf9392cf51b6cac6194d8'
const web: Locator = { via: 'github', host: 'github.com', repo: 'acme/market' }

function market(
  plugins: readonly object[],
  files: Record<string, Planted> = {},
  more: { index?: object; at?: Locator } = {},
) {
  const index = { name: 'acme', owner: { name: 'Acme' }, plugins, ...more.index }
  return memoryTree({ '.claude-plugin/marketplace.json': json(index), ...files }, more.at)
}

async function only(...given: Parameters<typeof market>) {
  const { artifacts } = await catalog(market(...given), 'acme')
  const [plugin] = artifacts.filter(({ layout }) => layout === 'marketplace')
  return plugin
}

const kit = { name: 'kit', source: './plugins/kit' }
const kitFiles = { 'plugins/kit/.claude-plugin/plugin.json': json({ name: 'kit' }) }

describe('plugins in the tree', () => {
  test('a plugin is offered with what the marketplace says of it', async () => {
    const about = {
      version: '1.2.0',
      description: 'Tools',
      author: { name: 'Ada' },
      license: 'MIT',
      category: 'x',
      tags: ['y'],
    }
    expect(await only([{ ...kit, ...about }], kitFiles)).toEqual({
      registry: 'acme',
      layout: 'marketplace',
      kind: 'plugin',
      name: 'kit',
      version: '1.2.0',
      description: 'Tools',
      author: 'Ada',
      licence: 'MIT',
      content: { path: 'plugins/kit' },
      form: 'folder',
      requires: [],
    })
  })

  test('[A14] on a web server a plugin is packed beside the marketplace; the whole of the server is none', async () => {
    const at: Locator = { via: 'url', url: 'https://plugins.acme.com/market' }
    const index = { metadata: { pluginRoot: './plugins' } }
    for (const source of ['kit', './plugins/kit'])
      expect((await only([{ name: 'kit', source }], {}, { at, index }))?.content).toEqual({
        path: '',
        elsewhere: { at: { via: 'url', url: 'https://plugins.acme.com/market/plugins/kit.tgz' } },
      })
    expect((await only([{ name: 'all', source: './' }], {}, { at }))?.unavailable).toMatch(/the whole registry/)
  })

  test('pluginRoot stands before sources that do not say it', async () => {
    const index = { metadata: { pluginRoot: './plugins' } }
    expect((await only([{ name: 'kit', source: 'kit' }], kitFiles, { index }))?.content).toEqual({
      path: 'plugins/kit',
    })
    const saidInFull = await only([kit], kitFiles, { index })
    expect(saidInFull?.content).toEqual({ path: 'plugins/kit' })
    expect(saidInFull?.unavailable).toBeUndefined()
  })

  test('[A22] one that is missing says so, and the others are offered', async () => {
    const { artifacts } = await catalog(market([{ name: 'ghost', source: './plugins/ghost' }, kit], kitFiles), 'acme')
    expect(artifacts.map(({ name, unavailable }) => [name, unavailable])).toEqual([
      ['ghost', 'its path plugins/ghost is not there'],
      ['kit', undefined],
    ])
  })

  test.each([
    ['../other', 'E_PATH_ESCAPE'],
    ['./a/../../b', 'E_PATH_ESCAPE'],
    ['/etc', 'E_PATH_ABSOLUTE'],
    ['./plugins/file', 'E_PATH_ESCAPE'],
    ['./plugins/link', 'E_PATH_ESCAPE'],
  ])('the source %s is refused (hostile G16)', async (source, code) => {
    const files: Record<string, Planted> = { 'plugins/file': 'text', 'plugins/link': { type: 'link' } }
    await expect(only([{ name: 'x', source }], files)).rejects.toMatchObject({
      code,
      message: expect.stringContaining('(x)'),
    })
  })

  test('skills takes a subset under strict: false, and the entry is the plugin’s definition', async () => {
    const entry = {
      name: 'docs',
      source: './',
      strict: false,
      description: 'Papers',
      skills: ['./skills/pdf', './skills/docx'],
    }
    const files = {
      'skills/pdf/SKILL.md': skill('pdf'),
      'skills/docx/SKILL.md': skill('docx'),
      'skills/other/SKILL.md': skill('other'),
    }
    const plugin = await only([entry], files)
    expect(plugin?.content).toMatchObject({ path: '', include: ['skills/pdf', 'skills/docx'] })
    const made = plugin?.content.made?.['.claude-plugin/plugin.json'] ?? ''
    expect(JSON.parse(made)).toEqual({ name: 'docs', description: 'Papers', skills: ['./skills/pdf', './skills/docx'] })
  })

  test('[A22] a subset of which a part is missing says so', async () => {
    const entry = { name: 'docs', source: './', strict: false, skills: ['./skills/pdf', './skills/docx'] }
    expect((await only([entry], { 'skills/pdf/SKILL.md': skill('pdf') }))?.unavailable).toContain(
      'skills/docx is not there',
    )
  })

  test('a subset may not lead out of the plugin (hostile G16)', async () => {
    await expect(only([{ ...kit, strict: false, skills: ['../x'] }], kitFiles)).rejects.toMatchObject({
      code: 'E_PATH_ESCAPE',
    })
  })

  test('a definition that holds servers itself takes the whole plugin', async () => {
    const lspServers = { gopls: { command: 'gopls' } }
    const plugin = await only([{ ...kit, strict: false, lspServers }], { 'plugins/kit/README.md': '' })
    expect(plugin?.content.include).toBeUndefined()
    expect(JSON.parse(plugin?.content.made?.['.claude-plugin/plugin.json'] ?? '')).toEqual({ name: 'kit', lspServers })
  })

  test.each([
    ['with a component that is null', { skills: ['./skills'], hooks: null }, ['skills']],
    ['of one path', { agents: './agents' }, ['agents']],
    ['in which one is no path', { skills: ['./skills'], commands: ['./x.md', { run: 'x' }] }, undefined],
    ['that names the whole', { skills: ['./', './skills'] }, undefined],
  ])('a definition %s takes its part', async (_what, more, include) => {
    const files = { 'plugins/kit/skills/a/SKILL.md': skill('a'), 'plugins/kit/agents/b.md': '', 'plugins/kit/x.md': '' }
    expect((await only([{ ...kit, strict: false, ...more }], files))?.content.include).toEqual(include)
  })

  test('without strict: false a plugin keeps its own definition', async () => {
    expect((await only([{ ...kit, skills: ['./skills/x'] }], kitFiles))?.content).toEqual({ path: 'plugins/kit' })
  })

  test('the same folder found by its kind is one artifact', async () => {
    const { artifacts, layouts, notes } = await catalog(market([kit], kitFiles), 'acme')
    expect(artifacts.map(({ layout, name }) => [layout, name])).toEqual([['marketplace', 'kit']])
    expect([layouts, notes]).toEqual([['marketplace', 'folders'], []])
  })
})

describe('plugins elsewhere', () => {
  test.each<[string, object, object]>([
    [
      'github',
      { source: 'github', repo: 'acme/kit', ref: 'v1', sha },
      { path: '', elsewhere: { at: { via: 'github', host: 'github.com', repo: 'acme/kit' }, ref: 'v1', commit: sha } },
    ],
    [
      'github, whatever registry stands beside it',
      { source: 'github', repo: 'acme/kit', registry: 'https://npm.acme.com' },
      { path: '', elsewhere: { at: { via: 'github', host: 'github.com', repo: 'acme/kit' } } },
    ],
    [
      'url',
      { source: 'url', url: 'https://git.acme.com/kit.git', sha },
      { path: '', elsewhere: { at: { via: 'git', url: 'https://git.acme.com/kit.git' }, commit: sha } },
    ],
    [
      'url with a path',
      { source: 'url', url: 'https://git.acme.com/kit.git', path: 'plugins/kit' },
      { path: 'plugins/kit', elsewhere: { at: { via: 'git', url: 'https://git.acme.com/kit.git' } } },
    ],
    [
      'git-subdir',
      { source: 'git-subdir', url: 'https://git.acme.com/mono.git', path: './plugins/kit/', ref: 'main', sha },
      {
        path: 'plugins/kit',
        elsewhere: { at: { via: 'git', url: 'https://git.acme.com/mono.git' }, ref: 'main', commit: sha },
      },
    ],
    [
      'git-subdir, short for GitHub',
      { source: 'git-subdir', url: 'acme/mono', path: 'kit' },
      { path: 'kit', elsewhere: { at: { via: 'github', host: 'github.com', repo: 'acme/mono' } } },
    ],
    [
      'npm',
      { source: 'npm', package: '@acme/kit', version: '^2.0.0', registry: 'https://npm.acme.com' },
      {
        path: '',
        elsewhere: { at: { via: 'npm', name: '@acme/kit', registry: 'https://npm.acme.com' }, ref: '^2.0.0' },
      },
    ],
  ])('a source of the type %s points at another tree', async (_type, source, content) => {
    expect((await only([{ name: 'kit', source }], {}, { at: web }))?.content).toEqual(content)
  })

  test.each<[string, object]>([
    ['a type that haal does not know', { source: 'pip', package: 'kit' }],
    ['a type that every object has', { source: 'constructor', url: 'https://git.acme.com/kit.git' }],
    ['a path of this machine', { source: 'url', url: 'file:///srv/kit.git' }],
    ['an address that is not https', { source: 'url', url: 'http://git.acme.com/kit.git' }],
    ['an address that runs a program', { source: 'url', url: 'ext::sh -c touch% /tmp/x' }],
    ['an option', { source: 'url', url: '--upload-pack=touch x' }],
    ['a password', { source: 'url', url: 'https://user:hunter2@git.acme.com/kit.git' }],
    ['no address', { source: 'github' }],
  ])('[S6] %s cannot be fetched, is told, and keeps nobody from the others', async (_what, source) => {
    const plugin = await only(
      [
        { name: 'kit', source },
        { name: 'fine', source: { source: 'github', repo: 'a/b' } },
      ],
      {},
      { at: web },
    )
    expect(plugin?.content.elsewhere).toBeUndefined()
    expect(plugin?.unavailable).toMatch(/^its /)
    expect(plugin?.unavailable).not.toContain('hunter2')
  })

  test('a marketplace in a folder may name what its owner may', async () => {
    const source = { source: 'url', url: 'http://127.0.0.1:8080/kit.git' }
    expect((await only([{ name: 'kit', source }]))?.content.elsewhere?.at).toEqual({
      via: 'git',
      url: 'http://127.0.0.1:8080/kit.git',
    })
  })

  test('a path in a marketplace counts from its folder', async () => {
    const source = { source: 'url', url: './kit.git' }
    expect((await only([{ name: 'kit', source }]))?.content.elsewhere?.at).toEqual({
      via: 'git',
      url: '/registries/demo/kit.git',
    })
  })

  test.each(['main', sha.slice(1), sha.toUpperCase(), `${sha}0`])('[S5] the sha %s is no commit', async (commit) => {
    await expect(only([{ name: 'kit', source: { source: 'github', repo: 'a/b', sha: commit } }])).rejects.toMatchObject(
      { code: 'E_INDEX' },
    )
  })

  test('a path in the other tree may not lead out of it (hostile G16)', async () => {
    const source = { source: 'git-subdir', url: 'https://git.acme.com/x.git', path: '../y' }
    await expect(only([{ name: 'kit', source }])).rejects.toMatchObject({ code: 'E_PATH_ESCAPE' })
  })
})

describe('names', () => {
  test('[O36] renames are told with the plugin they lead to, over several steps too', async () => {
    const renames = { old: 'older', older: 'kit', gone: null, lost: 'nowhere', a: 'b', b: 'a' }
    expect(await only([kit], kitFiles, { index: { renames } })).toMatchObject({
      name: 'kit',
      formerly: ['old', 'older'],
    })
  })

  test.each([
    ['../x', 'E_NAME'],
    ['con', 'E_NAME'],
    ['acme/kit', 'E_NAME'],
    ['constructor', 'E_JSON_KEY'],
    ['__proto__', 'E_JSON_KEY'],
  ])('[O24] [U3] the name %s is refused, and the next step is said (hostile R10)', async (name, code) => {
    const hint = expect.stringContaining('nothing was written')
    await expect(only([{ ...kit, name }], kitFiles)).rejects.toMatchObject({ code, hint })
  })

  test('two plugins of one name: the first is used, and a note says so', async () => {
    const files = { ...kitFiles, 'plugins/kit2/README.md': '' }
    const { artifacts, notes } = await catalog(market([kit, { name: 'kit', source: './plugins/kit2' }], files), 'acme')
    expect(artifacts.map(({ content }) => content.path)).toEqual(['plugins/kit'])
    expect(notes).toMatchObject([{ code: 'W_DUPLICATE', message: expect.stringContaining('plugins/kit2') }])
  })
})

test.each([
  ['a list', '[]', 'E_INDEX'],
  ['no plugins', '{}', 'E_INDEX'],
  ['plugins that are an object', '{"plugins": {}}', 'E_INDEX'],
  ['a plugin without a name', '{"plugins": [{"source": "./x"}]}', 'E_INDEX'],
  ['a source that is a number', '{"plugins": [{"name": "x", "source": 3}]}', 'E_INDEX'],
  ['a key of the prototype', '{"plugins": [], "renames": {"__proto__": "x"}}', 'E_JSON_KEY'],
  ['no JSON', '<html>', 'E_JSON'],
])('[S5] a marketplace that is %s is refused', async (_what, text, code) => {
  await expect(catalog(memoryTree({ '.claude-plugin/marketplace.json': text }), 'acme')).rejects.toMatchObject({ code })
})

test('[S5] what is wrong in a source is named where it is', async () => {
  const short = { name: 'x', source: { source: 'github', repo: 'acme/x', sha: sha.slice(0, 7) } }
  await expect(only([kit, short], kitFiles)).rejects.toMatchObject({
    code: 'E_INDEX',
    message: expect.stringContaining('$.plugins[1].source.sha is not a full commit id'),
  })
})
