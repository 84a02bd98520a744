import { describe, expect } from 'vitest'
import { configure, lockOf } from '../transports/ground.js'
import { needs, skill, type World, world } from '../world/index.js'

const files = (body: string) => ({
  'skills/review/SKILL.md': skill('review', body),
  'skills/test/SKILL.md': skill('test', body),
})

/** Two registries with one skill or two from each; `acme` has tags v1 and v2, `hub` has moved on since. */
async function installed(more: { artifacts?: Record<string, string> } = {}) {
  const at = await world()
  const acme = await at.git('acme', files('one'), { tag: 'v1', listed: false })
  await acme.commit(files('two'), { tag: 'v2' })
  const hub = await at.git('hub', { 'skills/other/SKILL.md': skill('other', 'first') }, { listed: false })
  await configure(at.project, {
    registries: [
      { name: 'acme', type: 'git', location: acme.url, ref: 'v1' },
      { name: 'hub', type: 'git', location: hub.url },
    ],
    artifacts: { 'skill/review': '*', 'skill/test': '*', 'skill/other': '*', ...more.artifacts },
  })
  await at.haal('install').succeeds()
  await hub.commit({ 'skills/other/SKILL.md': skill('other', 'second') })
  return { ...at, acme, hub }
}

const has = ({ project }: World, bodies: Record<string, string>) =>
  project.has(
    Object.fromEntries(Object.entries(bodies).map(([name, body]) => [at(name), new RegExp(`^${body}$`, 'm')])),
  )

function at(name: string): string {
  return `.haal/skills/${name}/SKILL.md`
}

async function setRef({ project }: World, changes: Record<string, unknown>): Promise<void> {
  const [first, ...others] = project.json<{ registries: Record<string, unknown>[] }>('haal.json').registries
  const { ref: _ref, ...rest } = first ?? {}
  await configure(project, { registries: [{ ...rest, ...changes }, ...others] })
}

const refIn = ({ project }: World, file: 'haal.json' | 'haal.lock') =>
  file === 'haal.lock'
    ? lockOf(project).registries.acme?.ref
    : project.json<{ registries: { ref?: string }[] }>('haal.json').registries[0]?.ref

const texts = ({ project }: World) => ({ manifest: project.read('haal.json'), lock: project.read('haal.lock') })

