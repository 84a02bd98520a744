import { describe, expect, onTestFinished, test } from 'vitest'
import { github as double, type GithubOptions } from '../../e2e/world/github.js'
import { base } from '../../e2e/world/ground.js'
import { httpServer } from '../../e2e/world/http-server.js'
import { fail, unanswered } from '../../src/model/errors.js'
import type { Reach, Transport } from '../../src/model/transport.js'
import { githubApi } from '../../src/transport/credential.js'
import { github } from '../../src/transport/github.js'
import { bench } from './reach.js'

const noGit = async (): Promise<Transport> => fail('E_REGISTRY_UNAVAILABLE', 'git is not asked here')
const transport = github(noGit)
const skill = { 'skills/review/SKILL.md': '# Review\n', 'skills/review/run.sh': { body: '#!/bin/sh\n', mode: 0o755 } }

/** A repository at a GitHub of its own, and what a transport needs to ask it. */
async function repositoryAt(options: GithubOptions = {}, more: Parameters<typeof bench>[1] = {}) {
  const ground = base()
  const proxy = () => Promise.reject(new Error('no proxy here'))
  const hub = await double(ground, 'acme/skills', { files: skill, options: { ...options, listed: false }, proxy })
  const at = { via: 'github' as const, host: `127.0.0.1:${hub.api.port}`, repo: 'acme/skills' }
  return { hub, at, ...bench(at, more) }
}

const bound = (origin: string, value: string) => ({ credential: { origin, value } })

