import { expect, test } from 'vitest'
import { shared } from '../../src/model/maps.js'

test('[U9] what several ask for is found once', async () => {
  const all = new Map<string, Promise<number>>()
  let asked = 0
  const find = async () => ++asked
  expect(await Promise.all([shared(all, 'a', find), shared(all, 'a', find)])).toEqual([1, 1])
  expect(await shared(all, 'a', find)).toBe(1)
})

test('[U9] one that is stopped fails alone: who waited with it, and who asks later, find it themselves', async () => {
  const all = new Map<string, Promise<string>>()
  const stopped = shared(all, 'a', () => Promise.reject(new Error('stopped')))
  const waiting = shared(all, 'a', async () => 'found')
  await expect(stopped).rejects.toThrow('stopped')
  expect(await waiting).toBe('found')
  expect(await shared(all, 'a', async () => 'again')).toBe('found')
})
