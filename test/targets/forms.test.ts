import fc from 'fast-check'
import { parse } from 'smol-toml'
import { describe, expect, test } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { integrity, lacking, material, shown } from './materials.js'

const store = { from: 'store', integrity }

describe('a skill is a folder with SKILL.md', () => {
  test('[T1] as it is, once for all that share a folder', async () => {
    const review = material('skill/review', { 'SKILL.md': 'x', 'a/b.md': 'y' })
    expect(await shown(review, { names: ['claude', 'codex', 'gemini', 'agents'] })).toEqual({
      '.claude/skills/review': store,
      '.agents/skills/review': store,
    })
  })

  test('[T1] under the name that tools look for', async () => {
    const review = material('skill/review', { 'skill.md': 'x' })
    const content = { ...store, rename: { 'skill.md': 'SKILL.md' } }
    expect(await shown(review, { names: ['cursor'] })).toEqual({ '.cursor/skills/review': content })
    expect(await shown(review, { names: ['cursor'], link: true })).toEqual({ '.cursor/skills/review': content })
    const single = material('skill/review', { 'review.md': 'x' })
    expect(await shown(single, { names: ['cursor'] })).toEqual({
      '.cursor/skills/review': { ...store, rename: { 'review.md': 'SKILL.md' } },
    })
  })

  test('[T1] or a link to it', async () => {
    const review = material('skill/review', { 'SKILL.md': 'x' })
    expect(await shown(review, { names: ['cursor'], link: true })).toEqual({
      '.cursor/skills/review': { from: 'link', to: '.haal/skills/review' },
    })
  })
})

describe('one markdown file', () => {
  test.each([
    [{ 'reviewer.md': 'x' }, 'reviewer.md'],
    [{ 'AGENT.md': 'x', 'notes/a.md': 'y' }, 'AGENT.md'],
    [{ 'README.md': 'x', 'agent.md': 'y' }, 'agent.md'],
    [{ 'text.md': 'x', 'data.json': 'y' }, 'text.md'],
  ])('[T1] of %j is %s', async (files, file) => {
    const own = material('agent/reviewer', files)
    expect(await shown(own, { names: ['cursor'] })).toEqual({ '.cursor/agents/reviewer.md': { ...store, file } })
  })

  test('[T2] that cannot be told from others is told', async () => {
    const own = material('agent/reviewer', { 'a.md': 'x', 'b.md': 'y' })
    expect(await lacking(own, { names: ['cursor', 'codex'] })).toEqual([
      'cursor agent reviewer it has no markdown file',
      'codex agent reviewer it has no markdown file',
    ])
  })
})

const rule = (head: string) => material('rule/tests', { 'tests.md': `${head}Body: *this*.\n` })
const all = { names: ['claude', 'copilot', 'cursor', 'windsurf', 'kiro'] }

