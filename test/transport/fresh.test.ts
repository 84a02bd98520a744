import { describe, expect, test } from 'vitest'
import { fail } from '../../src/model/errors.js'
import type { Reach } from '../../src/model/transport.js'
import { fresh } from '../../src/transport/fresh.js'
import { bench } from './reach.js'

const at = { via: 'url', url: 'https://reg.corp/ai' } as const
const hour = 3_600_000

/** A registry that says how often it was asked, and knows an ETag. */
function source() {
  const state = { asked: 0, down: false, broken: false, body: 'one' }
  const read = async (reach: Reach) => {
    const { body } = await fresh(at, 'index', {
      reach,
      ask: async (known) => {
        state.asked += 1
        if (state.down)
          fail('E_REGISTRY_UNAVAILABLE', 'registry "corp" does not answer', { details: { reason: 'ENOTFOUND' } })
        if (state.broken) fail('E_REGISTRY_UNAVAILABLE', 'registry "corp" answers with 500')
        return known?.etag === state.body ? 'same' : { body: state.body, etag: state.body }
      },
    })
    return body
  }
  return { state, read }
}

test('[A35] [A36] within an hour nothing is asked, after it once', async () => {
  const { state, read } = source()
  const { reach, later } = bench(at)
  await read(reach)
  await read(later(hour - 1))
  expect(state.asked).toBe(1)
  await read(later(hour))
  await read(later(hour + 1))
  expect(state.asked).toBe(2)
})

test('[A35] cacheDuration of the registry is what counts', async () => {
  const { state, read } = source()
  const { reach, later } = bench(at, { registry: { cacheDuration: 2 * hour } })
  await read(reach)
  await read(later(2 * hour - 1))
  expect(state.asked).toBe(1)
  await read(later(2 * hour))
  expect(state.asked).toBe(2)
})

test('[A35] a revalidation that finds nothing new counts as an answer', async () => {
  const { state, read } = source()
  const { reach, later } = bench(at)
  await read(reach)
  expect(await read(later(hour))).toBe('one')
  state.body = 'two'
  expect(await read(later(2 * hour - 1))).toBe('one')
  expect(await read(later(2 * hour))).toBe('two')
})

test('one command asks one question once, however often and however it ends', async () => {
  const { state, read } = source()
  const { later } = bench(at)
  const reach = later(0, { refresh: true })
  await Promise.all([read(reach), read(reach)])
  await read(reach)
  expect(state.asked).toBe(1)
  state.down = true
  const next = later(1, { refresh: true })
  await expect(read(next)).rejects.toThrow()
  await expect(read(next)).rejects.toThrow()
  expect(state.asked).toBe(2)
})

describe('[A41] the network is down', () => {
  test('what is cached within maxAge is used, with a warning', async () => {
    const { state, read } = source()
    const { reach, later, warnings } = bench(at)
    await read(reach)
    state.down = true
    expect(await read(later(23 * hour))).toBe('one')
    expect(warnings()).toEqual(['W_STALE'])
  })

  test.each([
    [hour / 60 - 1, 'less than a minute ago'],
    [hour / 60, '1 min ago'],
    [23 * hour, '1380 min ago'],
  ])('what is %i ms old is told as that', async (ms, words) => {
    const { state, read } = source()
    const { reach, later } = bench(at, { registry: { cacheDuration: 0 } })
    await read(reach)
    state.down = true
    const told: unknown[] = []
    await read(later(ms, { emit: (event) => void told.push(event) }))
    const message = `registry "corp" does not answer; using what it said ${words}`
    expect(told).toEqual([{ type: 'warning', note: { code: 'W_STALE', message } }])
  })

  test('older or nothing is an error', async () => {
    const { state, read } = source()
    const { reach, later } = bench(at)
    await read(reach)
    state.down = true
    await expect(read(later(25 * hour))).rejects.toMatchObject({ code: 'E_REGISTRY_UNAVAILABLE' })
    await expect(read(bench(at).reach)).rejects.toMatchObject({ code: 'E_REGISTRY_UNAVAILABLE' })
  })

  test('[S3] a registry that answers, but wrongly, is not covered up by the cache', async () => {
    const { state, read } = source()
    const { reach, later } = bench(at)
    await read(reach)
    state.broken = true
    await expect(read(later(hour))).rejects.toMatchObject({ code: 'E_REGISTRY_UNAVAILABLE' })
  })
})

describe('[A41] said explicitly', () => {
  test('--offline asks nobody, and uses what is cached within maxAge', async () => {
    const { state, read } = source()
    const { reach, later, warnings } = bench(at)
    await read(reach)
    expect(await read(later(20 * hour, { offline: true }))).toBe('one')
    await expect(read(later(25 * hour, { offline: true }))).rejects.toMatchObject({
      code: 'E_OFFLINE',
      exit: 7,
      message: expect.stringContaining('or too old there (cacheSettings.maxAge)'),
    })
    expect(state.asked).toBe(1)
    expect(warnings()).toEqual([])
  })

  test('--refresh asks whatever is cached, and does without it where nobody answers', async () => {
    const { state, read } = source()
    const { reach, later } = bench(at)
    await read(reach)
    state.body = 'two'
    expect(await read(later(1, { refresh: true }))).toBe('two')
    state.down = true
    await expect(read(later(2, { refresh: true }))).rejects.toMatchObject({ code: 'E_REGISTRY_UNAVAILABLE' })
  })
})

test('[A40] another credential gets an answer of its own', async () => {
  const { state, read } = source()
  const { reach, later } = bench(at)
  await read(reach)
  await read(later(1, { credential: { origin: 'https://reg.corp', value: 'canary' } }))
  expect(state.asked).toBe(2)
})
