import type { Command, Paint } from '../model/command.js'
import { fail } from '../model/errors.js'
import { nearest } from '../model/nearest.js'
import { errorsText } from '../ui/errors-page.js'
import { commandHelp, groupHelp, rootHelp } from '../ui/help.js'
import { plainPaint } from '../ui/paint.js'
import { commonFlags } from './flags.js'
import { groups, type Row, rowFor, table } from './table.js'

type Show = (paint: Paint) => readonly string[]

/** What `--help` prints: of a command, of a group's first word, or of haal. */
export async function helpFor(row: Row | undefined, first: string | undefined): Promise<Show> {
  if (row !== undefined) {
    const command = await row.load()
    return (paint) => commandHelp(command, commonFlags, paint)
  }
  const inGroup = table.filter(({ name }) => name.startsWith(`${first} `))
  if (first !== undefined && inGroup.length > 0) return (paint) => groupHelp(first, inGroup, paint)
  return (paint) => rootHelp(table, commonFlags, paint)
}

/** `text` is for programs; `show` knows colours and the width of the terminal. */
export const help: Command<{ topic: string; text: readonly string[]; show: Show }> = {
  name: 'help',
  args: '[command...]',
  summary: 'explain haal, a command, or every error',
  about: ['"haal help errors" lists every failure haal can report, with its code and exit status.'],
  examples: ['haal help install', 'haal help errors'],
  flags: [],
  run: async (_ctx, words) => {
    const show = await topic(words)
    return { topic: words.join(' '), text: show(plainPaint), show }
  },
  show: ({ show }, paint) => show(paint),
}

async function topic(words: readonly string[]): Promise<Show> {
  if (words[0] === 'errors') return errorsText
  const row = rowFor(words)
  if (row === undefined && words.length > 0 && !groups.some(({ word }) => word === words[0])) {
    const meant = nearest(words.join(' '), [...table.map(({ name }) => name), 'errors'])
    fail('E_USAGE', `haal has no command "${words.join(' ')}"`, {
      hint: meant === undefined ? 'see them all: haal help' : `did you mean: haal help ${meant}`,
    })
  }
  return helpFor(row, words[0])
}
