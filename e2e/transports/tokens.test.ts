import { expect, test } from 'vitest'
import { needs, skill, world } from '../world/index.js'
import { keys } from '../world/terminal.js'
import { configure } from './ground.js'

const review = { 'skills/review/SKILL.md': skill('review') }
const installed = '.haal/skills/review/SKILL.md'

needs('git')('[A7] an unset variable stops the command before any request', async () => {
  const { haal, git } = await world()
  const acme = await git('acme', review, { entry: { token: '${ACME_TOKEN}' } })
  for (const env of [{}, { ACME_TOKEN: '' }, { ACME_TOKEN: '  ' }]) {
    const { stderr } = await haal('install review', { env }).fails('E_TOKEN_UNSET', 2)
    expect(stderr).toMatch(/acme.*ACME_TOKEN/)
  }
  expect(acme.server.requests).toEqual([])
})

needs('git')('[S7] a token that a project names goes nowhere before somebody outside it agrees', async () => {
  const { haal, project, store, git, secret } = await world()
  const token = secret()
  const acme = await git('acme', review, { access: { bearer: token }, entry: { token: '${ACME_TOKEN}' } })
  const env = { ACME_TOKEN: token }
  const { stderr } = await haal('install review', { env }).fails('E_TOKEN_UNTRUSTED', 2)
  expect(stderr).toContain('haal trust acme')
  expect(acme.server.requests).toEqual([])
  await haal('trust acme', { env }).succeeds()
  await store.has({ 'trust.json': { trustVersion: 1, origins: { [acme.server.origin]: ['ACME_TOKEN'] } } })
  await haal('install review', { env }).succeeds()
  await project.has({ [installed]: /review/ })
})

needs('git')('[S7] trust is for one variable at one origin', async () => {
  const { haal, project, git, http, secret } = await world()
  const token = secret()
  const acme = await git('acme', review, { access: { bearer: token }, entry: { token: '${ACME_TOKEN}' } })
  await haal('trust acme').succeeds()
  const evil = await http({})
  const env = { ACME_TOKEN: token, OTHER: token }
  await configure(project, {
    registries: [{ name: 'acme', type: 'url', location: evil.origin, token: '${ACME_TOKEN}' }],
  })
  await haal('install review', { env }).fails('E_TOKEN_UNTRUSTED', 2)
  await configure(project, { registries: [{ name: 'acme', type: 'git', location: acme.url, token: '${OTHER}' }] })
  await haal('install review', { env }).fails('E_TOKEN_UNTRUSTED', 2)
  expect([...evil.requests, ...acme.server.requests]).toEqual([])
})

needs('git')('[S7] HAAL_TRUSTED_ORIGINS, a policy of the person and the table of GitHub bind tokens, too', async () => {
  const { haal, store, git, secret } = await world()
  const token = secret()
  const acme = await git('acme', review, { access: { bearer: token }, entry: { token: '${ACME_TOKEN}' } })
  const env = { ACME_TOKEN: token }
  await haal('install review --dry-run', { env: { ...env, HAAL_TRUSTED_ORIGINS: acme.server.origin } }).succeeds()
  await store.write({ 'policy.json': { policyVersion: 1, registries: { allow: [{ origin: acme.server.origin }] } } })
  await haal('install review', { env }).succeeds()
})

needs('git', 'script')('[S7] on a terminal a person is asked once, and the answer is kept', async () => {
  const { haal, project, git, secret } = await world()
  const token = secret()
  await git('acme', review, { access: { bearer: token }, entry: { token: '${ACME_TOKEN}' } })
  const env = { ACME_TOKEN: token }
  const no = haal('install review', { env }).terminal()
  await no.until(/ACME_TOKEN would be sent to http:\/\/127[\s\S]*y\/N/)
  no.type('n', keys.enter)
  expect((await no.outcome).exit).toBe(2)
  await project.lacks('.haal')
  const yes = haal('install review', { env }).terminal()
  await yes.until(/would be sent[\s\S]*y\/N/)
  yes.type('y', keys.enter)
  expect((await yes.outcome).exit).toBe(0)
  await project.has({ [installed]: /review/ })
  await haal('update', { env }).succeeds()
})

needs('git', 'script')('[S7] --yes is no answer to that question', async () => {
  const { haal, git, secret } = await world()
  await git('acme', review, { entry: { token: '${ACME_TOKEN}' } })
  const asked = haal('install review --yes', { env: { ACME_TOKEN: secret() } }).terminal()
  await asked.until(/would be sent[\s\S]*y\/N/)
  asked.type(keys.ctrlC)
  expect((await asked.outcome).exit).toBe(130)
})

