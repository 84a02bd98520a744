import { describe, expect, test } from 'vitest'
import { pathProblem } from '../../src/model/names.js'
import { placedKinds } from '../../src/model/targets.js'
import { strangeTools, toolsFound } from '../../src/targets/detect.js'
import { tools } from '../../src/targets/table.js'

/** A tool, and its places in the order of `placedKinds`. */
type Row = readonly string[]

function placesIn(scope: 'project' | 'global', rows: readonly Row[]): Row[] {
  return rows.map(([name = '']) => [name, ...placedKinds.map((kind) => tools.get(name)?.reads[kind]?.[scope] ?? '—')])
}

describe('where each tool reads what', () => {
  test('[T2] in a project', () => {
    const rows: Row[] = [
      [
        'claude',
        '.claude/skills/<n>',
        '.claude/agents/<n>.md',
        '.claude/commands/<n>.md',
        '.claude/settings.json',
        '.claude/skills/<n>',
        '.claude/rules/<n>.md',
        '.mcp.json',
      ],
      [
        'copilot',
        '.agents/skills/<n>',
        '.github/agents/<n>.agent.md',
        '.github/prompts/<n>.prompt.md',
        '.github/hooks/<n>.json',
        '—',
        '.github/instructions/<n>.instructions.md',
        '.vscode/mcp.json',
      ],
      [
        'cursor',
        '.cursor/skills/<n>',
        '.cursor/agents/<n>.md',
        '.cursor/commands/<n>.md',
        '.cursor/hooks.json',
        '—',
        '.cursor/rules/<n>.mdc',
        '.cursor/mcp.json',
      ],
      [
        'windsurf',
        '.windsurf/skills/<n>',
        '—',
        '.windsurf/workflows/<n>.md',
        '.windsurf/hooks.json',
        '—',
        '.windsurf/rules/<n>.md',
        '—',
      ],
      [
        'kiro',
        '.kiro/skills/<n>',
        '.kiro/agents/<n>.md',
        '.kiro/steering/<n>.md',
        '.kiro/hooks/<n>.kiro.hook',
        '—',
        '.kiro/steering/<n>.md',
        '.kiro/settings/mcp.json',
      ],
      [
        'codex',
        '.agents/skills/<n>',
        '.codex/agents/<n>.toml',
        '—',
        '.codex/hooks.json',
        '—',
        '—',
        '.codex/config.toml',
      ],
      [
        'gemini',
        '.agents/skills/<n>',
        '.gemini/agents/<n>.md',
        '.gemini/commands/<n>.toml',
        '.gemini/settings.json',
        '—',
        '—',
        '.gemini/settings.json',
      ],
      [
        'opencode',
        '.agents/skills/<n>',
        '.opencode/agents/<n>.md',
        '.opencode/commands/<n>.md',
        '—',
        '—',
        '—',
        'opencode.json',
      ],
      ['agents', '.agents/skills/<n>', '—', '—', '—', '—', '—', '—'],
      ['agentos', '.agentos/skills/<n>', '—', '—', '—', '—', '—', '—'],
      ['roo', '.roo/skills/<n>', '—', '—', '—', '—', '—', '—'],
    ]
    expect(placesIn('project', rows)).toEqual(rows)
  })

  test('[T2 L20] for the user', () => {
    const rows: Row[] = [
      [
        'claude',
        '.claude/skills/<n>',
        '.claude/agents/<n>.md',
        '.claude/commands/<n>.md',
        '.claude/settings.json',
        '.claude/skills/<n>',
        '.claude/rules/<n>.md',
        '.claude.json',
      ],
      ['copilot', '.copilot/skills/<n>', '.copilot/agents/<n>.agent.md', '—', '—', '—', '—', '—'],
      [
        'cursor',
        '.cursor/skills/<n>',
        '.cursor/agents/<n>.md',
        '.cursor/commands/<n>.md',
        '.cursor/hooks.json',
        '—',
        '—',
        '.cursor/mcp.json',
      ],
      [
        'windsurf',
        '.codeium/windsurf/skills/<n>',
        '—',
        '.codeium/windsurf/global_workflows/<n>.md',
        '.codeium/windsurf/hooks.json',
        '—',
        '—',
        '.codeium/windsurf/mcp_config.json',
      ],
      [
        'kiro',
        '.kiro/skills/<n>',
        '.kiro/agents/<n>.md',
        '.kiro/steering/<n>.md',
        '—',
        '—',
        '.kiro/steering/<n>.md',
        '.kiro/settings/mcp.json',
      ],
      [
        'codex',
        '.agents/skills/<n>',
        '.codex/agents/<n>.toml',
        '.codex/prompts/<n>.md',
        '.codex/hooks.json',
        '—',
        '—',
        '.codex/config.toml',
      ],
      [
        'gemini',
        '.gemini/skills/<n>',
        '.gemini/agents/<n>.md',
        '.gemini/commands/<n>.toml',
        '.gemini/settings.json',
        '—',
        '—',
        '.gemini/settings.json',
      ],
      [
        'opencode',
        '.config/opencode/skills/<n>',
        '.config/opencode/agents/<n>.md',
        '.config/opencode/commands/<n>.md',
        '—',
        '—',
        '—',
        '.config/opencode/opencode.json',
      ],
      ['agents', '.agents/skills/<n>', '—', '—', '—', '—', '—', '—'],
      ['agentos', '.agentos/skills/<n>', '—', '—', '—', '—', '—', '—'],
      ['crush', '.config/crush/skills/<n>', '—', '—', '—', '—', '—', '—'],
    ]
    expect(placesIn('global', rows)).toEqual(rows)
  })

  test('[T2] the tools are these', () => {
    expect([...tools.keys()]).toEqual([
      ...['claude', 'copilot', 'cursor', 'windsurf', 'kiro', 'codex', 'gemini', 'opencode', 'agents'],
      'agentos',
      ...['roo', 'junie', 'augment', 'factory', 'goose', 'qwen', 'kilocode', 'openhands', 'trae', 'continue', 'crush'],
    ])
  })

  test('[T4] no place is a file that people write for their tools', () => {
    const theirs = /(^|\/)(AGENTS|CLAUDE|GEMINI)\.md$|copilot-instructions\.md$|global_rules\.md$/
    const places = [...tools.values()].flatMap(({ reads }) =>
      Object.values(reads).flatMap(({ project, global }) => [project, global]),
    )
    for (const place of places.flatMap((each) => each ?? [])) {
      expect(place).not.toMatch(theirs)
      expect(pathProblem(place.replace('<n>', 'review')), place).toBe(undefined)
    }
  })
})

