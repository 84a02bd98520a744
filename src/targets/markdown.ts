/** The values in the head of a markdown file, read by the caller; empty where it has none or it cannot be read. */
export type Head = Readonly<Record<string, unknown>>

/** A markdown file taken apart: the values of its head, and the text behind the head exactly as it is. */
export interface Document {
  head: Head
  body: string
  eol: '\n' | '\r\n'
}

export function documentOf(bytes: Uint8Array, head: Head): Document {
  const text = textOf(bytes)
  const eol = /^[^\n]*\r\n/.test(text) ? '\r\n' : '\n'
  const isRead = Object.keys(head).length > 0
  const fenced = /^---[ \t]*\r?\n(?:[\s\S]*?\r?\n)?---[ \t]*(?:\r?\n|$)/.exec(text)?.[0] ?? ''
  return { head, body: isRead ? text.slice(fenced.length) : text, eol }
}

/** The text of a file without its byte order mark. */
export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('utf8')
    .replace(/^\ufeff/, '')
}

/** `word` is a word of haal's own, which needs no quotes. */
type Value = string | boolean | readonly string[] | { word: string } | { map: Readonly<Record<string, boolean>> }

/** A markdown file with a head of these keys; without keys it has none. Every text is quoted, so that none can add a key. */
export function printDocument({ body, eol }: Document, head: Readonly<Record<string, Value | undefined>>): Uint8Array {
  const keys = Object.entries(head).filter((pair): pair is [string, Value] => pair[1] !== undefined)
  if (keys.length === 0) return Buffer.from(body)
  const lines = ['---', ...keys.map(([key, value]) => `${key}: ${printValue(value)}`), '---', '']
  return Buffer.from(lines.join(eol) + body)
}

/** The words of a key's value: a list, or text with commas. */
export function wordsIn(value: unknown): string[] {
  const items = Array.isArray(value) ? value : [value]
  return items.flatMap((item) => (typeof item === 'string' ? split(item) : []))
}

export function stringIn(head: Head, key: string): string | undefined {
  const value = Object.hasOwn(head, key) ? head[key] : undefined
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined
}

/** At commas, but not at those between braces: `src/{a,b}.ts` is one pattern. */
function split(text: string): string[] {
  const parts: string[] = []
  let depth = 0
  let part = ''
  for (const character of text) {
    depth += character === '{' ? 1 : character === '}' && depth > 0 ? -1 : 0
    if (character === ',' && depth === 0) {
      parts.push(part)
      part = ''
    } else part += character
  }
  return [...parts, part].map((each) => each.trim()).filter((each) => each !== '')
}

/** JSON's strings are YAML's double-quoted ones, but for the characters that YAML takes for line breaks or does not let in. */
function printValue(value: Value): string {
  if (typeof value === 'boolean') return String(value)
  if (Array.isArray(value)) return `[${value.map(printValue).join(', ')}]`
  if (typeof value === 'object' && 'word' in value) return value.word
  if (typeof value === 'object' && 'map' in value) {
    const pairs = Object.entries(value.map).map(([key, item]) => `${printValue(key)}: ${item}`)
    return `{ ${pairs.join(', ')} }`
  }
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
