import fs from 'node:fs'
import path from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { nodeDisk } from '../../../src/io/disk.js'
import { HaalError } from '../../../src/model/errors.js'
import { apply } from '../../../src/state/transaction/apply.js'
import { recover } from '../../../src/state/transaction/recover.js'
import { dying, type Fault, faulty, Killed, siteAt, snapshot } from '../project.js'
import { type Stage, scenes, setUp, stock } from './scenes.js'

afterAll(() => stock.remove())

const forever = 1_000

/** An empty `.haal` may stay where all of haal's own is gone: it cannot be told from one that a person made. */
function seen(root: string): Record<string, string> {
  const found = snapshot(root)
  const inside = Object.keys(found).filter((name) => name.startsWith('.haal/'))
  return inside.length === 1 ? Object.fromEntries(Object.entries(found).filter(([name]) => name !== '.haal/')) : found
}

/** Both states that a project may be in afterwards, to the last byte. */
async function states({ scene, project }: Stage) {
  const root = project()
  const old = seen(root)
  await apply(scene.plan(root), siteAt(root, stock))
  return { old, new: seen(root) }
}

type States = Awaited<ReturnType<typeof states>>

function which(root: string, { old, new: now }: States): 'old' | 'new' {
  const found = seen(root)
  if (JSON.stringify(found) === JSON.stringify(old)) return 'old'
  expect(found).toEqual(now)
  return 'new'
}

/** Applies on a disk that dies before its nth changing call; false where the command ended before that. */
async function killed(root: string, { scene }: Stage, nth: number, torn = false): Promise<boolean> {
  try {
    await apply(scene.plan(root), siteAt(root, stock, { disk: dying(nodeDisk(), nth, { torn }) }))
    return false
  } catch (e) {
    if (e instanceof Killed) return true
    throw e
  }
}

function recoveryKilled(root: string, nth: number): boolean {
  try {
    recover(siteAt(root, stock, { disk: dying(nodeDisk(), nth) }))
    return false
  } catch (e) {
    if (e instanceof Killed) return true
    throw e
  }
}

interface Moment {
  root: string
  /** The number of the call at which something goes wrong, from 1. */
  nth: number
  both: States
  stage: Stage
}

/** Lets something go wrong at the first call, at the second, …, each in a project of its own, until `act` answers that nothing has. */
async function atEvery(scene: Stage['scene'], act: (moment: Moment) => Promise<boolean>): Promise<void> {
  const stage = await setUp(scene)
  const both = await states(stage)
  let wentWrong = true
  for (let nth = 1; wentWrong && nth < forever; nth += 1) {
    const root = stage.project()
    wentWrong = await act({ root, nth, both, stage })
    fs.rmSync(root, { recursive: true })
  }
  stage.remove()
}

describe.each(scenes)('$name', (scene) => {
  test('[L11 O35] killed before any change: the state is exactly the old or exactly the new one', async () => {
    const outcomes: string[] = []
    await atEvery(scene, async ({ root, nth, both, stage }) => {
      const dies = await killed(root, stage, nth)
      recover(siteAt(root, stock))
      outcomes.push(which(root, both))
      return dies
    })
    expect(new Set(outcomes)).toEqual(new Set(['old', 'new']))
    expect(outcomes.indexOf('new')).toBe(outcomes.lastIndexOf('old') + 1)
  })

  test('[L11 O35] killed half-way through a write', () =>
    atEvery(scene, async ({ root, nth, both, stage }) => {
      const dies = await killed(root, stage, nth, true)
      recover(siteAt(root, stock))
      expect(['old', 'new']).toContain(which(root, both))
      return dies
    }))

  test('[L11 O35] killed, and its recovery killed before any change: as if that had not been', {
    timeout: 60_000,
  }, async () => {
    await atEvery(scene, async ({ root: crashed, nth, both, stage }) => {
      if (!(await killed(crashed, stage, nth))) return false
      const straight = `${crashed}-straight`
      fs.cpSync(crashed, straight, { recursive: true, verbatimSymlinks: true })
      recover(siteAt(straight, stock))
      const expected = which(straight, both)
      for (let again = 1; again < forever; again += 1) {
        const root = `${crashed}-${again}`
        fs.cpSync(crashed, root, { recursive: true, verbatimSymlinks: true })
        const dies = recoveryKilled(root, again)
        recover(siteAt(root, stock))
        expect(which(root, both)).toBe(expected)
        fs.rmSync(root, { recursive: true })
        if (!dies) break
      }
      return true
    })
  })
})

const refusals = ['ENOSPC', 'EACCES', 'EROFS', 'EIO', 'EMFILE']

function refuse(at: string, nth: number): never {
  const errno = refusals[nth % refusals.length]
  throw new HaalError('E_DISK', `${at}: ${errno}`, { details: { path: at, errno } })
}

/** The disk refuses `times` changing calls from the nth on, and whoever asks learns the path. */
function refusing(nth: number, times: number): { fault: Fault; refused: string[] } {
  const refused: string[] = []
  const fault: Fault = {
    before: ({ nth: now, path: at }) => {
      if (now < nth || now >= nth + times) return
      refused.push(at)
      refuse(at, nth)
    },
  }
  return { fault, refused }
}

