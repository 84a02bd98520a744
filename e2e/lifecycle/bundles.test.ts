import { describe, expect, test } from 'vitest'
import { type Files, needs, registryJson, skill, type World, world } from '../world/index.js'

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
const draft = (version: string): Files => ({ 'skills/draft/SKILL.md': skill('draft', version, { version }) })

const locked = ({ project }: World) =>
  project.json<{ artifacts: Record<string, { version: string; registry: string; requestedBy: string[] }> }>('haal.lock')
    .artifacts

const versions = (made: World) =>
  Object.fromEntries(Object.entries(locked(made)).map(([ref, { version }]) => [ref, version]))

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

describe('what bundles of bundles bring', () => {
  const nested = async () => {
    const made = await world()
    const acme = await made.folder('acme', {
      ...bundles({ team: ['bundle/kit'], kit: ['skill/review'] }),
      ...review('1.0.0'),
      ...draft('1.0.0'),
    })
    await made.haal('install team draft').succeeds()
    return { ...made, acme }
  }

  test('[L17] is as haal.json pins it, or refused; as locked where the command is about another', async () => {
    const made = await nested()
    const { haal, project, acme } = made
    const manifest = project.json<object>('haal.json')
    await project.write({ 'haal.json': { ...manifest, pins: { 'skill/review': '2.0.0' } } })
    await haal('install').fails('E_NO_VERSION', 3)
    await haal('update draft').fails('E_NO_VERSION', 3)
    const { 'skill/review': before } = locked(made)
    expect((await haal('pin draft').succeeds()).stderr).toMatch(/W_UNRESOLVED/)
    expect(locked(made)['skill/review']).toEqual(before)
    await acme.write(review('2.0.0'))
    await haal('install').succeeds()
    expect(project.json('haal.lock')).toMatchObject({
      artifacts: { 'skill/review': { version: '2.0.0', pinned: true } },
    })
    await haal('install --frozen').changesNothing()
  })

  test('[L4] comes where haal.lock lacks it', async () => {
    const { haal, project } = await nested()
    const was = project.read('haal.lock')
    const { artifacts, ...lock } = project.json<{ artifacts: Record<string, unknown> }>('haal.lock')
    const { 'skill/review': _gone, ...others } = artifacts
    await project.write({ 'haal.lock': { ...lock, artifacts: others } })
    await haal('install').succeeds()
    expect(project.read('haal.lock')).toBe(was)
  })
})

test('[L9 O33] a bundle goes back, and forth, on a machine that had it from haal.lock alone', async () => {
  const made = await world()
  const kit = (...skills: string[]): Files => ({ 'haal_manifest.json': {}, 'competencies/kit.json': { skills } })
  const acme = await made.folder('acme', { ...kit('review', 'draft'), ...review('1.0.0'), ...draft('1.0.0') })
  await made.haal('install kit').succeeds()
  for (const folder of ['store', 'cache']) await made.store.remove(folder)
  await made.project.remove('.haal')
  await made.haal('install').succeeds()
  await acme.write(kit('review'))
  await made.haal('update').succeeds()
  expect(Object.keys(locked(made))).toEqual(['bundle/kit', 'skill/review'])
  await made.haal('rollback').succeeds()
  expect(Object.keys(locked(made))).toEqual(['bundle/kit', 'skill/draft', 'skill/review'])
  await made.haal('rollback').succeeds()
  expect(Object.keys(locked(made))).toEqual(['bundle/kit', 'skill/review'])
})

test('[L17] what a pattern has brought and is pinned stays when its registry has it no more', async () => {
  const { folder, haal, project } = await world()
  const acme = await folder('acme', { ...review('1.0.0'), ...draft('1.0.0') })
  await haal('install skill/*').succeeds()
  await haal('pin review').succeeds()
  await acme.remove('skills/review')
  await acme.write(draft('2.0.0'))
  expect((await haal('update').succeeds()).stdout).toMatch(/^~ skill\/draft .*\n1 change/)
  await project.has({ '.haal/skills/review/SKILL.md': /1\.0\.0/ })
})

test('[L17] a pin to another version than the one that is left is refused', async () => {
  const { folder, haal, project } = await world()
  const acme = await folder('acme', { ...review('1.0.0'), ...draft('1.0.0') })
  await haal('install skill/*').succeeds()
  await acme.remove('skills/review')
  await project.write({ 'haal.json': { ...project.json<object>('haal.json'), pins: { 'skill/review': '2.0.0' } } })
  expect((await haal('install').fails('E_PINNED', 4)).stderr).toMatch(/to 2\.0\.0, and there is only 1\.0\.0/)
  await haal('unpin review').succeeds()
  await haal('install --frozen').succeeds()
})

