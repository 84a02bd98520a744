import type { Command } from '../model/command.js'
import type { HelpRow } from '../ui/help.js'

/** A command that users see. Its module is loaded only when it runs. */
export interface Row extends HelpRow {
  load(): Promise<Command>
}

const group = { start: 'Start', change: 'Change', look: 'Look', rule: 'Rules', help: 'Help' }

/** In the order in which help lists them. `summary` repeats the command's own, so that help loads no command. */
export const table: readonly Row[] = [
  {
    name: 'init',
    group: group.start,
    summary: 'make haal.json, with registries and the tools found in this folder',
    load: async () => (await import('../commands/init.js')).init,
  },
  {
    name: 'install',
    aliases: ['i', 'add'],
    group: group.start,
    summary: 'put artifacts into the project and record them in haal.json and haal.lock',
    load: async () => (await import('../commands/install.js')).install,
  },
  {
    name: 'uninstall',
    aliases: ['remove', 'rm'],
    group: group.change,
    summary: 'take artifacts out, with what only they required',
    load: async () => (await import('../commands/uninstall.js')).uninstall,
  },
  {
    name: 'list',
    aliases: ['ls'],
    group: group.look,
    summary: 'list what is installed or, with --available, what the registries have',
    load: async () => (await import('../commands/list.js')).list,
  },
  {
    name: 'search',
    group: group.look,
    summary: 'find artifacts whose name, id, description or author has these words',
    load: async () => (await import('../commands/search.js')).search,
  },
  {
    name: 'info',
    group: group.look,
    summary: 'show one artifact: where it comes from, its files, and what in it can run',
    load: async () => (await import('../commands/info.js')).info,
  },
  {
    name: 'why',
    group: group.look,
    summary: 'say why an artifact is here, why from this registry, and what policy says of it',
    load: async () => (await import('../commands/why.js')).why,
  },
  {
    name: 'verify',
    group: group.look,
    summary: 'compare installed files with haal.lock, byte by byte; exit 9 if anything differs',
    load: async () => (await import('../commands/verify.js')).verify,
  },
  {
    name: 'completion',
    group: group.help,
    summary: 'print the completion script of a shell, or install it',
    load: async () => (await import('./completion.js')).completion,
  },
  {
    name: 'help',
    group: group.help,
    summary: 'explain haal, a command, or every error',
    load: async () => (await import('./help.js')).help,
  },
]

/** First words that stand before others, with what they are about. */
export const groups: readonly { word: string; summary: string }[] = []

/** The command that one or two words name. */
export function rowFor([first = '', second = '']: readonly string[]): Row | undefined {
  const whole = table.find(({ name }) => name === `${first} ${second}`)
  return whole ?? table.find(({ name, aliases }) => name === first || aliases?.includes(first))
}
