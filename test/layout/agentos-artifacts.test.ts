import { describe, expect, test } from 'vitest'
import { isQuiet } from '../../src/model/notes.js'
import { artifact, codes, reading } from './artifacts.js'
import { json, type Planted } from './trees.js'

const tool = artifact('tool', 'hammer')

describe('the module to load', () => {
  const files = [
    'entry-point.js',
    'entry.mjs',
    'exported.js',
    'main.cjs',
    'dist/index.js',
    'dist/index.mjs',
    'index.js',
    'index.mjs',
  ]
  const manifest = { entryPoint: './entry-point.js', entry: 'entry.mjs' }
  const pack = { exports: { '.': { types: './x.d.ts', import: './exported.js' } }, main: 'main.cjs' }

  test.each(files.map((_file, i) => [files[i] ?? '', files.slice(i)]))(
    '[A47] is %s where nothing before it is there',
    async (entry, there) => {
      const planted: Record<string, Planted> = Object.fromEntries(there.map((file) => [file, '']))
      const found = await reading(tool, { ...planted, 'manifest.json': json(manifest), 'package.json': json(pack) })
      expect(found).toMatchObject({ entry, loadable: true, notes: [] })
    },
  )

  test.each<[string, unknown]>([
    ['text', './dist/x.js'],
    ['conditions without a dot', { import: './dist/x.js' }],
    ['conditions in conditions', { '.': { node: { import: './dist/x.js' } } }],
    ['a list', ['./dist/x.js']],
    ['require alone', { '.': { require: './dist/x.js' } }],
  ])('[A47] exports may be %s', async (_what, exports) => {
    expect((await reading(tool, { 'package.json': json({ exports }), 'dist/x.js': '' })).entry).toBe('dist/x.js')
  })

  test('a main may leave out its ending or name a folder', async () => {
    expect((await reading(tool, { 'package.json': json({ main: './lib' }), 'lib/index.js': '' })).entry).toBe(
      'lib/index.js',
    )
    expect((await reading(tool, { 'package.json': json({ main: 'lib/x' }), 'lib/x.js': '' })).entry).toBe('lib/x.js')
  })

  test.each(['../../../etc/passwd.js', '/etc/x.js', 'file:///x.js'])(
    'an entry outside the artifact is never taken: %s',
    async (entry) => {
      const found = await reading(tool, { 'manifest.json': json({ entryPoint: entry }), 'index.js': '' })
      expect(found.entry).toBe('index.js')
    },
  )
})

