import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { type Files, heldBy, skill, type World, world } from '../world/index.js'

const many = (count: number, body: string): Files =>
  Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`skills/s${i}/SKILL.md`, skill(`s${i}`, body)] as const).flatMap(
      ([at, text]) => [
        [at, text],
        [at.replace('SKILL.md', 'notes.md'), `${body}\n`.repeat(50)],
      ],
    ),
  )

/** Every artifact whole in one version, and nothing of haal's own lying about. */
function isWhole({ project }: World, versions: readonly string[]): void {
  const debris = Object.keys(project.tree()).filter((at) => /\.haal-(new|old)|journal|\.tmp/.test(at))
  expect(debris).toEqual([])
  const bodies = Object.keys(project.tree('.haal/skills'))
    .filter((at) => at.endsWith('.md'))
    .map((at) => versions.find((version) => project.read(`.haal/skills/${at}`).includes(version)))
  expect(new Set(bodies).size).toBeLessThan(2)
}

describe('two commands at once on one project', () => {
  test('[L13] both are done, one after the other, and the state is whole', async () => {
    const at = await world()
    await at.folder('acme', many(5, 'v1'))
    const lines = ['install s0 s1 s2', 'install s2 s3', 'install s4', 'list']
    const outcomes = await Promise.all(lines.map((line) => at.haal(line).outcome()))
    for (const { exit, stderr } of outcomes) expect([0, 8], stderr).toContain(exit)
    expect(outcomes.map(({ exit }) => exit)).toEqual([0, 0, 0, 0])
    const { artifacts } = at.project.json<{ artifacts: object }>('haal.lock')
    expect(Object.keys(artifacts)).toEqual(['skill/s0', 'skill/s1', 'skill/s2', 'skill/s3', 'skill/s4'])
    await at.haal('verify').succeeds()
    await at.haal('install --frozen').changesNothing()
    isWhole(at, ['v1'])
  })

  test('[L13] eight of the same make one generation', async () => {
    const at = await world()
    await at.folder('acme', many(2, 'v1'))
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => at.haal('install s0').outcome()))
    expect(outcomes.map(({ exit }) => exit)).toEqual(Array.from({ length: 8 }, () => 0))
    const { generations } = await at.haal('history').json<{ generations: object[] }>()
    expect(generations).toHaveLength(1)
  })

  test('[L13] one that may not wait exits 8 and names the holder; a dead holder holds nothing', async () => {
    const at = await world()
    await at.folder('acme', many(1, 'v1'))
    await at.haal('install s0').succeeds()
    const holder = at.haal(['update', '--yes'], { env: { NODE_OPTIONS: `--import=${sleeper}` } }).child()
    const pid = await heldBy(at.project.path)
    const { stderr } = await at.haal('install s0 --wait 0').fails('E_BUSY', 8, { writes: 'anything' })
    expect(stderr).toContain(String(pid))
    await at.haal('list').succeeds()
    holder.kill('SIGKILL')
    await once(holder, 'close')
    await at.haal('install s0 --wait 0').succeeds()
  })
})

test('[S7] two that trust at once lose nothing: one waits for the other, or exits 8', async () => {
  const at = await world()
  const registries = ['one', 'two'].map((name) => ({ name, location: `https://${name}.test/r.git`, token: '${T}' }))
  await at.project.write({ 'haal.json': { registries } })
  const holder = at.haal('trust one', { env: { NODE_OPTIONS: `--import=${sleepyTrust}` } }).child()
  await heldBy(at.root.at('haal/trust'))
  const { stderr } = await at.haal('trust two --wait 0').fails('E_BUSY', 8, { writes: 'anything' })
  expect(stderr).toContain(`another haal works on ${at.store.at('trust.json')}: "trust"`)
  holder.kill('SIGKILL')
  await once(holder, 'close')
  await Promise.all([at.haal('trust one').succeeds(), at.haal('trust two').succeeds()])
  const { origins } = at.store.json<{ origins: object }>('trust.json')
  expect(Object.keys(origins)).toEqual(['https://one.test', 'https://two.test'])
  expect(at.store.exists('trust')).toBe(false)
})

describe('a command that is killed', () => {
  test('[L11 O35] leaves the old state or the new one, and the next command mends', async () => {
    const at = await world()
    const acme = await at.folder('acme', many(20, 'v1'))
    await at.haal('install --all').succeeds()
    await acme.write(many(20, 'v2'))
    for (const delay of [60, 90, 110, 125, 140, 155, 170, 190, 220]) {
      const child = at.haal('update --yes').child()
      const over = once(child, 'close')
      setTimeout(() => child.kill('SIGKILL'), delay)
      await over
      await at.haal('list').succeeds()
      await at.haal('verify').succeeds()
      isWhole(at, ['v1', 'v2'])
    }
    await at.haal('update').succeeds()
    isWhole(at, ['v2'])
  })

  test('[L11 U3] that is asked to stop undoes what it began, and exits 130 or 143', async () => {
    const at = await world()
    const acme = await at.folder('acme', many(5, 'v1'))
    await at.haal('install --all').succeeds()
    await acme.write(many(5, 'v2'))
    for (const [signal, exit] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
    ] as const) {
      const run = at.haal('update --yes', { env: { NODE_OPTIONS: `--import=${slow}` } })
      const child = run.child()
      await heldBy(at.project.path)
      child.kill(signal)
      const done = await run.outcome()
      expect([0, exit], done.stderr).toContain(done.exit)
      if (done.exit !== 0) expect(done.stderr).toMatch(/E_INTERRUPTED/)
      await at.haal('verify').succeeds()
      isWhole(at, ['v1', 'v2'])
    }
  })
})

/** A program that keeps haal waiting, in ms, whenever it opens a file of which `isMeant` says so. */
function waiting(isMeant: string, ms: number): string {
  return `data:text/javascript,${encodeURIComponent(`
    import fs from 'node:fs'
    import { syncBuiltinESMExports } from 'node:module'
    const open = fs.openSync
    fs.openSync = (file, ...rest) => {
      if (String(file).${isMeant}) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${ms})
      return open(file, ...rest)
    }
    syncBuiltinESMExports()
  `)}`
}

/** Busy as soon as it holds the mutex: haal.json is read after that. */
const sleeper = waiting("endsWith('haal.json')", 30_000)

/** Busy before what it trusts is in its place. */
const sleepyTrust = waiting('match(/trust\\.json\\.\\w+\\.tmp$/)', 30_000)

/** Gives signals time to arrive: every file of the registry is read slowly. */
const slow = waiting("includes('folders')", 20)
