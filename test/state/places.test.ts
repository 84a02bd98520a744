import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { needs } from '../../e2e/world/needs.js'
import { nodeDisk, removeTree } from '../../src/io/disk.js'
import { hasIntegrity, inspect } from '../../src/state/places.js'
import { depot, type Files, snapshot, temporaryFolder, write } from './project.js'

const stock = depot()
const files = { 'SKILL.md': 'skill', 'sub/run.sh': ['run'], 'z.md': '' } as const satisfies Files
const integrity = await stock.take(files)
const listing = stock.store.open(integrity).files
const disk = nodeDisk()
let root = ''
let place = ''
beforeEach(() => {
  root = temporaryFolder()
  place = path.join(root, 'place')
})
afterEach(() => fs.rmSync(root, { recursive: true }))
afterAll(() => stock.remove())

describe('what lies at a place', () => {
  const lists = (missing: string[], changed: string[], added: string[]) => ({
    state: 'edited',
    missing,
    changed,
    added,
  })
  const edits: [string, () => void, object][] = [
    ['nothing was touched', () => {}, { state: 'same', missing: [], changed: [], added: [] }],
    ['a file differs in a byte', () => write(place, { 'SKILL.md': 'skilL' }), lists([], ['SKILL.md'], [])],
    ['a file is longer', () => write(place, { 'SKILL.md': 'skill ' }), lists([], ['SKILL.md'], [])],
    ['a file is gone', () => fs.rmSync(path.join(place, 'z.md')), lists(['z.md'], [], [])],
    ['a folder is gone', () => fs.rmSync(path.join(place, 'sub'), { recursive: true }), lists(['sub/run.sh'], [], [])],
    ['files were added', () => write(place, { 'sub/b': '', a: '' }), lists([], [], ['a', 'sub/b'])],
    [
      'a file cannot be run any more',
      () => fs.chmodSync(path.join(place, 'sub/run.sh'), 0o644),
      lists([], ['sub/run.sh'], []),
    ],
    ['a file can be run', () => fs.chmodSync(path.join(place, 'z.md'), 0o744), lists([], ['z.md'], [])],
    ['other bits of a mode differ', () => fs.chmodSync(path.join(place, 'z.md'), 0o600), { state: 'same' }],
    ['an empty folder was added', () => fs.mkdirSync(path.join(place, 'empty')), { state: 'same' }],
    ['a file became a link to the same bytes', () => turnIntoLink('SKILL.md'), lists([], ['SKILL.md'], ['theirs'])],
    ['a file became a folder', () => turnIntoFolder('z.md'), lists(['z.md'], [], ['z.md/x'])],
  ]
  const turnIntoLink = (name: string) => {
    fs.renameSync(path.join(place, name), path.join(place, 'theirs'))
    fs.symlinkSync('theirs', path.join(place, name))
  }
  const turnIntoFolder = (name: string) => {
    fs.rmSync(path.join(place, name))
    write(place, { [`${name}/x`]: '' })
  }

  test.each(edits)('[O28 L16] %s', (_what, edit, expected) => {
    write(place, files)
    edit()
    const seen = inspect(disk, place, listing)
    expect(seen).toMatchObject(expected)
    expect(hasIntegrity(disk, place, { integrity })).toBe(seen.state === 'same')
  })

  test('[O28 L16] nothing', () => {
    expect(inspect(disk, place, listing)).toMatchObject({ state: 'absent' })
    expect(hasIntegrity(disk, place, { integrity })).toBe(false)
  })

  test('[O28 L16] something that haal cannot have put there', () => {
    write(root, { place: 'a file' })
    expect(inspect(disk, place, listing)).toMatchObject({ state: 'foreign' })
    fs.rmSync(place)
    write(root, { 'elsewhere/SKILL.md': 'skill' })
    fs.symlinkSync('elsewhere', place)
    expect(inspect(disk, place, listing)).toMatchObject({ state: 'foreign' })
  })

  test('[O28 L16] anything, where haal put nothing', () => {
    write(place, files)
    expect(inspect(disk, place, undefined)).toMatchObject({ state: 'foreign' })
  })

  test('[O28 L16] an artifact that is one file', () => {
    write(root, { place: 'skill' })
    expect(inspect(disk, place, listing, { file: 'SKILL.md' })).toMatchObject({ state: 'same' })
    write(root, { place: 'mine' })
    expect(inspect(disk, place, listing, { file: 'SKILL.md' })).toMatchObject({ state: 'edited', changed: [''] })
    fs.rmSync(place)
    write(place, files)
    expect(inspect(disk, place, listing, { file: 'SKILL.md' })).toMatchObject({ state: 'foreign' })
  })

  test('[O28 L16] files under the names that a tool needs', () => {
    const rename = { 'SKILL.md': 'other/name.md' }
    write(place, { 'other/name.md': 'skill', 'sub/run.sh': ['run'], 'z.md': '' })
    expect(inspect(disk, place, listing, { rename })).toMatchObject({ state: 'same' })
    expect(hasIntegrity(disk, place, { integrity, rename })).toBe(true)
    expect(inspect(disk, place, listing)).toMatchObject({
      state: 'edited',
      missing: ['SKILL.md'],
      added: ['other/name.md'],
    })
  })

  test('[O28 L16] modes say nothing on Windows', () => {
    write(place, { ...files, 'sub/run.sh': 'run' })
    expect(inspect(disk, place, listing, { platform: 'win32' })).toMatchObject({ state: 'same' })
  })
})

