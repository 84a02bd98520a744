import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { repository } from '../../e2e/world/git-repository.js'
import { gitBackend, gitServer } from '../../e2e/world/git-server.js'
import { serve } from '../../e2e/world/listen.js'
import { needs } from '../../e2e/world/needs.js'
import { authority } from '../../e2e/world/tls.js'
import { findProgram } from '../../src/io/process.js'
import type { HaalError } from '../../src/model/errors.js'
import { callerFor } from '../../src/transport/git/caller.js'
import { pinnedTo } from '../../src/transport/git/pinned.js'
import { systemEngine } from '../../src/transport/git/system.js'
import type { Remote } from '../../src/transport/git/url.js'
import { git } from '../../src/transport/git.js'
import {
  at,
  bytesOf,
  countFromNow,
  engines,
  gitBench,
  opened,
  openedAt,
  packsIn,
  passedOn,
  pinned,
  registryFiles,
  served,
  text,
} from './git-ground.js'
import { folder } from './reach.js'

const skill = 'skills/review/SKILL.md'

/** Text that does not pack well. */
function noise(seed: number): string {
  return Array.from({ length: 100 }, (_, i) => createHash('sha256').update(`${seed} ${i}`).digest('hex')).join('\n')
}

const manySkills = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`skills/s${i}/SKILL.md`, noise(i)]))

const sizeOf = (files: string[]) => files.reduce((sum, file) => sum + fs.statSync(file).size, 0)
const cacheOf = (reach: { cache: { folder(key: string): string } }) => path.dirname(reach.cache.folder('x'))

