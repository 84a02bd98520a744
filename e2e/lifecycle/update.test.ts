import { describe, expect, test } from 'vitest'
import { configure } from '../transports/ground.js'
import { needs, plugin, skill, world } from '../world/index.js'

const v = (version: string, body = version) => ({
  'skills/review/SKILL.md': skill('review', body, { version }),
  'skills/test/SKILL.md': skill('test', body, { version }),
})

/** A git registry with 1.0.0, from which both skills are installed in the range ^1.0.0; then 1.1.0 and 2.0.0 come out. */
async function released() {
  const made = await world()
  const acme = await made.git('acme', v('1.0.0'), { tag: 'v1.0.0' })
  await made.haal('install review@^1.0.0 test@^1.0.0').succeeds()
  await acme.commit(v('1.1.0'), { tag: 'v1.1.0' })
  await acme.commit(v('2.0.0'), { tag: 'v2.0.0' })
  const versionOf = (name: string) =>
    made.project.json<{ artifacts: Record<string, { version: string }> }>('haal.lock').artifacts[`skill/${name}`]
      ?.version
  const wishes = () =>
    made.project.json<{ artifacts: Record<string, string>; pins?: Record<string, string> }>('haal.json')
  return { ...made, acme, versionOf, wishes }
}

describe('update', () => {
  needs('git')('[L5 O36] names no artifact whose bytes stay, and whose version is made of the commit', async () => {
    const { haal, git } = await world()
    const quiet = '---\nname: quiet\ndescription: Quiet\nauthor: @x\n---\n'
    const acme = await git('acme', { 'skills/quiet/SKILL.md': quiet, 'skills/moving/SKILL.md': skill('moving') })
    expect((await haal('install quiet moving').succeeds()).stderr).toContain('W_FRONTMATTER')
    await acme.commit({ 'README.md': 'of no artifact' })
    expect(await haal('outdated').json()).toMatchObject({ artifacts: [] })
    const { stdout } = await haal('update').succeeds()
    expect(stdout).toMatch(/^no artifact changes/)
    await acme.commit({ 'skills/moving/SKILL.md': skill('moving', 'moved') })
    expect(await haal('update').json()).toMatchObject({
      changes: [{ action: 'update', artifact: 'skill/moving' }],
      warnings: [],
    })
    await haal('install --frozen').changesNothing()
  })

  needs('git')('[L5] raises to the newest in the range and leaves the range as it is', async () => {
    const { haal, versionOf, wishes, project } = await released()
    await haal('update').succeeds()
    expect([versionOf('review'), versionOf('test')]).toEqual(['1.1.0', '1.1.0'])
    expect(wishes().artifacts).toEqual({ 'skill/review': '^1.0.0', 'skill/test': '^1.0.0' })
    await project.has({ '.haal/skills/review/SKILL.md': skill('review', '1.1.0', { version: '1.1.0' }) })
    await haal('verify').succeeds()
  })

  needs('git')('[L5] --latest goes beyond the range and rewrites it', async () => {
    const { haal, versionOf, wishes } = await released()
    await haal('update review --latest').succeeds()
    expect([versionOf('review'), versionOf('test')]).toEqual(['2.0.0', '1.0.0'])
    expect(wishes().artifacts).toEqual({ 'skill/review': '^2.0.0', 'skill/test': '^1.0.0' })
    await haal('install --frozen').changesNothing()
  })

  needs('git')('[L5] --latest leaves an entry that names a branch, a tag or a commit, and says so', async () => {
    const { acme, haal, project, versionOf, wishes } = await released()
    const commit = await acme.commit(v('1.2.0'), { tag: 'stable' })
    for (const ref of ['main', 'stable', commit]) {
      await haal(`install review@${ref}`).succeeds()
      const { stderr } = await haal('update --latest').succeeds()
      expect(stderr).toContain(`skill/review stays at ${ref}, as haal.json has it; for its versions: haal install`)
      expect(versionOf('review')).toBe('1.2.0')
      expect(wishes().artifacts['skill/review']).toBe(ref)
    }
    await acme.commit(v('1.3.0'))
    await haal('install review@main').succeeds()
    await haal('update review --latest').succeeds()
    expect([versionOf('review'), wishes().artifacts['skill/review']]).toEqual(['1.3.0', 'main'])
    await haal('install skill/review@*').succeeds()
    expect((await haal('update --latest').succeeds()).stderr).not.toContain('W_NO_RANGE')
    await haal('install --frozen').changesNothing()
    expect(project.json('haal.json')).toMatchObject({ artifacts: { 'skill/review': '*' } })
  })

  for (const { where, tags, entry } of [
    { where: 'what no tag names', tags: ['v1.1.0', 'v2.0.0', 'v3.0.0-rc.1', undefined], entry: {} },
    { where: 'an older tag', tags: ['v2.0.0'], entry: { ref: 'v1.0.0' } },
  ])
    needs('git')(`[L5] --latest takes the newest release although the registry stands at ${where}`, async () => {
      const { haal, project, git } = await world()
      const file = 'skills/review/SKILL.md'
      const acme = await git('acme', { [file]: skill('review') }, { tag: 'v1.0.0', entry })
      for (const tag of tags) await acme.commit({ [file]: skill('review', `is ${tag}`) }, tag ? { tag } : {})
      await haal('install review@^1.0.0').succeeds()
      expect(await haal('outdated').json()).toMatchObject({ artifacts: [{ latest: '2.0.0' }] })
      await haal('update --latest').succeeds()
      const wanted = { 'skill/review': '^2.0.0' }
      expect(project.json('haal.json')).toMatchObject({ artifacts: wanted })
      await project.has({ '.haal/skills/review/SKILL.md': /^is v2\.0\.0$/m })
      expect(await haal('outdated').json()).toMatchObject({ artifacts: [] })
    })

  needs('git')('[L5] an entry for one artifact counts before a pattern that means it too', async () => {
    const { haal, versionOf, wishes, project } = await released()
    const artifacts = { 'skill/*': '^1.0.0', 'skill/review': '~1.0.0' }
    await project.write({ 'haal.json': { ...wishes(), artifacts } })
    await haal('install').succeeds()
    const outdated = await haal('outdated').json<{ artifacts: object[] }>()
    expect(outdated.artifacts[0]).toMatchObject({ artifact: 'skill/review', wanted: '1.0.0', latest: '2.0.0' })
    expect((await haal('diff review --upstream').succeeds()).stdout).toBe('')
    await haal('update').succeeds()
    expect([versionOf('review'), versionOf('test')]).toEqual(['1.0.0', '1.1.0'])
    await haal('update --latest').succeeds()
    expect([versionOf('review'), versionOf('test')]).toEqual(['2.0.0', '1.1.0'])
    expect(wishes().artifacts).toEqual({ ...artifacts, 'skill/review': '^2.0.0' })
    await haal('install --frozen').changesNothing()
  })

  needs('git')('[L5] of several installed raises those that are named alone', async () => {
    const { haal, versionOf } = await released()
    await haal('update test').succeeds()
    expect([versionOf('review'), versionOf('test')]).toEqual(['1.0.0', '1.1.0'])
  })

  needs('git')('[L5] a second one changes nothing and says so in one line', async () => {
    const { haal } = await released()
    await haal('update').succeeds()
    const { stdout } = await haal('update').changesNothing()
    expect(stdout.trim().split('\n')).toHaveLength(1)
  })

  needs('git')('[L5] pins hold, also against --latest and against a name', async () => {
    const { haal, versionOf } = await released()
    await haal('pin review').succeeds()
    await haal('update').succeeds()
    await haal('update --latest').succeeds()
    expect([versionOf('review'), versionOf('test')]).toEqual(['1.0.0', '2.0.0'])
    const { stderr } = await haal('update review').changesNothing()
    expect(stderr).toMatch(/skill\/review is pinned and stays; let it go: haal unpin skill\/review/)
    expect(versionOf('review')).toBe('1.0.0')
  })

  needs('git')(
    '[L5] outdated says what update would change, what lies beyond the range, and what a pin holds',
    async () => {
      const { haal } = await released()
      await haal('pin test').succeeds()
      const { artifacts } = await haal('outdated --json').json<{ artifacts: Record<string, unknown>[] }>()
      expect(artifacts).toEqual([
        {
          artifact: 'skill/review',
          current: '1.0.0',
          wanted: '1.1.0',
          latest: '2.0.0',
          registry: 'acme',
          pinned: false,
          changed: true,
        },
        expect.objectContaining({
          artifact: 'skill/test',
          current: '1.0.0',
          wanted: '1.0.0',
          latest: '2.0.0',
          pinned: true,
        }),
      ])
      const before = await haal('outdated').changesNothing()
      expect(before.stdout).toMatch(/skill\/review +1\.0\.0 +1\.1\.0 +2\.0\.0/)
    },
  )

  test('[L5 A20] what haal.json asks of one registry is compared with that registry alone', async () => {
    const { folder, haal } = await world()
    await folder('acme', { 'skills/review/SKILL.md': skill('review', 'first', { version: '9.0.0' }) })
    const other = await folder('other', { 'skills/review/SKILL.md': skill('review', 'other', { version: '1.0.0' }) })
    await haal('install other:review').succeeds()
    expect(await haal('outdated').json()).toMatchObject({ artifacts: [] })
    expect((await haal('diff --upstream').succeeds()).stdout).not.toMatch(/first/)
    await other.write({ 'skills/review/SKILL.md': skill('review', 'anew', { version: '1.1.0' }) })
    expect(await haal('outdated').json()).toMatchObject({ artifacts: [{ wanted: '1.1.0', latest: '1.1.0' }] })
    expect((await haal('diff --upstream').succeeds()).stdout).toMatch(/^\+anew/m)
  })

  test('[L5 U6] outdated names the registry that has what it tells, where it is another by now', async () => {
    const { folder, haal, root } = await world()
    await folder('first', v('1.0.0'))
    await folder('second', v('9.0.0'))
    await haal('install review').succeeds()
    await root.remove('folders/first/skills/review')
    expect(await haal('outdated').json()).toMatchObject({
      artifacts: [{ current: '1.0.0', wanted: null, latest: '9.0.0', registry: 'second' }],
    })
  })

  test('[L5 U6] outdated names what haal.json asks for and nobody has installed yet', async () => {
    const { folder, haal, project } = await world()
    await folder('acme', v('1.0.0'))
    const artifacts = { 'skill/review': '*', test: '*', 'rule/*': '*' }
    await project.write({ 'haal.json': { ...project.json<object>('haal.json'), artifacts } })
    const shown = async () => (await haal('outdated').succeeds()).stdout
    expect(await shown()).toBe('not installed yet: skill/review, test, rule/*; run: haal install\n')
    await haal('install').succeeds()
    expect(await shown()).toBe('everything is up to date\n')
    expect((await haal('doctor').succeeds()).stdout).toMatch(
      /^ok {3}haal\.json +asks for 2 artifacts and all that fit rule/m,
    )
  })

  test('[L5] what has no version in its range any more stays, and the rest is raised', async () => {
    const { folder, haal } = await world()
    const acme = await folder('acme', v('1.0.0'))
    await haal('install review@^1.0.0 test').succeeds()
    await acme.write({ ...v('1.1.0'), 'skills/review/SKILL.md': skill('review', 'new', { version: '2.0.0' }) })
    const { artifacts } = await haal('outdated').json<{ artifacts: object[] }>()
    expect(artifacts).toMatchObject([
      { artifact: 'skill/review', current: '1.0.0', wanted: '1.0.0', latest: '2.0.0', changed: false },
      { artifact: 'skill/test', current: '1.0.0', wanted: '1.1.0', latest: '1.1.0', changed: true },
    ])
    const { stdout, stderr } = await haal('update').succeeds()
    expect(stdout).toMatch(/^~ skill\/test {2}1\.0\.0 → 1\.1\.0 .*\n1 change/)
    expect(stderr).toMatch(
      /skill\/review stays at 1\.0\.0: acme has skill\/review, but not in version \^1\.0\.0: it has 2\.0\.0/,
    )
    await haal('update --latest').succeeds()
    await haal('install --frozen').changesNothing()
  })

  needs('git')('[L18] its dry run prints the plan that it then carries out, and writes nothing', async () => {
    const { haal } = await released()
    const planned = await haal('update --dry-run --json').json<{ changes: unknown; generation: unknown }>()
    await haal('update --dry-run').changesNothing()
    const done = await haal('update --json').json<{ changes: unknown; generation: unknown }>()
    expect(done.changes).toEqual(planned.changes)
    expect([planned.generation, done.generation]).toEqual([null, 2])
  })

  needs('git')(
    '[L16] an edited artifact is not overwritten unless forced, and then kept aside where it is said',
    async () => {
      const { haal, project } = await released()
      await project.write({ '.haal/skills/review/SKILL.md': 'mine' })
      const { stderr } = await haal('update').fails('E_CONFLICT', 4)
      expect(stderr).toMatch(/\.haal\/skills\/review.*edited[\s\S]*--force/)
      const forced = await haal('update --force --yes').succeeds()
      const kept = /kept in (\S+)/.exec(forced.stderr)?.[1] ?? 'nowhere'
      expect(project.read(`${kept}/SKILL.md`)).toBe('mine')
      await haal('verify').succeeds()
    },
  )

  needs('git')('[O36] a version that changes leaves the identity of an artifact as it was', async () => {
    const { haal, project } = await released()
    const entry = () =>
      project.json<{ artifacts: Record<string, Record<string, unknown>> }>('haal.lock').artifacts['skill/review']
    const { registry, path, requestedBy } = entry() ?? {}
    await haal('update --latest').succeeds()
    expect(entry()).toMatchObject({ registry, path, requestedBy, version: '2.0.0' })
  })

  needs('git')('a tag that has moved is refused, until the artifact is updated by name (G09)', async () => {
    const { haal, project, git } = await world()
    const acme = await git('acme', v('1.0.0', 'first'), { tag: 'v1.0.0', entry: { ref: 'v1.0.0' } })
    await haal('install review').succeeds()
    await acme.commit(v('1.0.0', 'second'), { tag: 'v1.0.0' })
    await haal('update').fails('E_PIN_MOVED', 6)
    await haal('install --refresh').changesNothing()
    await haal('update review').succeeds()
    await project.has({ '.haal/skills/review/SKILL.md': /second/ })
  })

  needs('git')('[O19] the tag of that name in a repository at another address is another tag', async () => {
    const { haal, project, git } = await world()
    const entry = { ref: 'v1.0.0' }
    await git('acme', v('1.0.0', 'first'), { tag: 'v1.0.0', entry })
    const fork = await git('fork', v('1.0.0', 'second'), { tag: 'v1.0.0', listed: false })
    await haal('install review').succeeds()
    await configure(project, { registries: [{ name: 'acme', type: 'git', location: fork.url, ...entry }] })
    expect((await haal('update').succeeds()).stderr).toMatch(/acme is at .*fork.* and was at .*acme.*W_REF/)
    await project.has({ '.haal/skills/review/SKILL.md': /second/ })
    await haal('install --frozen').succeeds()
  })

  needs('git')(
    'a tag that a marketplace names is one that must not move, either; another one may be named (G09)',
    async () => {
      const { haal, project, git, folder } = await world()
      const kit = (body: string, version = '1.0.0') => ({
        '.claude-plugin/plugin.json': plugin('kit', version),
        'commands/x.md': body,
      })
      const repo = await git('kit', kit('first'), { listed: false, tag: 'v1.0.0' })
      const at = (ref: string) => {
        const source = { source: 'url', url: repo.url, ref }
        return { '.claude-plugin/marketplace.json': { name: 'acme', plugins: [{ name: 'kit', source }] } }
      }
      const market = await folder('market', at('v1.0.0'))
      await haal('install kit').succeeds()
      await repo.commit(kit('next', '1.1.0'), { tag: 'v1.1.0' })
      await market.write(at('v1.1.0'))
      await haal('update').succeeds()
      await repo.commit(kit('moved', '1.2.0'), { tag: 'v1.1.0' })
      await haal('update').fails('E_PIN_MOVED', 6)
      await haal('update kit').succeeds()
      await project.has({ '.haal/plugins/kit/commands/x.md': 'moved' })
      await market.write(at('main'))
      await repo.commit(kit('branch', '1.2.0'))
      await haal('update').succeeds()
      await project.has({ '.haal/plugins/kit/commands/x.md': 'branch' })
    },
  )
})