describe('without the store, on Windows, where no file has an executable bit', () => {
  const script = '#!/bin/sh\n'
  const rows: [what: string, files: Files][] = [
    ['none', { 'SKILL.md': 'skill', 'a.sh': script }],
    ['some scripts', { 'SKILL.md': 'skill', 'a.sh': [script], 'b.sh': script, 'c.sh': [script] }],
    ['every script', Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`${i}.sh`, [script]]))],
    ['a program', { 'SKILL.md': 'skill', run: ['\u007fELF'], 'a.sh': script }],
    ['every file', { 'SKILL.md': ['skill'], 'a.sh': [script] }],
  ]

  test.each(rows)('[O28 L1] what lies there is as it was when %s had one', async (_which, had) => {
    const expected = { integrity: await stock.take(had), platform: 'win32' } as const
    write(place, Object.fromEntries(Object.entries(had).map(([name, body]) => [name, String(body)])))
    expect(hasIntegrity(disk, place, expected)).toBe(true)
    write(place, { [Object.keys(had)[0] ?? '']: 'edited' })
    expect(hasIntegrity(disk, place, expected)).toBe(false)
  })

  test('[O28] elsewhere a bit that is missing is an edit', async () => {
    const had = await stock.take({ 'a.sh': [script] })
    write(place, { 'a.sh': script })
    expect(hasIntegrity(disk, place, { integrity: had, platform: 'linux' })).toBe(false)
  })
})

test('the integrity of one file is that of a folder with it alone', async () => {
  const single = await stock.take({ 'review.md': 'text' })
  write(root, { place: 'text' })
  expect(hasIntegrity(disk, place, { integrity: single, file: 'review.md' })).toBe(true)
})

needs('sh', 'openssl')('the integrity of a folder is what the documented shell pipeline says', () => {
  write(place, { ...files, 'Ünï/ça.md': 'x', 'a b': 'y' })
  const script = `find . -type f | sed 's,^\\./,,' | LC_ALL=C sort | while read -r f; do printf '%s %s %s\\n' "$(sha256sum < "$f" | cut -c1-64)" "$([ -x "$f" ] && echo 100755 || echo 100644)" "$f"; done | openssl dgst -sha256 -binary | base64`
  const said = execFileSync('sh', ['-c', script], { cwd: place, encoding: 'utf8' }).trim()
  expect(hasIntegrity(disk, place, { integrity: `sha256-${said}` })).toBe(true)
})

test('[O3] a tree is removed without following links', () => {
  write(root, { 'place/a/b.txt': '', 'elsewhere/keep.txt': 'keep' })
  fs.symlinkSync('../../elsewhere', path.join(place, 'a', 'link'))
  fs.symlinkSync('nowhere', path.join(place, 'dangling'))
  removeTree(disk, place)
  removeTree(disk, path.join(root, 'never-there'))
  expect(snapshot(root)).toEqual({ 'elsewhere/': 'folder', 'elsewhere/keep.txt': '- keep' })
})
