import { expect, test } from 'vitest'
import { environmentOn } from '../../src/library/environment.js'

test('[U8 U9] a program’s copy of the environment has no case on Windows, and one elsewhere', () => {
  const copy = { Path: 'C:\\git', HAAL_HOME: 'C:\\haal', PROGRAMDATA: 'D:\\data' }
  const windows = environmentOn('win32', copy)
  expect([windows.PATH, windows.ProgramData, windows.haal_home, windows.HOME]).toEqual([
    'C:\\git',
    'D:\\data',
    'C:\\haal',
    undefined,
  ])
  expect({ ...windows }).toEqual(copy)
  expect(environmentOn('win32', Object.freeze({ PATH: 'a', Path: 'b' })).PATH).toBe('a')
  expect(environmentOn('linux', copy).PATH).toBe(undefined)
})
