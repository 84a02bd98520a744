import { isAscii } from 'node:buffer'
import { fail } from '../model/errors.js'

/** Where a text hides something from the people who read it. Lines and columns from 1, columns in code points. */
interface Hidden {
  line: number
  column: number
  /** The first of the hidden characters that stand together, as `U+E0041`. */
  codePoints: readonly string[]
  what: string
}

/** Throws E_HIDDEN_UNICODE with file, line and code points where a text file hides something; in heads and manifests, whose values agents
    read, also where an escape stands for it. Files that are no text pass. */
export function checkText(path: string, bytes: Uint8Array, what: string): void {
  const mayEscape = bytes.includes(backslash) && (manifests.test(path) || markdown.test(path))
  if (!mayEscape && isAscii(bytes)) return
  const text = decoded(path, bytes)
  const found = text === undefined ? undefined : (findHidden(text) ?? findHidden(mayEscape ? meant(path, text) : ''))
  if (!found) return
  const { line, column, codePoints } = found
  fail('E_HIDDEN_UNICODE', `${what}: ${path}:${line}:${column} has ${found.what}: ${codePoints.join(' ')}`, {
    hint: 'tell its author: nobody can review what nobody can see',
    details: { file: path, ...found },
  })
}

/** The first place where a text hides something: tag characters outside the flags of England, Scotland and Wales; any character that
    turns the direction of text; variation selectors in runs, or where they select nothing; four or more characters without width in a
    row, or more than eight between the Latin letters of one line. What people write passes: emoji of several parts, flags, Arabic and
    Hebrew, Indic and CJK text, a byte order mark at the start. */
export function findHidden(text: string): Hidden | undefined {
  const suspects = new RegExp(runs, 'gu')
  const place = placeIn(text)
  let inLatin = { line: 0, count: 0 }
  for (let match = suspects.exec(text); match; match = suspects.exec(text)) {
    const { index } = match
    const [before, after] = [charBefore(text, index), text.slice(suspects.lastIndex, suspects.lastIndex + 2)]
    const run = before === blackFlag ? match[0].replace(flag, '') : match[0]
    if (run === '') continue
    const line = place.lineOf(index)
    const betweenLetters = latin.test(before) && latin.test(after)
    inLatin = { line, count: (inLatin.line === line ? inLatin.count : 0) + (betweenLetters ? run.length : 0) }
    const what =
      reason(run, before) ?? (inLatin.count > 8 ? 'many characters without width between letters' : undefined)
    if (what !== undefined) return { line, column: place.columnOf(index), codePoints: named([...run]), what }
  }
  return undefined
}

const backslash = 0x5c
const markdown = /\.(md|mdc|mdx|markdown)$/i
const manifests = /(^|\/)(plugin|manifest|persona|agent|hooks?|\.?mcp|\.lsp|monitors)\.json$/i

/** A manifest, or the head of a text, with the characters that escapes of JSON and YAML stand for; on the same lines. */
function meant(path: string, text: string): string {
  const head = /^\ufeff?---[^\n]*\n([\s\S]*?\n)---/.exec(text)?.[0] ?? ''
  return (manifests.test(path) ? text : head).replace(
    /\\(?:u([\da-fA-F]{4})|U([\da-fA-F]{8})|x([\da-fA-F]{2})|[\s\S])/g,
    (written, short?: string, long?: string, byte?: string) => {
      const code = Number.parseInt(short ?? long ?? byte ?? '0', 16)
      return code < 0x80 || code > 0x10ffff ? written : String.fromCodePoint(code)
    },
  )
}

