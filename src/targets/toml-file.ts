import { isDeepStrictEqual } from 'node:util'
import { fail, onError } from '../model/errors.js'
import { isRecord } from '../model/json.js'
import type { Entry } from '../model/targets.js'
import type { Found } from './json-file.js'
import type { Json } from './json-values.js'
import { tomlKey, tomlPairs } from './toml-text.js'

/* TOML as people keep it, with a few tables of haal's at its end. A table comes in as one stretch of text, a blank line before it, and goes
   as that same stretch. What a file of haal's own looks like: it begins with such a table. */

export async function findInToml(text: string, entry: Entry, source: string): Promise<Found> {
  const there = valueAt(await whole(text, source), entry.path)
  if (there === undefined) return 'absent'
  return isDeepStrictEqual(there, await asToml(entry)) ? 'same' : 'edited'
}

/** The text of a new file with these tables; undefined where they cannot stand in one file. */
export async function tablesOf(entries: readonly Entry[]): Promise<string | undefined> {
  const text = entries.map((entry) => `${tableText(entry, '\n')}\n`).join('\n')
  return onError(
    ['E_CONFLICT'],
    async () => (await whole(text, '')) && text,
    () => undefined,
  )
}

/** Throws E_CONFLICT where the file would not be TOML any more: the table may be defined in a way that does not let another one in. */
export async function addToToml(text: string | undefined, entry: Entry, source: string): Promise<string> {
  if (text === undefined) return `${tableText(entry, '\n')}\n`
  await whole(text, source)
  const eol = eolOf(text)
  const table = tableText(entry, eol)
  const added = text.endsWith('\n') ? `${text}${eol}${table}${eol}` : `${text}${eol}${eol}${table}`
  await whole(
    added,
    source,
    `there is no room for [${headOf(entry)}] in ${source}, where ${entry.path[0]} is written on one line`,
  )
  return added
}

export async function replaceInToml(
  text: string,
  { was, entry }: { was: Entry; entry: Entry },
  source: string,
): Promise<string> {
  const span = await spanOf(text, was, source)
  if (span === undefined) return addToToml(text, entry, source)
  return text.slice(0, span.start) + tableText(entry, eolOf(text)) + text.slice(span.end)
}

/** The text without a table; undefined where nothing is left of a file that haal made. */
export async function removeFromToml(text: string, entry: Entry, source: string): Promise<string | undefined> {
  const span = await spanOf(text, entry, source)
  if (span === undefined) return text
  const before = text.slice(0, span.start).replace(/(\r?\n){1,2}$/, '')
  const after = text.slice(span.end)
  if (span.start === 0 && after.trim() === '') return undefined
  return span.start === 0 ? after.replace(/^(\r?\n){1,2}/, '') : before + after
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
    return fail('E_CONFLICT', message ?? `${source}:${e.line}:${e.column} is not TOML; haal does not write into it`, {
      hint: message === undefined ? 'mend the file, then run the command again' : 'write it as tables, one for each',
      details: { file: source },
    })
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
}

/** The table under a head, up to its last line that says something. */
async function spanOf(text: string, { path }: Entry, source: string): Promise<Span | undefined> {
  const heads = headsIn(text)
  for (const [index, { start, line }] of heads.entries()) {
    if (line.startsWith('[[')) continue
    const head = await parsed(line, source)
    if (!isDeepStrictEqual(pathOf(head), path)) continue
    const next = heads[index + 1]?.start ?? text.length
    return { start, end: lastLine(text, start, next) }
  }
  return undefined
}

/** The one way down into an object that a head makes. */
function pathOf(head: Json): string[] {
  const [[key, inner] = []] = Object.entries(head)
  return key === undefined ? [] : [key, ...(isRecord(inner) ? pathOf(inner) : [])]
}

/** Comments and blank lines at the end belong to what follows. */
function lastLine(text: string, start: number, next: number): number {
  const trailing = /(?:\r?\n[ \t]*(?:#[^\n]*?)?(?=\r?\n|$))*(?:\r?\n)?$/.exec(text.slice(start, next))
  return next - (trailing?.[0].length ?? 0)
}

/** Lines that open a table. Brackets within texts and lists open none. */
function headsIn(text: string): { start: number; line: string }[] {
  const heads: { start: number; line: string }[] = []
  const token = /"""[\s\S]*?(?:(?<!\\)(?:\\\\)*)"""+|'''[\s\S]*?'''+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|#[^\n]*|[[\]{}\n]/g
  let depth = 0
  let line = 0
  for (const match of text.matchAll(token)) {
    const [found] = match
    if (found === '\n') line = match.index + 1
    else if (
      found === '[' &&
      depth === 0 &&
      text
        .slice(line, match.index)
        .replace(/^\ufeff/, '')
        .trim() === ''
    ) {
      const whole = /^[^\r\n]*/.exec(text.slice(match.index))?.[0] ?? ''
      heads.push({ start: match.index, line: whole })
      depth += 1
    } else if (found === '[' || found === '{') depth += 1
    else if (found === ']' || found === '}') depth -= 1
  }
  return heads
}
