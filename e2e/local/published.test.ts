import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { type World, world } from '../world/index.js'
import { place } from '../world/place.js'

/** Published registries, where this machine has them. Their tests are skipped elsewhere, visibly. */
const shared = path.resolve(import.meta.dirname, '../../../shared/registries')

interface Case {
  registry: string
  kind: string
  /** One artifact, and its id where it has one. */
  name: string
  id?: string
  /** Its folder in the registry. */
  at: string
}

const cases: Case[] = [
  {
    registry: 'agentos-extensions',
    kind: 'tool',
    name: 'web-search',
    id: 'com.framers.research.web-search',
    at: 'registry/curated/research/web-search',
  },
  { registry: 'haal-skills', kind: 'skill', name: 'review-code', at: 'skills/review-code' },
  { registry: 'agent-skills', kind: 'skill', name: 'mcp-builder', at: 'skills/mcp-builder' },
  { registry: 'claude-plugins', kind: 'plugin', name: 'code-review', at: 'plugins/code-review' },
]

const is = (registry: string) => fs.existsSync(path.join(shared, registry))

async function listing(registry: string): Promise<World> {
  const at = await world()
  at.list({ name: 'published', type: 'file', location: path.join(shared, registry) })
  return at
}

/** path → digest, without the modes of a read-only copy. */
function contents(folder: string): Record<string, string | undefined> {
  const lines = Object.entries(place(folder).tree())
  return Object.fromEntries(lines.map(([at, line]) => [at, line.startsWith('file') ? line.split(' ')[2] : 'folder']))
}

describe.each(cases)('the published registry $registry', ({ registry, kind, name, id, at: from }) => {
  const published = test.skipIf(!is(registry))

  published('[A20 A27] gives one artifact by name and by id, byte for byte', async () => {
    const at = await listing(registry)
    const source = place(path.join(shared, registry))
    const before = source.stamp(from)
    await at.haal(['install', id ?? `${kind}/${name}`]).succeeds()
    const folder = `${kind}s`
    expect(contents(at.project.at('.haal', folder, name))).toEqual(contents(source.at(from)))
    expect(source.stamp(from)).toEqual(before)
    await at.haal(['install', name]).changesNothing()
    expect((await at.haal('list').succeeds()).stdout).toMatch(new RegExp(`^${kind}/${name} `))
    await at.haal('verify').changesNothing()
    await at.haal(['uninstall', id ?? name]).succeeds()
    expect(Object.keys(at.project.tree('.haal')).filter((each) => !each.startsWith('.state'))).toEqual([])
  })

  published('[O37 L6] gives all of a kind that is there, reproducibly, and takes it out again', async () => {
    const at = await listing(registry)
    await at.project.write({ 'README.md': 'mine' })
    const clean = Object.keys(at.project.tree())
    const local = await at
      .haal(`list --available --kind ${kind}`)
      .json<{ artifacts: { artifact: string; unavailable?: string; elsewhere?: string }[] }>()
    const there = local.artifacts.filter(
      ({ unavailable, elsewhere }) => unavailable === undefined && elsewhere === undefined,
    )
    expect(there.length).toBeGreaterThan(4)
    await at.haal(['install', ...there.map(({ artifact }) => artifact), '--approve', '*']).succeeds()
    const installed = await at.haal('list').json<{ artifacts: { artifact: string }[] }>()
    expect(installed.artifacts.map(({ artifact }) => artifact)).toEqual(there.map(({ artifact }) => artifact))
    const tree = contents(at.project.at('.haal', `${kind}s`))
    await at.haal('install --frozen').changesNothing()
    await at.project.remove(`.haal/${kind}s`)
    await at.haal('install --frozen --offline').succeeds()
    expect(contents(at.project.at('.haal', `${kind}s`))).toEqual(tree)
    await at.haal('verify').succeeds()
    await at.haal(`uninstall ${kind}/* --yes`).succeeds()
    const left = Object.keys(at.project.tree()).filter(
      (each) => !each.startsWith('.haal/.state') && !clean.includes(each),
    )
    expect(left).toEqual(['.haal', 'haal.lock'])
  })
})

describe('haal-skills', () => {
  const published = test.skipIf(!is('haal-skills'))

  published('[A22] --all installs every skill that is there, and says which entries have no files', async () => {
    const at = await listing('haal-skills')
    const { stderr } = await at.haal('install --all').succeeds()
    const skills = fs
      .readdirSync(path.join(shared, 'haal-skills/skills'), { recursive: true, encoding: 'utf8' })
      .filter((file) => /(^|\/)skill\.md$/.test(file))
      .map((file) => path.basename(path.dirname(file)))
    expect(fs.readdirSync(at.project.at('.haal/skills')).sort()).toEqual(skills.sort())
    expect(stderr).toMatch(/plugin\/session-workflow.*W_NO_FILES/)
    expect(stderr).toMatch(/bundle\/\S+ lists \d+ artifacts that no registry has: skill\//)
    expect(stderr.split('\n').length).toBeLessThan(20)
    expect((await at.haal('install').changesNothing()).stdout).toMatch(/^nothing to do: \d+ artifacts are in place\n$/)
  })
})

describe('agentos-extensions', () => {
  const published = test.skipIf(!is('agentos-extensions'))

  published('[A22] tells in one line what is listed and not there', async () => {
    const at = await listing('agentos-extensions')
    const { stderr } = await at.haal('install tool/* --approve *').succeeds()
    expect(stderr.match(/W_NO_FILES/g)).toHaveLength(1)
  })

  published('[A20] has two of one name, which their kinds and ids tell apart', async () => {
    const at = await listing('agentos-extensions')
    const { stderr } = await at.haal('install telegram').fails('E_AMBIGUOUS', 4)
    expect(stderr).toMatch(/fits 2 artifacts: (tool\/telegram, extension|extension\/telegram, tool)\/telegram$/m)
    await at.haal('install com.framers.channels.telegram').succeeds()
    expect(at.project.exists('.haal/extensions/telegram/manifest.json')).toBe(true)
  })
})
