import { type CommanderError, Option, Command as Program } from 'commander'
import type { Command, Flag, Flags } from '../model/command.js'
import { fail } from '../model/errors.js'
import { nearest } from '../model/nearest.js'
import { inShell } from '../model/text.js'
import { commonFlags } from './flags.js'
import { argumentsOf } from './row.js'

export interface Given {
  args: readonly string[]
  flags: Flags
}

/** Reads the flags and arguments of one command. Throws E_USAGE with the nearest flag or an example. */
export function parse(command: Command, rest: readonly string[]): Given {
  const flags = [...command.flags, ...commonFlags]
  const program = programOf(command, flags)
  try {
    program.parse([...rest], { from: 'user' })
  } catch (e) {
    if (e instanceof Error && 'code' in e && String(e.code).startsWith('commander.'))
      refuse(e as CommanderError, command, { flags, words: program.args, rest })
    throw e
  }
  return { args: program.args, flags: program.opts() }
}

function programOf({ name, args }: Command, flags: readonly Flag[]): Program {
  const silent = () => undefined
  const program = new Program(name)
    .exitOverride()
    .configureOutput({ writeOut: silent, writeErr: silent, outputError: silent })
  program.helpOption(false).helpCommand(false).showSuggestionAfterError(false)
  for (const each of argumentsOf(args)) program.argument(each)
  for (const flag of flags) program.addOption(optionOf(flag, helpOn(name)))
  return program
}

function optionOf(flag: Flag, help: string): Option {
  const { name, short, value, several } = flag
  const option = new Option(
    `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${placeholder(value)}`}`,
  )
  const taken = (text: string) => takenBy(text, flag, help)
  if (several) option.argParser((text: string, before: string[] | undefined) => [...(before ?? []), `${taken(text)}`])
  else if (value !== undefined) option.argParser(taken)
  return option
}

/** commander asks for one word in brackets. */
function placeholder(value: string): string {
  return /^<[^<>]+>$/.test(value) ? value : '<value>'
}

/** Throws E_USAGE for a value that the flag does not take. */
function takenBy(text: string, { name, number, choices }: Flag, hint: string): string | number {
  const refused = (why: string) => fail('E_USAGE', `--${name} ${why}`, { hint })
  if (text === '') return refused('needs a value that is not empty')
  if (number) return /^\d{1,9}$/.test(text) ? Number(text) : refused(`takes a whole number, not "${text}"`)
  return choices?.includes(text) === false ? refused(`takes ${choices.join(' or ')}, not "${text}"`) : text
}

function helpOn(command: string): string {
  return `see: haal help ${command}`
}

interface Line {
  flags: readonly Flag[]
  /** What is neither a flag nor the value of one. */
  words: readonly string[]
  rest: readonly string[]
}

function refuse({ code, message }: CommanderError, command: Command, { flags, words, rest }: Line): never {
  const named = /'([^'=]*)/.exec(message)?.[1] ?? ''
  const help = helpOn(command.name)
  switch (code) {
    case 'commander.unknownOption': {
      if (flags.some(({ name }) => named === `--${name}`))
        return fail('E_USAGE', `${named} takes no value`, { hint: `write it alone: ${named}` })
      const meant = nearest(
        named.replace(/^-+/, '').replace(/=.*/, ''),
        flags.map(({ name }) => name),
      )
      return fail('E_USAGE', `haal ${command.name} has no flag ${named}`, {
        hint: meant === undefined ? help : `did you mean --${meant}?`,
      })
    }
    case 'commander.missingArgument':
      return fail('E_USAGE', `haal ${command.name} needs ${command.args}`, {
        hint: `for example: ${command.examples[0]}`,
      })
    case 'commander.excessArguments':
      return refuseExcess(command, { flags, words, rest })
    case 'commander.optionMissingArgument':
      return fail('E_USAGE', `${named} needs a value`, { hint: help })
    default:
      return fail('E_USAGE', plainly(message), { hint: help })
  }
}

/** Behind a flag that is given once for each value, a word too many is most likely one more value. */
function refuseExcess({ name, args }: Command, { flags, words, rest }: Line): never {
  const excess = words[argumentsOf(args).length] ?? ''
  const [flag, value = ''] = rest.slice(Math.max(0, rest.indexOf(excess) - 2))
  const isAgain = flags.some(({ several, name: long }) => several && flag === `--${long}`)
  return fail('E_USAGE', `haal ${name} takes ${args === '' ? 'no arguments' : `only ${args}`}, not "${excess}"`, {
    hint: isAgain ? `write the flag again: ${flag} ${inShell(value)} ${flag} ${inShell(excess)}` : helpOn(name),
  })
}

function plainly(message: string): string {
  const text = message.replace(/^error: /, '').replace(/^./, (first) => first.toLowerCase())
  return text.replace(/\. ([A-Z])/g, (_, letter: string) => `; ${letter.toLowerCase()}`).replace(/\.$/, '')
}
