import fs from 'node:fs'
import path from 'node:path'
import { describe, expect } from 'vitest'
import { agent, needs, type Screen, skill, type World, world } from '../world/index.js'

const scripts = path.resolve(import.meta.dirname, '../../completions')
const prompt = 'READY> '

/** How each shell is started and made ready. The prompt's own words are broken, so that the echo is not taken for it. */
const shells = {
  bash: {
    program: 'bash --norc --noprofile -i',
    script: 'haal.bash',
    ready: `PS1='READ''Y> '; bind 'set bell-style none'`,
  },
  zsh: {
    program: 'zsh -f -i',
    script: '_haal',
    ready: `setopt no_beep; PS1='READ''Y> '`,
  },
  fish: {
    program: 'fish --no-config -i',
    script: 'haal.fish',
    ready: `function fish_prompt; echo -n 'READ''Y> '; end`,
  },
} as const

type Shell = keyof typeof shells

/** Programs that would leave a trace if a shell that completes started them. */
const watched = ['haal', 'node', 'npm', 'git', 'curl', 'cat', 'sed', 'grep', 'awk']

/** A project that really was worked in: two installs, two generations, names that are no plain words. */
async function workedIn(): Promise<World> {
  const at = await world()
  await at.folder('corp', {
    'skills/review-code/SKILL.md': skill('review-code'),
    'skills/c++_v2.x/SKILL.md': skill('c++_v2.x'),
    'skills/größe/SKILL.md': skill('größe'),
    'agents/review-all.md': agent('review-all'),
    'agents/lint-sql.md': agent('lint-sql'),
  })
  await at.folder('hub', { 'skills/plan/SKILL.md': skill('plan') })
  await at.haal('install review-code review-all').succeeds()
  await at.haal('install skill/*').succeeds()
  await at.project.write({ 'notes.txt': '', 'docs/x': '' })
  const trace = { body: `#!/bin/sh\necho "$0 $*" >> ${at.root.at('started')}\n`, mode: 0o755 }
  await at.bin.write(Object.fromEntries(watched.map((name) => [name, trace])))
  return at
}

/** A person in a shell. */
interface Person {
  /** Types a line and presses TAB; waits until the line is this. */
  completes(typed: string, line: string): Promise<void>
  /** Types a line and presses TAB twice; waits until these and no others are on offer. */
  sees(typed: string, offered: readonly string[]): Promise<void>
}

interface Start {
  /** Goes in front of the shell. */
  under?: string
  /** The shell reads its own configuration, and nothing else makes it complete. */
  own?: boolean
}

