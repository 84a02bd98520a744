import { describe, expect, test } from 'vitest'
import { hostIn } from '../../src/model/file-host.js'
import { readOrigin } from '../../src/model/origin.js'

describe('the machine that a path of Windows leads to', () => {
  test.each([
    ['\\\\Corp\\share\\registry', 'corp'],
    ['//corp/share', 'corp'],
    ['\\\\10.0.0.1\\share', '10.0.0.1'],
    ['\\\\corp@SSL@443\\DavWWWRoot\\x', 'corp@ssl@443'],
    ['\\\\?\\UNC\\corp\\share', 'corp'],
    ['\\\\.\\unc\\corp\\share', 'corp'],
    ['//?/UNC/corp/share', 'corp'],
    ['\\\\.\\pipe\\x', '?'],
    ['\\\\?\\GLOBALROOT\\Device\\Mup\\corp\\share', '?'],
    ['C:\\registry', undefined],
    ['\\\\?\\C:\\registry', undefined],
    ['Z:', undefined],
    ['https://corp/share', undefined],
  ])('[S6 S7] of %s is %s', (at, host) => {
    expect(hostIn(at, 'win32')).toBe(host)
    expect(hostIn(at, 'linux')).toBeUndefined()
  })
})

test.each([
  ['file://Corp', 'file://corp'],
  ['file://corp/', 'file://corp'],
  ['file://corp/share', undefined],
  ['file:///share', undefined],
  ['file://?', undefined],
  ['file://corp@ssl', undefined],
])('[S7] %s names %s', (text, origin) => {
  expect(readOrigin(text)).toBe(origin)
})
