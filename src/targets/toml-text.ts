/** TOML as haal writes it: one key a line, text over several lines where it has them, tables within a value inline.
    https://toml.io/en/v1.0.0 */

/** undefined for what TOML cannot say: null, and numbers that are none. */
function tomlValue(value: unknown): string | undefined {
  if (typeof value === 'string') return quoted(value)
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'number') return Number.isFinite(value) ? tomlNumber(value) : undefined
  if (Array.isArray(value)) return `[${value.flatMap((item) => tomlValue(item) ?? []).join(', ')}]`
  if (typeof value !== 'object' || value === null) return undefined
  const pairs = tomlPairs(value as Record<string, unknown>)
  return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`
}

/** `key = value`, one for each value TOML can say. */
export function tomlPairs(values: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(values).flatMap(([key, value]) => {
    const written = tomlValue(value)
    return written === undefined ? [] : [`${tomlKey(key)} = ${written}`]
  })
}

export function tomlKey(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : quoted(key)
}

/** Text over several lines, between three quotes. A newline right behind the opening ones is not part of it. */
export function tomlText(text: string): string {
  if (!text.includes('\n')) return quoted(text)
  return `"""\n${escaped(text, true)}"""`
}

function quoted(text: string): string {
  return `"${escaped(text, false)}"`
}

/** Lone surrogates are no characters and cannot be written. */
function escaped(text: string, isLong: boolean): string {
  const special = isLong ? /[\\\u0000-\u0008\u000b-\u001f\u007f]|"(?="")|"$/g : /[\\"\u0000-\u001f\u007f]/g
  return text.toWellFormed().replace(special, (character) => {
    if (character === '\\' || character === '"') return `\\${character}`
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0').toUpperCase()}`
  })
}

/** A whole number beyond what can be counted exactly is written as the fraction it is. */
function tomlNumber(value: number): string {
  const text = Object.is(value, -0) ? '-0.0' : String(value)
  return Number.isSafeInteger(value) || /[.e]/.test(text) ? text : `${text}.0`
}