describe('a registry whose ref was changed in haal.json', () => {
  needs('git')('[L4] install takes from there what came from it, says so, and moves nothing else', async () => {
    const all = await installed()
    const other = lockOf(all.project).artifacts['skill/other']
    await setRef(all, { ref: 'v2' })
    const { stdout, stderr } = await all.haal('install').succeeds()
    expect(stderr).toMatch(/acme is at v2 in haal\.json and was at v1 in haal\.lock.*W_REF/)
    expect(stdout).toMatch(/review/)
    await has(all, { review: 'two', test: 'two', other: 'first' })
    expect(lockOf(all.project).artifacts['skill/other']).toEqual(other)
    expect(lockOf(all.project).registries.acme).toMatchObject({ ref: 'v2', revision: all.acme.sha('v2') })
    await all.haal('install').changesNothing()
    await all.haal('install --frozen').succeeds()
  })

  needs('git')('[L6] a frozen install names registry, both refs and the next move', async () => {
    const all = await installed()
    await setRef(all, { ref: 'v2' })
    const { stderr } = await all.haal('install --frozen').fails('E_FROZEN', 9)
    expect(stderr).toMatch(/haal\.json has acme at v2, haal\.lock at v1/)
    expect(stderr).toMatch(/with haal install, and commit both/)
    await setRef(all, {})
    const none = await all.haal('install --frozen').fails('E_FROZEN', 9)
    expect(none.stderr).toMatch(/haal\.json has acme at no ref, haal\.lock at v1/)
    const doctor = await all.haal('doctor').outcome()
    expect(doctor.stdout).toMatch(/has acme at no ref, haal\.lock at v1.*haal install/s)
  })

  needs('git')('[L18] a dry run shows it, and writes nothing', async () => {
    const all = await installed()
    await setRef(all, { ref: 'v2' })
    const { stdout, stderr } = await all.haal('install --dry-run').changesNothing()
    expect(stdout).toMatch(/review/)
    expect(stderr).toMatch(/W_REF/)
  })

  needs('git')(
    '[L4] every command that changes the project follows it, and those that only look change nothing',
    async () => {
      const all = await installed()
      await setRef(all, { ref: 'v2' })
      for (const line of ['list', 'verify', 'why review', 'outdated']) await all.haal(line).changesNothing()
      const { artifacts } = await all.haal('outdated').json<{ artifacts: { artifact: string; changed?: boolean }[] }>()
      expect(artifacts.map(({ artifact }) => artifact)).toEqual(['skill/other', 'skill/review', 'skill/test'])
      await all.haal('uninstall other').succeeds()
      await has(all, { review: 'two', test: 'two' })
      await all.haal('install').changesNothing()
    },
  )

  needs('git')('[L4] what the new ref lacks is an error that names who asks for it, nothing written', async () => {
    const all = await installed()
    await all.acme.commit({ 'skills/test/SKILL.md': null }, { tag: 'v3' })
    await setRef(all, { ref: 'v3' })
    const { stderr } = await all.haal('install').fails('E_NOT_FOUND', 3)
    expect(stderr).toMatch(/skill\/test.*haal\.json asks for it/)
    await setRef(all, { ref: 'v1' })
    await all.haal('install').changesNothing()
  })

  needs('git')(
    '[L4 S3 U2] what the new ref lacks comes from the next registry that has it, and both are named',
    async () => {
      const all = await installed()
      const requests = [{ 'skill/test': '*' }, { 'skill/*': '*' }, { 'hub:skill/test': '*' }]
      await all.acme.commit({ 'skills/test/SKILL.md': null }, { tag: 'v3' })
      await all.hub.commit({ 'skills/test/SKILL.md': skill('test', 'of hub') })
      for (const [i, artifacts] of requests.entries()) {
        await configure(all.project, { artifacts })
        await setRef(all, { ref: 'v1' })
        const back = await all.haal('update').succeeds()
        expect(back.stderr.includes('skill/test comes from acme now; it came from hub')).toBe(i === 1)
        await setRef(all, { ref: 'v3' })
        const { stderr } = await all.haal('install').succeeds()
        const told = 'skill/test comes from hub now; acme no longer has it [W_REGISTRY]'
        expect(stderr.includes(told)).toBe(i < 2)
        await has(all, { test: 'of hub' })
      }
    },
  )

  needs('git')('[L4] a version that the new ref lacks is an error, with update as with install', async () => {
    const at = await world()
    const versions = (version: string) => ({ 'skills/a/SKILL.md': skill('a', version, { version }) })
    const acme = await at.git('acme', versions('2.0.0'), { branch: 'other', listed: false })
    await acme.commit(versions('1.0.0'), { branch: 'main' })
    await configure(at.project, {
      registries: [{ name: 'acme', type: 'git', location: acme.url, ref: 'main' }],
      artifacts: { 'skill/a': '^1' },
    })
    await at.haal('install').succeeds()
    await setRef(at, { ref: 'other' })
    for (const line of ['install', 'update']) await at.haal(line).fails('E_NO_VERSION', 3)
    const { artifacts } = await at.haal('outdated').json<{ artifacts: object[] }>()
    expect(artifacts).toMatchObject([{ artifact: 'skill/a', current: '1.0.0', wanted: null, latest: '2.0.0' }])
  })

  needs('git')('[L17] what is pinned stays, and the lockfile follows', async () => {
    const all = await installed()
    await all.haal('pin review').succeeds()
    const pinned = lockOf(all.project).artifacts['skill/review']
    await setRef(all, { ref: 'v2' })
    await all.haal('install').succeeds()
    await has(all, { review: 'one', test: 'two' })
    expect(lockOf(all.project).registries.acme).toMatchObject({ ref: 'v2', revision: all.acme.sha('v2') })
    expect(lockOf(all.project).artifacts['skill/review']).toEqual({
      ...pinned,
      revision: all.acme.sha('v1'),
      ref: 'v1',
    })
    await all.haal('install').changesNothing()
    await all.haal('install --frozen').succeeds()
    await all.haal('unpin review').succeeds()
    await all.haal('install').changesNothing()
    await setRef(all, { ref: 'main' })
    await all.haal('install').succeeds()
    await has(all, { review: 'two', test: 'two' })
    expect(lockOf(all.project).artifacts['skill/review']).not.toHaveProperty('ref')
  })

  needs('git')(
    '[L17] where everything is pinned the lockfile follows all the same, and a tag is not taken for moved',
    async () => {
      const all = await installed()
      await all.haal('pin review test').succeeds()
      await setRef(all, { ref: 'v2' })
      await all.haal('install').succeeds()
      await has(all, { review: 'one', test: 'one' })
      expect(refIn(all, 'haal.lock')).toBe('v2')
      await all.haal('install').changesNothing()
      await all.haal('install --frozen').succeeds()
      await all.haal('update').succeeds()
    },
  )

  needs('git')('[O19 L17] what is pinned since before there was a ref does not make its tag look moved', async () => {
    const all = await installed()
    await all.haal('uninstall test').succeeds()
    await all.acme.commit({ 'skills/more/SKILL.md': skill('more') })
    await setRef(all, {})
    await all.haal('install --refresh').succeeds()
    await all.haal('pin review').succeeds()
    await setRef(all, { ref: 'v2' })
    await all.haal('install').succeeds()
    await all.haal('install test').succeeds()
    await has(all, { test: 'two' })
    await all.haal('install --frozen').changesNothing()
  })

  needs('git')('[O19] what was asked for at a ref of its own stays', async () => {
    const all = await installed()
    await all.haal('install review@main').succeeds()
    await has(all, { review: 'two', test: 'one' })
    const own = lockOf(all.project).artifacts['skill/review']
    await all.acme.commit(files('three'))
    await setRef(all, { ref: 'v2' })
    await all.haal('install').succeeds()
    await has(all, { review: 'two', test: 'two' })
    expect(lockOf(all.project).artifacts['skill/review']).toMatchObject({ integrity: own?.integrity, ref: 'main' })
    await all.haal('install').changesNothing()
  })

  needs('git')('[L4] of a pattern comes what that registry has now, and nothing new of the others', async () => {
    const all = await installed()
    await configure(all.project, { artifacts: { 'skill/*': '*' } })
    await all.haal('install').succeeds()
    await all.hub.commit({ 'skills/news/SKILL.md': skill('news', 'of hub') })
    await all.acme.commit(
      { 'skills/test/SKILL.md': null, 'skills/fresh/SKILL.md': skill('fresh', 'of acme') },
      { tag: 'v3' },
    )
    await setRef(all, { ref: 'v3' })
    const { stderr } = await all.haal('install --refresh').succeeds()
    expect(stderr).toMatch(/skill\/test goes.*W_GONE/)
    await has(all, { review: 'two', fresh: 'of acme', other: 'first' })
    await all.project.lacks(at('news'))
    await all.project.lacks(at('test'))
    await all.haal('install').changesNothing()
  })

  needs('git')('[O22] a registry that --allow-missing leaves out stays as locked, and is followed later', async () => {
    const at = await world()
    await at.folder('first', { 'skills/other/SKILL.md': skill('other') })
    const acme = await at.git('acme', files('one'), { tag: 'v1', entry: { ref: 'v1' } })
    await acme.commit(files('two'), { tag: 'v2' })
    await at.haal('install review other').succeeds()
    const { registries } = at.project.json<{ registries: Record<string, unknown>[] }>('haal.json')
    const changed = registries.map((each) => (each.name === 'acme' ? { ...each, ref: 'v2' } : each))
    await configure(at.project, { registries: changed, artifacts: { 'skill/review': '*', 'skill/*': '*' } })
    await at.store.remove('cache')
    await acme.server.stop()
    const { stderr } = await at.haal('install --allow-missing').succeeds()
    expect(stderr).toMatch(/acme is left out.*W_REGISTRY_MISSING/)
    expect(refIn(at, 'haal.lock')).toBe('v1')
    await has(at, { review: 'one' })
    await at.haal('install').fails('E_REGISTRY_UNAVAILABLE', 7)
  })

  needs('git')('[O27] a clone with both files asks nothing and gets the same', async () => {
    const all = await installed()
    await setRef(all, { ref: 'v2' })
    await all.haal('install').succeeds()
    const before = all.project.tree('.haal/skills')
    const { lock } = texts(all)
    await all.acme.server.stop()
    await all.project.remove('.haal')
    await all.haal('install --offline').succeeds()
    expect(all.project.tree('.haal/skills')).toEqual(before)
    expect(texts(all).lock).toBe(lock)
  })

  needs('git')('[L3] after a merge that one side of came with another ref, all come from that', async () => {
    const all = await installed()
    const base = texts(all)
    await setRef(all, { ref: 'v2' })
    await all.haal('install').succeeds()
    const theirs = texts(all)
    await all.project.write({ 'haal.json': base.manifest, 'haal.lock': base.lock })
    await all.haal('uninstall other').succeeds()
    const ours = texts(all)
    const merged = JSON.parse(theirs.manifest) as { artifacts: Record<string, string> }
    const { 'skill/other': _gone, ...artifacts } = merged.artifacts
    const marked = `<<<<<<< ours\n${ours.lock}=======\n${theirs.lock}>>>>>>> theirs\n`
    for (const lock of [ours.lock, theirs.lock, marked]) {
      await all.project.write({ 'haal.json': { ...merged, artifacts }, 'haal.lock': lock })
      await all.haal('install').succeeds()
      await has(all, { review: 'two', test: 'two' })
      await all.project.lacks(at('other'))
      expect(refIn(all, 'haal.lock')).toBe('v2')
      await all.haal('install --frozen').changesNothing()
    }
  })

  needs('git')('[L5] an update of one artifact and an install of another follow it for all', async () => {
    for (const line of ['update test', 'install other@*', 'pin test', 'update other']) {
      const all = await installed()
      await setRef(all, { ref: 'v2' })
      await all.haal(line).succeeds()
      await has(all, { review: 'two', test: line === 'pin test' ? 'one' : 'two' })
      await all.haal('install').changesNothing()
      await all.haal('install --frozen').changesNothing()
    }
  })

  needs('git')('[L4] members of a bundle are resolved anew where they come from, whoever has the bundle', async () => {
    const at = await world()
    const parts = (body: string) => ({ 'skills/a/SKILL.md': skill('a', body), 'skills/b/SKILL.md': skill('b', body) })
    const acme = await at.git('acme', parts('one'), { tag: 'v1', listed: false })
    await acme.commit(parts('two'), { tag: 'v2' })
    const all = { 'competencies/all.json': { name: 'all', description: 'All', skills: ['a', 'b'] } }
    await at.folder('team', { 'haal_manifest.json': { collections: [] }, ...all }, { listed: false })
    await configure(at.project, {
      registries: [
        { name: 'acme', type: 'git', location: acme.url, ref: 'v1' },
        { name: 'team', location: '../folders/team' },
      ],
      artifacts: { 'bundle/all': '*' },
    })
    await at.haal('install').succeeds()
    await setRef(at, { ref: 'v2' })
    await at.haal('install').succeeds()
    await has(at, { a: 'two', b: 'two' })
    await at.haal('install').changesNothing()
  })
})

