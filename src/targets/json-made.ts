import { isRecord } from '../model/json.js'
import type { Entry } from '../model/targets.js'
import { jsonText } from './json-text.js'
import type { Json } from './json-values.js'

/** The text of a new file with these values, as they would come to lie there one after another; undefined where that is not to be told without
    trying: items of lists, values in one another's way, keys that an object keeps in another order. */
export function madeOf(
  entries: readonly Entry[],
  scaffold: Readonly<Record<string, unknown>> = {},
): string | undefined {
  const made: Json = {}
  const holders = new Set([made])
  const isPlain = entries.every(({ item, path }) => !item && path.length > 0 && path.every((key) => !odd.test(key)))
  if (!isPlain || entries.length === 0) return undefined
  for (const [index, entry] of entries.entries()) {
    if (!put(made, entry, holders)) return undefined
    if (index === 0) Object.assign(made, scaffold)
  }
  return `${jsonText(made, { indent: '  ', eol: '\n', base: '' })}\n`
}

const odd = /^(\d+|__proto__)$/

/** False where something stands in the way: what is not one of the objects that values were put into before. */
function put(made: Json, { path, value }: Entry, holders: Set<Json>): boolean {
  const keys = path.slice(0, -1)
  const last = path.at(-1) ?? ''
  let holder = made
  for (const key of keys) {
    const there = Object.hasOwn(holder, key) ? holder[key] : {}
    if (!isRecord(there) || (Object.hasOwn(holder, key) && !holders.has(there))) return false
    holders.add(there)
    holder[key] = there
    holder = there
  }
  if (Object.hasOwn(holder, last) || value === undefined) return false
  holder[last] = value
  return true
}
