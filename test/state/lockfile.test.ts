import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nodeDisk } from '../../src/io/disk.js'
import type { Digest } from '../../src/model/digest.js'
import type { Lock, Locked } from '../../src/model/lock.js'
import { pathProblem } from '../../src/model/names.js'
import { parseLock, printLock, readLock } from '../../src/state/lockfile.js'
import { codeOf } from '../failing.js'

const digest: Digest = `sha256-${'A'.repeat(43)}=`
const locked: Locked = {
  version: '1.2.3',
  registry: 'corp',
  path: 'skills/review-code',
  integrity: digest,
  requestedBy: ['haal.json'],
}
const lock: Lock = {
  registries: {
    corp: { type: 'git', location: 'https://git.corp.com/ext.git', ref: 'production', revision: 'a'.repeat(40) },
  },
  artifacts: { 'skill/review-code': locked },
  unknown: {},
}

function changed(change: (file: Record<string, never> & ReturnType<typeof asJson>) => void): string {
  const file = asJson()
  change(file as never)
  return JSON.stringify(file, null, 2)
}

function asJson() {
  return JSON.parse(printLock(lock)) as {
    lockfileVersion: unknown
    registries: Record<string, Record<string, unknown>>
    artifacts: Record<string, Record<string, unknown>>
  }
}

const codeOfText = (text: string) => codeOf(() => parseLock(text))

test('[L1] the text of a lockfile', () => {
  expect(printLock(lock)).toBe(`{
  "artifacts": {
    "skill/review-code": {
      "integrity": "${digest}",
      "path": "skills/review-code", "registry": "corp", "requestedBy": ["haal.json"],
      "version": "1.2.3"
    }
  },
  "lockfileVersion": 1,
  "registries": {
    "corp": {
      "location": "https://git.corp.com/ext.git", "ref": "production",
      "revision": "${'a'.repeat(40)}", "type": "git"
    }
  }
}
`)
})

test('[L1] an empty lock is four lines', () => {
  expect(printLock({ registries: {}, artifacts: {}, unknown: {} })).toBe(
    '{\n  "artifacts": {},\n  "lockfileVersion": 1,\n  "registries": {}\n}\n',
  )
})

const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,12}$/).filter((name) => pathProblem(name) === undefined)
const place = fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join('/'))
const anyText = fc.string({ unit: 'binary' })
const harmless = fc
  .jsonValue()
  .filter(
    (value) => !/"(__proto__|constructor|prototype|toString|hasOwnProperty|valueOf)":/.test(JSON.stringify(value)),
  )
const optional = {
  revision: anyText,
  id: anyText,
  agentosKind: anyText,
  entry: place,
  loadable: fc.boolean(),
  pinned: fc.boolean(),
  requires: fc.uniqueArray(word.map((name) => `skill/${name}` as const)).map((all) => all.toSorted()),
  approved: fc.uniqueArray(anyText).map((all) => all.toSorted()),
  copies: fc
    .uniqueArray(
      fc.oneof(
        place,
        place.map((at) => `/${at}`),
      ),
    )
    .map((all) => all.toSorted()),
  targets: fc.uniqueArray(place).map((all) => all.toSorted()),
  unknown: fc.dictionary(fc.constantFrom('later', 'more', 'Ünknown "key"'), harmless, { minKeys: 1 }),
}
const anyLocked = fc
  .record(
    { version: anyText, path: place, requestedBy: fc.constant(['haal.json']), ...optional },
    {
      requiredKeys: ['version', 'path', 'requestedBy'],
    },
  )
  .map((some): Locked => ({ ...some, registry: 'corp', integrity: digest }))
const anyLock = fc
  .dictionary(
    word.map((name) => `skill/${name}`),
    anyLocked,
  )
  .map((artifacts): Lock => ({ ...lock, artifacts: artifacts as Lock['artifacts'] }))

test('[L1] what is printed is read as it was, and printed again as the same bytes', () => {
  fc.assert(
    fc.property(anyLock, (some) => {
      const text = printLock(some)
      expect(JSON.parse(JSON.stringify(parseLock(text)))).toEqual(JSON.parse(JSON.stringify(some)))
      expect(printLock(parseLock(text))).toBe(text)
    }),
  )
})

