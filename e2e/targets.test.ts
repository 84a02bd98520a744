import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { type Files, markdown, needs, plugin, skill, type World, world } from './world/index.js'

const tools = ['claude', 'cursor', 'copilot', 'windsurf', 'kiro', 'codex', 'gemini', 'opencode']

const guard = {
  hooks: {
    PreToolUse: [
      { matcher: 'Bash', hooks: [{ type: 'command', command: '${CLAUDE_PLUGIN_ROOT}/guard.sh', timeout: 5 }] },
    ],
  },
}

/** One artifact of every kind that tools read, and a plugin with every part. */
const everyKind: Files = {
  'skills/review/skill.md': skill('review', 'v1'),
  'skills/review/scripts/check.sh': { body: '#!/bin/sh\n', mode: 0o755 },
  'agents/reviewer.md': markdown({ name: 'reviewer', description: 'Reads', tools: 'Read, Grep' }, 'You read.'),
  'commands/release.md': markdown({ description: 'Release' }, 'Release $ARGUMENTS.'),
  'hooks/guard/hooks.json': guard,
  'hooks/guard/guard.sh': { body: '#!/bin/sh\nexit 0\n', mode: 0o755 },
  'rules/tests.md': markdown({ description: 'How to: test', applyTo: '**/*.ts,test/**' }, 'Test first.'),
  'mcp/docs/mcp.json': { mcpServers: { docs: { command: 'npx', args: ['-y', 'docs'], env: { KEY: '${DOCS_KEY}' } } } },
  'plugins/tidy/.claude-plugin/plugin.json': plugin('tidy'),
  'plugins/tidy/skills/sweep/SKILL.md': skill('sweep'),
  'plugins/tidy/agents/sweeper.md': markdown({ name: 'sweeper', description: 'Sweeps' }, 'Sweep.'),
  'plugins/tidy/commands/tidy.md': markdown({ description: 'Tidy' }, 'Run ${CLAUDE_PLUGIN_ROOT}/tidy.sh.'),
  'plugins/tidy/hooks/hooks.json': {
    hooks: { Stop: [{ hooks: [{ type: 'command', command: '${CLAUDE_PLUGIN_ROOT}/tidy.sh' }] }] },
  },
  'plugins/tidy/tidy.sh': { body: '#!/bin/sh\n', mode: 0o755 },
}

/** A world whose project uses tools, and what people keep in the folders of theirs. */
async function workshop(targets: readonly string[] = tools, own: Files = {}): Promise<World> {
  const made = await world()
  await made.folder('acme', everyKind)
  await made.project.write({ 'haal.json': { ...made.project.json<object>('haal.json'), targets }, ...own })
  return made
}

const installAll = 'install --all --approve * --yes'

/** What the project holds besides haal's own files. */
function outside(project: World['project']): Record<string, string> {
  const own = /^(\.haal(\/|$)|haal\.(json|lock)$)/
  return Object.fromEntries(Object.entries(project.tree()).filter(([at]) => !own.test(at)))
}

describe('a hook of codex, which names its folder by a command', () => {
  const where = (name: string): Files => ({
    [`hooks/${name}/hooks.json`]: {
      hooks: { Stop: [{ hooks: [{ type: 'command', command: 'sh ${CLAUDE_PLUGIN_ROOT}/where.sh' }] }] },
    },
    [`hooks/${name}/where.sh`]: { body: '#!/bin/sh\ndirname "$0"\n', mode: 0o755 },
  })

  for (const shell of ['sh', 'bash', 'zsh', 'fish'] as const)
    needs(shell)(
      `[T1] finds that with ${shell} from below, without git, and in a project within a project`,
      async () => {
        const { folder, haal, project } = await world()
        const acme = await folder('acme', { ...where('outer'), ...where('inner') })
        const haalJson = { registries: [{ name: 'acme', type: 'file', location: acme.path }], targets: ['codex'] }
        await project.write({ 'haal.json': haalJson, 'an app/haal.json': haalJson, 'an app/src/main.ts': '' })
        await haal('install outer --approve * --yes').succeeds()
        await haal('install inner --approve * --yes', { cwd: 'an app' }).succeeds()
        const ran = (from: string, cwd: string) => {
          const [command = ''] = /(?<="command": )".*"/.exec(project.read(`${from}.codex/hooks.json`)) ?? []
          return execFileSync(shell, ['-c', JSON.parse(command)], { cwd: project.at(cwd), encoding: 'utf8' }).trim()
        }
        for (const cwd of ['an app', 'an app/src']) {
          expect(ran('an app/', cwd)).toBe(project.at('an app/.haal/hooks/inner'))
          expect(ran('', cwd)).toBe(project.at('.haal/hooks/outer'))
        }
      },
    )
})

