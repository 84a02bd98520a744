import fs from 'node:fs'
import { expect } from 'vitest'
import { needs, skill, world } from '../world/index.js'
import { configure, lockOf } from './ground.js'

const review = 'skills/review/SKILL.md'
const installed = '.haal/skills/review/SKILL.md'

needs('git', 'sshd')('[A9 A5] a repository behind sshd, by its address and as git writes it, with a tag', async () => {
  const { haal, project, ssh } = await world()
  const acme = await ssh('acme', { [review]: skill('review', 'v1') }, { tag: 'v1' })
  await acme.commit({ [review]: skill('review', 'v2') })
  for (const [location, ref, body] of [
    [acme.url, 'v1', 'v1'],
    [acme.scp, undefined, 'v2'],
  ]) {
    await configure(project, {
      registries: [{ name: 'acme', location, ...(ref && { ref }) }],
      artifacts: { 'skill/review': '*' },
    })
    await project.write({ '.haal': null, 'haal.lock': null })
    await haal('install').succeeds()
    await project.has({ [installed]: new RegExp(`^${body}$`, 'm') })
  }
  expect(lockOf(project).registries.acme).toMatchObject({ type: 'git', location: acme.scp, revision: acme.sha() })
  expect(acme.commands().every((command) => command.startsWith('git-upload-pack'))).toBe(true)
})

needs('git', 'sshd')('[S8] a host whose key nobody has accepted is refused, and nobody is asked', async () => {
  const { haal, project, root, ssh } = await world()
  const acme = await ssh('acme', { [review]: skill('review') })
  fs.writeFileSync(root.at('servers/ssh-acme/known'), '')
  await configure(project, { registries: [{ name: 'acme', location: acme.url }] })
  const { stderr } = await haal('install review').fails('E_REGISTRY_UNAVAILABLE', 7)
  expect(stderr).toMatch(/ssh host is not known/)
})

needs('git', 'sshd')('without an installed git, ssh is an error that says so', async () => {
  const { haal, project, ssh } = await world()
  const acme = await ssh('acme', { [review]: skill('review') })
  await configure(project, { registries: [{ name: 'acme', location: acme.url }] })
  const without = await haal('install review', { env: { PATH: undefined } }).fails('E_TRANSPORT', 2)
  expect(without.stderr).toMatch(/ssh need git .* which is not installed/)
  const kept = await haal('install review', { env: { HAAL_GIT: 'embedded' } }).fails('E_TRANSPORT', 2)
  expect(kept.stderr).toMatch(/ssh need git .* and HAAL_GIT is "embedded"\n.*unset HAAL_GIT/)
})
