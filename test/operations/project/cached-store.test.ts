import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { nodeDisk } from '../../../src/io/disk.js'
import { withRecent } from '../../../src/operations/project/cached-store.js'
import { openStore } from '../../../src/state/store.js'

function store() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'haal-test-'))
  onTestFinished(() => fs.rmSync(folder, { recursive: true, force: true }))
  return { folder, store: withRecent(openStore(nodeDisk(), folder, process.pid)) }
}

test('what came in is at hand, and what was dropped is not', async () => {
  const { folder, store: opened } = store()
  const integrity = await opened.take((pack) => pack.add('a.md', 0o644, Buffer.from('a')))
  const other = await opened.take((pack) => pack.add('b.md', 0o644, Buffer.from('b')))
  fs.rmSync(folder, { recursive: true })
  expect(Buffer.from(opened.open(integrity).read('a.md')).toString()).toBe('a')
  expect(opened.open(other).files.map(({ path: at }) => at)).toEqual(['b.md'])
  opened.drop(integrity)
  expect(() => opened.open(integrity)).toThrow(expect.objectContaining({ code: 'E_CACHE' }))
})
