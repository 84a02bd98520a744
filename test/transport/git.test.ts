import fs from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { HaalError } from '../../src/model/errors.js'
import { git } from '../../src/transport/git.js'
import {
  at,
  countFromNow,
  engines,
  gitBench,
  opened,
  openedAt,
  packsIn,
  pinned,
  registryFiles,
  served,
  text,
} from './git-ground.js'
import { folder } from './reach.js'

const minute = 60_000
const skill = 'skills/review/SKILL.md'

describe.each(engines)('%s git', (engine) => {
  test('[A4] [A9] without a ref the default branch of the server is read, whatever its name', async () => {
    const { repo, url } = await served(registryFiles, { branch: 'trunk' })
    await repo.commit({ [skill]: '# stale\n' }, { branch: 'main' })
    const { reach } = gitBench(url, engine)
    expect(await text(await opened(url, reach), skill)).toBe('# review v1\n')
  })

  test('[A3] [A5] [O19] branch, tag, annotated tag, version and commit each name their own bytes', async () => {
    const { repo, url } = await served(registryFiles)
    const first = repo.sha()
    await repo.commit({ [skill]: 'next' }, { branch: 'next' })
    repo.git('tag', '-a', '-m', 'one', 'v1.0.0', first)
    await repo.commit({ [skill]: 'latest' }, { tag: 'v2.0.0' })
    const { reach } = gitBench(url, engine)
    const at = async (ref: string) => text(await opened(url, reach, ref), skill)
    expect(await at('next')).toBe('next')
    expect(await at('v1.0.0')).toBe('# review v1\n')
    expect(await at('1.0.0')).toBe('# review v1\n')
    expect(await at('2.0.0')).toBe('latest')
    expect(await at(first)).toBe('# review v1\n')
    expect(await at('refs/heads/main')).toBe('latest')
  })

  test('[O19] a ref that does not exist is an error with the nearest name', async () => {
    const { url } = await served(registryFiles, { branch: 'production' })
    const { reach } = gitBench(url, engine)
    await expect(pinned(url, reach, 'prodution')).rejects.toMatchObject({
      code: 'E_REF',
      hint: 'did you mean "production"?',
    })
  })

  test('[O19] a HEAD that leads nowhere is an error that names a branch', async () => {
    const { repo, url } = await served(registryFiles)
    repo.git('symbolic-ref', 'HEAD', 'refs/heads/none')
    await expect(pinned(url, gitBench(url, engine).reach)).rejects.toMatchObject({
      code: 'E_REF',
      hint: 'name one: "ref": "main"',
    })
  })

  test('[O19] a commit that the repository does not have is an error', async () => {
    const { url } = await served(registryFiles)
    const { reach } = gitBench(url, engine)
    await expect(openedAt(url, reach, 'a'.repeat(40))).rejects.toMatchObject({ code: 'E_REF' })
  })

  test('[O19] a tag that leads to no commit is an error that names the registry', async () => {
    const { repo, url } = await served(registryFiles)
    repo.git('update-ref', 'refs/tags/v1.0.0', repo.git('rev-parse', `main:${skill}`))
    await expect(opened(url, gitBench(url, engine).reach, 'v1.0.0')).rejects.toMatchObject({
      code: 'E_REF',
      message: expect.stringMatching(/^corp: [0-9a-f]{40} is not a commit$/),
    })
  })

  test('[S5] a commit of a time beyond all calendars has the last one there is', async () => {
    const { repo, url } = await served(registryFiles)
    const raw = path.join(folder(), 'commit')
    const by = 'ada <ada@acme.test> 99999999999999999 +0000'
    fs.writeFileSync(raw, `tree ${repo.git('rev-parse', 'main^{tree}')}\nauthor ${by}\ncommitter ${by}\n\nx\n`)
    repo.git('update-ref', 'refs/heads/main', repo.git('hash-object', '-t', 'commit', '-w', '--literally', raw))
    const tree = await opened(url, gitBench(url, engine).reach)
    expect(tree.committed?.toISOString()).toBe('9999-12-31T23:59:59.000Z')
  })

  test.each(['100644x', '1006440000', '0', '9'])('[S1] a folder with the mode %s is none', async (mode) => {
    const { repo } = await served(registryFiles)
    await repo.commitRaw([{ mode, name: 'SKILL.md', body: 'x' }])
    const tree = await opened(repo.path, gitBench(repo.path, engine).reach)
    await expect(tree.children('')).rejects.toMatchObject({ code: 'E_ARCHIVE' })
  })

  test('[A27] every file arrives byte for byte with its executable bit, whatever .gitattributes asks for', async () => {
    const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => (i * 31) % 256)
    const { url } = await served({
      ...registryFiles,
      '.gitattributes': '* text eol=crlf ident\n*.bin filter=lfs\n',
      'skills/review/data.bin': bytes,
      'skills/review/id.md': '$Id$\n',
      'skills/review/empty': '',
    })
    const { reach } = gitBench(url, engine)
    const tree = await opened(url, reach)
    await tree.prefetch?.(['skills/review'])
    const listed = await tree.list('skills/review')
    expect(Object.fromEntries(listed.map(({ path, type, mode }) => [path, `${type} ${mode.toString(8)}`]))).toEqual({
      'skills/review/SKILL.md': 'file 644',
      'skills/review/data.bin': 'file 644',
      'skills/review/empty': 'file 644',
      'skills/review/id.md': 'file 644',
      'skills/review/scripts/run.sh': 'file 755',
    })
    expect(Buffer.from(await tree.read('skills/review/data.bin'))).toEqual(Buffer.from(bytes))
    expect(await text(tree, 'skills/review/id.md')).toBe('$Id$\n')
    expect(await text(tree, 'skills/review/empty')).toBe('')
    expect(await text(tree, 'README.md')).toBe('a registry\n')
  })

  test('children are what lies directly in a folder, and an absent folder is empty', async () => {
    const { url } = await served(registryFiles)
    const tree = await opened(url, gitBench(url, engine).reach)
    const names = async (under: string) => (await tree.children(under)).map(({ path, type }) => `${type} ${path}`)
    expect(await names('')).toEqual(['file README.md', 'folder skills'])
    expect(await names('skills/review')).toEqual(['file skills/review/SKILL.md', 'folder skills/review/scripts'])
    expect(await names('skills/nothing')).toEqual([])
    expect(await tree.list('skills/nothing')).toEqual([])
    expect((await tree.list('README.md')).map((entry) => entry.path)).toEqual(['README.md'])
  })

  test('[S8] G02 links and submodules are shown as what they are, and never read or followed', async () => {
    const { repo, url } = await served(registryFiles)
    await repo.commitRaw([
      { mode: '120000', name: 'link', body: '/etc/passwd' },
      { mode: '160000', name: 'module', id: 'b'.repeat(40) },
      { mode: '104755', name: 'setuid', body: 'x' },
      { mode: '100644', name: 'plain', body: 'x' },
    ])
    const tree = await opened(url, gitBench(url, engine).reach)
    const shown = (await tree.list('')).map(({ path, type, mode }) => `${path} ${type} ${mode.toString(8)}`)
    expect(shown.sort()).toEqual(['link link 0', 'module other 0', 'plain file 644', 'setuid file 4755'])
    await expect(tree.read('link')).rejects.toMatchObject({ code: 'E_ENTRY_TYPE' })
    await expect(tree.read('link/passwd')).rejects.toMatchObject({ code: 'E_ENTRY_MISSING' })
    await expect(tree.read('module')).rejects.toMatchObject({ code: 'E_ENTRY_TYPE' })
  })

  test('[S8] a file that is a folder in truth is refused', async () => {
    const { repo, url } = await served(registryFiles)
    const folder = repo.git('rev-parse', 'HEAD:skills')
    await repo.commitRaw([{ mode: '100644', name: 'README.md', id: folder }])
    const tree = await opened(url, gitBench(url, engine).reach)
    await expect(tree.read('README.md')).rejects.toMatchObject({ code: 'E_ENTRY_TYPE' })
  })

  const oddNames = [
    '.',
    '..',
    '.git',
    '.GIT',
    '.gi\u200ct',
    'git~1',
    '.git ',
    '.git::$INDEX_ALLOCATION',
    'a\\b',
    '\x1b]0;x',
  ]
  test.each(oddNames)('[S8] G01 the name %j is given as it is, for intake to refuse', async (name) => {
    const { repo, url } = await served(registryFiles)
    await repo.commitRaw([{ mode: '40000', name: 'skills', entries: [{ mode: '100644', name, body: 'x' }] }])
    const tree = await opened(url, gitBench(url, engine).reach)
    expect((await tree.list('skills')).map((entry) => entry.path)).toEqual([`skills/${name}`])
  })

  test('[S8] G01 a name with a slash, which would look like two, is refused', async () => {
    const { repo, url } = await served(registryFiles)
    await repo.commitRaw([{ mode: '40000', name: 'skills', entries: [{ mode: '100644', name: 'a/b', body: 'x' }] }])
    const tree = await opened(url, gitBench(url, engine).reach)
    await expect(tree.list('skills')).rejects.toMatchObject({ code: 'E_PATH_FORBIDDEN' })
  })

  test.each(['../skills', '/', '/skills', 'skills/../README.md', 'skills/review/SKILL.md/x', './skills'])(
    '[A19] G16 the path %j leads nowhere',
    async (wrong) => {
      const { url } = await served(registryFiles)
      const tree = await opened(url, gitBench(url, engine).reach)
      expect(await tree.list(wrong)).toEqual([])
      await expect(tree.read(wrong)).rejects.toMatchObject({ code: 'E_ENTRY_MISSING' })
    },
  )

  test('folders that hold one another many times over end in an error, not in memory', async () => {
    const { repo, url } = await served(registryFiles)
    const inside = (depth: number): object[] =>
      Array.from({ length: 12 }, (_, i) =>
        depth === 0 ? { mode: '100644', name: `f${i}`, body: 'x' } : { mode: '40000', name: `d${i}`, entries: [] },
      )
    let id = ''
    for (let depth = 0; depth < 7; depth += 1) {
      const entries = inside(depth).map((entry) => (depth === 0 ? entry : { ...entry, entries: undefined, id }))
      await repo.commitRaw(entries as never)
      id = repo.git('rev-parse', 'HEAD^{tree}')
    }
    const tree = await opened(url, gitBench(url, engine).reach)
    await expect(tree.list('')).rejects.toMatchObject({ code: 'E_LIMIT_ENTRIES' })
  })

  test('tags are the versions, annotated ones peeled', async () => {
    const { repo, url } = await served(registryFiles, { tag: 'v1.0.0' })
    const first = repo.sha()
    await repo.commit({ [skill]: 'two' })
    repo.git('tag', '-a', '-m', 'two', 'review@2.0.0')
    const { reach } = gitBench(url, engine)
    expect(await git.versions?.(at(url), reach)).toEqual([
      { name: 'review@2.0.0', id: repo.sha() },
      { name: 'v1.0.0', id: first },
    ])
  })

  test('[O26] the history of a path has the commits that touched it, newest first', async () => {
    const { repo, url } = await served(registryFiles)
    const first = repo.sha()
    const second = await repo.commit({ [skill]: 'two' })
    await repo.commit({ 'README.md': 'other' })
    const third = await repo.commit({ 'skills/review/more.md': 'three' })
    const { reach } = gitBench(url, engine)
    await opened(url, reach)
    const ids: string[] = []
    for await (const { id } of git.history?.({ at: at(url), id: repo.sha() }, 'skills/review', reach) ?? [])
      ids.push(id)
    expect(ids).toEqual([third, second, first])
    expect(await text(await openedAt(url, reach, first), skill)).toBe('# review v1\n')
  })

  test('the date of a commit is known', async () => {
    const { repo, url } = await served(registryFiles)
    const tree = await opened(url, gitBench(url, engine).reach)
    expect(tree.committed?.toISOString()).toBe(
      new Date(Number(repo.git('log', '-1', '--format=%ct')) * 1000).toISOString(),
    )
  })

  test('a commit may say of itself what is no date', async () => {
    const { repo, url } = await served(registryFiles)
    const raw = repo.git('cat-file', 'commit', 'HEAD').replace(/^(committer .*> )\d+/m, '$199999999999999999999')
    const file = path.join(folder(), 'commit')
    fs.writeFileSync(file, `${raw}\n`)
    const id = repo.git('hash-object', '-t', 'commit', '-w', '--literally', file).trim()
    repo.git('update-ref', 'refs/heads/odd', id)
    const tree = await opened(url, gitBench(url, engine).reach, 'odd')
    expect(tree.committed?.toISOString()).toMatch(/Z$/)
  })
})

