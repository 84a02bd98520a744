import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { integrityOf, needs, skill, sri, world } from './index.js'
import { mortal } from './run.js'

const run = promisify(execFile)
const jsonOf = async <T>(answer: Promise<Response> | Response): Promise<T> => (await (await answer).json()) as T

interface Packument {
  'dist-tags': Record<string, string>
  versions: Record<string, { dist: { tarball: string } }>
}

test('a hand-made server answers as told: in series, by ETag, cut short, with a false length', async () => {
  const server = await (await world()).http({
    '/series': [{ status: 500 }, { body: 'second' }],
    '/tagged': { body: 'same', etag: true },
    '/cut': { body: 'x'.repeat(1000), cut: 10 },
    '/short': { body: 'abc', length: 10 },
    '/echo': ({ headers }) => ({ body: headers.authorization ?? 'nobody' }),
  })
  const get = (path: string, headers = {}) => fetch(server.origin + path, { headers })
  expect([(await get('/series')).status, (await get('/series')).status]).toEqual([500, 200])
  const etag = (await get('/tagged')).headers.get('etag')
  expect((await get('/tagged', { 'if-none-match': etag })).status).toBe(304)
  await expect(get('/cut').then((answer) => answer.text())).rejects.toThrow()
  await expect(get('/short').then((answer) => answer.text())).rejects.toThrow()
  expect(await (await get('/echo', { authorization: 'Bearer x' })).text()).toBe('Bearer x')
  expect((await get('/none')).status).toBe(404)
  expect(server.paths().filter((path) => path === '/series')).toHaveLength(2)
})

test.skipIf(process.platform === 'win32')('a server ends with who started it, although that was killed', async () => {
  const served = mortal(process.execPath, ['-e', 'process.stdout.write("up"); setInterval(() => undefined, 60_000)'])
  const script = `require('node:child_process').spawn(...${JSON.stringify(served)},
    { stdio: ['pipe', 'inherit', 'ignore'], detached: true })`
  const starter = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'] })
  await once(starter.stdout, 'data')
  starter.kill('SIGKILL')
  // Its stdout is the server's, too: it is not closed before that has ended.
  expect(await once(starter, 'close')).toEqual([null, 'SIGKILL'])
})

test('a server can go away and come back at the same address', async () => {
  const server = await (await world()).http({ '/': 'here' })
  await server.stop()
  await expect(fetch(server.origin)).rejects.toThrow()
  await server.again()
  expect(await (await fetch(server.origin)).text()).toBe('here')
})

needs('openssl')('https answers clients that trust the authority of the world', async () => {
  const { http: serve, tls } = await world()
  const server = await serve({ '/': 'safe' }, { tls: true })
  const { readFileSync } = await import('node:fs')
  const body = await new Promise((done, refused) => {
    const request = https.get(server.origin, { ca: readFileSync(tls().file) }, (answer) =>
      answer.on('data', (bytes) => done(String(bytes))),
    )
    request.on('error', refused)
  })
  expect(body).toBe('safe')
  await expect(fetch(server.origin)).rejects.toThrow()
})

needs('nginx')('nginx serves a folder with ETag, ranges and gzip, and its log is the list of requests', async () => {
  const site = await (await world()).nginx('site', { 'registry.json': { a: 'x'.repeat(200) } })
  const get = (headers: Record<string, string>) => fetch(`${site.origin}/registry.json`, { headers })
  const first = await get({ 'accept-encoding': 'identity' })
  await first.text()
  const etag = first.headers.get('etag') ?? ''
  expect((await get({ 'if-none-match': etag, 'accept-encoding': 'identity' })).status).toBe(304)
  expect((await get({ range: 'bytes=0-3' })).status).toBe(206)
  expect((await get({ 'accept-encoding': 'gzip' })).headers.get('content-encoding')).toBe('gzip')
  expect(site.requests().map(({ headers }) => headers['if-none-match'])).toContain(etag)
})

needs('git', 'sshd')('a repository behind sshd is read with the key on PATH alone', async () => {
  const { ssh, root } = await world()
  const acme = await ssh('acme', { 'skills/a/SKILL.md': skill('a') })
  const env = { PATH: `${root.at('bin')}:${process.env.PATH}`, HOME: root.at('home') }
  await run('git', ['clone', '-q', acme.url, root.at('one')], { env, timeout: 20_000 })
  await run('git', ['clone', '-q', acme.scp, root.at('two')], { env, timeout: 20_000 })
  expect(root.exists('one/skills/a/SKILL.md') && root.exists('two/skills/a/SKILL.md')).toBe(true)
  expect(acme.commands()).toEqual([`git-upload-pack '${acme.path}'`, `git-upload-pack '${acme.path}'`])
})

