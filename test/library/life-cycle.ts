import fs from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { expect } from 'vitest'
import { type Haal, HaalError, type Outcome } from '../../src/index.js'
import { snapshot } from '../state/project.js'
import { type Ground, ground, skill } from './ground.js'

/** What two registries offer at first; the second has one name that the first has, too. */
export const shelves = {
  acme: ['skill/alpha', 'agent/rev', 'mcp/docs', 'plugin/kit', 'bundle/pack'],
  corp: ['skill/alpha', 'skill/beta', 'agent/team', 'hook/fmt'],
} as const

export type Shelf = keyof typeof shelves

export const refs = [...new Set(Object.values(shelves).flat())].sort()

/** Something that a person, a registry or time does. */
export type Step =
  | { does: 'install' | 'update' | 'uninstall' | 'pin' | 'unpin'; names: readonly string[]; force: boolean }
  | { does: 'rollback'; to: number | undefined; force: boolean }
  | { does: 'target add' | 'target remove'; names: readonly string[]; force: boolean }
  | { does: 'publish'; shelf: Shelf; ref: string; body: Body | null }
  | { does: 'ask'; key: string; range: string | null }
  | { does: 'edit' | 'add'; nth: number }
  | { does: 'commit' | 'check out' | 'forget what was seen' }

const force = fc.constantFrom(false, false, false, true)
const one = fc.constantFrom(...refs).map((ref) => [ref])
const names = fc.oneof({ weight: 4, arbitrary: one }, { weight: 1, arbitrary: fc.constantFrom(['skill/*'], ['*']) })

/** Keys of haal.json that overlap, and ranges that often have a version in common. */
const keys = fc.constantFrom(
  'skill/*',
  'skill/a*',
  '*a',
  'agent/*',
  'acme:skill/*',
  'skill/alpha',
  'alpha',
  'agent/rev',
)
const range = fc.constantFrom('*', '^1', '>=1.1', '<2', '^2')
const ranged = fc.tuple(keys, range).map(([key, range]) => [`${key}@${range}`])
const tools = fc.constantFrom('claude', 'cursor', 'codex').map((tool) => [tool])

function does<T extends string>(...ways: T[]): fc.Arbitrary<T> {
  return fc.constantFrom(...ways)
}

const commands = fc.oneof(
  fc.record({ does: does('install', 'update', 'uninstall', 'pin', 'unpin'), names, force }),
  fc.record({ does: does('install'), names: ranged, force }),
  fc.record({ does: does('install', 'update', 'update'), names: fc.constant<readonly string[]>([]), force }),
  fc.record({ does: does('rollback'), to: fc.constantFrom(undefined, undefined, 1, 2), force }),
  fc.record({ does: does('target add', 'target remove'), names: tools, force }),
)

const versions = { first: '1.0.0', mended: '1.0.0', second: '1.1.0', third: '2.0.0' } as const
type Body = keyof typeof versions

const body = fc.constantFrom<Body | null>('first', 'mended', 'second', 'third', null)
const published = (Object.keys(shelves) as Shelf[]).map((shelf) =>
  fc.record({
    does: does('publish'),
    shelf: fc.constant(shelf),
    ref: fc.constantFrom<string>(...shelves[shelf]),
    body,
  }),
)
const events = fc.oneof(
  ...published,
  fc.record({ does: does('ask'), key: keys, range: fc.option(range, { freq: 3 }) }),
  fc.record({ does: does('edit', 'add'), nth: fc.nat(40) }),
  fc.record({ does: does('commit', 'check out', 'forget what was seen') }),
)

/** Some things are installed first, so that there is something to happen to. */
const first = fc.record({ does: does('install'), names: fc.subarray([...refs], { minLength: 3 }), force })

export const lives: fc.Arbitrary<Step[]> = fc
  .tuple(
    first,
    fc.array(fc.oneof({ weight: 3, arbitrary: commands }, { weight: 2, arbitrary: events }), {
      minLength: 6,
      maxLength: 14,
    }),
  )
  .map(([start, rest]) => [start, ...rest])