describe.each(engines)('%s git and its cache', (engine) => {
  test('where HEAD leads is asked for once more, and no more, where it leads nowhere new', async () => {
    const { repo, server, url } = await served(registryFiles)
    const { reach, later } = gitBench(url, engine)
    await opened(url, reach)
    await countFromNow({ server, url }, reach)
    expect(await pinned(url, later(0, { refresh: true }))).toBe(repo.sha())
    expect(server.paths().filter((one) => one.includes('/info/refs'))).toHaveLength(1)
  })

  test('[A35] a list of refs tells where HEAD leads, too', async () => {
    const { repo, server, url } = await served(registryFiles)
    const { reach, later } = gitBench(url, engine, { registry: { cacheDuration: 10 * minute } })
    await pinned(url, reach, 'main')
    server.forget()
    expect(await pinned(url, later(minute))).toBe(repo.sha())
    expect(server.paths()).toEqual([])
  })

  test('a repository is fetched once in a command, whatever number of artifacts come from it', async () => {
    const { server, url } = await served(registryFiles)
    const { reach } = gitBench(url, engine)
    const tree = await opened(url, reach)
    await tree.prefetch?.(['skills/review', 'skills/plan'])
    await countFromNow({ server, url }, reach)
    await tree.prefetch?.(['skills/review'])
    await opened(url, reach)
    expect(await text(tree, skill)).toBe('# review v1\n')
    expect(await text(tree, 'skills/plan/SKILL.md')).toBe('# plan\n')
    expect(server.paths()).toEqual([])
  })

  test('[A35] within cacheDuration a second command asks nothing, after it once', async () => {
    const { server, url } = await served(registryFiles)
    const { reach, later } = gitBench(url, engine, { registry: { cacheDuration: 10 * minute } })
    await text(await opened(url, reach), skill)
    await countFromNow({ server, url }, reach)
    expect(await text(await opened(url, later(9 * minute)), skill)).toBe('# review v1\n')
    expect(server.paths()).toEqual([])
    await opened(url, later(11 * minute))
    expect(server.paths().filter((one) => one.includes('/info/refs'))).toHaveLength(1)
  })

  test('[O34] what is in the cache outlives a ref that was deleted or rewritten', async () => {
    const { repo, url } = await served(registryFiles)
    const { reach, later } = gitBench(url, engine)
    const old = await pinned(url, reach)
    await (await openedAt(url, reach, old)).prefetch?.(['skills'])
    await repo.rewrite({ [skill]: 'rewritten' })
    const next = later(0, { refresh: true })
    expect(await pinned(url, next)).not.toBe(old)
    expect(await text(await openedAt(url, next, old), skill)).toBe('# review v1\n')
  })

  test('offline, what is cached serves and the rest is an error', async () => {
    const { server, url } = await served(registryFiles)
    const { reach, later } = gitBench(url, engine)
    await (await opened(url, reach)).prefetch?.(['skills'])
    await server.stop()
    const offline = later(minute, { offline: true })
    expect(await text(await opened(url, offline), skill)).toBe('# review v1\n')
    await expect(openedAt(url, offline, 'a'.repeat(40))).rejects.toMatchObject({ code: 'E_OFFLINE' })
    const nothing = gitBench(url, engine, { offline: true }).reach
    await expect(pinned(url, nothing)).rejects.toMatchObject({ code: 'E_OFFLINE' })
  })

  test('[A41] offline, nothing that is stored is thrown away, damaged or not', async () => {
    const { url } = await served(registryFiles)
    const { reach, later } = gitBench(url, engine)
    await (await opened(url, reach)).prefetch?.(['skills'])
    const root = path.dirname(reach.cache.folder('x'))
    const packs = packsIn(root)
    for (const name of fs.readdirSync(root, { recursive: true, encoding: 'utf8' }))
      if (path.basename(name) === 'shallow') fs.writeFileSync(path.join(root, name), 'damaged')
    await expect(openedAt(url, later(0, { offline: true }), 'a'.repeat(40))).rejects.toMatchObject({
      code: 'E_OFFLINE',
    })
    expect(packsIn(root)).toEqual(packs)
  })

  test('[A41] where the network is down, what is cached serves with a warning, but not for --refresh', async () => {
    const { server, url } = await served(registryFiles)
    const { reach, later, warnings } = gitBench(url, engine)
    const id = await pinned(url, reach)
    await server.stop()
    expect(await pinned(url, later(120 * minute))).toBe(id)
    expect(warnings()).toEqual(['W_STALE'])
    await expect(pinned(url, later(120 * minute, { refresh: true }))).rejects.toMatchObject({
      code: 'E_REGISTRY_UNAVAILABLE',
    })
  })

  test.each([
    ['cut', (file: string) => fs.truncateSync(file, Math.floor(fs.statSync(file).size / 2))],
    ['emptied', (file: string) => fs.truncateSync(file, 0)],
    [
      'scribbled over',
      (file: string) =>
        fs.writeFileSync(
          file,
          fs.readFileSync(file).map((byte, i) => (i % 7 ? byte : byte ^ 1)),
        ),
    ],
  ])('[A40] F11 a stored pack that was %s is found and fetched again; offline it is an error', async (_how, spoil) => {
    const { url } = await served(registryFiles)
    const { reach, later } = gitBench(url, engine)
    await (await opened(url, reach)).prefetch?.(['skills'])
    const spoilAll = () => {
      for (const file of packsIn(path.dirname(reach.cache.folder('x')))) {
        fs.chmodSync(file, 0o644)
        spoil(file)
      }
    }
    spoilAll()
    const offline = later(0, { offline: true })
    await expect(opened(url, offline).then((tree) => text(tree, skill))).rejects.toMatchObject({ code: 'E_CACHE' })
    expect(await text(await opened(url, later(0)), skill)).toBe('# review v1\n')
  })

  test('[L14] a damaged store that another haal has renewed already is not thrown away once more', async () => {
    const { repo, server, url } = await served(registryFiles)
    const { reach, later } = gitBench(url, engine)
    const tree = await openedAt(url, reach, repo.sha())
    for (const file of packsIn(path.dirname(reach.cache.folder('x')))) {
      fs.chmodSync(file, 0o644)
      fs.writeFileSync(file, 'damaged')
    }
    expect(await text(await openedAt(url, later(0), repo.sha()), skill)).toBe('# review v1\n')
    server.forget()
    expect(await text(tree, skill)).toBe('# review v1\n')
    expect(server.requests).toEqual([])
  })

  test('[A40] F11 where the stored history of a path is damaged, it is fetched again', async () => {
    const { repo, url } = await served(registryFiles)
    await repo.commit({ [skill]: 'two' })
    const history = async (reach: ReturnType<typeof later>) => {
      const ids: string[] = []
      const revision = { at: at(url), id: repo.sha() }
      for await (const { id } of git.history?.(revision, 'skills/review', reach) ?? []) ids.push(id)
      return ids
    }
    const { reach, later } = gitBench(url, engine)
    const ids = await history(reach)
    expect(ids).toHaveLength(2)
    for (const file of packsIn(path.dirname(reach.cache.folder('x')))) {
      fs.chmodSync(file, 0o644)
      fs.writeFileSync(file, 'damaged')
    }
    expect(await history(later(0))).toEqual(ids)
  })

  test.each([
    ['all packs', (packs: string[]) => packs],
    ['the oldest pack', (packs: string[]) => packs.slice(0, 1)],
    ['the newest pack', (packs: string[]) => packs.slice(-1)],
  ])('[A40] a store that has lost %s is filled again with what is new and what is not', async (_which, lost) => {
    const other = 'skills/other/SKILL.md'
    const { repo, url } = await served({ ...registryFiles, [other]: '# other\n' })
    const { reach, later } = gitBench(url, engine)
    const packs = () => packsIn(path.dirname(reach.cache.folder('x')))
    await (await opened(url, reach)).prefetch?.(['skills'])
    const oldest = packs()
    await repo.commit({ [skill]: '# review v2\n' })
    await (await opened(url, later(0, { refresh: true }))).prefetch?.(['skills'])
    const newest = packs().filter((pack) => !oldest.includes(pack))
    for (const pack of lost([...oldest, ...newest]))
      for (const file of [pack, pack.replace(/pack$/, 'idx')]) fs.rmSync(file, { force: true })
    await repo.commit({ [skill]: '# review v3\n' })
    const tree = await opened(url, later(0, { refresh: true }))
    expect(await text(tree, skill)).toBe('# review v3\n')
    expect(await text(tree, other)).toBe('# other\n')
  })
})