describe('of a registry in haal.json', () => {
  needs('git')('[L4 L7] what does not say where it is, and how its place is written, leads to nothing', async () => {
    const all = await installed()
    const { lock } = texts(all)
    const [acme = {}, hub = {}] = all.project.json<{ registries: Record<string, unknown>[] }>('haal.json').registries
    const { ref: _ref, ...bare } = acme
    const same = [
      [{ ...acme, cacheDuration: 1000, priority: 3 }, hub],
      [hub, acme],
      [{ ...bare, branch: 'v1' }, hub],
      [{ ...bare, location: `${all.acme.url}#v1` }, hub],
      [{ name: 'acme', url: all.acme.url, ref: 'v1' }, hub],
    ]
    for (const registries of same) {
      await configure(all.project, { registries })
      await all.haal('install --frozen').changesNothing()
      await all.haal('install').succeeds()
      expect(texts(all).lock).toBe(lock)
      await all.haal('install').changesNothing()
    }
  })

  needs('git')('[O5 L7] what is vouched for is listed so after the next install, which asks nobody', async () => {
    const all = await installed()
    const vouched = async () => {
      const { artifacts } = await all.haal('list').json<{ artifacts: { registry: string; verified: boolean }[] }>()
      return artifacts.filter(({ registry }) => registry === 'acme').map(({ verified }) => verified)
    }
    const { lock } = texts(all)
    await all.acme.server.stop()
    await setRef(all, { ref: 'v1', verified: true })
    await all.haal('install --frozen').changesNothing()
    await all.haal('install --offline').succeeds()
    expect(await vouched()).toEqual([true, true])
    await all.haal('install').changesNothing()
    await setRef(all, { ref: 'v1', verified: false })
    await all.haal('install --offline').succeeds()
    expect(await vouched()).toEqual([false, false])
    expect(texts(all).lock).toBe(lock)
  })
})

