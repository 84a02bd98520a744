import fs from 'node:fs'
import path from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { nodeDisk } from '../../src/io/disk.js'
import type { Disk } from '../../src/model/disk.js'
import { fail } from '../../src/model/errors.js'
import type { Change } from '../../src/model/plan.js'
import {
  currentGeneration,
  formerLockText,
  generationNumbers,
  listGenerations,
  readGeneration,
} from '../../src/state/generations.js'
import { apply } from '../../src/state/transaction/apply.js'
import { depot, locked, lockOf, planOf, siteAt, temporaryFolder } from './project.js'

const stock = depot()
const one = await stock.take({ 'SKILL.md': 'one' })
let root = ''
beforeEach(() => {
  root = temporaryFolder()
})
afterEach(() => fs.rmSync(root, { recursive: true }))
afterAll(() => stock.remove())

const site = (more = {}) => siteAt(root, stock, more)
const lock = (version: string) => lockOf({ 'skill/x': locked(one, { version }) })
const change: Change = {
  action: 'update',
  artifact: 'skill/x',
  from: null,
  to: { version: '2.0.0', revision: 'r', integrity: one },
  registry: 'local',
}
const command = (version: string, steps: Parameters<typeof planOf>[2] = []) => ({
  ...planOf(root, lock(version), steps),
  changes: [change],
})
const file = (number: number) => path.join(root, '.haal/.state/generations', `${number}.json`)

/** A disk that has trouble reading one file. */
function failingAt(broken: string): Disk {
  const disk = nodeDisk()
  const text: Disk['text'] = (at) =>
    at === broken ? fail('E_DISK', `${at}: the disk reports an error`) : disk.text(at)
  return { ...disk, text }
}

describe('every mutating command makes one generation', () => {
  test('[L8] with its date, command, difference, wishes and lock', async () => {
    await apply(command('1.0.0', [{ shown: '.haal/skills/x', after: { from: 'store', integrity: one } }]), site())
    await apply(command('2.0.0'), site({ now: () => new Date('2026-02-03T04:05:06Z') }))
    expect(listGenerations(site())).toEqual([
      { number: 1, at: '2026-01-02T03:04:05.000Z', command: 'haal install', changes: [change] },
      { number: 2, at: '2026-02-03T04:05:06.000Z', command: 'haal install', changes: [change] },
    ])
    expect(currentGeneration(site())).toBe(2)
    expect(readGeneration(site(), 1)).toMatchObject({
      wishes: { artifacts: { 'skill/x': '*' }, pins: {} },
      lock: lock('1.0.0'),
      wrote: [{ place: '.haal/skills/x', integrity: one }],
    })
  })

  test('[L8] the newest are kept, as many as are asked for', async () => {
    for (let version = 1; version <= 5; version += 1) await apply(command(`${version}.0.0`), site({ keep: 3 }))
    expect(generationNumbers(site())).toEqual([3, 4, 5])
  })

  test('[L8 L12] one that the disk does not give now is not taken for absent', async () => {
    await apply(command('1.0.0'), site())
    const disk = failingAt(file(1))
    expect(() => listGenerations(site({ disk }))).toThrow(/1\.json/)
    expect(() => formerLockText(site({ disk }))).toThrow(/1\.json/)
  })

  test('[L8] numbers sort as numbers', async () => {
    for (let version = 1; version <= 11; version += 1) await apply(command(`${version}.0.0`), site())
    expect(generationNumbers(site()).slice(-3)).toEqual([9, 10, 11])
  })
})

test('there are none before the first command', () => {
  expect([currentGeneration(site()), listGenerations(site())]).toEqual([0, []])
})

test('one that does not exist is an error that says where to look', () => {
  expect(() => readGeneration(site(), 7)).toThrow(
    expect.objectContaining({ code: 'E_NO_GENERATION', exit: 3, hint: expect.stringContaining('haal history') }),
  )
})

test.each(['', '{', '[]', '{"number":1}', 'null'])('one whose file says %j is left out of history', async (text) => {
  await apply(command('1.0.0'), site())
  await apply(command('2.0.0'), site())
  fs.writeFileSync(file(1), text)
  expect(listGenerations(site()).map(({ number }) => number)).toEqual([2])
  expect(() => readGeneration(site(), 1)).toThrow(expect.objectContaining({ code: 'E_NO_GENERATION' }))
})

test('the lockfile of the newest is a former one where haal.lock has become another, or is gone', async () => {
  expect(formerLockText(site())).toBeUndefined()
  await apply(command('1.0.0'), site())
  expect(formerLockText(site())).toBeUndefined()
  fs.appendFileSync(path.join(root, 'haal.lock'), '\n')
  expect(formerLockText(site())).toContain('skill/x')
  fs.rmSync(path.join(root, 'haal.lock'))
  expect(formerLockText(site())).toContain('skill/x')
})

test.each(['', '{', '[]', 'null'])('of a newest one whose file says %j no former lockfile is known', async (text) => {
  await apply(command('1.0.0'), site())
  fs.rmSync(path.join(root, 'haal.lock'))
  fs.writeFileSync(file(1), text)
  expect(formerLockText(site())).toBeUndefined()
})

test('one that is no file is as if it could not be read', async () => {
  await apply(command('1.0.0'), site())
  fs.rmSync(file(1))
  fs.symlinkSync(file(1), file(1), 'junction')
  expect(listGenerations(site())).toEqual([])
  fs.rmSync(path.join(root, 'haal.lock'))
  expect(formerLockText(site())).toBeUndefined()
  expect(() => readGeneration(site(), 1)).toThrow(expect.objectContaining({ code: 'E_NO_GENERATION' }))
  await apply(command('2.0.0'), site())
  expect(listGenerations(site()).map(({ number }) => number)).toEqual([2])
})

test('one of a newer haal is refused', async () => {
  await apply(command('1.0.0'), site())
  fs.writeFileSync(file(1), fs.readFileSync(file(1), 'utf8').replace('"generationVersion":1', '"generationVersion":2'))
  expect(() => readGeneration(site(), 1)).toThrow(expect.objectContaining({ code: 'E_STATE_NEWER' }))
})

test('[S5] the lockfile in a generation is as hostile as any', async () => {
  await apply(command('1.0.0'), site())
  const forged = JSON.parse(fs.readFileSync(file(1), 'utf8')) as { lock: string }
  forged.lock = forged.lock.replace('skills/x', '../../x')
  fs.writeFileSync(file(1), JSON.stringify(forged))
  expect(() => readGeneration(site(), 1)).toThrow(expect.objectContaining({ code: 'E_LOCK_PATH' }))
})