describe('what the system’s git fetches', () => {
  test('only the files that are wanted', async () => {
    const { url } = await served({ ...registryFiles, ...manySkills })
    const { reach } = gitBench(url, 'system')
    const tree = await opened(url, reach)
    await tree.prefetch?.(['skills/s7'])
    expect(await text(tree, 'skills/s7/SKILL.md')).toBe(noise(7))
    expect(sizeOf(packsIn(cacheOf(reach)))).toBeLessThan(20_000)
  })

  test('files that are read without having been announced, together where they are asked for together', async () => {
    const { server, url } = await served({ ...registryFiles, ...manySkills })
    const { reach } = gitBench(url, 'system')
    const tree = await opened(url, reach)
    await countFromNow({ server, url }, reach)
    const read = await Promise.all(Object.keys(manySkills).map((file) => text(tree, file)))
    expect(read).toEqual(Object.values(manySkills))
    expect(server.requests.filter(({ method }) => method === 'POST')).toHaveLength(1)
  })

  test('HEAD’s commit while it is asked where that leads', async () => {
    const { repo, server, url } = await served(registryFiles)
    const { reach } = gitBench(url, 'system')
    const id = await pinned(url, reach)
    await countFromNow({ server, url }, reach)
    expect((await openedAt(url, reach, id)).committed?.getTime()).toBeGreaterThan(0)
    expect([id, server.paths()]).toEqual([repo.sha(), []])
  })

  test('what is likely to be wanted before it is asked for, and once', async () => {
    const { server, url } = await served({ ...registryFiles, ...manySkills })
    const { reach } = gitBench(url, 'system', { likely: ['skills/s7', 'skills/s8', 'agents/s7.md'] })
    const asked = () => server.requests.filter(({ method }) => method === 'POST').length
    const tree = await opened(url, reach)
    expect(await text(tree, 'skills/s7/SKILL.md')).toBe(noise(7))
    await tree.prefetch?.(['skills/s7'])
    const [commit, files] = [2, 1]
    expect(asked()).toBe(commit + files)
    expect(await text(tree, 'skills/s8/SKILL.md')).toBe(noise(8))
    expect(asked()).toBe(commit + files)
    expect(await text(tree, skill)).toBe('# review v1\n')
  })

  test('nothing in vain: what is likely and cannot be had is no error until it is asked for', async () => {
    const { repo, url } = await served({ ...registryFiles, ...manySkills })
    const { reach, later } = gitBench(url, 'system')
    const id = await pinned(url, reach)
    await openedAt(url, reach, id)
    fs.rmSync(repo.path, { recursive: true })
    const tree = await openedAt(url, later(0, { likely: ['skills/s7'] }), id)
    expect(await tree.children('skills/s7')).toEqual([
      { path: 'skills/s7/SKILL.md', type: 'file', mode: 0o644, size: -1 },
    ])
    await expect(tree.prefetch?.(['skills/s7'])).rejects.toMatchObject({ code: 'E_ACCESS' })
  })

  test('the list of refs with one question', async () => {
    const { repo, server, url } = await served(registryFiles, { tag: 'v1.0.0' })
    const { reach } = gitBench(url, 'system')
    expect(await pinned(url, reach, repo.sha())).toBe(repo.sha())
    expect(await git.versions?.(at(url), reach)).toEqual([{ name: 'v1.0.0', id: repo.sha() }])
    expect(server.requests).toHaveLength(1)
  })

  test('everything with it where most of that is wanted', async () => {
    const { server, url } = await served({ ...registryFiles, ...manySkills })
    const { reach } = gitBench(url, 'system', { broad: true })
    const tree = await opened(url, reach)
    await countFromNow({ server, url }, reach)
    expect(await Promise.all(Object.keys(manySkills).map((file) => text(tree, file)))).toEqual(
      Object.values(manySkills),
    )
    expect(server.paths()).toEqual([])
  })

  test('the next time only what is new', async () => {
    const { repo, url } = await served({ ...registryFiles, ...manySkills })
    const { reach, later } = gitBench(url, 'system')
    await (await opened(url, reach)).prefetch?.([''])
    const before = sizeOf(packsIn(cacheOf(reach)))
    await repo.commit({ [skill]: 'changed' })
    const tree = await opened(url, later(0, { refresh: true }))
    await tree.prefetch?.([''])
    expect(await text(tree, skill)).toBe('changed')
    expect(await text(tree, 'skills/s7/SKILL.md')).toBe(noise(7))
    expect(sizeOf(packsIn(cacheOf(reach))) - before).toBeLessThan(before / 10)
  })

  test('packs that have become many are made into one', async () => {
    const { repo, url } = await served({ ...registryFiles, ...manySkills })
    const { reach, later } = gitBench(url, 'system')
    await (await opened(url, reach)).prefetch?.(['skills/s7'])
    const [pack = ''] = packsIn(cacheOf(reach))
    for (let i = 0; i < 60; i += 1)
      for (const end of ['.pack', '.idx', '.promisor']) {
        const name = createHash('sha1').update(String(i)).digest('hex')
        fs.copyFileSync(pack.replace('.pack', end), path.join(path.dirname(pack), `pack-${name}${end}`))
      }
    await repo.commit({ [skill]: 'changed' })
    const next = later(0, { refresh: true })
    expect(await text(await opened(url, next), skill)).toBe('changed')
    expect(packsIn(cacheOf(reach)).length).toBeLessThan(5)
    expect(await text(await opened(url, next), 'skills/s7/SKILL.md')).toBe(noise(7))
  })
})

needs('git', 'sh')('[A40] a git that cannot be started says nothing about what is stored', async () => {
  const { url } = await served(registryFiles)
  const { reach, later } = gitBench(url, 'system')
  await (await opened(url, reach)).prefetch?.([''])
  const kept = packsIn(cacheOf(reach))
  const PATH = folder()
  fs.writeFileSync(path.join(PATH, 'git'), '#!/bin/sh\n/bin/chmod a-x "$0"\necho git version 2.50.0\n', { mode: 0o755 })
  const read = async () => (await opened(url, later(0, { env: { PATH, HAAL_GIT: 'system' } }))).prefetch?.([''])
  await expect(read()).rejects.toThrow(/git cannot be started: EACCES/)
  expect(packsIn(cacheOf(reach))).toEqual(kept)
})