describe('every kind lies where each tool reads it, in its form', () => {
  test('[T1 T2 O37] eight tools get everything from one registry in one step', async () => {
    const { haal, project } = await workshop()
    const { stderr } = await haal(installAll).succeeds()
    const text = project.read('.haal/skills/review/skill.md')
    for (const folder of ['.claude/skills', '.cursor/skills', '.windsurf/skills', '.kiro/skills', '.agents/skills']) {
      await project.has({ [`${folder}/review/SKILL.md`]: text })
      await project.lacks(`${folder}/review/skill.md`)
      expect(project.tree(folder)['review/scripts/check.sh']).toMatch(/^file 755 /)
    }
    const agent = project.read('.haal/agents/reviewer.md')
    await project.has({
      '.claude/agents/reviewer.md': agent,
      '.github/agents/reviewer.agent.md': agent,
      '.cursor/agents/reviewer.md': agent,
      '.kiro/agents/reviewer.md': '---\nname: "reviewer"\ndescription: "Reads"\ntools: ["read"]\n---\n\nYou read.\n',
      '.codex/agents/reviewer.toml':
        'name = "reviewer"\ndescription = "Reads"\nsandbox_mode = "read-only"\ndeveloper_instructions = """\nYou read.\n"""\n',
      '.gemini/agents/reviewer.md':
        '---\nname: "reviewer"\ndescription: "Reads"\ntools: ["read_file", "grep_search"]\n---\n\nYou read.\n',
      '.opencode/agents/reviewer.md':
        /^---\ndescription: "Reads"\nmode: subagent\ntools: \{ .*"write": false.* \}\n---\n\nYou read\.\n$/,
    })
    const command = project.read('.haal/commands/release.md')
    await project.has({
      '.claude/commands/release.md': command,
      '.github/prompts/release.prompt.md': command,
      '.cursor/commands/release.md': command,
      '.windsurf/workflows/release.md': command,
      '.opencode/commands/release.md': command,
      '.kiro/steering/release.md': '---\ninclusion: manual\ndescription: "Release"\n---\n\nRelease $ARGUMENTS.\n',
      '.gemini/commands/release.toml': 'description = "Release"\nprompt = """\nRelease {{args}}.\n"""\n',
    })
    await project.has({
      '.claude/rules/tests.md': '---\npaths: ["**/*.ts", "test/**"]\n---\n\nTest first.\n',
      '.cursor/rules/tests.mdc':
        '---\ndescription: "How to: test"\nglobs: "**/*.ts,test/**"\nalwaysApply: false\n---\n\nTest first.\n',
      '.windsurf/rules/tests.md':
        '---\ntrigger: glob\ndescription: "How to: test"\nglobs: "**/*.ts,test/**"\n---\n\nTest first.\n',
      '.kiro/steering/tests.md':
        '---\ninclusion: fileMatch\nfileMatchPattern: ["**/*.ts", "test/**"]\n---\n\nTest first.\n',
      '.github/instructions/tests.instructions.md': project.read('.haal/rules/tests.md'),
    })
    const server = { command: 'npx', args: ['-y', 'docs'] }
    const other = { ...server, env: { KEY: '${env:DOCS_KEY}' } }
    const plain = { ...server, env: { KEY: '${DOCS_KEY}' } }
    await project.has({
      '.mcp.json': { mcpServers: { docs: plain } },
      '.cursor/mcp.json': { mcpServers: { docs: other } },
      '.vscode/mcp.json': { servers: { docs: { type: 'stdio', ...other } } },
      '.kiro/settings/mcp.json': { mcpServers: { docs: plain } },
      'opencode.json': {
        mcp: {
          docs: {
            type: 'local',
            command: ['npx', '-y', 'docs'],
            environment: { KEY: '{env:DOCS_KEY}' },
            enabled: true,
          },
        },
      },
      '.codex/config.toml':
        '[mcp_servers.docs]\ncommand = "npx"\nargs = ["-y", "docs"]\nenv = { KEY = "${DOCS_KEY}" }\n',
    })
    const run = (root: string) => ({ type: 'command', command: `"${root}.haal/hooks/guard/guard.sh"`, timeout: 5 })
    const tidy = (root: string) => ({ type: 'command', command: `"${root}.haal/plugins/tidy/tidy.sh"` })
    const upwards = (home: string) => `$(sh -c 'until [ -e ${home} ] || [ . -ef / ]; do cd ..; done; pwd')/`
    await project.has({
      '.claude/settings.json': { hooks: { PreToolUse: [{ matcher: 'Bash', hooks: [run('${CLAUDE_PROJECT_DIR}/')] }] } },
      '.codex/hooks.json': {
        hooks: {
          PreToolUse: [{ matcher: 'Bash', hooks: [run(upwards('.haal/hooks/guard'))] }],
          Stop: [{ hooks: [tidy(upwards('.haal/plugins/tidy'))] }],
        },
      },
      '.gemini/settings.json': {
        mcpServers: { docs: plain },
        hooks: {
          BeforeTool: [{ matcher: 'run_shell_command', hooks: [{ ...run('$GEMINI_PROJECT_DIR/'), timeout: 5000 }] }],
          AfterAgent: [{ hooks: [tidy('$GEMINI_PROJECT_DIR/')] }],
        },
      },
      '.cursor/hooks.json': {
        version: 1,
        hooks: {
          preToolUse: [{ command: '.haal/hooks/guard/guard.sh', matcher: 'Shell', timeout: 5 }],
          stop: [{ command: '.haal/plugins/tidy/tidy.sh' }],
        },
      },
      '.windsurf/hooks.json': {
        hooks: {
          pre_run_command: [{ command: '.haal/hooks/guard/guard.sh' }],
          post_cascade_response: [{ command: '.haal/plugins/tidy/tidy.sh' }],
        },
      },
      '.github/hooks/guard.json': {
        version: 1,
        hooks: {
          preToolUse: [{ type: 'command', matcher: 'bash', bash: '.haal/hooks/guard/guard.sh', timeoutSec: 5 }],
        },
      },
      '.kiro/hooks/guard.kiro.hook': /"toolTypes": \[\s+"shell"\s+\]/,
    })
    expect(project.tree('.claude/skills/tidy')).toEqual(project.tree('.haal/plugins/tidy'))
    await project.has({
      '.cursor/skills/sweep/SKILL.md': project.read('.haal/plugins/tidy/skills/sweep/SKILL.md'),
      '.cursor/agents/sweeper.md': project.read('.haal/plugins/tidy/agents/sweeper.md'),
      '.cursor/commands/tidy.md': markdown({ description: 'Tidy' }, 'Run .haal/plugins/tidy/tidy.sh.'),
    })
    expect(stderr).toContain('no place for rules (tests) in codex, gemini, opencode [')
    expect(stderr).toContain('no place for mcp (docs) in windsurf; only with --global [')
    expect(stderr).toContain('no place for hooks (guard, tidy) in opencode [')
  })

  test('[T2 U3] of a plugin that has nothing for most tools that is told in a sentence, however many they are', async () => {
    const { folder, haal, project } = await world()
    await folder('acme', { 'plugins/lsp/.claude-plugin/plugin.json': { name: 'lsp', version: '1.0.0' } })
    const targets = 'claude cursor kiro codex gemini roo junie augment factory goose qwen'.split(' ')
    await project.write({ 'haal.json': { ...project.json<object>('haal.json'), targets } })
    expect((await haal('install lsp').succeeds()).stderr).toContain(
      'plugin lsp: it has no skills, agents, commands, hooks or MCP servers (for cursor, kiro, codex, gemini, roo and 5 more; see --verbose) [',
    )
  })

  test('[T2 L7] what a tool has no place for is told when it comes, and not again by commands that do not touch it', async () => {
    const { haal, project } = await workshop(['claude', 'codex', 'opencode'])
    const first = await haal('install tests guard --approve *').succeeds()
    expect(first.stderr).toContain('no place for rules (tests) in codex, opencode [')
    expect(first.stderr).toContain('no place for hooks (guard) in opencode [')
    expect((await haal('install').changesNothing()).stderr).toBe('')
    await project.remove('.claude/rules/tests.md')
    expect((await haal('install').succeeds()).stderr).toBe('')
    expect((await haal('install release').succeeds()).stderr).not.toContain('(tests)')
    expect((await haal('uninstall release guard --yes').succeeds()).stderr).toBe('')
    expect((await haal('target remove codex').succeeds()).stderr).toBe('')
    const again = await haal('target add codex').succeeds()
    expect(again.stderr).toContain('no place for rules (tests) in codex [')
  })

  test('[T2] a tool that haal.json names by now is told of for what was there, too', async () => {
    const { haal, project } = await workshop(['claude'])
    await haal('install review tests').succeeds()
    await project.write({ 'haal.json': { ...project.json<object>('haal.json'), targets: ['claude', 'codex'] } })
    const { stdout, stderr } = await haal('install').succeeds()
    expect(stdout).toMatch(/^~ skill\/review +\S+ +now for codex \(acme\)$/m)
    expect(stderr).toContain('no place for rules (tests) in codex [')
  })

  test('[T2] a place or a name that another artifact has already is told with both', async () => {
    const { folder, haal, project } = await world()
    const server = (command: string) => ({ mcpServers: { docs: { command } } })
    await folder('acme', {
      'mcp/one/mcp.json': server('one'),
      'mcp/two/mcp.json': server('two'),
      'plugins/a/commands/help.md': 'a',
      'plugins/b/commands/help.md': 'b',
    })
    await project.write({ 'haal.json': { ...project.json<object>('haal.json'), targets: ['claude', 'cursor'] } })
    const { stderr } = await haal(installAll).succeeds()
    expect(stderr).toContain(
      'mcp/two does not get .mcp.json (mcpServers.docs), .cursor/mcp.json (mcpServers.docs): mcp/one has it already',
    )
    expect(stderr).toContain(
      'plugin/b does not get .claude/commands/help.md, .cursor/commands/help.md: plugin/a has it already',
    )
  })

  test('[T1 T5] after install and uninstall the whole tree is byte for byte what it was', async () => {
    const { haal, project } = await workshop(tools, {
      '.mcp.json': '{\r\n\t// mine\r\n\t"mcpServers": {\r\n\t\t"own": { "command": "x" }, // keep\r\n\t},\r\n}\r\n',
      '.cursor/hooks.json': '{ "version": 1, "hooks": { "stop": [ { "command": "./own.sh" } ] } }',
      '.vscode/mcp.json': '{"servers":{}}',
      '.claude/settings.json': '{\n    "model": "opus",\n    "hooks": {}\n}',
      '.gemini/settings.json': '{}\n',
      '.codex/config.toml': '# mine\nmodel = "x"\n[mcp_servers.own]\ncommand = "x" # keep',
      'opencode.json': '{\n  "$schema": "https://opencode.ai/config.json"\n}\n',
      'AGENTS.md': 'mine\n',
      '.github/copilot-instructions.md': 'mine\n',
      '.windsurf/rules/own.md': 'mine\n',
      '.kiro/steering/.keep': '',
    })
    const before = outside(project)
    await haal(installAll).succeeds()
    await project.has({ 'AGENTS.md': 'mine\n', '.github/copilot-instructions.md': 'mine\n' })
    expect(outside(project)).not.toEqual(before)
    await haal('uninstall * --yes').succeeds()
    expect(outside(project)).toEqual(before)
  })

  test('[T1] empty folders that were there stay, and those that came go', async () => {
    const { haal, project } = await workshop(['claude', 'cursor'])
    await project.write({ '.claude/x': '', '.cursor/skills/x': '' })
    await project.remove('.claude/x', '.cursor/skills/x')
    const before = outside(project)
    await haal(installAll).succeeds()
    await haal('uninstall * --yes').succeeds()
    expect(outside(project)).toEqual(before)
  })

  test.each(['files', 'folders'])('[T1 O3] folders go, too, whose %s a person has deleted by hand', async (what) => {
    const { haal, project } = await workshop(['claude', 'cursor', 'codex'], { '.cursor/own.md': 'mine' })
    await haal(installAll).succeeds()
    const files = Object.keys(project.tree()).filter((at) => /^\.[^/]+\/(?!\.state|own)[^/]+\/./.test(at))
    const placed = what === 'folders' ? files : files.filter((at) => project.tree()[at]?.startsWith('file'))
    await project.remove(
      ...placed.toReversed(),
      '.mcp.json',
      '.claude/settings.json',
      '.cursor/mcp.json',
      '.codex/config.toml',
    )
    await haal('uninstall * --yes').succeeds()
    expect(Object.keys(outside(project))).toEqual(['.cursor', '.cursor/own.md'])
    expect(project.tree('.haal')).not.toHaveProperty('skills')
  })
})

