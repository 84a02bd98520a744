import { type ParseError, parse, printParseErrorCode, visit } from 'jsonc-parser'
import { type ErrorCode, fail } from './errors.js'
import { prototypeKeys } from './names.js'

/** How deep and how long JSON from outside may be. */
export const jsonLimits = { bytes: 8 * 1024 * 1024, depth: 64 } as const

const unsafeKeys: ReadonlySet<string> = new Set(prototypeKeys)

/** How a sort of file is read. */
interface JsonRules {
  /** Thrown for what is not JSON. */
  syntax: ErrorCode
  /** Thrown for a key that is used twice or never safe. */
  key: ErrorCode
  /** Lets `//` and block comments pass, in files that people write. */
  comments?: boolean
}

const usual: JsonRules = { syntax: 'E_JSON', key: 'E_JSON_KEY' }

/** Reads strict JSON that came from outside: refuses comments, keys used twice, keys that reach an object's prototype, and depth
    beyond 64. A BOM, which editors on Windows write, is passed over. `source` names the file in messages, which give line and column. */
export function parseJson(written: string, source: string, rules: JsonRules = usual): unknown {
  const text = withoutMark(written)
  if (Buffer.byteLength(text) > jsonLimits.bytes)
    fail('E_LIMIT_SIZE', `${source} is larger than ${jsonLimits.bytes} bytes`)
  const plain = parsePlain(text)
  if (plain !== undefined) return plain
  refuseHidden(text, source, rules)
  if (rules.comments) return parse(text) as unknown
  try {
    return JSON.parse(text) as unknown
  } catch (cause) {
    return fail(rules.syntax, `${source} is not valid JSON: ${(cause as Error).message}`, { cause })
  }
}

/** The text behind a byte order mark. */
export function withoutMark(text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text
}

/** The same of a file's bytes. Throws E_JSON where they are not UTF-8. */
export function readJson(bytes: Uint8Array, source: string, rules?: JsonRules): unknown {
  return parseJson(utf8(bytes, source), source, rules)
}

function utf8(bytes: Uint8Array, source: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    return fail('E_JSON', `${source} is not valid UTF-8`, { cause })
  }
}

/** Throws for what a parser would accept silently (of two equal keys it keeps the last), with line and column. */
function refuseHidden(text: string, source: string, rules: JsonRules): void {
  const objects: Set<string>[] = []
  const path: string[] = []
  let depth = 0
  const at = (line: number, column: number) => `${source}:${line + 1}:${column + 1}`
  const enter = (line: number, column: number) => {
    depth += 1
    if (depth > jsonLimits.depth) fail('E_LIMIT_DEPTH', `${at(line, column)} is nested deeper than ${jsonLimits.depth}`)
  }
  const leave = () => {
    depth -= 1
  }
  visit(
    text,
    {
      onObjectBegin: (_o, _l, line, column) => {
        enter(line, column)
        objects.push(new Set())
      },
      onObjectEnd: () => {
        leave()
        objects.pop()
        path.length = objects.length
      },
      onArrayBegin: (_o, _l, line, column) => enter(line, column),
      onArrayEnd: leave,
      onObjectProperty: (key, _o, _l, line, column) => {
        const seen = objects.at(-1)
        path[objects.length - 1] = key
        const refuse = (why: string) => fail(rules.key, `${at(line, column)} ${why} (${jsonPath(path)})`)
        if (unsafeKeys.has(key)) refuse(`uses the key "${key}", which is never allowed`)
        if (seen?.has(key)) refuse(`has the key "${key}" twice`)
        seen?.add(key)
      },
      onError: (error, offset, _l, line, column) =>
        fail(rules.syntax, `${at(line, column)} ${explain(error, text, offset)}`),
    },
    { disallowComments: rules.comments !== true, allowTrailingComma: false, allowEmptyContent: false },
  )
}

/** The value of a text that is certain to have no key twice and none that is unsafe, several times faster than a walk with positions. Certain means:
    no escapes, and exactly as many quotes as the value's strings need, since a key given twice leaves more. Else undefined. */
function parsePlain(text: string): unknown {
  if (text.includes('\\')) return undefined
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  return quotesIn(value, 0) === quotesWritten(text) ? value : undefined
}

/** How many quotes the value's strings and keys need; NaN, which equals nothing, where a key is unsafe or the value too deep. */
function quotesIn(value: unknown, depth: number): number {
  if (typeof value === 'string') return 2
  if (typeof value !== 'object' || value === null) return 0
  if (depth === jsonLimits.depth) return Number.NaN
  let quotes = 0
  if (Array.isArray(value)) for (const item of value) quotes += quotesIn(item, depth + 1)
  else
    for (const key of Object.keys(value)) {
      if (unsafeKeys.has(key)) return Number.NaN
      quotes += 2 + quotesIn((value as Record<string, unknown>)[key], depth + 1)
    }
  return quotes
}

function quotesWritten(text: string): number {
  let count = 0
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) count += 1
  return count
}

/** A JSON object, and no list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** `$.registries[0].name`, for messages. */
export function jsonPath(keys: readonly (string | number)[]): string {
  const steps = keys.map((key) =>
    typeof key === 'number' ? `[${key}]` : /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`,
  )
  return `$${steps.join('')}`
}

function explain(error: ParseError['error'], text: string, offset: number): string {
  const closing = /[}\]]/.exec(text.charAt(offset))?.[0]
  if (closing !== undefined && text.slice(0, offset).trimEnd().endsWith(','))
    return `is not valid JSON: there is a comma too many before ${closing}`
  const words = printParseErrorCode(error)
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
  return `is not valid JSON: ${words}`
}