type Files = Readonly<Record<string, string>>

/** What a generation left behind, and the haal.lock that it found where that had come by itself. */
export interface Past {
  lock: string
  files: Files
  /** What of these was the person's. */
  own: Life['own']
  /** What `Life` says of it then. */
  atRest: boolean
  found?: { lock: string }
}

/** A project, and what is remembered of it to judge what haal does. */
export interface Life extends Ground {
  in(folder: string): Promise<Haal>
  /** What the person has written into haal's places. */
  own: Map<string, string>
  /** What haal left as it was because something beside it is the person's, and said so. */
  left: Set<string>
  /** Generation → what it left behind. */
  past: Map<number, Past>
  /** haal.json and haal.lock as they were committed. */
  commits: Files[]
  /** What lies there is what haal.json and haal.lock say, as far as haal can make it so. */
  atRest: boolean
}

/** The person's part of a file that a tool shares with them. */
export const sharedFile = '.mcp.json'
export const sharedText = '{\n  // the person’s\n  "mcpServers": { "own": { "command": "mine",  "args": [] } }\n}\n'

export function life(): Life {
  const at = ground()
  for (const [shelf, own] of Object.entries(shelves)) for (const ref of own) publish(at, shelf as Shelf, ref, 'first')
  at.write(`project/${sharedFile}`, sharedText)
  at.write('project/.claude/notes.md', 'the person’s')
  at.write('project/haal.json', { targets: ['claude'] })
  const registries = Object.keys(shelves).map((name) => ({ name, location: path.join(at.root, 'registries', name) }))
  return {
    ...at,
    in: (folder) => at.haal({ cwd: path.join(at.root, folder), registries }),
    own: new Map(),
    left: new Set(),
    past: new Map(),
    commits: [],
    atRest: true,
  }
}

function publish(at: Ground, shelf: Shelf, ref: string, body: Body | null): void {
  const [kind = '', name = ''] = ref.split('/')
  const folder = `registries/${shelf}`
  const own = `${folder}/${kind === 'mcp' ? kind : `${kind}s`}/${name}`
  for (const each of [own, `${own}.md`]) fs.rmSync(path.join(at.root, each), { recursive: true, force: true })
  if (kind === 'bundle') at.write(`${folder}/registry.json`, indexOf(name, body))
  if (kind === 'bundle' || body === null) return
  const [file, content] = mains[kind]?.(name, body) ?? ['', '']
  at.write(`${own}${file}`, content)
  if (ref !== 'skill/alpha') return
  at.write(`${own}/run/${body}.sh`, '#!/bin/sh\n')
  fs.chmodSync(path.join(at.root, own, `run/${body}.sh`), 0o755)
}

function indexOf(name: string, body: string | null): object {
  const requires = ['agent/rev', body === 'first' ? 'skill/beta' : 'skill/alpha']
  const entry = { name, path: `bundles/${name}`, kind: 'bundle', version: '1.0.0', requires }
  return { version: '1.0.0', extensions: { curated: body === null ? [] : [entry] } }
}

const mains: Readonly<Record<string, (name: string, body: Body) => [file: string, content: string | object]>> = {
  skill: (name, body) => ['/SKILL.md', skill(name, body, versions[body])],
  agent: (name, body) => [name === 'rev' ? '.md' : '/AGENT.md', skill(name, body, versions[body])],
  mcp: (name, body) => ['/mcp.json', { mcpServers: { [name]: { command: body } } }],
  hook: (_, command) => ['/hooks.json', { hooks: { Stop: [{ hooks: [{ type: 'command', command }] }] } }],
  plugin: (name, body) => ['/.claude-plugin/plugin.json', { name, version: '1.0.0', description: body }],
}