describe.each(engines)('%s git and servers that cannot do everything', (engine) => {
  /** git's server as it was before protocol 2: only what is advertised may be asked for, and there are no filters. */
  async function oldServer() {
    const root = folder()
    const repo = await repository(path.join(root, 'corp.git'), registryFiles)
    for (const key of ['allowFilter', 'allowAnySHA1InWant']) repo.git('config', `uploadpack.${key}`, 'false')
    const server = await serve((request, response) => {
      delete request.headers['git-protocol']
      return gitBackend(root, request, response)
    })
    onTestFinished(() => server.stop())
    return { repo, url: `${server.origin}/corp.git` }
  }

  test('one without filters gives the whole commit', async () => {
    const { repo, url } = await served(registryFiles)
    for (const key of ['allowFilter', 'allowAnySHA1InWant']) repo.git('config', `uploadpack.${key}`, 'false')
    const tree = await opened(url, gitBench(url, engine).reach)
    await tree.prefetch?.(['skills'])
    expect(await text(tree, skill)).toBe('# review v1\n')
  })

  test('one that gives only branches and tags is asked for all of them where an older commit is wanted', async () => {
    const { repo, url } = await oldServer()
    const first = repo.sha()
    await repo.commit({ [skill]: 'two' })
    const { reach } = gitBench(url, engine)
    expect(await text(await opened(url, reach), skill)).toBe('two')
    expect(await text(await openedAt(url, reach, first), skill)).toBe('# review v1\n')
    await expect(openedAt(url, reach, 'a'.repeat(40))).rejects.toMatchObject({ code: 'E_REF' })
  })

  test('one that knows filters but does not give single files gives the whole commit', async () => {
    const { repo, url } = await oldServer()
    repo.git('config', 'uploadpack.allowFilter', 'true')
    const first = repo.sha()
    await repo.commit({ [skill]: 'two' })
    const { reach } = gitBench(url, engine)
    expect(await text(await opened(url, reach), skill)).toBe('two')
    expect(await text(await openedAt(url, reach, first), skill)).toBe('# review v1\n')
  })
})

test('a plain web server with a repository on it serves the system’s git', async () => {
  const { repo } = await served(registryFiles)
  await repo.commit({ [skill]: 'two' })
  repo.git('repack', '-a', '-d', '-q')
  repo.git('update-server-info')
  const server = await serve((request, response) => {
    const file = path.join(repo.path, new URL(request.url ?? '', 'http://x').pathname.replace('/corp.git', ''))
    if (!fs.existsSync(file) || fs.statSync(file).isDirectory()) return void response.writeHead(404).end()
    response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(fs.readFileSync(file))
  })
  onTestFinished(() => server.stop())
  const url = `${server.origin}/corp.git`
  expect(await text(await opened(url, gitBench(url, 'system').reach, 'main'), skill)).toBe('two')
})

test('a SHA-256 repository is read by the system’s git, and is an error that says so for the embedded one', async () => {
  const root = folder()
  const at = path.join(root, 'corp.git')
  const git = (input: string, ...args: string[]) =>
    execFileSync('git', ['-C', at, ...args], { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'ignore'] }).trim()
  execFileSync('git', ['init', '-q', '--bare', '--object-format=sha256', '--initial-branch=main', at])
  const blob = git('sha256\n', 'hash-object', '-w', '--stdin')
  const tree = git(`100644 blob ${blob}\tREADME.md\n`, 'mktree')
  const who = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com']
  const commit = git('', ...who, 'commit-tree', tree, '-m', 'one')
  git('', 'update-ref', 'refs/heads/main', commit)
  const server = await gitServer(root)
  onTestFinished(() => server.stop())
  const url = `${server.origin}/corp.git`
  expect(commit).toHaveLength(64)
  expect(await text(await opened(url, gitBench(url, 'system').reach), 'README.md')).toBe('sha256\n')
  expect(await text(await opened(at, gitBench(at, 'system').reach, 'main'), 'README.md')).toBe('sha256\n')
  await expect(opened(url, gitBench(url, 'embedded').reach)).rejects.toMatchObject({
    code: 'E_TRANSPORT',
    message: expect.stringContaining('SHA-256'),
  })
})

