import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Digest } from '../../src/model/digest.js'
import type { Lock, Locked } from '../../src/model/lock.js'
import { resolveConflict } from '../../src/state/lock-conflict.js'
import { printLock } from '../../src/state/lockfile.js'

let folder = ''
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'haal-conflict-'))
})
afterEach(() => fs.rmSync(folder, { recursive: true }))

const artifact = (version: string, more: Partial<Locked> = {}): Locked => ({
  version,
  registry: 'corp',
  path: `skills/${version}`,
  integrity: `sha256-${Buffer.alloc(32, version).toString('base64')}` as Digest,
  requestedBy: ['haal.json'],
  ...more,
})
const corp = { type: 'git', location: 'https://git.corp.com/ext.git', revision: 'a'.repeat(40) }
const lockOf = (artifacts: Lock['artifacts'], registries: Lock['registries'] = { corp }): Lock => ({
  artifacts,
  registries,
  unknown: {},
})

/** What git itself leaves behind when it cannot merge. */
function merged(texts: { base: string; ours: string; theirs: string }, style = 'merge'): string {
  for (const [name, text] of Object.entries(texts)) fs.writeFileSync(path.join(folder, name), text)
  try {
    execFileSync('git', ['merge-file', ...(style === 'diff3' ? ['--diff3'] : []), 'ours', 'base', 'theirs'], {
      cwd: folder,
    })
  } catch {
    return fs.readFileSync(path.join(folder, 'ours'), 'utf8')
  }
  throw new Error('git merged these without a conflict')
}

const base = lockOf({ 'skill/a': artifact('1.0.0'), 'skill/b': artifact('1.0.1'), 'skill/c': artifact('1.0.2') })
const raised = (version: string) => lockOf({ ...base.artifacts, 'skill/b': artifact(version) })

test.each(['merge', 'diff3'])('[L3] both sides raised one artifact: it is dropped, the rest stays (%s)', (style) => {
  const texts = { base: printLock(base), ours: printLock(raised('2.0.0')), theirs: printLock(raised('3.0.0')) }
  const resolved = resolveConflict(merged(texts, style))
  expect(resolved).toEqual(lockOf({ 'skill/a': artifact('1.0.0'), 'skill/c': artifact('1.0.2') }))
})

test('[L3] each side added another artifact: what both had stays', () => {
  const ours = lockOf({ ...base.artifacts, 'skill/d': artifact('4.0.0') })
  const theirs = lockOf({ ...base.artifacts, 'skill/e': artifact('5.0.0') })
  const text = merged({ base: printLock(base), ours: printLock(ours), theirs: printLock(theirs) })
  expect(resolveConflict(text)).toEqual(base)
})

test('[L3] an artifact whose registry has moved on one side is kept only where it names its revision itself', () => {
  const own = artifact('1.0.1', { revision: 'c'.repeat(40) })
  const artifacts = { 'skill/a': artifact('1.0.0'), 'skill/b': own }
  const at = (revision: string) => lockOf(artifacts, { corp: { ...corp, revision } })
  const text = merged({
    base: printLock(at('a'.repeat(40))),
    ours: printLock(at('b'.repeat(40))),
    theirs: printLock(at('d'.repeat(40))),
  })
  expect(resolveConflict(text)).toEqual(lockOf({ 'skill/b': own }, { corp: { ...corp, revision: 'b'.repeat(40) } }))
})

test('[L3] a registry at two addresses is dropped with its artifacts', () => {
  const at = (location: string) => lockOf(base.artifacts, { corp: { ...corp, location } })
  const text = merged({ base: printLock(base), ours: printLock(at('https://a')), theirs: printLock(at('https://b')) })
  expect(resolveConflict(text)).toEqual(lockOf({}, {}))
})

test('[L3] a side that is no lockfile by itself cannot be resolved', () => {
  expect(() => resolveConflict('<<<<<<< HEAD\n{\n=======\n[]\n>>>>>>> x\n')).toThrow(/no lockfile/)
  expect(resolveConflict(printLock(base))).toBeUndefined()
})