/** Files by their paths in the project, without what haal keeps for itself. */
export function filesOf({ root }: Ground, folder = 'project'): Files {
  const all = Object.entries(snapshot(path.join(root, folder)))
  return Object.fromEntries(all.filter(([name]) => !name.endsWith('/') && !name.startsWith('.haal/.state')))
}

/** All of it, but for what was seen, which any command may note. */
export function bytesOf({ root }: Ground): Files {
  const all = Object.entries(snapshot(path.join(root, 'project')))
  return Object.fromEntries(all.filter(([name]) => !/^\.haal\/\.state\/(seen|names)$/.test(name)))
}

/** Does what no haal does. false for a step of haal's. */
export function happens(to: Life, step: Step): boolean {
  if (step.does === 'publish') publishes(to, step)
  else if (step.does === 'ask') asks(to, step)
  else if (step.does === 'edit' || step.does === 'add') writes(to, step)
  else if (step.does === 'forget what was seen')
    fs.rmSync(path.join(to.root, 'project/.haal/.state/seen'), { force: true })
  else if (step.does === 'commit') to.commits.push(pairOf(to))
  else if (step.does === 'check out') checksOut(to)
  else return false
  return true
}

function pairOf(at: Ground, folder = 'project'): Files {
  const names = ['haal.json', 'haal.lock'].filter((name) => at.exists(`${folder}/${name}`))
  return Object.fromEntries(names.map((name) => [name, at.read(`${folder}/${name}`)]))
}

/** A pattern that has brought nothing of its own yet is looked up by the next install, whatever there is by then. */
function publishes(to: Life, { shelf, ref, body }: Extract<Step, { does: 'publish' }>): void {
  publish(to, shelf, ref, body)
  if (idlePatterns(to).some((key) => means(key, ref, shelf))) to.atRest = false
}

function idlePatterns(at: Ground): string[] {
  const { artifacts: asked = {} } = JSON.parse(at.read('project/haal.json')) as { artifacts?: Record<string, string> }
  const { artifacts = {} } = at.exists('project/haal.lock')
    ? (JSON.parse(at.read('project/haal.lock')) as { artifacts: Record<string, Brought> })
    : {}
  const brought = Object.entries(artifacts).filter(([, { requestedBy }]) => requestedBy.includes('haal.json'))
  return Object.keys(asked).filter((key) => {
    const narrower = Object.keys(asked).filter((other) => isNarrower(other, key))
    const isOwn = ([ref, { registry }]: [string, Brought]) =>
      means(key, ref, registry) && !narrower.some((other) => means(other, ref, registry))
    return key.includes('*') && !brought.some(isOwn)
  })
}

interface Brought {
  registry: string
  requestedBy: readonly string[]
}

function isNarrower(a: string, b: string): boolean {
  const [one, two] = [a, b].map((key) => key.replace(/^\w+:/, ''))
  if (!one?.includes('*')) return true
  const [[kind, name], [otherKind, otherName]] = [partsOf(one), partsOf(two ?? '')]
  return (kind !== undefined && otherKind === undefined) || (kind === otherKind && name !== '*' && otherName === '*')
}

/** Whether an entry of haal.json means an artifact. */
export function means(key: string, ref: string, registry: string): boolean {
  const [, from, text = ''] = /^(?:(\w+):)?(.*)$/.exec(key) ?? []
  const isNamed = !text.includes('*')
  if (from !== undefined && from !== registry && !isNamed) return false
  const [kind, name] = partsOf(text)
  const [ownKind, ownName = ''] = ref.split('/')
  const pattern = new RegExp(`^${name?.replaceAll('*', '.*')}$`)
  return (kind === undefined || kind === ownKind) && pattern.test(ownName)
}

function partsOf(text: string): [kind: string | undefined, name: string | undefined] {
  const [one, two] = text.split('/')
  return two === undefined ? [undefined, one] : [one, two]
}

