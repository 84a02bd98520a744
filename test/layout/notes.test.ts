import { expect, test } from 'vitest'
import { errors } from '../../src/model/errors.js'
import { isQuiet, note, notes, strictCode } from '../../src/model/notes.js'

test('[O24] --strict makes an error of a note where the table says so', () => {
  expect(strictCode(note('W_NAME', 'x'))).toBe('E_NAME')
  expect(strictCode(note('W_SECRETS', 'x'))).toBeUndefined()
  expect(strictCode({ code: 'toString', message: 'x' })).toBeUndefined()
})

test('a quiet note is one for info and --verbose', () => {
  expect(isQuiet(note('W_SKILL', 'x'))).toBe(true)
  expect(isQuiet(note('W_NAME', 'x'))).toBe(false)
  expect(isQuiet({ code: 'W_OF_TOMORROW', message: 'x' })).toBe(false)
})

test('every note has a code of its own kind and a meaning, and is refused with an error that exists', () => {
  for (const [code, meaning] of Object.entries(notes)) {
    expect(code).toMatch(/^W_[A-Z_]+$/)
    expect(meaning.meaning).not.toBe('')
    expect('strict' in meaning ? meaning.strict in errors : true).toBe(true)
  }
})
