import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readLabel } from '../../src/layout/reading.js'
import { HaalError } from '../../src/model/errors.js'
import type { Kind } from '../../src/model/kinds.js'
import { strictCode } from '../../src/model/notes.js'
import { artifact, codes, reading } from './artifacts.js'
import { json, memoryTree, type Planted, skill } from './trees.js'

describe('the version of an artifact', () => {
  const all = {
    '.claude-plugin/plugin.json': json({ name: 'kit', version: '2.0.0' }),
    'package.json': json({ version: '3.0.0' }),
    'manifest.json': json({ version: '4.0.0' }),
    'SKILL.md': skill('plan', 'version: 5.0\nmetadata:\n  version: "6.0"\n'),
  }
  const without = (...files: string[]) =>
    Object.fromEntries(Object.entries(all).filter(([file]) => !files.includes(file)))
  const plugin = '.claude-plugin/plugin.json'

  test.each<[string, Record<string, Planted>, string | undefined, string | undefined]>([
    ['the index', all, '1.0.0', '1.0.0'],
    ['plugin.json', all, undefined, '2.0.0'],
    ['package.json', without(plugin), undefined, '3.0.0'],
    ['manifest.json', without(plugin, 'package.json'), undefined, '4.0.0'],
    ['the head, as it was written', without(plugin, 'package.json', 'manifest.json'), undefined, '5.0'],
    ['the head’s metadata', { 'SKILL.md': skill('plan', 'metadata:\n  version: "6.0"\n') }, undefined, '6.0'],
    ['nothing', { 'SKILL.md': skill('plan') }, undefined, undefined],
  ])('[O26] is taken from %s', async (_what, files, index, version) => {
    const plan = artifact('skill', 'plan', index === undefined ? {} : { version: index })
    expect((await reading(plan, files)).version).toBe(version)
  })

  test.each([`1.0.0-${'a'.repeat(300)}`, '99999999999999999999.0.0'])(
    '%j is refused, and it is said what a version may be (hostile R08)',
    async (version) => {
      const files = { 'SKILL.md': skill('plan', `version: ${version}\n`) }
      await expect(reading(artifact('skill', 'plan'), files)).rejects.toMatchObject({
        code: 'E_VERSION',
        message: expect.stringContaining('skill/plan'),
        hint: expect.stringContaining('at most 256 characters'),
      })
    },
  )

  test.each(['1.0', 'v1.0.0', '01.0.0', '1.0.0+a'])('%s is a label as it is (hostile R08)', async (version) => {
    expect(
      (await reading(artifact('skill', 'plan'), { 'SKILL.md': skill('plan', `version: ${version}\n`) })).version,
    ).toBe(version)
  })
})

describe('the licence', () => {
  test.each<[string, Kind, Record<string, Planted>, string]>([
    ['package.json', 'tool', { 'package.json': json({ license: 'MIT' }) }, 'MIT'],
    ['npm’s old form', 'tool', { 'package.json': json({ license: { type: 'ISC' } }) }, 'ISC'],
    ['manifest.json', 'tool', { 'manifest.json': json({ licence: 'Apache-2.0' }) }, 'Apache-2.0'],
    ['plugin.json', 'plugin', { 'plugin.json': json({ license: 'BSD' }) }, 'BSD'],
    ['a head', 'skill', { 'SKILL.md': skill('x', 'license: CC-BY\n') }, 'CC-BY'],
    ['a head in British', 'skill', { 'SKILL.md': skill('x', 'licence: CC0\n') }, 'CC0'],
  ])('[P6] is read from %s', async (_what, kind, files, licence) => {
    expect((await reading(artifact(kind, 'x'), files)).licence).toBe(licence)
  })
})