describe('outdated', () => {
  test('[L5] says of what only pinned bundles ask for what an update does: it stays', async () => {
    const made = await world()
    const acme = await made.folder('acme', {
      ...bundles({ one: ['bundle/two', 'skill/review'], two: ['bundle/one'], kit: ['skill/draft'] }),
      ...review('1.0.0'),
      ...draft('1.0.0'),
    })
    await made.haal('install bundle/two kit').succeeds()
    await made.haal('pin bundle/two').succeeds()
    await acme.write({ ...review('2.0.0'), ...draft('2.0.0') })
    const outdated = async (line: string) => {
      const { artifacts } = await made.haal(line).json<{ artifacts: { artifact: string; wanted: string }[] }>()
      return artifacts.map(({ artifact, wanted }) => `${artifact} ${wanted}`)
    }
    expect(await outdated('outdated')).toEqual(['skill/draft 2.0.0', 'skill/review 1.0.0'])
    expect(await outdated('outdated review')).toEqual(['skill/review 2.0.0'])
    await made.haal('update').succeeds()
    expect(versions(made)).toMatchObject({ 'skill/draft': '2.0.0', 'skill/review': '1.0.0' })
    await made.haal('update review').succeeds()
    expect(versions(made)).toMatchObject({ 'skill/review': '2.0.0' })
  })
})

describe('update of one artifact', () => {
  test('[L5] raises what a bundle lists only as far, and from where, haal.json says', async () => {
    const made = await world()
    const acme = await made.folder('acme', { ...bundles({ kit: ['skill/review', 'skill/draft'] }), ...draft('1.0.0') })
    const corp = await made.folder('corp', review('1.0.0'))
    await made.haal('install kit review@^1.0.0').succeeds()
    await acme.write(draft('2.0.0'))
    await corp.write(review('2.0.0'))
    const { stderr } = await made.haal('update kit').succeeds()
    expect(stderr).toMatch(/skill\/review stays at 1\.0\.0: .*W_NO_VERSION/)
    expect(versions(made)).toEqual({ 'bundle/kit': '1.0.0', 'skill/draft': '2.0.0', 'skill/review': '1.0.0' })
    await made.haal('install').changesNothing()
    await made.project.write({
      'haal.json': made.project.read('haal.json').replace('skill/review', 'corp:skill/review'),
    })
    await acme.write(review('1.5.0'))
    await corp.write(review('1.1.0'))
    await made.haal('update kit').succeeds()
    expect(locked(made)['skill/review']).toMatchObject({ registry: 'corp', version: '1.1.0' })
    await made.haal('install').changesNothing()
  })

  test('[L5] leaves the others alone that one pattern brought', async () => {
    const made = await world()
    const acme = await made.folder('acme', { ...review('1.0.0'), ...draft('1.0.0') })
    await made.haal('install skill/*').succeeds()
    await acme.remove('skills/draft')
    await acme.write({ ...review('2.0.0'), 'skills/plan/SKILL.md': skill('plan') })
    await made.haal('update review').succeeds()
    expect(versions(made)).toEqual({ 'skill/draft': '1.0.0', 'skill/review': '2.0.0' })
    await made.haal('verify').succeeds()
    await made.haal('install').changesNothing()
  })
})

