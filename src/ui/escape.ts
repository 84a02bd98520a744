/** Characters that act on a terminal or hide text: C0 but tab, DEL, C1, marks and overrides of direction, line and paragraph
    separators, invisible format characters, tags, halves of surrogate pairs. Joiners stay: emoji and Indic text need them. */
const unsafe =
  /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|\p{Surrogate}/gu

/** One line as it may be shown: everything that is not plain text is written out (`\x1b`, `\n`, `\u{202e}`). */
export function escapeText(text: string): string {
  return plain.test(text) ? text : text.replace(unsafe, written)
}

/** Most lines have nothing to write out, and compiling the other pattern takes as long as a short command. */
const plain = /^[ -~]*$/

/** Breaks what a CI runner would read as a command: `::…` at the start of a line, `##[…`, `##vso[…` anywhere.
    Source: GitHub's and Azure's runners read both forms from every line of output. */
export function defuse(line: string): string {
  if (!line.includes('::') && !line.includes('##')) return line
  return line.replace(/^((?:\u001b\[[\d;]*m|\s)*)::/, '$1\\::').replace(/##(?=\[|vso\[|teamcity\[)/g, '#\\#')
}

/** JSON text whose strings say the same, with nothing in it that acts on a terminal or a CI runner. */
export function escapeJson(json: string): string {
  return json.replace(unsafe, inJson).replace(/##(?=\[|vso\[|teamcity\[)/g, '#\\u0023')
}

const short: Record<string, string> = { '\n': '\\n', '\r': '\\r' }

function written(character: string): string {
  const code = character.codePointAt(0) ?? 0
  return short[character] ?? (code < 0x100 ? `\\x${hex(code, 2)}` : `\\u{${hex(code, 4)}}`)
}

function inJson(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${hex(unit.charCodeAt(0), 4)}`)
    .join('')
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0')
}