describe('heads', () => {
  const broken = [
    '# no head',
    '---\nname: x',
    '\n---\nname: x\n---\n',
    '---\nauthor: @x\n---\n',
    '---js\nx\n---\n',
    '---\na: !!js/function x\n---\n',
    '---\na: &b 1\nc: *b\n---\n',
    '---\na: 1\n---\na: 2\nname: x\n---\n---\n',
  ]

  test.each(broken.slice(0, 7))(
    'a skill with the head %j has its folder’s name and a note that --strict refuses (hostile M01 M04 M05 M07)',
    async (text) => {
      const found = await reading(artifact('skill', 'plan'), { 'SKILL.md': text })
      expect(found.notes).toEqual([
        { code: 'W_FRONTMATTER', message: expect.stringMatching(/^skill\/plan: SKILL\.md (has|starts)/) },
      ])
      expect(found.notes.map(strictCode)).toEqual(['E_FRONTMATTER'])
    },
  )

  test('commands, agents and rules need no head, but a broken one is told', async () => {
    for (const kind of ['command', 'agent', 'rule'] as const) {
      const file = artifact(kind, 'ship', { form: 'file', content: { path: `${kind}s/ship.md` } })
      expect(codes(await reading(file, { 'ship.md': '# Ship' }))).toEqual([])
      expect(codes(await reading(file, { 'ship.md': '---\nauthor: @x\n---\n' }))).toEqual(['W_FRONTMATTER'])
    }
  })

  test('a single file’s head is read', async () => {
    const file = artifact('agent', 'reviewer', { form: 'file', content: { path: 'agents/reviewer.md' } })
    expect(await reading(file, { 'reviewer.md': skill('reviewer', 'version: 1.2.3\n') })).toMatchObject({
      version: '1.2.3',
      description: 'Does reviewer.',
    })
  })

  test.each([
    [{ path: 'skills/plan' }, 'skills/plan'],
    [{ path: '' }, 'the root'],
    [
      { path: '', elsewhere: { at: { via: 'url', url: 'https://reg.acme.com/plan.tgz' } as const } },
      'https://reg.acme.com/plan.tgz',
    ],
  ])('[U3] where a skill has no SKILL.md, the place is told: %j', async (content, place) => {
    await expect(reading(artifact('skill', 'plan', { content }), { 'README.md': 'x' })).rejects.toMatchObject({
      code: 'E_ENTRY_MISSING',
      message: `acme has skill/plan at ${place}, and no SKILL.md is there`,
    })
  })

  test('a skill without SKILL.md or skill.md is none', async () => {
    await expect(reading(artifact('skill', 'plan'), { 'README.md': '' })).rejects.toMatchObject({
      code: 'E_ENTRY_MISSING',
    })
    expect(codes(await reading(artifact('skill', 'plan'), { 'skill.md': '#' }))).toEqual(['W_FRONTMATTER'])
  })

  test('[P7] the name by which a tool knows it is told where that is another one', async () => {
    const called = async (kind: Kind, name: string, files: Record<string, Planted>) =>
      (await reading(artifact(kind, name), files)).called
    expect(await called('skill', 'plan', { 'SKILL.md': skill('other') })).toEqual(['other'])
    expect(await called('agent', 'plan', { 'AGENT.md': skill('other') })).toEqual(['other'])
    expect(await called('plugin', 'plan', { '.claude-plugin/plugin.json': json({ name: 'other' }) })).toEqual(['other'])
    const manifest = json({
      id: 'com.x.plan',
      extensionId: 'b',
      extensions: [{ kind: 'tool', id: 'c' }, { id: 'plan' }],
    })
    expect(await called('tool', 'plan', { 'manifest.json': manifest, 'index.mjs': '' })).toEqual([
      'com.x.plan',
      'b',
      'c',
    ])
    const persona = json({ id: 'com.x.p', name: 'P', version: '1.0.0', baseSystemPrompt: 'x' })
    expect(await called('persona', 'plan', { 'persona.json': persona })).toEqual(['com.x.p'])
    expect(await called('skill', 'plan', { 'SKILL.md': skill('plan') })).toBeUndefined()
  })

  test('a skill as the specification wants it has no notes', async () => {
    const more = 'license: MIT\ncompatibility: Any\nmetadata:\n  author: Ada\nallowed-tools: Read\n'
    expect((await reading(artifact('skill', 'plan'), { 'SKILL.md': skill('plan', more) })).notes).toEqual([])
  })

  test('where a skill departs from the specification is one quiet note', async () => {
    const text = `---\nname: Other\ntags: [a]\nmetadata:\n  olaf: [b]\ncompatibility: ${'x'.repeat(501)}\n---\n`
    const [only, ...others] = (await reading(artifact('skill', 'plan'), { 'skill.md': text })).notes
    expect(others).toEqual([])
    expect(only?.message).toBe(
      'skill/plan departs from the Agent Skills text: its file is skill.md, not SKILL.md; it calls itself "Other"; it has no description; its compatibility is longer than 500 characters; it has the key tags; metadata has more than text in olaf',
    )
  })
})

describe('names', () => {
  test.each(['Plan', 'plan_it', 'plan.it', 'a--b', 'é'])(
    '[O24] %s is no kebab-case: a note, and an error with --strict',
    async (name) => {
      const [note] = (await reading(artifact('agent', name), {})).notes
      expect(note?.code).toBe('W_NAME')
      expect(note && strictCode(note)).toBe('E_NAME')
    },
  )

  test.each(['plan', 'plan-it', '1a-c-plus', '3d'])('[O24] %s is', async (name) => {
    expect(codes(await reading(artifact('agent', name), {}))).toEqual([])
  })
})

