import { describe, expect, test } from 'vitest'
import { parse } from '../../src/cli/program.js'
import type { Command } from '../../src/model/command.js'
import type { HaalError } from '../../src/model/errors.js'

const grow: Command<null> = {
  name: 'grow',
  args: '<plant...>',
  summary: 'grow plants',
  examples: ['haal grow rose'],
  flags: [
    { name: 'force', short: 'f', summary: 'grow faster' },
    { name: 'light', value: '<which>', choices: ['sun', 'lamp'], summary: 'what shines' },
    { name: 'water', value: '<litres>', number: true, summary: 'how much' },
    { name: 'friend', value: '<plant>', several: true, summary: 'what grows beside it' },
  ],
  run: async () => null,
  show: () => [],
}
const bare = { ...grow, args: '' }

describe('flags and arguments', () => {
  test('[U3] come as the table says: switches, texts, numbers, lists', () => {
    expect(
      parse(grow, ['rose', '-fy', '--light=sun', '--water', '3', '--friend', 'a', 'ivy', '--friend', 'b']),
    ).toEqual({
      args: ['rose', 'ivy'],
      flags: { force: true, yes: true, light: 'sun', water: 3, friend: ['a', 'b'] },
    })
  })

  test('[U3] of every command are understood by each', () => {
    expect(parse(grow, ['rose', '--dry-run', '--wait', '0', '-C', 'x']).flags).toEqual({
      dryRun: true,
      wait: 0,
      cwd: 'x',
    })
  })

  test('[U3] end at --', () => {
    expect(parse(grow, ['--', '--force'])).toEqual({ args: ['--force'], flags: {} })
  })
})

function refused(attempt: () => unknown): Pick<HaalError, 'code' | 'message' | 'hint'> {
  try {
    attempt()
  } catch (e) {
    const { code, message, hint } = e as HaalError
    return { code, message, hint }
  }
  throw new Error('nothing was refused')
}

describe('what is not understood is E_USAGE, with the way on', () => {
  test.each<[string, Command<null>, string[], string, string]>([
    ['a misspelt flag', grow, ['rose', '--forse'], 'haal grow has no flag --forse', 'did you mean --force?'],
    ['a misspelt common flag', grow, ['rose', '--dryrun'], 'haal grow has no flag --dryrun', 'did you mean --dry-run?'],
    ['an unknown flag', grow, ['rose', '--xyzzy=3'], 'haal grow has no flag --xyzzy', 'see: haal help grow'],
    ['a missing argument', grow, [], 'haal grow needs <plant...>', 'for example: haal grow rose'],
    ['an argument too many', bare, ['rose', 'lily'], 'haal grow takes no arguments, not "rose"', 'see: haal help grow'],
    [
      'a second value without its flag',
      bare,
      ['--friend', 'ivy', 'rose'],
      'haal grow takes no arguments, not "rose"',
      'write the flag again: --friend ivy --friend rose',
    ],
    ['a flag without its value', grow, ['rose', '--light'], '--light <which> needs a value', 'see: haal help grow'],
    ['a switch with a value', grow, ['rose', '--force=yes'], '--force takes no value', 'write it alone: --force'],
    [
      'an empty value',
      grow,
      ['rose', '--friend', ''],
      '--friend needs a value that is not empty',
      'see: haal help grow',
    ],
    [
      'an empty value of a common flag',
      grow,
      ['rose', '--cwd', ''],
      '--cwd needs a value that is not empty',
      'see: haal help grow',
    ],
    [
      'a value that is no choice',
      grow,
      ['rose', '--light', 'moon'],
      '--light takes sun or lamp, not "moon"',
      'see: haal help grow',
    ],
    [
      'a number that is none',
      grow,
      ['rose', '--water', '1e3'],
      '--water takes a whole number, not "1e3"',
      'see: haal help grow',
    ],
  ])('[U5 U3] %s', (_what, command, rest, message, hint) => {
    expect(refused(() => parse(command, rest))).toEqual({ code: 'E_USAGE', message, hint })
  })
})
