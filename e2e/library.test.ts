import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { needs, skill, type World, world } from './world/index.js'
import { libraryOf } from './world/library.js'

const root = path.resolve(import.meta.dirname, '..')

/** An instance with the surroundings that the binary has in this world. */
async function instance(at: World) {
  const { createHaal } = await libraryOf('index')
  return createHaal({ cwd: at.project.path, home: at.store.path, env: { PATH: process.env.PATH, HOME: at.home.path } })
}

type Instance = Awaited<ReturnType<typeof instance>>

/** A command line, and the call that is the same. */
const looking: readonly (readonly [line: string, call: (haal: Instance) => Promise<unknown>])[] = [
  ['list', (haal) => haal.list()],
  ['list --available --kind skill', (haal) => haal.list({ available: true, kind: 'skill' })],
  ['search helps', (haal) => haal.search('helps')],
  ['info review', (haal) => haal.info('review')],
  ['why review', (haal) => haal.why('review')],
  ['outdated', (haal) => haal.outdated()],
  ['verify', (haal) => haal.verify()],
  ['diff', (haal) => haal.diff()],
  ['diff review --upstream', (haal) => haal.diff('review', { upstream: true })],
  ['history', (haal) => haal.history()],
  ['agentos', (haal) => haal.agentos()],
  ['doctor', (haal) => haal.doctor()],
  ['registry list', (haal) => haal.registry.list()],
  ['registry ping', (haal) => haal.registry.ping()],
  ['target list', (haal) => haal.target.list()],
  ['policy show', (haal) => haal.policy.show()],
  ['policy check', (haal) => haal.policy.check()],
  ['cache info', (haal) => haal.cache.info()],
]

/** These change something, so each is asked for twice: as a dry run of the binary, then of the library, then for real. */
const changing: readonly (readonly [line: string, call: (haal: Instance, dryRun: boolean) => Promise<unknown>])[] = [
  ['install brief', (haal, dryRun) => haal.install('brief', { dryRun })],
  ['update', (haal, dryRun) => haal.update([], { dryRun })],
  ['pin review', (haal, dryRun) => haal.pin('review', { dryRun })],
  ['unpin review', (haal, dryRun) => haal.unpin('review', { dryRun })],
  ['copy review ./copy', (haal, dryRun) => haal.copy('review', './copy', { dryRun })],
  ['target add claude', (haal, dryRun) => haal.target.add('claude', { dryRun })],
  ['rollback --to 1', (haal, dryRun) => haal.rollback(undefined, { to: 1, dryRun })],
  ['uninstall review', (haal, dryRun) => haal.uninstall('review', { dryRun })],
  [
    'registry add ../folders/acme --name again',
    (haal, dryRun) => haal.registry.add('../folders/acme', { name: 'again', dryRun }),
  ],
  ['registry remove again', (haal, dryRun) => haal.registry.remove('again', { dryRun })],
  ['cache clean', (haal, dryRun) => haal.cache.clean({ dryRun })],
]