test('[L1] the order of keys in memory does not show in the text', () => {
  fc.assert(
    fc.property(anyLock, (some) => {
      const turned = Object.fromEntries(Object.entries(some.artifacts).toReversed())
      expect(printLock({ ...some, artifacts: turned })).toBe(printLock(some))
    }),
  )
})

test('[L1] no artifact takes more than ten lines, however much there is to say', () => {
  fc.assert(
    fc.property(anyLocked, (some) => {
      const text = printLock({ ...lock, artifacts: { 'skill/x': some } })
      const lines = text.split('\n')
      const from = lines.indexOf('    "skill/x": {')
      expect(lines.indexOf('    }', from) - from + 1).toBeLessThanOrEqual(10)
    }),
  )
})

describe('what this haal does not know', () => {
  test('[L2] is kept at the top, in a registry and in an artifact', () => {
    const text = changed((file) => {
      Object.assign(file, { signatures: { by: ['x'] } })
      Object.assign(file.registries.corp ?? {}, { mirror: 'https://m' })
      Object.assign(file.artifacts['skill/review-code'] ?? {}, { sbom: { a: 1 } })
    })
    const again = JSON.parse(printLock(parseLock(text))) as ReturnType<typeof asJson>
    expect(again).toEqual(JSON.parse(text))
  })

  test('[L2] a newer format is refused with the version to upgrade to', () => {
    const text = changed((file) => {
      file.lockfileVersion = 2
      delete (file as Record<string, unknown>).registries
    })
    expect(() => parseLock(text)).toThrow(
      expect.objectContaining({ code: 'E_LOCK_VERSION', exit: 2, hint: expect.stringContaining('haal@2') }),
    )
  })
})

const one = (key: string, value: unknown) =>
  changed((file) => {
    Object.assign(file.artifacts['skill/review-code'] ?? {}, { [key]: value })
  })
const text = printLock(lock)

test.each([
  ['0 bytes', ''],
  ['only a line end', '\n'],
  ['a byte order mark', `\ufeff${text}`],
  ['Windows line ends', text.replaceAll('\n', '\r\n')],
  ['cut short', text.slice(0, 100)],
  ['a comment', text.replace('{', '{ // x')],
  ['a trailing comma', text.replace('"1.2.3"', '"1.2.3",')],
  ['a key twice', text.replace('"version": "1.2.3"', '"version": "1.2.3", "version": "6.6.6"')],
  ['an artifact twice', text.replace('"artifacts": {', '"artifacts": { "skill/review-code": {},')],
  ['a key twice, spelt with an escape', text.replace('"path"', '"version": "6.6.6", "vers\\u0069on": "1.2.3", "path"')],
  ['__proto__', text.replace('"lockfileVersion"', '"__proto__": { "polluted": true }, "lockfileVersion"')],
  ['__proto__ far down', text.replace('"lockfileVersion"', '"later": [{ "__proto__": 1 }], "lockfileVersion"')],
  ['an artifact named __proto__', text.replace('"skill/review-code"', '"__proto__"')],
  ['a registry named constructor', text.replaceAll('"corp"', '"constructor"')],
  ['a list', '[]'],
  ['null', 'null'],
  ['no artifacts', '{ "lockfileVersion": 1, "registries": {} }'],
  ['no lockfileVersion', '{ "artifacts": {}, "registries": {} }'],
  ['a lockfileVersion of 0', '{ "artifacts": {}, "registries": {}, "lockfileVersion": 0 }'],
  ['an unknown kind', text.replace('skill/review-code', 'poem/review-code')],
  ['an artifact without a kind', text.replace('skill/review-code', 'review-code')],
  ['a number for a version', one('version', 1)],
  ['text for a list', one('requestedBy', 'haal.json')],
  ['a number in a list', one('requestedBy', [1])],
  ['text for a flag', one('pinned', 'yes')],
  ['no version', one('version', undefined)],
])('[S5] L07: %s is E_LOCK_PARSE', (_what, bad) => {
  expect(codeOfText(bad)).toBe('E_LOCK_PARSE')
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
})

