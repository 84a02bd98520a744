import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { nodeDisk } from '../../src/io/disk.js'
import { pidSpace } from '../../src/io/host.js'
import { enter, unlock } from '../../src/transport/git/locks.js'
import { folder } from './reach.js'

const disk = nodeDisk()
const minute = 60_000
/** A process that is gone, and one that is not. */
const { pid: gone } = spawnSync(process.execPath, ['--version'])
const here = process.pid

/** A store in which a git has left its lock just now; how long after it is looked at. */
function store() {
  const dir = folder()
  const lock = path.join(dir, 'shallow.lock')
  fs.writeFileSync(lock, '')
  const looked = (after: number, growing: readonly string[] = []) =>
    unlock(disk, dir, { now: new Date(fs.statSync(lock).mtimeMs + after), growing })
  return { dir, lock, looked, left: () => fs.readdirSync(dir).sort() }
}

describe('[L14] the lock in a store', () => {
  test('goes at once where every git that was noted is gone, and the notes with it', () => {
    const { dir, looked, left } = store()
    enter(disk, dir, gone)
    expect([looked(0), left()]).toEqual([true, []])
    expect(unlock(disk, dir, { now: new Date(), growing: [] })).toBe(false)
  })

  test.each<[string, (dir: string) => unknown]>([
    ['nobody was noted', () => undefined],
    ['a git that was noted lives', (dir) => [enter(disk, dir, gone), enter(disk, dir, here)]],
    ['one of them cannot be seen from here', (dir) => fs.writeFileSync(`${dir}/at-work.${gone}.${'0'.repeat(16)}`, '')],
  ])('stays for a minute where %s', (_what, note) => {
    const { dir, looked, left } = store()
    note(dir)
    const before = left()
    expect([looked(minute - 1), left()]).toEqual([false, before])
    expect([looked(minute + 1), left()]).toEqual([true, []])
  })

  test.each(['config.lock', 'packed-refs.lock', 'HEAD.lock', 'shallow.lock'])('may be %s', (name) => {
    const dir = folder()
    fs.writeFileSync(path.join(dir, name), '')
    enter(disk, dir, gone)
    expect(unlock(disk, dir, { now: new Date(), growing: [] })).toBe(true)
    expect(fs.readdirSync(dir)).toEqual([])
  })

  test('stays while a pack grows', () => {
    const { dir, lock, looked } = store()
    const pack = path.join(dir, 'tmp_pack_1')
    fs.writeFileSync(pack, '')
    fs.utimesSync(lock, 0, 0)
    expect(unlock(disk, dir, { now: new Date(), growing: [pack] })).toBe(false)
    fs.utimesSync(pack, 0, 0)
    expect(looked(2 * minute, [pack])).toBe(true)
  })

  test('keeps the note of a git that a signal ended; any other note goes with its git', () => {
    const { dir, lock, left } = store()
    const note = `at-work.${gone}.${pidSpace()}`
    enter(disk, dir, gone)(-1)
    expect(left()).toEqual([note, 'shallow.lock'])
    enter(disk, dir, gone)(128)
    expect(left()).toEqual(['shallow.lock'])
    fs.rmSync(lock)
    enter(disk, dir, gone)(-1)
    expect(left()).toEqual([])
  })

  test('is none of a folder’s that is not there', () => {
    const dir = path.join(folder(), 'nothing')
    enter(disk, dir, gone)(0)
    expect([unlock(disk, dir, { now: new Date(), growing: [] }), fs.existsSync(dir)]).toEqual([false, false])
  })
})
