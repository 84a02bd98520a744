import { existsSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { catalog } from '../../src/layout/index.js'
import { readArtifact, readLabel } from '../../src/layout/reading.js'
import type { Artifact, Reading } from '../../src/model/artifact.js'
import { folderTree } from './trees.js'

/** Published registries, cut down; not part of the project. */
const registries = path.resolve(import.meta.dirname, '../../../shared/registries')

const treeOf = (name: string) => folderTree(path.join(registries, name))
const catalogOf = (name: string) => catalog(treeOf(name), name)
const isHere = ({ unavailable, content }: Artifact) =>
  unavailable === undefined && content.elsewhere === undefined && content.definition === undefined

async function readingsOf(name: string): Promise<Map<string, Reading>> {
  const tree = treeOf(name)
  const found = new Map<string, Reading>()
  for (const artifact of (await catalog(tree, name)).artifacts.filter(isHere)) {
    const start = artifact.content.path.length + 1
    const files = (await tree.list(artifact.content.path)).map(({ path, mode }) => ({ path: path.slice(start), mode }))
    found.set(
      `${artifact.kind}/${artifact.name}`,
      await readArtifact(artifact, files, (file) => tree.read(`${artifact.content.path}/${file}`)),
    )
  }
  return found
}

function counted(keys: readonly string[]): Record<string, number> {
  return Object.fromEntries([...new Set(keys)].map((key) => [key, keys.filter((each) => each === key).length]))
}

describe.skipIf(!existsSync(registries))('published registries', () => {
  test('[A17] [A22] [A48] agentos-extensions: 117 entries, of which 13 folders are here, and auth, which the index forgot', async () => {
    const { artifacts, layouts, notes } = await catalogOf('agentos-extensions')
    expect([layouts, notes]).toEqual([['agentos'], []])
    expect(artifacts).toHaveLength(118)
    const here = artifacts.filter(isHere)
    expect(counted(here.map(({ kind }) => kind))).toEqual({ extension: 4, tool: 9, guardrail: 1 })
    expect(here.find(({ name }) => name === 'auth')).toMatchObject({
      id: 'com.framers.auth',
      content: { path: 'registry/curated/auth' },
    })
    expect(artifacts.filter(({ unavailable }) => unavailable !== undefined)).toHaveLength(104)
    expect(artifacts.filter(({ verified }) => verified)).toHaveLength(114)
  })

  test('[A20] agentos-extensions: telegram is two artifacts', async () => {
    const { artifacts } = await catalogOf('agentos-extensions')
    const both = artifacts.filter(({ name }) => name === 'telegram')
    expect(both.map(({ id }) => id)).toEqual(['com.framers.channels.telegram', 'com.framers.integrations.telegram'])
  })

  test('[A44] [A47] [R12] agentos-extensions: all install, none loads from source, four disagree on the version', async () => {
    const readings = [...(await readingsOf('agentos-extensions')).values()]
    expect(readings.filter(({ loadable }) => loadable)).toEqual([])
    const codes = counted(readings.flatMap(({ notes }) => notes.map(({ code }) => code)))
    expect(codes.W_SOURCE_ONLY).toBe(readings.length)
    expect(codes.W_VERSION).toBe(4)
    expect(codes.W_IDENTITY).toBeUndefined()
  })

  test('haal-skills: 31 skills in one or two levels, 19 bundles, a plugin whose path is wrong, a power', async () => {
    const { artifacts, layouts, notes } = await catalogOf('haal-skills')
    expect(layouts).toEqual(['haal-manifest', 'marketplace', 'folders'])
    expect(counted(artifacts.map(({ kind }) => kind))).toEqual({ bundle: 19, plugin: 1, skill: 31 })
    expect(artifacts.find(({ kind }) => kind === 'plugin')?.unavailable).toBe(
      'its path plugins/session-workflow is not there',
    )
    expect(artifacts.find(({ name }) => name === 'starter')?.requires).toEqual([
      'bundle/developer',
      'bundle/git-assistant',
      'bundle/session-manager',
    ])
    expect(notes.map(({ code }) => code)).toEqual(['W_UNSUPPORTED', 'W_UNSUPPORTED', 'W_UNSUPPORTED'])
  })

  test('haal-skills: the one skill without a head is told (hostile M01)', async () => {
    const readings = await readingsOf('haal-skills')
    const told = [...readings].filter(([, { notes }]) => notes.some(({ code }) => code === 'W_FRONTMATTER'))
    expect(told.map(([ref]) => ref)).toEqual(['skill/run-implementation-plan'])
  })

  test('agent-skills: six skills, and three plugins of which parts are missing', async () => {
    const { artifacts, layouts } = await catalogOf('agent-skills')
    expect(layouts).toEqual(['marketplace', 'folders'])
    expect(counted(artifacts.map((one) => `${one.kind} ${isHere(one) ? 'here' : 'not here'}`))).toEqual({
      'plugin not here': 3,
      'skill here': 6,
    })
  })

  test('claude-plugins: 286 plugins, 233 in other repositories at a commit, 8 here, 45 missing', async () => {
    const { artifacts, layouts, notes } = await catalogOf('claude-plugins')
    expect([layouts, notes]).toEqual([['marketplace', 'folders'], []])
    expect(artifacts).toHaveLength(286)
    const remote = artifacts.flatMap(({ content }) => (content.elsewhere ? [content.elsewhere] : []))
    expect(remote.filter(({ commit }) => commit !== undefined)).toHaveLength(233)
    expect(artifacts.filter(isHere)).toHaveLength(8)
    expect(artifacts.filter(({ unavailable }) => unavailable !== undefined)).toHaveLength(45)
    expect(artifacts.find(({ name }) => name === 'qodo')?.formerly).toEqual(['qodo-skills'])
  })

  test('[P10] claude-plugins: hooks and allowed tools are found where they are', async () => {
    const readings = await readingsOf('claude-plugins')
    expect(readings.get('plugin/hookify')?.surface.filter((line) => line.startsWith('hook: '))).toHaveLength(4)
    expect(readings.get('plugin/ralph-loop')?.surface).toContain(
      'hook: Stop: bash "${CLAUDE_PLUGIN_ROOT}/hooks/stop-hook.sh"',
    )
    expect(readings.get('plugin/skill-creator')?.surface).toEqual([])
  })

  test.each(['agentos-extensions', 'haal-skills', 'agent-skills', 'claude-plugins'])(
    '[A25] %s: what is here has a description for listings',
    async (name) => {
      const tree = treeOf(name)
      const here = (await catalog(tree, name)).artifacts.filter(isHere)
      const labels = await Promise.all(
        here.map(async (one) => [one.name, (await readLabel(one, tree)).description] as const),
      )
      expect(labels.filter(([, description]) => description === undefined).map(([of]) => of)).toEqual(
        name === 'haal-skills' ? ['run-implementation-plan'] : [],
      )
    },
  )
})
