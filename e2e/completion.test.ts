import fs from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import type TreeSitter from '@vscode/tree-sitter-wasm'
import { describe, expect, test } from 'vitest'
import { needs, type World, world } from './world/index.js'
import { execute } from './world/run.js'

const scripts = path.resolve(import.meta.dirname, '../completions')
const temptation = '$(touch pwned)'

/** What haal leaves beside its state, with lines that only an attacker would write. */
const names = [
  'available\tskill/lint-sql',
  'available\tskill/review-code',
  'generation\t7',
  `installed\trule/${temptation}`,
  'installed\trule/`touch pwned`',
  'installed\trule/a;touch pwned',
  'installed\trule/\u001b[2Jboo',
  'installed\tskill/review-code',
  'installed\ttool/com.acme.search',
  'registry\tcorp',
  'target\tcursor',
]

/** What is typed before TAB, and the line that it becomes. */
const cases: readonly (readonly [what: string, typed: string, line: string])[] = [
  ['a command', 'haal unins', 'haal uninstall'],
  ['a command behind a flag', 'haal --json unins', 'haal --json uninstall'],
  ['a flag of every command', 'haal list --dry', 'haal list --dry-run'],
  ['a flag of the command', 'haal install --froz', 'haal install --frozen'],
  ['a flag by another name of the command', 'haal i --froz', 'haal i --frozen'],
  ['an installed artifact', 'haal uninstall rev', 'haal uninstall review-code'],
  ['an installed artifact with its kind', 'haal uninstall skill/rev', 'haal uninstall skill/review-code'],
  ['an installed artifact by its id', 'haal verify com', 'haal verify com.acme.search'],
  ['a second artifact', 'haal verify x rev', 'haal verify x review-code'],
  ['an available artifact', 'haal install lint', 'haal install lint-sql'],
  ['a registry', 'haal list --registry co', 'haal list --registry corp'],
  ['a registry behind =', 'haal list --registry=co', 'haal list --registry=corp'],
  ['a tool', 'haal init --target cl', 'haal init --target claude'],
  ['a tool to copy to', 'haal copy review-code wind', 'haal copy review-code windsurf'],
  ['a tool that is used, of those that begin alike', 'haal target remove c', 'haal target remove cursor'],
  ['a generation', 'haal rollback --to ', 'haal rollback --to 7'],
  ['a command of a group', 'haal policy ch', 'haal policy check'],
  ['a kind', 'haal list --kind guard', 'haal list --kind guardrail'],
  ['a shell', 'haal completion pow', 'haal completion powershell'],
  ['a topic of help', 'haal help err', 'haal help errors'],
  ['a topic of help in a group', 'haal help registry ke', 'haal help registry keygen'],
  ['nothing for what is not installed', 'haal uninstall lint', 'haal uninstall lint'],
]

interface Shell {
  program: string
  /** Sources the script and sets a prompt; the prompt's own words are broken, so that the echo is not taken for it. */
  start(script: string): string
}

const shells: Record<'bash' | 'zsh' | 'fish', Shell> = {
  bash: {
    program: 'bash --norc --noprofile -i',
    start: (script) => `source ${script}; bind 'set bell-style none'; PS1='READ''Y> '`,
  },
  zsh: {
    program: 'zsh -f -i',
    start: (script) =>
      `bindkey -e; autoload -Uz compinit; compinit -u -D; source ${script}; setopt no_beep no_list_beep; PS1='READ''Y> '`,
  },
  fish: {
    program: 'fish --no-config -i',
    start: (script) =>
      `source ${script}; function fish_prompt; echo -n 'READ''Y> '; end; function fish_right_prompt; end`,
  },
}

const files = { bash: 'haal.bash', zsh: '_haal', fish: 'haal.fish' }

/** Types each line and TAB into one interactive shell in a pseudo-terminal; then puts quotes around what came of it and lets the
    shell print it. The space behind a word is left out: zsh takes it back when something else is typed. */
async function completed(shell: keyof typeof shells, lines: readonly string[], { project, bin, home }: World) {
  const { program, start } = shells[shell]
  const script = [
    'set timeout 10',
    'log_user 0',
    `spawn -noecho ${program}`,
    `send ${tcl(`${start(path.join(scripts, files[shell]))}\r`)}`,
    ...lines.flatMap((line) => [
      'expect "READY> "',
      `send ${tcl(`${line}\t\u0001echo '<\u0005>'\r`)}`,
      'expect -re {<([^<>\\n\\r]*)>\\r}',
      'puts "<$expect_out(1,string)>"',
    ]),
    'expect "READY> "',
    'send "exit\\r"',
    'expect eof',
  ].join('\n')
  const env = {
    PATH: `${bin.path}:${process.env.PATH}`,
    HOME: home.path,
    TERM: 'xterm',
    LANG: 'C.UTF-8',
    COLUMNS: '200',
  }
  const { stdout } = await execute(['expect', '-c', script], { cwd: project.path, env }).outcome
  return stdout.split('\n').flatMap((line) => /^<(.*?) *>\r?$/.exec(line)?.[1] ?? [])
}

function tcl(text: string): string {
  return `"${text.replace(/[\\"$[\]]/g, '\\$&')}"`
}

/** A project whose `haal` leaves a trace when it is called. */
async function projectWith(files: Record<string, string>): Promise<World> {
  const at = await world()
  await at.bin.write({
    haal: { body: `#!/bin/sh\necho "$@" >> ${at.root.at('called')}\nprintf 'skill/from-haal\\n'\n`, mode: 0o755 },
  })
  await at.project.write({ 'haal.json': '{}\n', ...files })
  return at
}

