import { describe, expect, test } from 'vitest'
import type { Artifact } from '../../src/model/artifact.js'
import { besideNames, covered, indexNames, listedAs, printListing, readListing } from '../../src/policy/listing.js'
import { failure } from '../failing.js'
import { bytesA, bytesB } from './made.js'

const plain: Artifact = {
  registry: 'corp',
  kind: 'skill',
  name: 'x',
  layout: 'agentos',
  content: { path: 'x' },
  form: 'folder',
  requires: [],
}
const elsewhere = (more: object) => ({
  content: { path: '', elsewhere: { at: { via: 'url', url: 'https://a.test/x.tgz' } as const, ...more } },
})
const fixed = { integrity: bytesA }
const commit = 'a'.repeat(40)

describe('[S12] what a signed registry does not vouch for is not covered (hostile S04)', () => {
  const rows: [says: string, more: Partial<Artifact>, signed: readonly string[], uncovered: true | undefined][] = [
    ['its bytes stand in the signed index', fixed, ['registry.json'], undefined],
    ['its bytes stand in an index that nobody signed', fixed, ['haal.index.json'], true],
    ['the signed index does not say its bytes', {}, ['registry.json'], true],
    [
      'its bytes stand in the signed index of a marketplace',
      { ...fixed, layout: 'marketplace' },
      ['.claude-plugin/marketplace.json'],
      undefined,
    ],
    ['its index is another than the signed one', { ...fixed, layout: 'marketplace' }, ['registry.json'], true],
    ['it was found in folders, which no index lists', { ...fixed, layout: 'folders' }, ['registry.json'], true],
    ['it is a commit elsewhere', elsewhere({ commit }), ['registry.json'], undefined],
    ['it is an archive elsewhere, with its digest', elsewhere({ archiveIntegrity: 'x' }), ['registry.json'], undefined],
    ['it is a branch elsewhere', elsewhere({ ref: 'main' }), ['registry.json'], true],
    [
      'one of its versions is fixed',
      { versions: { '1.0.0': plain, '2.0.0': { ...plain, ...fixed } } },
      ['registry.json'],
      undefined,
    ],
    ['none of its versions is fixed', { versions: { '1.0.0': plain } }, ['registry.json'], true],
    [
      'a bundle, which the index defines',
      { kind: 'bundle', content: { path: '', definition: ['skill/a'] } },
      ['registry.json'],
      undefined,
    ],
  ]
  test.each(rows)('%s', (_says, more, signed, uncovered) => {
    const [found] = covered([{ ...plain, ...more }], { signed: new Set(signed), listing: undefined })
    expect(found?.uncovered).toBe(uncovered)
  })

  test('the listing says the bytes of what it names, and of nothing else', () => {
    const listing = { 'skill/x': bytesB, 'tool/com.acme.y': bytesB }
    const all: Artifact[] = [
      { ...plain, ...fixed },
      { ...plain, kind: 'tool', name: 'y', id: 'com.acme.y' },
      { ...plain, name: 'z' },
    ]
    const found = covered(all, { signed: new Set(['haal.index.json']), listing })
    expect(found.map(({ name, integrity, uncovered }) => [name, integrity, uncovered])).toEqual([
      ['x', bytesB, undefined],
      ['y', bytesB, undefined],
      ['z', undefined, true],
    ])
  })
})

test('[S12] of the files that can be an index the one a registry is read by comes first', () => {
  expect(indexNames).toEqual([
    'registry.json',
    '.claude-plugin/marketplace.json',
    'haal_manifest.json',
    'haal.index.json',
  ])
})

test('[S12] what else decides what comes from a registry has to be signed too (hostile S04)', () => {
  expect(besideNames).toEqual(['.haal/registries.json', 'registries.json', 'repos-manifest.json', 'policy.json'])
})

test('[S12] a listing is printed sorted, read back as it was, and known by id where there is one', () => {
  const listing = { 'skill/b': bytesB, 'skill/a': bytesA }
  const text = printListing(listing)
  expect(text.indexOf('skill/a')).toBeLessThan(text.indexOf('skill/b'))
  expect(readListing(Buffer.from(text), 'corp')).toEqual(listing)
  expect(listedAs({ kind: 'tool', name: 'y', id: 'com.acme.y' })).toBe('tool/com.acme.y')
  expect(listedAs({ kind: 'tool', name: 'y' })).toBe('tool/y')
})

test.each([
  ['no JSON', '<!doctype html>'],
  ['a key twice', `{"indexVersion":1,"artifacts":{"skill/x":"${bytesA}","skill/x":"${bytesB}"}}`],
  ['a newer version', '{"indexVersion":2,"artifacts":{}}'],
  ['bytes that are no digest', '{"indexVersion":1,"artifacts":{"skill/x":"latest"}}'],
  ['a word it does not know', '{"indexVersion":1,"artifacts":{},"trust":true}'],
])('[S12] [S5] a listing with %s is refused', (_says, text) => {
  expect(failure(() => readListing(Buffer.from(text), 'corp')).code).toBe('E_INDEX')
})