describe('a repository', () => {
  test('[A2] [A4] is asked for the commit of its HEAD once, and for its files once', async () => {
    const { hub, at, reach } = await repositoryAt()
    const revision = await transport.pin(at, undefined, reach)
    expect(revision).toEqual({ at, id: hub.git('rev-parse', 'HEAD') })
    const tree = await transport.open({ at, id: revision.id }, reach)
    expect((await tree.list('')).map(({ path, mode }) => [path, mode & 0o111])).toEqual([
      ['skills/review/SKILL.md', 0],
      ['skills/review/run.sh', 0o111],
    ])
    expect(Buffer.from(await tree.read('skills/review/SKILL.md')).toString()).toBe('# Review\n')
    expect(hub.api.paths()).toEqual([
      '/api/v3/repos/acme/skills/commits/HEAD',
      `/api/v3/repos/acme/skills/tarball/${revision.id}`,
    ])
    expect(hub.codeload.requests).toHaveLength(1)
  })

  test.each([
    ['too much', { 'blank.bin': Buffer.alloc(8 * 1024 * 1024) }, 'E_LIMIT_RATIO'],
    ['other bytes than the repository', { '.gitattributes': '*.bat text eol=crlf\n' }, 'E_CHANGED'],
  ])(
    '[A2 A27] an archive that holds %s is fetched once, and the same is said of it again',
    async (_what, more, code) => {
      const { hub, at, reach } = await repositoryAt()
      await hub.commit(more)
      const { id } = await transport.pin(at, undefined, reach)
      const failure = () => transport.open({ at, id }, reach).catch((e: unknown) => e)
      const first = await failure()
      expect(first).toMatchObject({ code, message: expect.stringContaining('acme/skills') })
      expect(await failure()).toEqual(first)
      expect(hub.codeload.requests).toHaveLength(1)
    },
  )

  const headers = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`x-${i}`, 'x']))
  test.each([
    ['an answer with too many headers', { headers }, ''],
    ['an archive that is too long, where git cannot take its place', { body: 'x', length: 10 ** 9 }, 'HAAL_GITHUB_API'],
  ])('[A40] of %s nothing is remembered', async (_what, first, variable) => {
    const { hub } = await repositoryAt()
    const id = hub.sha()
    const location = `${hub.codeload.origin}/acme/skills/legacy.tar.gz/${id}`
    const web = await httpServer({ '*': [first, { status: 302, headers: { location } }] })
    onTestFinished(() => web.stop())
    const host = variable === '' ? `127.0.0.1:${web.port}` : 'github.com'
    const at = { via: 'github' as const, host, repo: 'acme/skills' }
    const { reach } = bench(at, { env: { [variable]: web.origin } })
    await expect(transport.open({ at, id }, reach)).rejects.toMatchObject({ code: 'E_LIMIT_SIZE' })
    expect(await (await transport.open({ at, id }, reach)).list('')).toHaveLength(2)
  })

  test('the time of the commit is known', async () => {
    const { hub, at, reach } = await repositoryAt()
    const tree = await transport.open({ at, id: hub.git('rev-parse', 'HEAD') }, reach)
    expect(tree.committed).toEqual(new Date(Number(hub.git('show', '-s', '--format=%ct')) * 1000))
  })

  test('[A5] [A3] [O19] a branch, a tag, a version or a commit can be asked for', async () => {
    const { hub, at, reach } = await repositoryAt({ tag: 'v1.2.0' })
    const first = hub.git('rev-parse', 'HEAD')
    hub.git('branch', 'feature/x')
    await hub.commit({ 'README.md': 'new' })
    const pinned = async (ref: string) => (await transport.pin(at, ref, reach)).id
    expect(await pinned('v1.2.0')).toBe(first)
    expect(await pinned('1.2.0')).toBe(first)
    expect(await pinned('feature/x')).toBe(first)
    expect(await pinned('refs/heads/feature/x')).toBe(first)
    const asked = hub.api.requests.length
    expect(await pinned(first)).toBe(first)
    expect(hub.api.requests).toHaveLength(asked)
  })

  test.each(['none', '1.0.0', 'f'.repeat(40)])('[O19] the ref %s, which does not exist, is E_REF', async (ref) => {
    const { at, reach } = await repositoryAt()
    const opened = transport.pin(at, ref, reach).then(({ id }) => transport.open({ at, id }, reach))
    await expect(opened).rejects.toMatchObject({ code: ref.length === 40 ? 'E_ACCESS' : 'E_REF' })
  })

  test.each(['../..', '--upload-pack=x', 'HEAD~1', 'a b', 'x'.repeat(300), 'F'.repeat(40), 'f'.repeat(39)])(
    'G05 the ref %s is refused before any request',
    async (ref) => {
      const { at, reach, hub } = await repositoryAt()
      await expect(transport.pin(at, ref, reach)).rejects.toMatchObject({ code: 'E_REF' })
      await expect(transport.open({ at, id: ref }, reach)).rejects.toMatchObject({ code: 'E_REF' })
      expect(hub.api.requests).toEqual([])
    },
  )

  test('[O26] tags are versions, however many pages they fill', async () => {
    const { hub, at, reach } = await repositoryAt()
    for (let i = 0; i < 101; i += 1) hub.git('tag', `v1.0.${i}`)
    const tags = (await transport.versions?.(at, reach)) ?? []
    expect(tags).toHaveLength(101)
    expect(tags).toContainEqual({ name: 'v1.0.100', id: hub.git('rev-parse', 'HEAD') })
    expect(hub.api.requests).toHaveLength(2)
  })

  test('the history of a path is read from the newest commit', async () => {
    const { hub, at, reach } = await repositoryAt()
    const first = hub.git('rev-parse', 'HEAD')
    await hub.commit({ 'README.md': 'new' })
    await hub.commit({ 'skills/review/SKILL.md': 'two' })
    const id = hub.git('rev-parse', 'HEAD')
    const commits: string[] = []
    for await (const commit of transport.history?.({ at, id }, 'skills/review', reach) ?? []) commits.push(commit.id)
    expect(commits).toEqual([id, first])
  })

  test('an archive of another commit is refused', async () => {
    const { hub, at, reach } = await repositoryAt()
    const first = hub.git('rev-parse', 'HEAD')
    await hub.commit({ 'README.md': 'new' })
    const tarball = hub.git('rev-parse', 'HEAD')
    const liar = await httpServer({
      '*': { status: 302, headers: { location: `${hub.codeload.origin}/acme/skills/legacy.tar.gz/${tarball}` } },
    })
    const there = { ...at, host: `127.0.0.1:${liar.port}` }
    const failed = transport.open({ at: there, id: first }, bench(there).reach)
    await expect(failed).rejects.toMatchObject({ code: 'E_INTEGRITY', details: { expected: first, actual: tarball } })
    await liar.stop()
    expect(reach.offline).toBe(false)
  })
})

