import { describe, expect, test } from 'vitest'
import { hooksFor } from '../../src/targets/hooks.js'
import type { Dialect } from '../../src/targets/table.js'
import { lacking, material, shown } from './materials.js'

const command = './x.sh'
const claude = (event: string, more: object = {}, hook: object = {}) => ({
  hooks: { [event]: [{ ...more, hooks: [{ type: 'command', command, ...hook }] }] },
})

describe('a hook of Claude Code’s is given to each tool in its words', () => {
  const before = claude('PreToolUse', { matcher: 'Bash|Edit' }, { timeout: 5 })

  test.each<[Dialect, object[]]>([
    [
      'claude',
      [{ event: 'PreToolUse', item: { matcher: 'Bash|Edit', hooks: [{ type: 'command', command, timeout: 5 }] } }],
    ],
    [
      'codex',
      [{ event: 'PreToolUse', item: { matcher: 'Bash|Edit', hooks: [{ type: 'command', command, timeout: 5 }] } }],
    ],
    [
      'gemini',
      [
        {
          event: 'BeforeTool',
          item: { matcher: 'run_shell_command|replace', hooks: [{ type: 'command', command, timeout: 5000 }] },
        },
      ],
    ],
    ['cursor', [{ event: 'preToolUse', item: { command, matcher: 'Shell|Write', timeout: 5 } }]],
    [
      'copilot',
      [{ event: 'preToolUse', item: { type: 'command', matcher: 'bash|edit', bash: command, timeoutSec: 5 } }],
    ],
    [
      'windsurf',
      [
        { event: 'pre_run_command', item: { command } },
        { event: 'pre_write_code', item: { command } },
      ],
    ],
    [
      'kiro',
      [
        {
          event: 'preToolUse',
          item: {
            when: { type: 'preToolUse', toolTypes: ['shell', 'write'] },
            // biome-ignore lint/suspicious/noThenProperty: the word Kiro has for it
            then: { type: 'runCommand', command, timeout: 5 },
          },
        },
      ],
    ],
  ])('[T1] %s', (dialect, hooks) => {
    expect(hooksFor(before, dialect)).toEqual({ hooks, lost: [] })
  })

  test.each<[string, Dialect, string[]]>([
    ['SessionStart', 'gemini', ['SessionStart']],
    ['SessionStart', 'cursor', ['sessionStart']],
    ['UserPromptSubmit', 'gemini', ['BeforeAgent']],
    ['UserPromptSubmit', 'cursor', ['beforeSubmitPrompt']],
    ['UserPromptSubmit', 'copilot', ['userPromptSubmitted']],
    ['UserPromptSubmit', 'windsurf', ['pre_user_prompt']],
    ['UserPromptSubmit', 'kiro', ['promptSubmit']],
    ['PostToolUse', 'windsurf', ['post_run_command', 'post_read_code', 'post_write_code', 'post_mcp_tool_use']],
    ['Stop', 'windsurf', ['post_cascade_response']],
    ['Stop', 'copilot', ['agentStop']],
    ['PreCompact', 'gemini', ['PreCompress']],
  ])('[T1] %s is for %s %j', (event, dialect, events) => {
    expect(hooksFor(claude(event), dialect).hooks.map((hook) => hook.event)).toEqual(events)
  })

  test.each<[string, object, Dialect, string]>([
    ['an event it does not have', claude('Notification'), 'cursor', 'it has nothing like Notification'],
    [
      'a tool it does not have',
      claude('PreToolUse', { matcher: 'mcp__github__.*' }),
      'windsurf',
      'it cannot tell when "mcp__github__.*" is meant',
    ],
    [
      'a prompt',
      claude('Stop', {}, { type: 'prompt', command: undefined, prompt: 'x' }),
      'codex',
      'only hooks that are commands can be given to it',
    ],
    ['another tool’s hook', { hooks: { beforeShellExecution: [{ command }] } }, 'claude', 'it is written for cursor'],
    ['no hook', {}, 'claude', 'it has no hooks that haal knows'],
  ])('[T2] what a tool has no words for is told: %s', (_title, json, dialect, why) => {
    expect(hooksFor(json, dialect)).toEqual({ hooks: [], lost: [why] })
  })
})

