import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { repository } from '../../e2e/world/git-repository.js'
import { catFile } from '../../src/transport/git/cat-file.js'
import { bench, folder } from './reach.js'

const mebibyte = 1024 * 1024
const absent = '0'.repeat(40)

/** A repository with so many small files, and large ones of so many MiB: their ids, and a reader. */
async function stored(count: number, large: readonly number[] = []) {
  const at = path.join(folder(), 'corp.git')
  const small = Array.from({ length: count }, (_, i) => [`small/${i}`, `file ${i}\n`] as const)
  const huge = large.map((size, i) => [`large/${i}`, Buffer.alloc(size * mebibyte, `${i}`)] as const)
  const repo = await repository(at, Object.fromEntries<string | Uint8Array>([...small, ...huge]))
  const ids = (under: string) => repo.git('ls-tree', '--object-only', `HEAD:${under}`).split('\n')
  const { signal } = bench({ via: 'git', url: at }).reach
  const call = {
    args: [`--git-dir=${at}`],
    env: { PATH: process.env.PATH ?? '' },
    cwd: at,
    signal,
    timeout: 60_000,
    limit: 1,
  }
  const reader = catFile('git', call)
  onTestFinished(() => reader.end())
  return { reader, small: ids('small'), large: large.length === 0 ? [] : ids('large') }
}

test.each([3, 300])('%i objects are answered in the order asked, with nothing for what is not there', async (count) => {
  const { reader, small } = await stored(count)
  const asked = [...small.slice(1), absent, ...small.slice(0, 1)]
  const found = await reader.read(asked)
  expect(found.map((object) => object && String(object.bytes)).toSorted()).toEqual(
    [...Array.from({ length: count }, (_, i) => `file ${i}\n`), undefined].toSorted(),
  )
  expect(found.indexOf(undefined)).toBe(count - 1)
  expect(await reader.read(small)).toEqual([found.at(-1), ...found.slice(0, -2)])
})

test('one that is too large has no bytes, and those around it do', async () => {
  const { reader, small, large } = await stored(20, [30, 33, 32])
  const found = await reader.read([...large, ...small])
  expect(found.map((object) => object?.bytes?.length ?? object?.size)).toEqual([
    30 * mebibyte,
    33 * mebibyte,
    32 * mebibyte,
    ...found.slice(3).map((object) => object?.size),
  ])
  expect(found.map((object) => object?.bytes === undefined)).toEqual(found.map((_, i) => i === 1))
})