describe.each(scenes)('$name', (scene) => {
  test('[L12] refused by the disk once, anywhere: the old state and the path, or nobody notices', () =>
    atEvery(scene, async ({ root, nth, both }) => {
      const { fault, refused } = refusing(nth, 1)
      const site = siteAt(root, stock, { disk: faulty(nodeDisk(), fault) })
      const problem = await apply(scene.plan(root), site).then(() => undefined, problemOf)
      const warnings = site.events.filter(
        ({ type, ...event }) => type === 'warning' && JSON.stringify(event).includes('W_LEFT'),
      )
      expect(which(root, both)).toBe(problem === undefined ? 'new' : 'old')
      expect(warnings).toEqual([])
      if (problem !== undefined) expect(problem).toContain(refused[0])
      return refused.length > 0
    }))

  test('[L12] refused by the disk from some moment on: the next command sees to it', () =>
    atEvery(scene, async ({ root, nth, both }) => {
      const { fault, refused } = refusing(nth, forever)
      const site = siteAt(root, stock, { disk: faulty(nodeDisk(), fault) })
      const problem = await apply(scene.plan(root), site).then(() => undefined, problemOf)
      recover(siteAt(root, stock))
      expect(problem === undefined ? ['new'] : ['old', 'new']).toContain(which(root, both))
      return refused.length > 0
    }))

  test('[L12] done by the disk and then called a failure, as network file systems do', () =>
    atEvery(scene, async ({ root, nth, both }) => {
      let calls = 0
      const after = ({ nth: now, path: at }: { nth: number; path: string }) => {
        calls = now
        if (now === nth) refuse(at, nth)
      }
      const site = siteAt(root, stock, { disk: faulty(nodeDisk(), { after }) })
      const problem = await apply(scene.plan(root), site).then(() => undefined, problemOf)
      recover(siteAt(root, stock))
      expect(which(root, both)).toBe(problem === undefined ? 'new' : 'old')
      return calls >= nth
    }))

  test('[L12] refused by the disk while reading', () =>
    atEvery(scene, async ({ root, nth, both }) => {
      let reads = 0
      const beforeRead = (at: string) => {
        reads += 1
        if (reads === nth) refuse(at, nth)
      }
      const site = siteAt(root, stock, { disk: faulty(nodeDisk(), { beforeRead }) })
      const problem = await apply(scene.plan(root), site).then(() => undefined, problemOf)
      recover(siteAt(root, stock))
      expect(which(root, both)).toBe(problem === undefined ? 'new' : 'old')
      return reads >= nth
    }))
})

test('[L11 L12] a commit that the disk did and called a failure, and the process killed while it takes that back', async () => {
  const scene = scenes.find(({ name }) => name.includes('leaves haal.lock as it is')) ?? missing()
  await atEvery(scene, async ({ root, nth: more, both }) => {
    let refusedAt = forever
    let dead = false
    const die = () => {
      dead = true
      throw new Killed()
    }
    const disk = faulty(nodeDisk(), {
      before: ({ nth }) => (dead || nth === refusedAt + more ? die() : undefined),
      beforeRead: () => (dead ? die() : undefined),
      after: ({ nth, path: at }) => {
        if (!at.endsWith('committed.json')) return
        refusedAt = nth
        refuse(at, nth)
      },
    })
    const outcome = await apply(scene.plan(root), siteAt(root, stock, { disk })).catch((e: unknown) => e)
    recover(siteAt(root, stock))
    expect(['old', 'new']).toContain(which(root, both))
    return outcome instanceof Killed
  })
})

test('[L11] what decides is on the medium before anything depends on it', async () => {
  const stage = await setUp(scenes.find(({ name }) => name === 'an update') ?? missing())
  const root = stage.project()
  const calls: string[] = []
  const before: Fault['before'] = ({ name, path: at }) =>
    calls.push(`${name} ${path.relative(root, at).replace(/[0-9a-f]{12}/, 'T')}`)
  await apply(stage.scene.plan(root), siteAt(root, stock, { disk: faulty(nodeDisk(), { before }) }))
  const inOrder = [
    'flush .haal/.state/journal.tmp',
    'rename .haal/.state/journal.T.staging.json',
    'flush .haal/.state',
    'mkdir .haal/skills/.haal-new-T-0',
    'flush .haal/.state/generations/.haal-new-T-generation',
    'flush .haal-old-T-lock-haal.lock',
    'flush .haal-new-T-lock',
    'rename .haal/.state/journal.T.swapping.json',
    'flush .haal/.state',
    'rename .haal/skills/.haal-old-T-0-a',
    'rename .haal/skills/a',
    'rename .haal/.state/generations/2.json',
    'rename haal.lock',
    'flush ',
    'rename .haal/.state/journal.T.committed.json',
    'flush .haal/.state',
    'remove .haal/skills/.haal-old-T-0-a',
    'remove .haal/.state/journal.T.committed.json',
  ]
  expect(calls.filter((call) => inOrder.includes(call) || call.startsWith('flush'))).toEqual([
    ...inOrder.slice(0, -2),
    ...calls.filter((call) => call === inOrder.at(-2)),
    inOrder.at(-1),
  ])
  stage.remove()
})

function missing(): never {
  throw new Error('the scene has another name')
}

function problemOf(e: unknown): string {
  if (e instanceof HaalError && e.code === 'E_DISK') return e.message
  throw e
}