for (const shell of ['bash', 'zsh', 'fish'] as const) {
  describe(`in ${shell}`, () => {
    needs(shell, 'expect')(
      `[U4] TAB in ${shell} completes commands, flags, artifacts, registries, tools and kinds without starting haal`,
      async () => {
        const at = await projectWith({ '.haal/.state/names': `${names.join('\n')}\n` })
        const lines = await completed(
          shell,
          cases.map(([, typed]) => typed),
          at,
        )
        expect(Object.fromEntries(cases.map(([what], i) => [what, lines[i]]))).toEqual(
          Object.fromEntries(cases.map(([what, , line]) => [what, line])),
        )
        expect(at.root.exists('called')).toBe(false)
      },
    )

    needs(shell, 'expect')(`[S10] a hostile name is neither offered nor run by ${shell}`, async () => {
      const at = await projectWith({ '.haal/.state/names': `${names.join('\n')}\n` })
      expect(await completed(shell, ['haal uninstall rule/', 'haal uninstall a', 'haal uninstall $'], at)).toEqual([
        'haal uninstall rule/',
        'haal uninstall a',
        'haal uninstall $',
      ])
      await at.project.lacks('pwned')
    })

    needs(shell, 'expect')(`[U4] below the project's root ${shell} finds the names there`, async () => {
      const at = await projectWith({ '.haal/.state/names': `${names.join('\n')}\n`, 'src/deep/x': '' })
      expect(await completed(shell, ['haal uninstall --cwd src/deep rev'], at)).toEqual([
        'haal uninstall --cwd src/deep review-code',
      ])
    })

    needs(shell, 'expect')(`[U4] without a names file ${shell} asks haal once, and never the network`, async () => {
      const at = await projectWith({})
      expect(await completed(shell, ['haal uninstall from'], at)).toEqual(['haal uninstall from-haal'])
      expect(at.root.read('called')).toMatch(/^__complete installed --cwd .*\n$/)
    })

    needs(shell, 'expect')(`[U4] outside of any project ${shell} asks nobody`, async () => {
      const at = await world()
      expect(await completed(shell, ['haal uninstall from'], at)).toEqual(['haal uninstall from'])
    })
  })
}

test('[U4 U3] two shells at once are refused: a file has one script', async () => {
  const { haal } = await world()
  expect((await haal('completion bash zsh').fails('E_USAGE', 2)).stdout).toBe('')
})

test('[U4] haal answers for a shell that found no names file, from the lockfile and the configuration alone', async () => {
  const at = await world()
  await at.project.write({
    'haal.json': { registries: [{ name: 'corp', location: './corp' }], targets: ['cursor', 5] },
    'haal.lock': {
      lockfileVersion: 1,
      registries: { hub: {} },
      artifacts: { 'skill/b': {}, 'skill/a': {}, 'rule/$(x)': {} },
    },
  })
  const said = async (type: string) => (await at.haal(`__complete ${type} --cwd ${at.project.path}`).succeeds()).stdout
  expect(await said('installed')).toBe('skill/a\nskill/b\n')
  expect(await said('registry')).toBe('corp\nhub\n')
  expect(await said('target')).toBe('cursor\n')
  await at.project.write({ 'haal.json': '{\n  // ours\n  "targets": [/* one */ "claude"]\n}\n' })
  expect(await said('target')).toBe('claude\n')
  await at.project.write({ 'haal.lock': '<<<<<<< mine' })
  expect(await said('installed')).toBe('')
  expect((await at.haal('__complete nonsense').succeeds()).stdout).toBe('')
})

describe('the script for PowerShell, which no PowerShell runs here', () => {
  const script = fs.readFileSync(path.join(scripts, 'haal.ps1'), 'utf8')

  test('[U4] is PowerShell to a parser of it', async () => {
    const { Parser, Language } = createRequire(import.meta.url)('@vscode/tree-sitter-wasm') as typeof TreeSitter
    await Parser.init()
    const grammar = path.resolve(import.meta.dirname, '../node_modules/@vscode/tree-sitter-wasm/wasm')
    const parser = new Parser()
    parser.setLanguage(await Language.load(path.join(grammar, 'tree-sitter-powershell.wasm')))
    const isWell = (text: string) => parser.parse(text)?.rootNode.hasError === false
    expect(isWell(script)).toBe(true)
    expect(isWell(script.replace(/\}\s*$/, ''))).toBe(false)
  })

  test('[U4] has every command with its flags, and what its arguments are', async () => {
    const help = (await (await world()).haal('help --markdown').succeeds()).stdout
    const commands = [...help.matchAll(/^## haal (.+)$/gm)].map(([, name = '']) => name)
    const sections = help.split(/^## haal .+$/m).slice(1)
    expect(commands.length).toBeGreaterThan(30)
    for (const [i, command] of commands.entries()) {
      const [first = '', second] = command.split(' ')
      if (second === undefined) expect(script).toMatch(new RegExp(`^    '${first}' = '`, 'm'))
      else expect(script).toMatch(new RegExp(`^    '${first}' = \\[ordered\\]@\\{ .*'${second}' = '`, 'm'))
      for (const [, flag] of sections[i]?.matchAll(/^\| `(?:-\w, )?--([\w-]+)/gm) ?? [])
        expect(script, command).toMatch(new RegExp(`^    '${command}' = \\[ordered\\]@\\{ .*'--${flag}' = '`, 'm'))
    }
    expect(script).toContain("'install' = ':available'")
    expect(script).toMatch(/'target add' = '=claude copilot /)
    expect(script).toMatch(/^\$script:haalLater = .*\n {4}'copy' = '\+claude copilot /m)
  })
})
