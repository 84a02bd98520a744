import { describe, expect, test } from 'vitest'
import { sha256Hex } from '../../src/model/digest.js'
import { artifact, reading } from './artifacts.js'
import { json, type Planted, skill } from './trees.js'

const surface = async (...given: Parameters<typeof reading>) => (await reading(...given)).surface
const plugin = artifact('plugin', 'kit')
const unread = (what: string, text: string) => `${what} (sha256 ${sha256Hex(text)})`

describe('[P10] what can run', () => {
  test('files with the executable bit, wherever they are', async () => {
    const files: Record<string, Planted> = {
      'SKILL.md': skill('plan'),
      'scripts/run.sh': { text: '#!/bin/sh', mode: 0o755 },
      'scripts/plain.sh': '#!/bin/sh',
      'bin/x': { text: '', mode: 0o744 },
    }
    expect(await surface(artifact('skill', 'plan'), files)).toEqual(['script: bin/x', 'script: scripts/run.sh'])
  })

  test.each([
    ['text with blanks', 'Read Bash(git add:*) Bash(npm run test:*)'],
    ['text with commas', 'Read, Bash(git add:*), Bash(npm run test:*)'],
    ['a list', '["Read", "Bash(git add:*)", "Bash(npm run test:*)"]'],
  ])('the tools that a skill is allowed, as %s', async (_what, tools) => {
    expect(
      await surface(artifact('skill', 'plan'), { 'SKILL.md': skill('plan', `allowed-tools: ${tools}\n`) }),
    ).toEqual(['allowed-tools: Bash(git add:*)', 'allowed-tools: Bash(npm run test:*)', 'allowed-tools: Read'])
  })

  test('hooks in the head of a skill or an agent', async () => {
    const hooks =
      'hooks:\n  PreToolUse:\n    - matcher: Bash\n      hooks:\n        - type: command\n          command: ./check.sh\n'
    expect(await surface(artifact('skill', 'plan'), { 'SKILL.md': skill('plan', hooks) })).toEqual([
      'hook: PreToolUse: ./check.sh',
    ])
  })

  test.each<[string, unknown, string[]]>([
    [
      'Claude',
      { hooks: { Stop: [{ hooks: [{ type: 'command', command: 'python3 x.py', timeout: 10 }] }] } },
      ['hook: Stop: python3 x.py'],
    ],
    [
      'Claude, a prompt',
      { hooks: { Stop: [{ hooks: [{ type: 'prompt', prompt: 'Go on?' }] }] } },
      ['hook: Stop: Go on?'],
    ],
    [
      'Copilot',
      { version: 1, hooks: { preToolUse: [{ type: 'command', bash: 'a.sh', powershell: 'a.ps1' }] } },
      ['hook: preToolUse: a.sh a.ps1'],
    ],
    [
      'Kiro',
      JSON.parse(
        '{"name": "lint", "when": {"type": "fileEdited"}, "then": {"type": "runCommand", "command": "npm run lint"}}',
      ),
      ['hook: fileEdited: npm run lint'],
    ],
    [
      'Cursor',
      { version: 1, hooks: { afterFileEdit: [{ command: './format.sh' }] } },
      ['hook: afterFileEdit: ./format.sh'],
    ],
    ['nobody', { anything: [1, 'x'] }, [unread('hook: hooks.json', json({ anything: [1, 'x'] }))]],
  ])('the commands of hooks as %s writes them', async (_tool, hooks, expected) => {
    expect(await surface(artifact('hook', 'lint'), { 'hooks.json': json(hooks) })).toEqual(expected)
  })

  test('hooks that cannot be read are listed by their file and its digest', async () => {
    const text = '{ // comment'
    expect(await surface(artifact('hook', 'lint'), { 'hooks.json': text })).toEqual([unread('hook: hooks.json', text)])
  })

  test('a hook or server that is a single file', async () => {
    const hook = artifact('hook', 'lint', { form: 'file' })
    expect(await surface(hook, { 'lint.json': json({ hooks: { Stop: [{ command: 'x' }] } }) })).toEqual([
      'hook: Stop: x',
    ])
    const mcp = artifact('mcp', 'search', { form: 'file' })
    expect(
      await surface(mcp, {
        'search.json': json({ mcpServers: { search: { command: 'npx', args: ['-y', 'search', 3] } } }),
      }),
    ).toEqual(['mcp: search: npx -y search 3'])
  })

  test.each<[string, unknown, string]>([
    ['a map', { mcpServers: { search: { command: 'uvx', args: ['search'] } } }, 'mcp: search: uvx search'],
    ['VS Code’s map', { servers: { search: { type: 'http', url: 'https://x.y' } } }, 'mcp: search: https://x.y'],
    ['a map without a wrapper', { search: { serverUrl: 'https://x.y' } }, 'mcp: search: https://x.y'],
    [
      'one server',
      { id: 'search', name: 'Search', transport: 'stdio', command: 'npx', args: ['search'] },
      'mcp: Search: npx search',
    ],
  ])('MCP servers as %s', async (_what, servers, expected) => {
    expect(await surface(artifact('mcp', 'search'), { 'mcp.json': json(servers) })).toEqual([expected])
  })

  test.each<[head: string, expected: string[]]>([
    ['permissionMode: bypassPermissions', ['permission-mode: bypassPermissions (x.md)']],
    ['permission-mode: acceptEdits', ['permission-mode: acceptEdits (x.md)']],
    ['permissionMode: [dontAsk]', ['permission-mode: ["dontAsk"] (x.md)']],
    ['permissionMode: default', []],
    ['permissionMode: plan', []],
  ])('[P10] a head with %s, by which an agent asks less', async (head, expected) => {
    const plugin = artifact('plugin', 'kit')
    expect(await surface(plugin, { 'x.md': `---\nname: x\n${head}\n---\n` })).toEqual(expected)
  })

  test('everything that a plugin brings, by file, by path and in plugin.json itself', async () => {
    const manifest = {
      name: 'kit',
      hooks: ['./more/hooks.json', { hooks: { SessionStart: [{ hooks: [{ command: 'inline' }] }] } }],
      mcpServers: { inner: { command: 'inner-server' } },
      lspServers: { gopls: { command: 'gopls' } },
      experimental: { monitors: './monitors/own.json' },
    }
    const files: Record<string, Planted> = {
      '.claude-plugin/plugin.json': json(manifest),
      'hooks/hooks.json': json({ hooks: { Stop: [{ hooks: [{ command: 'stop' }] }] } }),
      'more/hooks.json': json({ hooks: { PreToolUse: [{ hooks: [{ command: 'more' }] }] } }),
      '.mcp.json': json({ mcpServers: { outer: { url: 'https://x.y' } } }),
      '.lsp.json': json({ ts: { command: 'tsls', args: ['--stdio'] } }),
      'monitors/own.json': json([{ name: 'tail', command: 'tail -f log' }]),
      'commands/ship.md': '---\nallowed-tools: Bash(git push)\n---\n',
      'skills/plan/SKILL.md': skill('plan', 'allowed-tools: Read\n'),
      'README.md': '# Kit',
      'bin/kit': { text: '', mode: 0o755 },
    }
    expect(await surface(plugin, files)).toEqual([
      'allowed-tools: Bash(git push) (commands/ship.md)',
      'allowed-tools: Read (skills/plan/SKILL.md)',
      'hook: PreToolUse: more',
      'hook: SessionStart: inline',
      'hook: Stop: stop',
      'lsp: gopls: gopls',
      'lsp: ts: tsls --stdio',
      'mcp: inner: inner-server',
      'mcp: outer: https://x.y',
      'monitor: tail -f log',
      'script: bin/kit',
    ])
  })

  test('a changed command is another line', async () => {
    const hooks = (command: string) => ({ 'hooks/hooks.json': json({ hooks: { Stop: [{ command }] } }) })
    expect(await surface(plugin, hooks('a'))).not.toEqual(await surface(plugin, hooks('b')))
  })

  test('text alone is nothing that runs', async () => {
    expect(await surface(artifact('rule', 'errors'), { 'RULE.md': '# Errors' })).toEqual([])
  })
})

