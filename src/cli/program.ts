import { type CommanderError, InvalidArgumentError, Option, Command as Program } from 'commander'
import type { Command, Flag, Flags } from '../model/command.js'
import { fail } from '../model/errors.js'
import { nearest } from '../model/nearest.js'
import { commonFlags } from './flags.js'

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
      refuse(e as CommanderError, command, flags)
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
  for (const each of args.split(' ').filter((word) => word !== '')) program.argument(each)
  for (const flag of flags) program.addOption(optionOf(flag))
  return program
}

function optionOf({ name, short, value, several, number, choices }: Flag): Option {
  const option = new Option(
    `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${placeholder(value)}`}`,
  )
  if (value !== undefined) option.argParser(filled)
  if (number) option.argParser(whole)
  if (choices !== undefined && !several) option.choices([...choices])
  if (several)
    option.argParser((text: string, before: string[] | undefined) => [...(before ?? []), chosen(text, choices)])
  return option
}

/** commander asks for one word in brackets. */
function placeholder(value: string): string {
  return /^<[^<>]+>$/.test(value) ? value : '<value>'
}

function whole(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.')
  return Number(text)
}

function filled(text: string): string {
  if (text === '') throw new InvalidArgumentError('It must not be empty.')
  return text
}

function chosen(text: string, choices: readonly string[] | undefined): string {
  if (choices !== undefined && !choices.includes(text))
    throw new InvalidArgumentError(`Allowed choices are ${choices.join(', ')}.`)
  return filled(text)
}

function refuse({ code, message }: CommanderError, command: Command, flags: readonly Flag[]): never {
  const named = /'([^'=]*)/.exec(message)?.[1] ?? ''
  const help = `see: haal help ${command.name}`
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
      return fail(
        'E_USAGE',
        `haal ${command.name} takes ${command.args === '' ? 'no arguments' : `only ${command.args}`}`,
        { hint: help },
      )
    case 'commander.optionMissingArgument':
      return fail('E_USAGE', `${named} needs a value`, { hint: help })
    default:
      return fail('E_USAGE', plainly(message), { hint: help })
  }
}

function plainly(message: string): string {
  const text = message.replace(/^error: /, '').replace(/^./, (first) => first.toLowerCase())
  return text.replace(/\. ([A-Z])/g, (_, letter: string) => `; ${letter.toLowerCase()}`).replace(/\.$/, '')
}
