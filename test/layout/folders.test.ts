import { describe, expect, test } from 'vitest'
import { catalog } from '../../src/layout/index.js'
import { memoryTree, type Planted, skill } from './trees.js'

async function offered(files: Record<string, Planted>) {
  const { artifacts, layouts, notes } = await catalog(memoryTree(files), 'acme')
  const refs = artifacts.map(({ kind, name, content, form }) => `${kind}/${name} ${form} ${content.path}`)
  return { refs, layouts, codes: notes.map(({ code }) => code), messages: notes.map(({ message }) => message) }
}

const everyKind = {
  'skills/plan/SKILL.md': skill('plan'),
  'agents/reviewer.md': '# Review',
  'agents/tester/AGENT.md': '# Test',
  'commands/ship.md': '# Ship',
  'hooks/lint/hooks.json': '{}',
  'hooks/save.json': '{}',
  'plugins/kit/.claude-plugin/plugin.json': '{}',
  'rules/errors.md': '# Errors',
  'mcp/search.json': '{}',
  'tools/hammer/manifest.json': '{}',
  'guardrails/pii/manifest.json': '{}',
  'workflows/release/manifest.json': '{}',
  'personas/ada/persona.json': '{}',
  'extensions/tts/manifest.json': '{}',
}

const everyRef = [
  'agent/reviewer file agents/reviewer.md',
  'agent/tester folder agents/tester',
  'command/ship file commands/ship.md',
  'extension/tts folder extensions/tts',
  'guardrail/pii folder guardrails/pii',
  'hook/lint folder hooks/lint',
  'hook/save file hooks/save.json',
  'mcp/search file mcp/search.json',
  'persona/ada folder personas/ada',
  'plugin/kit folder plugins/kit',
  'rule/errors file rules/errors.md',
  'skill/plan folder skills/plan',
  'tool/hammer folder tools/hammer',
  'workflow/release folder workflows/release',
]

describe('.haal', () => {
  test('[O8] [O6] [A26] every kind maps from its folder in .haal', async () => {
    const files = Object.fromEntries(Object.entries(everyKind).map(([path, text]) => [`.haal/${path}`, text]))
    const { refs, layouts, codes } = await offered(files)
    expect(refs.toSorted()).toEqual(everyRef.map((ref) => ref.replace(/ (\S+)$/, ' .haal/$1')))
    expect([layouts, codes]).toEqual([['olaf'], []])
  })

  test('an installed extension without a manifest is one all the same', async () => {
    expect((await offered({ '.haal/tools/hammer/package.json': '{}' })).refs).toEqual([
      'tool/hammer folder .haal/tools/hammer',
    ])
  })

  test('haal’s own state is no artifact, and a folder of no kind is told', async () => {
    const { refs, messages } = await offered({
      '.haal/.state/generations/1.json': '{}',
      '.haal/powers/x/POWER.md': '#',
      '.haal/skills/plan/SKILL.md': skill('plan'),
    })
    expect(refs).toEqual(['skill/plan folder .haal/skills/plan'])
    expect(messages).toEqual(['acme: .haal/powers is of no kind that haal installs'])
  })
})