describe('[P10] nothing that runs hides', () => {
  const evil = { command: 'evil' }
  const group = { hooks: [{ type: 'command', ...evil }] }

  test.each<[string, unknown, string[]]>([
    ['an address in the list of servers', { mcpServers: { url: 'x', db: evil } }, ['mcp: db: evil', 'mcp: x']],
    [
      'an inner list',
      { mcpServers: { mcpServers: { a: { command: 'a' } }, db: evil } },
      ['mcp: db: evil', 'mcp: mcpServers: a'],
    ],
    [
      'the list of another tool',
      { mcpServers: { a: { command: 'a' } }, servers: { db: evil } },
      ['mcp: a: a', 'mcp: db: evil'],
    ],
    [
      'a list that has another beside it',
      { mcpServers: { a: { command: 'a' } }, db: evil },
      ['mcp: a: a', 'mcp: db: evil'],
    ],
    [
      'variables and a folder',
      { db: { ...evil, args: ['x'], env: { GITHUB_TOKEN: 'b', NODE_OPTIONS: '-r ./y', path: 1 }, cwd: 'c' } },
      ['mcp: db: NODE_OPTIONS=-r ./y path=1 evil x (in c)'],
    ],
    [
      'a program that writes headers',
      { db: { url: 'https://x.y', headersHelper: 'evil' } },
      ['mcp: db: https://x.y evil'],
    ],
  ])('behind %s, in the servers of an artifact', async (_what, servers, expected) => {
    expect(await surface(artifact('mcp', 'search'), { 'mcp.json': json(servers) })).toEqual(expected)
  })

  test.each<[string, unknown, string[]]>([
    [
      'a command of the group',
      { hooks: { Stop: [{ command: 'a', ...group }] } },
      ['hook: Stop: a', 'hook: Stop: evil'],
    ],
    ['a prompt in the list of events', { hooks: { prompt: 'a', Stop: [group] } }, ['hook: Stop: evil', 'hook: a']],
    [
      'events under another name',
      { hooks: { hooks: { Stop: [{ command: 'a' }] }, Stop: [group] } },
      ['hook: Stop: evil', 'hook: hooks: a'],
    ],
    [
      'a command for one system',
      { hooks: { Stop: [{ command: 'a', windows: 'evil.exe' }] } },
      ['hook: Stop: a evil.exe'],
    ],
  ])('behind %s, in hooks', async (_what, hooks, expected) => {
    expect(await surface(artifact('hook', 'lint'), { 'hooks.json': json(hooks) })).toEqual(expected)
  })

  test('in a file with comments, which tools read', async () => {
    const text = '// mine\n{ "hooks": { "Stop": [{ "command": "evil" }] } }'
    expect(await surface(artifact('hook', 'lint'), { 'hooks.json': text })).toEqual(['hook: Stop: evil'])
  })

  test('in a folder of a hook, where tools are given it from', async () => {
    expect(await surface(artifact('hook', 'lint'), { 'hooks/hooks.json': json({ hooks: { Stop: [group] } }) })).toEqual(
      ['hook: Stop: evil'],
    )
  })

  test.each(['agent', 'command', 'rule'] as const)(
    'in the head of the only markdown file of a folder: %s',
    async (kind) => {
      const text = '---\nallowed-tools: Bash(*)\n---\n'
      expect(await surface(artifact(kind, 'x'), { 'x.md': text })).toEqual(['allowed-tools: Bash(*) (x.md)'])
    },
  )

  test.each([
    ['an alias', 'a: &a Bash(*)\nallowed-tools: *a\n'],
    ['a key twice', 'name: plan\nname: plan\nhooks: {Stop: [{command: evil}]}\n'],
    ['a key that is written otherwise', '"allowed\\x2dtools": &a Bash(*)\nx: *a\n'],
    ['more than is read', `allowed-tools: Bash(*)\nx: ${'x'.repeat(17_000)}\n`],
  ])('in a head that haal cannot read and a tool may: %s', async (_what, head) => {
    const text = `---\n${head}---\nPlan.\n`
    expect(await surface(artifact('skill', 'plan'), { 'SKILL.md': text })).toEqual([unread('head: SKILL.md', text)])
    expect(await surface(plugin, { 'skills/plan/SKILL.md': text })).toEqual([
      unread('head: skills/plan/SKILL.md', text),
    ])
  })

  test.each([
    ['a skill', artifact('skill', 'plan'), '.claude-plugin/plugin.json'],
    ['a skill, spelt as only some platforms read it', artifact('skill', 'plan'), '.Claude-Plugin/PLUGIN.json'],
    ['a part of a plugin', plugin, 'skills/plan/.claude-plugin/plugin.json'],
  ])('in what has the definition of a plugin, and is one to tools: %s', async (_what, which, file) => {
    const at = (path: string) => file.slice(0, -'.claude-plugin/plugin.json'.length) + path
    const files = {
      [at('SKILL.md')]: skill('plan'),
      [at('hooks/hooks.json')]: json({ hooks: { Stop: [group] } }),
      [at('own.json')]: json({ db: evil }),
    }
    expect(await surface(which, { ...files, [file]: json({ name: 'plan', mcpServers: './own.json' }) })).toEqual([
      'hook: Stop: evil',
      'mcp: db: evil',
    ])
    expect(await surface(which, { ...files, [file]: '{' })).toEqual([unread(`head: ${file}`, '{'), 'hook: Stop: evil'])
  })

  test('a plugin that a skill has as an example is none to tools', async () => {
    const example = 'examples/small/.claude-plugin/plugin.json'
    const files = { 'SKILL.md': skill('plan'), [example]: json({ name: 'small', mcpServers: { db: evil } }) }
    expect(await surface(artifact('skill', 'plan'), files)).toEqual([])
  })

  test('a head that haal cannot read, and that mentions nothing that runs, is not listed', async () => {
    expect(await surface(artifact('skill', 'plan'), { 'SKILL.md': '---\nauthor: @x\n---\n' })).toEqual([])
  })

  test.each([
    [
      'both spellings of allowed tools',
      'allowed-tools: Read\nallowedTools: Bash(*)\n',
      ['allowed-tools: Bash(*)', 'allowed-tools: Read'],
    ],
    ['servers with a dash', 'mcp-servers:\n  db:\n    command: evil\n', ['mcp: db: evil']],
  ])('in a head: %s', async (_what, head, expected) => {
    expect(await surface(artifact('skill', 'plan'), { 'SKILL.md': skill('plan', head) })).toEqual(expected)
  })

  test.each([
    ['./more//own.json', 'hook: Stop: evil'],
    ['more/../more/own.json', 'hook: Stop: evil'],
    ['.\\more\\own.json', 'hook: Stop: evil'],
    ['./More/OWN.json', 'hook: Stop: evil'],
    ['../own.json', 'hook: ../own.json'],
  ])('behind a path that only some read so: %s', async (path, expected) => {
    const files = {
      'plugin.json': json({ name: 'kit', hooks: path }),
      'more/own.json': json({ hooks: { Stop: [group] } }),
    }
    expect(await surface(plugin, files)).toEqual([expected])
  })
})

