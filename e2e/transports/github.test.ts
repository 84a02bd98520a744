import fs from 'node:fs'
import { expect } from 'vitest'
import { needs, skill, type World, world } from '../world/index.js'
import { configure, lockOf } from './ground.js'

const review = 'skills/review/SKILL.md'
const installed = '.haal/skills/review/SKILL.md'
const files = (body = 'How to review.') => ({ [review]: skill('review', body) })

const ask = (at: World, entry: Record<string, unknown>) =>
  configure(at.project, { registries: [{ name: 'hub', type: 'github', ...entry }], artifacts: { 'skill/review': '*' } })

needs('git', 'openssl')('[A2] an artifact comes from a public repository: one question, one archive', async () => {
  const at = await world()
  const hub = await at.github('acme/skills', files(), { publicHost: true })
  await at.haal('install review').succeeds()
  await at.project.has({ [installed]: /How to review/ })
  expect(lockOf(at.project).registries.skills).toMatchObject({
    type: 'github',
    location: 'acme/skills',
    revision: hub.sha(),
  })
  const asked = hub.api.paths().filter((path) => !path.includes('/tags'))
  expect(asked).toEqual(['/repos/acme/skills/commits/HEAD', `/repos/acme/skills/tarball/${hub.sha()}`])
})

needs('git')('[A3 A4 A5 O19] branch, HEAD, tag, version and commit of a GitHub repository', async () => {
  const at = await world()
  const hub = await at.github('acme/skills', files('v1'), { branch: 'trunk', tag: 'v1.0.0' })
  const first = hub.sha()
  await hub.commit(files('v2'))
  await hub.commit(files('side'), { branch: 'side' })
  await hub.commit(files('stale'), { branch: 'main' })
  const refs = { side: 'side', 'v1.0.0': 'v1', '1.0.0': 'v1', [first]: 'v1', main: 'stale' }
  for (const [ref, body] of [['', 'v2'], ...Object.entries(refs)]) {
    await ask(at, { location: hub.location, ...(ref !== '' && { branch: ref }) })
    await at.haal('update').succeeds()
    await at.haal('install').succeeds()
    await at.project.has({ [installed]: new RegExp(`^${body}$`, 'm') })
  }
  await ask(at, { location: hub.location, ref: 'v9.9.9' })
  await at.haal('update').fails('E_REF', 3)
})

needs('git', 'openssl')(
  '[A6] a private repository needs the token; without it the error says which variable',
  async () => {
    const at = await world()
    const token = at.secret()
    await at.github('acme/private', files(), { token, publicHost: true })
    const { stderr } = await at.haal('install review').fails('E_ACCESS', 7)
    expect(stderr).toMatch(/"private".*not found or no access/)
    expect(stderr).toMatch(/GITHUB_TOKEN/)
    await at.haal('install review', { env: { GH_TOKEN: `${token}-wrong` } }).fails('E_ACCESS', 7)
    for (const variable of ['GITHUB_TOKEN', 'GH_TOKEN']) {
      await at.haal('install review --refresh', { env: { [variable]: token } }).succeeds()
      await at.haal('uninstall review', { env: { [variable]: token } }).succeeds()
    }
  },
)

needs('git')('[A6 A7] a token of one’s own variable reads a private repository of GitHub Enterprise', async () => {
  const at = await world()
  const token = at.secret()
  const hub = await at.github('acme/private', files(), { token, listed: false })
  await ask(at, { location: 'acme/private', baseUrl: hub.api.origin, token: '${GHE_TOKEN}' })
  at.setEnv({ GHE_TOKEN: token, HAAL_TRUSTED_ORIGINS: hub.api.origin })
  await at.haal('install').succeeds()
  await at.project.has({ [installed]: /review/ })
  expect(hub.api.paths()[0]).toBe('/api/v3/repos/acme/private/commits/HEAD')
  expect(hub.codeload.requests.filter(({ headers }) => headers.authorization !== undefined)).toEqual([])
})

needs('git')('[S4] haal.lock says at which GitHub a repository is', async () => {
  const at = await world()
  const hub = await at.github('acme/skills', files(), { listed: false })
  await ask(at, { location: 'acme/skills', baseUrl: hub.api.origin })
  await at.haal('install').succeeds()
  const location = `https://${new URL(hub.api.origin).host}/acme/skills`
  expect(lockOf(at.project).registries.hub).toMatchObject({ type: 'github', location })
  await ask(at, { location })
  await at.haal('install --frozen').succeeds()
  await ask(at, { location: 'acme/skills' })
  await at.haal('install --frozen').fails('E_LOCK_SOURCE', 2)
})

needs('git', 'openssl')('a used-up rate limit is told with the time it ends, and what helps', async () => {
  const at = await world()
  const hub = await at.github('acme/skills', files(), { publicHost: true, token: at.secret() })
  hub.refuse({ limitUntil: 1_900_000_000 })
  const { stderr } = await at.haal('install review').fails('E_REGISTRY_UNAVAILABLE', 7)
  expect(stderr).toMatch(/rate limit is used up until 2030-03-17T17:46:40Z/)
  expect(stderr).toMatch(/GITHUB_TOKEN/)
})