describe('what index and artifact say differently', () => {
  const tool = artifact('tool', 'hammer', { id: 'com.acme.hammer', version: '1.0.0' })

  test('another id is another artifact (hostile R12)', async () => {
    const files = { 'manifest.json': json({ id: 'com.evil.hammer' }) }
    await expect(reading(tool, files)).rejects.toMatchObject({
      code: 'E_IDENTITY',
      details: { artifact: 'tool/hammer', index: 'com.acme.hammer', manifest: 'com.evil.hammer' },
    })
  })

  test.each([
    ['guardrail', json({ id: 'com.acme.hammer', kind: 'tool' })],
    ['tool', json({ extensions: [{ kind: 'guardrail' }] })],
    ['extension', json({ kind: 'tool' })],
  ])(
    'a kind that the index states and the manifest contradicts is refused: %s (hostile R12)',
    async (kind, manifest) => {
      const stated = { ...tool, kind: kind as Kind, kindStated: true }
      await expect(reading(stated, { 'manifest.json': manifest })).rejects.toMatchObject({ code: 'E_IDENTITY' })
    },
  )

  test('another word for an extension is refused too (hostile R12)', async () => {
    const stated = artifact('extension', 'x', { agentosKind: 'tts-provider', kindStated: true })
    await expect(reading(stated, { 'manifest.json': json({ kind: 'stt-provider' }) })).rejects.toMatchObject({
      code: 'E_IDENTITY',
    })
  })

  test.each<[string, Parameters<typeof artifact>[2], string]>([
    ['one of several kinds', { kindStated: true }, json({ extensions: [{ kind: 'http-handler' }, { kind: 'tool' }] })],
    ['a manifest without kinds', { kindStated: true }, json({ name: 'Anything' })],
    ['a kind that the index did not state', {}, json({ kind: 'guardrail' })],
    ['another name for people', { id: 'com.acme.hammer' }, json({ id: 'com.acme.hammer', name: '@acme/hammer' })],
  ])('%s is no contradiction (hostile R12)', async (_what, more, manifest) => {
    const found = await reading(artifact('tool', 'hammer', more), { 'manifest.json': manifest, 'index.js': '' })
    expect(codes(found)).toEqual([])
  })

  test('[A44] another version in manifest.json is a note, and the index wins', async () => {
    const found = await reading(tool, { 'manifest.json': json({ version: '0.9.0' }), 'index.js': '' })
    expect(found.version).toBe('1.0.0')
    expect(found.notes).toEqual([
      { code: 'W_VERSION', message: 'acme offers tool/hammer as 1.0.0, its manifest.json says 0.9.0; 1.0.0 is used' },
    ])
  })

  test('a plugin with another name or version is told', async () => {
    const kit = artifact('plugin', 'kit', { version: '1.0.0' })
    expect(codes(await reading(kit, { 'plugin.json': json({ name: 'Kit', version: '2.0.0' }) }))).toEqual([
      'W_VERSION',
      'W_IDENTITY',
    ])
  })
})

