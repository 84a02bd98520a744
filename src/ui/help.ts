import type { Command, Flag, Paint } from '../model/command.js'
import { columns, wrap } from '../model/text.js'

/** One line of the root help. */
export interface HelpRow {
  name: string
  summary: string
  group: string
  aliases?: readonly string[]
}

export interface Helped extends Pick<Command, 'name' | 'args' | 'summary' | 'examples' | 'about' | 'flags'> {
  /** Other words for it. */
  aliases?: readonly string[] | undefined
}

const widest = 100

/** `haal help`. */
export function rootHelp(rows: readonly HelpRow[], flags: readonly Flag[], paint: Paint): string[] {
  const names = columns(rows.map(({ name, summary }) => [name, summary]))
  const groups = [...new Set(rows.map(({ group }) => group))]
  return [
    ...paragraph(
      'haal installs what AI agents read and run, from ordered registries, under policy, held by a lockfile.',
      paint,
    ),
    '',
    `${paint.bold('Usage:')} haal <command> [arguments] [flags]`,
    ...groups.flatMap((group) => [
      '',
      paint.bold(group),
      ...names.filter((_, i) => rows[i]?.group === group).flatMap((row) => entry(row, paint)),
    ]),
    '',
    paint.bold('Flags of every command'),
    ...flagLines(flags, paint),
    '',
    ...paragraph(
      '"haal help <command>" says more about one; "haal help errors" lists every failure and its exit status.',
      paint,
    ),
  ]
}

/** `haal help <command>` and `haal <command> --help`. */
export function commandHelp(command: Helped, common: readonly Flag[], paint: Paint): string[] {
  return [
    ...titleLines(`haal ${command.name}`, command.summary, paint),
    '',
    `${paint.bold('Usage:')} ${usage(command)}`,
    ...(command.aliases === undefined ? [] : [`${paint.bold('Also:')}  ${others(command.aliases).join(', ')}`]),
    ...(command.about ?? []).flatMap((text) => ['', ...paragraph(text, paint)]),
    ...(command.flags.length === 0 ? [] : ['', paint.bold('Flags'), ...flagLines(command.flags, paint)]),
    '',
    paint.bold('Flags of every command'),
    ...flagLines(common, paint),
    '',
    paint.bold('Examples'),
    ...command.examples.map((example) => `  ${example}`),
  ]
}

/** A word that stands before others (`haal policy`). */
export function groupHelp(word: string, rows: readonly HelpRow[], paint: Paint): string[] {
  return [
    `${paint.bold('Usage:')} haal ${word} <command>`,
    '',
    ...columns(rows.map(({ name, summary }) => [name, summary])).flatMap((row) => entry(row, paint)),
  ]
}

/** docs/commands.md. */
export function commandsPage(commands: readonly Helped[], common: readonly Flag[]): string[] {
  const sections = commands.map((command) => [
    `## haal ${command.name}`,
    '',
    `${sentence(command.summary)}.`,
    '',
    '```',
    usage(command),
    '```',
    ...(command.aliases === undefined ? [] : ['', `Also: ${others(command.aliases).map(code).join(', ')}`]),
    ...(command.about ?? []).flatMap((text) => ['', text]),
    ...flagTable(command.flags),
    '',
    'Examples:',
    '',
    '```sh',
    ...command.examples,
    '```',
    '',
  ])
  const head = [
    '# Commands',
    '',
    '`haal help <command>` prints the same.',
    '',
    '## Flags of every command',
    ...flagTable(common),
    '',
  ]
  return [...head, ...sections.flat().slice(0, -1)]
}

function usage({ name, args, flags }: Pick<Helped, 'name' | 'args' | 'flags'>): string {
  return ['haal', name, args, flags.length > 0 ? '[flags]' : ''].filter((part) => part !== '').join(' ')
}

function others(aliases: readonly string[]): string[] {
  return aliases.map((alias) => `haal ${alias}`)
}

function code(text: string): string {
  return `\`${text}\``
}

function flagTable(flags: readonly Flag[]): string[] {
  if (flags.length === 0) return []
  return [
    '',
    '| flag | does |',
    '| --- | --- |',
    ...flags.map((flag) => `| \`${flagWord(flag)}\` | ${cell(describe(flag))} |`),
  ]
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}

function flagLines(flags: readonly Flag[], paint: Paint): string[] {
  const indented = flags.some(({ short }) => short !== undefined)
  const word = (flag: Flag) => (indented && flag.short === undefined ? `    ${flagWord(flag)}` : flagWord(flag))
  return columns(flags.map((flag) => [word(flag), describe(flag)])).flatMap((row) => entry(row, paint))
}

function flagWord({ name, short, value }: Flag): string {
  return `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`
}

function describe({ summary, choices, several }: Flag): string {
  const more = [choices === undefined ? '' : chosenFrom(choices), several ? 'may be repeated' : ''].filter(
    (part) => part !== '',
  )
  return more.length === 0 ? summary : `${summary} (${more.join('; ')})`
}

function chosenFrom(choices: readonly string[]): string {
  return choices.length === 1 ? choices.join() : `one of ${choices.join(', ')}`
}

/** Two columns; the second goes on below itself, or below the first where the terminal is narrow. */
function entry([first = '', second = '']: readonly string[], paint: Paint): string[] {
  const width = Math.min(paint.width, widest)
  const left = first.length + 4
  if (width - left < 24) return [`  ${first.trimEnd()}`, ...wrap(second, width - 10).map((line) => `          ${line}`)]
  return wrap(second, width - left).map((line, i) => (i === 0 ? `  ${first}  ${line}` : ' '.repeat(left) + line))
}

/** Painted after it is broken: marks of paint are no columns. */
function titleLines(title: string, summary: string, paint: Paint): string[] {
  const [first = '', ...more] = paragraph(`${title}: ${summary}`, paint)
  return [first.replace(title, paint.bold(title)), ...more]
}

function paragraph(text: string, paint: Paint): string[] {
  return wrap(text, Math.min(paint.width, widest))
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
