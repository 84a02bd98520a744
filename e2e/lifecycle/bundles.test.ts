import { describe, expect, test } from 'vitest'
import { type Files, registryJson, skill, type World, world } from '../world/index.js'

/** A registry's index of bundles: name → what it requires. */
const bundles = (requires: Readonly<Record<string, readonly string[]>>, version = '1.0.0'): Files => ({
  'registry.json': registryJson(
    Object.entries(requires).map(([name, members]) => ({
      name,
      path: `bundles/${name}`,
      kind: 'bundle',
      version,
      requires: members,
    })),
  ),
})

const review = (version: string): Files => ({ 'skills/review/SKILL.md': skill('review', version, { version }) })

const locked = ({ project }: World) =>
  project.json<{ artifacts: Record<string, { version: string; registry: string; requestedBy: string[] }> }>('haal.lock')
    .artifacts

describe('pin', () => {
  test('[L7][L17] keeps bundles that require each other, and what they bring', async () => {
    const made = await world()
    await made.folder('acme', {
      ...bundles({ one: ['bundle/two', 'skill/review'], two: ['bundle/one'] }),
      ...review('1.0.0'),
    })
    await made.haal('install bundle/two').succeeds()
    await made.haal('pin bundle/two').succeeds()
    expect(Object.keys(locked(made))).toEqual(['bundle/one', 'bundle/two', 'skill/review'])
    await made.haal('verify').succeeds()
    await made.haal('install').changesNothing()
    await made.haal('unpin bundle/two').succeeds()
    await made.haal('install').changesNothing()
  })

  test('[L7][L17] of what haal.json and a bundle ask for leaves both asking', async () => {
    const made = await world()
    await made.folder('acme', { ...bundles({ kit: ['skill/review'] }), ...review('1.0.0') })
    await made.haal('install kit review').succeeds()
    await made.haal('pin review').succeeds()
    expect(locked(made)['skill/review']?.requestedBy).toEqual(['bundle/kit', 'haal.json'])
    await made.haal('install').changesNothing()
  })
})
