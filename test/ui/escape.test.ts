import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { defuse, escapeJson, escapeText } from '../../src/ui/escape.js'

const anything = fc.string({ unit: 'binary', maxLength: 200 })

describe('what acts on a terminal is shown written out', () => {
  test.each([
    ['a CSI clear', '\u001b[2J', '\\x1b[2J'],
    ['an OSC title and its BEL', '\u001b]0;pwned\u0007', '\\x1b]0;pwned\\x07'],
    ['an OSC 8 link', '\u001b]8;;https://evil\u001b\\', '\\x1b]8;;https://evil\\x1b\\'],
    ['an OSC 52 clipboard', '\u001b]52;c;cHduZWQ=\u0007', '\\x1b]52;c;cHduZWQ=\\x07'],
    ['a DCS', '\u001bPq#0;1;0\u001b\\', '\\x1bPq#0;1;0\\x1b\\'],
    ['a raw C1 CSI', '\u009b31m', '\\x9b31m'],
    ['a raw C1 DCS and ST', '\u0090q\u009c', '\\x90q\\x9c'],
    ['a newline and a return', 'a\r\nerror: forged', 'a\\r\\nerror: forged'],
    ['DEL and backspace', 'a\u0008\u007f', 'a\\x08\\x7f'],
    ['NUL', '\u0000', '\\x00'],
    ['a bidi override', 'a\u202eb', 'a\\u{202e}b'],
    ['a bidi isolate', '\u2066', '\\u{2066}'],
    ['a line separator', 'a\u2028b', 'a\\u{2028}b'],
    ['a zero-width space and a BOM', '\u200b\ufeff', '\\u{200b}\\u{feff}'],
    ['tag characters', '\u{e0041}', '\\u{e0041}'],
    ['half of a surrogate pair', 'a\ud800b', 'a\\u{d800}b'],
  ])('[S10] %s', (_what, text, shown) => expect(escapeText(text)).toBe(shown))

  test.each(['plain', 'a\tb', 'naïve', '日本語', 'नमस्ते', '👨‍👩‍👧', 'مرحبا', 'C:\\Users\\x'])(
    '%s stays as it is',
    (text) => {
      expect(escapeText(text)).toBe(text)
    },
  )

  test('[S10] no byte below 0x20 but a tab is left of any text', () => {
    fc.assert(
      fc.property(anything, (text) => {
        const bytes = [...Buffer.from(escapeText(text))]
        expect(bytes.filter((byte) => (byte < 0x20 && byte !== 9) || byte === 0x7f)).toEqual([])
        expect(escapeText(text)).not.toMatch(/[\u0080-\u009f\u202a-\u202e\u2066-\u2069]/)
      }),
    )
  })
})

describe('what a CI runner reads as a command is defused', () => {
  test.each([
    ['::error::forged', '\\::error::forged'],
    ['  ::set-output name=x::y', '  \\::set-output name=x::y'],
    ['\u001b[32m::add-mask::x', '\u001b[32m\\::add-mask::x'],
    ['text ##[group]x', 'text #\\#[group]x'],
    ['##vso[task.setvariable variable=a]b', '#\\#vso[task.setvariable variable=a]b'],
    ['##teamcity[x]', '#\\#teamcity[x]'],
    ['##[a]##[b]', '#\\#[a]#\\#[b]'],
  ])('[S10] %j', (line, shown) => expect(defuse(line)).toBe(shown))

  test.each(['std::string', '## heading', 'a: b'])('[S10] %j stays as it is', (line) => expect(defuse(line)).toBe(line))
})

describe('JSON stays the same document', () => {
  test('[S10 U2] T05: any text comes back from it, and nothing in it acts on a terminal or a CI runner', () => {
    fc.assert(
      fc.property(anything, (text) => {
        const json = escapeJson(JSON.stringify({ text: `##[error]${text}` }))
        expect(JSON.parse(json)).toEqual({ text: `##[error]${text}` })
        expect(json).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]|##\[/)
      }),
    )
  })

  test('[S10 U2] every command of a CI runner in it is defused', () => {
    expect(escapeJson('"##[a] ##vso[b]"')).toBe('"#\\u0023[a] #\\u0023vso[b]"')
  })

  test('[S10 U2] characters beyond the first plane become two escapes', () => {
    expect(escapeJson('"\u{e0041}"')).toBe('"\\udb40\\udc41"')
  })
})