describe('[A47] what cannot be loaded installs and says why', () => {
  test('source alone', async () => {
    const pack = { name: '@acme/hammer', main: 'dist/index.js' }
    const found = await reading(tool, { 'package.json': json(pack), 'src/index.ts': 'export {}' })
    expect(found).toMatchObject({ loadable: false })
    expect(found.entry).toBeUndefined()
    expect(found.notes).toEqual([
      {
        code: 'W_SOURCE_ONLY',
        message:
          'tool/hammer is source only: it names dist/index.js, which is not there; the npm package @acme/hammer may bring it built',
      },
    ])
  })

  test('a main that is source', async () => {
    const found = await reading(tool, {
      'package.json': json({ name: 'x', private: true, main: 'src/index.ts' }),
      'src/index.ts': '',
    })
    expect(found.notes.map(({ message }) => message)).toEqual([
      'tool/hammer is source only: it names src/index.ts, which is source',
    ])
  })

  test('no module at all', async () => {
    expect((await reading(tool, { 'README.md': '' })).notes).toMatchObject([
      { code: 'W_SOURCE_ONLY', message: expect.stringContaining('names no module') },
    ])
  })

  test('npm packages that are missing, with the command that brings them', async () => {
    const pack = {
      main: 'index.js',
      dependencies: { zod: '^3.0.0', '@slack/bolt': '>=3 <5', bundled: '1' },
      peerDependencies: { '@framers/agentos': '*', '@framers/agentos-core': '1', react: '^18', optional: '1' },
      peerDependenciesMeta: { optional: { optional: true }, react: { optional: false } },
      devDependencies: { vitest: '4' },
    }
    const files = { 'package.json': json(pack), 'index.js': '', 'node_modules/bundled/package.json': '{}' }
    const found = await reading(tool, files)
    expect(found).toMatchObject({ entry: 'index.js', loadable: false })
    expect(found.notes).toEqual([
      {
        code: 'W_DEPENDENCIES',
        message: 'tool/hammer needs npm packages: npm install "@slack/bolt@>=3 <5" "react@^18" "zod@^3.0.0"',
      },
    ])
  })

  test('the packages of a manifest count where there is no package.json', async () => {
    const manifest = json({ id: 'x', dependencies: { bcrypt: '^5' } })
    expect(
      (await reading(artifact('tool', 'hammer', { id: 'x' }), { 'manifest.json': manifest, 'index.js': '' })).notes,
    ).toMatchObject([{ message: expect.stringContaining('npm install "bcrypt@^5"') }])
  })

  test('[A47] what npm does not have is named beside the command: npm would bring another package of that name', async () => {
    const dependencies = {
      a: 'workspace:*',
      b: 'file:../b',
      c: 'git+https://x.test/c',
      d: '*',
      e: '',
      f: 'npm:g@1',
      h: '1.x || 2',
    }
    const { notes } = await reading(tool, { 'package.json': json({ dependencies }), 'index.js': '' })
    expect(notes[0]?.message).toBe(
      'tool/hammer needs npm packages: npm install "d@*" e "h@1.x || 2", and "a@workspace:*", and "b@file:../b", and "c@git+https://x.test/c", and "f@npm:g@1"',
    )
  })

  test('[A47] an entry that is there and is no module is not said to be missing', async () => {
    const { notes } = await reading(tool, { 'manifest.json': json({ entryPoint: 'data.json' }), 'data.json': '{}' })
    expect(notes[0]?.message).toBe('tool/hammer cannot be loaded: it names data.json, which is no module')
  })

  test.each([
    ['$(touch x)', '1'],
    ['a; rm -rf ~', '1'],
    ['-g', '1'],
    ['zod', '"; rm -rf ~; echo "'],
    ['zod', '$(touch x)'],
    ['zod', '`touch x`'],
    ['zod', '$(touch x)1'],
    ['zod', '1$(touch x)'],
  ])('what would do more than install stands in no command to paste: %s %s', async (name, range) => {
    const [note] = (await reading(tool, { 'package.json': json({ dependencies: { [name]: range } }), 'index.js': '' }))
      .notes
    expect(note?.message).toBe(`tool/hammer needs npm packages: ${JSON.stringify(`${name}@${range}`)}`)
  })
})

test('[A47] secrets are named', async () => {
  const manifest = json({
    requiredSecrets: [
      'slack.botToken',
      { id: 'slack.secret' },
      { name: 'OTHER' },
      { key: 'KEY' },
      4,
      { id: 'left', optional: true },
    ],
  })
  expect((await reading(tool, { 'manifest.json': manifest, 'index.js': '' })).notes).toEqual([
    { code: 'W_SECRETS', message: 'tool/hammer needs the secrets slack.botToken, slack.secret, OTHER, KEY' },
  ])
})

test('a wish for a version of AgentOS is a quiet note, the end of an extension a loud one', async () => {
  const manifest = json({ agentosVersion: '^2.0.0', deprecated: true, deprecationMessage: 'use saw' })
  const { notes } = await reading(tool, { 'manifest.json': manifest, 'index.js': '' })
  expect(notes.map((note) => [note.code, isQuiet(note)])).toEqual([
    ['W_AGENTOS_VERSION', true],
    ['W_DEPRECATED', false],
  ])
})

test.each([
  [{ deprecated: true, deprecationMessage: 'use saw' }, 'use saw'],
  [{ deprecated: 'since 2' }, 'since 2'],
  [{ deprecated: true }, 'no reason is given'],
])('of the end of an extension with %o is said: %s', async (more, says) => {
  const { notes } = await reading(tool, { 'manifest.json': json(more), 'index.js': '' })
  expect(notes.map(({ message }) => message)).toEqual([`tool/hammer is deprecated: ${says}`])
})