describe.each(engines)('%s git and a repository on this machine', (engine) => {
  test.each(['garbage\n', ''])('[O19] a branch whose file holds %j is an error that names it', async (held) => {
    const { repo } = await served(registryFiles)
    await repo.commit({ [skill]: 'other' }, { branch: 'other' })
    fs.writeFileSync(path.join(repo.path, 'refs/heads/other'), held)
    await expect(pinned(repo.path, gitBench(repo.path, engine).reach)).rejects.toMatchObject({
      code: 'E_REGISTRY_UNAVAILABLE',
      message: expect.stringContaining('refs/heads/other'),
    })
  })

  test('[O19] a branch that stands for one that is not there is as if it were not there either', async () => {
    const { repo } = await served(registryFiles)
    fs.writeFileSync(path.join(repo.path, 'refs/heads/other'), 'ref: refs/heads/none\n')
    const { reach } = gitBench(repo.path, engine)
    expect(await text(await opened(repo.path, reach), skill)).toBe('# review v1\n')
    await expect(pinned(repo.path, reach, 'other')).rejects.toMatchObject({ code: 'E_REF' })
  })

  test('its packed refs are read a few times, however many there are', async () => {
    const { repo } = await served(registryFiles)
    for (let i = 0; i < 20; i += 1) repo.git('tag', ...(i % 2 ? ['-a', '-m', 'one'] : []), `v1.${i}.0`)
    repo.git('pack-refs', '--all')
    repo.git('tag', 'v2.0.0')
    const { reach } = gitBench(repo.path, engine)
    let read = 0
    const seen = (file: string) => {
      if (file.endsWith('packed-refs')) read += 1
      return file
    }
    const { disk } = reach
    const counted = {
      ...disk,
      text: (file: string) => disk.text(seen(file)),
      read: (file: string) => disk.read(seen(file)),
    }
    const tags = (await git.versions?.(at(repo.path), { ...reach, disk: counted })) ?? []
    expect(tags.map(({ name }) => name)).toEqual(
      [...Array.from({ length: 20 }, (_, i) => `v1.${i}.0`), 'v2.0.0'].sort(),
    )
    expect(new Set(tags.map(({ id }) => id))).toEqual(new Set([repo.sha()]))
    expect(read).toBeLessThan(5)
  })

  test('[S3] a ref is seen although a git packs the refs meanwhile', async () => {
    const { repo } = await served(registryFiles)
    repo.git('tag', 'v1.0.0')
    const { reach } = gitBench(repo.path, engine)
    const { disk } = reach
    let isPacked = false
    const packing = <T>(answer: T): T => {
      if (!isPacked) repo.git('pack-refs', '--all', '--prune')
      isPacked = true
      return answer
    }
    const busy = {
      ...disk,
      names: (folder: string) => (/[\\/]refs[\\/]/.test(folder) ? packing(disk.names(folder)) : disk.names(folder)),
      text: (file: string) => (file.endsWith('packed-refs') ? packing(disk.text(file)) : disk.text(file)),
    }
    const tags = (await git.versions?.(at(repo.path), { ...reach, disk: busy })) ?? []
    expect(tags).toEqual([{ name: 'v1.0.0', id: repo.sha() }])
  })

  test('what lies among the refs and can be none is passed over', async () => {
    const { repo } = await served(registryFiles)
    repo.git('pack-refs', '--all', '--prune')
    fs.mkdirSync(path.join(repo.path, 'refs', 'heads', 'main'))
    for (const name of ['main.lock', '.DS_Store']) fs.writeFileSync(path.join(repo.path, 'refs', 'heads', name), '')
    expect(await pinned(repo.path, gitBench(repo.path, engine).reach)).toBe(repo.sha())
  })

  test('a bare repository and one with a work tree are read by path, at a ref, where they lie', async () => {
    const { repo } = await served(registryFiles)
    const old = repo.sha()
    repo.git('tag', '-a', '-m', 'one', 'v1.0.0')
    await repo.commit({ [skill]: 'two' })
    const work = path.join(folder(), 'work')
    repo.git('clone', '-q', repo.path, work)
    const before = fs.readdirSync(repo.path, { recursive: true }).sort()
    for (const place of [repo.path, work, `file://${repo.path}`]) {
      const { reach } = gitBench(place, engine)
      expect(await text(await opened(place, reach, '1.0.0'), skill)).toBe('# review v1\n')
      expect(await text(await opened(place, reach), skill)).toBe('two')
      expect(await pinned(place, reach, 'v1.0.0')).toBe(old)
    }
    expect(fs.readdirSync(repo.path, { recursive: true }).sort()).toEqual(before)
  })

  test.each(['a commit', 'a folder', 'a file'])(
    'F11 %s that is damaged is an error that names the repository',
    async (what) => {
      const { repo } = await served(registryFiles)
      const head = repo.sha()
      const names: Record<string, string> = { 'a commit': 'HEAD', 'a folder': 'HEAD:skills' }
      const id = repo.git('rev-parse', names[what] ?? `HEAD:${skill}`)
      const file = path.join(repo.path, 'objects', id.slice(0, 2), id.slice(2))
      fs.chmodSync(file, 0o644)
      fs.writeFileSync(file, 'damaged')
      const { reach } = gitBench(repo.path, engine)
      const reading = async () => {
        for await (const one of git.history?.({ at: at(repo.path), id: head }, 'skills', reach) ?? [])
          expect(one.id).toBe(head)
        return text(await opened(repo.path, reach), skill)
      }
      await expect(reading()).rejects.toMatchObject({
        code: 'E_REGISTRY_UNAVAILABLE',
        message: expect.stringContaining(repo.path),
      })
    },
  )

  test('a folder that is no repository is an error', async () => {
    const place = folder()
    await expect(pinned(place, gitBench(place, engine).reach)).rejects.toMatchObject({ code: 'E_REGISTRY_UNAVAILABLE' })
    const { reach } = gitBench(place, engine, { registry: { ref: 'main' } })
    await expect(pinned(place, reach)).rejects.toMatchObject({
      hint: 'a folder that has a "ref" or "branch" is read as a git repository: for a plain one leave that out',
    })
  })

  test('history of a path in a local repository', async () => {
    const { repo } = await served(registryFiles)
    const first = repo.sha()
    const second = await repo.commit({ [skill]: 'two' })
    await repo.commit({ 'README.md': 'x' })
    const { reach } = gitBench(repo.path, engine)
    const ids: string[] = []
    for await (const { id } of git.history?.({ at: at(repo.path), id: repo.sha() }, 'skills/review', reach) ?? [])
      ids.push(id)
    expect(ids).toEqual([second, first])
  })
})