describe('manifests', () => {
  test.each<[Kind, string, string, string]>([
    ['tool', 'manifest.json', '{', 'E_JSON'],
    ['tool', 'manifest.json', '{"__proto__": {}}', 'E_JSON_KEY'],
    ['tool', 'manifest.json', '{"version": 1}', 'E_MANIFEST'],
    ['tool', 'manifest.json', '[]', 'E_MANIFEST'],
    ['guardrail', 'manifest.json', '{"extensions": {}}', 'E_MANIFEST'],
    ['workflow', 'package.json', '{"dependencies": []}', 'E_MANIFEST'],
    ['extension', 'package.json', '{"dependencies": {"x": 1}}', 'E_MANIFEST'],
    ['persona', 'persona.json', '[]', 'E_MANIFEST'],
    ['plugin', 'plugin.json', '{"name": 1}', 'E_MANIFEST'],
    ['plugin', '.claude-plugin/plugin.json', '{"a": 1, "a": 2}', 'E_JSON_KEY'],
  ])('[S5] a %s whose %s is %s is refused', async (kind, file, text, code) => {
    await expect(reading(artifact(kind, 'x'), { [file]: text })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(file),
    })
  })

  test('a package.json that is only a skill’s luggage may be anything', async () => {
    const files = { 'SKILL.md': skill('plan'), 'package.json': '{', 'manifest.json': '[1]' }
    expect((await reading(artifact('skill', 'plan'), files)).notes).toEqual([])
  })

  test('[S5] whatever manifests say, a reading or an error with a code comes of it', async () => {
    const kinds = fc.constantFrom<Kind>('tool', 'persona', 'plugin', 'skill', 'hook', 'mcp', 'extension')
    const keys = fc.constantFrom(
      'id',
      'name',
      'version',
      'kind',
      'extensions',
      'entryPoint',
      'exports',
      'main',
      'dependencies',
      'hooks',
      'mcpServers',
      'requires',
      'baseSystemPrompt',
      'license',
      'requiredSecrets',
    )
    const text = fc.oneof(fc.json(), fc.dictionary(keys, fc.jsonValue({ maxDepth: 3 })).map(json))
    const files = fc.record({
      'manifest.json': text,
      'package.json': text,
      'plugin.json': text,
      'persona.json': text,
      'hooks.json': text,
      'mcp.json': text,
    })
    await fc.assert(
      fc.asyncProperty(kinds, files, async (kind, planted) => {
        const found = await reading(artifact(kind, 'x'), { ...planted, 'SKILL.md': skill('x') }).catch(
          (e: unknown) => e,
        )
        expect(
          found instanceof Error
            ? found instanceof HaalError && found.code !== 'E_BUG'
            : Array.isArray((found as { surface: unknown }).surface),
        ).toBe(true)
      }),
      { numRuns: 400 },
    )
  })
})

describe('labels for listings', () => {
  const plan = artifact('skill', 'plan', { content: { path: 'skills/plan' } })
  const tree = memoryTree({
    'skills/plan/SKILL.md': skill('plan', 'version: 1.2.3\nlicense: MIT\nmetadata:\n  author: Ada\n'),
    'skills/plan/scripts/big.sh': '#!/bin/sh',
    'skills/broken/SKILL.md': '---\nauthor: @x\n---\n',
    'tools/bad/manifest.json': '{',
    'agents/reviewer.md': skill('reviewer'),
    'package.json': json({ version: '9.9.9' }),
  })

  test('[A25] version, description, author and licence come from the one file that has them', async () => {
    expect(await readLabel(plan, tree)).toEqual({
      version: '1.2.3',
      description: 'Does plan.',
      author: 'Ada',
      licence: 'MIT',
    })
    expect(tree.reads).toEqual(['skills/plan/SKILL.md'])
  })

  test('a single file has one too', async () => {
    const reviewer = artifact('agent', 'reviewer', { form: 'file', content: { path: 'agents/reviewer.md' } })
    expect(await readLabel(reviewer, tree)).toEqual({ description: 'Does reviewer.' })
  })

  test('what cannot be read is left out', async () => {
    expect(await readLabel(artifact('skill', 'broken', { content: { path: 'skills/broken' } }), tree)).toEqual({})
    expect(
      await readLabel(artifact('tool', 'bad', { content: { path: 'tools/bad' }, version: '1.0.0' }), tree),
    ).toEqual({ version: '1.0.0' })
  })

  test('nothing is read where the index says it all, or the files are elsewhere', async () => {
    const asked = memoryTree({ 'package.json': json({ version: '9.9.9' }) })
    const all = { version: '1.0.0', description: 'x', author: 'y', licence: 'z' }
    const at = { via: 'npm', name: 'kit' } as const
    expect(await readLabel(artifact('plugin', 'kit', all), asked)).toEqual(all)
    expect(await readLabel(artifact('plugin', 'kit', { content: { path: '', elsewhere: { at } } }), asked)).toEqual({})
    expect(await readLabel(artifact('bundle', 'kit', { content: { path: 'x', definition: [] } }), asked)).toEqual({})
    expect(await readLabel(artifact('plugin', 'kit', { unavailable: 'gone' }), asked)).toEqual({})
    expect([asked.reads, asked.listed]).toEqual([[], []])
  })

  test('a tree that was opened for it is read', async () => {
    const at = { via: 'npm', name: 'kit' } as const
    const opened = memoryTree({ 'package.json': json({ version: '9.9.9' }) }, at)
    expect(await readLabel(artifact('plugin', 'kit', { content: { path: '', elsewhere: { at } } }), opened)).toEqual({
      version: '9.9.9',
    })
  })

  test('of a subset only the files in it speak', async () => {
    const content = { path: '', include: ['skills/plan'] }
    expect(await readLabel(artifact('plugin', 'docs', { content }), tree)).toEqual({})
  })
})