/** haal.json is edited by hand. */
function asks(to: Life, { key, range }: { key: string; range: string | null }): void {
  const manifest = JSON.parse(to.read('project/haal.json')) as { artifacts?: Record<string, string> }
  const { [key]: _was, ...others } = manifest.artifacts ?? {}
  to.write('project/haal.json', { ...manifest, artifacts: { ...others, ...(range !== null && { [key]: range }) } })
  to.atRest = false
}

function checksOut(to: Life): void {
  const pair = to.commits.at(-1)
  if (pair?.['haal.lock'] === undefined) return
  for (const [name, text] of Object.entries(pair)) to.write(`project/${name}`, text)
  to.atRest = false
}

/** Of the files that haal has put there one is edited, or gets a new one beside it. */
function writes(to: Life, { does, nth }: { does: 'edit' | 'add'; nth: number }): void {
  const haals = Object.keys(filesOf(to)).filter(
    (name) =>
      !/^haal\.|^\.mcp\.json|^\.\w+\/mcp\.json|notes\.md$|settings\.json$|config\.toml$|hooks\.json$/.test(name),
  )
  const place = haals[nth % Math.max(1, haals.length)]
  if (place === undefined) return
  const name = does === 'edit' ? place : `${path.posix.dirname(place)}/own-${nth}.txt`
  const text = does === 'edit' ? `${to.read(`project/${name}`)}edited\n` : 'added\n'
  to.write(`project/${name}`, text)
  to.own.set(name, text)
}

type Asked = Extract<Step, { force: boolean }>
export type Done = { outcome: Outcome } | { error: HaalError }

/** What haal makes of a step; anything but a `HaalError` goes on. */
export async function attempted(haal: Haal, step: Asked, dryRun: boolean): Promise<Done> {
  try {
    return { outcome: await called(haal, step, dryRun) }
  } catch (error) {
    if (error instanceof HaalError) return { error }
    throw error
  }
}

function called(haal: Haal, step: Asked, dryRun: boolean): Promise<Outcome> {
  const options = { dryRun, ...(step.does !== 'unpin' && { force: step.force }) }
  if (step.does === 'rollback') return haal.rollback(undefined, { ...options, ...(step.to && { to: step.to }) })
  if (step.does === 'target add') return haal.target.add(step.names, options)
  if (step.does === 'target remove') return haal.target.remove(step.names, options)
  if (step.does === 'uninstall' || step.does === 'unpin') return haal[step.does](step.names, options)
  return haal[step.does](step.names, { ...options, approve: ['*'] })
}

/** What a person reads of an outcome, the same for a dry run. */
export function told({ changes, order, shadowed, warnings }: Outcome): object {
  return { changes, order, shadowed, warnings: warnings.filter(({ code }) => code !== 'W_SAVED') }
}

/** What the person wrote is where they wrote it or, after --force, kept aside. */
export function keepsOwn(life: Life, isForced: boolean): void {
  const saved = Object.entries(bytesOf(life)).filter(([name]) => name.startsWith('.haal/.state/saved/'))
  for (const [name, text] of life.own) {
    if (life.exists(`project/${name}`) && life.read(`project/${name}`) === text) continue
    expect(isForced && saved.some(([, content]) => content.slice(2) === text), `${name} is lost`).toBe(true)
    life.own.delete(name)
  }
  expect(life.read(`project/${sharedFile}`)).toContain('// the person’s\n')
  expect(life.read(`project/${sharedFile}`)).toContain('"own": { "command": "mine",  "args": [] }')
}

/** A copy of haal.json and haal.lock alone, in a folder of its own. */
export function clone(life: Life): void {
  fs.rmSync(path.join(life.root, 'clone'), { recursive: true, force: true })
  for (const [name, text] of Object.entries(pairOf(life))) life.write(`clone/${name}`, text)
}

export function without(files: Files, isLeftOut: (name: string) => boolean): Files {
  return Object.fromEntries(Object.entries(files).filter(([name]) => !isLeftOut(name)))
}
