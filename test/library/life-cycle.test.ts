import fc from 'fast-check'
import semver from 'semver'
import { expect, test } from 'vitest'
import type { Outcome } from '../../src/index.js'
import {
  attempted,
  bytesOf,
  clone,
  type Done,
  filesOf,
  happens,
  keepsOwn,
  type Life,
  life,
  lives,
  means,
  type Past,
  type Step,
  sharedFile,
  sharedText,
  told,
  without,
} from './life-cycle.js'

/* Whatever people, registries and time do to a project, in whatever order: what haal promises holds after every command. A failure names the seed
   and the path that bring it back, and is made smaller for as long as the time limit lets it. */

const runs = { numRuns: 8, seed: 885, interruptAfterTimeLimit: 45_000 }

/** Some that come too seldom by chance. */
const anyway: Step[][] = [
  [
    { does: 'install', names: ['agent/team', 'mcp/docs'], force: false },
    { does: 'commit' },
    { does: 'target add', names: ['cursor'], force: false },
    { does: 'edit', nth: 0 },
    { does: 'check out' },
    { does: 'install', names: ['bundle/pack'], force: false },
    { does: 'rollback', to: undefined, force: false },
  ],
  [
    { does: 'install', names: ['plugin/kit', 'skill/alpha', 'skill/beta'], force: false },
    { does: 'commit' },
    { does: 'target add', names: ['cursor'], force: false },
    { does: 'edit', nth: 4 },
    { does: 'check out' },
    { does: 'edit', nth: 0 },
  ],
  [...raised('skill/alpha'), { does: 'add', nth: 2 }, { does: 'check out' }],
  [...raised('mcp/docs'), { does: 'edit', nth: 2 }, { does: 'check out' }],
  [
    ...raised('plugin/kit'),
    { does: 'check out' },
    { does: 'add', nth: 1 },
    { does: 'install', names: [], force: false },
  ],
  [
    { does: 'install', names: ['skill/beta'], force: false },
    { does: 'ask', key: 'acme:skill/*', range: '>=1.1' },
  ],
]

/** What was committed is not the newest. */
function raised(ref: string): Step[] {
  return [
    { does: 'install', names: [ref], force: false },
    { does: 'commit' },
    { does: 'publish', shelf: 'acme', ref, body: 'second' },
    { does: 'update', names: [], force: false },
  ]
}

test('[L6 L7 L8 L9 L16 L17 L18 O3 O28 O32 O35 T5] any life of a project', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(lives, async (all) => {
      const project = life()
      for (const step of all) if (!happens(project, step)) await commanded(project, step)
      await ended(project)
    }),
    { ...runs, examples: anyway.map((each): [Step[]] => [each]) },
  )
})

type Asked = Extract<Step, { force: boolean }>

async function commanded(project: Life, step: Step): Promise<void> {
  if (!('force' in step)) return
  const haal = await project.in('project')
  const [before, locked, pins, lock] = [bytesOf(project), lockedIn(project), pinned(project), lockOf(project)]
  const planned = await attempted(haal, step, true)
  expect(bytesOf(project), 'a dry run writes nothing').toEqual(before)
  const done = await attempted(haal, step, false)
  if ('error' in done) {
    expect(done.error.code).not.toBe('E_BUG')
    expect(foreseen(planned), 'a dry run says so').toBe(done.error.code)
    expect(bytesOf(project), `${done.error.code} leaves everything as it was`).toEqual(before)
    return
  }
  expect('outcome' in planned && told(planned.outcome), 'a dry run says what is done').toEqual(told(done.outcome))
  if (done.outcome.generation === null) expect(bytesOf(project), 'nothing to do is nothing done').toEqual(before)
  tells(done.outcome, locked, lockedIn(project))
  for (const name of leftBy(done.outcome)) project.left.add(name)
  keepsOwn(project, step.force)
  if (step.does === 'install' || step.does === 'update') expect(pinned(project)).toMatchObject(pins)
  const isPart = done.outcome.warnings.some(({ code }) => code === 'W_UNRESOLVED')
  await settled(project, { step, lock, generation: done.outcome.generation, isPart })
}

/** What a dry run says will go wrong; what waits for an approval may still get it. */
function foreseen(planned: Done): string | undefined {
  if ('error' in planned) return planned.error.code
  return planned.outcome.surfaces?.some(({ unapproved }) => unapproved.length > 0) ? 'E_APPROVAL' : undefined
}

/** Every change of haal.lock is told as what it is. */
function tells({ changes }: Outcome, before: Locked, after: Locked): void {
  const said = new Map(changes.map(({ artifact, action }) => [artifact as string, action]))
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
  for (const ref of names) {
    if (before[ref]?.integrity === after[ref]?.integrity) continue
    const action = before[ref] === undefined ? 'add' : after[ref] === undefined ? 'remove' : 'update'
    expect(said.get(ref), ref).toBe(action)
  }
}

function leftBy({ warnings }: Outcome): string[] {
  return warnings.flatMap(({ message }) => /^(.*): left as you changed /.exec(message)?.[1]?.split(', ') ?? [])
}

type Locked = Readonly<Record<string, { version: string; integrity: string; registry: string }>>

function lockedIn(project: Life): Locked {
  if (!project.exists('project/haal.lock')) return {}
  return (JSON.parse(project.read('project/haal.lock')) as { artifacts: Locked }).artifacts
}

interface Went {
  step: Asked
  /** haal.lock before it. */
  lock: string | undefined
  generation: number | null
  /** Not all that haal.json asks for could be had. */
  isPart: boolean
}

