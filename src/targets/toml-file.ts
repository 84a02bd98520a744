import { isDeepStrictEqual } from 'node:util'
import { onError } from '../model/errors.js'
import { isRecord } from '../model/json.js'
import { addTo } from '../model/maps.js'
import type { Entry } from '../model/targets.js'
import type { Json } from './json-values.js'
import { type Found, refuse, type SharedText } from './shared-text.js'
import { tomlKey, tomlPairs } from './toml-text.js'

/* TOML as people keep it, with a few tables of haal's at its end. A table comes in as one stretch of text, with a blank line before it, and goes
   as that same stretch. Where a person, or the tool, has since written the value in several places (tables below it, dotted keys), all of them go.
   A file that begins with a table of haal's and has nothing else was made by haal, and goes with its last table. */

/** Throws E_CONFLICT where the text cannot be read. Changes are kept by path and written in one pass when the text is asked for, so that very many
    of them stay fast. */
export async function openToml(text: string | undefined, source: string): Promise<SharedText> {
  const file: File = { text, source, data: await parsed(text ?? '', source), inside: new Map(), behind: new Map() }
  const { inside, behind } = file
  const spansOf = async (entry: Entry) => {
    const change = inside.get(keyOf(entry))
    if (change === undefined) return joined((await statementsOf(file)).get(keyOf(entry)) ?? [])
    return change.entry === undefined ? [] : change.spans
  }
  return {
    find: (entry) => findIn(file, entry),
    add: (entry) => {
      behind.set(keyOf(entry), entry)
    },
    replace: async (was, entry) => {
      const key = keyOf(was)
      const spans = behind.has(key) ? [] : await spansOf(was)
      const isInPlace = spans.length === 1 && spans[0]?.isTable
      if (spans.length > 0) inside.set(key, isInPlace ? { spans, entry } : { spans })
      if (!isInPlace) behind.set(key, entry)
    },
    remove: async (entry) => {
      if (behind.delete(keyOf(entry))) return
      const spans = await spansOf(entry)
      if (spans.length > 0) inside.set(keyOf(entry), { spans })
      else if (valueAt(file.data, entry.path) !== undefined && !inside.has(keyOf(entry))) refusePart(entry, source)
    },
    text: () => textOf(file),
  }
}

interface File {
  /** As it was read; undefined where there is none. */
  text: string | undefined
  source: string
  data: Json
  statements?: Promise<Statements>
  /** By path, changes to what the text says: another table in its place, or none. */
  inside: Map<string, Change>
  /** By path, tables that are added at its end, in this order. */
  behind: Map<string, Entry>
}

interface Change {
  spans: readonly Span[]
  entry?: Entry
}

function keyOf({ path }: Entry): string {
  return JSON.stringify(path)
}

async function findIn({ data, inside, behind }: File, entry: Entry): Promise<Found> {
  const change = behind.has(keyOf(entry)) ? { entry: behind.get(keyOf(entry)) } : inside.get(keyOf(entry))
  const there = change === undefined ? valueAt(data, entry.path) : change.entry && (await asToml(change.entry))
  if (there === undefined) return 'absent'
  return isDeepStrictEqual(there, await asToml(entry)) ? 'same' : 'edited'
}

/** undefined where nothing is left of a file that haal made. Throws E_CONFLICT where a table finds no room: what is there may be written in a way
    that does not let another one in. */
async function textOf(file: File): Promise<string | undefined> {
  const left = file.inside.size === 0 ? file.text : withoutGone(file.text ?? '', file.inside.values())
  const coming = [...file.behind.values()]
  const eol = eolOf(file.text ?? '')
  const text = withTables(left, coming, eol)
  if (await hasRoom(text, coming)) return text
  return refuseFirst({ text: left, eol }, coming, file.source)
}

/** The text with each changed stretch replaced by its new table, or taken out with the line ends before it (at the beginning of the file, with those
    behind it). undefined where nothing is left of a file that begins with a table of haal's. */
function withoutGone(text: string, changes: Iterable<Change>): string | undefined {
  const eol = eolOf(text)
  const gone = [...changes].flatMap(({ spans, entry }) => spans.map((span) => ({ ...span, entry })))
  let left = ''
  let from = 0
  let isGone = false
  for (const { start, end, isTable, entry } of gone.sort((a, b) => a.start - b.start)) {
    const gap = text.slice(from, start)
    const isFirst = entry === undefined && left === '' && gap === ''
    from = isFirst ? end + (/^(\r?\n){1,2}/.exec(text.slice(end, end + 4))?.[0].length ?? 0) : end
    left +=
      entry === undefined ? gap.replace(isTable ? /(\r?\n){1,2}$/ : /\r?\n[ \t]*$/, '') : gap + tableText(entry, eol)
    isGone ||= isFirst
  }
  left += text.slice(from)
  return isGone && left.trim() === '' ? undefined : left
}

function withTables(text: string | undefined, coming: readonly Entry[], eol: string): string | undefined {
  if (text === undefined) {
    const tables = coming.map((entry) => `${tableText(entry, '\n')}\n`)
    return tables.length === 0 ? undefined : tables.join('\n')
  }
  const [before, after] = text.endsWith('\n') ? [eol, eol] : [eol + eol, '']
  return [text, ...coming.map((entry) => before + tableText(entry, eol) + after)].join('')
}

async function hasRoom(text: string | undefined, coming: readonly Entry[]): Promise<boolean> {
  if (coming.length === 0) return true
  const data = await onError(
    ['E_CONFLICT'],
    () => parsed(text ?? '', ''),
    () => undefined,
  )
  return data !== undefined && coming.every(({ path }) => valueAt(data, path) !== undefined)
}