needs('git')('where the API is closed, the same repository is read through git', async () => {
  const at = await world()
  const hub = await at.github('acme/skills', files())
  hub.refuse({ limitUntil: 1_900_000_000 })
  await at.haal('install review').succeeds()
  await at.project.has({ [installed]: /How to review/ })
  const byGit = lockOf(at.project).artifacts['skill/review']
  expect(lockOf(at.project).registries.skills).toMatchObject({ type: 'github', revision: hub.sha() })
  hub.refuse(undefined)
  await at.project.write({ 'haal.lock': null, '.haal': null })
  await at.haal('install').succeeds()
  expect(lockOf(at.project).artifacts['skill/review']).toEqual(byGit)
})

for (const HAAL_GIT of ['system', 'embedded'])
  needs('git')(
    `[A41] what the ${HAAL_GIT} git has fetched while the API was closed is there without a network, too`,
    async () => {
      const at = await world()
      const hub = await at.github('acme/skills', files())
      at.setEnv({ HAAL_GIT })
      hub.refuse({ limitUntil: 1_900_000_000 })
      await at.haal('install review').succeeds()
      await hub.api.stop()
      await at.project.write({ 'haal.lock': null, '.haal': null })
      await at.store.remove('store')
      await at.haal('install --offline').succeeds()
      await at.project.has({ [installed]: /How to review/ })
      await at.haal('cache clean').succeeds()
      await at.haal('list --available --offline').fails('E_OFFLINE', 7)
    },
  )

needs('git')(
  '[A2 S2] a repository that is too much for an archive is read through git, and the archive is asked for once',
  async () => {
    const at = await world()
    const hub = await at.github('acme/skills', { ...files(), 'assets/blank.bin': Buffer.alloc(8 * 1024 * 1024) })
    await at.haal('install review').succeeds()
    await at.project.has({ [installed]: /How to review/ })
    await hub.commit(files('two'))
    await at.haal('update').succeeds()
    await at.project.has({ [installed]: /^two$/m })
    expect(hub.codeload.requests).toHaveLength(1)
  },
)

needs('git')('[A27 A2] files are those of the repository, whatever .gitattributes asks of an archive', async () => {
  const at = await world()
  const hub = await at.github('acme/skills', {
    ...files(),
    '.gitattributes': '# docs\n*.md text eol=lf -ident\n',
    'skills/review/.gitattributes': '*.bat text eol=crlf\nnotes.txt export-ignore\n',
    'skills/review/run.bat': 'echo one\necho two\n',
    'skills/review/notes.txt': 'kept\n',
  })
  await at.haal('install review').succeeds()
  const folder = '.haal/skills/review'
  expect(at.project.read(`${folder}/run.bat`)).toBe('echo one\necho two\n')
  await at.project.has({ [`${folder}/notes.txt`]: /kept/ })
  hub.refuse({ limitUntil: 1_900_000_000 })
  fs.rmSync(at.store.path, { recursive: true })
  await at.project.remove('.haal')
  await at.haal('install --frozen').succeeds()
  await at.haal('verify').succeeds()
})

needs('git')('[O26] ranges are answered from tags of a GitHub repository, and from a path’s history', async () => {
  const at = await world()
  const labelled = (version: string, body: string) => ({ [review]: skill('review', body, { version }) })
  const hub = await at.github(
    'acme/skills',
    { ...files('one'), 'skills/a/SKILL.md': skill('a') },
    { tag: 'review@1.0.0' },
  )
  await hub.commit(files('two'), { tag: 'review@1.1.0' })
  await hub.commit(labelled('2.0.0', 'history'))
  await hub.commit(labelled('3.0.0', 'head'))
  await at.haal('install review@^1.0.0').succeeds()
  await at.project.has({ [installed]: /^two$/m })
  await at.haal('install review@^2.0.0').succeeds()
  await at.project.has({ [installed]: /^history$/m })
  const { stdout } = await at.haal('outdated').succeeds()
  expect(stdout).toMatch(/3\.0\.0/)
})

needs('git')('an archive of another commit than was asked for is refused', async () => {
  const at = await world()
  const hub = await at.github('acme/skills', files('right'))
  const first = hub.sha()
  await hub.commit(files('other'))
  const { http } = at
  const between = await http({
    '*': async ({ path, headers }) => {
      const answer = await fetch(`${hub.api.origin}${path.replace(first, hub.sha())}`, {
        headers: { accept: headers.accept ?? '*/*' },
      })
      return { status: answer.status, body: Buffer.from(await answer.arrayBuffer()) }
    },
  })
  await ask(at, { location: 'acme/skills', baseUrl: between.origin, ref: first })
  await at.haal('install').fails('E_INTEGRITY', 6)
})