describe('a pattern with a range', () => {
  async function started(artifacts: object, files: object) {
    const made = await world()
    const acme = await made.folder('acme', { ...files } as Record<string, string>)
    const ask = (now: object) =>
      made.project.write({ 'haal.json': { ...made.project.json<object>('haal.json'), artifacts: now } })
    await ask(artifacts)
    const rests = async () => {
      await made.haal('install').changesNothing()
      await made.haal('install --frozen').changesNothing()
      await made.haal('verify').succeeds()
    }
    return { ...made, acme, ask, rests }
  }

  test('[L5] leaves what has no version in it as it is, and raises the rest', async () => {
    const made = await started({ 'skill/*': '^1' }, { ...review('1.0.0'), ...draft('1.0.0') })
    await made.haal('install').succeeds()
    await made.acme.write({ ...review('2.0.0'), ...draft('1.1.0') })
    const { artifacts } = await made.haal('outdated').json<{ artifacts: object[] }>()
    expect(artifacts).toMatchObject([
      { artifact: 'skill/draft', wanted: '1.1.0' },
      { artifact: 'skill/review', wanted: '1.0.0', latest: '2.0.0' },
    ])
    const { stderr } = await made.haal('update').succeeds()
    expect(stderr).toMatch(/skill\/review stays at 1\.0\.0: .*W_NO_VERSION/)
    expect(versions(made)).toEqual({ 'skill/draft': '1.1.0', 'skill/review': '1.0.0' })
    await made.rests()
  })

  test('[L4] holds with every other that means the same, whichever is first', async () => {
    for (const artifacts of [
      { 'skill/*': '^1', 'skill/r*': '>=1.2' },
      { 'skill/r*': '>=1.2', 'skill/*': '^1' },
    ]) {
      const made = await started(artifacts, { ...review('1.1.0'), ...draft('1.0.0') })
      const { stderr } = await made.haal('install').fails('E_NO_VERSION', 3)
      expect(stderr).toContain(
        `it has 1.1.0; haal.json asks for ${Object.entries(artifacts)
          .map((e) => e.join('@'))
          .join(' and ')}\n`,
      )
      await made.acme.write(review('1.2.0'))
      await made.haal('install').succeeds()
      await made.rests()
      await made.acme.write({ ...review('2.0.0'), ...draft('1.1.0') })
      await made.haal('update').succeeds()
      expect(versions(made)).toEqual({ 'skill/draft': '1.1.0', 'skill/review': '1.2.0' })
      await made.rests()
    }
  })

  test.each(['skill/review', 'review'])('[L5] gives way to the entry %s, whatever that says', async (entry) => {
    const made = await started({ 'skill/*': '^1', [entry]: '*' }, { ...review('1.0.0'), ...draft('1.0.0') })
    await made.haal('install').succeeds()
    await made.acme.write({ ...review('2.0.0'), ...draft('2.0.0') })
    await made.haal('update').succeeds()
    expect(versions(made)).toEqual({ 'skill/draft': '1.0.0', 'skill/review': '2.0.0' })
    await made.rests()
  })

  test('[L4] holds for what a bundle brings, and has brought before', async () => {
    const kit = { ...bundles({ kit: ['skill/review'] }), ...review('2.0.0') }
    const made = await started({ 'bundle/kit': '*' }, kit)
    await made.haal('install').succeeds()
    await made.ask({ 'skill/*': '^1', 'bundle/kit': '*' })
    await made.haal('install --frozen').fails('E_FROZEN', 9)
    await made.haal('install').fails('E_NO_VERSION', 3)
    await made.acme.write(review('1.5.0'))
    await made.haal('install').succeeds()
    expect(versions(made)).toEqual({ 'bundle/kit': '1.0.0', 'skill/review': '1.5.0' })
    await made.acme.write(review('2.0.0'))
    await made.haal('update kit').succeeds()
    expect(versions(made)).toEqual({ 'bundle/kit': '1.0.0', 'skill/review': '1.5.0' })
    await made.rests()
  })

  test('[L4] is not left by what no registry has any more and a bundle keeps', async () => {
    const made = await started(
      { 'skill/*': '^1', 'bundle/kit': '*' },
      { ...bundles({ kit: ['skill/review'] }), ...review('1.0.0') },
    )
    await made.haal('install').succeeds()
    await made.acme.remove('skills/review')
    await made.ask({ 'skill/*': '^2', 'bundle/kit': '*' })
    const { stderr } = await made.haal('install').fails('E_NO_VERSION', 3)
    expect(stderr).toContain('error: haal.json asks for skill/*@^2, and of skill/review there is only 1.0.0\n')
  })

  test('[L4] holds for what a person only names; a version that they name is an entry of its own', async () => {
    const made = await started({ 'skill/*': '^1' }, review('1.0.0'))
    await made.haal('install').succeeds()
    await made.acme.write(draft('2.0.0'))
    const { stderr } = await made.haal('install draft').fails('E_NO_VERSION', 3)
    const hint = /hint: take the newest: haal (.*)/.exec(stderr)?.[1] ?? ''
    await made.haal(hint).succeeds()
    const { artifacts } = made.project.json<{ artifacts: object }>('haal.json')
    expect(artifacts).toEqual({ 'skill/*': '^1', 'skill/draft': '2.0.0' })
    await made.rests()
  })

  test('[L4] keeps it where a person only names the pattern', async () => {
    const made = await started({ 'skill/*': '^1' }, review('1.0.0'))
    await made.haal('install skill/*').succeeds()
    expect(made.project.json('haal.json')).toMatchObject({ artifacts: { 'skill/*': '^1' } })
    await made.haal(['install', 'skill/*@<2']).succeeds()
    expect(made.project.json('haal.json')).toMatchObject({ artifacts: { 'skill/*': '<2' } })
    await made.rests()
  })

  test('[L9] gets an entry beside it for what a rollback brings back and it does not let in', async () => {
    const made = await started({ 'skill/*': '*' }, { ...review('1.0.0'), ...draft('1.0.0') })
    await made.haal('install').succeeds()
    await made.acme.write({ ...review('2.0.0'), ...draft('2.0.0') })
    await made.ask({ 'skill/*': '^2' })
    await made.haal('install').succeeds()
    await made.haal('rollback review').succeeds()
    expect(versions(made)).toEqual({ 'skill/draft': '2.0.0', 'skill/review': '1.0.0' })
    await made.rests()
  })
})

