import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { base } from '../../e2e/world/ground.js'
import { httpServer } from '../../e2e/world/http-server.js'
import { npm as double, type NpmOptions } from '../../e2e/world/npm.js'
import { proxy } from '../../e2e/world/proxy.js'
import { tarOf } from '../../e2e/world/tar.js'
import { authority } from '../../e2e/world/tls.js'
import { npm } from '../../src/transport/npm.js'
import { bench } from './reach.js'

const at = (name: string, registry?: string) => ({ via: 'npm' as const, name, ...(registry && { registry }) })
const skills = at('@acme/skills')
const files = { 'skills/review/SKILL.md': '# Review\n' }

/** A registry that the user's .npmrc names, and what a transport needs. */
async function registryWith(options: NpmOptions = {}, more: Parameters<typeof bench>[1] = {}) {
  const ground = base()
  const server = await double(ground, options)
  const made = bench(skills, { home: ground.root.at('home'), project: ground.project.path, ...more })
  const npmrc = (where: 'home' | 'project', text: string) =>
    fs.writeFileSync(path.join(ground.root.at(where), '.npmrc'), text)
  return { server, npmrc, host: server.origin.slice('http:'.length), ...made }
}

async function openAt(reach: Parameters<typeof npm.open>[1], ref?: string) {
  return npm.open({ at: skills, id: (await npm.pin(skills, ref, reach)).id }, reach)
}

