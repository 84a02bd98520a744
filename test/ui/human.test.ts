import { describe, expect, test } from 'vitest'
import { HaalError } from '../../src/model/errors.js'
import { brief, errorLines, fewOfMany, nearby, warningLines } from '../../src/ui/human.js'
import { plainPaint } from '../../src/ui/paint.js'

const narrow = { ...plainPaint, width: 40 }

describe('in a narrow terminal', () => {
  test('[U2] a failure is broken between words, and a command in a hint is not broken', () => {
    const error = new HaalError('E_CONFLICT', 'a file that you have changed is in the way of an update', {
      hint: 'see the edits: haal diff agent/reviewer --upstream; or go on with --force',
    })
    expect(errorLines(error, narrow)).toEqual([
      'error: a file that you have changed',
      '  is in the way of an update',
      '  hint: see the edits:',
      '        haal diff agent/reviewer --upstream;',
      '        or go on with --force',
      '  code: E_CONFLICT',
    ])
  })

  test('[U3] what was typed stands apart from what is said of it', () => {
    const error = new HaalError('E_USAGE', 'haal has no command "frobnicate", and none that is like it')
    expect(errorLines(error, narrow).slice(0, 2)).toEqual([
      'error: haal has no command',
      '  "frobnicate", and none that is like it',
    ])
  })

  test('[U2] a warning has room for its code', () => {
    const lines = warningLines({ code: 'W_KEPT', message: 'files that you have changed are kept' }, narrow)
    expect(lines).toEqual(['warning: files that you have changed', '  are kept [W_KEPT]'])
    expect(lines.every((line) => line.length <= 40)).toBe(true)
  })

  test('[U2] a warning is not broken for its code’s sake where the terminal is narrower still', () => {
    const lines = warningLines(
      { code: 'W_NAME_UNSAFE', message: 'one is not offered: it is too long' },
      { ...plainPaint, width: 20 },
    )
    expect(lines).toEqual(['warning: one is', '  not offered: it is', '  too long', '  [W_NAME_UNSAFE]'])
  })

  test('[S10] a word of a registry’s that fills the screen is cut', () => {
    const error = new HaalError('E_LIMIT_PATH', `${'x'.repeat(100_000)} is longer than 200 bytes`)
    const said = `${'x'.repeat(200)}… (100000 characters) is longer than 200 bytes`
    expect(errorLines(error, plainPaint)[0]).toBe(`error: ${said}`)
  })

  test('[U2] where there is no terminal nothing is broken', () => {
    const message = 'word '.repeat(60).trim()
    expect(errorLines(new HaalError('E_USAGE', message), plainPaint)[0]).toBe(`error: ${message}`)
  })
})

describe('many warnings of a kind', () => {
  const lacking = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ code: 'W_SOURCE_ONLY', message: `tool/t${i} cannot be loaded` }))
  const older = { code: 'W_OLDER', message: 'skill/a is older' }

  test('[U3] are cut after the first two, and a line says how many more there are and what tells all', () => {
    const rest = { code: 'W_SOURCE_ONLY', message: 'and 12 more; see haal agentos' }
    expect(fewOfMany([...lacking(14), older])).toEqual([...lacking(2), rest, older])
  })

  test('[U3] are told whole where there are three, or where each asks for something of its own', () => {
    expect(fewOfMany([older, ...lacking(3)])).toEqual([older, ...lacking(3)])
    expect(fewOfMany(Array(9).fill(older))).toHaveLength(9)
  })
})

describe('a list of many names in a warning', () => {
  const names = (count: number) => Array.from({ length: count }, (_, i) => `plugin/p${i}`).join(', ')

  test('[U3] is cut after the first, and says how many more there are', () => {
    expect(brief(`corp lists 104 artifacts that cannot be installed (haal list says why): ${names(104)}`)).toBe(
      `corp lists 104 artifacts that cannot be installed (haal list says why): ${names(5)} and 99 more; see --verbose`,
    )
    expect(brief(`no place for hooks (${names(12)}) in codex`)).toBe(
      `no place for hooks (${names(5)} and 7 more; see --verbose) in codex`,
    )
  })

  test('[U3] stays where it is short', () => {
    expect(brief(names(9))).toBe(names(9))
    expect(brief('what you had, and what came, and more, as it was, is kept')).toBe(
      'what you had, and what came, and more, as it was, is kept',
    )
  })
})

describe('a path', () => {
  test.each([
    ['in the folder is named from there', '/home/ann/work/', 'see /home/ann/work/haal.json', 'see haal.json'],
    ['elsewhere is named whole', '/home/ann/work/', 'see /home/ann/other/x', 'see /home/ann/other/x'],
    [
      'that only ends so is named whole',
      '/work/',
      '/home/work/x and file:///work/x',
      '/home/work/x and file:///work/x',
    ],
    ['that is the folder is named whole', '/home/ann/work/', 'in /home/ann/work/', 'in /home/ann/work/'],
    ['below the root is named whole', '/', 'see /etc/haal', 'see /etc/haal'],
    ['of Windows too', 'C:\\work\\', 'see C:\\work\\haal.json', 'see haal.json'],
    ['below a drive is named whole', 'C:\\', 'see C:\\haal.json', 'see C:\\haal.json'],
  ])('[U2] %s', (_what, here, text, shown) => {
    expect(nearby(here)(text)).toBe(shown)
  })
})