const among = (characters: string): RegExp => new RegExp(`[${characters}]`, 'u')
const classes = {
  /** Choose the form of the character before them. */
  selectors: String.raw`\u180b-\u180d\u180f\ufe00-\ufe0f\u{e0100}-\u{e01ef}`,
  /** Have no width, and honest uses. */
  blanks: String.raw`\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2060-\u2064\ufeff`,
  turning: String.raw`\u202a-\u202e\u2066-\u2069`,
  tags: String.raw`\u{e0000}-\u{e007f}`,
  unused: String.raw`\u2065\u206a-\u206f\u3164\uffa0\ufff0-\ufffb\u{e0080}-\u{e00ff}\u{e01f0}-\u{e0fff}`,
}
const runs = `[${Object.values(classes).join('')}]+`
const selector = among(classes.selectors)
const never: readonly (readonly [what: string, characters: RegExp])[] = [
  ['a character that turns the direction of text', among(classes.turning)],
  ['a tag character', among(classes.tags)],
  ['a character that cannot be seen', among(classes.unused)],
]

const latin = /^[\p{Script=Latin}\d]/u
const blackFlag = '\u{1f3f4}'
/** `gbeng`, `gbsct`, `gbwls` and the closing tag: what follows a black flag in the flags of these countries. */
const flag =
  /^\u{e0067}\u{e0062}(\u{e0065}\u{e006e}\u{e0067}|\u{e0073}\u{e0063}\u{e0074}|\u{e0077}\u{e006c}\u{e0073})\u{e007f}/u

/** Why characters without width that stand together after `base` are no honest text. */
function reason(run: string, base: string): string | undefined {
  const refused = never.find(([, characters]) => characters.test(run))
  if (refused) return refused[0]
  const chosen = [...run].filter((character) => selector.test(character))
  if (chosen.length > 2 || (chosen.length === 2 && chosen.some((each) => each !== '\ufe0f')))
    return 'a run of variation selectors'
  if (chosen.some((each) => !selects(each, base))) return 'a variation selector that selects nothing'
  return [...run].length > 3 ? 'a run of characters without width' : undefined
}

/** Whether a selector may follow a character. U+FE0E and U+FE0F choose text or picture, and often remain where a picture was removed;
    the others choose forms of ideographs, symbols and letters of other scripts than Latin, and of zero. */
function selects(character: string, base: string): boolean {
  if (/[\ufe0e\ufe0f]/.test(character)) return !/[A-Za-z]/.test(base)
  if (/[\u{e0100}-\u{e01ef}]/u.test(character)) return /\p{Unified_Ideograph}/u.test(base)
  return /[0\u0080-\u{10ffff}]/u.test(base)
}

function charBefore(text: string, index: number): string {
  const pair = text.slice(Math.max(0, index - 2), index)
  return /^[\ud800-\udbff][\udc00-\udfff]$/.test(pair) ? pair : pair.slice(-1)
}

/** Lines and columns of a text, asked for from left to right. */
function placeIn(text: string): { lineOf(index: number): number; columnOf(index: number): number } {
  let line = 1
  let start = 0
  let end = endOfLine(text, 0)
  return {
    lineOf: (index) => {
      for (; end < index; end = endOfLine(text, start)) {
        line += 1
        start = end + 1
      }
      return line
    },
    columnOf: (index) => text.slice(start, index).replace(/[\ud800-\udbff][\udc00-\udfff]/g, '_').length + 1,
  }
}

function endOfLine(text: string, from: number): number {
  const found = text.indexOf('\n', from)
  return found < 0 ? text.length : found
}

function named(characters: readonly string[]): string[] {
  const shown = characters.slice(0, 8).map((each) => `U+${hexOf(each)}`)
  return characters.length > 8 ? [...shown, `and ${characters.length - 8} more`] : shown
}

function hexOf(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
}

const textNames =
  /\.(md|mdc|mdx|markdown|txt|json|jsonc|json5|ya?ml|toml|ini|cfg|xml|html?|css|csv|svg|[cm]?[jt]sx?|py|rb|pl|php|lua|go|rs|java|kt|swift|cs?|h|cpp|hpp|sh|bash|zsh|fish|ps1|psm1|bat|cmd|sql)$/i

/** The text of a file; undefined where it is none. A zero byte makes a file binary, except where its name says that it is read as text. */
function decoded(path: string, bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  if (bytes.includes(0) && !textNames.test(path)) return undefined
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
}
