import { inShell } from '../model/text.js'
import { commonFlags } from './flags.js'
import { isGroup, type Table } from './row.js'

/** A command line before anything is loaded. */
export interface Said {
  /** The command's one or two words. */
  words: readonly string[]
  /** Everything else, in order. */
  rest: readonly string[]
  help: boolean
  version: boolean
  json: boolean
  quiet: boolean
  verbose: boolean
  /** The flags that say where the command works, as they have to be typed again: `--global`, `--cwd`, `--config`. */
  where: string
}

/** Finds the command among the flags that may stand before it. What stands behind `--` is never a flag. */
export function read(argv: readonly string[], table: Table): Said {
  const end = argv.indexOf('--')
  const before = (end < 0 ? argv : argv.slice(0, end)).flatMap(apart)
  const all = [...before, ...(end < 0 ? [] : argv.slice(end))]
  const places = wordPlaces(before, table)
  const words = places.map((at) => before[at] ?? '')
  const has = (...spelled: string[]) => before.some((each) => spelled.includes(each))
  return {
    words,
    rest: all.filter((_, at) => !places.includes(at)),
    help: has('--help', '-h'),
    version: words.length === 0 && has('--version', '-v', '-V'),
    json: has('--json'),
    quiet: has('--quiet', '-q'),
    verbose: has('--verbose'),
    where: whereIn(before),
  }
}

/** `-nq` is `-n -q`; what follows a letter that takes a value is that value. */
function apart(word: string): string[] {
  if (!/^-[a-z]{2,}$/i.test(word) || takesNext(word.slice(0, 2))) return [word]
  return [...word.slice(1)].map((letter) => `-${letter}`)
}

function wordPlaces(argv: readonly string[], table: Table): number[] {
  const found: number[] = []
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] ?? ''
    if (word.startsWith('-') && word !== '-') at += takesNext(word) ? 1 : 0
    else found.push(at)
    if (found.length === (isGroup(table, argv[found[0] ?? -1]) ? 2 : 1)) break
  }
  return found
}

function whereIn(argv: readonly string[]): string {
  return argv.flatMap((word, at) => whereOf(word, argv[at + 1] ?? '')).join(' ')
}

function whereOf(word: string, next: string): string[] {
  if (word === '--global' || word === '-g') return ['--global']
  const [, name, value = next] = /^(--cwd|--config|-C)(?:(?<=--\w+)=|(?<=-C)(?=.)|$)(.+)?$/s.exec(word) ?? []
  return name === undefined ? [] : [name, inShell(value)]
}

/** Whether every command takes this flag. */
export function isCommon(word: string): boolean {
  const [flag] = word.split('=')
  return word === '--' || commonFlags.some(({ name, short }) => flag === `--${name}` || flag === `-${short}`)
}

function takesNext(word: string): boolean {
  return commonFlags.some(
    ({ name, short, value }) => value !== undefined && (word === `--${name}` || word === `-${short}`),
  )
}