describe('a hook that is written for a tool is that tool’s, as it is', () => {
  test.each<[Dialect, object]>([
    ['gemini', { hooks: { BeforeModel: [{ hooks: [{ command }] }] } }],
    ['cursor', { version: 1, hooks: { afterFileEdit: [{ command }] } }],
    ['copilot', { version: 1, hooks: { preToolUse: [{ type: 'command', bash: command }] } }],
    ['windsurf', { hooks: { pre_read_code: [{ command, show_output: true }] } }],
    ['claude', { hooks: { SomethingNew: [{ hooks: [{ type: 'prompt', prompt: 'x' }] }] } }],
  ])('[T1] %s', (dialect, json) => {
    const [[event, [item]]] = Object.entries((json as { hooks: Record<string, object[]> }).hooks) as [
      [string, object[]],
    ]
    expect(hooksFor(json, dialect)).toEqual({ hooks: [{ event, item }], lost: [] })
  })

  test('[T1] kiro’s own file is given as it is', async () => {
    // biome-ignore lint/suspicious/noThenProperty: the word Kiro has for it
    const own = { when: { type: 'fileEdited', patterns: ['*.ts'] }, then: { type: 'askAgent', prompt: 'x' } }
    const hook = material('hook/lint', { 'hooks.json': own })
    expect(await shown(hook, { names: ['kiro', 'claude'] })).toEqual({
      '.kiro/hooks/lint.kiro.hook': `${JSON.stringify(own, null, 2)}\n`,
    })
  })
})

describe('where the files of a hook lie', () => {
  const names = ['claude', 'codex', 'gemini', 'cursor', 'windsurf']
  const guard = (text: string) =>
    material('hook/guard', { 'hooks.json': claude('Stop', {}, { command: text }), 'guard.sh': '' })
  const commandsIn = async (text: string, around = {}) => [
    ...new Set(JSON.stringify(await shown(guard(text), { names, ...around })).match(/"command":"(?:[^"\\]|\\.)*"/g)),
  ]

  test('[T1] every tool is told in its own way', async () => {
    expect(await commandsIn('sh ${CLAUDE_PLUGIN_ROOT}/guard.sh')).toEqual([
      '"command":"sh \\"${CLAUDE_PROJECT_DIR}/.haal/hooks/guard/guard.sh\\""',
      `"command":"sh \\"$(sh -c 'until [ -e .haal/hooks/guard ] || [ . -ef / ]; do cd ..; done; pwd')/.haal/hooks/guard/guard.sh\\""`,
      '"command":"sh \\"$GEMINI_PROJECT_DIR/.haal/hooks/guard/guard.sh\\""',
      '"command":"sh .haal/hooks/guard/guard.sh"',
    ])
  })

  test('[T1] a file of the hook that is named from its folder is found too, and no other', async () => {
    expect(await commandsIn('./guard.sh --all')).toContain('"command":".haal/hooks/guard/guard.sh --all"')
    expect(await commandsIn('./other.sh')).toEqual(['"command":"./other.sh"'])
  })

  test('[T1 L20] for the user it is the whole path', async () => {
    expect(await commandsIn('${CLAUDE_PLUGIN_ROOT}/guard.sh', { scope: 'global', root: '/home/me' })).toEqual([
      '"command":"/home/me/.haal/hooks/guard/guard.sh"',
    ])
  })

  test('[T1] cursor’s file says its version, and copilot has a file for each', async () => {
    const hook = guard('x')
    expect(await shown(hook, { names: ['copilot'] })).toEqual({
      '.github/hooks/guard.json': `${JSON.stringify({ version: 1, hooks: { agentStop: [{ type: 'command', bash: 'x' }] } }, null, 2)}\n`,
    })
    expect(await lacking(hook, { names: ['opencode', 'agents'] })).toEqual([
      'opencode hook guard no place',
      'agents hook guard no place',
    ])
  })

  test('[T1] each of kiro’s hooks is a file', async () => {
    const two = material('hook/guard', {
      'hooks.json': { hooks: { ...claude('Stop').hooks, ...claude('PostToolUse').hooks } },
    })
    expect(Object.keys(await shown(two, { names: ['kiro'] }))).toEqual([
      '.kiro/hooks/guard.kiro.hook',
      '.kiro/hooks/guard-2.kiro.hook',
    ])
  })

  test('[T2] hooks that are not JSON are told', async () => {
    const broken = material('hook/guard', { 'hooks.json': '{"hooks": ' })
    expect(await lacking(broken, { names: ['claude'] })).toEqual(['claude hook guard its hooks cannot be read'])
  })
})
