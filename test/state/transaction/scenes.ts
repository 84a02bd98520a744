import fs from 'node:fs'
import path from 'node:path'
import type { Ref } from '../../../src/model/kinds.js'
import type { Locked } from '../../../src/model/lock.js'
import type { ApprovedPlan } from '../../../src/model/plan.js'
import { apply } from '../../../src/state/transaction/apply.js'
import { type Depot, depot, locked, lockOf, planOf, siteAt, temporaryFolder, write } from '../project.js'

/** One command on one project: how the project is before, and the plan. */
export interface Scene {
  name: string
  before(root: string): Promise<void>
  plan(root: string): ApprovedPlan
}

export const stock: Depot = depot()
const one = await stock.take({ 'SKILL.md': 'one', 'sub/run.sh': ['run'] })
const two = await stock.take({ 'SKILL.md': 'two' })
const other = await stock.take({ 'SKILL.md': 'other', 'a.md': 'a' })
const review = await stock.take({ 'review.md': 'review' })

const a = '.haal/skills/a'
const b = '.haal/skills/b'
const agent = '.haal/agents/review.md'
const inTool = '.claude/skills/b'
const inCursor = '.cursor/skills/sub'
const bytes = (text: string) => ({ from: 'bytes', bytes: Buffer.from(text) }) as const
const from = (integrity: Locked['integrity']) => ({ from: 'store', integrity }) as const
const gone = { from: 'nothing' } as const
const theirs = { 'haal.json': '{ "mine": true }\n', 'src/main.ts': 'code', '.mcp.json': '{ "mine": 1 }' }

const all: Record<Ref, Locked> = {
  'skill/a': locked(one),
  'skill/b': locked(other, { targets: ['claude'] }),
  'agent/review': locked(review, { file: 'review.md' }),
}

/** A project in which two skills, an agent, a copy for a tool and a merged file are installed. */
async function full(root: string): Promise<void> {
  write(root, theirs)
  const steps = [
    { shown: a, after: from(one) },
    { shown: b, after: from(other) },
    { shown: agent, after: { ...from(review), file: 'review.md' } },
    { shown: inTool, after: from(other) },
    { shown: '.mcp.json', after: bytes('{ "mine": 1, "b": 2 }') },
  ]
  await apply(planOf(root, lockOf(all), steps), siteAt(root, stock))
}

/** A project with a tool's folder that is empty. */
async function withEmptyFolder(root: string): Promise<void> {
  await full(root)
  fs.mkdirSync(path.join(root, '.cursor'))
}

const parts = [
  { shown: inCursor, after: { ...from(one), under: 'sub' } },
  { shown: '.cursor/agents/a.md', after: { ...from(one), file: 'SKILL.md' } },
  { shown: '.cursor/skills/a', after: { from: 'link', to: a } },
] as const

