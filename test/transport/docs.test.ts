import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from '../../src/cli/program.js'
import { rowFor } from '../../src/cli/row.js'
import { table } from '../../src/cli/table.js'
import { read } from '../../src/cli/words.js'
import { catalog } from '../../src/layout/index.js'
import { errors } from '../../src/model/errors.js'
import { manifestFrom } from '../../src/state/config/manifest.js'
import { memoryTree } from '../layout/trees.js'

const page = readFileSync(new URL('../../docs/registries.md', import.meta.url), 'utf8')
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, text = '']) => text)

const examples = blocks('json').map((text) => JSON.parse(text) as Record<string, unknown>)
const configurations = examples.filter((value) => 'registries' in value || 'registryConfig' in value)
const indexes = examples.filter((value) => 'extensions' in value)

test('every configuration on the page is one', () => {
  expect(configurations.length).toBe(3)
  for (const value of configurations) {
    const { registries, warnings } = manifestFrom(value, { file: '/project/haal.json', author: 'project' })
    expect(registries.length).toBeGreaterThan(0)
    expect(warnings).toEqual([])
  }
})

test('every index on the page lists an artifact', async () => {
  expect(indexes.length).toBe(1)
  for (const value of indexes) {
    const { artifacts } = await catalog(memoryTree({ 'registry.json': JSON.stringify(value) }), 'corp')
    expect(artifacts.map(({ id }) => id)).toEqual(['com.yourorg.your-tool'])
  }
})

const lines = blocks('sh').flatMap((text) => text.split('\n').filter((line) => line.startsWith('haal ')))

test.each(lines)('a command of the page is one, flags and all: %s', async (line) => {
  const argv = line
    .split(/\s+/)
    .slice(1)
    .map((word) => word.replaceAll("'", ''))
  const said = read(argv, table)
  const row = rowFor(table, said.words)
  if (row === undefined) throw new Error(`no command: ${line}`)
  expect(parse(await row.load(), said.rest).args.length).toBeLessThanOrEqual(2)
})

test('every code on the page is one', () => {
  const codes = new Set([...page.matchAll(/\bE_[A-Z_]+/g)].map(([code]) => code))
  expect([...codes].filter((code) => !Object.hasOwn(errors, code))).toEqual([])
})