describe('a package', () => {
  test('[A16] is its tarball; the revision is dist.integrity', async () => {
    const { server, reach } = await registryWith()
    const { integrity } = await server.publish('@acme/skills', '1.0.0', files)
    const tree = await openAt(reach)
    expect(tree.revision).toEqual({ at: skills, id: integrity })
    expect((await tree.list('')).map((entry) => entry.path)).toEqual(['package.json', 'skills/review/SKILL.md'])
    expect(server.paths()).toEqual(['/@acme%2fskills', '/@acme/skills/-/skills-1.0.0.tgz'])
    expect(server.requests[0]?.headers.accept).toContain('application/vnd.npm.install-v1+json')
  })

  test('[A16] no script of it ever runs', async () => {
    const { server, reach } = await registryWith()
    const ran = path.join(reach.home, 'ran')
    const scripts = {
      preinstall: `touch ${ran}`,
      install: `touch ${ran}`,
      postinstall: `touch ${ran}`,
      prepare: `touch ${ran}`,
    }
    await server.publish('@acme/skills', '1.0.0', files, { manifest: { scripts } })
    await (await openAt(reach)).read('package.json')
    expect(fs.existsSync(ran)).toBe(false)
  })

  test('[A16 U3] a version without a digest that can be checked is none, and that is said', async () => {
    const { server, reach } = await registryWith()
    await server.publish('@acme/skills', '1.0.0', files, { dist: { integrity: 'md5-x' } })
    await expect(openAt(reach)).rejects.toMatchObject({
      code: 'E_REF',
      hint: expect.stringContaining('dist.integrity'),
    })
  })

  test('[A16] a tarball that is not what dist.integrity says is refused', async () => {
    const { server, reach } = await registryWith()
    const { integrity } = await server.publish('@acme/skills', '1.0.0', files)
    await server.publish('@acme/skills', '1.0.0', { evil: 'x' }, { dist: { integrity } })
    await expect(openAt(reach)).rejects.toMatchObject({ code: 'E_INTEGRITY', details: { expected: integrity } })
  })

  test('[A16] an old package has only a shasum, which is checked then', async () => {
    const { server, reach, later } = await registryWith()
    const tarball = tarOf([{ path: 'package/index.js', body: 'x' }])
    const shasum = createHash('sha1').update(tarball).digest('hex')
    await server.publish('@acme/skills', '1.0.0', {}, { tarball, dist: { integrity: undefined, shasum } })
    expect((await openAt(reach)).revision.id).toBe(`sha1-${Buffer.from(shasum, 'hex').toString('base64')}`)
    await server.publish(
      '@acme/skills',
      '1.0.1',
      {},
      { tarball, dist: { integrity: undefined, shasum: '0'.repeat(40) } },
    )
    await expect(openAt(reach, '1.0.1')).rejects.toMatchObject({ code: 'E_REF' })
    await expect(openAt(later(3_600_000), '1.0.1')).rejects.toMatchObject({ code: 'E_INTEGRITY' })
  })

  test('[O19] a tag, a version or a range can be asked for; of a range npm takes what latest says, and nothing deprecated', async () => {
    const { server, reach } = await registryWith()
    const publish = (version: string, more = {}) => server.publish('@acme/skills', version, { version }, more)
    await publish('1.0.0', { tags: [] })
    await publish('1.2.0', { tags: ['latest'] })
    await publish('1.3.0', { tags: ['next'] })
    await publish('2.0.0', { tags: [] })
    await publish('2.1.0', { tags: [], manifest: { deprecated: 'broken' } })
    const versionAt = async (ref?: string) =>
      JSON.parse(Buffer.from(await (await openAt(reach, ref)).read('package.json')).toString()).version
    expect(await versionAt()).toBe('1.2.0')
    expect(await versionAt('next')).toBe('1.3.0')
    expect(await versionAt('1.0.0')).toBe('1.0.0')
    expect(await versionAt('^1.0.0')).toBe('1.2.0')
    expect(await versionAt('^2.0.0')).toBe('2.0.0')
    expect(await versionAt('~2.1')).toBe('2.1.0')
    for (const ref of ['3.0.0', '^9', 'none', 'constructor', '__proto__'])
      await expect(npm.pin(skills, ref, reach)).rejects.toMatchObject({
        code: 'E_REF',
        exit: 3,
        message: expect.stringContaining('@acme/skills has no version or tag'),
      })
  })

  test('[O26] the versions it has are known without opening any', async () => {
    const { server, reach } = await registryWith()
    const { integrity } = await server.publish('@acme/skills', '1.0.0', files)
    await server.publish('@acme/skills', '1.1.0', { other: '' })
    expect(await npm.versions?.(skills, reach)).toContainEqual({ name: '1.0.0', id: integrity })
    expect(server.requests).toHaveLength(1)
  })

  test('a version that was taken back is said to be gone', async () => {
    const { server, reach, later } = await registryWith()
    const { integrity } = await server.publish('@acme/skills', '1.0.0', files)
    await server.publish('@acme/skills', '1.1.0', { other: '' })
    await npm.pin(skills, '1.0.0', reach)
    server.unpublish('@acme/skills', '1.0.0')
    await expect(npm.open({ at: skills, id: integrity }, later(3_600_000))).rejects.toMatchObject({ code: 'E_REF' })
  })

  test('[A35] a second command within the hour asks nothing, a later one whether anything is new', async () => {
    const { server, reach, later } = await registryWith()
    await server.publish('@acme/skills', '1.0.0', files)
    await openAt(reach)
    await openAt(later(3_599_999))
    expect(server.requests).toHaveLength(2)
    await openAt(later(3_600_000))
    expect(server.requests).toHaveLength(3)
    expect(server.requests[2]?.headers['if-none-match']).toMatch(/^"/)
  })
})

describe('when a version was published', () => {
  test('[P6] is what the registry has recorded, which is asked as seldom as it is for everything else', async () => {
    const { server, reach, later } = await registryWith()
    await server.publish('@acme/skills', '1.0.0', files)
    const published = new Date(1_735_700_400_000)
    expect(await (await openAt(reach)).published?.()).toEqual(published)
    const asked = server.requests.length
    expect(await (await openAt(later(3_599_999))).published?.()).toEqual(published)
    expect(server.requests).toHaveLength(asked)
    expect(await (await openAt(later(3_600_000))).published?.()).toEqual(published)
    const again = server.requests.slice(asked)
    expect(again.map(({ headers }) => headers['if-none-match'] !== undefined)).toEqual([true, true])
  })

  test.each([[undefined], [{}], [{ '1.0.0': 'soon' }], [{ '1.0.0': 1 }]])(
    '[P6] is not known where the registry says %j',
    async (time) => {
      const { server, reach } = await registryWith()
      const { integrity } = await server.publish('@acme/skills', '1.0.0', files)
      const dist = { tarball: `${server.origin}/@acme/skills/-/skills-1.0.0.tgz`, integrity }
      const other = await httpServer({ '*': JSON.stringify({ versions: { '1.0.0': { dist } }, time }) })
      onTestFinished(() => other.stop())
      const allowing = { ...reach, allows: () => true }
      const tree = await npm.open(await npm.pin(at('@acme/skills', other.origin), '1.0.0', allowing), allowing)
      expect(await tree.published?.()).toBe(undefined)
    },
  )
})

describe('.npmrc', () => {
  const token = 'canary-npm-token'

  test('[A16] says through which proxy the registry is reached, and which authority it is trusted by', async () => {
    const ground = base()
    const trusted = authority(ground.root.at('ca'))
    const server = await httpServer({ '/tools': JSON.stringify({ versions: {} }) }, trusted.issue('npm.test'))
    onTestFinished(() => server.stop())
    const through = await proxy(ground)
    through.map('npm.test', server.port)
    const { reach, npmrc } = await registryWith({ configure: false }, { env: { PROXY: through.origin } })
    npmrc('home', `registry=https://npm.test/\nhttps-proxy=\${PROXY}\ncafile=${trusted.file}\n`)
    expect(await npm.versions?.(at('tools'), reach)).toEqual([])
    expect(through.tunnels).toEqual(['npm.test:443'])
  })

  test('[A16] a scope has its own registry, and its token goes there and nowhere else', async () => {
    const { server, npmrc, host, reach } = await registryWith({ scopes: { '@acme': token }, configure: false })
    const open = await registryWith({ configure: false })
    await server.publish('@acme/skills', '1.0.0', files)
    await open.server.publish('tools', '1.0.0', files)
    npmrc(
      'home',
      `registry=${open.server.origin}\n@acme:registry=${server.origin}\n${host}/:_authToken=\${NPM_TOKEN}\n`,
    )
    const over = { ...reach, env: { NPM_TOKEN: token } }
    await openAt(over)
    await npm.pin(at('tools'), undefined, over)
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${token}`, `Bearer ${token}`])
    expect(JSON.stringify(open.server.requests)).not.toContain(token)
  })

  test('[S7] a tarball elsewhere is fetched without the token, and only where that is allowed', async () => {
    const { server, npmrc, host, reach, later } = await registryWith({ configure: false })
    const elsewhere = await registryWith({ configure: false })
    await elsewhere.server.publish('@acme/skills', '1.0.0', files)
    const tarball = `${elsewhere.server.origin}/@acme/skills/-/skills-1.0.0.tgz`
    await server.publish('@acme/skills', '1.0.0', files, { dist: { tarball } })
    npmrc('home', `registry=${server.origin}/\n${host}/:_authToken=${token}\n`)
    await expect(openAt(reach)).rejects.toMatchObject({ code: 'E_TRANSPORT' })
    const admitted: unknown[] = []
    const allows = (origin: string) => origin === elsewhere.server.origin
    await openAt(later(0, { allows, admit: (to) => void admitted.push(to) }))
    expect(admitted).toEqual([{ via: 'url', url: tarball }])
    expect(elsewhere.server.requests).toHaveLength(1)
    expect(JSON.stringify(elsewhere.server.requests)).not.toContain(token)
  })

  test('[S7] K03 a token for another port or path is not sent', async () => {
    const { server, npmrc, host, reach } = await registryWith({ configure: false })
    await server.publish('@acme/skills', '1.0.0', files)
    const other = host.replace(/\d+$/, '1')
    npmrc(
      'home',
      `registry=${server.origin}/\n${other}/:_authToken=${token}\n${host}/private/:_authToken=${token}\n//127.0.0.1/:_authToken=${token}\n`,
    )
    await openAt(reach)
    expect(server.requests).toHaveLength(2)
    expect(JSON.stringify(server.requests)).not.toContain(token)
  })

  test('[S7] K03 the registry’s own token goes to its own origin, before npm’s', async () => {
    const { server, npmrc, host, reach } = await registryWith({ configure: false })
    await server.publish('@acme/skills', '1.0.0', files)
    npmrc('home', `registry=${server.origin}/\n${host}/:_authToken=npms\n`)
    await npm.pin(skills, undefined, { ...reach, credential: { origin: server.origin, value: 'me:own' } })
    await npm.pin(skills, undefined, { ...reach, credential: { origin: 'https://npm.corp', value: 'canary' } })
    const sent = server.requests.map(({ headers }) => headers.authorization)
    expect(sent).toEqual([`Basic ${btoa('me:own')}`, 'Bearer npms'])
  })

  test.each([
    ['_auth', (host: string) => `${host}/:_auth=${btoa('me:canary')}`],
    ['username and _password', (host: string) => `${host}/:username=me\n${host}/:_password=${btoa('canary')}`],
  ])('%s is sent as a user name and password', async (_what, line) => {
    const { server, npmrc, host, reach } = await registryWith({ configure: false })
    await server.publish('@acme/skills', '1.0.0', files)
    npmrc('home', `registry=${server.origin}/\n${line(host)}\n`)
    await openAt(reach)
    expect(server.requests[0]?.headers.authorization).toBe(`Basic ${btoa('me:canary')}`)
  })

  test('[A7] a variable that is not set stops before any request', async () => {
    const { server, npmrc, host, reach } = await registryWith({ configure: false })
    npmrc('home', `registry=${server.origin}/\n${host}/:_authToken=\${NPM_TOKEN}\n`)
    await expect(npm.pin(skills, undefined, reach)).rejects.toMatchObject({
      code: 'E_TOKEN_UNSET',
      details: { variable: 'NPM_TOKEN' },
    })
    expect(server.requests).toEqual([])
  })

  test('[S7] a project’s .npmrc may send a variable only where something else binds it', async () => {
    const { server, npmrc, host, reach } = await registryWith({ configure: false })
    await server.publish('@acme/skills', '1.0.0', files)
    npmrc('project', `registry=${server.origin}/\n${host}/:_authToken=\${SECRET}\n`)
    const env = { SECRET: token }
    await expect(npm.pin(skills, undefined, { ...reach, env })).rejects.toMatchObject({
      code: 'E_TOKEN_UNTRUSTED',
      details: { origin: server.origin, variable: 'SECRET' },
    })
    expect(server.requests).toEqual([])
    const allows = (origin: string, variable?: string) => origin === server.origin && variable === 'SECRET'
    await npm.pin(skills, undefined, { ...reach, env, allows })
    expect(server.requests[0]?.headers.authorization).toBe(`Bearer ${token}`)
  })

  test('[S7] a project’s .npmrc puts a variable into an address only where something else binds it', async () => {
    const { server, npmrc, reach, later } = await registryWith({ configure: false })
    await server.publish('@acme/skills', '1.0.0', files)
    npmrc('project', `registry=${server.origin}/\${SECRET}\n`)
    const env = { SECRET: 'canary' }
    await expect(npm.pin(skills, undefined, { ...reach, env })).rejects.toMatchObject({
      code: 'E_TOKEN_UNTRUSTED',
      message: expect.not.stringContaining('canary'),
      details: { variable: 'SECRET' },
    })
    const allows = (origin: string, variable?: string) => origin === server.origin && variable === 'OTHER'
    await expect(npm.pin(skills, undefined, { ...reach, env, allows })).rejects.toMatchObject({
      code: 'E_TOKEN_UNTRUSTED',
    })
    expect(server.requests).toEqual([])
    const bound = (origin: string, variable?: string) => origin === server.origin && variable === 'SECRET'
    await expect(npm.pin(skills, undefined, { ...reach, env, allows: bound })).rejects.toMatchObject({
      code: 'E_ACCESS',
    })
    expect(server.requests.map(({ path: asked }) => asked)).toEqual(['/canary/@acme%2fskills'])
    server.forget()
    npmrc('project', '')
    npmrc('home', `registry=${server.origin}/\${SECRET}\n`)
    await expect(npm.pin(skills, undefined, later(0, { env }))).rejects.toMatchObject({ code: 'E_ACCESS' })
    expect(server.requests[0]?.path).toContain('/canary/')
  })

  test('the environment stands before the project, the project before the user', async () => {
    const [one, two, three] = [
      await registryWith({ configure: false }),
      await registryWith({ configure: false }),
      await registryWith({ configure: false }),
    ]
    for (const { server } of [one, two, three]) await server.publish('@acme/skills', '1.0.0', files)
    one.npmrc('home', `registry=${one.server.origin}/\n`)
    await npm.pin(skills, undefined, one.later(0))
    one.npmrc('project', `registry=${two.server.origin}/\n`)
    const admitted: unknown[] = []
    await npm.pin(skills, undefined, one.later(1, { admit: (to) => void admitted.push(to) }))
    await npm.pin(skills, undefined, one.later(2, { env: { npm_config_registry: three.server.origin } }))
    expect([one, two, three].map(({ server }) => server.requests.length)).toEqual([1, 1, 1])
    expect(admitted).toEqual([{ ...skills, registry: `${two.server.origin}/` }])
  })

  test('a mirror that repeats the public registry’s addresses is read in their place', async () => {
    const { server, reach } = await registryWith()
    const tarball = 'https://registry.npmjs.org/@acme/skills/-/skills-1.0.0.tgz'
    await server.publish('@acme/skills', '1.0.0', files, { dist: { tarball } })
    expect(await (await openAt(reach)).list('')).toHaveLength(2)
  })

  test('a mirror below a path is read below that path', async () => {
    const { server, reach } = await registryWith()
    const tarball = 'https://registry.npmjs.org/@acme/skills/-/skills-1.0.0.tgz'
    const { integrity } = await server.publish('@acme/skills', '1.0.0', files, { dist: { tarball } })
    const versions = { '1.0.0': { engines: { node: '<99' }, dist: { tarball, integrity } } }
    const mirror = await httpServer({ '/npm/@acme%2fskills': JSON.stringify({ versions }) })
    onTestFinished(() => mirror.stop())
    const there = at('@acme/skills', `${mirror.origin}/npm`)
    const { id } = await npm.pin(there, '1.0.0', reach)
    await expect(npm.open({ at: there, id }, reach)).rejects.toMatchObject({ code: 'E_ACCESS' })
    expect(mirror.requests.at(-1)?.path).toBe('/npm/@acme/skills/-/skills-1.0.0.tgz')
  })

  test('[S6] an index from the network may name a package, not an http registry of its own', async () => {
    const { server, reach, later } = await registryWith()
    await server.publish('@acme/skills', '1.0.0', files)
    const named = { registry: { ...reach.registry, author: 'network' as const } }
    const there = { ...reach, ...named }
    await expect(npm.pin(at('@acme/skills', server.origin), undefined, there)).rejects.toMatchObject({
      code: 'E_TRANSPORT',
    })
    expect((await npm.pin(skills, undefined, later(1, named))).at).toEqual(skills)
  })
})