test('[S2] a file that is larger than haal takes is refused, and the others are not', async () => {
  const { url } = await served({ ...registryFiles, 'skills/review/huge.bin': new Uint8Array(33 * 1024 * 1024) })
  const tree = await opened(url, gitBench(url, 'system').reach)
  await tree.prefetch?.(['skills'])
  await expect(tree.read('skills/review/huge.bin')).rejects.toMatchObject({ code: 'E_LIMIT_SIZE' })
  expect(await text(tree, skill)).toBe('# review v1\n')
})

test('[S2] a server that sends without end is stopped where the budget ends', async () => {
  const root = folder()
  const repo = await repository(path.join(root, 'corp.git'), {
    'huge.bin': Buffer.concat(Array.from({ length: 60 }, (_, i) => Buffer.from(noise(i)))),
  })
  let isEndless = false
  const server = await serve((request, response) => {
    if (isEndless && request.method === 'POST') response.end = () => response
    return gitBackend(root, request, response)
  })
  onTestFinished(() => server.stop())
  const url = `${server.origin}/corp.git`
  const { reach } = gitBench(url, 'system')
  const setting = {
    program: { path: findProgram('git', process.env) ?? '', version: [2, 39] as const },
    reach,
    base: folder(),
  }
  const remote: Remote = { kind: 'http', url, origin: server.origin }
  const found = { redirected: async () => remote, config: async () => ({}) }
  const caller = callerFor({ ...setting, ...found, home: setting.base, remote })
  const engine = systemEngine({ ...setting, most: 100_000 }, caller)
  await engine.fetchCommit(repo.sha())
  isEndless = true
  await expect(engine.fetchBlobs([repo.git('rev-parse', 'HEAD:huge.bin')], repo.sha())).rejects.toMatchObject({
    code: 'E_LIMIT_SIZE',
  })
})

/** The gits that this process has started, but for the server's: those with a process group of their own. */
function gits(): number[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,pgid=,ppid='], { encoding: 'utf8' }).split('\n')
  const rows = lines.map((line) => line.trim().split(/\s+/).map(Number))
  return rows.flatMap(([pid = 0, group, parent]) => (parent === process.pid && pid === group ? [pid] : []))
}

describe('several commands in one store', () => {
  test('all get their bytes', async () => {
    const { repo, url } = await served({ ...registryFiles, ...manySkills })
    const first = repo.sha()
    const second = await repo.commit({ [skill]: 'two' })
    const { later } = gitBench(url, 'system')
    const one = async (id: string) => {
      const tree = await openedAt(url, later(0), id)
      await tree.prefetch?.(['skills'])
      return text(tree, skill)
    }
    const read = await Promise.all([one(first), one(second), one(first), one(second)])
    expect(read).toEqual(['# review v1\n', 'two', '# review v1\n', 'two'])
  })

  test('the lock of a git that was killed is taken away', async () => {
    const { repo, url } = await served(registryFiles)
    const { reach, later } = gitBench(url, 'system')
    await pinned(url, reach)
    const lock = path.join(cacheOf(reach), fs.readdirSync(cacheOf(reach))[0] ?? '', 'sparse', 'shallow.lock')
    fs.writeFileSync(lock, '')
    fs.utimesSync(lock, 0, 0)
    await repo.commit({ [skill]: 'two' })
    expect(await text(await opened(url, later(0, { refresh: true })), skill)).toBe('two')
    expect(fs.existsSync(lock)).toBe(false)
  })

  test('[L14] the lock of a git that was killed just now is taken away at once, and nothing of it stays', async () => {
    const { repo, server } = await served(registryFiles)
    let stuck = false
    const front = await serve(async (request, response) => {
      const body = await bytesOf(request)
      await passedOn(server.origin, { request, response, body, stuck })
    })
    onTestFinished(() => front.stop())
    const url = `${front.origin}/corp.git`
    const { reach, later } = gitBench(url, 'system')
    await opened(url, reach)
    const store = path.join(cacheOf(reach), fs.readdirSync(cacheOf(reach))[0] ?? '', 'sparse')
    const lock = path.join(store, 'shallow.lock')
    const before = fs.readdirSync(store)
    const second = await repo.commit({ [skill]: 'two' })
    stuck = true
    const opening = openedAt(url, later(0), second).catch((e: HaalError) => e.code)
    while (!fs.existsSync(lock)) await new Promise((done) => setTimeout(done, 5))
    for (const pid of gits()) process.kill(-pid, 'SIGKILL')
    expect([await opening, fs.existsSync(lock)]).toEqual(['E_REGISTRY_UNAVAILABLE', true])
    stuck = false
    expect(await text(await openedAt(url, later(0), second), skill)).toBe('two')
    expect(fs.readdirSync(store).filter((name) => !before.includes(name))).toEqual([])
  })

  test('the lock of a git that works is waited for', async () => {
    const { repo, url } = await served(registryFiles)
    const { reach, later } = gitBench(url, 'system')
    await pinned(url, reach)
    const lock = path.join(cacheOf(reach), fs.readdirSync(cacheOf(reach))[0] ?? '', 'sparse', 'shallow.lock')
    fs.writeFileSync(lock, '')
    await repo.commit({ [skill]: 'two' })
    const stillThere: boolean[] = []
    const letGo = () => {
      stillThere.push(fs.existsSync(lock))
      fs.rmSync(lock, { force: true })
    }
    const stat = (at: string) => {
      if (at === lock && stillThere.length === 0) setImmediate(letGo)
      return reach.disk.stat(at)
    }
    const disk = { ...reach.disk, stat }
    expect(await text(await opened(url, later(0, { refresh: true, disk })), skill)).toBe('two')
    expect(stillThere[0]).toBe(true)
  })
})