describe('personas', () => {
  const persona = artifact('persona', 'ada')
  const definition = {
    id: 'ada',
    name: 'Ada',
    version: '1.0.0',
    description: 'Counts',
    baseSystemPrompt: 'You are Ada.',
  }

  test.each(['persona.json', 'ada.json', 'x.persona.json', 'manifest.json', 'definition.json', 'src/en/PERSONA.JSON'])(
    '[A46] the definition may be %s',
    async (file) => {
      expect(await reading(persona, { [file]: json(definition) })).toMatchObject({
        entry: file,
        loadable: true,
        version: '1.0.0',
        description: 'Counts',
        notes: [],
      })
    },
  )

  test('[A46] of several of other names the highest is checked; what is no JSON or has no prompt is not it', async () => {
    const files = {
      'a/definition.json': json(definition),
      'b.json': '{',
      'data.json': json([definition]),
      'examples.json': json({ id: 'ada' }),
      'package.json': json({ name: 'ada', baseSystemPrompt: 'no' }),
      'z.json': json({ ...definition, version: '' }),
    }
    expect(await reading(persona, files)).toMatchObject({ entry: 'z.json', loadable: false })
    expect(await reading(persona, { ...files, 'z.json': '{}' })).toMatchObject({ entry: 'a/definition.json' })
    expect(await reading(persona, { ...files, 'index.js': '' })).toMatchObject({ entry: 'index.js' })
  })

  test('[A46] a single file is one', async () => {
    const file = { ...persona, form: 'file' as const }
    expect(await reading(file, { 'ada.json': json(definition) })).toMatchObject({ entry: 'ada.json', loadable: true })
  })

  test.each(['id', 'name', 'version', 'baseSystemPrompt'])(
    '[A46] one without %s is told, and cannot be loaded',
    async (key) => {
      for (const value of [undefined, '', '  ', null, 0, false]) {
        const found = await reading(persona, { 'persona.json': json({ ...definition, [key]: value }) })
        expect(found.loadable).toBe(false)
        expect(found.notes).toEqual([
          { code: 'W_PERSONA', message: `persona/ada cannot be loaded: persona/ada: persona.json has no ${key}` },
        ])
      }
    },
  )

  test('[A46] a number is a version to the loader, and a byte order mark is no JSON', async () => {
    const numbered = json({ ...definition, version: 2 })
    expect((await reading(persona, { 'persona.json': numbered })).notes).toEqual([])
    for (const file of ['persona.json', 'other.json']) {
      const marked = await reading(persona, { [file]: `\ufeff${json(definition)}` })
      const message = `persona/ada cannot be loaded: persona/ada: ${file} begins with a byte order mark`
      expect(marked).toMatchObject({ entry: file, loadable: false, notes: [{ code: 'W_PERSONA', message }] })
    }
  })

  test.each([[[{ content: 'You are Ada.' }]], [{ template: 'You are {{name}}' }]])(
    '[A46] a prompt may be parts or a template',
    async (prompt) => {
      const found = await reading(persona, { 'persona.json': json({ ...definition, baseSystemPrompt: prompt }) })
      expect(found.loadable).toBe(true)
    },
  )

  test('a persona that is code is loaded as code', async () => {
    expect(await reading(persona, { 'manifest.json': json({ id: 'ada' }), 'index.js': '' })).toMatchObject({
      entry: 'index.js',
      loadable: true,
    })
    expect(codes(await reading(persona, { 'README.md': '' }))).toEqual(['W_SOURCE_ONLY'])
  })
})

test('what is not AgentOS’s is not asked whether it loads', async () => {
  const found = await reading(artifact('plugin', 'kit'), { 'plugin.json': '{}' })
  expect([found.loadable, found.entry]).toEqual([undefined, undefined])
})
