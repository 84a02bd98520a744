import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { base } from '../../e2e/world/ground.js'
import { needs } from '../../e2e/world/needs.js'
import { sshRegistry } from '../../e2e/world/ssh-server.js'
import { findProgram } from '../../src/io/process.js'
import { git } from '../../src/transport/git.js'
import { at, engines, gitBench, opened, openedAt, pinned, registryFiles, served, text } from './git-ground.js'
import { filesBelow, folder } from './reach.js'

const skill = 'skills/review/SKILL.md'
const realGit = findProgram('git', process.env) ?? 'git'
const onPosix = test.skipIf(process.platform === 'win32')

/** A git that writes down how it was called before it does what it is asked. */
function watchedGit(more = '') {
  const bin = folder()
  const log = path.join(bin, 'log')
  const body = `#!/bin/sh\nprintf '%s\\n' "$*" >> '${log}'\nenv | sort > '${path.join(bin, 'env')}'\n${more}\nexec '${realGit}' "$@"\n`
  fs.writeFileSync(path.join(bin, 'git'), body, { mode: 0o755 })
  return {
    PATH: `${bin}${path.delimiter}${process.env.PATH}`,
    calls: () => (fs.existsSync(log) ? fs.readFileSync(log, 'utf8').trim().split('\n') : []),
    env: () => fs.readFileSync(path.join(bin, 'env'), 'utf8'),
  }
}

