import { describe, expect, test } from 'vitest'
import { agent, type Files, manifest, registryJson, skill, world } from '../world/index.js'

const telegrams: Files = {
  'registry.json': registryJson([
    { id: 'a.channels.telegram', name: 'T', version: '1.0.0', path: 'curated/channels/telegram', kind: 'tool' },
    { id: 'a.integrations.telegram', name: 'T', version: '1.0.0', path: 'curated/integrations/telegram', kind: 'tool' },
  ]),
  'curated/channels/telegram/manifest.json': manifest('a.channels.telegram'),
  'curated/channels/telegram/index.mjs': 'export const channel = 1\n',
  'curated/integrations/telegram/manifest.json': manifest('a.integrations.telegram'),
  'curated/integrations/telegram/index.mjs': 'export const integration = 1\n',
}

describe('how an artifact is named', () => {
  const ways = ['a.b.web', 'web', 'tool/web', 'tools/web', 'acme:web', 'acme:tool/web', 'tool/a.b.web', 'acme:a.b.web']

  test('[A20] by id, by name, by kind/name, by registry:name', async () => {
    const { folder, haal, project } = await world()
    await folder('acme', {
      'registry.json': registryJson([{ id: 'a.b.web', name: 'W', version: '1.0.0', path: 'curated/web' }]),
      'curated/web/manifest.json': manifest('a.b.web'),
      'curated/web/index.mjs': '',
    })
    for (const way of ways) {
      const { changes } = await haal(['install', way, '--dry-run']).json<{ changes: object[] }>()
      expect(changes, way).toMatchObject([{ action: 'add', artifact: 'tool/web', registry: 'acme' }])
    }
    await haal('install a.b.web').succeeds()
    expect(project.json('haal.lock')).toMatchObject({ artifacts: { 'tool/web': { id: 'a.b.web' } } })
    for (const way of ['a.b.web', 'tool/web', 'web']) await haal(['info', way]).succeeds()
    await haal('uninstall a.b.web').succeeds()
    expect(project.json('haal.json')).not.toHaveProperty('artifacts.tool/a.b.web')
  })

  test('[A20 O16] info and why of what is installed mean that one, whatever else has its name', async () => {
    const { folder, haal } = await world()
    await folder('acme', telegrams)
    await haal('install a.channels.telegram').succeeds()
    for (const way of ['telegram', 'a.channels.telegram']) {
      expect(await haal(['info', way]).json()).toMatchObject({ id: 'a.channels.telegram', available: '1.0.0' })
      expect(await haal(['why', way]).json()).toMatchObject({ registry: 'acme', reason: 'the only registry' })
    }
    await haal('info a.integrations.telegram').succeeds()
  })

  test('[A20 O24] a name with a space in it is named like any other, in quotes', async () => {
    const { folder, haal, project, store } = await world()
    await folder('acme', { 'skills/my skill/SKILL.md': skill('my skill'), 'agents/my skill.md': agent('my skill') })
    const { stderr } = await haal(['install', 'my skill']).fails('E_AMBIGUOUS', 4)
    expect(stderr).toMatch(/hint: name one of them: haal install "(skill|agent)\/my skill"\n/)
    await haal(['install', 'skill/my skill']).succeeds()
    expect(project.json('haal.json')).toMatchObject({ artifacts: { 'skill/my skill': '*' } })
    for (const verb of ['info', 'why', 'diff']) await haal([verb, 'skill/my skill']).succeeds()
    await haal(['pin', 'my skill']).succeeds()
    expect((await haal(['update', 'my skill']).succeeds()).stderr).toContain('haal unpin "skill/my skill"')
    expect((await haal(['install', 'skill/my skill@>=7']).fails('E_PINNED', 4)).stderr).toMatch(
      /haal pin "skill\/my skill@>=7", or let it go: haal unpin "skill\/my skill"\n/,
    )
    for (const verb of ['unpin', 'update']) await haal([verb, 'my skill']).succeeds()
    await haal('install --frozen').changesNothing()
    await store.write({ 'policy.json': { policyVersion: 1, artifacts: { deny: ['skill/my skill'] } } })
    expect((await haal('policy check').outcome()).exit).toBe(5)
    await haal(['uninstall', 'my skill']).succeeds()
    await project.lacks('.haal/skills/my skill')
    expect(project.json('haal.json')).not.toHaveProperty('artifacts')
  })

  test.each([
    ['skil/ok', 'E_NOT_FOUND', 3, 'did you mean skill/ok?'],
    ['skil/nope', 'E_NOT_FOUND', 3, 'to install what lies at an address: haal install --all --from skil/nope'],
    ['ok@latest', 'E_REF', 3, 'ask for no version, or for one that it has: a number or a range'],
  ])('[U5] install %s is told the next move', async (name, code, exit, hint) => {
    const { folder, haal } = await world()
    await folder('acme', { 'skills/ok/SKILL.md': skill('ok') })
    expect((await haal(['install', name]).fails(code, exit)).stderr).toContain(`  hint: ${hint}\n`)
  })

  test('[A20] a name that fits several is an error that lists them', async () => {
    const { folder, haal } = await world()
    await folder('acme', { 'skills/plan/SKILL.md': skill('plan'), 'agents/plan.md': agent('plan') })
    const { stderr } = await haal('install plan').fails('E_AMBIGUOUS', 4)
    expect(stderr).toMatch(/"plan" fits 2 artifacts: (skill\/plan, agent\/plan|agent\/plan, skill\/plan)/)
    expect(stderr).toMatch(/hint: name one of them: haal install (skill|agent)\/plan/)
    for (const line of ['info plan', 'why plan', 'copy plan out/'])
      expect((await haal(line).fails('E_AMBIGUOUS', 4)).stderr, line).not.toContain('haal install')
    await haal('install skill/plan agent/plan').succeeds()
    for (const line of ['uninstall plan', 'info plan', 'why plan', 'copy plan out/'])
      expect((await haal(line).fails('E_AMBIGUOUS', 4)).stderr).toMatch(
        /hint: name one of them, for example (skill|agent)\/plan\n/,
      )
  })

  test('[A20 L9] what is about one artifact does not pick one of several that are installed, nor of those of the past', async () => {
    const { folder, haal, project } = await world()
    await folder('acme', { 'skills/plan/SKILL.md': skill('plan'), 'agents/plan.md': agent('plan') })
    await haal('install skill/plan agent/plan').succeeds()
    for (const verb of ['info', 'why', 'rollback'])
      for (const name of ['plan', '*'])
        expect((await haal([verb, name]).fails('E_AMBIGUOUS', 4)).stderr).toContain('fits agent/plan, skill/plan\n')
    expect(await haal(['info', 'skill/*']).json()).toMatchObject({ artifact: 'skill/plan' })
    await haal(['uninstall', '*']).succeeds()
    await haal('rollback plan').fails('E_AMBIGUOUS', 4)
    await haal(['rollback', 'skill/*']).succeeds()
    expect(project.json('haal.lock')).toMatchObject({ artifacts: { 'skill/plan': {} } })
  })

  test('[A20] two extensions of one name are told apart by their ids', async () => {
    const { folder, haal, project } = await world()
    await folder('acme', telegrams)
    const { stderr } = await haal('install telegram').fails('E_AMBIGUOUS', 4)
    expect(stderr).toMatch(/a\.channels\.telegram/)
    expect(stderr).toMatch(/a\.integrations\.telegram/)
    await haal('install a.integrations.telegram').succeeds()
    await project.has({ '.haal/tools/telegram/index.mjs': /integration/ })
    await haal('install').changesNothing()
    await haal('install --frozen').changesNothing()
    await haal('install a.channels.telegram').fails('E_AMBIGUOUS', 4)
  })

  test('[A20 O16] a name goes before an id that is the same word, and that is told; one id of two is told, too', async () => {
    const { folder, haal, project } = await world()
    const entry = (id: string, name: string, kind: string) => ({
      id,
      name,
      kind,
      version: '1.0.0',
      path: `curated/${name}`,
    })
    const persona = (name: string) => ({ id: 'ada', name, version: '1.0.0', baseSystemPrompt: 'x' })
    await folder('acme', {
      'registry.json': {
        extensions: { curated: [entry('beta', 'alpha', 'tool'), entry('com.acme.beta', 'beta', 'tool')] },
        personas: { curated: [entry('ada', 'one', 'persona'), entry('ada', 'two', 'persona')] },
      },
      'registry/curated/alpha/manifest.json': { kind: 'tool' },
      'registry/curated/beta/manifest.json': { kind: 'tool' },
      'registry/curated/one/persona.json': persona('one'),
      'registry/curated/two/persona.json': persona('two'),
    })
    const { stderr } = await haal('install beta').succeeds()
    expect(stderr).toMatch(/"beta" is tool\/beta, not tool\/alpha, whose id it is: haal install tool\/alpha \[W_ID\]/)
    const installed = () => Object.keys(project.json<{ artifacts: object }>('haal.lock').artifacts)
    expect(installed()).toEqual(['tool/beta'])
    const all = await haal('install --all').succeeds()
    expect(all.stderr).toMatch(/acme has the id ada for persona\/one and persona\/two, .* \[W_ID\]/)
    expect(installed()).toEqual(['persona/one', 'persona/two', 'tool/alpha', 'tool/beta'])
    await haal('install --frozen').changesNothing()
    expect(await haal('info beta').json()).toMatchObject({ artifact: 'tool/beta' })
    await haal('install ada').fails('E_AMBIGUOUS', 4)
  })

  test('[A25 A20] each of two extensions of one name is listed with its id, and the installed one is told from the other', async () => {
    const { folder, haal, project } = await world()
    await folder('acme', telegrams)
    await haal('install a.integrations.telegram').succeeds()
    for (const line of ['list --available', 'search telegram']) {
      const { artifacts } = await haal(line).json<{ artifacts: { id: string; installed: boolean }[] }>()
      expect(artifacts.map(({ id, installed }) => [id, installed])).toEqual([
        ['a.channels.telegram', false],
        ['a.integrations.telegram', true],
      ])
    }
    expect(project.read('.haal/.state/names').match(/^available.*telegram$/gm)).toHaveLength(1)
  })

  test('[O24] a name that is not kebab-case is a warning, an error with --strict', async () => {
    const { folder, haal, project } = await world()
    await folder('acme', { 'skills/My_Skill/SKILL.md': skill('My_Skill') })
    await haal('install My_Skill --strict').fails('E_NAME', 6)
    expect((await haal('install My_Skill').succeeds()).stderr).toMatch(/skill\/My_Skill .*kebab-case \[W_NAME\]/)
    await project.has({ '.haal/skills/My_Skill/SKILL.md': /My_Skill/ })
  })

  test('[O24] a name that is unsafe as a path is an error however it is asked for', async () => {
    const { folder, haal } = await world()
    await folder('acme', { 'skills/ok/SKILL.md': skill('ok') })
    for (const name of ['../evil', 'skill/../../evil', 'skill/con', '/etc/passwd', 'C:\\x', 'a/b/../c', 'skill/.git'])
      await haal(['install', name]).fails('E_NAME', 6)
    await haal(['install', 'skill/__proto__']).fails('E_NAME', 6)
    for (const name of ['', 'a\tb', '@1']) await haal(['install', name]).fails('E_USAGE', 2)
  })

  test('[O24] a folder whose name is unsafe is left out of the catalogue, which is said where one looks', async () => {
    const { folder, haal } = await world()
    await folder('acme', { 'skills/aux/SKILL.md': skill('aux'), 'skills/ok/SKILL.md': skill('ok') })
    const listed = await haal('list --available').succeeds()
    expect(listed.stdout).toMatch(/^skill\/ok [^\n]*\n$/)
    expect(listed.stderr).toMatch(/skills\/aux .*W_NAME_UNSAFE/)
    expect((await haal('install ok').succeeds()).stderr).toBe('')
    expect((await haal('search ok').succeeds()).stderr).toMatch(/W_NAME_UNSAFE/)
    await haal('install --all --strict').fails('E_NAME', 6)
  })

  test('[U5] a misspelt artifact, kind or command gets the nearest as a hint', async () => {
    const { folder, haal } = await world()
    await folder('acme', { 'skills/review-code/SKILL.md': skill('review-code') })
    expect((await haal('install review-cod').fails('E_NOT_FOUND', 3)).stderr).toMatch(
      /did you mean skill\/review-code\?/,
    )
    expect((await haal('install agent/review-code').fails('E_NOT_FOUND', 3)).stderr).toMatch(/skill\/review-code/)
    await haal('install review-code').succeeds()
    expect((await haal('uninstall reveiw-code').fails('E_NOT_INSTALLED', 3)).stderr).toMatch(/review-code\?/)
    expect((await haal('instal review-code').fails('E_USAGE', 2)).stderr).toMatch(/did you mean: haal install/)
    expect((await haal('install --al').fails('E_USAGE', 2)).stderr).toMatch(/did you mean --all/)
  })

  test('[U3] what no registry has is told with who asks for it, where that is not the command', async () => {
    const { folder, haal, project } = await world()
    await folder('acme', { 'skills/a/SKILL.md': skill('a') })
    expect((await haal('install other@^1').fails('E_NOT_FOUND', 3)).stderr).toMatch(/no artifact "other" in acme\n/)
    await project.write({ 'haal.json': { ...project.json<object>('haal.json'), artifacts: { gone: '*' } } })
    for (const line of ['install', 'install a', 'update'])
      expect((await haal(line).fails('E_NOT_FOUND', 3)).stderr).toMatch(
        /^error: no artifact "gone" in acme, and haal\.json asks for it\n/,
      )
  })

  test('[U5] what a later registry has is named in the hint', async () => {
    const { folder, haal, project } = await world()
    await folder('first', { 'skills/a/SKILL.md': skill('a') })
    await folder('second', { 'skills/b/SKILL.md': skill('b') })
    await project.write({
      'haal.json': { ...project.json<object>('haal.json'), routes: [{ kind: 'skill', registry: 'first' }] },
    })
    expect((await haal('install skill/b').fails('E_NOT_FOUND', 3)).stderr).toMatch(/second has skill\/b/)
    expect((await haal('install first:skill/b').fails('E_NOT_FOUND', 3)).stderr).toMatch(/second has skill\/b/)
  })
})