describe('refusals', () => {
  test('[A6] a private package without a token is no access, with what to do', async () => {
    const { server, reach } = await registryWith({ scopes: { '@acme': 'canary' }, configure: false })
    await server.publish('@acme/skills', '1.0.0', files)
    const failed = npm.pin(at('@acme/skills', server.origin), undefined, reach)
    await expect(failed).rejects.toMatchObject({
      code: 'E_ACCESS',
      hint: expect.stringContaining(`npm login --registry=${server.origin}/`),
    })
  })

  test.each(['', 'main', '1.0.0', 'sha512-short', `md5-${'A'.repeat(22)}==`])(
    '[S4] a locked revision %j, which is no digest, is refused before any request',
    async (id) => {
      const { server, reach } = await registryWith()
      await expect(npm.open({ at: skills, id }, reach)).rejects.toMatchObject({ code: 'E_REF' })
      expect(server.requests).toEqual([])
    },
  )

  test.each([
    ['a page', '<!doctype html>', 'E_REGISTRY_UNAVAILABLE'],
    ['another object', '{"error":"x"}', 'E_REGISTRY_UNAVAILABLE'],
    ['broken JSON', '{', 'E_JSON'],
    ['a key that is never safe', '{"versions":{"__proto__":{}}}', 'E_JSON_KEY'],
  ])('[S3] %s is no package', async (_what, body, code) => {
    const server = await httpServer({ '*': body })
    onTestFinished(() => server.stop())
    const { reach } = bench(skills)
    const there = at('@acme/skills', server.origin)
    const failed = npm.pin(there, '1.0.0', reach).then(({ id }) => npm.open({ at: there, id }, reach))
    await expect(failed).rejects.toMatchObject({ code })
  })

  test.each(['http://', 'http://me@127.0.0.1:1/x.tgz', 'http://:pw@127.0.0.1:1/x.tgz'])(
    '[S3] C03 a tarball at %s is at no address',
    async (tarball) => {
      const dist = { tarball, integrity: `sha512-${'A'.repeat(86)}==` }
      const server = await httpServer({ '*': JSON.stringify({ versions: { '1.0.0': { dist } } }) })
      onTestFinished(() => server.stop())
      const { reach } = bench(skills)
      const there = at('@acme/skills', server.origin)
      const { id } = await npm.pin(there, '1.0.0', reach)
      await expect(npm.open({ at: there, id }, reach)).rejects.toMatchObject({
        code: 'E_REGISTRY_UNAVAILABLE',
        message: 'registry "corp" names a tarball at something that is no address',
      })
    },
  )
})
