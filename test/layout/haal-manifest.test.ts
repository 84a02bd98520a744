import { expect, test } from 'vitest'
import { catalog } from '../../src/layout/index.js'
import { json, memoryTree, type Planted } from './trees.js'

const bundles = async (files: Record<string, Planted>) => {
  const { artifacts, layouts, notes } = await catalog(memoryTree(files), 'acme')
  const all = Object.fromEntries(artifacts.map(({ kind, name, requires }) => [`${kind}/${name}`, requires]))
  return { all, artifacts, layouts, notes: notes.map(({ message }) => message) }
}

const developer = json({
  name: 'Developer',
  description: 'Review and refactor',
  skills: ['review-code', 'fix-smells'],
  commands: ['ship'],
  rules: ['errors'],
  agents: ['reviewer'],
  hooks: ['lint'],
  mcpServers: ['search'],
  powers: ['go'],
})

const manifest = json({
  version: '1.0',
  repoId: 'acme',
  collections: [
    { id: 'starter', name: 'Starter', description: 'To begin with', competencyIds: ['developer', 'session'] },
  ],
  competencies: [
    { id: 'developer', name: 'Developer', description: 'Core', manifestUrl: 'competencies/developer.json' },
  ],
  systems: [{ id: 'pulse', repo: 'https://github.com/acme/pulse' }],
})

test('a competency is a bundle of what it lists', async () => {
  const { all, layouts, notes, artifacts } = await bundles({ 'competencies/developer.json': developer })
  expect(layouts).toEqual(['haal-manifest'])
  expect(all).toEqual({
    'bundle/developer': [
      'skill/review-code',
      'skill/fix-smells',
      'agent/reviewer',
      'command/ship',
      'hook/lint',
      'rule/errors',
      'mcp/search',
    ],
  })
  expect(artifacts[0]).toMatchObject({
    description: 'Review and refactor',
    content: { path: 'competencies/developer.json' },
  })
  expect(artifacts[0]?.content.definition).toEqual(artifacts[0]?.requires)
  expect(notes).toEqual(['acme: competencies/developer.json lists powers, which haal does not install'])
})

test('a competency of version 2 unites what is shared and what each tool gets', async () => {
  const competency = {
    schemaVersion: 2,
    shared: { skills: ['plan'], mcpservers: ['search'], systems: ['pulse'] },
    tools: {
      kiro: { powers: ['go'], rules: ['rules/repo/kiro/errors'], hooks: ['hooks/kiro/lint'] },
      claude: { rules: ['rules/repo/claude/errors.md'], commands: ['commands/repo/claude/ship'] },
    },
  }
  const { all } = await bundles({ 'competencies/dev.json': json(competency) })
  expect(all).toEqual({ 'bundle/dev': ['skill/plan', 'mcp/search', 'hook/lint', 'rule/errors', 'command/ship'] })
})

test('a collection is a bundle of competencies', async () => {
  const files = {
    'haal_manifest.json': manifest,
    'competencies/developer.json': developer,
    'competencies/session.json': json({ skills: ['x'] }),
  }
  const { all, artifacts, notes } = await bundles(files)
  expect(all['bundle/starter']).toEqual(['bundle/developer', 'bundle/session'])
  expect(Object.keys(all)).toEqual(['bundle/developer', 'bundle/session', 'bundle/starter'])
  expect(artifacts.map(({ description }) => description)).toEqual(['Core', undefined, 'To begin with'])
  expect(notes).toContain('acme: haal_manifest.json lists systems, which haal does not install: pulse')
})

test('the older collection-manifest.json is read too, and the newer file wins', async () => {
  const older = json({ starter: ['other'], full: ['developer', 'full'] })
  const { all } = await bundles({
    'haal_manifest.json': manifest,
    'collection-manifest.json': older,
    'competencies/developer.json': developer,
  })
  expect(all['bundle/starter']).toEqual(['bundle/developer', 'bundle/session'])
  expect(all['bundle/full']).toEqual(['bundle/developer'])
})

test('[A22] a competency whose file is missing says so', async () => {
  const { artifacts } = await bundles({ 'haal_manifest.json': manifest })
  expect(artifacts.find(({ name }) => name === 'developer')?.unavailable).toContain(
    'its file competencies/developer.json is not there',
  )
})

test('a competency of nothing that haal installs is no bundle', async () => {
  const { all, notes } = await bundles({
    'competencies/powers.json': json({ name: 'powers', powers: ['go'], keep_from_registry: ['x'] }),
  })
  expect(all).toEqual({})
  expect(notes).toHaveLength(1)
})

test.each([
  ['a list that is text', { 'competencies/x.json': json({ skills: 'plan' }) }, 'E_INDEX'],
  ['a member that is a number', { 'competencies/x.json': json({ skills: [4] }) }, 'E_INDEX'],
  ['a member that leads out', { 'competencies/x.json': json({ rules: ['../../etc/passwd'] }) }, 'E_PATH_ESCAPE'],
  ['a member that is no name', { 'competencies/x.json': json({ skills: ['-rf'] }) }, 'E_NAME'],
  [
    'a manifest that leads out',
    { 'haal_manifest.json': json({ competencies: [{ id: 'x', manifestUrl: '../x.json' }] }) },
    'E_PATH_ESCAPE',
  ],
  ['an id that is no name', { 'haal_manifest.json': json({ collections: [{ id: '../x' }] }) }, 'E_NAME'],
  ['a key of the prototype', { 'collection-manifest.json': '{"__proto__": ["x"]}' }, 'E_JSON_KEY'],
  ['an id of the prototype', { 'haal_manifest.json': json({ collections: [{ id: 'constructor' }] }) }, 'E_JSON_KEY'],
  ['a file cut short', { 'collection-manifest.json': '{"all": [' }, 'E_JSON'],
  ['collections that are a list', { 'collection-manifest.json': '[]' }, 'E_INDEX'],
])('[S5] %s is refused', async (_what, files, code) => {
  await expect(catalog(memoryTree(files), 'acme')).rejects.toMatchObject({ code })
})