describe('versions', () => {
  const versions = {
    '1.0.0': { path: 'v/1.0.0/web' },
    '1.2.0': { path: 'v/1.2.0/web' },
    '1.3.0-beta.1': { path: 'v/1.3.0-beta.1/web' },
    '2.0.0': { path: 'v/2.0.0/web' },
  }
  const indexed: Files = {
    'registry.json': registryJson([{ id: 'a.web', name: 'W', version: '1.2.0', path: 'v/1.2.0/web', versions }]),
    ...Object.fromEntries(
      Object.entries(versions).map(([version, { path }]) => [`${path}/manifest.json`, manifest('a.web', version)]),
    ),
  }
  const asked: [range: string, gets: string][] = [
    ['1.0.0', '1.0.0'],
    ['^1.0.0', '1.2.0'],
    ['~1.0.0', '1.0.0'],
    ['>=1.0.0 <2', '1.2.0'],
    ['1.x', '1.2.0'],
    ['>=1.3.0-alpha', '2.0.0'],
    ['^1.3.0-alpha', '1.3.0-beta.1'],
    ['1.3.0-beta.1', '1.3.0-beta.1'],
    ['>1', '2.0.0'],
    ['*', '1.2.0'],
  ]

  test('[O25 O26] exact, caret, tilde, ranges and prereleases are as node-semver has them', async () => {
    const { folder, haal, project } = await world()
    await folder('acme', indexed)
    for (const [range, gets] of asked) {
      await project.write({ 'haal.json': { ...project.json<object>('haal.json'), artifacts: { 'tool/web': range } } })
      const { changes } = await haal('install --dry-run').json<{ changes: object[] }>()
      expect(changes, range).toMatchObject([{ to: { version: gets } }])
    }
    const { stderr } = await haal('install web@^3').fails('E_NO_VERSION', 3)
    expect(stderr).toMatch(/it has 2\.0\.0, 1\.3\.0-beta\.1, 1\.2\.0, 1\.0\.0/)
  })

  test('[O25] a version that is no semver matches only exactly', async () => {
    const { folder, haal } = await world()
    await folder('acme', { 'skills/old/SKILL.md': skill('old', 'x', { version: 'v1.0' }) })
    await haal('install old@^1').fails('E_NO_VERSION', 3)
    await haal('install old@v1.0').succeeds()
    await haal('install --frozen').changesNothing()
  })
})

