import { isReserved } from '../model/names.js'

/** Reads the plainest YAML heads without the YAML library, whose loading costs more than everything else in a listing: `key: text` lines,
    lists of plain words in brackets, and one level of the same below a key. Answers exactly what the library would, or undefined
    wherever there is the slightest doubt. */
export function plainValues(text: string): Record<string, unknown> | undefined {
  const top = new Map<string, unknown>()
  let under: Map<string, unknown> | undefined
  let indent = ''
  for (const line of text.split('\n')) {
    if (/^ *$/.test(line)) continue
    const [, space = '', key = '', rest = ''] = /^( *)([A-Za-z][\w-]{0,99}):((?: .*)?)$/.exec(line) ?? []
    if (key === '' || isReserved(key) || nothing.test(key)) return undefined
    if (space !== '') {
      if (under === undefined || (indent !== '' && indent !== space)) return undefined
      indent = space
    } else {
      under = undefined
      indent = ''
    }
    const holder = under ?? top
    if (holder.has(key)) return undefined
    const written = rest.replace(/^ +| +$/g, '')
    const value = written === '' ? emptyValue(space) : plainValue(written)
    if (value === undefined) return undefined
    if (value instanceof Map) under = value
    holder.set(key, value)
  }
  return plainRecord(top)
}

/** A key without a value at the left margin is empty, or holds what is indented below it; a deeper one is left to the library. */
function emptyValue(space: string): Map<string, unknown> | undefined {
  return space === '' ? new Map() : undefined
}

/** What YAML reads as nothing. */
const nothing = /^(?:~|null|Null|NULL)$/

function plainValue(text: string): string | string[] | null | undefined {
  if (nothing.test(text)) return null
  const list = /^\[ ?([\w./-]+(?:, [\w./-]+)*) ?\]$/.exec(text)?.[1]
  if (list !== undefined) return listOf(list.split(', '))
  const quoted = /^"([^"\\]*)"$/.exec(text)?.[1] ?? /^'([^']*)'$/.exec(text)?.[1]
  if (quoted !== undefined) return isPrintable(quoted) ? quoted : undefined
  return isPlain(text) ? text : undefined
}

function listOf(items: readonly string[]): string[] | undefined {
  return items.every((item) => /^[A-Za-z]/.test(item) && !nothing.test(item)) ? [...items] : undefined
}

/** A plain scalar on one line: no indicator at its start, nothing in it that begins a comment or another key. */
function isPlain(text: string): boolean {
  return /^[\p{L}\p{N}(/.<$+=;^_\\]/u.test(text) && !/: |:$| #/.test(text) && isPrintable(text)
}

function isPrintable(text: string): boolean {
  return text.isWellFormed() && !/[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff]/.test(text)
}

function plainRecord(values: ReadonlyMap<string, unknown>): Record<string, unknown> {
  const kept = [...values].flatMap(([key, value]): [string, unknown][] => {
    if (value === null || (value instanceof Map && value.size === 0)) return []
    return [[key, value instanceof Map ? plainRecord(value) : value]]
  })
  return Object.fromEntries(kept)
}
