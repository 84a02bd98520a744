import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { nodeDisk } from '../../src/io/disk.js'
import { readTrust, trusting, writeTrust } from '../../src/state/trust.js'
import { folder } from '../transport/reach.js'

const disk = nodeDisk()
const file = () => path.join(folder(), 'trust.json')

test('[S7] what a person trusts is written and read again, by nobody else', () => {
  const at = file()
  writeTrust(disk, at, trusting(trusting({}, 'https://GIT.corp.com:443', 'CORP_TOKEN'), 'http://reg.corp'))
  expect(readTrust(disk, at)).toEqual({ 'https://git.corp.com': ['CORP_TOKEN'], 'http://reg.corp': [] })
  if (process.platform !== 'win32') expect(fs.statSync(at).mode & 0o777).toBe(0o600)
  expect(fs.readdirSync(path.dirname(at))).toEqual(['trust.json'])
})

test('trust grows by a variable', () => {
  const trust = trusting(trusting({}, 'https://a.test', 'B'), 'https://a.test', 'A')
  expect(trust).toEqual({ 'https://a.test': ['A', 'B'] })
  expect(trusting(trust, 'https://a.test', 'A')).toEqual(trust)
})

test('without a file nobody is trusted', () => {
  expect(readTrust(disk, file())).toEqual({})
})

test('something that is no origin cannot be trusted', () => {
  expect(() => trusting({}, 'https://a.test/path')).toThrow(expect.objectContaining({ code: 'E_USAGE' }))
})

describe('a file that says something else', () => {
  test.each([
    ['', 'E_CONFIG_PARSE'],
    ['{"trustVersion":1,"origins":{"https://a.test":["A"]}', 'E_CONFIG_PARSE'],
    ['{"trustVersion":1,"origins":{"https://a.test/x":["A"]}}', 'E_CONFIG'],
    ['{"trustVersion":1,"origins":{"https://A.test":["A"]}}', 'E_CONFIG'],
    ['{"trustVersion":1,"origins":{"https://a.test":"A"}}', 'E_CONFIG'],
    ['{"trustVersion":1,"origins":{"https://a.test":["A B"]}}', 'E_CONFIG'],
    ['{"trustVersion":1,"origins":{},"more":1}', 'E_CONFIG'],
    ['{"trustVersion":1,"origins":{"__proto__":["A"]}}', 'E_CONFIG'],
    ['{"trustVersion":1,"origins":{},"origins":{"https://a.test":["A"]}}', 'E_CONFIG'],
    ['{"trustVersion":2,"trusted":{}}', 'E_STATE_NEWER'],
    ['{"trustVersion":0,"origins":{}}', 'E_CONFIG'],
    ['[]', 'E_CONFIG'],
  ])('[S5] %s is refused', (text, code) => {
    const at = file()
    fs.writeFileSync(at, text)
    expect(() => readTrust(disk, at)).toThrow(expect.objectContaining({ code }))
  })
})