describe('what a git process is given', () => {
  onPosix('[A8] K06 the token is in no argument of any process and in no file of the cache', async () => {
    const { server, url } = await served(registryFiles)
    server.guard('corp', { user: 'git', password: 'canary-123' })
    const { PATH, calls } = watchedGit()
    const bench = gitBench(url, 'system', {
      env: { PATH },
      credential: { origin: server.origin, value: 'canary-123' },
    })
    const tree = await opened(url, bench.reach)
    await tree.prefetch?.(['skills'])
    expect(await text(tree, skill)).toBe('# review v1\n')
    for await (const _ of git.history?.({ at: at(url), id: tree.revision.id }, 'skills', bench.reach) ?? []);
    expect(calls().length).toBeGreaterThan(4)
    const cache = path.dirname(path.dirname(bench.reach.cache.folder('x')))
    const everything = [...calls(), ...filesBelow(cache).map((file) => `${file}\n${fs.readFileSync(file, 'latin1')}`)]
    const forms = ['canary-123', Buffer.from('git:canary-123').toString('base64')]
    for (const form of forms) expect(everything.filter((one) => one.includes(form))).toEqual([])
  })

  onPosix(
    '[S8] it reads no configuration of the machine, the user or the project, and nothing there is run',
    async () => {
      const { url } = await served(registryFiles)
      const home = folder()
      const pwned = path.join(home, 'pwned')
      const hostile = `[core]\n\thooksPath = ${home}\n\tsshCommand = touch ${pwned}\n\tfsmonitor = touch ${pwned}\n[credential]\n\thelper = "!touch ${pwned}"\n[url "file:///nowhere"]\n\tinsteadOf = http://\n`
      fs.writeFileSync(path.join(home, '.gitconfig'), hostile)
      fs.writeFileSync(path.join(home, 'post-checkout'), `#!/bin/sh\ntouch ${pwned}\n`, { mode: 0o755 })
      const { PATH, env } = watchedGit()
      const more = {
        HOME: home,
        GIT_CONFIG_GLOBAL: path.join(home, '.gitconfig'),
        GIT_CONFIG_COUNT: '1',
        GIT_CONFIG_KEY_0: 'core.fsmonitor',
        GIT_CONFIG_VALUE_0: `touch ${pwned}`,
        GIT_EXTERNAL_DIFF: `touch ${pwned}`,
        GIT_ASKPASS: `touch ${pwned}`,
        GIT_TRACE_CURL: path.join(home, 'trace'),
        GIT_DIR: home,
        GIT_SSL_NO_VERIFY: '1',
        AWS_SECRET_ACCESS_KEY: 'canary',
      }
      const { reach } = gitBench(url, 'system', { env: { ...more, PATH }, home })
      expect(await text(await opened(url, reach), skill)).toBe('# review v1\n')
      expect(fs.readdirSync(home).sort()).toEqual(['.gitconfig', 'post-checkout'])
      expect(env()).not.toMatch(/canary|GIT_TRACE|ASKPASS|NO_VERIFY|EXTERNAL_DIFF|CONFIG_COUNT/)
      expect(env()).toMatch(/^GIT_TERMINAL_PROMPT=0$/m)
    },
  )

  test.each(engines)('[S7 S8] %s: a password in the person’s .netrc is sent to nobody', async (engine) => {
    const { server, url } = await served(registryFiles)
    server.guard('corp', { user: 'ada', password: 'canary' })
    const home = folder()
    for (const name of ['.netrc', '_netrc'])
      fs.writeFileSync(path.join(home, name), 'machine 127.0.0.1 login ada password canary\n', { mode: 0o600 })
    const { reach } = gitBench(url, engine, { env: { HOME: home, USERPROFILE: home }, home })
    await expect(pinned(url, reach)).rejects.toMatchObject({ code: 'E_ACCESS' })
  })

  test.each(engines)('[S8] %s: nothing that the configuration of a local repository names is run', async (engine) => {
    const { repo } = await served(registryFiles)
    const pwned = path.join(repo.path, 'pwned')
    const run = `touch ${pwned};`
    const names = ['core.fsmonitor', 'core.sshCommand', 'core.editor', 'core.pager', 'core.alternateRefsCommand']
    const more = ['diff.external', 'uploadpack.packObjectsHook', 'credential.helper', 'pager.show-ref', 'core.gitProxy']
    for (const name of [...names, ...more]) repo.git('config', name, run)
    repo.git('config', 'alias.show-ref', `!${run}`)
    repo.git('config', 'extensions.partialClone', 'origin')
    repo.git('config', 'core.repositoryformatversion', '1')
    repo.git('config', 'remote.origin.url', `ext::sh -c ${run}`)
    repo.git('config', 'protocol.ext.allow', 'always')
    fs.mkdirSync(path.join(repo.path, 'hooks'), { recursive: true })
    for (const hook of ['post-checkout', 'reference-transaction', 'pre-receive'])
      fs.writeFileSync(path.join(repo.path, 'hooks', hook), `#!/bin/sh\n${run}\n`, { mode: 0o755 })
    const { reach } = gitBench(repo.path, engine)
    expect(await text(await opened(repo.path, reach), skill)).toBe('# review v1\n')
    await expect(openedAt(repo.path, reach, 'a'.repeat(40))).rejects.toMatchObject({ code: 'E_REF' })
    for await (const _ of git.history?.({ at: at(repo.path), id: repo.sha() }, 'skills', reach) ?? []);
    expect(fs.existsSync(pwned)).toBe(false)
  })

  test.each(engines)('[S8] %s: nothing that a cache from somebody else names is run', async (engine) => {
    const { repo, url } = await served(registryFiles)
    const { reach, later } = gitBench(url, engine)
    await opened(url, reach)
    const stores = path.dirname(reach.cache.folder('x'))
    const [store = ''] = filesBelow(stores).flatMap((file) =>
      path.basename(file) === 'HEAD' ? [path.dirname(file)] : [],
    )
    const [other, third, pwned] = [folder(), folder(), path.join(folder(), 'pwned')]
    for (const dir of [other, third]) fs.cpSync(store, dir, { recursive: true })
    fs.appendFileSync(path.join(other, 'config'), `[core]\n\talternateRefsCommand = touch ${pwned};\n`)
    fs.writeFileSync(path.join(store, 'commondir'), other)
    for (const dir of [store, other]) {
      fs.mkdirSync(path.join(dir, 'objects/info'), { recursive: true })
      fs.writeFileSync(path.join(dir, 'objects/info/alternates'), `${path.join(third, 'objects')}\n`)
    }
    await repo.commit({ [skill]: '# review v2\n' })
    expect(await text(await opened(url, later(0, { refresh: true })), skill)).toBe('# review v2\n')
    expect(fs.existsSync(pwned)).toBe(false)
  })

  test.each(engines)('[S8] %s: a link in a cache from somebody else is written through by no git', async (engine) => {
    const { repo, url } = await served(registryFiles)
    const { reach, later } = gitBench(url, engine)
    await opened(url, reach)
    const stores = path.dirname(reach.cache.folder('x'))
    const [store = ''] = filesBelow(stores).flatMap((file) =>
      path.basename(file) === 'HEAD' ? [path.dirname(file)] : [],
    )
    const mine = path.join(folder(), 'mine')
    for (const name of ['FETCH_HEAD', 'shallow']) {
      fs.writeFileSync(mine, '')
      fs.rmSync(path.join(store, name), { force: true })
      fs.symlinkSync(mine, path.join(store, name), 'file')
      await repo.commit({ [skill]: `# ${name}\n` })
      expect(await text(await opened(url, later(0, { refresh: true })), skill)).toBe(`# ${name}\n`)
      expect(fs.readFileSync(mine, 'utf8')).toBe('')
    }
  })

  onPosix.each(['--upload-pack=touch pwned', '-x', 'HEAD~1', 'a'.repeat(39), 'A'.repeat(40), 'main:x'])(
    '[S8] G05 the ref %j is refused before any process or request',
    async (ref) => {
      const { server, url } = await served(registryFiles)
      const { PATH, calls } = watchedGit()
      const { reach } = gitBench(url, 'system', { env: { PATH } })
      await expect(pinned(url, reach, ref)).rejects.toMatchObject({ code: 'E_REF' })
      await expect(openedAt(url, reach, ref)).rejects.toMatchObject({ code: 'E_REF' })
      expect([calls(), server.paths()]).toEqual([[], []])
    },
  )

  onPosix.each(['ext::sh -c touch% pwned', 'ssh://-oProxyCommand=x/a', 'fd::17', '--upload-pack=x'])(
    '[S8] G06 the address %j is refused before any process',
    async (url) => {
      const { PATH, calls } = watchedGit()
      await expect(pinned(url, gitBench(url, 'system', { env: { PATH } }).reach)).rejects.toMatchObject({
        code: 'E_TRANSPORT',
      })
      expect(calls()).toEqual([])
    },
  )
})