describe('patterns', () => {
  test('[U3] one that fits nothing is an error when it is typed, and a warning where haal.json has it', async () => {
    const { folder, haal, project } = await world()
    await folder('acme', { 'skills/a/SKILL.md': skill('a') })
    for (const line of ['install agent/*', 'install x-*', 'install --all --kind tool'])
      await haal(line).fails('E_NOT_FOUND', 3)
    const gone = await haal(['uninstall', 'skill/*']).fails('E_NOT_INSTALLED', 3)
    expect(gone.stderr).toMatch(/^error: nothing that is installed fits "skill\/\*"\n/)
    await project.write({ 'haal.json': { ...project.json<object>('haal.json'), artifacts: { 'agent/*': '*' } } })
    expect((await haal('install').changesNothing()).stderr).toMatch(/fits agent.*W_NO_MATCH/)
  })

  test('[O22] what a marketplace has elsewhere is left out with --allow-missing, with one warning', async () => {
    const { folder, haal } = await world()
    const far = (name: string) => ({ name, source: { source: 'github', repo: `acme/${name}` } })
    await folder('acme', {
      '.claude-plugin/marketplace.json': { name: 'm', owner: { name: 'o' }, plugins: [far('one'), far('two')] },
      'skills/a/SKILL.md': skill('a'),
    })
    expect((await haal('install --all --offline').fails('E_OFFLINE', 7)).stderr).toMatch(
      /hint: .*, or leave it out with --allow-missing\n/,
    )
    const { stderr, stdout } = await haal('install --all --offline --allow-missing').succeeds()
    expect(stdout).toMatch(/^\+ skill\/a /)
    expect(stderr).toMatch(
      /^warning: acme lists 2 artifacts whose source does not answer.*: plugin\/one, plugin\/two \[W_REGISTRY_MISSING\]\n$/,
    )
  })
})

