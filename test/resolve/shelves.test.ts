import { describe, expect, test } from 'vitest'
import { HaalError } from '../../src/model/errors.js'
import { sayHowToGoOn } from '../../src/resolve/shelves.js'
import type { Opened } from '../../src/resolve/suppliers.js'
import { skill } from '../layout/trees.js'
import { failure, shop } from './shop.js'

const files = { 'skills/a/SKILL.md': skill('a') }
const has = { files, past: { before: { 'skills/old/SKILL.md': skill('old') } } }
const namesIn = ({ catalog }: { catalog: { artifacts: readonly { name: string }[] } }) =>
  catalog.artifacts.map(({ name }) => name)

describe('the registries of a project', () => {
  test('[O20] one whose checksum differs offers nothing', async () => {
    const { shelves } = shop({ one: { files, more: { checksum: `sha256-${'A'.repeat(43)}=` } } })
    expect((await failure(shelves.ordered())).code).toBe('E_CHECKSUM')
  })

  test('[P1 P3] each is judged when it is opened: which is the primary, and which is open at a revision of its past', async () => {
    const judged: Omit<Opened, 'tree'>[] = []
    const { shelves } = shop(
      { one: has, two: has },
      {
        inspect: async ({ tree, ...opened }) => {
          judged.push(opened)
          return { tree, cover: (artifacts) => artifacts.filter(({ name }) => name !== 'a'), signers: ['key'] }
        },
      },
    )
    const [first, second] = await shelves.ordered()
    const then = await shelves.past('one', 'before')
    expect(judged.map(({ registry, primary, past }) => [registry.name, primary, past])).toEqual([
      ['one', true, false],
      ['two', false, false],
      ['one', false, true],
    ])
    expect([first, second, then].map((shelf) => shelf && [namesIn(shelf), shelf.signers])).toEqual([
      [[], ['key']],
      [[], ['key']],
      [['old'], ['key']],
    ])
  })

  test('[S4] of what is locked only the primary is asked what it is now', async () => {
    const { asked, shelves } = shop({ one: has, two: has })
    expect(namesIn(await shelves.past('two', 'before'))).toEqual(['old'])
    expect(asked).toEqual([])
    expect(namesIn(await shelves.past('one', 'before'))).toEqual(['old'])
    expect(asked).toEqual(['one'])
  })

  test('[S4] one that is open already at what is locked is not opened again', async () => {
    const { shelves } = shop({ one: has, two: has })
    const [first, second] = await shelves.ordered()
    expect([await shelves.past('one', 'now'), await shelves.past('two', 'now')]).toEqual([first, second])
    expect(shelves.seen().shelves).toEqual([first, second])
    expect((await failure(shelves.past('two', 'never'))).code).toBe('E_REF')
  })

  test('[O27] a primary whose ref is gone can still be had as it is locked', async () => {
    const { shelves } = shop({ one: { ...has, more: { ref: 'gone' } } })
    expect(namesIn(await shelves.past('one', 'before'))).toEqual(['old'])
    expect((await failure(shelves.ordered())).code).toBe('E_REF')
  })

  test('what was seen of them is whole once all were opened, and none was left out', async () => {
    const { shelves } = shop({ one: has, two: has })
    await shelves.named('one')
    expect(shelves.seen().whole).toBe(false)
    await shelves.ordered()
    expect(shelves.seen().whole).toBe(true)
    const missing = shop({ one: has, two: { files: null } }, { allowMissing: true })
    await missing.shelves.ordered()
    expect(missing.shelves.seen().whole).toBe(false)
    expect(missing.shelves.notes()).toMatchObject([{ message: 'two is left out: two has nothing at now' }])
  })
})

describe('[O22 U3] that a registry may be left out', () => {
  const said = (e: unknown) => {
    try {
      return sayHowToGoOn(e)
    } catch (error) {
      return error
    }
  }

  test('is said of one that does not answer, beside what was wrong', () => {
    const more = { hint: 'check the address', details: { reason: 'ENOTFOUND' } }
    const down = new HaalError('E_REGISTRY_UNAVAILABLE', 'two is down', more)
    const hint = 'check the address, or leave it out with --allow-missing'
    expect(said(down)).toMatchObject({ code: down.code, message: down.message, hint, details: more.details })
  })

  test.each([new HaalError('E_CHECKSUM', 'another'), new TypeError('a bug')])('is not said of %s', (e) => {
    expect(said(e)).toBe(e)
  })
})
