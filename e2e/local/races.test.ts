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

/** The one version that every artifact is in, where nothing of haal's own lies about. */
function wholeVersion({ project }: World): string {
  const debris = Object.keys(project.tree()).filter((at) => /\.haal-(new|old)|journal|\.tmp/.test(at))
  expect(debris).toEqual([])
  const files = Object.keys(project.tree('.haal/skills')).filter((at) => at.endsWith('.md'))
  const versions = new Set(files.map((at) => /v\d+;/.exec(project.read(`.haal/skills/${at}`))?.[0]))
  expect([...versions]).toEqual([expect.any(String)])
  return [...versions].join()
}

describe('two commands at once on one project', () => {
  test('[L13] both are done, one after the other, and the state is whole', async () => {
    const at = await world()
    await at.folder('acme', many(5, 'v1;'))
    const lines = ['install s0 s1 s2', 'install s2 s3', 'install s4', 'list']
    const outcomes = await Promise.all(lines.map((line) => at.haal(line).outcome()))
    for (const { exit, stderr } of outcomes) expect(exit, stderr).toBe(0)
    const { artifacts } = at.project.json<{ artifacts: object }>('haal.lock')
    expect(Object.keys(artifacts)).toEqual(['skill/s0', 'skill/s1', 'skill/s2', 'skill/s3', 'skill/s4'])
    await at.haal('verify').succeeds()
    await at.haal('install --frozen').changesNothing()
    expect(wholeVersion(at)).toBe('v1;')
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

test('[L11 O35] a command that is killed leaves the old state or the new one, and the next command mends', async () => {
  const at = await world()
  const acme = await at.folder('acme', many(3, 'v0;'))
  await at.haal('install --all').succeeds()
  const left: string[] = []
  for (let nth = 1, exit: number | null = null; exit !== 0; nth += 1) {
    const before = wholeVersion(at)
    await acme.write(many(3, `v${nth};`))
    ;({ exit } = await at.haal('update --yes', { env: { NODE_OPTIONS: `--import=${killedAt(nth)}` } }).outcome())
    await at.haal('list').succeeds()
    await at.haal('verify').succeeds()
    const after = wholeVersion(at)
    expect([before, `v${nth};`]).toContain(after)
    left.push(after === before ? 'old' : 'new')
  }
  expect([left[0], left.at(-1)]).toEqual(['old', 'new'])
  expect(left.length).toBeGreaterThan(8)
})

/** A program that kills haal right before it renames something in the project for the nth time. */
function killedAt(nth: number): string {
  return `data:text/javascript,${encodeURIComponent(`
    import fs from 'node:fs'
    import { syncBuiltinESMExports } from 'node:module'
    const { renameSync } = fs
    let left = ${nth}
    fs.renameSync = (from, to) => {
      if (String(to).includes('project') && --left === 0) process.kill(process.pid, 'SIGKILL')
      renameSync(from, to)
    }
    syncBuiltinESMExports()
  `)}`
}

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