describe('names that meet', () => {
  test('[S1] two that are one on some platforms are not installed together', async () => {
    const { folder, haal } = await world()
    await folder('acme', { 'skills/Foo/SKILL.md': skill('Foo'), 'skills/foo/SKILL.md': skill('foo') })
    expect((await haal('install Foo foo').fails('E_PATH_COLLISION', 6)).stderr).toMatch(/skill\/Foo and skill\/foo/)
    await haal('install foo').succeeds()
    await haal('install Foo').fails('E_PATH_COLLISION', 6)
  })

  test('[S1 L6] a haal.lock that has both is not installed', async () => {
    const { folder, haal, project } = await world()
    await folder('acme', { 'skills/foo/SKILL.md': skill('foo') })
    await haal('install foo').succeeds()
    const lock = project.json<{ artifacts: Record<string, object> }>('haal.lock')
    await project.write({
      'haal.json': { ...project.json<object>('haal.json'), artifacts: { 'skill/Foo': '*', 'skill/foo': '*' } },
      'haal.lock': { ...lock, artifacts: { 'skill/Foo': lock.artifacts['skill/foo'], ...lock.artifacts } },
    })
    await haal('install --frozen').fails('E_PATH_COLLISION', 6)
  })

  test('[S4 A20] an artifact that is asked for from another registry comes from there from now on', async () => {
    const { folder, haal, project } = await world()
    await folder('first', { 'skills/x/SKILL.md': skill('x', 'first', { version: '1.0.0' }) })
    const second = await folder('second', { 'skills/x/SKILL.md': skill('x', 'second', { version: '3.0.0' }) })
    await haal('install x').succeeds()
    expect((await haal('install second:x').succeeds()).stdout).toMatch(/^~ skill\/x +1\.0\.0 → 3\.0\.0 +\(second\)/)
    expect(project.json('haal.json')).toMatchObject({ artifacts: { 'second:skill/x': '^3.0.0' } })
    expect(project.json('haal.json')).not.toHaveProperty(['artifacts', 'skill/x'])
    await haal('install').changesNothing()
    await haal('install x').changesNothing()
    await second.write({ 'skills/x/SKILL.md': skill('x', 'newer', { version: '3.1.0' }) })
    await haal('update').succeeds()
    await project.has({ '.haal/skills/x/SKILL.md': /newer/ })
    await haal('uninstall x').succeeds()
    expect(project.json('haal.json')).not.toHaveProperty(['artifacts', 'second:skill/x'])
    await haal('install x second:x').fails('E_AMBIGUOUS', 4)
    await haal('install x').succeeds()
    for (const both of ['first:x second:x', 'second:x first:x'])
      expect((await haal(`install ${both}`).fails('E_AMBIGUOUS', 4)).stderr).toMatch(
        /two artifacts would be skill\/x: /,
      )
  })

  test.each([
    ['x', '1.1.0', '^1.0.0'],
    ['second:x', '1.1.0', '^1.0.0'],
    ['x@1.0.0', '1.0.0', '1.0.0'],
    ['skill/x@2', '2.0.0', '2'],
  ])('[S4 A20] %s is taken from the registry that haal.json names for it', async (asked, version, range) => {
    const at = await world()
    await at.folder('first', { 'skills/x/SKILL.md': skill('x', 'first', { version: '1.0.0' }) })
    const of = (v: string) => ({ 'skills/x/SKILL.md': skill('x', 'second', { version: v }) })
    const second = await at.git('second', of('1.0.0'), { tag: 'v1.0.0' })
    for (const v of ['1.1.0', '2.0.0']) await second.commit(of(v), { tag: `v${v}` })
    const now = at.project.json<Record<string, unknown>>('haal.json')
    await at.project.write({ 'haal.json': { ...now, artifacts: { 'second:skill/x': '^1.0.0' } } })
    await at.haal(['install', asked]).succeeds()
    expect(at.project.json('haal.lock')).toMatchObject({ artifacts: { 'skill/x': { registry: 'second', version } } })
    expect(at.project.json('haal.json')).toMatchObject({ artifacts: { 'second:skill/x': range } })
    await at.haal('install').changesNothing()
  })

  test('[S4 A20] what is asked for by its id from another registry comes from there, too', async () => {
    const { folder, haal, project } = await world()
    const web = (version: string): Files => ({
      'registry.json': registryJson([{ id: 'a.web', name: 'Web', version, path: 'curated/web' }]),
      'registry/curated/web/index.mjs': `export const version = '${version}'\n`,
    })
    await folder('first', web('1.0.0'))
    await folder('second', web('3.0.0'))
    await haal('install a.web').succeeds()
    await haal('install second:a.web').succeeds()
    expect(project.json('haal.lock')).toMatchObject({
      artifacts: { 'tool/web': { registry: 'second', version: '3.0.0' } },
    })
    expect(project.json('haal.json')).toMatchObject({ artifacts: { 'second:tool/a.web': '^3.0.0' } })
    await haal('install').changesNothing()
    await haal('install --frozen').changesNothing()
  })

  const routings: [name: string, text: string][] = [
    ['routes', 'routes: [{ kind: "skill", registry: "second" }]'],
    ['defaultRegistries', 'defaultRegistries: { skill: "second" }'],
    ['a resolver', 'resolver: (kind) => (kind === "skill" ? "second" : null)'],
  ]
  for (const [name, text] of routings)
    test(`[A28 A30 L4 L5] ${name}, changed later, is what update follows; install leaves what is locked`, async () => {
      const { folder, haal, project } = await world()
      for (const each of ['first', 'second']) await folder(each, { 'skills/x/SKILL.md': skill('x', `of ${each}`) })
      const config = (more: string) =>
        `export default { ...${project.read('haal.json')}, artifacts: { 'skill/x': '*' }, ${more} }\n`
      await project.write({ 'haal.config.mjs': config('') })
      await haal('install --config haal.config.mjs').succeeds()
      await project.write({ 'haal.config.mjs': config(text) })
      for (const line of ['install', 'install --frozen'])
        await haal(`${line} --config haal.config.mjs`).changesNothing()
      const { stdout } = await haal('why x --config haal.config.mjs').succeeds()
      expect(stdout).toMatch(/comes from first: haal\.lock says so; today second would answer/)
      const { stderr } = await haal('update --config haal.config.mjs').succeeds()
      expect(stderr).toContain('skill/x comes from second now; it came from first')
      await project.has({ '.haal/skills/x/SKILL.md': /of second/ })
      await haal('install --frozen --config haal.config.mjs').changesNothing()
    })

  test('[L5 O36] what an update would put under another name is outdated, the same bytes though they are', async () => {
    const { folder, haal, project } = await world()
    const at = (name: string): Files => ({
      'registry.json': registryJson([{ id: 'a.web', name: 'W', version: '1.0.0', path: `curated/${name}` }]),
      [`curated/${name}/index.mjs`]: 'export {}\n',
    })
    const acme = await folder('acme', at('web'))
    await haal('install a.web').succeeds()
    await acme.write({ ...at('net'), 'curated/web/index.mjs': null })
    const { artifacts } = await haal('outdated').json<{ artifacts: object[] }>()
    expect(artifacts).toMatchObject([{ artifact: 'tool/web', changed: true }])
    await haal('update').succeeds()
    await project.has({ '.haal/tools/net/index.mjs': 'export {}\n' })
    await project.lacks('.haal/tools/web')
    expect(await haal('outdated').json()).toMatchObject({ artifacts: [] })
  })

  test('[O36] an artifact may turn from a file into a folder and back', async () => {
    const { folder, haal, project } = await world()
    const acme = await folder('acme', { 'agents/r.md': agent('r') })
    await haal('install r').succeeds()
    await acme.write({ 'agents/r.md': null, 'agents/r/AGENT.md': agent('r', 'folder') })
    await haal('update').succeeds()
    expect(Object.keys(project.tree('.haal/agents'))).toEqual(['r', 'r/AGENT.md'])
    await haal('install --frozen').changesNothing()
    await haal('rollback').succeeds()
    expect(Object.keys(project.tree('.haal/agents'))).toEqual(['r.md'])
    await haal('verify').succeeds()
  })
})
