import { describe, expect, test } from 'vitest'
import type { Placed } from '../../src/model/targets.js'
import { assign, placeHere, placesAsLocked, printTarget, type ToolPlace } from '../../src/targets/place.js'
import { integrity, lacking, material, placed, shown } from './materials.js'

const store = { from: 'store', integrity } as const

const tidy = material('plugin/tidy', {
  '.claude-plugin/plugin.json': {
    name: 'tidy',
    commands: './extra/more.md',
    agents: ['./helpers/'],
    mcpServers: { own: { command: 'x' } },
  },
  'skills/sweep/SKILL.md': '',
  'skills/sweep/deep/SKILL.md': '',
  'commands/git/clean.md': '',
  'extra/more.md': 'see ${CLAUDE_PLUGIN_ROOT}/a',
  'helpers/dust.md': '',
  'agents/wash.md': '',
  'hooks/hooks.json': { hooks: { Stop: [{ hooks: [{ type: 'command', command: '${CLAUDE_PLUGIN_ROOT}/a' }] }] } },
  '.mcp.json': { mcpServers: { far: { url: 'u' } } },
})

describe('a plugin', () => {
  test('[T1] goes whole to a tool that knows plugins', async () => {
    expect(await shown(tidy, { names: ['claude'] })).toEqual({ '.claude/skills/tidy': store })
    expect(await shown(tidy, { names: ['claude'], link: true })).toEqual({
      '.claude/skills/tidy': { from: 'link', to: '.haal/plugins/tidy' },
    })
  })

  test('[T1] goes in parts to others, from where its definition says', async () => {
    expect(await shown(tidy, { names: ['cursor'] })).toEqual({
      '.cursor/skills/sweep': { ...store, under: 'skills/sweep' },
      '.cursor/agents/wash.md': { ...store, file: 'agents/wash.md' },
      '.cursor/agents/dust.md': { ...store, file: 'helpers/dust.md' },
      '.cursor/commands/git-clean.md': { ...store, file: 'commands/git/clean.md' },
      '.cursor/commands/more.md': 'see .haal/plugins/tidy/a',
      '.cursor/hooks.json': [['hooks stop', { command: '.haal/plugins/tidy/a' }]],
      '.cursor/mcp.json': [['mcpServers far', { url: 'u' }]],
    })
  })

  test('[T1] without a definition where tools look for one goes in parts everywhere', async () => {
    const plain = material('plugin/tidy', { 'plugin.json': {}, 'skills/sweep/skill.md': '' })
    expect(await shown(plain, { names: ['claude'] })).toEqual({
      '.claude/skills/sweep': { ...store, under: 'skills/sweep', rename: { 'skill.md': 'SKILL.md' } },
    })
    expect(await shown(plain, { names: ['cursor'], link: true })).toMatchObject({
      '.cursor/skills/sweep': { from: 'store' },
    })
  })

  test('[T2] what a tool cannot have of it is told part by part', async () => {
    expect(await lacking(tidy, { names: ['agents'] })).toEqual([
      'agents agent wash no place',
      'agents agent dust no place',
      'agents command git-clean no place',
      'agents command more no place',
      'agents hook tidy no place',
      'agents mcp tidy no place',
      'agents mcp tidy-2 no place',
    ])
  })

  test('[T2] without a part that a tool could be given is told, not dropped', async () => {
    const server = material('plugin/gopls', { '.claude-plugin/plugin.json': { lspServers: {} }, 'README.md': '' })
    expect(await lacking(server, { names: ['claude', 'cursor', 'agents'] })).toEqual([
      'cursor plugin gopls it has no skills, agents, commands, hooks or MCP servers',
      'agents plugin gopls it has no skills, agents, commands, hooks or MCP servers',
    ])
  })
})

test('[T2 S1] a name that makes no sound path in a tool is told, and nothing is placed there', async () => {
  const long = 'a'.repeat(90)
  const rule = material(`rule/${long}`, { [`${long}.md`]: 'x' })
  const names = ['copilot', 'windsurf']
  expect(Object.keys(await shown(rule, { names }))).toEqual([`.windsurf/rules/${long}.md`])
  expect(await lacking(rule, { names })).toEqual([
    `copilot rule ${long} .github/instructions/${long}.instructions.md is no path haal writes`,
  ])
})