describe('which git is used', () => {
  onPosix.each([
    ['none is installed', ''],
    ['the one that is there is too old', 'if [ "$1" = --version ]; then echo git version 2.24.9; exit; fi'],
    ['the one that is there does not work', 'exit 1'],
  ])('where %s, the embedded one reads https, and ssh is an error that says so', async (_what, script) => {
    const { url } = await served(registryFiles)
    const { PATH, calls } = watchedGit(script)
    const env = { PATH: script === '' ? folder() : PATH, HAAL_GIT: undefined }
    expect(await text(await opened(url, gitBench(url, 'system', { env }).reach), skill)).toBe('# review v1\n')
    expect(calls().filter((one) => one !== '--version')).toEqual([])
    const ssh = 'git@git.corp.com:a.git'
    await expect(pinned(ssh, gitBench(ssh, 'system', { env }).reach)).rejects.toMatchObject({
      code: 'E_TRANSPORT',
      message: expect.stringContaining('not installed'),
    })
    await expect(
      pinned(url, gitBench(url, 'system', { env: { ...env, HAAL_GIT: 'system' } }).reach),
    ).rejects.toMatchObject({
      code: 'E_CONFIG',
      message: 'HAAL_GIT is "system", and no git 2.25 or newer is on the PATH',
    })
  })

  test('HAAL_GIT is system or embedded, and nothing else', async () => {
    const { url } = await served(registryFiles)
    const { reach } = gitBench(url, 'system', { env: { HAAL_GIT: 'libgit2' } })
    await expect(pinned(url, reach)).rejects.toMatchObject({ code: 'E_CONFIG' })
  })
})