describe('what is installed is carried along', () => {
  test('[T1 L7] one after another or all at once: the same lockfile is the same bytes', async () => {
    const { folder, haal, project } = await workshop(['claude', 'cursor', 'codex', 'gemini'])
    await folder('more', { 'mcp/api/mcp.json': { mcpServers: { api: { command: 'api' } } } })
    for (const name of ['plugin/tidy', 'mcp/docs', 'mcp/api', 'hook/guard'])
      await haal(`install ${name} --approve * --yes`).succeeds()
    const slowly = outside(project)
    await project.remove(...Object.keys(slowly).filter((at) => !at.includes('/')), '.haal')
    await haal('install --frozen --approve * --yes').succeeds()
    expect(outside(project)).toEqual(slowly)
  })

  test('[T1] update and rollback bring every tool the bytes of the time', async () => {
    const { folder, haal, project } = await world()
    const acme = await folder('acme', everyKind)
    await project.write({ 'haal.json': { ...project.json<object>('haal.json'), targets: tools } })
    await haal(installAll).succeeds()
    const first = project.tree()
    const [command, server] = ['${CLAUDE_PLUGIN_ROOT}/guard.sh', { command: 'npx', args: ['-y', 'docs'] }]
    await acme.write({
      'skills/review/skill.md': skill('review', 'v2'),
      'rules/tests.md': markdown({ applyTo: '**' }, 'Test always.'),
      'mcp/docs/mcp.json': { mcpServers: { docs: server, more: { url: 'https://more.example.com' } } },
      'hooks/guard/hooks.json': { hooks: { PreToolUse: [{ hooks: [{ type: 'command', command }] }] } },
      'plugins/tidy/skills/sweep/SKILL.md': null,
      'plugins/tidy/skills/mop/SKILL.md': skill('mop'),
    })
    await haal('update --approve * --yes').succeeds()
    await project.has({
      '.agents/skills/review/SKILL.md': /v2/,
      '.cursor/rules/tests.mdc': '---\nalwaysApply: true\n---\n\nTest always.\n',
      '.mcp.json': { mcpServers: { docs: server, more: { type: 'http', url: 'https://more.example.com' } } },
      '.claude/settings.json': /"PreToolUse": \[\s+\{\s+"hooks"/,
      '.cursor/skills/mop/SKILL.md': /mop/,
    })
    await project.lacks('.cursor/skills/sweep', '.claude/skills/tidy/skills/sweep')
    await haal('rollback --yes').succeeds()
    const state = /^\.haal\/\.state/
    const without = (tree: Record<string, string>) =>
      Object.fromEntries(Object.entries(tree).filter(([at]) => !state.test(at)))
    expect(without(project.tree())).toEqual(without(first))
  })

  test('[T1 L7] a second install changes nothing, and a second clone gets the same from the lockfile', async () => {
    const { haal, project } = await workshop()
    await haal(installAll).succeeds()
    await haal('install').changesNothing()
    await haal('install --frozen').changesNothing()
    const before = project.tree()
    await project.remove(
      '.haal',
      '.claude',
      '.cursor',
      '.windsurf',
      '.kiro',
      '.codex',
      '.gemini',
      '.opencode',
      '.github',
      '.agents',
      '.vscode',
      '.mcp.json',
      'opencode.json',
    )
    await haal('install --frozen --approve *').succeeds()
    const state = /^\.haal\/\.state/
    const without = (tree: Record<string, string>) =>
      Object.fromEntries(Object.entries(tree).filter(([at]) => !state.test(at)))
    expect(without(project.tree())).toEqual(without(before))
  })

  test('[T1] targets that change in haal.json move what is installed', async () => {
    const { haal, project } = await workshop(['claude'])
    await haal('install review tests').succeeds()
    await project.has({ '.claude/skills/review/SKILL.md': /v1/ })
    await project.write({ 'haal.json': { ...project.json<object>('haal.json'), targets: ['cursor', 'codex'] } })
    const { changes } = await haal('install').json<{ changes: { action: string; artifact: string }[] }>()
    expect(changes.map(({ action, artifact }) => `${action} ${artifact}`)).toEqual([
      'update rule/tests',
      'update skill/review',
    ])
    await project.lacks('.claude')
    await project.has({ '.cursor/skills/review/SKILL.md': /v1/, '.agents/skills/review/SKILL.md': /v1/ })
  })

  test('[T1] haal target add and remove do the same, and say what a tool cannot have', async () => {
    const { haal, project } = await workshop([])
    await haal('install review tests').succeeds()
    const before = outside(project)
    const { stdout, stderr } = await haal('target add codex cursor').succeeds()
    expect(stdout).toMatch(/^~ rule\/tests +\S+ +now for cursor \(acme\)$/m)
    expect(stdout).toMatch(/^~ skill\/review +\S+ +now for codex, cursor \(acme\)$/m)
    expect(stdout).toMatch(/^targets: codex, cursor$/m)
    expect(stderr).toContain('no place for rules (tests) in codex [')
    expect(project.json('haal.json').targets).toEqual(['codex', 'cursor'])
    await project.has({ '.agents/skills/review/SKILL.md': /v1/, '.cursor/rules/tests.mdc': /Test first/ })
    await haal('target remove codex cursor').succeeds()
    expect(outside(project)).toEqual(before)
    expect(project.json('haal.json').targets).toBe(undefined)
    await haal('target remove codex').fails('E_NOT_FOUND', 3)
    await haal('target add cursr').fails('E_CONFIG', 2)
  })

  test('[O32 T1] a rollback names the tools of the time in haal.json, and the next install leaves it so', async () => {
    const { haal, project } = await workshop(['claude', 'codex'])
    await haal('install review').succeeds()
    const before = outside(project)
    await haal('target remove codex').succeeds()
    const without = outside(project)
    await haal('rollback --yes').succeeds()
    expect(project.json('haal.json').targets).toEqual(['claude', 'codex'])
    expect(outside(project)).toEqual(before)
    await haal('install').changesNothing()
    await haal('rollback --yes').succeeds()
    expect(project.json('haal.json').targets).toEqual(['claude'])
    expect(outside(project)).toEqual(without)
  })

  test('[O32 T1] a rollback to what haal init made has the tools that were named there', async () => {
    const { haal, folder, project, root } = await world()
    const acme = await folder('acme', { 'skills/review/SKILL.md': skill('review') }, { listed: false })
    await root.write({ 'project/haal.json': null })
    await haal(`init --registry ${acme.path} --target claude`).succeeds()
    await haal('install review').succeeds()
    await haal('rollback --to 1 --yes').succeeds()
    expect(project.json('haal.json').targets).toEqual(['claude'])
    await project.lacks('.claude/skills')
    await haal('install review').succeeds()
    await project.has({ '.claude/skills/review/SKILL.md': /review/ })
  })

  test('[L9 T1] one artifact that goes back is given to the tools of today', async () => {
    const { haal, folder, project } = await world()
    const acme = await folder('acme', { 'skills/review/SKILL.md': skill('review', 'v1') })
    await haal('target add claude').succeeds()
    await haal('install review').succeeds()
    await acme.write({ 'skills/review/SKILL.md': skill('review', 'v2') })
    await haal('update').succeeds()
    await haal('target add cursor').succeeds()
    await haal('rollback review --yes').succeeds()
    await project.has({ '.claude/skills/review/SKILL.md': /v1/, '.cursor/skills/review/SKILL.md': /v1/ })
    await haal('install').changesNothing()
  })

  test('[T3] haal init finds the tools of a project and names them', async () => {
    const { haal, project } = await world()
    await project.write({ '.cursor/rules/own.mdc': '', 'CLAUDE.md': '', '.github/prompts/own.prompt.md': '' })
    const { targets } = await haal('init').json<{ targets: string[] }>()
    expect(targets).toEqual(['claude', 'copilot', 'cursor'])
    expect(project.json('haal.json').targets).toEqual(['claude', 'copilot', 'cursor'])
    const { tools: rows } = await haal('target list').json<{
      tools: { name: string; used: boolean; found: boolean }[]
    }>()
    expect(rows.filter(({ used, found }) => used && found).map(({ name }) => name)).toEqual([
      'claude',
      'copilot',
      'cursor',
    ])
  })

  test('[T3] a folder that tools share and haal has filled is no sign of one more tool', async () => {
    const { folder, haal } = await world()
    await folder('acme', { 'skills/review/SKILL.md': skill('review') })
    await haal('target add codex').succeeds()
    await haal('install review').succeeds()
    const { stdout } = await haal('target list').succeeds()
    expect(stdout).toMatch(/^\* {2}codex /m)
    expect(stdout).not.toContain('found here')
  })

  test('[T3] on a terminal haal init offers them, marked', async () => {
    const { haal, project } = await world()
    await project.write({ '.cursor/rules/own.mdc': '', 'CLAUDE.md': '' })
    const terminal = haal('init').terminal()
    await terminal.until('which tools shall find what is installed?')
    terminal.type(' ', '\r')
    await terminal.outcome
    expect(project.json('haal.json').targets).toEqual(['cursor'])
  })

  test('[O28 T5] an item that a person has deleted is missing, though another of haal’s runs the same command', async () => {
    const runs = (matcher: string) => ({
      hooks: { PreToolUse: [{ matcher, hooks: [{ type: 'command', command: 'lint' }] }] },
    })
    const { haal, project } = await workshop(['claude'])
    await project.write({
      '../folders/acme/hooks/one/hooks.json': runs('Bash'),
      '../folders/acme/hooks/two/hooks.json': runs('Edit'),
    })
    await haal('install hook/one hook/two --approve * --yes').succeeds()
    const settings = project.json<{ hooks: { PreToolUse: { matcher: string }[] } }>('.claude/settings.json')
    const left = settings.hooks.PreToolUse.filter(({ matcher }) => matcher === 'Edit')
    await project.write({ '.claude/settings.json': { hooks: { PreToolUse: left } } })
    const { stdout } = await haal('verify --json').outcome()
    expect(JSON.parse(stdout).result.problems).toEqual([
      { artifact: 'hook/one', path: '.claude/settings.json', problem: 'missing' },
    ])
    await haal('install').succeeds()
    await haal('verify').succeeds()
  })

  test('[T1] links lead to .haal where haal.json asks for them, and become copies again', async () => {
    const { haal, project } = await workshop(['claude', 'cursor'])
    await project.write({ 'haal.json': { ...project.json<object>('haal.json'), link: true } })
    await haal(installAll).succeeds()
    expect(project.tree()).toMatchObject({
      '.cursor/skills/sweep': 'link ../../.haal/plugins/tidy/skills/sweep',
      '.claude/skills/tidy': 'link ../../.haal/plugins/tidy',
    })
    await project.has({ '.claude/skills/review/SKILL.md': /v1/ })
    await haal('verify').succeeds()
    await project.write({ 'haal.json': { ...project.json<object>('haal.json'), link: false } })
    await haal('install').succeeds()
    expect(project.tree('.cursor/skills/sweep')).toEqual(project.tree('.haal/plugins/tidy/skills/sweep'))
    await haal('uninstall * --yes').succeeds()
    expect(outside(project)).toEqual({})
  })

  test('[T1 L20] for the user things go where the tools’ own variables say', async () => {
    const { haal, home, root } = await world()
    await home.write({
      '.claude.json': '{ "theme": "dark" }',
      'haal.json': {
        targets: ['claude', 'codex', 'gemini'],
        registries: [{ name: 'acme', location: root.at('acme') }],
      },
    })
    await root.below('acme').write(everyKind)
    const before = home.read('.claude.json')
    await haal(`${installAll} --global`).succeeds()
    await home.has({
      '.claude.json': /"docs"/,
      '.claude/skills/review/SKILL.md': /v1/,
      '.codex/prompts/release.md': /Release/,
      '.gemini/skills/review/SKILL.md': /v1/,
    })
    expect(home.json('.claude/settings.json')).toMatchObject({
      hooks: { PreToolUse: [{ hooks: [{ command: `${home.path}/.haal/hooks/guard/guard.sh` }] }] },
    })
    await haal('uninstall * --yes --global').succeeds()
    expect(home.read('.claude.json')).toBe(before)
    await home.lacks('.claude', '.codex', '.gemini', '.agents')
    const env = { CLAUDE_CONFIG_DIR: root.at('moved/claude'), CODEX_HOME: root.at('moved/codex') }
    await haal(`${installAll} --global`, { env }).succeeds()
    await root.has({
      'moved/claude/skills/review/SKILL.md': /v1/,
      'moved/claude/.claude.json': /"docs"/,
      'moved/codex/skills/review/SKILL.md': /v1/,
      'moved/codex/config.toml': /docs/,
    })
    const modified = async () =>
      (await haal('list --global', { env }).succeeds()).stdout.match(/^\S+(?=.* modified$)/gm)
    expect(await modified()).toBeNull()
    const moved = 'moved/codex/skills/review/SKILL.md'
    const text = root.read(moved)
    await root.write({ [moved]: 'mine' })
    expect(await modified()).toEqual(['skill/review'])
    await root.write({ [moved]: text })
    await haal('uninstall * --yes --global', { env }).succeeds()
    expect(root.tree('moved/claude/skills')).toEqual({})
    expect(home.read('.claude.json')).toBe(before)
    await haal(`${installAll} --global`, { env }).succeeds()
    await root.remove('moved')
    await haal('uninstall * --yes --global', { env }).succeeds()
    await root.lacks('moved')
  })
})

describe('what belongs to a person', () => {
  test('[T4 L16] a file of theirs at a place is a conflict, and stays', async () => {
    const { haal, project } = await workshop(['cursor'], { '.cursor/rules/tests.mdc': 'mine' })
    await haal('install tests').fails('E_CONFLICT', 4)
    await haal('install tests --force').succeeds()
    await project.has({
      '.haal/.state/saved/1/.cursor/rules/tests.mdc': 'mine',
      '.cursor/rules/tests.mdc': /Test first/,
    })
  })

  test('[T4 T5] a server of theirs with the same name is a conflict, and stays', async () => {
    const mine = '{ "mcpServers": { "docs": { "command": "mine" } } }'
    const { haal, project } = await workshop(['claude'], { '.mcp.json': mine })
    const { stderr } = await haal('install mcp/docs --approve *').fails('E_CONFLICT', 4)
    expect(stderr).toMatch(
      /^error: \.mcp\.json has mcpServers\.docs of yours\n {2}hint: take yours out, or rename it; /,
    )
    await haal('install mcp/docs --approve * --force').succeeds()
    await project.has({ '.haal/.state/saved/1/.mcp.json': mine, '.mcp.json': /"npx"/ })
  })

  test.each([
    ['.mcp.json', 'claude', '{ "mcpServers": {'],
    ['.codex/config.toml', 'codex', 'a = = 1\n'],
    ['.cursor/mcp.json', 'cursor', 'nonsense'],
  ])('[T5] %s that does not parse is an error, never replaced', async (file, tool, text) => {
    const { haal, project } = await workshop([tool], { [file]: text })
    await haal('install mcp/docs --approve *').fails('E_CONFLICT', 4)
    await project.has({ [file]: text })
  })

  test.skipIf(process.platform === 'win32')(
    '[T5] a shared file that is a link to nothing is told as that',
    async () => {
      const { haal, project } = await workshop(['claude'], { '.mcp.json': { link: 'gone.json' } })
      const { stderr } = await haal('install mcp/docs --approve *').fails('E_CONFLICT', 4)
      expect(stderr).toContain('.mcp.json is a link that leads nowhere')
      expect(project.tree()['.mcp.json']).toMatch(/^link/)
    },
  )

  test('[T5 O3] their edits of a value and of a copy stay when the artifact goes, and are told', async () => {
    const { haal, project } = await workshop(['claude', 'cursor'])
    await haal(installAll).succeeds()
    await project.write({
      '.mcp.json': { mcpServers: { docs: { command: 'edited' } } },
      '.cursor/rules/tests.mdc': 'edited',
      '.cursor/skills/review/mine.md': 'mine',
    })
    const { stdout } = await haal('verify').outcome()
    for (const at of ['.mcp.json', '.cursor/rules/tests.mdc', '.cursor/skills/review/mine.md'])
      expect(stdout).toContain(at)
    const { stderr } = await haal('uninstall * --yes').succeeds()
    expect(stderr).toContain('.mcp.json (mcpServers.docs)')
    expect(Object.keys(outside(project)).filter((at) => project.tree()[at]?.startsWith('file'))).toEqual([
      '.cursor/rules/tests.mdc',
      '.cursor/skills/review/mine.md',
      '.mcp.json',
    ])
  })

  test('[L19 T5] haal diff shows their edits of a copy, of a tool’s own form and of a value in a shared file', async () => {
    const { haal, project } = await workshop(['claude', 'cursor', 'codex'], { '.mcp.json': '{ "own": 1 }\n' })
    await haal(installAll).succeeds()
    expect((await haal('diff').changesNothing()).stdout).toBe('')
    const edited = (at: string, from: string, to: string) => project.write({ [at]: project.read(at).replace(from, to) })
    await edited('.claude/skills/review/SKILL.md', 'v1', 'mine')
    await edited('.cursor/rules/tests.mdc', 'Test first.', 'Test last.')
    await edited('.mcp.json', '"npx"', '"pnpx"')
    await edited('.codex/config.toml', '"npx"', '"pnpx"')
    const { stdout } = await haal('diff').changesNothing()
    expect(stdout).toMatch(/^\+\+\+ b\/\.claude\/skills\/review\/SKILL\.md[\s\S]*?^-v1\n\+mine$/m)
    expect(stdout).toMatch(/^\+\+\+ b\/\.cursor\/rules\/tests\.mdc[\s\S]*?^-Test first\.\n\+Test last\.$/m)
    expect(stdout).toMatch(/^\+\+\+ b\/\.mcp\.json[\s\S]*?^-.*"own": 1.*"npx".*\n\+.*"own": 1.*"pnpx".*$/m)
    expect(stdout).toMatch(/^\+\+\+ b\/\.codex\/config\.toml[\s\S]*?^-command = "npx"\n\+command = "pnpx"$/m)
    const { artifacts } = (await haal('diff mcp/docs --json').json()) as { artifacts: { artifact: string }[] }
    expect(artifacts.map(({ artifact }) => artifact)).toEqual(['mcp/docs'])
  })

  test('[O5 T5] list and info say what they have edited or removed in the folders of tools, and no more once it is back', async () => {
    const { haal, project } = await workshop(['claude', 'cursor', 'codex'])
    await haal(installAll).succeeds()
    type State = { artifact: string; modified: boolean; missing?: boolean }
    const touched = async (how: 'modified' | 'missing') => {
      const { artifacts } = (await haal('list').json()) as { artifacts: State[] }
      return artifacts.filter((one) => one[how]).map(({ artifact }) => artifact)
    }
    const stateOf = async (name: string) => {
      const { modified, missing = false } = (await haal(`info ${name}`).json()) as State
      return { modified, missing }
    }
    expect(await touched('modified')).toEqual([])
    expect(await stateOf('mcp/docs')).toEqual({ modified: false, missing: false })
    const places = ['.claude/skills/review/SKILL.md', '.cursor/rules/tests.mdc', '.mcp.json', '.codex/config.toml']
    const texts = Object.fromEntries(places.map((at) => [at, project.read(at)]))
    await project.write({ '.claude/skills/review/SKILL.md': 'mine', '.mcp.json': '{}\n' })
    await project.remove('.cursor/rules/tests.mdc')
    for (const _ of [1, 2]) {
      expect(await touched('modified')).toEqual(['skill/review'])
      expect(await touched('missing')).toEqual(['mcp/docs', 'rule/tests'])
    }
    expect(await stateOf('skill/review')).toEqual({ modified: true, missing: false })
    for (const name of ['mcp/docs', 'rule/tests'])
      expect(await stateOf(name)).toEqual({ modified: false, missing: true })
    await project.remove('.cursor/skills/review')
    expect(await stateOf('skill/review')).toEqual({ modified: true, missing: true })
    expect((await haal('list').succeeds()).stdout).toMatch(/^skill\/review .* modified, missing$/m)
    await haal('install').succeeds()
    await project.write({ ...texts, '.codex/config.toml': `# mine\n${texts['.codex/config.toml']}` })
    expect(await touched('modified')).toEqual([])
    expect(await touched('missing')).toEqual([])
    expect(await stateOf('skill/review')).toEqual({ modified: false, missing: false })
  })

  test('[T1 F1] a copy that list has found where haal.json asks for a link becomes one with the next install', async () => {
    const { haal, project } = await workshop(['cursor'])
    await project.write({ 'haal.json': { ...project.json<object>('haal.json'), link: true } })
    await haal('install tidy --approve * --yes').succeeds()
    const place = '.cursor/skills/sweep'
    const linked = project.tree('.cursor')
    expect(linked['skills/sweep']).toMatch(/^link /)
    await project.remove(place)
    await project.write({ [`${place}/SKILL.md`]: project.read('.haal/plugins/tidy/skills/sweep/SKILL.md') })
    for (const _ of [1, 2]) expect((await haal('list').succeeds()).stdout).not.toContain('modified')
    await haal('install').succeeds()
    expect(project.tree('.cursor')).toEqual(linked)
  })

  test('[T1] a place that haal.lock names and haal does not use is left alone', async () => {
    const { haal, project } = await workshop(['claude'], { 'src/SKILL.md': 'mine', 'src/index.ts': 'mine' })
    await haal('install review').succeeds()
    const lock = project.read('haal.lock').replace('claude:.claude/skills/review', 'claude:src')
    await project.write({ 'haal.lock': lock })
    await haal('uninstall review --yes --force').succeeds()
    await project.has({ 'src/SKILL.md': 'mine', 'src/index.ts': 'mine' })
  })

  test.each(['claude:../../home/.bashrc', 'claude:/etc/passwd', 'claude:.git/config', 'claude:a/../../b'])(
    '[T1 S5] hostile L10: haal.lock with the place %s is refused',
    async (place) => {
      const { haal, home, project } = await workshop(['claude'])
      await home.write({ '.bashrc': 'mine' })
      await haal('install review').succeeds()
      await project.write({ 'haal.lock': project.read('haal.lock').replace('claude:.claude/skills/review', place) })
      await haal('uninstall review --yes').fails('E_LOCK_PATH', 2)
      await home.has({ '.bashrc': 'mine' })
    },
  )

  test('[P6] a tool that policy does not allow gets nothing', async () => {
    const { haal, project } = await workshop(['claude', 'cursor'])
    await project.write({
      'haal.json': { ...project.json<object>('haal.json'), policy: 'policy.json' },
      'policy.json': { policyVersion: 1, name: 'acme', version: 1, targets: { allow: ['claude'] } },
    })
    await haal('install review').fails('E_POLICY_TARGET', 5)
  })

  test('[P6 T3] nor is it named in haal.json, and init leaves it out', async () => {
    const { haal, project, store } = await world()
    await store.write({ 'policy.json': onlyClaude })
    await haal('target add claude cursor').fails('E_POLICY_TARGET', 5)
    await project.write({ 'haal.json': null, '.cursor/rules/own.mdc': '', 'CLAUDE.md': '' })
    await haal('init --target cursor').fails('E_POLICY_TARGET', 5)
    expect((await haal('init --dry-run').json<{ targets: string[] }>()).targets).toEqual(['claude'])
    const terminal = haal('init').terminal()
    await terminal.until('cursor is not in the list of allowed tools')
    terminal.type('\r')
    await terminal.outcome
    expect(project.json('haal.json').targets).toEqual(['claude'])
  })

  test('[P6 T1] one that haal.json names already can be taken out', async () => {
    const { haal, store } = await workshop(['cursor'])
    await store.write({ 'policy.json': onlyClaude })
    await haal('target remove cursor').succeeds()
    await haal('target add claude').succeeds()
  })
})

const onlyClaude = { policyVersion: 1, targets: { allow: ['claude'] } }

describe('a copy for a tool', () => {
  test('[O4 T1] lies where the tool reads it, in its form, and stays when haal.json knows no tool', async () => {
    const { haal, project } = await workshop([])
    await haal('install review tests').succeeds()
    await haal('copy review claude').succeeds()
    await haal('copy tests cursor --as mine').succeeds()
    await project.has({ '.claude/skills/review/SKILL.md': /v1/, '.cursor/rules/mine.mdc': /alwaysApply: false/ })
    await haal('install').changesNothing()
    await haal('copy review claude').fails('E_CONFLICT', 4)
    await haal('copy tests cursor --as mine').fails('E_CONFLICT', 4)
    await haal('uninstall * --yes').succeeds()
    await project.has({ '.claude/skills/review/SKILL.md': /v1/ })
  })

  test('[O4 T1] comes straight from a registry, in parts where the tool knows no plugins', async () => {
    const { haal, project } = await workshop([])
    await haal('copy tidy cursor').fails('E_USAGE', 2)
    await haal('copy skill/review copilot').succeeds()
    await project.has({ '.agents/skills/review/SKILL.md': /v1/ })
    await project.lacks('.haal/skills', 'haal.lock')
  })

  test('[O4 T1] of a hook that runs files of its own stands only where these are installed', async () => {
    const { folder, haal, project } = await world()
    const command = '${CLAUDE_PLUGIN_ROOT}/run.sh'
    const hooks = { hooks: { Stop: [{ hooks: [{ type: 'command', command }] }] } }
    await folder('acme', { 'hooks/guard/hooks.json': hooks, 'hooks/guard/run.sh': 'echo ok\n' })
    const { stderr } = await haal('copy guard copilot').fails('E_USAGE', 2)
    expect(stderr).toContain('runs files in .haal/hooks/guard, where nothing is installed')
    await haal('install guard').succeeds()
    await haal('copy guard copilot').succeeds()
    await project.has({ '.github/hooks/guard.json': /"\.haal\/hooks\/guard\/run\.sh"/ })
  })

  test('[O4 T2 P6] is refused where the tool has no place, or policy does not allow it', async () => {
    const { haal, project } = await workshop([])
    await haal('copy tests codex').fails('E_USAGE', 2)
    await haal('copy mcp/docs claude').fails('E_USAGE', 2)
    await project.write({
      'haal.json': { ...project.json<object>('haal.json'), policy: 'policy.json' },
      'policy.json': { policyVersion: 1, name: 'acme', version: 1, targets: { allow: ['claude'] } },
    })
    await haal('copy review cursor').fails('E_POLICY_TARGET', 5)
  })

  test('[O4 P3 P6] in a folder that only tools read which policy does not allow is refused, however that is written', async () => {
    const { haal, home, project, store } = await workshop([])
    await store.write({ 'policy.json': { policyVersion: 1, targets: { allow: ['claude', 'codex'] } } })
    await project.write({ '.cursor/skills/own/SKILL.md': 'own\n', linked: { link: '.cursor/skills' } })
    const ways = ['.cursor/skills/', './.cursor/skills/own/../mine', '.CURSOR/skills/mine', 'linked/mine']
    for (const place of [...ways, home.at('.cursor/skills/mine'), '../next/.cursor/skills/mine', 'web/.cursor/skills/'])
      await haal(['copy', 'review', place]).fails('E_POLICY_TARGET', 5)
    await haal('copy tidy .windsurf').fails('E_POLICY_TARGET', 5)
    for (const place of ['.claude/skills/', '.agents/skills/', 'vendor/review', '.cursor-notes', 'web/.claude/skills/'])
      await haal(`copy review ${place}`).succeeds()
  })
})