async function inShell(at: World, shell: Shell, { under = '', own = false }: Start = {}): Promise<Person> {
  const { program, script, ready } = shells[shell]
  const screen = at.screen(own ? `${shell} -i` : `${under} ${program}`, { columns: 200, rows: 50 })
  await screen.until(/[$%#>] ?$/)
  screen.type(`${own ? '' : `source ${path.join(scripts, script)}; `}${ready}`, 'Enter')
  await screen.until(/READY>$/)
  if (at.root.exists('started')) await at.root.remove('started')
  let number = 0
  const fresh = async (typed: string) => {
    number += 1
    const mark = `: number ${number}`
    screen.type(mark, 'Enter')
    await screen.until(new RegExp(`${mark}\\n+READY>$`))
    screen.type(typed)
    await screen.until((picture) => since(picture, mark).includes(typed.trim()))
    return mark
  }
  const away = (mark: string) => left(screen, mark)
  return {
    completes: async (typed, line) => {
      const mark = await fresh(typed)
      screen.type('Tab')
      await screen.until((picture) => lineIn(since(picture, mark)) === line)
      await away(mark)
    },
    sees: async (typed, offered) => {
      const mark = await fresh(typed)
      screen.type('Tab', 'Tab')
      if (offered.length === 0) screen.type('xyz')
      const isShown = (picture: string) => {
        const now = since(picture, mark)
        return now.includes('xyz') === (offered.length === 0) && `${offeredIn(now)}` === `${[...offered].sort()}`
      }
      await screen.until(isShown)
      await away(mark)
    },
  }
}

/** Throws the line away: what came of it is never run. With a key that waits its turn: C-c is a signal, which a shell that still completes takes for
    an end of that alone. */
async function left(screen: Screen, mark: string): Promise<void> {
  screen.type('C-u')
  await screen.until((picture) => /(^|\n)READY>$/.test(since(picture, mark)))
}

/** The picture behind a line that was run. */
function since(picture: string, mark: string): string {
  return picture.slice(picture.lastIndexOf(mark) + mark.length).trim()
}

/** What stands behind the last prompt. */
function lineIn(picture: string): string {
  const last = picture.split('\n').findLast((line) => line.startsWith(prompt.trim())) ?? ''
  return last.slice(prompt.length).trimEnd()
}

/** Words below or between the prompts; of a word with a description, the word. */
function offeredIn(picture: string): string[] {
  const lines = picture.split('\n').filter((line) => !line.startsWith(prompt.trim()))
  const described = / -- | {2}\(/.test(lines.join('\n'))
  const words = lines.flatMap((line) =>
    described
      ? [...line.matchAll(/(?:^|\) +)([\w-]+) +(?:-- |\()/g)].map(([, word = '']) => word)
      : line.trim().split(/\s+/),
  )
  return words.filter((word) => word !== '').sort()
}

/** What is typed before TAB, and the line that it becomes. */
const completed: readonly (readonly [what: string, typed: string, line: string])[] = [
  ['a command', 'haal unins', 'haal uninstall'],
  ['a command of a group', 'haal registry key', 'haal registry keygen'],
  ['a flag', 'haal install --froz', 'haal install --frozen'],
  ['an installed artifact', 'haal uninstall review-c', 'haal uninstall review-code'],
  ['an available artifact', 'haal install lint', 'haal install lint-sql'],
  ['one by its kind', 'haal install agent/l', 'haal install agent/lint-sql'],
  ['a name with odd letters', 'haal verify c', 'haal verify c++_v2.x'],
  ['a registry', 'haal registry ping co', 'haal registry ping corp'],
  ['a tool', 'haal target add wind', 'haal target add windsurf'],
  ['a generation', 'haal rollback --to 2', 'haal rollback --to 2'],
  ['what is copied', 'haal copy lint', 'haal copy lint-sql'],
  ['a tool that it is copied to', 'haal copy --force plan wind', 'haal copy --force plan windsurf'],
  ['a folder that it is copied to', 'haal copy plan --as x do', 'haal copy plan --as x docs/'],
  ['a value of a closed set', 'haal list --kind guard', 'haal list --kind guardrail'],
  ['a value of its only choice', 'haal verify --format ', 'haal verify --format sarif'],
  ['in the folder that is named', 'haal -C docs uninstall review-c', 'haal -C docs uninstall review-code'],
]

/** What is typed before TAB TAB, and all that is on offer then. */
const offered: readonly (readonly [what: string, typed: string, words: readonly string[]])[] = [
  ['commands of a group', 'haal registry ', ['add', 'keygen', 'list', 'ping', 'remove', 'sign', 'verify']],
  ['commands that begin alike', 'haal un', ['uninstall', 'unpin']],
  ['installed artifacts', 'haal uninstall ', ['c++_v2.x', 'plan', 'review-all', 'review-code']],
  ['available artifacts', 'haal install ', ['c++_v2.x', 'lint-sql', 'plan', 'review-all', 'review-code']],
  ['registries', 'haal search --registry ', ['corp', 'hub']],
  ['tools', 'haal target add c', ['claude', 'codex', 'continue', 'copilot', 'crush', 'cursor']],
  [
    'tools to copy to, and no artifacts',
    'haal copy plan c',
    ['claude', 'codex', 'continue', 'copilot', 'crush', 'cursor'],
  ],
  ['generations', 'haal rollback --to ', ['1', '2']],
  ['kinds', 'haal list --kind p', ['persona', 'plugin']],
  ['shells', 'haal completion ', ['bash', 'fish', 'install', 'powershell', 'zsh']],
  ['nothing, where nothing may stand', 'haal history ', []],
  ['nothing, for a value that is free', 'haal registry add x --name ', []],
  ['nothing that is not installed', 'haal uninstall lint', []],
  ['nothing where no project is', 'haal --cwd=.. uninstall review-c', []],
  ['nothing behind a command that is none', 'haal nonsense ', []],
]

/** What a person does once, as haal says it. */
const once: Record<Shell, (at: World) => Promise<void>> = {
  bash: async (at) => {
    const { stdout } = await at.haal('completion install bash').succeeds()
    await at.home.write({ '.bashrc': `${stdout.split('add to ~/.bashrc:')[1]}\n` })
  },
  zsh: async (at) => {
    const { stdout } = await at.haal('completion install zsh').succeeds()
    await at.home.write({ '.zshrc': `${stdout.split('add:')[1]}\n` })
  },
  fish: async (at) => void (await at.haal('completion install fish').succeeds()),
}

for (const shell of ['bash', 'zsh', 'fish'] as const)
  describe(`TAB in ${shell}`, () => {
    needs(shell, 'tmux')(`[U4] completes in a project as it is, and starts nothing`, async () => {
      const at = await workedIn()
      const person = await inShell(at, shell)
      for (const [, typed, line] of completed) await person.completes(typed, line)
      await at.root.lacks('started')
    })

    needs(shell, 'tmux')('[U4] twice shows all there is, and nothing else', async () => {
      const at = await workedIn()
      const person = await inShell(at, shell)
      for (const [, typed, words] of offered) await person.sees(typed, words)
      await at.root.lacks('started')
    })

    needs(
      shell,
      'tmux',
      'strace',
    )('[U4] runs no program and opens no connection', async () => {
      const at = await workedIn()
      const trace = at.root.at('tmp', 'trace')
      const person = await inShell(at, shell, { under: `strace -f -qq -e trace=execve,connect -o ${trace}` })
      const before = fs.readFileSync(trace, 'utf8')
      for (const typed of ['haal uninstall review-c', 'haal install lint', 'haal target add wind', 'haal unins'])
        await person.completes(typed, completed.find((each) => each[1] === typed)?.[2] ?? '')
      const later = fs.readFileSync(trace, 'utf8').slice(before.length)
      expect(later.split('\n').filter((line) => /execve|AF_INET/.test(line))).toEqual([])
    })

    needs(shell, 'tmux')(
      '[U4] completes what was listed before anything was installed, and tools anywhere',
      async () => {
        const at = await world()
        await at.folder('corp', { 'skills/review-code/SKILL.md': skill('review-code') })
        await at.haal('list --available').succeeds()
        const person = await inShell(at, shell)
        await person.completes('haal install rev', 'haal install review-code')
        await person.completes(
          'haal -C / init --target claude --target wi',
          'haal -C / init --target claude --target windsurf',
        )
      },
    )

    needs(shell, 'tmux')('[U4] completes in a new shell once it is installed as haal says', async () => {
      const at = await workedIn()
      await once[shell](at)
      const person = await inShell(at, shell, { own: true })
      await person.completes('haal uninstall review-c', 'haal uninstall review-code')
      await person.completes('haal registry ping co', 'haal registry ping corp')
    })
  })