describe('kind folders at the root', () => {
  test('[O8] every kind maps from its folder', async () => {
    const { refs, layouts, codes } = await offered(everyKind)
    expect(refs.toSorted()).toEqual(everyRef)
    expect([layouts, codes]).toEqual([['folders'], []])
  })

  test.each(['extensions', '.haal/extensions'])('[A26 A29] in %s AgentOS’s own kind is told', async (folder) => {
    const files = {
      [`${folder}/memory/manifest.json`]: '{"id":"com.acme.memory","kind":"memory-provider"}',
      [`${folder}/voice/manifest.json`]: '{"extensions":[{"kind":"tool"},{"kind":"tts-provider"}]}',
      [`${folder}/hammer/manifest.json`]: '{"kind":"tool"}',
      [`${folder}/torn/manifest.json`]: '{',
    }
    const { artifacts } = await catalog(memoryTree(files), 'acme')
    expect(artifacts.map(({ kind, name, agentosKind }) => [kind, name, agentosKind])).toEqual([
      ['extension', 'hammer', undefined],
      ['extension', 'memory', 'memory-provider'],
      ['extension', 'torn', undefined],
      ['extension', 'voice', 'tts-provider'],
    ])
  })

  test('[O17] one name in several kinds is several artifacts', async () => {
    const { refs, codes } = await offered({ 'skills/x/SKILL.md': skill('x'), 'agents/x.md': '#', 'commands/x.md': '#' })
    expect(refs).toEqual(['skill/x folder skills/x', 'agent/x file agents/x.md', 'command/x file commands/x.md'])
    expect(codes).toEqual([])
  })

  test('skill.md in lower case is a skill', async () => {
    expect((await offered({ 'skills/plan/skill.md': '#' })).refs).toEqual(['skill/plan folder skills/plan'])
  })

  test('categories may be nested, and what lies inside an artifact is part of it', async () => {
    const { refs } = await offered({
      'skills/writing/plan/SKILL.md': skill('plan'),
      'skills/a/b/c/deep/SKILL.md': skill('deep'),
      'skills/plain/SKILL.md': skill('plain'),
      'skills/plain/examples/inner/SKILL.md': skill('inner'),
      'rules/repo/claude/errors.md': '#',
      'skills/empty/notes.txt': '',
      'skills/node_modules/x/SKILL.md': skill('x'),
      'skills/.hidden/SKILL.md': skill('hidden'),
    })
    expect(refs).toEqual([
      'skill/deep folder skills/a/b/c/deep',
      'skill/plain folder skills/plain',
      'skill/plan folder skills/writing/plan',
      'rule/errors file rules/repo/claude/errors.md',
    ])
  })

  test('[O24] a name that is unsafe as a path is told, also where there is no other', async () => {
    expect((await offered({ 'skills/con/SKILL.md': skill('con') })).messages).toEqual([
      'acme: skills/con is not offered: its name is a device on Windows',
    ])
  })

  test('text beside artifacts is none', async () => {
    const { refs } = await offered({
      'agents/README.md': '',
      'agents/readme.md': '',
      'agents/LICENSE.md': '',
      'agents/CHANGELOG.md': '',
      'agents/license-checker.md': '',
      'commands/security.md': '',
      'mcp/package.json': '{}',
      'hooks/tsconfig.json': '{}',
    })
    expect(refs).toEqual([
      'agent/license-checker file agents/license-checker.md',
      'command/security file commands/security.md',
    ])
  })

  test('a plugin is known by what it brings where it has no plugin.json', async () => {
    const { refs } = await offered({
      'plugins/kit/skills/plan/SKILL.md': skill('plan'),
      'plugins/group/inner/commands/x.md': '',
    })
    expect(refs).toEqual(['plugin/inner folder plugins/group/inner', 'plugin/kit folder plugins/kit'])
  })

  test('the hooks of a plugin are not lifted out of it', async () => {
    const hooks = { 'hooks/hooks.json': '{}' }
    expect((await offered(hooks)).refs).toEqual(['hook/hooks file hooks/hooks.json'])
    expect((await offered({ ...hooks, '.claude-plugin/plugin.json': '{"name":"kit"}' })).refs).toEqual([
      'plugin/kit folder ',
    ])
  })

  test('words of other tools are mapped where they mean the same', async () => {
    const { refs } = await offered({
      'mcpservers/search/mcp.json': '{}',
      'workflows/deploy.md': '#',
      'workflows/release/manifest.json': '{}',
      'workflows/release/guide.md': '#',
      'prompts/explain.prompt.md': '#',
      'prompts/notes.md': '#',
      'instructions/ts.instructions.md': '#',
      'agents/planner.agent.md': '#',
    })
    expect(refs).toEqual([
      'agent/planner file agents/planner.agent.md',
      'workflow/release folder workflows/release',
      'mcp/search folder mcpservers/search',
      'command/deploy file workflows/deploy.md',
      'command/explain file prompts/explain.prompt.md',
      'rule/ts file instructions/ts.instructions.md',
    ])
  })

  test('what only one tool knows is told and not offered', async () => {
    const { refs, layouts, messages } = await offered({
      'powers/go/POWER.md': '#',
      'powers/readme/x.md': '#',
      'steering/style.md': '#',
      'chatmodes/plan.chatmode.md': '#',
    })
    expect([refs, layouts]).toEqual([[], ['folders']])
    expect(messages).toEqual([
      'acme: powers/go is a Kiro power, which haal does not install',
      'acme: steering/style.md is a Kiro steering file, which haal does not install',
      'acme: chatmodes/plan.chatmode.md is a Copilot chat mode, which haal does not install',
    ])
  })

  test('[O24] a name that is not safe is left out and told, and never looked into', async () => {
    const tree = memoryTree({
      'skills/con/SKILL.md': '#',
      'skills/a:b/SKILL.md': '#',
      'skills/-x/SKILL.md': '#',
      'skills/constructor/SKILL.md': '#',
      'skills/../evil/SKILL.md': '#',
      'skills/plan/SKILL.md': skill('plan'),
    })
    const { artifacts, notes } = await catalog(tree, 'acme')
    expect(artifacts.map(({ name }) => name)).toEqual(['plan'])
    expect(notes.map(({ message }) => message.replace(/ is not offered.*/, ''))).toEqual([
      'acme: skills/-x',
      'acme: skills/a:b',
      'acme: skills/con',
      'acme: skills/constructor',
    ])
    expect(tree.listed.filter((folder) => folder.includes('..'))).toEqual([])
  })

  test('a link is left out and told', async () => {
    const { refs, codes } = await offered({ 'skills/far': { type: 'link' }, 'skills/plan/SKILL.md': skill('plan') })
    expect([refs, codes]).toEqual([['skill/plan folder skills/plan'], ['W_LINK']])
  })
})
