import { describe, expect, test } from 'vitest'
import { catalog } from '../../src/layout/index.js'
import type { Locator } from '../../src/model/registry.js'
import { json, memoryTree, type Planted, skill } from './trees.js'

const at: Locator = { via: 'github', host: 'github.com', repo: 'acme/Review_Code' }

async function offered(files: Record<string, Planted>) {
  const { artifacts, layouts } = await catalog(memoryTree(files, at), 'acme')
  return { refs: artifacts.map(({ kind, name, id, content }) => [`${kind}/${name}`, id, content.path]), layouts }
}

describe('one artifact at the root', () => {
  test.each<[string, Record<string, Planted>, unknown[]]>([
    ['a skill, named by its head', { 'SKILL.md': skill('plan') }, ['skill/plan', undefined, '']],
    ['a skill in lower case', { 'skill.md': skill('plan') }, ['skill/plan', undefined, '']],
    ['a skill without a name, named as its repository', { 'SKILL.md': '# Plan' }, ['skill/review-code', undefined, '']],
    ['a skill whose name is no name', { 'SKILL.md': skill('../x') }, ['skill/review-code', undefined, '']],
    ['a plugin', { '.claude-plugin/plugin.json': json({ name: 'kit' }) }, ['plugin/kit', undefined, '']],
    [
      'a plugin with an unsafe name',
      { 'plugin.json': json({ name: 'a/../b' }) },
      ['plugin/review-code', undefined, ''],
    ],
    [
      'an extension, named by the end of its id',
      { 'manifest.json': json({ id: 'com.acme.hammer', extensions: [{ kind: 'guardrail' }] }) },
      ['guardrail/hammer', 'com.acme.hammer', ''],
    ],
    [
      'an extension of one kind',
      { 'manifest.json': json({ kind: 'tts-provider', extensionId: 'piper' }) },
      ['extension/piper', undefined, ''],
    ],
    ['a persona', { 'persona.json': json({ id: 'ada' }) }, ['persona/review-code', undefined, '']],
    [
      'a persona with a manifest',
      { 'manifest.json': json({ id: 'ada' }), 'persona.json': '{}' },
      ['persona/ada', 'ada', ''],
    ],
    ['an npm package', { 'package.json': json({ name: '@acme/agentos-ext-saw' }) }, ['tool/saw', undefined, '']],
    [
      'an npm package that extends AgentOS',
      { 'package.json': json({ name: '@acme/saw', peerDependencies: { '@framers/agentos': '*' } }) },
      ['tool/saw', undefined, ''],
    ],
  ])('%s', async (_what, files, expected) => {
    expect(await offered(files)).toEqual({ refs: [expected], layouts: ['single'] })
  })

  test.each<[string, Record<string, Planted>]>([
    ['a browser’s manifest', { 'manifest.json': json({ manifest_version: 3, id: 'x', name: 'X' }) }],
    ['a manifest of something else', { 'manifest.json': json({ name: 'X' }) }],
    ['a broken manifest', { 'manifest.json': '{' }],
    ['any npm package', { 'package.json': json({ name: 'left-pad' }) }],
    ['a link', { 'SKILL.md': { type: 'link' } }],
    ['nothing', { 'README.md': '' }],
  ])('%s is no artifact', async (_what, files) => {
    expect(await offered(files)).toEqual({ refs: [], layouts: [] })
  })

  test('the package of a registry is not an artifact beside what the registry offers', async () => {
    const pack = json({ name: '@acme/skills', dependencies: { '@framers/agentos': '*' } })
    expect((await offered({ 'package.json': pack, 'skills/plan/SKILL.md': skill('plan') })).layouts).toEqual([
      'folders',
    ])
    expect((await offered({ 'package.json': pack, 'registry.json': '{}' })).layouts).toEqual(['agentos'])
  })
})
