import type { Flag } from '../../model/command.js'
import {
  argumentsOf,
  type Completable,
  compact,
  laterOf,
  quoted,
  secondWords,
  spellings,
  type Words,
  wantedBy,
} from './words.js'

/** How one of the two shells that share `case` writes its tables. */
export interface Dialect {
  /** In front of the names of functions. */
  prefix: string
  flags(flags: readonly Flag[]): string
  list(words: readonly { word: string; summary: string }[]): string
}

/** Functions that tell a shell what it must know of a command, of a flag's value, and of a group. */
export function tables(words: Words, dialect: Dialect): string[] {
  return [
    ...choice(dialect, 'command', '$1', commandRows(words, dialect)),
    ...choice(dialect, 'value', '$command $1', valueRows(words)),
    ...choice(dialect, 'group', '$1', groupRows(words, dialect)),
  ]
}

const purposes = {
  command:
    'Sets command, own (its flags), takes (what its arguments are) and later (those behind the first); fails where there is no such command.',
  value: 'Sets takes to what the value of a flag is; fails where the flag has none.',
  group: 'Sets second to the words that may follow a first one; fails where none may.',
}

function choice(dialect: Dialect, name: keyof typeof purposes, subject: string, rows: readonly string[]): string[] {
  const body = [`  case "${subject}" in`, ...rows.map((row) => `    ${row}`), '    *) return 1 ;;', '  esac']
  return [`# ${purposes[name]}`, `${dialect.prefix}_${name}() {`, ...body, '}', '']
}

function commandRows({ commands }: Words, { flags }: Dialect): string[] {
  return commands.flatMap((command: Completable) => [
    `${[command.name, ...command.aliases].map(quoted).join('|')})`,
    `  command=${quoted(command.name)}`,
    `  own=${flags(command.flags)}`,
    ...laterRow(command),
    `  takes=${quoted(compact(argumentsOf(command)))} ;;`,
  ])
}

function laterRow(command: Completable): string[] {
  const value = laterOf(command)
  return value === undefined ? [] : [`  later=${quoted(compact(value))}`]
}

function valueRows({ commands, common }: Words): string[] {
  const row = (pattern: (spelled: string) => string) => (flag: Flag) =>
    flag.value === undefined
      ? []
      : [`${spellings(flag).map(pattern).join('|')}) takes=${quoted(compact(wantedBy(flag)))} ;;`]
  return [
    ...commands.flatMap(({ name, flags }) => flags.flatMap(row((spelled) => quoted(`${name} ${spelled}`)))),
    ...common.flatMap(row((spelled) => `*${quoted(` ${spelled}`)}`)),
  ]
}

function groupRows(words: Words, { list }: Dialect): string[] {
  return words.groups.map(({ word }) => `${quoted(word)}) second=${list(secondWords(words, word))} ;;`)
}
