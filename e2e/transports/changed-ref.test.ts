import { describe, expect, test } from 'vitest'
import { needs, skill, type World, world } from '../world/index.js'
import { configure, lockOf } from './ground.js'

const review = 'skills/review/SKILL.md'
const installed = '.haal/skills/review/SKILL.md'
const files = (body: string) => ({ [review]: skill('review', body) })

const ask = (at: World, entry: Record<string, unknown>) =>
  configure(at.project, { registries: [{ name: 'hub', ...entry }], artifacts: { 'skill/review': '*' } })

/** Install, change, frozen says so, install follows, rollback goes back, and each time all agree. */
async function follows(at: World, was: Record<string, unknown>, now: Record<string, unknown>): Promise<void> {
  const refs = (entry: Record<string, unknown>) => entry.said as string
  const plain = ({ said: _said, ...entry }: Record<string, unknown>) => entry
  await ask(at, plain(was))
  await at.haal('install').succeeds()
  await at.project.has({ [installed]: /^one$/m })
  const before = at.project.read('haal.lock')
  await ask(at, plain(now))
  const { stderr } = await at.haal('install --frozen').fails('E_FROZEN', 9)
  expect(stderr).toContain(`haal.json has hub at ${refs(now)}, haal.lock at ${refs(was)}`)
  await at.haal('install').succeeds()
  await at.project.has({ [installed]: /^two$/m })
  await at.haal('install').changesNothing()
  await at.haal('install --frozen').changesNothing()
  await at.haal('rollback').succeeds()
  await at.project.has({ [installed]: /^one$/m })
  expect(at.project.read('haal.lock')).toBe(before)
  await at.haal('install').changesNothing()
}

test('[L4 A16] the range of an npm package is followed, however it is written', async () => {
  const at = await world()
  const registry = await at.npm()
  await registry.publish('@acme/skills', '1.4.0', files('one'))
  await registry.publish('@acme/skills', '2.0.0', files('two'))
  const [one, two] = [
    { said: '^1', type: 'npm', location: '@acme/skills', ref: '^1' },
    { said: '^2', type: 'npm', location: '@acme/skills', ref: '^2' },
  ]
  await follows(at, one, two)
  await follows(at, { said: '^1', location: 'npm:@acme/skills@^1' }, { said: 'no ref', location: 'npm:@acme/skills' })
  await follows(at, { said: '^1', type: 'npm', url: '@acme/skills@^1' }, two)
})

for (const engine of process.env.HAAL_TEST_WINDOWS ? ['embedded'] : ['system', 'embedded'])
  needs('git')(`[L4 A4 A5] branch, tag, commit and HEAD of a git repository are followed (${engine} git)`, async () => {
    const at = await world()
    at.setEnv({ HAAL_GIT: engine })
    const acme = await at.git('acme', files('one'), { tag: 'v1', listed: false })
    await acme.commit(files('two'), { tag: 'v2' })
    const entry = { type: 'git', location: acme.url }
    await follows(at, { said: 'v1', ...entry, ref: 'v1' }, { said: 'main', ...entry, branch: 'main' })
    await follows(at, { said: 'v1', ...entry, location: `${acme.url}#v1` }, { said: 'no ref', ...entry })
    await follows(at, { said: acme.sha('v1'), ...entry, ref: acme.sha('v1') }, { said: 'v2', ...entry, ref: 'v2' })
  })

needs('git')('[L4 A3] branch and tag of a GitHub repository are followed', async () => {
  const at = await world()
  const hub = await at.github('acme/skills', files('one'), { tag: 'v1', listed: false })
  await hub.commit(files('two'), { tag: 'v2' })
  const entry = { type: 'github', location: 'acme/skills', baseUrl: hub.api.origin }
  at.setEnv({ HAAL_TRUSTED_ORIGINS: hub.api.origin })
  await follows(at, { said: 'v1', ...entry, branch: 'v1' }, { said: 'main', ...entry, branch: 'main' })
})

needs('git')('[L4] the ref of a repository on this machine is followed, too', async () => {
  const at = await world()
  const acme = await at.git('acme', files('one'), { tag: 'v1', listed: false })
  await acme.commit(files('two'), { tag: 'v2' })
  await follows(at, { said: 'v1', location: acme.path, ref: 'v1' }, { said: 'v2', location: acme.path, ref: 'v2' })
})

describe('an update from another address', () => {
  /** `review` is pinned and `more` is not; the registry is at another address by now. */
  async function moved() {
    const at = await world()
    const both = (one: string, other: string) => ({ ...files(one), 'skills/more/SKILL.md': skill('more', other) })
    await at.folder('first', both('one', 'one'), { listed: false })
    const second = await at.folder('second', both('two', 'two'), { listed: false })
    await ask(at, { location: '../folders/first' })
    await at.haal('install more').succeeds()
    await at.haal('pin review').succeeds()
    await configure(at.project, { registries: [{ name: 'hub', location: '../folders/second' }] })
    return { at, second, both }
  }

  test('[L17 S4] is refused where what is pinned is not there: haal.lock would tell of bytes that nobody has', async () => {
    const { at } = await moved()
    for (const line of ['update', 'update hub:*', 'update more']) {
      const { stderr } = await at.haal(line.split(' ')).fails('E_LOCK_SOURCE', 2)
      expect(stderr).toMatch(/skill\/review is pinned.*\.\.\/folders\/second.*let it go: haal unpin skill\/review/s)
    }
    await at.haal('unpin review').succeeds()
    await at.haal('update').succeeds()
    await at.project.has({ [installed]: /^two$/m })
  })

  test('[L17 S4] leaves what is pinned where the same is there, and others get it from there', async () => {
    const { at, second, both } = await moved()
    await second.write(both('one', 'two'))
    await at.haal('update').succeeds()
    expect(lockOf(at.project).registries.hub?.location).toBe('../folders/second')
    await at.project.remove('.haal')
    await at.store.remove('store')
    await at.haal('install --frozen').succeeds()
    await at.project.has({ [installed]: /^one$/m, '.haal/skills/more/SKILL.md': /^two$/m })
  })
})

test('[S4 L4] another address is told by install, frozen and doctor, with both and the next move, and update takes it', async () => {
  const at = await world()
  await at.folder('first', files('one'), { listed: false })
  await at.folder('second', files('two'), { listed: false })
  await ask(at, { location: '../folders/first' })
  await at.haal('install').succeeds()
  await ask(at, { location: '../folders/second' })
  for (const line of ['install', 'install --frozen']) {
    const { stderr } = await at.haal(line).fails('E_LOCK_SOURCE', 2)
    expect(stderr).toMatch(/at \.\.\/folders\/first, the configuration at \.\.\/folders\/second.*haal update/s)
  }
  const doctor = await at.haal('doctor').outcome()
  expect(doctor.stdout).toMatch(/at \.\.\/folders\/first, the configuration at \.\.\/folders\/second.*haal update/s)
  await at.haal('update').succeeds()
  await at.project.has({ [installed]: /^two$/m })
  expect(lockOf(at.project).registries.hub?.location).toBe('../folders/second')
  await at.haal('install').changesNothing()
})
