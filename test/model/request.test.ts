import { describe, expect, test } from 'vitest'
import { addressHint, parseRequest } from '../../src/model/request.js'

test.each([
  ['my skill', { name: 'my skill' }],
  ['skill/my skill@^1.2.0', { kind: 'skill', name: 'my skill', range: '^1.2.0' }],
  ['our corp:skill/my skill', { registry: 'our corp', kind: 'skill', name: 'my skill' }],
  ['@acme:review', { registry: '@acme', name: 'review' }],
  ['@acme/tools:tool/review@1', { registry: '@acme/tools', kind: 'tool', name: 'review', range: '1' }],
  ['your-org/extensions:review', { registry: 'your-org/extensions', name: 'review' }],
  ['review@>=1 <2', { name: 'review', range: '>=1 <2' }],
  [' review ', { name: 'review' }],
])('[A20 O24] %j is a request: a space in a name is not unsafe', (text, request) => {
  expect(parseRequest(text)).toEqual(request)
})

test.each([':review', 'skill/', 'corp:a:b'])('[U3] %s is told how an artifact is written', (text) => {
  const hint = expect.stringContaining('[registry:][kind/]name[@version]')
  expect(() => parseRequest(text)).toThrow(expect.objectContaining({ code: 'E_NAME', hint }))
})

test.each(['', '   ', 'a\tb', 'a\nb'])('[U3] %j is none', (text) => {
  expect(() => parseRequest(text)).toThrow(expect.objectContaining({ code: 'E_USAGE' }))
})

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

  test.each(['@acme/skills', '@acme/skills@2.1.0'])('[U5] %s is a package of npm’s', (text) => {
    expect(addressHint(text)).toBe(`to install what a package has: haal install --all --from npm:${text}`)
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
    expect(() => parseRequest(text)).toThrow(/^"[^"]*" is (an address, )?not (the name of )?an artifact$/)
  })
})