export const scenes: readonly Scene[] = [
  {
    name: 'parts of an artifact and a link, in a folder that was there and empty',
    before: withEmptyFolder,
    plan: (root) => planOf(root, lockOf(all), parts),
  },
  {
    name: 'a removal of parts and of a link with what it leads to',
    before: async (root) => {
      await withEmptyFolder(root)
      await apply(planOf(root, lockOf(all), parts), siteAt(root, stock))
    },
    plan: (root) =>
      planOf(root, lockOf({ 'skill/b': locked(other) }), [
        ...parts.map(({ shown }) => ({ shown, after: gone })),
        { shown: a, after: gone },
      ]),
  },
  {
    name: 'a first install where nothing is',
    before: async () => {},
    plan: (root) => planOf(root, lockOf({ 'skill/a': locked(one) }), [{ shown: a, after: from(one) }]),
  },
  {
    name: 'an install beside what a person has',
    before: async (root) => write(root, { ...theirs, '.haal/skills/mine/SKILL.md': 'mine' }),
    plan: (root) =>
      planOf(root, lockOf({ 'skill/a': locked(one) }), [
        { shown: a, after: from(one) },
        { shown: '.mcp.json', after: bytes('merged') },
      ]),
  },
  {
    name: 'an update',
    before: full,
    plan: (root) => planOf(root, lockOf({ ...all, 'skill/a': locked(two) }), [{ shown: a, after: from(two) }]),
  },
  {
    name: 'a removal with everything that belongs to it',
    before: full,
    plan: (root) =>
      planOf(root, lockOf({ 'skill/a': locked(one), 'agent/review': locked(review) }), [
        { shown: b, after: gone },
        { shown: inTool, after: gone },
        { shown: '.mcp.json', after: bytes(theirs['.mcp.json']) },
      ]),
  },
  {
    name: 'a removal of what a person has deleted already, with the folders that are left',
    before: async (root) => {
      await full(root)
      for (const at of [b, inTool, '.mcp.json', '.haal/agents']) fs.rmSync(path.join(root, at), { recursive: true })
    },
    plan: (root) =>
      planOf(root, lockOf({ 'skill/a': locked(one) }), [
        { shown: b, after: gone },
        { shown: inTool, after: gone },
        { shown: agent, after: gone },
        { shown: '.mcp.json', after: gone },
      ]),
  },
  {
    name: 'a removal that keeps what a person changed',
    before: async (root) => {
      await full(root)
      write(root, { [`${b}/SKILL.md`]: 'mine', [`${b}/notes/mine.md`]: 'mine' })
    },
    plan: (root) =>
      planOf(root, lockOf({ 'skill/a': locked(one) }), [
        { shown: b, after: { from: 'kept', files: ['SKILL.md', 'notes/mine.md'] } },
        { shown: agent, after: gone },
      ]),
  },
  {
    name: 'a forced update over an edit',
    before: async (root) => {
      await full(root)
      write(root, { [`${a}/SKILL.md`]: 'mine' })
    },
    plan: (root) =>
      planOf(root, lockOf({ ...all, 'skill/a': locked(two) }), [{ shown: a, after: from(two), saveOld: true }]),
  },
  {
    name: 'a repair that leaves haal.lock as it is',
    before: async (root) => {
      await full(root)
      fs.rmSync(path.join(root, a), { recursive: true })
    },
    plan: (root) => planOf(root, lockOf(all), [{ shown: a, after: from(one), onlyIfAbsent: true }]),
  },
  {
    name: 'a link for a tool, in a folder that was there and empty',
    before: async (root) => {
      await full(root)
      fs.mkdirSync(path.join(root, '.cursor'))
    },
    plan: (root) =>
      planOf(root, lockOf({ ...all, 'skill/a': locked(one, { targets: ['cursor'] }) }), [
        { shown: '.cursor/skills/a', after: { from: 'link', to: a } },
        { shown: '.claude/skills/run', after: { ...from(one), under: 'sub' } },
      ]),
  },
  {
    name: 'everything at once, a folder instead of a file too',
    before: full,
    plan: (root) =>
      planOf(root, lockOf({ 'skill/a': locked(two), 'skill/c': locked(one), 'agent/review': locked(other) }), [
        { shown: a, after: from(two) },
        { shown: b, after: gone },
        { shown: '.haal/skills/c', after: from(one) },
        { shown: agent, after: gone },
        { shown: '.haal/agents/review', after: from(other) },
        { shown: inTool, after: from(two) },
        { shown: '.mcp.json', after: gone },
      ]),
  },
]

/** A scene set up once, to be copied for every try, with its state before and after. */
export interface Stage {
  scene: Scene
  /** A fresh project in the state before. */
  project(): string
  remove(): void
}

export async function setUp(scene: Scene): Promise<Stage> {
  const above = temporaryFolder()
  const template = path.join(above, 'template')
  fs.mkdirSync(template)
  await scene.before(template)
  let count = 0
  const project = () => {
    count += 1
    const root = path.join(above, String(count))
    fs.cpSync(template, root, { recursive: true, verbatimSymlinks: true })
    return root
  }
  return { scene, project, remove: () => fs.rmSync(above, { recursive: true }) }
}
