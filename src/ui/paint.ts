import type { Paint, StyleName } from '../model/command.js'
import { defuse, escapeText } from './escape.js'
import { redact } from './redact.js'

export interface Painter {
  paint: Paint
  /** Makes a line fit to be shown: secrets out, control characters written out, then the colours in. */
  finish(line: string): string
}

interface Look {
  colours: boolean
  /** Columns; Infinity where the output is no terminal. */
  width: number
  /** As in `Paint`; absent: paths stay as they are. */
  near?: Style
  secrets: Iterable<string>
  /** Random characters, new in each run. */
  nonce: string
}

type Style = (text: string) => string

const same: Style = (text) => text

/** Loads chalk only where there are colours. */
export async function painter({ colours, width, near = same, secrets, nonce }: Look): Promise<Painter> {
  const clean = (line: string) => redact(line, secrets)
  if (!colours) return { paint: { ...plainPaint, near, width }, finish: (line) => defuse(escapeText(clean(line))) }
  const { Chalk } = await import('chalk')
  const { green, red, yellow, dim, bold } = new Chalk({ level: 1 })
  const marked = marking({ good: green, bad: red, warn: yellow, dim, bold }, nonce, clean)
  return { ...marked, paint: { ...marked.paint, near, width } }
}

/** No colours, and lines of any length. */
export const plainPaint: Paint = {
  good: same,
  bad: same,
  warn: same,
  dim: same,
  bold: same,
  near: same,
  width: Number.POSITIVE_INFINITY,
}

/** Whether an output gets colours. FORCE_COLOR and NO_COLOR are asked before the terminal is. */
export function wantsColours(env: Readonly<Record<string, string | undefined>>, isTerminal: () => boolean): boolean {
  if (env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '') return !['0', 'false'].includes(env.FORCE_COLOR)
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false
  return env.TERM !== 'dumb' && isTerminal()
}

/** Styles as pairs of marks that become colours only after escaping. The nonce is in them, so that no text from outside can colour itself. */
function marking(styles: Record<StyleName, Style>, nonce: string, clean: Style) {
  const secret = `\u0001${nonce}`
  const mark =
    (name: StyleName): Style =>
    (text) =>
      text === '' ? '' : `${secret}<${name}>${text}${secret}<>`
  const pieces = new RegExp(`${secret}<(\\w*)>`)
  const finish = (line: string) => {
    const open: StyleName[] = []
    const shown = clean(line)
      .split(pieces)
      .map((piece, i) => {
        if (i % 2 === 0) return open.reduceRight((text, name) => styles[name](text), escapeText(piece))
        if (piece === '') open.pop()
        else open.push(piece as StyleName)
        return ''
      })
    return defuse(shown.join(''))
  }
  const paint = { good: mark('good'), bad: mark('bad'), warn: mark('warn'), dim: mark('dim'), bold: mark('bold') }
  return { paint, finish }
}
