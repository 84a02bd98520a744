import fs from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { listing } from '../../../e2e/world/place.js'
import type { Context } from '../../../src/model/context.js'
import type { Disk } from '../../../src/model/disk.js'
import { HaalError } from '../../../src/model/errors.js'
import { install } from '../../../src/operations/install.js'
import { search } from '../../../src/operations/search.js'
import { outdated, update } from '../../../src/operations/update.js'
import { type Place, place } from '../../policy/verbs.js'

const skill = (name: string, body = 'v1', version = '1.0.0') =>
  `---\nname: ${name}\ndescription: Helps\nversion: ${version}\n---\n\n${body}\n`

let at: Place
beforeEach(() => {
  at = place()
  restore()
})
afterEach(() => at.remove())

/** The registry as it is at first. */
function restore(): void {
  fs.rmSync(at.at('corp'), { recursive: true, force: true })
  at.write({
    'corp/skills/a/SKILL.md': skill('a'),
    'corp/skills/a/more/one.md': 'one',
    'corp/skills/b/SKILL.md': skill('b'),
    'corp/skills/b/run.sh': { body: '#!/bin/sh\n', mode: 0o755 },
    'corp/agents/c.md': 'an agent',
  })
}

const corp = (name: string) => at.at('corp', ...name.split('/'))

/** A project of its own with a home of its own, on the one registry. */
function project(name: string, disk: Disk = at.ctx.disk): Context {
  at.write({
    [`${name}/haal.json`]: {
      registries: [{ name: 'corp', type: 'file', location: at.at('corp') }],
      artifacts: { 'skill/*': '*', 'agent/*': '*' },
    },
  })
  return { ...at.ctx, disk, cwd: at.at(name), env: { ...at.env, HAAL_HOME: at.at(`home-${name}`) } }
}

/** A disk on which ten seconds have passed since the registry was written. */
function later(disk: Disk): Disk {
  const stat: Disk['stat'] = (name) => {
    const found = disk.stat(name)
    return found && /folder-[0-9a-f]+\.\d+\.tmp$/.test(name)
      ? { ...found, mtime: found.mtime + 10_000_000_000n }
      : found
  }
  return { ...disk, stat }
}

/** Until the file system's clock shows another time than the last change. */
function tick(): void {
  const now = () => fs.statSync(at.at('probe'), { bigint: true }).ctimeNs
  fs.writeFileSync(at.at('probe'), '')
  const started = now()
  do fs.writeFileSync(at.at('probe'), '')
  while (now() <= started)
}

function counting(disk: Disk, read: string[]): Disk {
  const noted = <T>(name: string, answer: T): T => {
    if (/corp[/\\](skills|agents)/.test(name)) read.push(path.relative(at.at('corp'), name).split(path.sep).join('/'))
    return answer
  }
  return {
    ...disk,
    read: (name) => noted(name, disk.read(name)),
    readMarked: (name, size) => noted(name, disk.readMarked(name, size)),
    names: (name) => noted(name, disk.names(name)),
  }
}

const all = { requests: [], flags: { yes: true } } as const

