import * as v from 'valibot'
import { type ErrorCode, fail } from './errors.js'
import { isRecord, jsonPath } from './json.js'

/** Where a value stands, for messages: in which file, under which keys, and what it belongs to (`registry "corp"`). */
export interface Spot {
  file: string
  keys?: readonly (string | number)[]
  of?: string
}

/** Reads a value that came from outside by its schema, or throws `code` with the JSON path of the first thing that is wrong. */
export function decode<S extends v.GenericSchema>(
  schema: S,
  value: unknown,
  at: string | Spot,
  code: ErrorCode,
): v.InferOutput<S> {
  const result = v.safeParse(schema, value, { abortEarly: true })
  if (result.success) return result.output
  const issue = innermost(result.issues[0])
  const spot = typeof at === 'string' ? { file: at } : at
  return wrongAt({ ...spot, keys: [...(spot.keys ?? []), ...keysOf(issue)] }, wrong(issue), { code })
}

/** Throws `code`: the thing at the spot is wrong, and why. */
export function wrongAt(
  { file, keys = [], of }: Spot,
  why: string,
  { code, hint }: { code: ErrorCode; hint?: string | undefined },
): never {
  const path = jsonPath(keys)
  const where = `${keys.length === 0 ? file : `${file}: ${path}`}${of === undefined ? '' : ` (${of})`}`
  return fail(code, `${where} ${why}`, { hint, details: { file, path } })
}

/** A map from any key to values of one shape. */
export function dictionary<S extends v.GenericSchema>(values: S, should = 'should be an object') {
  return v.pipe(object(should), v.record(v.string(), values))
}

/** An object with these keys, others tolerated. */
export function loose<E extends v.ObjectEntries>(entries: E) {
  return v.pipe(object('should be an object'), v.looseObject(entries))
}

/** Text that is neither empty nor as long as a file. */
export const shortText = v.pipe(v.string(), v.minLength(1, 'is empty'), v.maxLength(2000, 'is longer than 2000'))

export function wholeNumber(least: number) {
  const should = `should be a whole number, ${least} or more`
  return v.pipe(v.number(should), v.integer(should), v.minValue(least, should))
}

/** Refuses lists, which valibot's own object schemas accept. */
function object(should: string) {
  return v.custom<Record<string, unknown>>(isRecord, should)
}

type Issue = v.BaseIssue<unknown>

function keysOf({ path }: Issue): (string | number)[] {
  return path?.map(({ key }) => key as string | number) ?? []
}

/** For a value that fits no shape of a union: if one shape fits down to some key, the issue at that key is what is wrong. */
function innermost(issue: Issue): Issue {
  const inner = issue.issues?.find(({ path }) => path !== undefined)
  if (inner?.path === undefined) return issue
  const [first, ...rest] = [...(issue.path ?? []), ...inner.path]
  return innermost({ ...inner, ...(first && { path: [first, ...rest] }) })
}

function wrong({ type, kind, expected, received, message }: Issue): string {
  if (type === 'strict_object' && expected === 'never') return 'is not a key haal knows'
  if (received === 'undefined') return 'is missing'
  const isOwn = kind !== 'schema' || type === 'custom' || message.startsWith('should be ')
  const should = isOwn ? message : `should be ${anyOf(expected ?? '')}`
  return should.startsWith('should be ') ? `${should}, not ${plain(received)}` : should
}

/** `("a" | "b" | "c")` as people say it. */
function anyOf(expected: string): string {
  const all = expected
    .replace(/^\((.*)\)$/, '$1')
    .split(' | ')
    .map(plain)
  return `${all.slice(0, -1).join(', ')}${all.length > 1 ? ' or ' : ''}${all.at(-1)}`
}

/** Valibot speaks of types as JavaScript does. */
function plain(type: string): string {
  const said = words[type] ?? type
  return said.length > 60 ? `${said.slice(0, 59)}…` : said
}

const words: Readonly<Record<string, string>> = {
  Object: 'an object',
  Array: 'a list',
  Function: 'a function',
  string: 'text',
  number: 'a number',
  boolean: 'true or false',
}
