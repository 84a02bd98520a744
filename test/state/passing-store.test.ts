import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { nodeDisk } from '../../src/io/disk.js'
import type { PackWriter } from '../../src/io/pack.js'
import { openPassingStore } from '../../src/state/passing-store.js'
import { openStore } from '../../src/state/store.js'
import { folder } from '../transport/reach.js'

const disk = nodeDisk()

function skill(body: string) {
  return (pack: PackWriter) => pack.add('SKILL.md', 0o644, Buffer.from(body))
}

const namesIn = (at: string) => fs.readdirSync(at, { recursive: true }).map(String).sort()

test('[L18] what a dry run takes in can be read until it ends, and the store is as it was', async () => {
  const at = path.join(folder(), 'home', 'store')
  const known = await openStore(disk, at, 1).take(skill('known'))
  const before = namesIn(at)
  const passing = openPassingStore(disk, at, 1)
  const came = await passing.take(skill('came'))
  expect(passing.open(came).read('SKILL.md').toString()).toBe('came')
  expect(passing.open(known).read('SKILL.md').toString()).toBe('known')
  expect([passing.stat(came)?.type, passing.list()]).toEqual(['file', [known]])
  expect(openStore(disk, at, 2).list()).toEqual([known])
  passing.leave()
  expect(namesIn(at)).toEqual(before)
})

test('[L18] where there was no store, there is none afterwards', async () => {
  const root = folder()
  const passing = openPassingStore(disk, path.join(root, 'home', 'store'), 1)
  await passing.take(skill('one'))
  await passing.take(skill('two'))
  passing.leave()
  expect(fs.readdirSync(root)).toEqual([])
})

test('[L18 L14] what a killed dry run left is swept, and what another one has is not', async () => {
  const at = folder()
  const gone = spawnSync(process.execPath, ['--version']).pid
  await openPassingStore(disk, at, gone).take(skill('left'))
  const passing = openPassingStore(disk, at, process.pid)
  const came = await passing.take(skill('came'))
  openStore(disk, at, 1).sweep(new Date())
  expect(fs.readdirSync(at)).toHaveLength(1)
  expect(passing.open(came).read('SKILL.md').toString()).toBe('came')
})