test('[L5] what only a pattern asks for and no registry has any more goes with an update, which says why', async () => {
  const { folder, haal, project } = await world()
  const acme = await folder('acme', { ...bundles({ kit: ['skill/draft'] }), ...review('1.0.0'), ...draft('1.0.0') })
  await haal('install skill/* kit').succeeds()
  await acme.remove('skills/review')
  await acme.remove('skills/draft')
  const { stdout, stderr } = await haal('update').succeeds()
  expect(stdout).toMatch(/^- skill\/review .*\n1 change/)
  expect(stderr).toMatch(
    /^warning: skill\/review goes: no registry has it any more, and only skill\/\* asked for it \[W_GONE\]$/m,
  )
  expect(stderr).not.toContain('skill/draft goes')
  await project.has({ '.haal/skills/draft/SKILL.md': /1\.0\.0/ })
})

test('[L5 O22] what a pattern has brought from a registry that --allow-missing leaves out stays', async () => {
  const { folder, haal, project } = await world()
  const acme = await folder('acme', draft('1.0.0'))
  const corp = await folder('corp', review('1.0.0'))
  await haal('install skill/*').succeeds()
  await corp.remove('.')
  await acme.write({ ...draft('2.0.0'), ...review('3.0.0') })
  await haal('update').fails('E_REGISTRY_UNAVAILABLE', 7)
  const { stdout } = await haal('update --allow-missing').succeeds()
  expect(stdout).toMatch(/^~ skill\/draft .*\n1 change/)
  await project.has({ '.haal/skills/review/SKILL.md': /1\.0\.0/ })
})

test('[L5 O22] what a pattern has brought and its registry has elsewhere by now stays where that does not answer', async () => {
  const { folder, haal, project } = await world()
  const marketplace = (source: unknown) => ({
    '.claude-plugin/marketplace.json': { name: 'm', owner: { name: 'o' }, plugins: [{ name: 'one', source }] },
  })
  const plugin = { 'one/.claude-plugin/plugin.json': { name: 'one', version: '1.0.0' } }
  const acme = await folder('acme', { ...marketplace('./one'), ...plugin, ...draft('1.0.0') })
  await haal('install --all').succeeds()
  await acme.write({ ...marketplace({ source: 'github', repo: 'acme/one' }), ...draft('2.0.0') })
  const { stdout } = await haal('update --offline --allow-missing').succeeds()
  expect(stdout).toMatch(/^~ skill\/draft .*\n1 change/)
  await project.has({ '.haal/plugins/one/.claude-plugin/plugin.json': /1\.0\.0/ })
})

describe('a pattern that was written into haal.json by hand', () => {
  async function edited() {
    const made = await world()
    await made.folder('acme', { ...bundles({ kit: ['skill/draft'] }), ...review('1.0.0'), ...draft('1.0.0') })
    await made.folder('corp', { 'skills/plan/SKILL.md': skill('plan') })
    await made.haal('install kit review').succeeds()
    const { artifacts, ...others } = made.project.json<{ artifacts: object }>('haal.json')
    await made.project.write({ 'haal.json': { ...others, artifacts: { ...artifacts, 'skill/*': '*' } } })
    return made
  }

  test.each([
    ['uninstall kit', ['skill/draft', 'skill/plan', 'skill/review']],
    ['update review', ['bundle/kit', 'skill/draft', 'skill/plan', 'skill/review']],
    ['pin review', ['bundle/kit', 'skill/draft', 'skill/plan', 'skill/review']],
  ])('[L4 L7] brings what it means with %s, too', async (line, refs) => {
    const made = await edited()
    await made.haal(line).succeeds()
    expect(Object.keys(versions(made))).toEqual(refs)
    await made.haal('install').changesNothing()
    await made.haal('install --frozen').changesNothing()
  })
})