describe('the library', () => {
  test('[U9] answers what --json prints as result', async () => {
    const at = await world()
    await at.folder('acme', files('v1'))
    await at.haal('install review').succeeds()
    await at.project.write({ '.haal/skills/review/SKILL.md': 'mine\n' })
    const haal = await instance(at)
    for (const [line, call] of looking) {
      const { stdout } = await at.haal(`${line} --json`).outcome()
      expect(JSON.parse(JSON.stringify(await call(haal))), line).toEqual(JSON.parse(stdout).result)
    }
  })

  test('[U9 L18] changes what the commands change, in the same words', async () => {
    const at = await world()
    const acme = await at.folder('acme', files('v1'))
    await at.haal('install review').succeeds()
    await acme.write(files('v2'))
    const haal = await instance(at)
    for (const [line, call] of changing) {
      const printed = await at.haal(`${line} --dry-run`).json()
      const before = at.project.tree()
      expect(JSON.parse(JSON.stringify(await call(haal, true))), line).toEqual(printed)
      expect(at.project.tree(), line).toEqual(before)
      const done = (await call(haal, false)) as { generation?: number | null }
      expect({ ...done, ...('generation' in done && { generation: null }) }, line).toEqual(printed)
    }
    await at.haal('verify').succeeds()
  })

  test('[U9] prints nothing, ends no process and listens to no signal, whatever happens', async () => {
    const at = await world()
    await at.folder('acme', files('v1'))
    await at.project.write({
      'program.mjs': `import { createHaal } from ${JSON.stringify(path.join(root, 'dist/index.js'))}
const names = ['SIGINT', 'SIGTERM', 'uncaughtException', 'unhandledRejection', 'exit']
const listeners = () => names.map((name) => process.listenerCount(name)).join()
const before = listeners()
const haal = await createHaal()
const failed = []
const tried = (promise) => promise.catch(({ code }) => failed.push(code))
await tried(haal.install('review'))
await tried(haal.install('nothing'))
await tried(haal.uninstall('nothing'))
await tried(haal.verify())
await tried(haal.install([], { frozen: true }))
await tried(haal.rollback())
await tried(haal.search('('))
console.log(JSON.stringify({ failed, listens: listeners() !== before, exitCode: process.exitCode ?? null }))
process.exitCode = 7
`,
    })
    const { stdout, stderr, exit } = await at.node([at.project.at('program.mjs')]).outcome()
    expect(JSON.parse(stdout)).toEqual({
      failed: ['E_NOT_FOUND', 'E_NOT_INSTALLED', 'E_NO_GENERATION'],
      listens: false,
      exitCode: null,
    })
    expect([stderr, exit]).toEqual(['', 7])
  })

  test('[U9] a failure that a program does not catch is told by its name, in lines that can be read', async () => {
    const at = await world()
    await at.project.write({
      'program.mjs': `import { createHaal } from ${JSON.stringify(path.join(root, 'dist/index.js'))}
await (await createHaal()).install('nothing')
`,
    })
    const { stderr, exit } = await at.node([at.project.at('program.mjs')]).outcome()
    expect(exit).toBe(1)
    expect(stderr).toMatch(/^HaalError: there is no registry to look for nothing in$/m)
    expect(Math.max(...stderr.split('\n').map((line) => line.length))).toBeLessThan(300)
  })

  test('[U9] a signal stops what waits for a server, and nothing is written', async () => {
    const at = await world()
    const controller = new AbortController()
    const stop = () => {
      controller.abort()
      return { silent: true }
    }
    const server = await at.http({ '*': stop })
    const { createHaal, HaalError } = await libraryOf('index')
    const haal = await createHaal({
      cwd: at.project.path,
      home: at.store.path,
      env: { HOME: at.home.path },
      registries: [{ name: 'slow', type: 'url', location: server.origin }],
    })
    const before = at.project.tree()
    const stopped = haal.install('review', { signal: controller.signal })
    await expect(stopped).rejects.toThrow(HaalError)
    await expect(stopped).rejects.toMatchObject({ code: 'E_INTERRUPTED' })
    expect(at.project.tree()).toEqual(before)
    expect(server.requests.length).toBeLessThanOrEqual(1)
  })

  needs('unshare')(
    '[A34] with folders alone the binary installs, lists, verifies and goes back without a network',
    async () => {
      const at = await world()
      const acme = await at.folder('acme', files('v1'))
      const alone = { network: false }
      await at.haal('install review', alone).succeeds()
      await acme.write(files('v2'))
      await at.haal('update', alone).succeeds()
      expect((await at.haal('list', alone).succeeds()).stdout).toMatch(/skill\/review +1\.1\.0/)
      await at.haal('verify', alone).succeeds()
      await at.haal('rollback', alone).succeeds()
      await at.project.has({ '.haal/skills/review/SKILL.md': /v1/ })
    },
  )
})

function files(says: string) {
  const version = says === 'v1' ? '1.0.0' : '1.1.0'
  return {
    'skills/review/SKILL.md': skill('review', says, { version }),
    'skills/brief/SKILL.md': skill('brief', says, { version: '1.0.0' }),
  }
}