describe('for the user', () => {
  const docs = material('mcp/docs', { 'mcp.json': { command: 'x' } })
  const review = material('skill/review', { 'SKILL.md': '' })

  test('[T1 L20] things go below the folder that a tool’s variable names', async () => {
    const env = { CLAUDE_CONFIG_DIR: '/etc/claude', CODEX_HOME: '/etc/codex' }
    const around = { scope: 'global', env, names: ['claude', 'codex', 'gemini'] } as const
    expect(Object.keys(await shown(review, around))).toEqual([
      '$CLAUDE_CONFIG_DIR/skills/review',
      '$CODEX_HOME/skills/review',
      '.gemini/skills/review',
    ])
    expect(Object.keys(await shown(docs, around))).toEqual([
      '$CLAUDE_CONFIG_DIR/.claude.json',
      '$CODEX_HOME/config.toml',
      '.gemini/settings.json',
    ])
  })

  test('[T1 L20] without it, below the home folder', async () => {
    const around = { scope: 'global', names: ['claude', 'codex'] } as const
    expect(Object.keys(await shown(review, around))).toEqual(['.claude/skills/review', '.agents/skills/review'])
    expect(Object.keys(await shown(docs, around))).toEqual(['.claude.json', '.codex/config.toml'])
  })

  test.each([
    ['$CLAUDE_CONFIG_DIR/skills/x', 'global', { CLAUDE_CONFIG_DIR: '/etc/claude' }, '/etc/claude/skills/x'],
    ['$CLAUDE_CONFIG_DIR/skills/x', 'global', {}, '.claude/skills/x'],
    ['$CLAUDE_CONFIG_DIR/skills/x', 'project', { CLAUDE_CONFIG_DIR: '/etc/claude' }, '$CLAUDE_CONFIG_DIR/skills/x'],
    ['$PATH/x', 'global', { PATH: '/bin' }, '$PATH/x'],
    ['a/$CODEX_HOME/x', 'global', { CODEX_HOME: '/etc/codex' }, 'a/$CODEX_HOME/x'],
    ['$CODEX_HOME/x\ny', 'global', { CODEX_HOME: '/etc/codex' }, '$CODEX_HOME/x\ny'],
    ['.claude/skills/x', 'global', {}, '.claude/skills/x'],
  ] as const)('[T1 S5] the recorded place %s (%s) with %j is %s', (at, scope, env, expected) => {
    expect(placeHere(at, { scope, env, root: '/home/me', link: false })).toBe(expected)
  })
})

describe('what a lockfile records', () => {
  test('[T1] is what was placed', async () => {
    const found = await placed(tidy, { names: ['cursor', 'codex'] })
    const targets = found.places.map(printTarget)
    expect(placesAsLocked(targets, found)).toEqual(found.places)
  })

  test('[T1] is found though the table has another place by now', async () => {
    const found = await placed(material('skill/review', { 'SKILL.md': '' }), { names: ['cursor'] })
    const old = placesAsLocked(['cursor:.cursor/old-skills/review'], found)
    expect(old).toEqual([
      {
        tool: 'cursor',
        strange: true,
        place: { ref: 'skill/review', at: '.cursor/old-skills/review', content: store },
      },
    ])
    const part = placesAsLocked(['cursor:.cursor/old/sweep'], await placed(tidy, { names: ['cursor'] }))
    expect(part.map(({ place }) => [place.at, 'content' in place && place.content])).toEqual([
      ['.cursor/old/sweep', { ...store, under: 'skills/sweep' }],
    ])
  })

  test('[T1] is every place of a tool that is named alone', async () => {
    const found = await placed(tidy, { names: ['cursor', 'codex'] })
    const cursor = found.places.filter(({ tool }) => tool === 'cursor')
    expect(placesAsLocked(['cursor'], found)).toEqual(cursor)
  })

  test('[T1] and of which nothing is known is left alone', async () => {
    const found = await placed(tidy, { names: ['cursor'] })
    expect(placesAsLocked(['cursor:.cursor/skills/gone', 'quantum:.q/x', 'nonsense'], found)).toEqual([])
  })
})

describe('one place', () => {
  const whole = (ref: Placed['ref'], at: string, more: object = {}): ToolPlace => ({
    tool: 'kiro',
    place: { ref, at, content: { ...store, ...more } },
  })
  const value = (ref: Placed['ref'], command: string): ToolPlace => ({
    tool: 'kiro',
    place: { ref, at: 'm.json', format: 'json', entries: [{ path: ['s', 'a'], value: { command } }] },
  })

  test('[T1] is shared by tools', () => {
    const both = [whole('skill/a', 'x'), { ...whole('skill/a', 'x'), tool: 'codex' }]
    expect(assign(both)).toEqual({ places: both, occupied: [] })
  })

  test('[T1 O17] goes to the first of two artifacts, and the second is told', () => {
    const [first, second] = [whole('command/a', 'x'), whole('rule/a', 'x', { under: 'y' })]
    expect(assign([first, second])).toEqual({ places: [first], occupied: [{ ...second, by: 'command/a' }] })
  })

  test('[T1 U8] is one in two spellings that are one on some platforms', () => {
    const [first, second] = [whole('skill/Tidy', 'skills/Tidy'), whole('plugin/tidy', 'skills/tidy')]
    expect(assign([first, second])).toEqual({ places: [first], occupied: [{ ...second, by: 'skill/Tidy' }] })
  })

  test('[T1] of a value too, unless both say the same', () => {
    const [one, other, same] = [value('mcp/a', 'x'), value('plugin/p', 'y'), value('plugin/q', 'x')]
    expect(assign([one, other, same])).toEqual({
      places: [one, same],
      occupied: [{ ...other, by: 'mcp/a', name: 's.a' }],
    })
  })
})
