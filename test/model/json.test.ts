import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseJson } from '../../src/model/json.js'
import { codeOf } from '../failing.js'

const unsafe = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf']

const codeOfText = (text: string) => codeOf(() => parseJson(text, 'file.json'))

test('JSON without tricks is read as JSON.parse reads it, with escapes or without, in any layout', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom(undefined, 2, '\t'), (value, space) => {
      const text = JSON.stringify(value, null, space)
      const safe = !unsafe.some((key) => text.includes(`"${key}":`))
      if (safe) expect(parseJson(text, 'file.json')).toEqual(JSON.parse(text))
    }),
  )
})

test.each([
  ['{"a": [1, 2, ],}', 'file.json:1:14 is not valid JSON: there is a comma too many before ]'],
  ['{\n  "a": 1,\n}', 'file.json:3:1 is not valid JSON: there is a comma too many before }'],
  ['{"a" 1}', 'file.json:1:6 is not valid JSON: colon expected'],
])('[U3] %j is refused in words that name the slip', (text, message) => {
  expect(() => parseJson(text, 'file.json', { syntax: 'E_JSON', key: 'E_JSON_KEY', comments: true })).toThrow(message)
})

describe('[S5] what a parser may hide', () => {
  const key = fc.stringMatching(/^[a-z"\\]{1,4}$/)
  const tree = fc.dictionary(key, fc.oneof(fc.string(), fc.dictionary(key, fc.string())), { minKeys: 1 })

  test('a key given twice is refused wherever it stands', () => {
    fc.assert(
      fc.property(tree, fc.nat(), (value, pick) => {
        const keys = Object.keys(value)
        const twice = keys[pick % keys.length] ?? ''
        const doubled = JSON.stringify(value).replace(/}$/, `, ${JSON.stringify(twice)}: "again"}`)
        expect(codeOfText(doubled)).toBe('E_JSON_KEY')
        expect(codeOfText(`[{"deep": ${doubled}}]`)).toBe('E_JSON_KEY')
      }),
    )
  })

  test.each(unsafe)('R10: the key %s is refused, spelt out or with an escape', (word) => {
    expect(codeOfText(`{"a": [{"${word}": {"polluted": 1}}]}`)).toBe('E_JSON_KEY')
    const escaped = `\\u00${word.charCodeAt(0).toString(16)}${word.slice(1)}`
    expect(codeOfText(`{"${escaped}": 1}`)).toBe('E_JSON_KEY')
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })

  test('depth has an end, and so has length', () => {
    const nested = (depth: number) => `${'['.repeat(depth)}1${']'.repeat(depth)}`
    expect([codeOfText(nested(64)), codeOfText(nested(65))]).toEqual(['passes', 'E_LIMIT_DEPTH'])
    expect(codeOfText(`"${'x'.repeat(8 * 1024 * 1024)}"`)).toBe('E_LIMIT_SIZE')
    expect(codeOfText(`"${'€'.repeat(3 * 1024 * 1024)}"`)).toBe('E_LIMIT_SIZE')
  })
})

test.each(['', ' ', '{', '{"a":1,}', '// x\n{}', '\ufeff\ufeff{}', "{'a':1}", '{"a":1}}', 'undefined', '[1 2]'])(
  '%j is no JSON, and the error says where',
  (text) => {
    expect(() => parseJson(text, 'file.json')).toThrow(
      expect.objectContaining({ code: 'E_JSON', message: expect.stringMatching(/^file\.json/) }),
    )
  },
)

test('[S5 U8] a byte order mark, which editors on Windows write, is passed over', () => {
  expect(parseJson('\ufeff{"a": 1}', 'registry.json')).toEqual({ a: 1 })
  expect(parseJson('\ufeff{ // b\n"a": 1}', 'haal.json', { syntax: 'E_JSON', key: 'E_JSON', comments: true })).toEqual({
    a: 1,
  })
})

describe('[A23] [S5] what is wrong with JSON is named with its place', () => {
  const said = (text: string, more = {}) => {
    try {
      parseJson(text, 'file.json', { syntax: 'E_JSON', key: 'E_JSON_KEY', ...more })
      return 'nothing'
    } catch (e) {
      return (e as Error).message
    }
  }

  test.each([
    ['a key twice', '{\n  "a": 1,\n  "a": 2\n}', 'file.json:3:3 has the key "a" twice ($.a)'],
    ['a key that has to be quoted', '{"a-b": {"c": 1, "c": 2}}', 'file.json:1:18 has the key "c" twice ($["a-b"].c)'],
    ['a mistake', '{\n  "a" 1\n}', 'file.json:2:7 is not valid JSON: colon expected'],
    ['depth', `${'['.repeat(65)}`, 'file.json:1:65 is nested deeper than 64'],
  ])('%s', (_what, text, message) => {
    expect(said(text)).toBe(message)
  })

  test('many lists and objects beside each other are not deep', () => {
    for (const item of ['[]', '{}']) expect(said(`["\\n"${`, ${item}`.repeat(100)}]`)).toBe('nothing')
  })

  test('comments pass where people write the file, and nothing else does', () => {
    expect(
      parseJson('// why\n{"a": /* so */ 1}', 'file.json', { syntax: 'E_JSON', key: 'E_JSON_KEY', comments: true }),
    ).toEqual({ a: 1 })
    expect(said('// why\n{"a": 1,}', { comments: true })).toContain('is not valid JSON')
    expect(said('// why\n{"a": 1, "a": 2}', { comments: true })).toContain('twice')
    expect(said('// why\n{"a": 1}')).toContain('is not valid JSON')
  })
})