describe('[O39] programs that are needed', () => {
  const needs = async (kind: Parameters<typeof artifact>[0], files: Record<string, Planted>) =>
    (await reading(artifact(kind, 'x'), files)).needs

  test.each<[string, string, Record<string, string>]>([
    [
      'bins in a runtime’s metadata',
      'metadata:\n  openclaw:\n    requires:\n      bins: [git, jq]\n',
      { git: '*', jq: '*' },
    ],
    ['bins in JSON', 'metadata: {"agentos": {"requires": {"bins": ["op"]}}}\n', { op: '*' }],
    ['bins at the top', 'requires:\n  bins:\n    - ffmpeg\n', { ffmpeg: '*' }],
    ['a list', 'requires: [git]\n', { git: '*' }],
    [
      'a sentence',
      'compatibility: Requires git, docker, jq, and access to the internet\n',
      { git: '*', docker: '*', jq: '*' },
    ],
    [
      'a sentence with versions',
      'compatibility: Needs Python 3.10+ and Node.js 20\n',
      { python3: '>=3.10', node: '>=20' },
    ],
    ['a sentence with shells', 'compatibility: Requires sh, bash and zsh\n', { sh: '*', bash: '*', zsh: '*' }],
    ['a sentence that offers a choice', 'compatibility: Requires python or node\n', {}],
    ['a sentence that asks for nothing', 'compatibility: Made for git users\n', {}],
    ['names that are none', 'requires:\n  bins: ["../x", "-rf", "a b"]\n', {}],
  ])('are read from %s', async (_what, more, expected) => {
    expect(await needs('skill', { 'SKILL.md': skill('x', more) })).toEqual(expected)
  })

  test('are read from engines and from manifest.json', async () => {
    const files = {
      'package.json': json({ engines: { node: '>=22' } }),
      'manifest.json': json({ requires: { bins: ['piper'] } }),
      'index.js': '',
    }
    expect(await needs('tool', files)).toEqual({ piper: '*', node: '>=22' })
  })
})
