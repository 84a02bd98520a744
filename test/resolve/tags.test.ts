import { describe, expect, test } from 'vitest'
import type { Tagged, Transport } from '../../src/model/transport.js'
import { tagsOf, versionTags } from '../../src/resolve/tags.js'
import { demo } from '../layout/trees.js'
import { bench } from '../transport/reach.js'

const at = { via: 'git', url: 'https://git.example.com/a.git' } as const

test('the tags of a repository are asked for once a command, however many artifacts want them', async () => {
  let asked = 0
  const transport: Transport = {
    via: 'git',
    pin: async () => ({ at, id: 'now' }),
    open: async () => Promise.reject(new Error('not opened')),
    versions: async () => {
      asked += 1
      return [{ name: 'a@1.0.0', id: 'one' }]
    },
  }
  const { reach } = bench(demo)
  const first = await tagsOf({ at, transport, reach })
  const others = await Promise.all(Array.from({ length: 20 }, () => tagsOf({ at, transport, reach })))
  expect(others.every((tags) => tags === first)).toBe(true)
  expect(asked).toBe(1)
  await tagsOf({ at, transport, reach: { ...reach } })
  expect(asked).toBe(2)
})

describe('the tags of an artifact', () => {
  test('[O26] are those with its name in front, or of a repository that it is alone in', () => {
    const tags = ['a@1.0.0', 'v2.0.0', 'a/v1.1.0', 'b@1.0.0', 'a/b@3.0.0', 'a@next'].map((name) => ({ name, id: name }))
    const versions = (name: string, alone: boolean) => versionTags(tags, name, alone).map(({ version }) => version)
    expect(versions('a', false)).toEqual(['1.0.0', '1.1.0'])
    expect(versions('a/b', false)).toEqual(['3.0.0'])
    expect(versions('a', true)).toEqual(['1.0.0', '2.0.0', '1.1.0'])
    expect(versions('c', false)).toEqual([])
  })

  test('[O26] are found without going through all tags for each artifact', () => {
    let looked = 0
    const counted = (name: string): Tagged => ({
      id: 'id',
      get name() {
        looked += 1
        return name
      },
    })
    const names = Array.from({ length: 300 }, (_, i) => `skill-${i}`)
    const tags = names.flatMap((name) => [counted(`${name}@1.0.0`), counted(`${name}@1.1.0`)])
    for (const name of names) expect(versionTags(tags, name, false)).toHaveLength(2)
    expect(looked).toBeLessThan(tags.length * 10)
  })
})