describe('a registry that was renamed in haal.json', () => {
  const rename = async ({ project }: World, name: string, more: object = {}) => {
    const [first, ...others] = project.json<{ registries: object[] }>('haal.json').registries
    await configure(project, { registries: [{ ...first, name, ...more }, ...others] })
  }

  needs('git')('[L4] is asked nothing: haal.lock follows, and says so; a frozen install names both', async () => {
    const all = await installed()
    const before = lockOf(all.project)
    await rename(all, 'corp')
    const frozen = await all.haal('install --frozen').fails('E_FROZEN', 9)
    expect(frozen.stderr).toMatch(/haal\.json has a registry corp, which haal\.lock calls acme/)
    const doctor = await all.haal('doctor').outcome()
    expect(doctor.stdout).toMatch(/has a registry corp, which haal\.lock calls acme/)
    await all.acme.server.stop()
    const { stderr } = await all.haal('install --offline').succeeds()
    expect(stderr).toMatch(/acme is named corp in haal\.json, and in haal\.lock from now on.*W_RENAMED/)
    const after = lockOf(all.project)
    expect(after.registries).toEqual({ corp: before.registries.acme, hub: before.registries.hub })
    expect(after.artifacts['skill/review']).toEqual({ ...before.artifacts['skill/review'], registry: 'corp' })
    await has(all, { review: 'one', other: 'first' })
    await all.haal('install --frozen').changesNothing()
    await all.haal('install').changesNothing()
    await all.haal('rollback').succeeds()
    await all.haal('install --offline').succeeds()
    expect(lockOf(all.project)).toEqual(after)
  })

  needs('git')('[L4] and has another ref besides is followed there', async () => {
    const all = await installed()
    await rename(all, 'corp', { ref: 'v2' })
    await all.haal('install').succeeds()
    await has(all, { review: 'two', test: 'two', other: 'first' })
    expect(lockOf(all.project).registries).not.toHaveProperty('acme')
    await all.haal('install').changesNothing()
    await all.haal('rollback').succeeds()
    await has(all, { review: 'one' })
    expect(refIn(all, 'haal.json')).toBe('v1')
    await all.haal('install').succeeds()
    await has(all, { review: 'one' })
  })

  needs('git')('[L9 O32] is asked for by its name of today after a rollback to before', async () => {
    const all = await installed()
    await configure(all.project, { artifacts: { 'acme:skill/*': '*' } })
    await all.haal('install').succeeds()
    await rename(all, 'corp')
    await configure(all.project, { artifacts: { 'corp:skill/review': '*' } })
    await all.haal('install').succeeds()
    await all.haal('rollback').succeeds()
    expect(all.project.json('haal.json')).toMatchObject({ artifacts: { 'corp:skill/*': '*' } })
    await has(all, { review: 'one', test: 'one' })
    await all.haal('install --frozen').succeeds()
    await all.haal('install').changesNothing()
  })
})