test('F11 whatever byte of a repository on this machine changes, its files come whole or not at all', async () => {
  const { repo } = await served(registryFiles)
  repo.git('tag', '-a', '-m', 'one', 'v1.0.0')
  const files = fs
    .readdirSync(repo.path, { recursive: true, encoding: 'utf8' })
    .map((name) => path.join(repo.path, name))
    .filter((file) => /objects.[0-9a-f]{2}.|refs.|HEAD$/.test(file) && fs.statSync(file).isFile())
  const reading = async () => {
    const { reach } = gitBench(repo.path, 'embedded')
    const id = await pinned(repo.path, reach)
    for await (const one of git.history?.({ at: at(repo.path), id }, 'skills', reach) ?? []) expect(one.id).toBe(id)
    return text(await openedAt(repo.path, reach, id), skill)
  }
  const damage = fc.record({
    file: fc.constantFrom(...files),
    where: fc.nat(200),
    value: fc.nat(255),
    cut: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(damage, async ({ file, where, value, cut }) => {
      const whole = fs.readFileSync(file)
      const bytes = Buffer.from(cut ? whole.subarray(0, where) : whole)
      if (bytes.length > 0) bytes[where % bytes.length] = value
      fs.chmodSync(file, 0o644)
      fs.writeFileSync(file, bytes)
      const said = await reading().catch((e: unknown) => e)
      fs.writeFileSync(file, whole)
      expect(said instanceof HaalError ? ['E_REGISTRY_UNAVAILABLE', 'E_REF'] : ['# review v1\n']).toContain(
        said instanceof HaalError ? said.code : said,
      )
    }),
    { numRuns: 60 },
  )
})
