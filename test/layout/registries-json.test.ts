import { expect, test } from 'vitest'
import { listedRegistries } from '../../src/layout/registries-json.js'
import { registriesFromList, registriesFromRepos } from '../../src/model/registries.js'
import { json, memoryTree, type Planted } from './trees.js'

const entries = [{ name: 'hub', url: 'https://reg.acme.com' }]
const listed = (files: Record<string, Planted>) => listedRegistries(memoryTree(files), 'acme')

test.each([
  ['.haal/registries.json', '.haal'],
  ['registries.json', ''],
])('[O10] [O11] %s is found', async (file, folder) => {
  expect(await listed({ [file]: json(entries) })).toEqual({ file, keys: [], folder, form: 'list', entries })
})

test('[O10] the one in .haal goes before the one at the root, and a tree may have none', async () => {
  const both = { '.haal/registries.json': json(entries), 'registries.json': '[]' }
  expect((await listed(both))?.entries).toEqual(entries)
  expect(await listed({ 'README.md': '' })).toBeUndefined()
})

test('[O10] another list at the root is told of, and a link there is not followed', async () => {
  const unused = async (other: Planted) =>
    (await listed({ '.haal/registries.json': json(entries), 'registries.json': other }))?.unused
  expect(await unused('[]')).toBe('registries.json')
  expect(await unused(json(entries))).toBeUndefined()
  expect(await unused({ type: 'link' })).toBeUndefined()
})

test('[O18] a list and an object with a list are the same', async () => {
  expect((await listed({ 'registries.json': json({ version: 1, registries: entries }) }))?.entries).toEqual(entries)
})

test('[O18] name and url suffice; ref, checksum and priority may be given', async () => {
  const checksum = 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='
  const more = { name: 'more', url: 'https://b.acme.com', ref: 'v2', checksum, priority: 3 }
  const list = await listed({ 'registries.json': json([...entries, more]) })
  const registries = registriesFromList(list?.entries, { folder: '/', author: 'network', source: 'registries.json' })
  expect(registries).toMatchObject([{ name: 'hub' }, { name: 'more', ref: 'v2', checksum, priority: 3 }])
})

test('[O18] two entries of one name are an error', async () => {
  const list = await listed({ 'registries.json': json([...entries, ...entries]) })
  const read = () => registriesFromList(list?.entries, { folder: '/', author: 'network', source: 'registries.json' })
  expect(read).toThrow(expect.objectContaining({ code: 'E_CONFIG', message: expect.stringContaining('hub') }))
})

test('haal-installer’s list of repositories is read as it writes them', async () => {
  const repos = [
    { repo: 'acme/skills', branch: 'main' },
    { repo: 'corp/skills', base_url: 'https://ghe.corp.com' },
    'you/skills:dev',
  ]
  const list = await listed({ 'repos-manifest.json': json({ repos }) })
  expect(list).toMatchObject({ file: 'repos-manifest.json', form: 'repos' })
  expect(
    registriesFromRepos(list?.entries, { folder: '/', author: 'network', source: 'repos-manifest.json' }),
  ).toMatchObject([
    { at: { host: 'github.com', repo: 'you/skills' }, ref: 'dev' },
    { name: 'corp-skills', at: { host: 'ghe.corp.com', repo: 'corp/skills' } },
    { name: 'acme-skills', at: { host: 'github.com', repo: 'acme/skills' }, ref: 'main' },
  ])
})

test.each([
  ['no JSON', '[', 'E_CONFIG_PARSE'],
  ['text', '"x"', 'E_CONFIG'],
  ['an object without a list', '{"registries": {}}', 'E_CONFIG'],
  ['a key of the prototype', '[{"__proto__": 1}]', 'E_JSON_KEY'],
  ['a key twice', '[{"name": "a", "name": "b"}]', 'E_JSON_KEY'],
])('[S5] a list that is %s is refused, and whose it is is said', async (_what, text, code) => {
  const message = expect.stringContaining('acme: registries.json')
  await expect(listed({ 'registries.json': text })).rejects.toMatchObject({ code, message })
})