needs('git')('[L4 U3] what OLAF’s list has otherwise is told of that file', async () => {
  const all = await installed()
  await all.haal('uninstall test other').succeeds()
  const list = (name: string, ref: string) =>
    all.project.write({
      'haal.json': { artifacts: { 'skill/review': '*' } },
      '.haal/registries.json': [{ name, type: 'git', location: all.acme.url, ref }],
    })
  await list('corp', 'v2')
  const frozen = await all.haal('install --frozen').fails('E_FROZEN', 9)
  expect(frozen.stderr).toContain('.haal/registries.json has a registry corp, which haal.lock calls acme')
  expect(frozen.stderr).toContain('.haal/registries.json has corp at v2, haal.lock at v1')
  const { stderr } = await all.haal('install').succeeds()
  expect(stderr).toContain('acme is named corp in .haal/registries.json, and in haal.lock from now on')
})

describe('a rollback over a change of ref', () => {
  const forms: [name: string, entry: (url: string, ref: string) => object][] = [
    ['ref', (location, ref) => ({ type: 'git', location, ref })],
    ['branch', (location, branch) => ({ type: 'git', location, branch })],
    ['the location', (location, ref) => ({ type: 'git', location: `${location}#${ref}` })],
    ['both words', (url, ref) => ({ type: 'git', url, ref, branch: ref })],
  ]
  for (const [name, entry] of forms)
    needs('git')(`[O32] brings the ref back in haal.json, and the next install agrees (${name})`, async () => {
      const all = await installed()
      const named = (ref: string) =>
        configure(all.project, {
          registries: [
            { name: 'acme', ...entry(all.acme.url, ref) },
            { name: 'hub', type: 'git', location: all.hub.url },
          ],
        })
      await named('v1')
      await all.haal('install').succeeds()
      const before = texts(all)
      await named('v2')
      const after = all.project.read('haal.json')
      await all.haal('install').succeeds()
      await has(all, { review: 'two' })
      const { stderr } = await all.haal('rollback').succeeds()
      expect(stderr).toMatch(/haal\.json has acme at v1 again.*W_REF/)
      await has(all, { review: 'one' })
      expect(texts(all)).toEqual(before)
      await all.haal('install').changesNothing()
      await all.haal('install --frozen').succeeds()
      await all.haal('rollback').succeeds()
      await has(all, { review: 'two' })
      expect(all.project.read('haal.json')).toBe(after)
      await all.haal('install').changesNothing()
    })

  needs('git')('[O32] takes out a ref that was not there then, and puts in one that is not there now', async () => {
    const all = await installed()
    await setRef(all, {})
    const without = texts(all).manifest
    await all.haal('install').succeeds()
    await all.haal('rollback').succeeds()
    expect(refIn(all, 'haal.json')).toBe('v1')
    await all.haal('install').changesNothing()
    await all.haal('rollback').succeeds()
    expect(texts(all).manifest).toBe(without)
    await all.haal('install').changesNothing()
  })

  needs('git')('[O32 U3] finds it in YAML and in a map, and names the file', async () => {
    const all = await installed()
    const yaml = (ref: string) => `# of the team
registryConfig:
  registries:
    acme:
      type: git
      location: ${all.acme.url}
      branch: ${ref} # the state
artifacts:
  skill/review: "*"
`
    await all.project.write({ 'haal.json': null, 'haal.lock': null, 'haal.yaml': yaml('v1') })
    await all.haal('install').succeeds()
    await all.project.write({ 'haal.yaml': yaml('v2') })
    const frozen = await all.haal('install --frozen').fails('E_FROZEN', 9)
    expect(frozen.stderr).toMatch(/haal\.yaml has acme at v2, haal\.lock at v1/)
    const { stderr } = await all.haal('install').succeeds()
    expect(stderr).toMatch(/acme is at v2 in haal\.yaml and was at v1/)
    await has(all, { review: 'two' })
    const back = await all.haal('rollback').succeeds()
    expect(back.stderr).toMatch(/haal\.yaml has acme at v1 again/)
    await all.project.has({ 'haal.yaml': yaml('v1') })
    await all.haal('install').changesNothing()
  })

  needs('git')('[L9] of one artifact stays through install until an update', async () => {
    const all = await installed()
    await setRef(all, { ref: 'v2' })
    await all.haal('install').succeeds()
    await all.haal('rollback review').succeeds()
    await has(all, { review: 'one', test: 'two' })
    expect(refIn(all, 'haal.json')).toBe('v2')
    expect(lockOf(all.project).registries.acme).toMatchObject({ ref: 'v2', revision: all.acme.sha('v2') })
    await all.haal('install').changesNothing()
    await all.haal('install --frozen').succeeds()
    await all.haal('update').succeeds()
    await has(all, { review: 'two', test: 'two' })
    await all.haal('install').changesNothing()
  })

  needs('git')('[L9] of the only artifact of a registry stays, too', async () => {
    const all = await installed({ artifacts: {} })
    await all.haal('uninstall test review').succeeds()
    await setRef(all, { ref: 'v2' })
    await all.haal('install').changesNothing()
    await all.haal('rollback review').succeeds()
    await has(all, { review: 'one' })
    expect(refIn(all, 'haal.lock')).toBe('v2')
    await all.haal('install').changesNothing()
    await all.haal('install --frozen').succeeds()
  })

  needs('git')('[O32] leaves alone a ref that no install has followed yet, and says what comes next', async () => {
    const all = await installed()
    await all.haal('uninstall test').succeeds()
    await setRef(all, { ref: 'v2' })
    const { stderr } = await all.haal('rollback').succeeds()
    expect(stderr).toMatch(/haal\.json has acme at v2, haal\.lock at v1: the next install takes.*anew.*W_REF/)
    expect(refIn(all, 'haal.json')).toBe('v2')
    await has(all, { review: 'one', test: 'one' })
  })

  needs('git')('[O32] so it does over an earlier change', async () => {
    const all = await installed()
    await setRef(all, { ref: 'v2' })
    await all.haal('install').succeeds()
    await setRef(all, { ref: 'main' })
    const { stderr } = await all.haal('rollback').succeeds()
    expect(stderr).toMatch(/haal\.json has acme at main, haal\.lock at v1: the next install takes.*anew.*W_REF/)
    expect(refIn(all, 'haal.json')).toBe('main')
    await has(all, { review: 'one' })
    await all.haal('install').succeeds()
    await has(all, { review: 'two' })
  })

  needs('git')('[O32] stays until an update where haal edits nothing: in code, and in OLAF’s list', async () => {
    const at = await world()
    const acme = await at.git('acme', files('one'), { tag: 'v1', listed: false })
    await acme.commit(files('two'), { tag: 'v2' })
    const entry = (ref: string) => JSON.stringify([{ name: 'acme', type: 'git', location: acme.url, ref }])
    const ways = [
      { file: 'haal.config.mjs', text: (ref: string) => `export default { registries: ${entry(ref)} }\n`, by: true },
      { file: '.haal/registries.json', text: entry, by: false },
    ]
    for (const { file, text, by } of ways) {
      const flag = by ? ` --config ${file}` : ''
      await at.project.write({
        'haal.json': { artifacts: { 'skill/review': '*' } },
        'haal.lock': null,
        [file]: text('v1'),
      })
      await at.haal(`install${flag}`).succeeds()
      await at.project.write({ [file]: text('v2') })
      await at.haal(`install${flag}`).succeeds()
      await has(at, { review: 'two' })
      await at.haal(`rollback${flag}`).succeeds()
      await has(at, { review: 'one' })
      await at.project.has({ [file]: text('v2') })
      await at.haal(`install${flag}`).changesNothing()
      await at.haal(`install --frozen${flag}`).changesNothing()
      await at.haal(`update${flag}`).succeeds()
      await has(at, { review: 'two' })
    }
  })
})