describe('an artifact of a folder that nobody has touched', () => {
  test('[L5 F1] is not read again by update and outdated, and one that was is', async () => {
    const read: string[] = []
    const ctx = project('project', later(counting(at.ctx.disk, read)))
    await install(ctx, all)
    await outdated(ctx, all)
    read.length = 0
    expect((await outdated(ctx, all)).artifacts).toEqual([])
    expect((await update(ctx, all)).changes.map(({ action }) => action)).toEqual(['keep', 'keep', 'keep'])
    expect(read).toEqual([])
    tick()
    at.write({ 'corp/skills/a/SKILL.md': skill('a', 'v2', '2.0.0') })
    read.length = 0
    expect(await update(ctx, all)).toMatchObject({ changes: [{ artifact: 'skill/a', to: { version: '2.0.0' } }] })
    expect(read.sort()).toEqual(['skills/a', 'skills/a/SKILL.md', 'skills/a/more', 'skills/a/more/one.md'])
  })

  test('[O2 F1] is not read again for its label', async () => {
    const read: string[] = []
    const ctx = project('project', later(counting(at.ctx.disk, read)))
    const versions = async () => {
      read.length = 0
      const { artifacts } = await search(ctx, { text: 'skill/', flags: {} })
      return artifacts.map(({ version }) => version)
    }
    expect(await versions()).toEqual(['1.0.0', '1.0.0'])
    expect(await versions()).toEqual(['1.0.0', '1.0.0'])
    expect(read).toEqual([])
    tick()
    at.write({ 'corp/skills/a/SKILL.md': skill('a', 'v2', '2.0.0') })
    expect(await versions()).toEqual(['2.0.0', '1.0.0'])
    expect(read).toEqual(['skills/a/SKILL.md'])
  })

  test('[L6 F1] is read all the same with --refresh, with --frozen, where caching is off, and by who has no lockfile', async () => {
    const read: string[] = []
    const ctx = project('project', later(counting(at.ctx.disk, read)))
    await install(ctx, all)
    const isRead = async (act: () => Promise<unknown>) => {
      read.length = 0
      await act()
      return read.includes('skills/a/more/one.md')
    }
    expect(await isRead(() => update(ctx, all))).toBe(false)
    expect(await isRead(() => update(ctx, { requests: [], flags: { refresh: true } }))).toBe(true)
    fs.rmSync(at.at('project/.haal'), { recursive: true })
    fs.rmSync(at.at('home-project/store'), { recursive: true })
    expect(await isRead(() => install(ctx, { requests: [], flags: { frozen: true } }))).toBe(true)
    const manifest = JSON.parse(fs.readFileSync(at.at('project/haal.json'), 'utf8')) as object
    at.write({ 'project/haal.json': { ...manifest, cacheSettings: { enabled: false } } })
    expect(await isRead(() => update(ctx, all))).toBe(true)
    at.write({ 'project/haal.json': manifest })
    fs.rmSync(at.at('project/haal.lock'))
    expect(await isRead(() => install(ctx, all))).toBe(true)
  })

  test('[P11 F1] is judged on what the store has, and on what it is where that has lost it', async () => {
    const ctx = project('project', later(at.ctx.disk))
    await install(ctx, all)
    at.write({ 'home-project/policy.json': { policyVersion: 1, content: { executables: 'deny' } } })
    const refusal = async () => {
      const e = await update(ctx, all).catch((e: unknown) => e)
      return e instanceof HaalError ? [e.code, e.message] : e
    }
    const kept = await refusal()
    fs.rmSync(at.at('home-project/store'), { recursive: true })
    const lost = await refusal()
    fs.rmSync(at.at('home-project/cache'), { recursive: true })
    expect([kept, lost]).toEqual([kept, await refusal()])
    expect(kept).toMatchObject(['E_POLICY_CONTENT', expect.stringContaining('run.sh')])
  })

  test('[P11 F1] is refused where a policy now wants it smaller', async () => {
    const ctx = project('project', later(at.ctx.disk))
    await install(ctx, all)
    at.write({ 'home-project/policy.json': { policyVersion: 1, content: { maxFileBytes: 20 } } })
    await expect(update(ctx, all)).rejects.toMatchObject({ message: expect.stringContaining('a file of more than 20') })
  })
})