/** An ssh that writes down what it is told, and lets nobody in. */
function watchedSsh(): { PATH: string; told: () => string } {
  const bin = folder()
  const log = path.join(bin, 'log')
  fs.writeFileSync(path.join(bin, 'ssh'), `#!/bin/sh\necho "$*" >> '${log}'\nexit 255\n`, { mode: 0o755 })
  return { PATH: `${bin}${path.delimiter}${process.env.PATH}`, told: () => fs.readFileSync(log, 'utf8') }
}

describe('ssh', () => {
  onPosix.each([
    ['as it is', {}, ''],
    ['with a key of the person’s own', { GIT_SSH_COMMAND: 'ssh -i key' }, '-i key '],
  ])('[S8] it asks nobody, forwards nothing and runs nothing here: %s', async (_what, env, own) => {
    const { PATH, told } = watchedSsh()
    const url = 'ssh://git@git.corp.test/ext.git'
    await expect(pinned(url, gitBench(url, 'system', { env: { ...env, PATH } }).reach)).rejects.toThrow()
    const options = ['BatchMode=yes', 'ConnectTimeout=30', 'ForwardAgent=no', 'PermitLocalCommand=no']
    const all = [...options, 'ClearAllForwardings=yes'].map((option) => `-o${option}`).join(' ')
    expect(told().split(' -o SendEnv')[0]).toContain(`${own}${all}`)
    expect(told()).toContain("git-upload-pack '/ext.git'")
  })

  onPosix('[S8] another program than ssh, which the person has chosen, is called as they say', async () => {
    const { PATH, told } = watchedSsh()
    const env = { PATH, GIT_SSH_COMMAND: 'ssh --quietly', GIT_SSH_VARIANT: 'simple' }
    const url = 'ssh://git@git.corp.test/ext.git'
    await expect(pinned(url, gitBench(url, 'system', { env }).reach)).rejects.toThrow()
    expect(told()).toMatch(/^--quietly git@git\.corp\.test git-upload-pack /)
  })

  needs('git', 'sshd')(
    '[S8] a repository is read over ssh, by both forms of address, with the person’s own keys',
    async () => {
      const world = base()
      const repo = await sshRegistry(world, 'ext', registryFiles)
      const env = { PATH: `${world.bin.path}${path.delimiter}${process.env.PATH}` }
      for (const url of [repo.url, repo.scp]) {
        const { reach } = gitBench(url, 'system', { env })
        const tree = await opened(url, reach)
        await tree.prefetch?.(['skills'])
        expect(await text(tree, skill)).toBe('# review v1\n')
      }
      expect(repo.commands().every((command) => command.startsWith('git-upload-pack'))).toBe(true)
    },
  )

  needs('git', 'sshd')(
    '[A6] no access over ssh is an error that speaks of the key, and nobody is asked anything',
    async () => {
      const world = base()
      const repo = await sshRegistry(world, 'ext', registryFiles)
      const url = `${repo.url}-missing`
      const env = { PATH: `${world.bin.path}${path.delimiter}${process.env.PATH}` }
      await expect(pinned(url, gitBench(url, 'system', { env }).reach)).rejects.toMatchObject({
        code: 'E_ACCESS',
        hint: expect.stringContaining('ssh'),
      })
      const stranger = gitBench(repo.url, 'system', {
        env: { GIT_SSH_COMMAND: 'ssh -F /dev/null -o UserKnownHostsFile=/dev/null' },
      })
      await expect(pinned(repo.url, stranger.reach)).rejects.toMatchObject({
        code: 'E_REGISTRY_UNAVAILABLE',
        message: expect.stringContaining('not known'),
      })
    },
  )
})