describe('access', () => {
  const token = 'canary-github-token'

  test('[A6] a token opens a private repository, and goes no further than the API', async () => {
    const { hub, at, later } = await repositoryAt({ token })
    const reach = later(0, bound(hub.api.origin, token))
    const { id } = await transport.pin(at, undefined, reach)
    expect(await (await transport.open({ at, id }, reach)).list('')).toHaveLength(2)
    expect(hub.api.requests.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${token}`, `Bearer ${token}`])
    expect(JSON.stringify(hub.codeload.requests)).not.toContain(token)
  })

  test('[A6] without it the error names the registry, says "not found or no access" and which variable to set', async () => {
    const { at, reach } = await repositoryAt({ token }, { registry: { token: { variable: 'CORP_TOKEN' } } })
    const failure = await transport.pin(at, undefined, reach).catch((e: unknown) => e)
    expect(failure).toMatchObject({
      code: 'E_ACCESS',
      exit: 7,
      message: expect.stringMatching(/registry "corp": not found or no access/),
      hint: expect.stringContaining('CORP_TOKEN'),
    })
  })

  test('[A6] for github.com the variable is GITHUB_TOKEN', async () => {
    const { hub, reach } = await repositoryAt({ token })
    const at = { via: 'github' as const, host: 'github.com', repo: 'acme/skills' }
    const failed = transport.pin(at, undefined, { ...reach, env: { HAAL_GITHUB_API: hub.api.origin } })
    await expect(failed).rejects.toMatchObject({ code: 'E_ACCESS', hint: expect.stringContaining('GITHUB_TOKEN') })
  })

  test.each([
    ['GITHUB_TOKEN', undefined, 'that the token in GITHUB_TOKEN may'],
    ['GH_TOKEN', undefined, 'that the token in GH_TOKEN may'],
    ['GITHUB_TOKEN', { literal: 'wrong' }, 'that the token may'],
  ])('[A6] the hint names %s only where a refused token came from there', async (variable, own, expected) => {
    const { hub, reach } = await repositoryAt({ token })
    const over = { registry: { ...reach.registry, ...(own && { token: own }) }, ...bound(hub.api.origin, 'wrong') }
    const env = { HAAL_GITHUB_API: hub.api.origin, [variable]: 'wrong' }
    const at = { via: 'github' as const, host: 'github.com', repo: 'acme/skills' }
    const failed = transport.pin(at, undefined, { ...reach, ...over, env })
    await expect(failed).rejects.toMatchObject({ code: 'E_ACCESS', hint: expect.stringContaining(expected) })
  })

  test('[A6] a wrong token is no access either', async () => {
    const { hub, at, later } = await repositoryAt({ token })
    const failed = transport.pin(at, undefined, later(0, bound(hub.api.origin, 'wrong')))
    await expect(failed).rejects.toMatchObject({ code: 'E_ACCESS', details: { registry: 'corp', status: 401 } })
  })

  test('[S7] a token for another origin is not sent', async () => {
    const { hub, at, later } = await repositoryAt()
    await transport.pin(at, undefined, later(0, bound('https://api.github.com', token)))
    expect(hub.api.requests).toHaveLength(1)
    expect(JSON.stringify(hub.api.requests)).not.toContain(token)
  })

  test('[S6] [O29] H01 an archive elsewhere is fetched only where policy admits it', async () => {
    const { hub, at } = await repositoryAt()
    const id = hub.git('rev-parse', 'HEAD')
    const place = `http://localhost:${hub.codeload.port}/acme/skills/legacy.tar.gz/${id}`
    const liar = await httpServer({ '*': { status: 302, headers: { location: place } } })
    onTestFinished(() => liar.stop())
    const there = { ...at, host: `127.0.0.1:${liar.port}` }
    const admitted: unknown[] = []
    const { reach } = bench(there, { admit: (to) => void admitted.push(to) })
    await expect(transport.open({ at: there, id }, reach)).rejects.toMatchObject({ code: 'E_REDIRECT' })
    expect(admitted).toEqual([{ via: 'url', url: place }])
    expect(hub.codeload.requests).toEqual([])
  })

  test('[S6] a repository that the network named is not looked for on this machine', async () => {
    const { hub, at, reach } = await repositoryAt({}, { registry: { author: 'network' } })
    const over = { ...reach, env: { HAAL_GITHUB_API: hub.api.origin } }
    await expect(transport.pin(at, undefined, over)).rejects.toMatchObject({ code: 'E_TRANSPORT' })
    expect(hub.api.requests).toEqual([])
  })

  test('HAAL_GITHUB_API stands in for the API of github.com', async () => {
    const { hub, reach } = await repositoryAt()
    const at = { via: 'github' as const, host: 'github.com', repo: 'acme/skills' }
    const over = { ...reach, env: { HAAL_GITHUB_API: hub.api.origin } }
    const { id } = await transport.pin(at, undefined, over)
    expect(await (await transport.open({ at, id }, over)).list('')).toHaveLength(2)
  })

  test.each([
    'http://api.corp.com',
    'http://127.0.0.1.corp.com',
    'http://localhost.corp.com',
    'http://not-localhost',
    'ftp://127.0.0.1',
    'https://canary@api.corp.com',
    'https://:canary@api.corp.com',
    'nonsense',
  ])('HAAL_GITHUB_API=%s is refused', async (api) => {
    const { reach } = await repositoryAt()
    const at = { via: 'github' as const, host: 'github.com', repo: 'acme/skills' }
    const failed = transport.pin(at, undefined, { ...reach, env: { HAAL_GITHUB_API: api } })
    await expect(failed).rejects.toMatchObject({ code: 'E_CONFIG', message: expect.not.stringContaining('canary') })
  })
})

describe('an API that is closed', () => {
  const limitUntil = Date.UTC(2026, 0, 2, 13, 30) / 1000

  test('a rate limit is reported with the time at which it ends', async () => {
    const { hub, at, reach } = await repositoryAt()
    hub.refuse({ limitUntil })
    await expect(transport.pin(at, undefined, reach)).rejects.toMatchObject({
      code: 'E_REGISTRY_UNAVAILABLE',
      message: expect.stringContaining('until 2026-01-02T13:30:00Z'),
      hint: expect.stringContaining('GITHUB_TOKEN'),
    })
  })

  test('a rate limit whose end is no time is reported without one', async () => {
    const { hub, at, reach } = await repositoryAt()
    hub.refuse({ limitUntil: 9_000_000_000_000_000 })
    await expect(transport.pin(at, undefined, reach)).rejects.toMatchObject({
      code: 'E_REGISTRY_UNAVAILABLE',
      message: expect.stringMatching(/rate limit is used up$/),
    })
  })

  test('a secondary rate limit counts from now', async () => {
    const { hub, at, reach } = await repositoryAt()
    hub.refuse({ retryAfter: 3600 })
    await expect(transport.pin(at, undefined, reach)).rejects.toMatchObject({
      code: 'E_REGISTRY_UNAVAILABLE',
      message: expect.stringContaining('until 2026-01-02T01:00:00Z'),
    })
  })

  /** A git transport that says what it was asked, and by whom. */
  function gitDouble() {
    const asked: { at: unknown; reach: Reach }[] = []
    const git: Transport = {
      via: 'git',
      pin: async (at, _ref, reach) => {
        asked.push({ at, reach })
        return { at, id: 'a'.repeat(40) }
      },
      open: async (revision, reach) => {
        asked.push({ at: revision.at, reach })
        return { revision, children: async () => [], list: async () => [], read: async () => new Uint8Array() }
      },
      versions: async () => [{ name: 'v1', id: 'a'.repeat(40) }],
    }
    return { asked, transport: github(async () => git) }
  }

  test('git answers in its place, with the token bound to git’s own origin', async () => {
    const { hub, at, later } = await repositoryAt()
    hub.refuse({ limitUntil })
    const { asked, transport: either } = gitDouble()
    const reach = later(0, bound(hub.api.origin, 'canary'))
    const revision = await either.pin(at, undefined, reach)
    expect(revision).toEqual({ at, id: 'a'.repeat(40) })
    expect((await either.open({ at, id: revision.id }, reach)).revision).toEqual(revision)
    expect(await either.versions?.(at, reach)).toHaveLength(1)
    const url = `http://${at.host}/acme/skills.git`
    expect(asked[0]?.at).toEqual({ via: 'git', url })
    expect(asked[0]?.reach.registry.at).toEqual({ via: 'git', url })
    expect(asked[0]?.reach.credential).toEqual({ origin: hub.api.origin, value: 'canary' })
  })

  test('git is not asked where HAAL_GITHUB_API stands for github.com: nobody knows where its repositories are', async () => {
    const { hub, reach } = await repositoryAt()
    hub.refuse({ limitUntil })
    const { asked, transport: either } = gitDouble()
    const at = { via: 'github' as const, host: 'github.com', repo: 'acme/skills' }
    const failed = either.pin(at, undefined, { ...reach, env: { HAAL_GITHUB_API: hub.api.origin } })
    await expect(failed).rejects.toMatchObject({ code: 'E_REGISTRY_UNAVAILABLE' })
    expect(asked).toEqual([])
  })

  test('[A6] a 403 that says nothing of a limit is no access', async () => {
    const server = await httpServer({ '*': { status: 403 } })
    onTestFinished(() => server.stop())
    const at = { via: 'github' as const, host: `127.0.0.1:${server.port}`, repo: 'acme/skills' }
    await expect(transport.pin(at, undefined, bench(at).reach)).rejects.toMatchObject({ code: 'E_ACCESS' })
  })

  test('[A41] git is not asked for what the API does not find, and with --offline for what it has cached', async () => {
    const { at, reach, later } = await repositoryAt({ token: 'other' })
    const { asked, transport: either } = gitDouble()
    await expect(either.pin(at, undefined, reach)).rejects.toMatchObject({ code: 'E_ACCESS' })
    expect(asked).toEqual([])
    expect((await either.pin(at, undefined, later(1, { offline: true }))).id).toBe('a'.repeat(40))
    expect(asked.map((each) => each.reach.offline)).toEqual([true])
    await expect(github(noGit).pin(at, undefined, later(2, { offline: true }))).rejects.toMatchObject({
      code: 'E_OFFLINE',
    })
  })

  test.each(['acme.ghe.com', 'github.com', 'ghe.corp.com'])(
    '[A2 S7] of %s git is asked at the host of the repositories, with the token that is bound to the API',
    async (host) => {
      const { asked, transport: either } = gitDouble()
      const at = { via: 'github' as const, host, repo: 'ai/skills' }
      const api = new URL(githubApi(host, {})).origin
      const { reach } = bench(at, { offline: true, ...bound(api, 'canary') })
      await either.pin(at, undefined, reach)
      expect(asked[0]?.at).toEqual({ via: 'git', url: `https://${host}/ai/skills.git` })
      expect(asked[0]?.reach.credential).toEqual({ origin: `https://${host}`, value: 'canary' })
    },
  )

  test.each(unanswered)('where git does not answer either, the API’s own words count: %s', async (code) => {
    const { hub, at, reach } = await repositoryAt()
    hub.refuse({ limitUntil })
    const silent = github(async () => fail(code, 'no git here'))
    await expect(silent.pin(at, undefined, reach)).rejects.toMatchObject({
      message: expect.stringContaining('rate limit'),
    })
  })
})

test('[A35] a second command within the hour asks nothing; a later one whether the commit is still the same', async () => {
  const { hub, at, reach, later } = await repositoryAt()
  const { id } = await transport.pin(at, undefined, reach)
  await transport.open({ at, id }, reach)
  const asked = hub.api.requests.length
  await transport.pin(at, undefined, later(3_599_999))
  await transport.open({ at, id }, later(3_599_999))
  expect(hub.api.requests).toHaveLength(asked)
  expect((await transport.pin(at, undefined, later(3_600_000))).id).toBe(id)
  expect(hub.api.requests).toHaveLength(asked + 1)
  expect(hub.api.requests.at(-1)?.headers['if-none-match']).toBe(`"${id}"`)
})

test('[S3] an API that answers with a page is out of order, not empty', async () => {
  const page = await httpServer({ '*': '<!doctype html>' })
  const at = { via: 'github' as const, host: `127.0.0.1:${page.port}`, repo: 'acme/skills' }
  const { reach } = bench(at)
  await expect(transport.pin(at, undefined, reach)).rejects.toMatchObject({ code: 'E_REGISTRY_UNAVAILABLE' })
  await expect(transport.versions?.(at, reach)).rejects.toMatchObject({ code: 'E_JSON' })
  await page.stop()
})
