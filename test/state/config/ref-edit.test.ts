import path from 'node:path'
import { expect, test } from 'vitest'
import { nodeDisk } from '../../../src/io/disk.js'
import { editConfig } from '../../../src/state/config/manifest-edit.js'
import { refEdits } from '../../../src/state/config/ref-edit.js'
import { temporaryFolder } from '../temporary.js'

const disk = nodeDisk()

async function edited(text: string, ref: string | undefined, { via = 'git', form = 'list', file = 'haal.json' } = {}) {
  const at = path.join(temporaryFolder({ [file]: text }), file)
  const registriesAt = { path: ['registries'], form: form as 'list' }
  const edits = await refEdits(disk, { file: at, registriesAt }, { name: 'hub', via, ref })
  return edits && editConfig(disk, at, edits)
}

const list = (entry: string) => `{ "registries": [{ "name": "a", "ref": "x" }, { "name": "hub", ${entry} }] }\n`

test.each([
  ['in its word', '"location": "u", "ref": "old"', '"location": "u", "ref": "new"'],
  ['in both words', '"url": "u", "ref": "old", "branch": "old"', '"url": "u", "ref": "new", "branch": "new"'],
  ['behind #', '"url": "https://h/u.git#old"', '"url": "https://h/u.git#new"'],
  ['behind # and in a word', '"url": "https://h/u#old", "ref": "old"', '"url": "https://h/u#new", "ref": "new"'],
  ['nowhere yet', '"location": "u"', '"location": "u", "ref": "new"'],
])('[O32] a ref is put where it stands: %s', async (_where, was, now) => {
  expect(JSON.parse((await edited(list(was), 'new')) ?? '')).toEqual(JSON.parse(list(now)))
})

test.each([
  ['npm:@acme/x@^1', 'npm:@acme/x@^2'],
  ['@acme/x@^1', '@acme/x@^2'],
  ['x@1', 'x@^2'],
])('[O32] the range of an npm package is put behind its name: %s', async (was, now) => {
  expect(await edited(list(`"location": "${was}"`), '^2', { via: 'npm' })).toBe(list(`"location": "${now}"`))
})

test('[O32] an npm package without a range gets it as its ref', async () => {
  const was = list('"location": "npm:@acme/x"')
  const now = JSON.parse((await edited(was, '^2', { via: 'npm' })) ?? '')
  expect(now).toEqual(JSON.parse(list('"location": "npm:@acme/x", "ref": "^2"')))
})

test('[O32] a ref that shall not be there is taken out', async () => {
  expect(await edited(list('"location": "u", "ref": "old"'), undefined)).toBe(list('"location": "u"'))
  expect(await edited(list('"url": "https://h/u#old"'), undefined)).toBe(list('"url": "https://h/u"'))
})

test('[O32] in a map and in YAML it is found by its name, and comments stay', async () => {
  const yaml = (ref: string) => `registries:\n  hub:\n    location: u\n    branch: ${ref} # ours\n`
  expect(await edited(yaml('old'), 'new', { form: 'map', file: 'haal.yaml' })).toBe(yaml('new'))
})

test('[O32] what lists no registry of that name is not edited', async () => {
  expect(await edited('{ "registries": [] }', 'new')).toBeUndefined()
  expect(await edited(list('"ref": "old"'), 'new', { form: 'program' })).toBeUndefined()
})
