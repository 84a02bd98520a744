import { describe, expect, test } from 'vitest'
import { pathOfUrl } from '../../src/model/file-url.js'

const on = (windows: boolean) => (url: string) => pathOfUrl(url, { source: 'haal.json', windows })

describe('a file address', () => {
  test.each([
    [true, 'file:///C:/work/a%20b', 'C:\\work\\a b'],
    [true, 'file://localhost/C:/work', 'C:\\work'],
    [false, 'file:///srv/a%20b', '/srv/a b'],
  ])('[U8 A1] with Windows: %s, %s is %s', (windows, url, expected) => {
    expect(on(windows)(url)).toBe(expected)
  })

  test.each([
    ['on Windows without a drive', true, 'file:///srv/a'],
    ['on Windows of a network share, which would be sent the user’s name', true, 'file://server/share'],
    ['with a host', false, 'file://server/a'],
    ['with a slash that is none', false, 'file:///srv/a%2Fb'],
    ['that cannot be read', false, 'file://%%/a'],
  ])('[U8 S5] %s is no place on this machine', (_what, windows, url) => {
    expect(() => on(windows)(url)).toThrow(
      expect.objectContaining({ code: 'E_TRANSPORT', message: expect.stringContaining(url) }),
    )
  })
})
