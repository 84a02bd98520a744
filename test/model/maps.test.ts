import { expect, test } from 'vitest'
import { askOnce } from '../../src/model/maps.js'

test('[U9] what several ask for is found once', async () => {
  const all = new Map<string, Promise<number>>()
  let asked = 0
  const find = async () => ++asked
  expect(await Promise.all([askOnce(all, 'a', find), askOnce(all, 'a', find)])).toEqual([1, 1])
  expect(await askOnce(all, 'a', find)).toBe(1)
})

test('[U9] one that is stopped fails alone: who waited with it, and who asks later, find it themselves', async () => {
  const all = new Map<string, Promise<string>>()
  const stopped = askOnce(all, 'a', () => Promise.reject(new Error('stopped')))
  const waiting = askOnce(all, 'a', async () => 'found')
  await expect(stopped).rejects.toThrow('stopped')
  expect(await waiting).toBe('found')
  expect(await askOnce(all, 'a', async () => 'again')).toBe('found')
})
