/** How a text is laid out. */
export interface Style {
  indent: string
  eol: string
  /** The indentation of the line on which the value begins. */
  base: string
}

export function styleOf(text: string): Pick<Style, 'indent' | 'eol'> {
  return { indent: /^[ \t]+(?=["[{])/m.exec(text)?.[0] ?? '  ', eol: text.includes('\r\n') ? '\r\n' : '\n' }
}

/** JSON over several lines in a style, lists of plain values on one; without a style all of it on one line. Other brackets
    stand apart from what they hold. */
export function jsonText(value: unknown, style: Style | undefined): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null)
  const isList = Array.isArray(value)
  const parts = isList
    ? value.map((item) => jsonText(item, deeper(style)))
    : Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${jsonText(item, deeper(style))}`)
  const [open, close] = isList ? '[]' : '{}'
  if (parts.length === 0) return `${open}${close}`
  const isPlain = isList && value.every((item) => typeof item !== 'object' || item === null)
  if (isPlain) return `${open}${parts.join(', ')}${close}`
  if (style === undefined) return `${open} ${parts.join(', ')} ${close}`
  const { indent, eol, base } = style
  const lines = parts.join(`,${eol}${base}${indent}`)
  return `${open}${eol}${base}${indent}${lines}${eol}${base}${close}`
}

function deeper(style: Style | undefined): Style | undefined {
  return style && { ...style, base: style.base + style.indent }
}
