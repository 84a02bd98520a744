import { expect } from 'vitest'
import { needs, skill, world } from '../world/index.js'
import { configure, lockOf } from './ground.js'

const review = 'skills/review/SKILL.md'
const installed = '.haal/skills/review/SKILL.md'

/** Both ways to speak git do the same. The Windows of Wine has no git of its own. */
for (const engine of process.env.HAAL_TEST_WINDOWS ? ['embedded'] : ['system', 'embedded']) {
  const gitWorld = async () => {
    const at = await world()
    at.setEnv({ HAAL_GIT: engine })
    return at
  }

  needs('git')(`[A3 A9] two branches with other bytes give two results (${engine} git)`, async () => {
    const { haal, project, git } = await gitWorld()
    const acme = await git('acme', { [review]: skill('review', 'on main') }, { entry: { branch: 'production' } })
    await acme.commit({ [review]: skill('review', 'in production') }, { branch: 'production' })
    await haal('install review').succeeds()
    await project.has({ [installed]: /in production/ })
    await configure(project, { registries: [{ name: 'acme', type: 'git', location: acme.url, branch: 'main' }] })
    await haal('update review').succeeds()
    await project.has({ [installed]: /on main/ })
  })

  needs('git')(`[A4] without a branch it is the HEAD of the server, whatever main holds (${engine} git)`, async () => {
    const { haal, project, git } = await gitWorld()
    const acme = await git('acme', { [review]: skill('review', 'on trunk') }, { branch: 'trunk' })
    await acme.commit({ [review]: skill('review', 'stale') }, { branch: 'main' })
    await haal('install review').succeeds()
    await project.has({ [installed]: /on trunk/ })
  })

  needs('git')(`[A5 O19] a ref is a branch, a tag, a version or a commit (${engine} git)`, async () => {
    const { haal, project, git } = await gitWorld()
    const acme = await git('acme', { [review]: skill('review', 'v1') }, { tag: 'v1.0.0' })
    await acme.commit({ [review]: skill('review', 'v2') })
    acme.git('tag', '-a', '-m', 'two', 'v2.0.0')
    const second = acme.sha()
    await acme.commit({ [review]: skill('review', 'v3') })
    const refs = { 'v1.0.0': 'v1', '1.0.0': 'v1', 'v2.0.0': 'v2', [second]: 'v2', main: 'v3', 'refs/tags/v1.0.0': 'v1' }
    for (const [ref, body] of Object.entries(refs)) {
      await configure(project, {
        registries: [{ name: 'acme', type: 'git', location: acme.url, ref }],
        artifacts: { 'skill/review': '*' },
      })
      await haal('update').succeeds()
      await project.has({ [installed]: new RegExp(`^${body}$`, 'm') })
    }
    expect(lockOf(project).registries.acme).toMatchObject({ ref: 'refs/tags/v1.0.0', revision: acme.sha('v1.0.0') })
  })

  needs('git')(`[O19] a tag of a whole repository is a ref of each artifact in it (${engine} git)`, async () => {
    const { haal, project, git } = await gitWorld()
    const other = { 'skills/other/SKILL.md': skill('other') }
    const acme = await git('acme', { ...other, [review]: skill('review', 'one') }, { tag: 'v1.0.0' })
    await acme.commit({ [review]: skill('review', 'two') }, { tag: '2024' })
    await acme.commit({ [review]: skill('review', 'three') })
    for (const [tag, body] of [
      ['v1.0.0', 'one'],
      ['2024', 'two'],
    ]) {
      await haal(`install review@${tag}`).succeeds()
      await project.has({ [installed]: new RegExp(`^${body}$`, 'm') })
      await haal('install').changesNothing()
      await haal('install --frozen').succeeds()
    }
    await haal('install review@v3.0.0').fails('E_NO_VERSION', 3)
  })

  needs('git')(`[O19] a ref that does not exist is an error, nothing written (${engine} git)`, async () => {
    const { haal, git } = await gitWorld()
    await git('acme', { [review]: skill('review') }, { entry: { ref: 'v9.9.9' } })
    const { stderr } = await haal('install review').fails('E_REF', 3)
    expect(stderr).toMatch(/acme.*v9\.9\.9/)
  })

  needs('git', 'openssl')(`[A10] a token opens a private repository over https (${engine} git)`, async () => {
    const { haal, project, git, secret, setEnv } = await gitWorld()
    const password = secret()
    const access = { user: 'git', password }
    const acme = await git('acme', { [review]: skill('review') }, { access, tls: true, entry: { token: '${ACME}' } })
    setEnv({ ACME: password, HAAL_TRUSTED_ORIGINS: acme.server.origin })
    await haal('install review').succeeds()
    await project.has({ [installed]: /How to review/ })
    const wrong = await haal('install review --refresh', { env: { ACME: `${password.slice(0, -1)}0` } }).outcome()
    expect(wrong.exit).toBe(0)
  })

  needs('git')(`[A10] a bearer token and a user with a password open a repository, too (${engine} git)`, async () => {
    const { haal, project, git, secret, setEnv } = await gitWorld()
    const [bearer, password] = [secret('bearer'), secret('password')]
    const a = await git('a', { 'skills/one/SKILL.md': skill('one') }, { access: { bearer }, entry: { token: '${A}' } })
    const access = { user: 'ada', password }
    await git('b', { 'skills/two/SKILL.md': skill('two') }, { access, entry: { token: '${B}' } })
    setEnv({ A: bearer, B: `ada:${password}`, HAAL_TRUSTED_ORIGINS: a.server.origin })
    await haal('install one two').succeeds()
    await project.has({ '.haal/skills/one/SKILL.md': /one/, '.haal/skills/two/SKILL.md': /two/ })
  })

  needs('git')(`[A6 S3] without access the error names the registry and the variable (${engine} git)`, async () => {
    const { haal, git, secret, setEnv } = await gitWorld()
    const options = { access: { bearer: secret() }, entry: { token: '${ACME_TOKEN}' } }
    const acme = await git('acme', { [review]: skill('review') }, options)
    setEnv({ ACME_TOKEN: 'wrong-token', HAAL_TRUSTED_ORIGINS: acme.server.origin })
    const { stderr } = await haal('install review').fails('E_ACCESS', 7)
    expect(stderr).toMatch(/acme.*not found or no access/)
    expect(stderr).toMatch(/ACME_TOKEN/)
  })

  needs('git')(`[O26] of all tagged versions the newest in range comes (${engine} git)`, async () => {
    const { haal, project, git } = await gitWorld()
    const acme = await git('acme', { [review]: skill('review', 'one') }, { tag: 'v1.0.0' })
    for (const [version, body] of Object.entries({ '1.1.0': 'one-one', '1.2.0-rc.1': 'rc', '2.0.0': 'two' }))
      await acme.commit({ [review]: skill('review', body) }, { tag: `v${version}` })
    await acme.commit({ [review]: skill('review', 'untagged') })
    await haal('install review@^1.0.0').succeeds()
    await project.has({ [installed]: /^one-one$/m, 'haal.json': /"skill\/review": "\^1\.0\.0"/ })
    expect(lockOf(project).artifacts['skill/review']).toMatchObject({ version: '1.1.0' })
    await haal('install review@1.2.0-rc.1').succeeds()
    await project.has({ [installed]: /^rc$/m })
    const { stderr } = await haal('install review@^3.0.0').fails('E_NO_VERSION', 3)
    expect(stderr).toMatch(/2\.0\.0, 1\.2\.0-rc\.1, 1\.1\.0, 1\.0\.0/)
  })

  needs('git')(`of several tags at one commit the newest version is its label (${engine} git)`, async () => {
    const { haal, project, git } = await gitWorld()
    const acme = await git('acme', { [review]: skill('review') }, { tag: 'v1.0.0-rc.1' })
    for (const tag of ['v1.10.0', 'v1.9.0', 'stable']) await acme.tag(tag)
    await haal('install review').succeeds()
    expect(lockOf(project).artifacts['skill/review']).toMatchObject({ version: '1.10.0' })
    await project.has({ 'haal.json': /"skill\/review": "\^1\.10\.0"/ })
  })

  needs('git')(
    `the label of a plugin elsewhere is a tag at its commit there, and in a range (${engine} git)`,
    async () => {
      const { folder, git, haal, project } = await gitWorld()
      const whole = await git('whole', { 'README.md': 'x' }, { tag: 'v1.2.0', listed: false })
      const parts = await git('parts', { 'kit/README.md': 'x' }, { tag: 'kit/v2.0.0', listed: false })
      await parts.tag('v9.0.0')
      const plugins = [
        { name: 'all', strict: false, source: { source: 'url', url: whole.url, sha: whole.sha('HEAD') } },
        { name: 'kit', strict: false, source: { source: 'git-subdir', url: parts.url, path: 'kit' } },
      ]
      await folder('market', { '.claude-plugin/marketplace.json': { name: 'acme', plugins } })
      await whole.commit({ 'README.md': 'y' }, { tag: 'v1.3.0' })
      await haal('install all kit').succeeds()
      const { artifacts } = lockOf(project)
      expect([artifacts['plugin/all']?.version, artifacts['plugin/kit']?.version]).toEqual(['1.2.0', '2.0.0'])
      expect((await haal('update').succeeds()).stderr).toBe('')
      await parts.commit({ 'kit/README.md': 'z' }, { tag: 'kit/v2.1.0' })
      await haal('update').succeeds()
      expect(lockOf(project).artifacts['plugin/kit']?.version).toBe('2.1.0')
    },
  )

  needs('git')(
    `[O19 U3] a plugin that is listed at a branch or commit which is not there is told with its repository (${engine} git)`,
    async () => {
      const { folder, git, haal } = await gitWorld()
      const { url } = await git('parts', { 'README.md': 'x' }, { listed: false })
      const plugins = [
        { name: 'branch', source: { source: 'url', url, ref: 'nope' } },
        { name: 'commit', source: { source: 'url', url, ref: 'main', sha: 'f'.repeat(40) } },
      ]
      await folder('market', { '.claude-plugin/marketplace.json': { name: 'acme', plugins } })
      for (const [name, ref] of Object.entries({ branch: 'nope', commit: 'f'.repeat(40) })) {
        const { stderr } = await haal(`install ${name}`).fails('E_REF', 3)
        expect(stderr).toContain(`market lists plugin/${name} at ${ref} of ${url}, and that is not there`)
        expect(stderr).toContain('hint: it is for the owner of market to mend')
      }
    },
  )

  needs('git')(`[O26] a version that no tag names is found in the history of the path (${engine} git)`, async () => {
    const { haal, project, git } = await gitWorld()
    const labelled = (version: string, body: string) => skill('review', body, { version })
    const acme = await git('acme', { [review]: labelled('1.0.0', 'one'), 'skills/other/SKILL.md': skill('other') })
    await acme.commit({ [review]: labelled('1.0.0', 'one again') })
    await acme.commit({ 'skills/other/SKILL.md': skill('other', 'changed') })
    await acme.commit({ [review]: labelled('2.0.0', 'two') })
    await haal('install review@^1.0.0').succeeds()
    await project.has({ [installed]: /^one again$/m })
  })

  needs('git')(`[O34] rollback brings back what upstream has rewritten and deleted (${engine} git)`, async () => {
    const { haal, project, git, store } = await gitWorld()
    const acme = await git('acme', { [review]: skill('review', 'one') }, { tag: 'v1.0.0' })
    await haal('install review@*').succeeds()
    const before = project.tree('.haal/skills')
    await acme.rewrite({ [review]: skill('review', 'two') })
    await acme.deleteRef('v1.0.0')
    await haal('update review').succeeds()
    await project.has({ [installed]: /^two$/m })
    await store.remove('cache')
    await haal('rollback').succeeds()
    expect(project.tree('.haal/skills')).toEqual(before)
    await haal('install --frozen').succeeds()
  })
}
