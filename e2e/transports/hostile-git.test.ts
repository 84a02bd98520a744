import { expect, test } from 'vitest'
import type { RawTreeEntry } from '../world/git-repository.js'
import { needs, registryJson, skill, world } from '../world/index.js'
import { configure, lockOf } from './ground.js'

const review = 'skills/review/SKILL.md'
const file = (name: string, body = 'x'): RawTreeEntry => ({ mode: '100644', name, body })
const folder = (name: string, ...entries: RawTreeEntry[]): RawTreeEntry => ({ mode: '40000', name, entries })
const withInside = (...entries: RawTreeEntry[]) => [
  folder('skills', folder('review', file('SKILL.md', skill('review')), ...entries)),
]

/** Names that git's own test t1014 holds, and their kin. */
const names = [
  '.',
  '..',
  '.git',
  '.GIT',
  '.gi\u200ct',
  'git~1',
  '.git ',
  '.git.',
  '.git::$INDEX_ALLOCATION',
  'a\\b',
  'a/b',
  'CON',
  'a.',
  'a:b',
  'x\u0001',
]

for (const engine of ['system', 'embedded']) {
  const gitWorld = async () => {
    const at = await world()
    at.setEnv({ HAAL_GIT: engine })
    return at
  }

  needs('git')(`[S1 S8] G01 names that are not safe as paths refuse the artifact (${engine} git)`, async () => {
    const { haal, git } = await gitWorld()
    const acme = await git('acme', { [review]: skill('review') })
    const bad = names.map((name, i) => {
      const inside = name === 'a/b' ? file(name) : folder(name, file('config'))
      return folder(`skill-${i}`, file('SKILL.md', skill(`skill-${i}`)), inside)
    })
    await acme.commitRaw([folder('skills', ...bad)])
    for (const [i, name] of names.entries()) {
      const done = await haal(`install skill-${i}`).outcome()
      expect(done.stderr, name).toMatch(/E_PATH_(FORBIDDEN|ESCAPE|ABSOLUTE)/)
      expect(done.exit, name).toBe(6)
    }
  })

  needs('git')(
    `[S1 S8] G02 a link, a file through it and a submodule refuse the artifact (${engine} git)`,
    async () => {
      const { haal, project, root, git } = await gitWorld()
      await root.write({ outside: { body: 'mine', mode: 0o644 } })
      const acme = await git('acme', { [review]: skill('review') })
      const link = (name: string, to: string): RawTreeEntry => ({ mode: '120000', name, body: to })
      const rows: RawTreeEntry[][] = [
        withInside(link('l', '../../../outside')),
        withInside(link('l', 'SKILL.md')),
        withInside(link('l', '/etc'), folder('l', file('passwd'))),
        withInside({ mode: '160000', name: 'sub', id: 'a'.repeat(40) }),
        [folder('skills', link('review', '../elsewhere')), folder('elsewhere', file('SKILL.md', skill('review')))],
      ]
      for (const entries of rows) {
        await acme.commitRaw(entries)
        const done = await haal('install review --refresh').outcome()
        expect([3, 6], done.stderr).toContain(done.exit)
        expect(done.stderr).toMatch(/E_ENTRY_TYPE|E_PATH_COLLISION|E_NOT_FOUND/)
      }
      await project.lacks('.haal', 'haal.lock')
      await root.has({ outside: 'mine' })
    },
  )

  needs('git')(
    `[S8] nothing of a repository runs: hooks, filters, attributes, LFS, submodules (${engine} git)`,
    async () => {
      const { haal, project, root, git } = await gitWorld()
      const touch = `touch ${root.at('ran')}`
      const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:0000\nsize 4\n'
      const acme = await git('acme', {
        [review]: `${skill('review')}one\ntwo\n`,
        'skills/review/big.bin': pointer,
        '.gitattributes': '* text=auto eol=crlf filter=evil diff=evil merge=evil\n*.bin filter=lfs\n',
        '.gitmodules': '[submodule "evil"]\n\tpath = evil\n\turl = ext::sh -c touch% ran\n\tupdate = !touch ran\n',
        '.gitconfig': `[filter "evil"]\n\tsmudge = ${touch}\n[core]\n\tfsmonitor = ${touch}\n`,
        'hooks/post-checkout': { body: `#!/bin/sh\n${touch}\n`, mode: 0o755 },
      })
      await root.write({
        'home/.gitconfig': `[filter "evil"]\n\tsmudge = ${touch}\n[alias]\n\tls-remote = !${touch}\n`,
      })
      await haal('install review').succeeds()
      await root.lacks('ran')
      await project.has({ '.haal/skills/review/big.bin': pointer, '.haal/skills/review/SKILL.md': /one\ntwo\n$/ })
      expect(acme.server.paths().some((path) => path.includes('evil'))).toBe(false)
    },
  )

  needs('git')(`[S8 O19] G05 a ref that is no ref is refused before any request (${engine} git)`, async () => {
    const { haal, root, project, git } = await gitWorld()
    const acme = await git('acme', { [review]: skill('review') })
    const sha = acme.sha()
    const refs = [
      `--upload-pack=touch ${root.at('pwned')}`,
      '-x',
      'HEAD~1',
      'main^{commit}',
      'a..b',
      '@{u}',
      sha.slice(0, 39),
      sha.toUpperCase(),
      'x'.repeat(300),
      'a b',
      'a:b',
    ]
    for (const ref of refs) {
      await configure(project, { registries: [{ name: 'acme', type: 'git', location: acme.url, ref }] })
      await haal('install review').fails('E_REF', 3)
    }
    expect(acme.server.requests).toEqual([])
    await root.lacks('pwned')
  })

  needs('git')(`[S8] G05 a revision in the lockfile that is no commit reaches no process (${engine} git)`, async () => {
    const { haal, root, project, store, git } = await gitWorld()
    const acme = await git('acme', { [review]: skill('review') })
    await haal('install review').succeeds()
    const lock = lockOf(project)
    acme.server.forget()
    for (const revision of ['main', `--upload-pack=touch ${root.at('pwned')}`, 'a'.repeat(39), 'A'.repeat(40)]) {
      await project.write({
        'haal.lock': { ...lock, registries: { acme: { ...lock.registries.acme, revision } } },
        '.haal': null,
      })
      await store.write({ store: null, cache: null })
      await haal('install --frozen').fails('E_LOCK_PARSE', 2)
    }
    await root.lacks('pwned')
    await project.lacks('.haal/skills')
  })

  needs('git')(
    `[O19] G09 a tag that has moved is followed only where an update names the artifact (${engine} git)`,
    async () => {
      const { haal, project, git } = await gitWorld()
      const files = (body: string) => ({
        [review]: skill('review', body),
        'skills/other/SKILL.md': skill('other', body),
      })
      const acme = await git('acme', files('first'), { tag: 'v1', entry: { ref: 'v1' } })
      const first = acme.sha()
      await haal('install review').succeeds()
      await acme.commit(files('moved'), { tag: 'v1' })
      const { stderr } = await haal('install other --refresh').fails('E_PIN_MOVED', 6)
      expect(stderr).toContain(first)
      expect(stderr).toContain(acme.sha())
      expect(stderr).toContain('haal update skill/review')
      await haal('update').fails('E_PIN_MOVED', 6)
      await haal('install').succeeds()
      await project.has({ '.haal/skills/review/SKILL.md': /first/ })
      await haal('update review').succeeds()
      await project.has({ '.haal/skills/review/SKILL.md': /moved/ })
      await haal('install other').succeeds()
    },
  )

  needs('git')(
    `[O19] G09 so is a version’s tag, and the frozen install keeps to the commit (${engine} git)`,
    async () => {
      const { haal, project, store, git } = await gitWorld()
      const acme = await git('acme', { [review]: skill('review', 'first') }, { tag: 'review@1.0.0' })
      await acme.commit({ 'skills/other/SKILL.md': skill('other') })
      await haal('install review@^1.0.0').succeeds()
      await acme.commit({ [review]: skill('review', 'moved') }, { tag: 'review@1.0.0' })
      await haal('update').fails('E_PIN_MOVED', 6)
      await project.remove('.haal')
      await store.write({ store: null, cache: null })
      await haal('install --frozen').succeeds()
      await project.has({ '.haal/skills/review/SKILL.md': /first/ })
    },
  )

  needs('git')(`[A5] a branch may move, and an annotated tag stays where it is (${engine} git)`, async () => {
    const { haal, project, git } = await gitWorld()
    const acme = await git('acme', { [review]: skill('review', 'first') }, { entry: { ref: 'main' } })
    acme.git('tag', '-a', '-m', 'one', 'v1')
    await haal('install review').succeeds()
    await acme.commit({ [review]: skill('review', 'second'), 'skills/other/SKILL.md': skill('other') })
    await haal('install other --refresh').succeeds()
    await haal('update').succeeds()
    await project.has({ '.haal/skills/review/SKILL.md': /second/ })
  })

  needs('git')(`[A19] G16 an entry path that leads out of the repository is refused (${engine} git)`, async () => {
    const { haal, git, root } = await gitWorld()
    await root.write({ 'servers/git/other/manifest.json': {} })
    const acme = await git('acme', { 'registry.json': registryJson([]) })
    for (const path of ['../other', '/', '/etc', 'a/../../b', 'registry.json', 'C:\\x']) {
      const entry = { id: 'com.acme.x', name: 'x', version: '1.0.0', path }
      await acme.commit({ 'registry.json': registryJson([entry]) })
      const done = await haal('install com.acme.x --refresh').outcome()
      expect([3, 6], `${path} ${done.stderr}`).toContain(done.exit)
    }
  })
}

const tricks = (root: string) => [
  `ext::sh -c touch% ${root}/pwned`,
  `git+ext::sh -c touch% ${root}/pwned`,
  'fd::17',
  '-oProxyCommand=touch pwned',
  `ssh://-oProxyCommand=touch ${root}/pwned/x`,
  `git@-oProxyCommand=touch${root}/pwned:x`,
  'git://git.corp.test/x.git',
  'ftp://git.corp.test/x.git',
  'dav::http://git.corp.test/x',
]

test('[S8] G06 an address that could name a program is refused wherever it stands', async () => {
  const { haal, project, root } = await world()
  for (const location of tricks(root.path)) {
    await project.write({ 'haal.json': { registries: [{ name: 'x', type: 'git', location }] } })
    await haal('install review').fails('E_TRANSPORT', 2)
    await project.remove('haal.json')
    const done = await haal(['install', 'review', '--from', location]).outcome()
    expect([2], `${location} ${done.stderr}`).toContain(done.exit)
  }
  await root.lacks('pwned')
})
