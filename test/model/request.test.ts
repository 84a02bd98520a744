import { describe, expect, test } from 'vitest'
import { addressHint, parseRequest } from '../../src/model/request.js'

describe('an address in the place of an artifact', () => {
  test.each([
    './mine',
    '../registry/skills/x',
    '/opt/registry',
    '~/skills',
    'C:\\skills',
    'https://github.com/acme/skills',
    'git@github.com:acme/skills.git',
    'npm:@acme/skills',
    'acme/skills',
    'acme/skills/writing#v3',
  ])('[U5] %s is told where it belongs', (text) => {
    expect(addressHint(text)).toBe(`to install what lies at an address: haal install --all --from ${text}`)
  })

  test.each(['review', 'skill/review', 'skills/*', 'corp:review@1.2.0', 'tool/com.acme.x', '*'])(
    '[U5] %s is none',
    (text) => expect(addressHint(text)).toBeUndefined(),
  )

  test.each<[string, string]>([
    ['./mine', 'E_NAME'],
    ['https://github.com/acme/skills', 'E_NAME'],
    ['npm:@acme/skills', 'E_USAGE'],
  ])('[U5] %s is refused with that', (text, code) => {
    const hint = addressHint(text)
    expect(() => parseRequest(text)).toThrow(expect.objectContaining({ code, hint }))
  })
})
