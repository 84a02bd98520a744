import type { Command } from '../model/command.js'
import { nearest } from '../model/nearest.js'
import type { HelpRow } from '../ui/help.js'

/** A command that users see. Its module is loaded only when it runs. */
export interface Row extends HelpRow {
  load(): Promise<Command>
}

export interface Table {
  /** In the order in which help lists them. */
  rows: readonly Row[]
  /** First words that stand before others, with what they are about. */
  groups: readonly { word: string; summary: string }[]
}

/** The command that one or two words name. */
export function rowFor({ rows }: Table, [first = '', second = '']: readonly string[]): Row | undefined {
  const whole = rows.find(({ name }) => name === `${first} ${second}`)
  return whole ?? rows.find(({ name, aliases }) => name === first || aliases?.includes(first))
}

/** What a command takes, one by one: `<artifact>`, `[destination...]`. */
export function argumentsOf(args: string): string[] {
  return args === '' ? [] : args.split(' ')
}

export function isGroup({ groups }: Table, word: string | undefined): boolean {
  return groups.some((group) => group.word === word)
}

/** Where no command has these words: the nearest, as it is typed behind `before`; behind a group's word one of that group. */
export function nearestHint(table: Table, words: readonly string[], before: 'haal' | 'haal help'): string {
  const [first = '', ...rest] = words
  if (/^e_/i.test(first)) return 'see every code: haal help errors'
  const isBehind = isGroup(table, first) && rest.length > 0
  const prefix = isBehind ? `${first} ` : ''
  const all = [...wordsOf(table), ...(before === 'haal' ? [] : ['errors'])].filter((each) => each.startsWith(prefix))
  const meant = nearest(
    words.join(' ').slice(prefix.length),
    all.map((each) => each.slice(prefix.length)),
  )
  if (meant !== undefined) return `did you mean: ${before} ${prefix}${meant}`
  return isBehind ? `see: haal help ${first}` : 'see them all: haal help'
}

/** Every word that may stand first, and every whole command: what a misspelt one is compared with. */
export function wordsOf({ rows, groups }: Table): string[] {
  return [...rows.flatMap(({ name, aliases = [] }) => [name, ...aliases]), ...groups.map(({ word }) => word)]
}