describe('tools that a project uses', () => {
  test.each([
    [['.claude'], ['claude']],
    [['CLAUDE.md'], ['claude']],
    [['.github'], []],
    [['.github/copilot-instructions.md'], ['copilot']],
    [
      ['.cursor', '.windsurf', '.kiro'],
      ['cursor', 'windsurf', 'kiro'],
    ],
    [['AGENTS.md'], ['codex']],
    [
      ['GEMINI.md', 'opencode.json', '.agents'],
      ['gemini', 'opencode', 'agents'],
    ],
    [
      ['.roo', '.crush'],
      ['roo', 'crush'],
    ],
    [[], []],
  ])('[T3] with %j are %j', (there, found) => {
    expect(toolsFound((at) => there.includes(at))).toEqual(found)
  })

  test('[T1 U5] a name that is no tool’s comes with the nearest', () => {
    expect(strangeTools(['claude', 'cursr', 'quantum'])).toEqual([
      { name: 'cursr', meant: 'cursor' },
      { name: 'quantum', meant: undefined },
    ])
  })

  test.each([
    ['vscode', 'copilot'],
    ['GitHub Copilot', 'copilot'],
    ['claude-code', 'claude'],
    ['gemini-cli', 'gemini'],
    ['a', undefined],
  ])('[T3 U5] %s is what people call %s', (name, meant) => {
    expect(strangeTools([name])).toEqual([{ name, meant }])
  })
})
