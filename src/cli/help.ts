import type { Command, Paint } from '../model/command.js'
import { fail } from '../model/errors.js'
import { errorsPage, errorsText } from '../ui/errors-page.js'
import { commandHelp, commandsPage, groupHelp, rootHelp } from '../ui/help.js'
import { plainPaint } from '../ui/paint.js'
import { commonFlags } from './flags.js'
import { isGroup, nearestHint, type Row, rowFor, type Table } from './row.js'

type Show = (paint: Paint) => readonly string[]

/** What `--help` prints: of a command, of a group's first word, or of haal. */
export async function helpFor(table: Table, row: Row | undefined, first: string | undefined): Promise<Show> {
  if (row !== undefined) {
    const command = await row.load()
    return (paint) => commandHelp({ ...command, aliases: row.aliases }, commonFlags, paint)
  }
  const inGroup = table.rows.filter(({ name }) => name.startsWith(`${first} `))
  if (first !== undefined && inGroup.length > 0) return (paint) => groupHelp(first, inGroup, paint)
  return (paint) => rootHelp(table.rows, commonFlags, paint)
}

/** `text` is for programs; `show` knows colours and the width of the terminal. */
type Helped = { topic: string; text: readonly string[]; show: Show }

export function helpOf(table: Table): Command<Helped> {
  return {
    name: 'help',
    args: '[command...]',
    summary: 'explain haal, a command, or every error',
    about: ['"haal help errors" lists every failure haal can report, with its code and exit status.'],
    examples: ['haal help install', 'haal help errors'],
    flags: [{ name: 'markdown', summary: 'print a page in Markdown; without a topic, of all commands' }],
    run: async (_ctx, words, { markdown }) => {
      return helped(words, await (markdown === true ? page : topic)(table, words))
    },
    show: ({ show }, paint) => show(paint),
  }
}

export function helped(words: readonly string[], show: Show): Helped {
  return { topic: words.join(' '), text: show(plainPaint), show }
}

async function topic(table: Table, words: readonly string[]): Promise<Show> {
  return words[0] === 'errors' ? errorsText : helpFor(table, known(table, words), words[0])
}

async function page(table: Table, words: readonly string[]): Promise<Show> {
  if (words[0] === 'errors') return () => errorsPage()
  const row = known(table, words)
  const chosen = table.rows.filter((each) => row === undefined || each === row)
  const commands = await Promise.all(chosen.map(async ({ load, aliases }) => ({ ...(await load()), aliases })))
  return () => commandsPage(commands, commonFlags)
}

function known(table: Table, words: readonly string[]): Row | undefined {
  const row = rowFor(table, words)
  const own = row === undefined ? 1 : row.name.split(' ').length
  if (words.length <= own && (row !== undefined || words.length === 0 || isGroup(table, words[0]))) return row
  return fail('E_USAGE', `haal has no command "${words.join(' ')}"`, { hint: nearestHint(table, words, 'haal help') })
}