/** What holds after a command that went well. */
async function settled(project: Life, { step, lock, generation, isPart }: Went): Promise<void> {
  if (['install', 'update', 'uninstall'].includes(step.does)) project.atRest = !isPart
  if (step.does === 'rollback') broughtBack(project, { to: step.to, lock })
  if (generation !== null) remember(project, generation, lock)
  if (project.atRest && project.exists('project/haal.lock')) await rests(project)
}

/** With what the command found, where no generation had left that. */
function remember(project: Life, generation: number, lock: string | undefined): void {
  const now = project.read('project/haal.lock')
  const isFound = lock !== undefined && lock !== now && lock !== newest(project)?.lock
  const { own, atRest } = project
  const left = { lock: now, files: filesOf(project), own: new Map(own), atRest }
  project.past.set(generation, { ...left, ...(isFound && { found: { lock } }) })
}

function newest({ past }: Life): Past | undefined {
  return past.get(Math.max(...past.keys()))
}

function lockOf(project: Life): string | undefined {
  return project.exists('project/haal.lock') ? project.read('project/haal.lock') : undefined
}

async function rests(project: Life): Promise<void> {
  expect(strays(project), 'what is locked is in its ranges').toEqual([])
  const haal = await project.in('project')
  const { problems } = await haal.verify()
  expect(problems.filter(({ path }) => !isOwn(project, path) && !project.left.has(path))).toEqual([])
  const before = bytesOf(project)
  const again = await haal.install().catch((e: unknown) => e)
  if (again instanceof Error) expect(again).toMatchObject({ code: 'E_NOT_FOUND' })
  else expect(again).toMatchObject({ generation: null })
  expect(bytesOf(project), 'a second install changes nothing').toEqual(before)
  clone(project)
  await (await project.in('clone')).install([], { frozen: true })
  const isOwns = (name: string) => isOwn(project, name) || project.left.has(name)
  const isLeftOut = (name: string) => isOwns(name) || isShared(name) || name === '.claude/notes.md'
  expect(without(filesOf(project, 'clone'), isLeftOut), 'a clone is the same').toEqual(
    without(filesOf(project), isLeftOut),
  )
}

/** What is locked otherwise than its pin says, else the entries that name it, else all patterns that mean it. */
function strays(project: Life): string[] {
  const { artifacts = {}, pins = {} } = manifestOf(project)
  return Object.entries(lockedIn(project)).flatMap(([ref, { version, registry }]) => {
    const meant = Object.entries(artifacts).filter(([key]) => means(key, ref, registry))
    const named = meant.filter(([key]) => !key.includes('*'))
    const pin = pins[ref]
    const ranges = pin === undefined ? (named.length > 0 ? named : meant).map(([, range]) => range) : [pin]
    const isIn = (range: string) => range === '*' || range === version || semver.satisfies(version, range)
    return ranges.every(isIn) ? [] : [`${ref} ${version}: ${ranges.join(', ')}`]
  })
}

interface Wishes {
  artifacts?: Record<string, string>
  pins?: Record<string, string>
}

function manifestOf(project: Life): Wishes {
  return JSON.parse(project.read('project/haal.json')) as Wishes
}

function broughtBack(project: Life, { to, lock }: { to: number | undefined; lock: string | undefined }): void {
  const then = to === undefined ? oneBack(project, lock) : project.past.get(to)
  project.atRest &&= then?.atRest === true
  if (then === undefined) return
  const wasOwn = (name: string) => isOwn({ own: then.own ?? new Map() }, name)
  const isOwns = (name: string) => isOwn(project, name) || wasOwn(name) || project.left.has(name)
  const isLeftOut = (name: string) => isOwns(name) || isShared(name) || name === 'haal.json'
  expect(project.read('project/haal.lock')).toBe(then.lock)
  if (then.files) expect(without(filesOf(project), isLeftOut)).toEqual(without(then.files, isLeftOut))
}

/** haal.lock may have come by itself since the newest generation, or before it. */
function oneBack(project: Life, lock: string | undefined): Partial<Past> | undefined {
  const last = newest(project)
  if (last?.lock !== lock) return last
  return last?.found ?? project.past.get([...project.past.keys()].sort((a, b) => a - b).at(-2) ?? 0)
}

/** Taking everything out leaves what was there before haal came. What was asked for and not yet there comes first. */
async function ended(project: Life): Promise<void> {
  const haal = await project.in('project')
  if ((await haal.list()).artifacts.length === 0) return
  for (let left = 3; left > 0 && (await haal.list()).artifacts.length > 0; left -= 1) {
    const done = await attempted(haal, { does: 'uninstall', names: ['*'], force: false }, false)
    const inTheWay = project.own.size > 0 ? ['E_CONFLICT'] : []
    if ('error' in done)
      return expect(['E_NOT_FOUND', 'E_NO_VERSION', 'E_AMBIGUOUS', ...inTheWay]).toContain(done.error.code)
  }
  keepsOwn(project, false)
  const left = Object.keys(without(filesOf(project), (name) => isOwn(project, name) || name.startsWith('haal.')))
  expect(left.sort()).toEqual(['.claude/notes.md', sharedFile])
  expect(project.read(`project/${sharedFile}`)).toBe(sharedText)
}

/** The integrity of every artifact that is as haal.json pins it. */
function pinned(project: Life): Readonly<Record<string, string>> {
  const { pins = {} } = manifestOf(project)
  const held = Object.entries(lockedIn(project)).filter(([ref, { version }]) => pins[ref] === version)
  return Object.fromEntries(held.map(([ref, { integrity }]) => [ref, integrity]))
}

function isOwn({ own }: Pick<Life, 'own'>, place: string): boolean {
  return [...own.keys()].some((name) => name === place || name.startsWith(`${place}/`))
}

function isShared(name: string): boolean {
  return name === sharedFile || /\/(settings\.json|hooks\.json|mcp\.json|config\.toml)$/.test(name)
}