test('[S5] a lockfile nested deeper than JSON may be is refused', () => {
  const deep = text.replace('"lockfileVersion"', `"later": ${'['.repeat(80)}${']'.repeat(80)}, "lockfileVersion"`)
  expect(codeOfText(deep)).toBe('E_LIMIT_DEPTH')
})

test('[L3] L07: git conflict markers are named as such, with the command that resolves them', () => {
  const bad = text.replace('  "lockfileVersion"', '<<<<<<< HEAD\n=======\n>>>>>>> x\n  "lockfileVersion"')
  expect(() => parseLock(bad)).toThrow(
    expect.objectContaining({
      code: 'E_LOCK_PARSE',
      message: expect.stringContaining('haal.lock:9 has git conflict markers'),
      hint: expect.stringContaining('haal install'),
    }),
  )
})

test.each([
  ['removed', undefined],
  ['empty', ''],
  ['a list', [digest]],
  ['a number', 1],
  ['null', null],
  ['sha1', `sha1-${'A'.repeat(27)}=`],
  ['sha512', `sha512-${'A'.repeat(86)}==`],
  ['hex', `sha256-${'a'.repeat(64)}`],
  ['followed by more', `${digest} `],
])('[S5] L02: an integrity that is %s is E_LOCK_INTEGRITY', (_what, value) => {
  expect(codeOfText(one('integrity', value))).toBe('E_LOCK_INTEGRITY')
})

const outside = [
  '../../home/user/.bashrc',
  '/etc/passwd',
  'C:\\x',
  'C:x',
  '\\\\host\\x',
  'a/../../b',
  'a\\b',
  'x\u0000',
  '.git/hooks/x',
]
test.each([
  ...['path', 'entry', 'as', 'file'].flatMap((key) => outside.map((bad) => [key, bad])),
  ...outside.map((bad) => ['targets', [bad]]),
  ...outside.map((bad) => ['targets', [`claude:${bad}`]]),
  ...['haal.json', 'haal.lock', '.haal', '.HAAL/.state', '.haal/skills/x'].map((own) => ['targets', [`claude:${own}`]]),
  ...[
    '../x',
    'a/../../b',
    '/home/../x',
    '//host/share',
    '/\\host/share',
    '\\\\host\\x',
    'C:\\x',
    'C:/a/../b',
    '/x\u0007',
    '/home/me/.git/hooks',
    'C:/work/.GIT./x',
  ].map((bad) => ['copies', ['fine', bad]]),
  ['file', 'a/b'],
  ['file', '..'],
  ['requires', ['skill/../x']],
] as [string, unknown][])('[S5] L10: %s %j is E_LOCK_PATH', (key, value) => {
  expect(codeOfText(one(key, value))).toBe('E_LOCK_PATH')
})

test.each(['skill/../../x', 'skill/..', 'skill//x', 'skill/a\\b', 'skill/con', 'skill/.x', 'skill/', 'skill/toString'])(
  '[S5] L10: an artifact called %j is E_LOCK_PATH',
  (key) => {
    expect(codeOfText(text.replace('"skill/review-code"', JSON.stringify(key)))).toBe('E_LOCK_PATH')
  },
)

test('a copy that lies outside the project is read: it is only told about', () => {
  const copies = ['C:/Users/me/copy', '/home/me/copy', 'docs/copy']
  expect(parseLock(one('copies', copies)).artifacts['skill/review-code']?.copies).toEqual(copies)
})

test('[S4] an artifact of a registry that the lockfile does not list is E_LOCK_SOURCE', () => {
  expect(codeOfText(one('registry', 'evil'))).toBe('E_LOCK_SOURCE')
  expect(codeOfText(one('registry', 'valueOf'))).toBe('E_LOCK_SOURCE')
})

test('an error names the file and the JSON path', () => {
  expect(() => parseLock(one('requestedBy', ['haal.json', 7]), 'sub/haal.lock')).toThrow(
    'sub/haal.lock: $.artifacts["skill/review-code"].requestedBy[1] should be text',
  )
})

test('a project without a lockfile has none', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'haal-lock-'))
  const file = path.join(folder, 'haal.lock')
  expect(readLock(nodeDisk(), file)).toBeUndefined()
  fs.writeFileSync(file, text)
  expect(readLock(nodeDisk(), file)).toEqual(lock)
  fs.rmSync(folder, { recursive: true })
})