/** What somebody may do to a registry. */
const edits: Record<string, () => void> = {
  edit: () => fs.writeFileSync(corp('skills/a/SKILL.md'), skill('a', 'longer than before')),
  'another version': () => fs.writeFileSync(corp('skills/a/SKILL.md'), skill('a', 'v1', '3.1.4')),
  'of one size': () => swapLetter('skills/b/SKILL.md'),
  'of one size and date': () => keepingDates('skills/b/SKILL.md', () => swapLetter('skills/b/SKILL.md')),
  'of one size, at once twice': () => [1, 2].forEach(() => void swapLetter('skills/a/more/one.md')),
  executable: () => fs.chmodSync(corp('skills/b/SKILL.md'), 0o755),
  'not executable': () => fs.chmodSync(corp('skills/b/SKILL.md'), 0o644),
  'only a date': () => fs.utimesSync(corp('skills/b/SKILL.md'), new Date(0), new Date(0)),
  'one more file': () => fs.writeFileSync(corp('skills/b/new.md'), 'new'),
  'a file less': () => fs.rmSync(corp('skills/b/new.md'), { force: true }),
  'other names': () => exchange('skills/a/more/one.md', 'skills/a/more/two.md'),
  'replaced by rename': () => {
    fs.copyFileSync(corp('skills/b/SKILL.md'), corp('other'))
    swapLetter('other')
    keepingDates('skills/b/SKILL.md', () => fs.renameSync(corp('other'), corp('skills/b/SKILL.md')))
  },
  'an artifact more': () => at.write({ 'corp/skills/d/SKILL.md': skill('d') }),
  'an artifact less': () => fs.rmSync(corp('skills/d'), { recursive: true, force: true }),
  'two artifacts exchanged': () => exchange('skills/a', 'skills/b'),
  'copied over': () => {
    fs.cpSync(corp('skills/a'), corp('copy'), { recursive: true, preserveTimestamps: true })
    fs.rmSync(corp('skills/a'), { recursive: true })
    fs.renameSync(corp('copy'), corp('skills/a'))
  },
  'another agent': () => fs.appendFileSync(corp('agents/c.md'), 'more'),
  'what hides': () => fs.writeFileSync(corp('skills/b/hidden.md'), 'x\u202ey'),
  'what hides no more': () => fs.rmSync(corp('skills/b/hidden.md'), { force: true }),
  ...(process.platform !== 'win32' && {
    'a link': () => {
      fs.mkdirSync(corp('skills/a/more'), { recursive: true })
      fs.rmSync(corp('skills/a/more/link'), { force: true })
      fs.symlinkSync('one.md', corp('skills/a/more/link'))
    },
    'no link': () => fs.rmSync(corp('skills/a/more/link'), { force: true }),
  }),
}

function swapLetter(name: string): void {
  if (!fs.existsSync(corp(name))) at.write({ [`corp/${name}`]: 'made anew' })
  const bytes = fs.readFileSync(corp(name))
  const last = bytes.length - 2
  bytes[last] = bytes[last] === 0x78 ? 0x79 : 0x78
  fs.writeFileSync(corp(name), bytes)
}

function keepingDates(name: string, act: () => void): void {
  const { atime, mtime } = fs.statSync(corp(name))
  act()
  fs.utimesSync(corp(name), atime, mtime)
}

function exchange(one: string, other: string): void {
  if (fs.existsSync(corp(other))) fs.renameSync(corp(other), corp('aside'))
  if (fs.existsSync(corp(one))) fs.renameSync(corp(one), corp(other))
  if (fs.existsSync(corp('aside'))) fs.renameSync(corp('aside'), corp(one))
}

const told = async (act: () => Promise<unknown>) => {
  try {
    return await act()
  } catch (e) {
    if (!(e instanceof HaalError)) throw e
    return [e.code, e.message]
  }
}

/** Everything that commands make of the registry as it is now. */
async function made(ctx: Context): Promise<unknown> {
  const found = await told(() => outdated(ctx, all))
  const { generation: _own, ...done } = (await told(() => update(ctx, all))) as { generation?: unknown }
  const there = await told(() => search(ctx, { text: '', flags: {} }))
  const tree = listing(ctx.cwd, { skip: ['.haal/.state'] })
  return { found, done, there, tree }
}

describe('whatever happens to a folder', () => {
  const some = fc.array(fc.constantFrom(...Object.keys(edits)), { minLength: 1, maxLength: 3 })
  for (const { how, clock, before } of [
    { how: 'at any time', clock: later, before: tick },
    { how: 'within a grain of the clock', clock: (disk: Disk) => disk, before: () => undefined },
  ])
    test(`[L5 L7 F1] ${how}, an update makes of it what it makes of one that it has never seen`, async () => {
      const [seen, fresh] = [project('seen', clock(at.ctx.disk)), project('fresh')]
      await fc.assert(
        fc.asyncProperty(fc.array(some, { minLength: 1, maxLength: 4 }), async (rounds) => {
          restore()
          for (const round of rounds) {
            before()
            for (const name of round) edits[name]?.()
            fs.rmSync(at.at('home-fresh/cache'), { recursive: true, force: true })
            expect(await made(seen), round.join(', ')).toEqual(await made(fresh))
          }
        }),
        { numRuns: 12 },
      )
    }, 60_000)
})
