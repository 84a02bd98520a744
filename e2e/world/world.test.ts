import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { needs, skill, world } from './index.js'

const run = promisify(execFile)

const clone = (url: string, to: string, env: NodeJS.ProcessEnv = {}) =>
  run('git', ['clone', '-q', url, to], {
    env: { PATH: process.env.PATH, HOME: to, GIT_TERMINAL_PROMPT: '0', ...env },
    timeout: 20_000,
  })

test('a world has a project, a home and registries that haal.json lists in order', async () => {
  const { project, folder, git } = await world()
  await folder('local', { 'skills/a/SKILL.md': skill('a') })
  const acme = await git('acme', { 'skills/b/SKILL.md': skill('b') })
  expect(project.json('haal.json')).toEqual({
    registries: [
      { name: 'local', type: 'file', location: '../folders/local' },
      { name: 'acme', type: 'git', location: acme.url },
    ],
  })
})

test('a tree tells bytes, modes and links apart', async () => {
  const { project } = await world()
  await project.write({ a: '1', b: { body: '1', mode: 0o755 }, c: { link: 'a' }, 'd/e': '2' })
  const tree = project.tree()
  expect(Object.keys(tree)).toEqual(['a', 'b', 'c', 'd', 'd/e'])
  expect(new Set(Object.values(tree)).size).toBe(5)
  await project.write({ a: '2' })
  expect(project.tree()).not.toEqual(tree)
})

needs('git')('a repository is served as git serves it, and moves on', async () => {
  const { git, root } = await world()
  const acme = await git('acme', { 'skills/a/SKILL.md': skill('a', 'v1') }, { tag: 'v1.0.0' })
  await acme.commit(
    { 'skills/a/SKILL.md': skill('a', 'v2'), run: { body: '#!/bin/sh\n', mode: 0o755 } },
    { tag: 'v1.1.0' },
  )
  await acme.commit({ other: 'x' }, { branch: 'side' })
  await clone(acme.url, root.at('clone'))
  await root.has({ 'clone/skills/a/SKILL.md': /v2/ })
  await root.lacks('clone/other')
  expect(acme.sha('v1.0.0')).not.toBe(acme.sha('main'))
  expect(acme.server.paths().some((each) => each.startsWith('/acme.git/info/refs'))).toBe(true)
})

needs('git')('a private repository wants its password, and a deleted ref is gone', async () => {
  const { git, root } = await world()
  const access = { user: 'haal', password: 'open' }
  const acme = await git('acme', { a: '1' }, { tag: 'v1', access })
  await expect(clone(acme.url, root.at('no'))).rejects.toThrow()
  await clone(acme.url.replace('//', '//haal:open@'), root.at('yes'))
  const before = acme.sha('v1')
  await acme.rewrite({ a: '2' }, { tag: 'v1' })
  expect(acme.sha('v1')).not.toBe(before)
  await acme.deleteRef('v1')
  expect(() => acme.sha('v1')).toThrow()
})

needs('git', 'openssl')('https has a certificate that a client trusts through its authority', async () => {
  const { git, root, tls } = await world()
  const acme = await git('acme', { a: '1' }, { tls: true })
  await clone(acme.url, root.at('clone'), { GIT_SSL_CAINFO: tls().file })
  await root.has({ 'clone/a': '1' })
})

needs('git')('a tree may hold names that git itself refuses to add', async () => {
  const { git } = await world()
  const acme = await git('acme', { a: '1' })
  await acme.commitRaw([{ mode: '40000', name: '.git', entries: [{ mode: '100644', name: 'config', body: 'x' }] }])
  expect(acme.git('ls-tree', '-r', '--name-only', 'main')).toBe('.git/config')
})

test('an archive is what tar reads', async () => {
  const { archive } = await world()
  const long = `${'d'.repeat(90)}/${'f'.repeat(90)}`
  const file = await archive('acme', { 'a.md': 'one', 'run.sh': { body: 'two', mode: 0o755 }, [long]: 'three' })
  const { stdout } = await run('tar', ['-tvzf', file])
  expect(stdout).toMatch(/-rw-r--r--.* a\.md\n-rwxr-xr-x.* run\.sh\n.* d+\/f+\n/)
})