describe('pins', () => {
  needs('git')('[L17] a pin holds through install, update and the rollback of others; unpin lets go', async () => {
    const { haal, versionOf, wishes } = await released()
    await haal('pin review').succeeds()
    expect(wishes().pins).toEqual({ 'skill/review': '1.0.0' })
    await haal('update').succeeds()
    await haal('install review --refresh').succeeds()
    await haal('rollback test').succeeds()
    expect([versionOf('review'), versionOf('test')]).toEqual(['1.0.0', '1.0.0'])
    await haal('unpin review').succeeds()
    expect([versionOf('review'), wishes().pins ?? {}]).toEqual(['1.0.0', {}])
    await haal('update').succeeds()
    expect(versionOf('review')).toBe('1.1.0')
  })

  needs('git')('[L17] pin name@version goes to that version and stays there', async () => {
    const { haal, versionOf } = await released()
    await haal('pin review@1.1.0').succeeds()
    expect(versionOf('review')).toBe('1.1.0')
    await haal('update').succeeds()
    await haal('pin review@3.0.0').fails('E_NO_VERSION', 3)
    expect(versionOf('review')).toBe('1.1.0')
  })

  needs('git')('[L17] a pin that is written into haal.json by hand counts as one', async () => {
    const { haal, project, versionOf, wishes } = await released()
    await project.write({ 'haal.json': { ...wishes(), pins: { 'skill/review': '1.0.0' } } })
    await haal('update').succeeds()
    expect([versionOf('review'), versionOf('test')]).toEqual(['1.0.0', '1.1.0'])
    await project.write({ 'haal.json': { ...wishes(), pins: { 'skill/review': '1.1.0' } } })
    await haal('install').succeeds()
    expect(versionOf('review')).toBe('1.1.0')
    const [row] = (await haal('list --json').json<{ artifacts: { name: string; pinned: boolean }[] }>()).artifacts
    expect(row).toMatchObject({ name: 'review', pinned: true })
  })

  needs('git')('[L17] holds however haal.json asks for the artifact, and without a lockfile too', async () => {
    const { haal, versionOf, wishes, project } = await released()
    const pins = { 'skill/review': '1.0.0', 'skill/test': '1.1.0' }
    for (const artifacts of [{ 'skill/*': '*' }, { 'acme:skill/review': '^1.0.0', test: '^1.0.0' }]) {
      await project.write({ 'haal.json': { ...wishes(), artifacts, pins } })
      await haal('install').succeeds()
      expect([versionOf('review'), versionOf('test')]).toEqual(['1.0.0', '1.1.0'])
      await haal('install --frozen').changesNothing()
      await project.remove('haal.lock', '.haal')
      await haal('install').succeeds()
      expect([versionOf('review'), versionOf('test')]).toEqual(['1.0.0', '1.1.0'])
      await haal('update --latest').succeeds()
      expect([versionOf('review'), versionOf('test')]).toEqual(['1.0.0', '1.1.0'])
    }
  })

  needs('git')('[L17 L6] --frozen names a pin that the lockfile does not follow', async () => {
    const { haal, wishes, project } = await released()
    const artifacts = { 'skill/*': '*' }
    await project.write({ 'haal.json': { ...wishes(), artifacts } })
    await haal('install').succeeds()
    await project.write({ 'haal.json': { ...wishes(), artifacts, pins: { 'skill/test': '1.1.0' } } })
    const { stderr } = await haal('install --frozen').fails('E_FROZEN', 9)
    expect(stderr).toContain('differ: haal.json pins skill/test to 1.1.0, haal.lock has 1.0.0\n')
  })

  needs('git')('[L17] holds against another version that is asked for, and says what lets it go', async () => {
    const { haal, versionOf } = await released()
    await haal('pin review').succeeds()
    const { stderr } = await haal('install review@1.1.0').fails('E_PINNED', 4)
    expect(stderr).toMatch(/pins skill\/review to 1\.0\.0, and 1\.1\.0 is asked for/)
    expect(stderr).toMatch(/hint: .*haal pin skill\/review@1\.1\.0.*haal unpin skill\/review/)
    await haal('install review@^1 review').succeeds()
    expect(versionOf('review')).toBe('1.0.0')
    await haal('pin review@1.1.0').succeeds()
    await haal('install review@1.1.0').succeeds()
    expect(versionOf('review')).toBe('1.1.0')
  })

  test('[L17] of what is not installed, because no registry has it, is let go too', async () => {
    const { folder, haal, project } = await world()
    await folder('acme', { 'skills/a/SKILL.md': skill('a', 'a', { version: '1.2.0' }) })
    const wishes = { ...project.json<object>('haal.json'), artifacts: { 'skill/a': '*' } }
    await project.write({ 'haal.json': { ...wishes, pins: { 'skill/a': '1.0.0' } } })
    await haal('install').fails('E_NO_VERSION', 3)
    const { stderr } = await haal('install a@1.2.0').fails('E_PINNED', 4)
    expect(stderr).toContain('hint: let it go: haal unpin skill/a\n')
    await haal('unpin skill/a').succeeds()
    expect(project.json('haal.json')).toEqual(wishes)
    await project.has({ '.haal/skills/a/SKILL.md': /1\.2\.0/ })
  })

  test('[L17 U3] a version that its registry lacks is told with who asks for it, and with what leads on', async () => {
    const { folder, haal, project } = await world()
    await folder('acme', { 'skills/a/SKILL.md': skill('a', 'a', { version: '1.2.0' }) })
    const hintOf = async (line: string, says: string) => {
      const { stderr } = await haal(line).fails('E_NO_VERSION', 3)
      expect(stderr).toContain(`it has 1.2.0${says}\n`)
      return /hint: .*?haal ([^\n]*)/.exec(stderr)?.[1] ?? ''
    }
    expect(await hintOf('install a@7', '')).toBe('install skill/a@1.2.0')
    await haal('install a').succeeds()
    expect(await hintOf('pin a@7', '')).toBe('pin skill/a@1.2.0')
    const wishes = project.json<object>('haal.json')
    await project.write({ 'haal.json': { ...wishes, pins: { 'skill/a': '1.0.0' } } })
    await haal(await hintOf('install', '; haal.json pins it to 1.0.0')).succeeds()
    await project.write({ 'haal.json': { ...wishes, artifacts: { 'skill/a': '^9' } } })
    expect((await haal('outdated').succeeds()).stdout).toMatch(/^skill\/a +1\.2\.0 +none +1\.2\.0 /m)
    await haal(await hintOf('update', '; haal.json asks for ^9')).succeeds()
    await project.write({
      'haal.json': { ...wishes, policy: 'policy.json' },
      'policy.json': { policyVersion: 1, artifacts: { required: { 'skill/a': '^9' } } },
    })
    await haal(await hintOf('update', '; policy requires ^9')).succeeds()
  })

  test('[L5 U3] where there is no release at all, update --latest does not say that haal.json asks for anything', async () => {
    const { folder, haal } = await world()
    const acme = await folder('acme', { 'skills/a/SKILL.md': skill('a', 'a', { version: '1.2.0' }) })
    await haal('install a').succeeds()
    await acme.write({ 'skills/a/SKILL.md': skill('a', 'a', { version: '2.0.0-beta.1' }) })
    const { stderr } = await haal('update --latest').changesNothing()
    expect(stderr).toMatch(/skill\/a stays at 1\.2\.0: .* it has 2\.0\.0-beta\.1 \[W_NO_VERSION\]/)
  })

  needs('git')(
    '[O30 L4] what haal.json leaves open comes as policy requires it; what it does not is refused',
    async () => {
      const { haal, project, versionOf, wishes } = await released()
      const ask = (range: string) =>
        project.write({
          'haal.json': { ...wishes(), artifacts: { 'skill/review': range }, policy: 'policy.json' },
          'policy.json': { policyVersion: 1, artifacts: { required: { 'skill/review': '>=1.1 <2' } } },
        })
      await project.remove('haal.lock', '.haal')
      await ask('*')
      await haal('install').succeeds()
      expect(versionOf('review')).toBe('1.1.0')
      await haal('install').changesNothing()
      await ask('^2')
      await haal('install').fails('E_POLICY_REQUIRED', 5)
    },
  )

  test('[L5] an update to an older version, because its registry has that now, says so', async () => {
    const { folder, haal } = await world()
    const acme = await folder('acme', { 'skills/a/SKILL.md': skill('a', 'a', { version: '2.1.0' }) })
    await haal('install a@^2.0.0').succeeds()
    await acme.write({ 'skills/a/SKILL.md': skill('a', 'a', { version: '2.0.0' }) })
    for (const line of ['update --latest', 'update']) {
      const { stderr } = await haal(line).succeeds()
      expect(stderr).toMatch(/skill\/a goes back from 2\.1\.0 to 2\.0\.0, which is what acme has now \[W_OLDER\]/)
      await haal('rollback').succeeds()
    }
  })

  test('[L5] update --latest goes beyond no range to a version before the installed one', async () => {
    const { folder, haal, project } = await world()
    const acme = await folder('acme', { 'skills/a/SKILL.md': skill('a', 'a', { version: '2.1.0' }) })
    await haal('install a').succeeds()
    await acme.write({ 'skills/a/SKILL.md': skill('a', 'a', { version: '2.0.0' }) })
    const { stderr } = await haal('update --latest').changesNothing()
    expect(stderr).toMatch(/skill\/a stays at 2\.1\.0: .* it has 2\.0\.0 \[W_NO_VERSION\]/)
    expect(project.json('haal.json')).toMatchObject({ artifacts: { 'skill/a': '^2.1.0' } })
  })

  test('[A20 U3] a version behind a name that is installed names it only where it is that one', async () => {
    const { folder, haal } = await world()
    await folder('acme', { 'skills/a/SKILL.md': skill('a', 'a', { version: '1.2.0' }) })
    await haal('install a').succeeds()
    for (const line of ['uninstall', 'unpin', 'verify', 'diff', 'rollback', 'outdated', 'why']) {
      const { stderr } = await haal(`${line} a@7`).fails('E_NOT_INSTALLED', 3)
      expect(stderr).toContain('error: a@7 is not installed, skill/a 1.2.0 is\n')
    }
    await haal(['uninstall', 'skill/*@7']).fails('E_NOT_INSTALLED', 3)
    expect((await haal('update a@1.2.0').fails('E_USAGE', 2)).stderr).toContain('haal install a@1.2.0\n')
    await haal('verify a@1.2.0').succeeds()
    await haal(['uninstall', '*@1.2.0']).succeeds()
  })

  needs('git')('[L17] another version is pinned from the registry that haal.json asks', async () => {
    const { haal, git, project, versionOf } = await released()
    const other = await git('other', v('1.0.0'), { tag: 'v1.0.0' })
    await haal('install other:review@^1.0.0').succeeds()
    await other.commit(v('1.2.0'), { tag: 'v1.2.0' })
    await haal('pin review@1.2.0').succeeds()
    expect(versionOf('review')).toBe('1.2.0')
    await project.has({ 'haal.lock': /"registry": "other"/ })
  })

  needs('git')('[L17] pinning and unpinning are generations, and a rollback takes them back', async () => {
    const { haal, wishes } = await released()
    await haal('pin review').succeeds()
    await haal('rollback').succeeds()
    expect(wishes().pins ?? {}).toEqual({})
    await haal('rollback').succeeds()
    expect(wishes().pins).toEqual({ 'skill/review': '1.0.0' })
  })

  needs('git')('[L7] pinning what is pinned already changes nothing', async () => {
    const { haal } = await released()
    await haal('pin review').succeeds()
    await haal('pin review').changesNothing()
    await haal('unpin review').succeeds()
    const { stdout } = await haal('unpin review').changesNothing()
    expect(stdout).toBe('nothing to do: none of that is pinned\n')
  })
})
