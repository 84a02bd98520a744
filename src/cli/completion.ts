import path from 'node:path'
import type { Command } from '../model/command.js'
import type { Context } from '../model/context.js'
import { fail } from '../model/errors.js'
import { inDryRun } from '../model/text.js'
import { scripts } from '../ui/completion/scripts.js'
import { type Completable, type Shell, shells } from '../ui/completion/words.js'
import { commonFlags } from './flags.js'
import type { Row, Table } from './row.js'

type Completed = { shell: Shell } & ({ script: string } | Place)

export function completionOf(table: Table): Command<Completed> {
  return {
    name: 'completion',
    args: '<shell|install> [shell]',
    summary: 'print the completion script of a shell, or install it',
    about: [
      `Shells are ${shells.join(', ')}. "haal completion install" writes the script to where your shell looks for it, and says which line your shell's own configuration needs, if any; it never edits that.`,
      'TAB starts no process: commands and flags are in the script, and names come from a file that haal keeps beside its state. Where that is missing haal is asked, and never the network.',
      'The scripts for bash, zsh and fish are tested in those shells; the one for PowerShell has been read by a parser, not run.',
    ],
    examples: ['haal completion bash', 'source <(haal completion zsh)', 'haal completion install fish'],
    flags: [],
    completes: 'shell',
    run: async (ctx, [word = '', second], flags) => {
      if (word !== 'install') {
        const shell = shellNamed(word)
        if (second !== undefined) refuseSecond(shell, second)
        return { shell, script: await scriptFor(shell, table) }
      }
      const shell = second === undefined ? ownShell(ctx) : shellNamed(second)
      return installed(shell, await scriptFor(shell, table), { ctx, isDry: flags.dryRun === true })
    },
    show: (result, _paint, { dryRun }) => {
      if ('script' in result) return result.script.trimEnd().split('\n')
      return dryRun
        ? [inDryRun(`would write ${result.file}`)]
        : [`wrote ${result.file}`, result.next, ...(result.line === undefined ? [] : [`  ${result.line}`])]
    },
  }
}

async function scriptFor(shell: Shell, table: Table): Promise<string> {
  const commands = await Promise.all(table.rows.map((row) => completable(row, table)))
  const help = commands.filter(({ name }) => name === 'help').flatMap((command) => aboutGroups(command, table))
  return scripts[shell].print({ commands: [...commands, ...help], groups: table.groups, common: commonFlags })
}

/** Help on a group takes the words that stand behind the group's own: `haal help registry add`. */
function aboutGroups(help: Completable, { rows, groups }: Table): Completable[] {
  return groups.map(({ word }) => {
    const second = rows.flatMap(({ name }) => (name.startsWith(`${word} `) ? [name.slice(word.length + 1)] : []))
    return { ...help, name: `${help.name} ${word}`, words: second }
  })
}

async function completable({ name, aliases = [], load }: Row, { rows, groups }: Table): Promise<Completable> {
  const command = { ...(await load()), aliases }
  if (name === 'completion') return { ...command, words: [...shells, 'install'] }
  if (name !== 'help') return command
  const single = rows.map((row) => row.name).filter((each) => !each.includes(' '))
  return { ...command, words: [...single, ...groups.map(({ word }) => word), 'errors'] }
}

function shellNamed(word: string): Shell {
  const hint = `use one of ${shells.join(', ')}`
  return shells.find((shell) => shell === word) ?? fail('E_USAGE', `haal knows no completion for "${word}"`, { hint })
}

function refuseSecond(shell: Shell, second: string): never {
  return fail('E_USAGE', `haal completion ${shell} prints one script, not "${second}" too`, {
    hint: `install it: haal completion install ${shell}`,
  })
}

function ownShell({ env }: Context): Shell {
  const name = path.posix.basename(env.SHELL ?? '')
  const hint = `name it: haal completion install <${shells.join('|')}>`
  return shells.find((shell) => shell === name) ?? fail('E_USAGE', 'haal cannot tell which shell you use', { hint })
}

interface Place {
  file: string
  /** What the person still has to do. */
  next: string
  /** For the shell's own configuration. */
  line?: string
}

/** Where each shell looks. Sources: bash-completion's README, zshcompsys(1), fish's `complete`, about_Profiles. */
const places: Record<Shell, (ctx: Context, data: string, config: string) => Place> = {
  bash: (_ctx, data) => {
    const file = path.join(data, 'bash-completion', 'completions', 'haal')
    return {
      file,
      next: 'new shells have it where bash-completion is installed; elsewhere add to ~/.bashrc:',
      line: `source "${file}"`,
    }
  },
  zsh: ({ env, home }) => ({
    file: path.join(env.ZDOTDIR || home, '.zfunc', '_haal'),
    next: 'if .zshrc has no such line yet, add:',
    line: 'fpath+=("${ZDOTDIR:-$HOME}/.zfunc"); autoload -Uz compinit; compinit',
  }),
  fish: (_ctx, _data, config) => ({
    file: path.join(config, 'fish', 'completions', 'haal.fish'),
    next: 'new shells have it',
  }),
  powershell: (_ctx, data) => ({
    file: path.join(data, 'haal', 'haal.ps1'),
    next: 'add to your $PROFILE:',
    line: `. "${path.join(data, 'haal', 'haal.ps1')}"`,
  }),
}

function installed(shell: Shell, script: string, { ctx, isDry }: { ctx: Context; isDry: boolean }): Completed {
  const { env, home, disk, platform } = ctx
  const local = platform === 'win32' ? env.LOCALAPPDATA : env.XDG_DATA_HOME
  const data = local || path.join(home, '.local', 'share')
  const config = env.XDG_CONFIG_HOME || path.join(home, '.config')
  const place = places[shell](ctx, data, config)
  const { file } = place
  refuseForeign(file, disk.text(file))
  if (!isDry) {
    disk.mkdir(path.dirname(file))
    disk.write(disk.real(file) ?? file, script)
  }
  return { shell, ...place }
}

/** A script of haal's says so at its head. */
function refuseForeign(file: string, text: string | undefined): void {
  if (text !== undefined && !/^.*\n?.*Completion of haal for/.test(text))
    fail('E_CONFLICT', `${file} is there already, and haal did not write it`, { hint: 'move it away and try again' })
}
