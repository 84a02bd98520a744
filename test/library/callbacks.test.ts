import { getEventListeners } from 'node:events'
import fs from 'node:fs'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createHaal, HaalError, type HaalOptions } from '../../src/index.js'
import { acme, ground, skill } from './ground.js'

/** A program's own error, which haal knows nothing of. */
const mine = new RangeError('mine')

function withReview() {
  const at = ground()
  at.write('registries/acme/skills/review/SKILL.md', skill('review'))
  return at
}

describe('what a program’s own function throws', () => {
  test('[U9] arrives as it is from onEvent, and the project is as it was', async () => {
    const at = withReview()
    const onEvent = () => {
      throw mine
    }
    await expect((await at.haal({ onEvent })).install('review')).rejects.toBe(mine)
    expect(fs.readdirSync(`${at.root}/project`)).toEqual([])
  })

  test('[U9] arrives as it is from an onEvent that is asynchronous, which stops the call', async () => {
    const at = withReview()
    const onEvent = async () => {
      throw mine
    }
    await expect((await at.haal({ onEvent })).install('review')).rejects.toBe(mine)
    expect(fs.readdirSync(`${at.root}/project`)).toEqual([])
  })

  test('[U9] arrives as it is from ask, thrown or rejected', async () => {
    const at = withReview()
    await (await at.haal()).install('review')
    const thrown = () => {
      throw mine
    }
    for (const ask of [thrown, () => Promise.reject(mine)]) {
      const haal = await at.haal({ ask })
      await expect(haal.uninstall('review')).rejects.toBe(mine)
      expect((await haal.list()).artifacts).toHaveLength(1)
    }
  })

  test('[U9] arrives as it is from askSecret', async () => {
    const at = withReview()
    const keys = await at.haal({ env: { HAAL_KEY_PASSPHRASE: 'correct horse battery', HOME: at.root } })
    await keys.registry.keygen('own.pem')
    const haal = await at.haal({ askSecret: () => Promise.reject(mine) })
    await expect(haal.registry.sign(`${at.root}/registries/acme`, { key: 'own.pem' })).rejects.toBe(mine)
  })

  test('[U9] does not touch another call of the same instance', async () => {
    const at = withReview()
    let isFirst = true
    const onEvent = () => {
      if (!isFirst) return
      isFirst = false
      throw mine
    }
    const haal = await at.haal({ onEvent })
    await expect(haal.install('review')).rejects.toBe(mine)
    expect((await haal.install('review')).changes).toMatchObject([{ action: 'add' }])
  })
})

test('[U9] options that a program changes later do not change the instance', async () => {
  const at = withReview()
  const onEvent = () => {
    throw mine
  }
  const options: HaalOptions = {
    cwd: `${at.root}/project`,
    home: `${at.root}/home`,
    env: {},
    registries: [acme(at.root)],
  }
  const haal = await createHaal(options)
  Object.assign(options, { onEvent, signal: AbortSignal.abort(), registries: [], cwd: '/' })
  expect((await haal.install('review')).changes).toMatchObject([{ action: 'add' }])
})

describe('a signal that a program keeps', () => {
  test('[U9] takes many calls at once without a warning, and has no listener of them afterwards', async () => {
    const at = withReview()
    const [standing, own] = [new AbortController(), new AbortController()]
    const warnings: unknown[] = []
    const hear = (warning: unknown) => void warnings.push(warning)
    process.on('warning', hear)
    onTestFinished(() => void process.off('warning', hear))
    const haal = await at.haal({ signal: standing.signal })
    await haal.install('review', { signal: own.signal })
    await Promise.all(Array.from({ length: 15 }, () => haal.list({ available: true, signal: own.signal })))
    await expect(haal.install('nothing', { signal: own.signal })).rejects.toBeInstanceOf(HaalError)
    for (const { signal } of [standing, own]) expect(getEventListeners(signal, 'abort')).toEqual([])
    expect(warnings).toEqual([])
  })

  test('[U9] stops what is being written, and the project is as it was', async () => {
    const at = withReview()
    const controller = new AbortController()
    const haal = await at.haal({ signal: controller.signal, onEvent: () => controller.abort() })
    await expect(haal.install('review')).rejects.toMatchObject({ code: 'E_INTERRUPTED' })
    expect(fs.readdirSync(`${at.root}/project`)).toEqual([])
  })
})
