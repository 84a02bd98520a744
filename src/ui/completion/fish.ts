import type { Flag } from '../../model/command.js'
import { namesFile } from '../../model/completion-names.js'
import {
  argumentsOf,
  type Completable,
  firstWords,
  laterOf,
  secondWords,
  type Value,
  type Words,
  wantedBy,
} from './words.js'

/** fish expands only what the script itself says: lines that a function prints stay as they are. */
export function fishScript(words: Words): string {
  return [
    '# Completion of haal for fish. Written by "haal completion fish".',
    '',
    ...commandFunction(words),
    '',
    at,
    reader,
    'complete -c haal -f',
    ...words.common.map((flag) => flagLine(flag, '')),
    '',
    ...firstWords(words).map(
      ({ word, summary }) => `complete -c haal -n '__haal_at ""' -a ${word} -d ${text(summary)}`,
    ),
    ...words.groups.flatMap(({ word }) =>
      secondWords(words, word).map(
        (each) => `complete -c haal -n '__haal_at ${word}' -a ${each.word} -d ${text(each.summary)}`,
      ),
    ),
    ...words.commands.flatMap((command) => ['', ...commandLines(command)]),
    '',
  ].join('\n')
}

function commandLines(command: Completable): string[] {
  const { name, flags } = command
  const where = ` -n ${text(`__haal_at "${name}"`)}`
  const later = laterOf(command)
  const first = later === undefined ? where : ` -n ${text(`__haal_at "${name}" first`)}`
  const args = [
    ...argumentLine(argumentsOf(command), first),
    ...(later === undefined ? [] : argumentLine(later, ` -n ${text(`__haal_at "${name}" later`)}`)),
  ]
  return [...args, ...flags.map((flag) => flagLine(flag, where))]
}

function argumentLine(value: Value, where: string): string[] {
  const given = written(value)
  return given === undefined ? [] : [`complete -c haal${where} ${given.replace(/^-x/, '-f')}`]
}

function flagLine(flag: Flag, where: string): string {
  const { name, short, value, summary } = flag
  const spelled = `${short === undefined ? '' : ` -s ${short}`} -l ${name}`
  const takes = value === undefined ? '' : ` ${written(wantedBy(flag)) ?? '-x'}`
  return `complete -c haal${where}${spelled}${takes} -d ${text(summary)}`
}

function written(value: Value): string | undefined {
  if ('words' in value) {
    const folders = value.orFolder ? ' (__fish_complete_directories)' : ''
    return `-x -a ${text(`${value.words.join(' ')}${folders}`)}`
  }
  if ('names' in value) return `-x -a '(__haal_names ${value.names})'`
  if ('path' in value) return value.path === 'file' ? '-r -F' : `-x -a '(__fish_complete_directories)'`
  return undefined
}

/** In fish's single quotes only a backslash and a quote need one. */
function text(plain: string): string {
  return `'${plain.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}

function commandFunction(words: Words): string[] {
  return [
    '# Prints the command on the line so far (nothing, a group, or a whole command), then "later" where it has an argument, else "first".',
    'function __haal_command',
    '  set -l skip',
    '  set -l found',
    '  set -l place first',
    '  for word in (commandline -opc)[2..]',
    '    if test -n "$skip"',
    '      set skip',
    `    else if contains -- $word ${valued(words).join(' ')}`,
    '      set skip 1',
    "    else if not string match -q -- '-*' $word",
    '      switch "$found"',
    "        case ''",
    '          switch $word',
    ...aliasCases(words),
    "            case '*'",
    '              set found $word',
    '          end',
    `        case ${words.groups.map(({ word }) => word).join(' ')}`,
    '          set found "$found $word"',
    "        case 'help'",
    `          contains -- $word ${words.groups.map(({ word }) => word).join(' ')}; and set found "help $word"; or set place later`,
    "        case '*'",
    '          set place later',
    '      end',
    '    end',
    '  end',
    '  echo $found',
    '  echo $place',
    'end',
  ]
}

/** The flags that take a value, as they may be spelled. */
function valued({ commands, common }: Words): string[] {
  const flags = [...common, ...commands.flatMap((command) => command.flags)].filter(({ value }) => value !== undefined)
  return [...new Set(flags.flatMap(({ name, short }) => (short ? [`--${name}`, `-${short}`] : [`--${name}`])))]
}

function aliasCases({ commands }: Words): string[] {
  return commands
    .filter(({ aliases }) => aliases.length > 0)
    .flatMap(({ name, aliases }) => [`            case ${aliases.join(' ')}`, `              set found ${name}`])
}

const at = `function __haal_at
  set -l now (__haal_command)
  test "$now[1]" = "$argv[1]"; or return
  test -z "$argv[2]" -o "$now[2]" = "$argv[2]"
end
`

const reader = `# The folder that the line works in.
function __haal_folder
  set -l at $PWD
  set -l before
  for word in (commandline -opc)
    if contains -- "$before" -C --cwd
      set at (__haal_go $word)
    else if string match -q -- '--cwd=*' $word
      set at (__haal_go (string replace -- --cwd= '' $word))
    else if contains -- $word --global -g
      set at $HOME
    end
    set before $word
  end
  echo $at
end

# Where --cwd leads.
function __haal_go
  set -l to (string replace -r '^~' $HOME -- $argv[1])
  path resolve -- $to 2> /dev/null; or echo $to
end

# Names of a type, from the file that haal keeps at the project's root; without one haal is asked.
function __haal_names
  set -l at (__haal_folder)
  while not test -e $at/haal.json -o -e $at/haal.lock -o -d $at/.haal
    test -n "$at"; or return
    set at (string replace -r '/[^/]*$' '' -- $at)
  end
  set -l names
  if test -f $at/${namesFile}
    set names (string replace -f -r "^$argv[1]\\t" '' < $at/${namesFile})
  else
    set names (command haal __complete $argv[1] --cwd $at/ 2> /dev/null)
  end
  set names (string match -r '^[A-Za-z0-9@._/+-]+$' -- $names)
  if contains -- $argv[1] installed available
    if not string match -q -- '*/*' (commandline -ct)
      string replace -r '^[^/]*/' '' -- $names
    end
    test -n "$(commandline -ct)"; and printf '%s\\n' $names
  else
    printf '%s\\n' $names
  end
end
`