needs('git')(
  '[A43] a token that stands in the project itself is a warning that names the field, not the value',
  async () => {
    const { haal, git } = await world()
    const token = 'literal-9f2c77d0a1b2'
    await git('acme', review, { access: { bearer: token }, entry: { token } })
    const { stderr, stdout } = await haal('install review').succeeds()
    expect(stderr).toMatch(/registries\[0\].*"token" holds the token itself/)
    expect(stderr + stdout).not.toContain(token)
    const json = await haal('install review --json').succeeds()
    expect(json.stdout).not.toContain(token)
  },
)

test.each(['${ACME', '$ACME', '${ACME}${B}', 'undefined', 'null'])(
  '[A7] a token reference that is misspelt is never sent: %s',
  async (token) => {
    const { haal, project, http } = await world()
    const server = await http({})
    await configure(project, { registries: [{ name: 'acme', type: 'url', location: server.origin, token }] })
    await haal('install review', { env: { ACME: 'canary' } }).fails('E_CONFIG', 2)
    expect(server.requests).toEqual([])
  },
)

test('[A15 S7] K01 a redirect to another origin takes no token along', async () => {
  const { haal, project, http, secret, setEnv } = await world()
  const token = secret()
  const thief = await http({ '*': { status: 404 } })
  const web = await http({ '*': ({ path }) => ({ status: 302, headers: { location: `${thief.origin}${path}` } }) })
  await configure(project, { registries: [{ name: 'web', type: 'url', location: web.origin, token: '${WEB_TOKEN}' }] })
  setEnv({ WEB_TOKEN: token, HAAL_TRUSTED_ORIGINS: `${web.origin},${thief.origin}` })
  await haal('install review').fails('E_ACCESS', 7)
  expect(web.requests[0]?.headers.authorization).toBe(`Bearer ${token}`)
  expect(thief.requests.length).toBeGreaterThan(0)
  expect(thief.requests.filter(({ headers }) => JSON.stringify(headers).includes(token))).toEqual([])
})

test('[S7] K03 a token goes to its origin below the registry, not to another port, scheme or path', async () => {
  const { haal, project, http, archive, secret, setEnv } = await world()
  const token = secret()
  const { readFileSync } = await import('node:fs')
  const packed = readFileSync(await archive('review', { 'SKILL.md': skill('review') }))
  const other = await http({ '/review.tgz': packed })
  const entry = (name: string, archiveUrl: string) => ({
    id: name,
    name,
    version: '1.0.0',
    path: name,
    archive: archiveUrl,
  })
  const web = await http({ '/ext/review.tgz': packed, '/else/review.tgz': packed })
  const index = (archiveUrl: string) => ({
    body: JSON.stringify({ skills: { curated: [entry('review', archiveUrl)] } }),
  })
  web.routes['/ext/registry.json'] = index(`${web.origin}/else/review.tgz`)
  await configure(project, {
    registries: [{ name: 'web', type: 'url', location: `${web.origin}/ext`, token: '${WEB_TOKEN}' }],
  })
  setEnv({ WEB_TOKEN: token, HAAL_TRUSTED_ORIGINS: `${web.origin},${other.origin}` })
  await haal('install review').succeeds()
  const sent = (path: string) => web.requests.find((request) => request.path === path)?.headers.authorization
  expect([sent('/ext/registry.json'), sent('/else/review.tgz')]).toEqual([`Bearer ${token}`, undefined])
  web.routes['/ext/registry.json'] = index(`${other.origin}/review.tgz`)
  const refused = await haal('install review --refresh --force').outcome()
  expect(other.requests.filter(({ headers }) => headers.authorization !== undefined)).toEqual([])
  expect([0, 6]).toContain(refused.exit)
})

test('[S7] C03 an address with a user and password is refused, and nothing of it is printed', async () => {
  const { haal, project, secret } = await world()
  const password = secret()
  for (const location of [`https://ada:${password}@git.corp.com/x.git`, `https://git.corp.com/x?token=${password}`]) {
    await project.write({ 'haal.json': { registries: [{ name: 'acme', location }] } })
    await haal('install review').fails('E_URL_CREDENTIALS', 2)
    await project.remove('haal.json')
    await haal(`install review --from ${location}`).fails('E_URL_CREDENTIALS', 2)
  }
})
