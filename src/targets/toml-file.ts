import { isDeepStrictEqual } from 'node:util'
import { fail, onError } from '../model/errors.js'
import { isRecord } from '../model/json.js'
import { kept } from '../model/shared.js'
import type { Entry } from '../model/targets.js'
import type { Json } from './json-values.js'
import type { Found, SharedText } from './shared-text.js'
import { tomlKey, tomlPairs } from './toml-text.js'

/* TOML as people keep it, with a few tables of haal's at its end. A table comes in as one stretch of text, a blank line before it, and goes
   as that same stretch. Where a person, or the tool, has written it otherwise since (tables of its own below it, dotted keys), all that says it
   goes. What a file of haal's own looks like: it begins with such a table. */

/** Throws E_CONFLICT where the text cannot be read, and what the changes throw. Tables that come into a new file are written at once. */
export async function openToml(text: string | undefined, source: string): Promise<SharedText> {
  let now = text
  let coming: Entry[] = []
  const isNew = () => now === undefined
  const settle = async () => {
    const made = isNew() && coming.length > 0 ? await tablesOf(coming) : undefined
    if (made !== undefined) now = made
    else for (const entry of coming) now = await addToToml(now, entry, source)
    coming = []
    return now
  }
  const paths = new Set<string>()
  if (text !== undefined) await whole(text, source)
  return {
    find: async (entry) => {
      const there = isNew() && !paths.has(JSON.stringify(entry.path)) ? undefined : await settle()
      return there === undefined ? 'absent' : findInToml(there, entry, source)
    },
    add: async (entry) => {
      paths.add(JSON.stringify(entry.path))
      if (isNew()) coming.push(entry)
      else now = await addToToml(now, entry, source)
    },
    replace: async (was, entry) => {
      now = await replaceInToml((await settle()) ?? '', { was, entry }, source)
    },
    remove: async (entry) => {
      const there = await settle()
      now = there === undefined ? undefined : await removeFromToml(there, entry, source)
    },
    text: settle,
  }
}

async function findInToml(text: string, entry: Entry, source: string): Promise<Found> {
  const there = valueAt(await whole(text, source), entry.path)
  if (there === undefined) return 'absent'
  return isDeepStrictEqual(there, await asToml(entry)) ? 'same' : 'edited'
}

/** The text of a new file with these tables; undefined where they cannot stand in one file. */
async function tablesOf(entries: readonly Entry[]): Promise<string | undefined> {
  const text = entries.map((entry) => `${tableText(entry, '\n')}\n`).join('\n')
  return onError(
    ['E_CONFLICT'],
    async () => (await whole(text, '')) && text,
    () => undefined,
  )
}

/** Throws E_CONFLICT where the file would not be TOML any more, or would say something else: the table may be defined in a way that does not
    let another one in. */
async function addToToml(text: string | undefined, entry: Entry, source: string): Promise<string> {
  if (text === undefined) return `${tableText(entry, '\n')}\n`
  await whole(text, source)
  const eol = eolOf(text)
  const table = tableText(entry, eol)
  const added = text.endsWith('\n') ? `${text}${eol}${table}${eol}` : `${text}${eol}${eol}${table}`
  const noRoom = `there is no room for [${headOf(entry)}] in ${source}, where ${entry.path[0]} is not written as tables`
  const data = await whole(added, source, noRoom)
  return valueAt(data, entry.path) === undefined ? refuse(noRoom, asTables, source) : added
}

async function replaceInToml(
  text: string,
  { was, entry }: { was: Entry; entry: Entry },
  source: string,
): Promise<string> {
  const [span, ...more] = await spansOf(text, was, source)
  if (span === undefined) return addToToml(text, entry, source)
  const table = tableText(entry, eolOf(text))
  if (more.length === 0 && span.isTable) return text.slice(0, span.start) + table + text.slice(span.end)
  return addToToml(await removeFromToml(text, was, source), entry, source)
}

/** The text without a table; undefined where nothing is left of a file that haal made. Throws E_CONFLICT where it stands in the midst of
    another. */
async function removeFromToml(text: string, entry: Entry, source: string): Promise<string | undefined> {
  const spans = await spansOf(text, entry, source)
  if (spans.length === 0 && valueAt(await whole(text, source), entry.path) !== undefined)
    refuse(
      `${headOf(entry)} in ${source} is part of a line that says more`,
      'take it out, or write it as a table',
      source,
    )
  const rest = spans.reduceRight((left, span) => without(left, span), text)
  return spans[0]?.start === 0 && rest.trim() === '' ? undefined : rest
}

function without(text: string, { start, end, isTable }: Span): string {
  const after = text.slice(end)
  if (start === 0) return after.replace(/^(\r?\n){1,2}/, '')
  return text.slice(0, start).replace(isTable ? /(\r?\n){1,2}$/ : /\r?\n[ \t]*$/, '') + after
}

/** Each table is looked for by itself, and mostly in one and the same text: that is read once. What is wrong with it is told of the file that was
    asked about. */
let last: { text: string; source: string; data: Promise<Json> } | undefined

function whole(text: string, source: string, message?: string): Promise<Json> {
  if (last?.text === text && last.source === source) return last.data
  const data = parsed(text, source, message)
  last = { text, source, data }
  data.catch(() => {
    last = undefined
  })
  return data
}

async function parsed(text: string, source: string, message?: string): Promise<Json> {
  const { parse, TomlError } = await import('smol-toml')
  try {
    return parse(text.replace(/^\ufeff/, ''))
  } catch (e) {
    if (!(e instanceof TomlError)) throw e
    return message === undefined
      ? refuse(
          `${source}:${e.line}:${e.column} is not TOML; haal does not write into it`,
          'mend the file, then run the command again',
          source,
        )
      : refuse(message, asTables, source)
  }
}

const asTables = 'write it as tables, one for each'

function refuse(message: string, hint: string, source: string): never {
  return fail('E_CONFLICT', message, { hint, details: { file: source } })
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
async function spansOf(text: string, { path }: Entry, source: string): Promise<Span[]> {
  const spans: Span[] = []
  let next = -1
  for (const { start, end, isHead, number } of (await statementsIn(text, source)).get(JSON.stringify(path)) ?? []) {
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

let lastRead: { text: string; statements: Promise<Statements> } | undefined

function statementsIn(text: string, source: string): Promise<Statements> {
  if (lastRead?.text !== text) lastRead = { text, statements: readStatements(text, source) }
  return lastRead.statements
}

async function readStatements(text: string, source: string): Promise<Statements> {
  const statements = new Map<string, Statement[]>()
  let table: readonly string[] = []
  for (const [number, { start, end, key, isHead }] of stretchesIn(text).entries()) {
    const own = plainKeys.test(key) ? key.split('.').map((each) => each.trim()) : await keysOf(key, source)
    if (isHead) table = own
    const keys = isHead ? own : [...table, ...own]
    for (const index of keys.keys())
      kept(statements, JSON.stringify(keys.slice(0, index + 1)), (): Statement[] => []).push({
        start,
        end,
        isHead,
        number,
      })
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