describe('a rule says in each tool’s words when it holds', () => {
  test('[T1] for files that match', async () => {
    const own = rule('---\ndescription: "How: to #test"\napplyTo: "**/*.{ts,tsx},src/**"\n---\n\n')
    expect(await shown(own, all)).toEqual({
      '.claude/rules/tests.md': '---\npaths: ["**/*.{ts,tsx}", "src/**"]\n---\n\nBody: *this*.\n',
      '.github/instructions/tests.instructions.md': own.read('tests.md').toString(),
      '.cursor/rules/tests.mdc':
        '---\ndescription: "How: to #test"\nglobs: "**/*.{ts,tsx},src/**"\nalwaysApply: false\n---\n\nBody: *this*.\n',
      '.windsurf/rules/tests.md':
        '---\ntrigger: glob\ndescription: "How: to #test"\nglobs: "**/*.{ts,tsx},src/**"\n---\n\nBody: *this*.\n',
      '.kiro/steering/tests.md':
        '---\ninclusion: fileMatch\nfileMatchPattern: ["**/*.{ts,tsx}", "src/**"]\n---\n\nBody: *this*.\n',
    })
  })

  test.each(['', '---\napplyTo: "**"\n---\n', '---\nglobs: "**/*"\n---\n', '---\nalwaysApply: true\n---\n'])(
    '[T1] always, with the head %j',
    async (head) => {
      const own = rule(head)
      expect(await shown(own, { names: ['claude', 'cursor', 'windsurf', 'kiro'] })).toEqual({
        '.claude/rules/tests.md': 'Body: *this*.\n',
        '.cursor/rules/tests.mdc': '---\nalwaysApply: true\n---\nBody: *this*.\n',
        '.windsurf/rules/tests.md': '---\ntrigger: always_on\n---\nBody: *this*.\n',
        '.kiro/steering/tests.md': '---\ninclusion: always\n---\nBody: *this*.\n',
      })
    },
  )

  test.each([['globs: "*.ts"'], ['paths: ["*.ts"]'], ['paths:\n  - "*.ts"'], ['fileMatchPattern: "*.ts"']])(
    '[T1] as another tool has it: %s',
    async (line) => {
      expect(await shown(rule(`---\n${line}\n---\n`), all)).toMatchObject({
        '.claude/rules/tests.md': '---\npaths: ["*.ts"]\n---\nBody: *this*.\n',
        '.github/instructions/tests.instructions.md': '---\napplyTo: "*.ts"\n---\nBody: *this*.\n',
        '.kiro/steering/tests.md': '---\ninclusion: fileMatch\nfileMatchPattern: "*.ts"\n---\nBody: *this*.\n',
      })
    },
  )

  test.each([
    ['alwaysApply: false\ndescription: D', 'false', 'model_decision', 'manual', ''],
    ['trigger: model_decision\ndescription: D', 'false', 'model_decision', 'manual', ''],
    ['inclusion: manual\ndescription: D', 'false', 'manual', 'manual', ''],
    ['alwaysApply: true\nglobs: "*.ts"\ndescription: D', 'true', 'always_on', 'always', 'applyTo: "**"\n'],
  ])(
    '[T1] and one that says %j is not there always, or not only for files',
    async (head, cursor, windsurf, kiro, github) => {
      expect(await shown(rule(`---\n${head}\n---\n`), { names: ['cursor', 'windsurf', 'kiro', 'copilot'] })).toEqual({
        '.cursor/rules/tests.mdc': `---\ndescription: "D"\nalwaysApply: ${cursor}\n---\nBody: *this*.\n`,
        '.windsurf/rules/tests.md': `---\ntrigger: ${windsurf}\ndescription: "D"\n---\nBody: *this*.\n`,
        '.kiro/steering/tests.md': `---\ninclusion: ${kiro}\n---\nBody: *this*.\n`,
        '.github/instructions/tests.instructions.md': `---\ndescription: "D"\n${github}---\nBody: *this*.\n`,
      })
    },
  )

  test('[T1] with the line ends of the file, and without a byte order mark', async () => {
    const own = material('rule/tests', { 'tests.md': '\ufeff---\r\napplyTo: a\r\n---\r\nBody\r\n' })
    expect(await shown(own, { names: ['claude'] })).toEqual({
      '.claude/rules/tests.md': '---\r\npaths: ["a"]\r\n---\r\nBody\r\n',
    })
  })

  test('[T1] the globs that Cursor writes without quotes are understood, though they are no YAML', async () => {
    const own = rule('---\r\ndescription: For: types\r\nglobs: *.ts,**/*.tsx\r\nalwaysApply: false\r\n---\r\n')
    expect(await shown(own, { names: ['cursor', 'kiro', 'copilot'] })).toEqual({
      '.cursor/rules/tests.mdc':
        '---\r\ndescription: "For: types"\r\nglobs: "*.ts,**/*.tsx"\r\nalwaysApply: false\r\n---\r\nBody: *this*.\n',
      '.kiro/steering/tests.md':
        '---\r\ninclusion: fileMatch\r\nfileMatchPattern: ["*.ts", "**/*.tsx"]\r\n---\r\nBody: *this*.\n',
      '.github/instructions/tests.instructions.md':
        '---\r\ndescription: "For: types"\r\napplyTo: "*.ts,**/*.tsx"\r\n---\r\nBody: *this*.\n',
    })
    const other = rule('---\nglobs: *.ts\nsecret: x\n---\n')
    expect(await shown(other, { names: ['claude'] })).toEqual({
      '.claude/rules/tests.md': '---\nglobs: *.ts\nsecret: x\n---\nBody: *this*.\n',
    })
  })

  test('[T1] a head that cannot be read stays in the text', async () => {
    const own = rule('---\na: b: c\n---\n')
    expect(await shown(own, { names: ['windsurf'] })).toEqual({
      '.windsurf/rules/tests.md': '---\ntrigger: always_on\n---\n---\na: b: c\n---\nBody: *this*.\n',
    })
  })

  test('[T1] a value never adds a key', async () => {
    const values = fc.record({
      description: fc.string({ unit: 'binary' }),
      applyTo: fc.string({ unit: 'grapheme', minLength: 1 }),
    })
    await fc.assert(
      fc.asyncProperty(values, async (head) => {
        const own = { ...material('rule/tests', { 'tests.md': 'Body\n' }), head: async () => head }
        const made = await shown(own, { names: ['cursor', 'windsurf', 'kiro', 'claude'] })
        for (const text of Object.values(made)) {
          const [, yaml = ''] = /^---\n([\s\S]*?)\n---\n/.exec(String(text)) ?? []
          const known = ['description', 'globs', 'alwaysApply', 'trigger', 'inclusion', 'fileMatchPattern', 'paths']
          expect(known).toEqual(expect.arrayContaining(Object.keys((parseYaml(yaml) ?? {}) as object)))
        }
        const cursor = /^---\n([\s\S]*?)\n---\n/.exec(String(made['.cursor/rules/tests.mdc']))?.[1] ?? ''
        const said = (parseYaml(cursor) as { description?: string }).description
        expect(said ?? '').toBe(head.description.toWellFormed().trim() === '' ? '' : head.description.trim())
      }),
      { numRuns: 300 },
    )
  })
})

