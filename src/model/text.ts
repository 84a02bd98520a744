/** Columns that a text takes on a terminal: none for marks and joiners, two for wide letters and emoji. */
export function textWidth(text: string): number {
  if (/^[\u0020-\u007e]*$/.test(text)) return text.length
  let width = 0
  for (const character of text) width += /^[\p{M}\p{Cf}]$/u.test(character) ? 0 : isWide(character) ? 2 : 1
  return width
}

/** At most `width` columns; what is cut ends in `…`. */
export function clip(text: string, width: number): string {
  if (textWidth(text) <= width) return text
  let kept = ''
  for (const character of text) {
    if (textWidth(kept + character) >= width) break
    kept += character
  }
  return `${kept.trimEnd()}…`
}

/** Breaks a paragraph between words into lines of at most `width` columns. A longer word stands alone. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/).filter((each) => each !== '')) {
    if (line !== '' && textWidth(line) + 1 + textWidth(word) > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return line === '' ? lines : [...lines, line]
}

/** The text broken between words; unbroken where it fits, or where there are fewer than 16 columns. */
export function fitted(text: string, width: number): string[] {
  return width < 16 || textWidth(text) <= width ? [text] : wrap(text, width)
}

/** Pads the cells of each column to its widest; the last column stays as it is. */
export function columns(rows: readonly (readonly string[])[]): string[][] {
  const count = Math.max(0, ...rows.map((row) => row.length))
  const widths = Array.from({ length: count }, (_, i) =>
    rows.reduce((most, row) => Math.max(most, textWidth(row[i] ?? '')), 0),
  )
  return rows.map((row) => row.map((cell, i) => (i === row.length - 1 ? cell : pad(cell, widths[i] ?? 0))))
}

/** `1 artifact`, `3 artifacts`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** What would be done, as a dry run says it. */
export function inDryRun(would: string): string {
  return `${would}; a dry run, nothing is written`
}

/** A few of many, for one line. */
export function some(names: readonly string[]): string {
  return names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ')
}

/** A name or an address as one word of a command line: in quotes where a shell would split it or read more in it. `~/` is for the shell to read. */
export function inShell(word: string): string {
  if (/^(~\/)?(?!~)[\w@%+=:,./\\~^#-]+$/.test(word)) return word
  return /["$`!\\]/.test(word) ? `'${word.replaceAll("'", "'\\''")}'` : `"${word}"`
}

/** Text of a URL, decoded; unchanged where it has a `%` that begins no valid escape. */
export function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** `512 B`, `3.2 MB`. */
export function bytesText(bytes: number): string {
  const steps = ['B', 'kB', 'MB', 'GB', 'TB']
  const step = bytes < 1000 ? 0 : Math.min(steps.length - 1, Math.floor(Math.log10(bytes) / 3))
  const value = bytes / 1000 ** step
  return `${step === 0 ? value : value.toFixed(1)} ${steps[step]}`
}

function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - textWidth(text)))
}

/** East Asian Wide and Fullwidth blocks of Unicode's EastAsianWidth, and emoji that are shown as pictures. */
function isWide(character: string): boolean {
  return /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|^\p{Emoji_Presentation}/u.test(
    character,
  )
}