describe('what a pattern and an entry of haal.json both mean', () => {
  test('[L5] is raised as the entry says, whichever is first', async () => {
    for (const order of [
      ['skill/*', 'skill/review@^1.0.0'],
      ['skill/review@^1.0.0', 'skill/*'],
    ]) {
      const made = await world()
      const acme = await made.folder('acme', { ...review('1.0.0'), ...draft('1.0.0') })
      for (const name of order) await made.haal(['install', name]).succeeds()
      await acme.write({ ...review('2.0.0'), ...draft('2.0.0') })
      await made.haal('update').succeeds()
      expect(versions(made)).toEqual({ 'skill/draft': '2.0.0', 'skill/review': '1.0.0' })
      await made.haal('install').changesNothing()
    }
  })

  test('[L7] stays when the pattern of one registry comes beside that of all', async () => {
    const made = await world()
    await made.folder('acme', review('1.0.0'))
    await made.folder('corp', draft('1.0.0'))
    await made.haal('install skill/*').succeeds()
    await made.haal('install acme:skill/*').succeeds()
    expect(versions(made)).toEqual({ 'skill/draft': '1.0.0', 'skill/review': '1.0.0' })
    await made.haal('install').changesNothing()
  })

  test('[L4 L7] comes from the registry that a pattern names, when that takes the place of one of all', async () => {
    const made = await world()
    await made.folder('acme', { ...review('1.0.0'), ...draft('1.0.0') })
    await made.folder('corp', review('3.0.0'))
    await made.haal('install skill/*').succeeds()
    const { artifacts: _all, ...others } = made.project.json<{ artifacts: object }>('haal.json')
    const artifacts = { 'corp:skill/re*': '*', 'skill/draft': '*' }
    await made.project.write({ 'haal.json': { ...others, artifacts } })
    await made.haal('install --frozen').fails('E_FROZEN', 9)
    await made.haal('install').succeeds()
    expect(versions(made)).toEqual({ 'skill/draft': '1.0.0', 'skill/review': '3.0.0' })
    await made.haal('install').changesNothing()
    await made.haal('install --frozen').changesNothing()
  })

  test('[L4 L7] so too where something else is there from that registry already', async () => {
    const made = await world()
    await made.folder('acme', { ...review('1.0.0'), ...draft('1.0.0') })
    await made.folder('corp', { ...review('3.0.0'), ...draft('3.0.0') })
    await made.haal('install corp:skill/review skill/draft').succeeds()
    expect(versions(made)).toEqual({ 'skill/draft': '1.0.0', 'skill/review': '3.0.0' })
    const { artifacts: _all, ...others } = made.project.json<{ artifacts: object }>('haal.json')
    await made.project.write({ 'haal.json': { ...others, artifacts: { 'corp:skill/*': '*' } } })
    await made.haal('install --frozen').fails('E_FROZEN', 9)
    await made.haal('install').succeeds()
    expect(versions(made)).toEqual({ 'skill/draft': '3.0.0', 'skill/review': '3.0.0' })
    await made.haal('install').changesNothing()
    await made.haal('install --frozen').changesNothing()
  })

  needs('git')('[L4 U3] is told as what a branch has, where the range beside that does not let it in', async () => {
    const made = await world()
    await made.git('acme', review('2.0.0'))
    await made.haal('install skill/*@main').succeeds()
    const { stderr } = await made.haal(['install', 'skill/re*@^1']).fails('E_NO_VERSION', 3)
    expect(stderr).toContain('acme has skill/review 2.0.0 at main, not ^1; ')
    expect(stderr).toContain('skill/*@main and skill/re*@^1')
    await made.haal('install skill/review@main').succeeds()
    await made.haal('install --frozen').changesNothing()
  })
})

describe('two entries of haal.json for one artifact', () => {
  async function twice() {
    const made = await world()
    const acme = await made.folder('acme', review('1.0.0'))
    await made.haal('install review').succeeds()
    const { artifacts: _one, ...others } = made.project.json<{ artifacts: object }>('haal.json')
    await made.project.write({ 'haal.json': { ...others, artifacts: { review: '^1', 'skill/review': '<1.5' } } })
    await acme.write(review('2.0.0'))
    return made
  }

  test.each([
    ['update --latest', '^2.0.0'],
    ['install review@2.0.0', '2.0.0'],
    ['install skill/review@2.0.0', '2.0.0'],
  ])('[L5] both say with %s what is there now', async (line, range) => {
    const made = await twice()
    await made.haal(line).succeeds()
    expect(made.project.json('haal.json')).toMatchObject({ artifacts: { review: range, 'skill/review': range } })
    await made.haal('install').changesNothing()
    await made.haal('install --frozen').changesNothing()
  })
})
