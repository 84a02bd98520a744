import { describe, expect, test } from 'vitest'
import { manifest, needs, registryJson, skill, type World, world } from '../world/index.js'

const v = (body: string) => ({
  'skills/review/SKILL.md': skill('review', body),
  'skills/review/run.sh': { body: `echo ${body}\n`, mode: 0o755 },
  'skills/test/SKILL.md': skill('test', body),
})

/** What a rollback must bring back to the byte. */
const remembered = ({ project }: World) => ({
  files: project.tree('.haal/skills'),
  lock: project.read('haal.lock'),
  manifest: project.read('haal.json'),
})

async function threeGenerations(made: World) {
  const acme = await made.git('acme', v('first'))
  await made.haal('install review').succeeds()
  const one = remembered(made)
  await made.haal('install test').succeeds()
  const two = remembered(made)
  await acme.commit({ ...v('second'), 'skills/review/more.md': 'more' })
  await made.haal('update').succeeds()
  return { acme, one, two, three: remembered(made) }
}

const offline = { network: false, env: { HAAL_CACHE: undefined } } as const

describe('rollback', () => {
  test('[L8 L9] after a change of registries alone says that one back is the same, and how to go further', async () => {
    const { folder, haal, project } = await world()
    await folder('acme', { 'skills/a/SKILL.md': skill('a'), 'skills/b/SKILL.md': skill('b') })
    await folder('other', { 'skills/c/SKILL.md': skill('c') })
    await haal('install a').succeeds()
    await haal('registry add ../folders/other --name more').succeeds()
    const none = await haal('rollback').changesNothing()
    expect(none.stderr).toMatch(/^warning: generation 2 changed nothing that a rollback brings back \[W_SAME\]$/m)
    await haal('install b').succeeds()
    await haal('registry remove more').succeeds()
    const { stderr } = await haal('rollback').changesNothing()
    const further = /brings back; to go further back: haal (rollback --to \d) \[W_SAME\]/.exec(stderr)?.[1] ?? ''
    await haal(further).succeeds()
    await project.has({ '.haal/skills/a/SKILL.md': /./ })
    await project.lacks('.haal/skills/b')
  })

  needs('git', 'unshare')(
    '[O32][O33][O34] restores bytes, lockfile and haal.json without upstream, network and cache',
    async () => {
      const made = await world()
      const { acme, one, two, three } = await threeGenerations(made)
      await acme.rewrite({ other: 'x' })
      await acme.server.stop()
      if (made.store.exists('cache')) await made.store.remove('cache')
      await made.haal('rollback', offline).succeeds()
      expect(remembered(made)).toEqual(two)
      await made.haal('verify', offline).succeeds()
      await made.haal('rollback --to 1', offline).succeeds()
      expect(remembered(made)).toEqual(one)
      await made.haal('rollback --to 3', offline).succeeds()
      expect(remembered(made)).toEqual(three)
      await made.haal('verify', offline).succeeds()
    },
  )

  needs('git', 'unshare')(
    '[O32][O34][L9] of one artifact moves that one only, without upstream, network and cache',
    async () => {
      const made = await world()
      const { acme, two, three } = await threeGenerations(made)
      await acme.server.stop()
      await made.store.remove('cache')
      await made.haal('rollback review', offline).succeeds()
      const now = made.project.tree('.haal/skills')
      expect(now['review/run.sh']).toBe(two.files['review/run.sh'])
      expect(now['review/SKILL.md']).toBe(two.files['review/SKILL.md'])
      expect(now).not.toHaveProperty('review/more.md')
      expect(now['test/SKILL.md']).toBe(three.files['test/SKILL.md'])
      await made.haal('verify', offline).succeeds()
      await made.haal('install --frozen', offline).changesNothing()
    },
  )

  needs('git')('[L9] is a generation of its own, so that it can be undone', async () => {
    const made = await world()
    const { two, three } = await threeGenerations(made)
    await made.haal('rollback').succeeds()
    expect(remembered(made)).toEqual(two)
    await made.haal('rollback').succeeds()
    expect(remembered(made)).toEqual(three)
    const { generations } = await made
      .haal('history --json')
      .json<{ generations: { number: number; current: boolean }[] }>()
    expect(generations.map(({ number }) => number)).toEqual([5, 4, 3, 2, 1])
    expect(generations.filter(({ current }) => current)).toHaveLength(1)
  })

  test('[L9 U3] of bytes that nobody has any more fails, and does not send forward', async () => {
    const made = await world()
    const acme = await made.folder('acme', { ...v('first'), 'skills/b/SKILL.md': skill('b') })
    await made.haal('install review').succeeds()
    await acme.write({ 'skills/review/SKILL.md': skill('review', 'second') })
    await made.haal('update').succeeds()
    await made.store.remove('store')
    const { stderr } = await made.haal('rollback').fails('E_INTEGRITY', 6)
    expect(stderr).toMatch(/skill\/review .* is not what the past names\n.*haal history\n/)
    await acme.remove('skills/review')
    const gone = await made.haal('rollback').fails('E_INTEGRITY', 6)
    expect(gone.stderr).toMatch(/no longer has skill\/review .*, which the past names\n.*haal history\n/)
  })

  test('[L9] brings back what was uninstalled, alone or with all else', async () => {
    const made = await world()
    await made.folder('acme', v('first'))
    await made.haal('install review test').succeeds()
    const before = remembered(made)
    await made.haal('uninstall review test').succeeds()
    await made.haal('rollback review').succeeds()
    await made.project.lacks('.haal/skills/test')
    await made.haal('verify').succeeds()
    await made.haal('rollback --to 1').succeeds()
    expect(remembered(made)).toEqual(before)
  })

  test('[L9 O32] of one artifact brings back its entry in haal.json, however that names it', async () => {
    const { folder, haal, project } = await world()
    const version = (own: string) => ({
      'skills/review/SKILL.md': skill('review', own, { version: own }),
      'registry.json': registryJson([{ id: 'com.acme.search', name: 'Search', version: own, path: 'curated/search' }]),
      'curated/search/manifest.json': manifest('com.acme.search', own),
    })
    const acme = await folder('acme', version('1.0.0'))
    await haal('install acme:skill/review tool/com.acme.search').succeeds()
    const before = project.json<{ artifacts: object }>('haal.json').artifacts
    expect(Object.keys(before)).toEqual(['acme:skill/review', 'tool/com.acme.search'])
    await acme.write(version('2.0.0'))
    await haal('update --latest').succeeds()
    expect(project.json<{ artifacts: object }>('haal.json').artifacts).not.toEqual(before)
    for (const name of ['review', 'search']) await haal(`rollback ${name}`).succeeds()
    expect(project.json<{ artifacts: object }>('haal.json').artifacts).toEqual(before)
    await haal('install --frozen').changesNothing()
  })

  test('[L9] of what a pattern brought that is gone by now gives it an entry of its own', async () => {
    const { folder, haal, project } = await world()
    await folder('acme', v('first'))
    await haal('install skill/*').succeeds()
    await haal('uninstall skill/*').succeeds()
    await haal('rollback review').succeeds()
    expect(Object.keys(project.json<{ artifacts: object }>('haal.json').artifacts)).toEqual(['skill/review'])
    await haal('install --frozen').changesNothing()
  })

  test('[L9] never takes away what another artifact requires', async () => {
    const { folder, haal } = await world()
    const acme = await folder('acme', { 'haal_manifest.json': {}, ...v('first') })
    await haal('install test').succeeds()
    await acme.write({
      'haal_manifest.json': { competencies: [{ id: 'reviewing' }] },
      'competencies/reviewing.json': { name: 'Reviewing', skills: ['review'] },
    })
    await haal('install reviewing').succeeds()
    const { stderr } = await haal('rollback review --to 1').fails('E_REQUIRED_BY', 4)
    expect(stderr).toMatch(/skill\/review stays, because bundle\/reviewing asks for it/)
    expect(stderr).toMatch(/hint: .*haal uninstall bundle\/reviewing/)
  })

  test('[L7][L9] never takes away what a pattern of haal.json would bring back', async () => {
    const { folder, haal } = await world()
    const acme = await folder('acme', { 'skills/test/SKILL.md': skill('test') })
    await haal('install test').succeeds()
    await acme.write(v('first'))
    await haal('install skill/r*').succeeds()
    const { stderr } = await haal('rollback review --to 1').fails('E_REQUIRED_BY', 4)
    expect(stderr).toMatch(/skill\/review stays, because haal\.json \(skill\/r\*\) asks for it/)
    expect(stderr).toMatch(/hint: name what you want in place of .* in haal\.json, and run: haal install/)
    await haal('rollback --to 1').succeeds()
    await haal('install').changesNothing()
  })

  test('[L9] to where everything is already says so and changes nothing', async () => {
    const { folder, haal } = await world()
    await folder('acme', v('first'))
    await haal('install review test').succeeds()
    expect((await haal('rollback --to 1').changesNothing()).stdout).toBe('nothing to do: 2 artifacts are in place\n')
  })

  test('[L9 U3] to where nothing was installed does not say that haal.json asks for nothing', async () => {
    const { folder, haal, project } = await world()
    await folder('acme', v('first'))
    await project.write({ 'haal.json': { ...project.json<object>('haal.json'), artifacts: { 'skill/review': '*' } } })
    await haal('target add claude').succeeds()
    expect((await haal('rollback --to 1').succeeds()).stdout).toBe(
      'nothing to do: nothing is installed, and nothing was then\n',
    )
  })

  test('[L9] to a registry that the configuration no longer has says what the next install will say', async () => {
    const { folder, haal, project } = await world()
    await folder('acme', v('first'))
    await haal('install review').succeeds()
    const { location } = await folder('corp', v('first'), { listed: false })
    const named = project.json<{ registries: object[] }>('haal.json')
    await project.write({ 'haal.json': { ...named, registries: [{ name: 'corp', location }] } })
    await haal('update').succeeds()
    const { stderr } = await haal('rollback').succeeds()
    expect(stderr).toMatch(/haal\.lock has a registry "acme" .*haal update ['"]acme:\*['"] \[W_LOCK_SOURCE\]/)
    await haal('verify').succeeds()
    await haal(['update', 'acme:*']).succeeds()
    await haal('install --frozen').changesNothing()
  })

  needs('git')('[L9] so it does of a repository that a person alone can reach', async () => {
    const { haal, project, git } = await world()
    await git('acme', { 'skills/a/SKILL.md': skill('a', 'first') })
    await haal('install a').succeeds()
    await haal('uninstall a').succeeds()
    await haal('registry remove acme').succeeds()
    const { stderr } = await haal('rollback --to 1').succeeds()
    expect(stderr).toMatch(/haal\.lock has a registry "acme" .*W_LOCK_SOURCE/)
    await project.has({ '.haal/skills/a/SKILL.md': /first/ })
  })

  test('[L18] its dry run shows the plan and writes nothing', async () => {
    const { folder, haal } = await world()
    await folder('acme', v('first'))
    await haal('install review').succeeds()
    await haal('install test').succeeds()
    const { stdout } = await haal('rollback --dry-run').changesNothing()
    expect(stdout).toMatch(/- skill\/test/)
  })

  test('[L9] a generation that does not exist is an error that names those that do', async () => {
    const { folder, haal } = await world()
    await folder('acme', v('first'))
    await haal('rollback').fails('E_NO_GENERATION', 3)
    await haal('install review').succeeds()
    await haal('rollback').fails('E_NO_GENERATION', 3)
    await haal('rollback --to 7').fails('E_NO_GENERATION', 3)
    await haal('rollback --to none').fails('E_USAGE', 2)
    await haal('rollback nothing').fails('E_NOT_INSTALLED', 3)
  })

  test('[L9 U3] a number where a name is asked for is told how a generation is named', async () => {
    const { folder, haal } = await world()
    await folder('acme', v('first'))
    await haal('install review').succeeds()
    await haal('uninstall review').succeeds()
    const { stderr } = await haal('rollback 1').fails('E_NOT_INSTALLED', 3)
    expect(stderr).toMatch(/hint: if a generation is meant: haal rollback --to 1$/m)
  })

  test('[L16] edits are in the way unless forced, and are then kept aside', async () => {
    const { folder, haal, project } = await world()
    const acme = await folder('acme', v('first'))
    await haal('install review').succeeds()
    await acme.write(v('second'))
    await haal('update').succeeds()
    await project.write({ '.haal/skills/review/SKILL.md': 'mine' })
    await haal('rollback').fails('E_CONFLICT', 4)
    const { stderr } = await haal('rollback --force --yes').succeeds()
    const kept = /kept in (\S+)/.exec(stderr)?.[1] ?? 'nowhere'
    expect(project.read(`${kept}/SKILL.md`)).toBe('mine')
    await project.has({ '.haal/skills/review/SKILL.md': /first/ })
  })

  test('[L10] never restores what policy forbids by now: it names the rule and changes nothing (P11)', async () => {
    const { folder, haal, project, store } = await world()
    const acme = await folder('acme', v('first'))
    await haal('install review').succeeds()
    await acme.write(v('second'))
    await haal('update').succeeds()
    await haal('uninstall review').succeeds()
    const policy = { artifacts: { deny: [{ match: 'skill/review', reason: 'it talks too much' }] } }
    await store.write({ 'policy.json': { policyVersion: 1, name: 'mine', version: 1, ...policy } })
    for (const line of ['rollback', 'rollback --to 1', 'rollback review', 'rollback --force']) {
      const { stderr } = await haal(line).fails('E_POLICY_ARTIFACT', 5)
      expect(stderr).toMatch(/skill\/review[\s\S]*it talks too much/)
    }
    await project.lacks('.haal/skills')
  })

  test('[L8] every changing command makes one generation; history has date, command and difference', async () => {
    const { folder, haal } = await world()
    const acme = await folder('acme', v('first'))
    await haal('install review').succeeds()
    await haal('install').changesNothing()
    await acme.write(v('second'))
    await haal('update').succeeds()
    await haal('pin review').succeeds()
    await haal('unpin review').succeeds()
    await haal('copy review out/').succeeds()
    await haal('uninstall review').succeeds()
    await haal('rollback').succeeds()
    type Line = { number: number; at: string; command: string; changes: { action: string; artifact: string }[] }
    const { generations } = await haal('history --json').json<{ generations: Line[] }>()
    const said = generations.map(({ number, command, changes }) => [
      number,
      command,
      changes.map(({ action }) => action).join(),
    ])
    expect(said).toEqual([
      [7, 'rollback', 'add'],
      [6, 'uninstall', 'remove'],
      [5, 'copy', 'copy'],
      [4, 'unpin', 'unpin'],
      [3, 'pin', 'pin'],
      [2, 'update', 'update'],
      [1, 'install', 'add'],
    ])
    for (const { at } of generations) expect(Number.isNaN(Date.parse(at))).toBe(false)
    expect((await haal('history').changesNothing()).stdout).toMatch(/7 .*rollback/)
  })

  test('[U2 L9] a rollback of what only haal.json said tells that', async () => {
    const { folder, haal, project } = await world()
    await folder('acme', { 'skills/a/SKILL.md': skill('a') }, { listed: false })
    await haal('target add claude').succeeds()
    await haal('target add cursor').succeeds()
    const { stdout, stderr } = await haal('rollback').succeeds()
    expect(stdout).toBe('no artifact changes; haal.json and haal.lock are as they were, generation 3\n')
    expect(stderr).toBe('')
    expect(project.json('haal.json')).toMatchObject({ targets: ['claude'] })
    await haal('registry add ../folders/acme').succeeds()
    expect((await haal('rollback').changesNothing()).stderr).toMatch(/further back: haal rollback --to 2 \[W_SAME\]$/m)
  })

  test('[U2] history shows how a generation began that changed much, and all of it with --verbose', async () => {
    const { folder, haal } = await world()
    const names = Array.from({ length: 9 }, (_, i) => `s${i}`)
    await folder('acme', Object.fromEntries(names.map((name) => [`skills/${name}/SKILL.md`, skill(name)])))
    await haal('install s0').succeeds()
    await haal('install --all').succeeds()
    const { stdout } = await haal('history').succeeds()
    expect(stdout).toMatch(/^2 {2}\d{4}-\d\d-\d\d \d\d:\d\d UTC {2}install {2}now\n(?: {3}\+ skill\/s[1-5] .*\n){5}/)
    expect(stdout).toContain('   and 3 more: haal history --verbose\n')
    expect((await haal('history --verbose').succeeds()).stdout.match(/skill\/s\d /g)).toHaveLength(9)
  })

  test('[L8] so many generations are kept as haal.json says, and prune then lets go of their bytes', async () => {
    const { folder, haal, project } = await world()
    const acme = await folder('acme', v('0'))
    await project.write({ 'haal.json': { ...project.json<object>('haal.json'), generations: { keep: 2 } } })
    await haal('install review').succeeds()
    for (const body of ['1', '2', '3']) {
      await acme.write(v(body))
      await haal('update').succeeds()
    }
    const { generations } = await haal('history --json').json<{ generations: { number: number }[] }>()
    expect(generations.map(({ number }) => number)).toEqual([4, 3])
    await haal('rollback --to 1').fails('E_NO_GENERATION', 3)
    await haal('rollback').succeeds()
    await project.has({ '.haal/skills/review/SKILL.md': /2/ })
  })

  needs('git', 'unshare')(
    '[L15 O33] bytes that the store has lost are an error without network that names them, and are fetched with it',
    async () => {
      const made = await world()
      const { two, three } = await threeGenerations(made)
      await made.store.remove('store')
      await made.haal('rollback', offline).succeeds()
      expect(remembered(made)).toEqual(two)
      for (const folder of ['store', 'cache']) await made.store.remove(folder)
      const { stderr } = await made.haal('rollback --offline', offline).fails('E_CACHE', 6)
      expect(stderr).toMatch(/skill\/review 0\.0\.0-\S+ \(sha256-\S+\) is not in the store/)
      expect((await made.haal('rollback', offline).fails('E_REGISTRY_UNAVAILABLE', 7)).stderr).toContain('acme')
      expect(remembered(made)).toEqual(two)
      await made.haal('rollback').succeeds()
      expect(remembered(made)).toEqual(three)
    },
  )
})