const agent = (head: string, body = 'You read.\n') =>
  material('agent/reviewer', { 'reviewer.md': `---\n${head}\n---\n\n${body}` })

describe('an agent', () => {
  test('[T1] is TOML for codex, and may not write where it may not elsewhere', async () => {
    expect(await shown(agent('name: Reviewer\ndescription: Reads\ntools: Read, Bash'), { names: ['codex'] })).toEqual({
      '.codex/agents/reviewer.toml':
        'name = "Reviewer"\ndescription = "Reads"\nsandbox_mode = "read-only"\ndeveloper_instructions = """\nYou read.\n"""\n',
    })
    expect(await shown(agent('tools: [Read, Edit]'), { names: ['codex'] })).toEqual({
      '.codex/agents/reviewer.toml':
        'name = "reviewer"\ndescription = "reviewer"\ndeveloper_instructions = """\nYou read.\n"""\n',
    })
  })

  test('[T1] whatever it says, codex reads it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), async (description, text) => {
        const own = { ...material('agent/a', { 'a.md': `x\n${text}` }), head: async () => ({ description }) }
        const made = await shown(
          { ...own, read: () => Buffer.from(`---\nk: v\n---\n${text.toWellFormed()}\n`) },
          { names: ['codex'] },
        )
        const read = parse(String(made['.codex/agents/a.toml']))
        expect(Object.keys(read)).toEqual(['name', 'description', 'developer_instructions'])
        expect(read.developer_instructions).toBe(
          `${text.toWellFormed()}\n`.replaceAll('\r\n', '\n').replace(/^\n+/, ''),
        )
      }),
      { numRuns: 300 },
    )
  })

  test.each<[string, string, string, string | object]>([
    ['gemini', '.gemini/agents/reviewer.md', 'name: reviewer\ndescription: Reads', { ...store, file: 'reviewer.md' }],
    [
      'gemini',
      '.gemini/agents/reviewer.md',
      'name: reviewer\ndescription: Reads\ntools: Read, Bash\ncolor: red',
      '---\nname: "reviewer"\ndescription: "Reads"\ntools: ["read_file", "run_shell_command"]\n---\n\nYou read.\n',
    ],
    [
      'gemini',
      '.gemini/agents/reviewer.md',
      'name: reviewer\ndescription: Reads\ntools: [read_file, mcp_docs_*]',
      { ...store, file: 'reviewer.md' },
    ],
    [
      'gemini',
      '.gemini/agents/reviewer.md',
      'name: reviewer\ndescription: Reads\ntools: [Read, mcp_docs_find, TodoWrite, "Bash(git:*)"]',
      '---\nname: "reviewer"\ndescription: "Reads"\ntools: ["read_file", "mcp_docs_find"]\n---\n\nYou read.\n',
    ],
    [
      'gemini',
      '.gemini/agents/reviewer.md',
      'name: reviewer\ndescription: Reads\ntools: Bash(git add:*, git commit:*)',
      '---\nname: "reviewer"\ndescription: "Reads"\ntools: []\n---\n\nYou read.\n',
    ],
    [
      'gemini',
      '.gemini/agents/reviewer.md',
      'model: opus',
      '---\nname: "reviewer"\ndescription: "reviewer"\n---\n\nYou read.\n',
    ],
    [
      'opencode',
      '.opencode/agents/reviewer.md',
      'description: Reads\nmode: subagent',
      { ...store, file: 'reviewer.md' },
    ],
    [
      'opencode',
      '.opencode/agents/reviewer.md',
      'description: Reads\nmodel: opus',
      '---\ndescription: "Reads"\nmode: subagent\n---\n\nYou read.\n',
    ],
    [
      'opencode',
      '.opencode/agents/reviewer.md',
      'tools: Read, Edit\nmodel: a/b',
      '---\ndescription: "reviewer"\nmode: subagent\nmodel: "a/b"\ntools: { "bash": false, "write": false, "grep": false, "glob": false, "list": false, "webfetch": false, "task": false }\n---\n\nYou read.\n',
    ],
    [
      'kiro',
      '.kiro/agents/reviewer.md',
      'name: reviewer\ntools: [read, "@mcp"]\npermissions: []',
      { ...store, file: 'reviewer.md' },
    ],
    [
      'kiro',
      '.kiro/agents/reviewer.md',
      'description: Reads\ntools: Read, Grep, Bash\nmodel: opus',
      '---\nname: "reviewer"\ndescription: "Reads"\ntools: ["read", "shell"]\n---\n\nYou read.\n',
    ],
  ])('[T1] for %s at %s, with the head %j', async (tool, at, head, expected) => {
    expect(await shown(agent(head), { names: [tool] })).toEqual({
      [at]: typeof expected === 'string' ? expected : agent(head).read('reviewer.md').toString(),
    })
  })
})