needs('git')(
  'the double of GitHub resolves refs, redirects to a tarball and keeps a private repository private',
  async () => {
    const { github, secret } = await world()
    const token = secret()
    const acme = await github('acme/skills', { 'skills/a/SKILL.md': skill('a') }, { tag: 'v1.0.0', token })
    const get = (path: string, headers: Record<string, string> = { authorization: `Bearer ${token}` }) =>
      fetch(`${acme.api.origin}/api/v3/repos/acme/skills${path}`, { headers, redirect: 'manual' })
    const sha = await get('/commits/v1.0.0', { accept: 'application/vnd.github.sha', authorization: `token ${token}` })
    expect(await sha.text()).toBe(acme.sha())
    expect((await get('/commits/nowhere')).status).toBe(422)
    expect((await get('', {})).status).toBe(404)
    expect((await get('', { authorization: 'Bearer wrong' })).status).toBe(401)
    expect(
      (await get('/commits/main', { authorization: `Bearer ${token}`, 'if-none-match': `"${acme.sha()}"` })).status,
    ).toBe(304)
    const tarball = await get('/tarball/v1.0.0')
    expect(tarball.headers.get('location')).toBe(`${acme.codeload.origin}/acme/skills/legacy.tar.gz/v1.0.0`)
    const packed = await fetch(tarball.headers.get('location') ?? '')
    expect(Buffer.from(await packed.arrayBuffer()).subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]))
    acme.refuse({ limitUntil: 1_800_000_000 })
    expect((await get('')).headers.get('x-ratelimit-reset')).toBe('1800000000')
  },
)

needs('git')('the double of GitHub lists tags by pages, trees, blobs and the history of a path', async () => {
  const { github } = await world()
  const acme = await github('acme/skills', { 'a/x': '1' }, { tag: 'v1' })
  await acme.commit({ 'b/y': '2' }, { tag: 'v2' })
  const get = async (path: string) => fetch(`${acme.api.origin}/repos/acme/skills${path}`)
  const tags = await get('/tags?per_page=1')
  expect(await tags.json()).toEqual([{ name: 'v1', commit: { sha: acme.sha('v1') } }])
  expect(tags.headers.get('link')).toMatch(/page=2>; rel="next"/)
  const { tree } = await jsonOf<{ tree: { path: string }[] }>(get(`/git/trees/${acme.sha()}?recursive=1`))
  expect(tree.map(({ path }) => path)).toEqual(['a', 'a/x', 'b', 'b/y'])
  expect(await (await get('/commits?path=a')).json()).toHaveLength(1)
  await run('git', ['ls-remote', `${acme.api.origin}/acme/skills.git`], { timeout: 20_000 })
})

test('the small npm registry gives packuments and tarballs, and guards a scope', async () => {
  const { npm, secret, home } = await world()
  const token = secret('npm')
  const registry = await npm({ scopes: { '@acme': token } })
  const { integrity } = await registry.publish('@acme/skills', '1.0.0', { 'SKILL.md': skill('a') })
  const get = (headers = {}) => fetch(`${registry.origin}/@acme%2fskills`, { headers })
  expect([(await get()).status, (await get({ authorization: 'Bearer wrong' })).status]).toEqual([404, 401])
  const packument = await jsonOf<Packument>(get({ authorization: `Bearer ${token}` }))
  expect(packument['dist-tags']).toEqual({ latest: '1.0.0' })
  const { dist } = packument.versions['1.0.0'] ?? { dist: { tarball: '' } }
  const tarball = await fetch(dist.tarball, { headers: { authorization: `Bearer ${token}` } })
  expect(sri(Buffer.from(await tarball.arrayBuffer()), 'sha512')).toBe(integrity)
  await home.has({ '.npmrc': /@acme:registry=http/ })
})

needs('verdaccio')('a real npm registry guards its scope and serves what was published', async () => {
  const { verdaccio } = await world()
  const registry = await verdaccio()
  const { integrity } = await registry.publish('@acme/skills', '1.0.0', { 'SKILL.md': skill('a') })
  const url = `${registry.origin}/@acme%2fskills`
  expect((await fetch(url)).ok).toBe(false)
  const packument = await jsonOf<Packument>(fetch(url, { headers: { authorization: `Bearer ${registry.token}` } }))
  expect(packument.versions['1.0.0']).toMatchObject({ dist: { integrity } })
})

needs('openssl')('the proxy tunnels to mapped hosts and to loopback only', async () => {
  const { proxy, http: serve, tls } = await world()
  const behind = await serve({ '/': 'behind' }, { tls: true })
  const between = await proxy()
  between.map('example.com', behind.port)
  const { hostname, port } = new URL(between.origin)
  const status = (target: string) =>
    new Promise((done) =>
      http
        .request({ hostname, port, method: 'CONNECT', path: target })
        .on('connect', (answer, socket) => done(socket.destroy() && answer.statusCode))
        .end(),
    )
  expect([await status('example.com:443'), await status('example.org:443')]).toEqual([200, 502])
  expect(between.tunnels).toEqual(['example.com:443', 'example.org:443'])
  expect(tls().file).toMatch(/ca\.pem$/)
})

needs('openssl')('integrity is the digest of the listing that any shell can make', async () => {
  const files = { 'b.md': 'two', 'a/run.sh': { body: 'one', mode: 0o755 } }
  const { folder } = await world()
  const { path } = await folder('acme', files)
  const listing = `find . -type f | sed 's,^./,,' | LC_ALL=C sort | while read -r f; do
    printf '%s %s %s\\n' "$(sha256sum "$f" | cut -d' ' -f1)" "$(test -x "$f" && echo 100755 || echo 100644)" "$f"; done |
    openssl dgst -sha256 -binary | openssl base64 -A`
  const { stdout } = await run('sh', ['-c', listing], { cwd: path })
  expect(integrityOf(files)).toBe(`sha256-${stdout}`)
})