interface Left {
  text: string | undefined
  eol: string
}

async function refuseFirst({ text, eol }: Left, coming: readonly Entry[], source: string): Promise<never> {
  let fits = 0
  let fails = coming.length
  while (fails - fits > 1) {
    const middle = (fits + fails) >> 1
    const some = coming.slice(0, middle)
    if (await hasRoom(withTables(text, some, eol), some)) fits = middle
    else fails = middle
  }
  const [entry] = coming.slice(fits)
  const what = entry && `[${headOf(entry)}] in ${source}, where ${entry.path[0]}`
  return refuse(`there is no room for ${what} is not written as tables`, 'write it as tables, one for each', source)
}

function refusePart(entry: Entry, source: string): never {
  return refuse(
    `${headOf(entry)} in ${source} is part of a line that says more`,
    'take it out, or write it as a table',
    source,
  )
}

async function parsed(text: string, source: string): Promise<Json> {
  const { parse, TomlError } = await import('smol-toml')
  try {
    return parse(text.replace(/^\ufeff/, ''))
  } catch (e) {
    if (!(e instanceof TomlError)) throw e
    return refuse(
      `${source}:${e.line}:${e.column} is not TOML; haal does not write into it`,
      'mend the file, then run the command again',
      source,
    )
  }
}

/** The value as it comes back from TOML, where nothing is null. */
async function asToml(entry: Entry): Promise<unknown> {
  return valueAt(await parsed(tableText(entry, '\n'), ''), entry.path)
}

function valueAt(data: Json, path: readonly string[]): unknown {
  let value: unknown = data
  for (const key of path) value = isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined
  return value
}

function tableText(entry: Entry, eol: string): string {
  return [`[${headOf(entry)}]`, ...tomlPairs(entry.value as Json)].join(eol)
}

function headOf({ path }: Entry): string {
  return path.map(tomlKey).join('.')
}

function eolOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n'
}

interface Span {
  start: number
  end: number
  /** It begins with a head, and a table can stand in its place. */
  isTable: boolean
}

/** The stretches of text that say a value: its table, tables below it, pairs that lead into it. */
function joined(statements: readonly Statement[]): Span[] {
  const spans: Span[] = []
  let next = -1
  for (const { start, end, isHead, number } of statements) {
    const last = spans.at(-1)
    if (number === next && last !== undefined) last.end = end
    else spans.push({ start, end, isTable: isHead })
    next = number + 1
  }
  return spans
}

/** A head or a pair, up to the end of its line. */
interface Statement extends Pick<Span, 'start' | 'end'> {
  isHead: boolean
  number: number
}

/** Each under all the keys that lead to what it says, and under the first of them. */
type Statements = ReadonlyMap<string, readonly Statement[]>

function statementsOf(file: File): Promise<Statements> {
  file.statements ??= readStatements(file.text ?? '', file.source)
  return file.statements
}

async function readStatements(text: string, source: string): Promise<Statements> {
  const statements = new Map<string, Statement[]>()
  let table: readonly string[] = []
  for (const [number, { start, end, key, isHead }] of stretchesIn(text).entries()) {
    const own = plainKeys.test(key) ? key.split('.').map((each) => each.trim()) : await keysOf(key, source)
    if (isHead) table = own
    const keys = isHead ? own : [...table, ...own]
    for (const index of keys.keys())
      addTo(statements, JSON.stringify(keys.slice(0, index + 1)), { start, end, isHead, number })
  }
  return statements
}

const plainKeys = /^[\w-]+(?:[ \t]*\.[ \t]*[\w-]+)*$/

async function keysOf(key: string, source: string): Promise<string[]> {
  return pathOf(await parsed(`${key} = 0`, source))
}

/** The one way down into an object that a key makes. */
function pathOf(value: Json): string[] {
  const [[key, inner] = []] = Object.entries(value)
  return key === undefined ? [] : [key, ...(isRecord(inner) ? pathOf(inner) : [])]
}

interface Stretch extends Pick<Span, 'start' | 'end'> {
  key: string
  isHead: boolean
}

/** What stands on lines of its own in text that is TOML. Brackets and equals signs within texts, lists and objects begin nothing. */
function stretchesIn(text: string): Stretch[] {
  const stretches: Stretch[] = []
  let depth = 0
  let line = text.startsWith('\ufeff') ? 1 : 0
  let isOpen = false
  for (const { 0: found, index } of `${text}\n`.matchAll(token)) {
    const last = stretches.at(-1)
    if (found === '\n' && depth === 0) {
      if (isOpen && last !== undefined) last.end = text[index - 1] === '\r' ? index - 1 : index
      line = index + 1
      isOpen = false
    } else if (!isOpen && (found === '[' || found === '=')) {
      const start = found === '[' ? index : line + text.slice(line).search(/[^ \t]/)
      stretches.push({ start, end: index, isHead: found === '[', key: text.slice(start, index).trim() })
      isOpen = true
    } else if (found === ']' && depth === 1 && last?.isHead && last.key === '') {
      last.key = text
        .slice(last.start, index)
        .replace(/^\[+|\]+$/g, '')
        .trim()
    }
    depth += steps[found] ?? 0
  }
  return stretches
}

const token = /"""[\s\S]*?(?:(?<!\\)(?:\\\\)*)"""+|'''[\s\S]*?'''+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|#[^\n]*|[[\]{}=\n]/g
const steps: Readonly<Record<string, number>> = { '[': 1, '{': 1, ']': -1, '}': -1 }