describe('a command', () => {
  const release = material('command/release', {
    'release.md': '---\ndescription: "Cut it"\nallowed-tools: Bash\n---\n\nRelease $ARGUMENTS after !`git log "$1"`.\n',
  })

  test('[T1] is TOML for gemini, in its words for arguments and shells', async () => {
    expect(await shown(release, { names: ['gemini'] })).toEqual({
      '.gemini/commands/release.toml':
        'description = "Cut it"\nprompt = """\nRelease {{args}} after !{git log "$1"}.\n"""\n',
    })
  })

  test.each([
    ['haiku', '---\ndescription: "Go"\n---\n\nGo.\n'],
    ['acme/haiku', '---\ndescription: Go\nmodel: acme/haiku\n---\n\nGo.\n'],
  ])('[T1] for opencode names a model with its provider, or none: %s', async (model, text) => {
    const go = material('command/go', { 'go.md': `---\ndescription: Go\nmodel: ${model}\n---\n\nGo.\n` })
    expect(await shown(go, { names: ['opencode'] })).toEqual({ '.opencode/commands/go.md': text })
  })

  test('[T1] is a steering file for kiro that comes in when it is named', async () => {
    expect(await shown(release, { names: ['kiro'] })).toEqual({
      '.kiro/steering/release.md':
        '---\ninclusion: manual\ndescription: "Cut it"\n---\n\nRelease $ARGUMENTS after !`git log "$1"`.\n',
    })
  })

  test('[T2] has no place in a project of codex, and none for the user of copilot', async () => {
    expect(await lacking(release, { names: ['codex', 'cursor'] })).toEqual(['codex command release global'])
    expect(await lacking(release, { names: ['copilot'], scope: 'global' })).toEqual(['copilot command release project'])
    expect(Object.keys(await shown(release, { names: ['codex'], scope: 'global' }))).toEqual([
      '.codex/prompts/release.md',
    ])
  })
})