describe('https', () => {
  needs('git', 'openssl')('[A9] an authority of NODE_EXTRA_CA_CERTS is trusted, an unknown one is not', async () => {
    const root = folder()
    const trusted = authority(path.join(root, 'tls'))
    await repository(path.join(root, 'corp.git'), registryFiles)
    const server = await gitServer(root, trusted.issue())
    onTestFinished(() => server.stop())
    const url = `${server.origin}/corp.git`
    const { reach } = gitBench(url, 'system', { env: { NODE_EXTRA_CA_CERTS: trusted.file } })
    expect(await text(await opened(url, reach), skill)).toBe('# review v1\n')
    const another = authority(path.join(root, 'another'))
    for (const env of [{}, { NODE_EXTRA_CA_CERTS: another.file }])
      await expect(pinned(url, gitBench(url, 'system', { env }).reach)).rejects.toMatchObject({
        code: 'E_REGISTRY_UNAVAILABLE',
        hint: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
      })
  })
})

describe('an address that came over the network', () => {
  const stranger = { author: 'network' as const, name: 'corp', allows: () => false }
  const remoteAt = (origin: string): Remote => ({ kind: 'http', url: `${origin}/a.git`, origin })
  const answering =
    (...addresses: string[]) =>
    async () =>
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))

  test.each(['10.0.0.1', '169.254.169.254', '127.0.0.1', '192.168.1.1', 'fd00::1', '::1', '::ffff:10.0.0.1'])(
    '[S6] does not lead to %s',
    async (address) => {
      const pinning = pinnedTo(remoteAt('https://evil.com'), stranger, { env: {} }, answering('93.184.216.34', address))
      await expect(pinning).rejects.toMatchObject({ code: 'E_TRANSPORT' })
    },
  )

  test('[S6] leads to the public address that was judged, and no other', async () => {
    const settings = await pinnedTo(
      remoteAt('https://git.corp.com'),
      stranger,
      { env: {} },
      answering('93.184.216.34', '2001:db9::1'),
    )
    expect(settings).toEqual({ 'http.curloptResolve': 'git.corp.com:443:93.184.216.34,[2001:db9::1]' })
  })

  test('[S6] written as a private address is refused, unless somebody outside names the origin', async () => {
    const remote = remoteAt('https://10.0.0.1')
    await expect(pinnedTo(remote, stranger, { env: {} })).rejects.toMatchObject({ code: 'E_TRANSPORT' })
    expect(await pinnedTo(remote, { ...stranger, allows: () => true }, { env: {} })).toEqual({})
  })
})
