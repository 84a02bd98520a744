import { isDeepStrictEqual } from 'node:util'
import type { Kind, Ref } from '../model/kinds.js'
import { leafOf, pathProblem, twinKey } from '../model/names.js'
import { isShared, type Placed, splitTarget } from '../model/targets.js'
import { forms, type Spot } from './forms.js'
import type { Material } from './material.js'
import { keyOf, nameOf } from './merge.js'
import { isWhole, partsOf } from './plugin.js'
import { type Cell, type Tool, tools } from './table.js'

type Scope = 'project' | 'global'

/** Whose tools: those of a project, or with --global the user's. */
export interface Setup {
  scope: Scope
  /** Absolute, with `/`. */
  root: string
  env: Readonly<Record<string, string | undefined>>
  link: boolean
}

/** A place as the lockfile records it, `<tool>:<at>`, with what shall be there. */
export interface ToolPlace {
  tool: string
  place: Placed
  /** The lockfile names another place than the table does. */
  strange?: true
}

export interface PlacedArtifact {
  places: readonly ToolPlace[]
  /** What tools have no place for. */
  lacking: readonly Lack[]
}

export interface Lack {
  ref: Ref
  tool: string
  kind: Kind
  /** The name of an artifact, or of a part of a plugin. */
  name: string
  /** Absent where the tool knows nothing of the kind. */
  why?: string
  /** The only scope in which it has a place. */
  only?: Scope
}

/** Where each tool gets an artifact, and in which form. `home` is its place in `.haal/`. Unknown tools get nothing. */
export async function placesFor(
  material: Material,
  { names, home, setup }: { names: readonly string[]; home: string; setup: Setup },
): Promise<PlacedArtifact> {
  const all = names.flatMap((name) => {
    const tool = tools.get(name)
    return tool === undefined ? [] : givenTo(tool, material).map((part) => ({ name, tool, part }))
  })
  const done = await Promise.all(all.map((each) => placePart(each, { home, setup })))
  return { places: done.flatMap(({ places }) => places), lacking: done.flatMap(({ lacking }) => lacking) }
}

/** A plugin goes whole to tools that know plugins, in parts to all others. One without parts is given to none of those: `placePart` says so. */
function givenTo(tool: Tool, material: Material): Material[] {
  const parts = isSplit(tool, material) ? partsOf(material) : []
  return parts.length === 0 ? [material] : parts
}

function isSplit(tool: Tool, material: Material): boolean {
  return material.kind === 'plugin' && !(tool.reads.plugin !== undefined && isWhole(material))
}

interface Giving {
  name: string
  tool: Tool
  part: Material
}

async function placePart(
  { name: toolName, tool, part }: Giving,
  { home, setup }: { home: string; setup: Setup },
): Promise<PlacedArtifact> {
  const { ref, kind, name } = part
  if (isSplit(tool, part)) return { places: [], lacking: [{ ref, tool: toolName, kind, name, why: noParts }] }
  const cell = tool.reads[kind]
  const at = cell && placeNamed(cell, { tool, name, setup })
  if (cell === undefined || at === undefined) {
    const only = cell === undefined ? {} : { only: otherScope(setup) }
    return { places: [], lacking: [{ ref, tool: toolName, kind, name, ...only }] }
  }
  const spot: Spot = { tool, at, home, link: setup.link, ...roots(tool, setup) }
  const { places, lost } = await forms[cell.form](part, spot)
  const unsafe = places.filter((place) => pathProblem(place.at) !== undefined)
  return {
    places: places.filter((place) => !unsafe.includes(place)).map((place) => ({ tool: toolName, place })),
    lacking: [...lost, ...unsafe.map(({ at }) => `${at} is no path haal writes`)].map((why) => ({
      ref,
      tool: toolName,
      kind,
      name,
      why,
    })),
  }
}

const noParts = 'it has no skills, agents, commands, hooks or MCP servers'

/** The place of an artifact of this name; with the tool's variable set, below the folder it names. */
function placeNamed(cell: Cell, { tool, name, setup }: { tool: Tool; name: string; setup: Setup }): string | undefined {
  const pattern = setup.scope === 'project' ? cell.project : globalPlace(cell, tool, setup)
  return pattern?.replace('<n>', () => name)
}

function globalPlace({ global, moved }: Cell, { home }: Tool, { env }: Setup): string | undefined {
  if (home === undefined || global === undefined || !env[home.variable]) return global
  const own = moved ?? (global.startsWith(`${home.folder}/`) ? global.slice(home.folder.length + 1) : undefined)
  return own === undefined ? global : `$${home.variable}/${own}`
}

function otherScope({ scope }: Setup): Scope {
  return scope === 'project' ? 'global' : 'project'
}

function roots({ root, servers }: Tool, setup: Setup): Pick<Spot, 'root' | 'serverRoot' | 'shown'> {
  if (setup.scope === 'project') return { root, serverRoot: servers?.root, shown: '' }
  const whole = `${setup.root}/`
  return { root: root === undefined ? undefined : whole, serverRoot: whole, shown: whole }
}

/** What a recorded place is on this machine: relative to the root, or behind a tool's variable absolute. Only --global knows variables. */
export function placeHere(at: string, { scope, env }: Setup): string {
  const [, variable = '', rest = ''] = /^\$([A-Z_]+)\/(.+)$/.exec(at) ?? []
  const known = [...tools.values()].find(({ home }) => home?.variable === variable)?.home
  if (scope === 'project' || known === undefined) return at
  return `${env[variable] || known.folder}/${rest}`
}

/** The tools that read something at a place or below it. `at` is relative to the root, or to the user's home. */
export function readersOf(at: string, scope: Scope): string[] {
  const place = twinKey(`${at}/`)
  const isRead = (pattern: string) => {
    const folder = twinKey(pattern.split('<n>')[0] ?? '')
    return place.startsWith(folder) || folder.startsWith(place)
  }
  const all = [...tools].filter(([, { reads }]) =>
    Object.values(reads).some(({ [scope]: pattern }) => pattern && isRead(pattern)),
  )
  return all.map(([name]) => name)
}

/** The places that haal.lock names as an artifact's `targets`, each with what haal has put there. A tool without a place means all that it gets now. */
export function placesAsLocked(targets: readonly string[], { places }: Pick<PlacedArtifact, 'places'>): ToolPlace[] {
  return [...new Set(targets)].flatMap((target) => {
    const [tool, at] = splitTarget(target)
    const own = places.filter((each) => each.tool === tool)
    if (at === '' && own.length > 0) return own
    const here = own.filter(({ place }) => place.at === at)
    return here.length > 0 ? here : strangePlace({ tool, at }, own)
  })
}

/** A place that the table does not have, or no more, is taken to hold what the tool's only place of today holds, else the one with the same last
    segment. Without either it is left out, and so what lies there stays. */
function strangePlace({ tool, at }: { tool: string; at: string }, own: readonly ToolPlace[]): ToolPlace[] {
  const alike = own.length === 1 ? own : own.filter(({ place }) => leafOf(place.at) === leafOf(at))
  return alike.slice(0, 1).map(({ place }) => ({ tool, place: { ...place, at }, strange: true }))
}

export function printTarget({ tool, place }: ToolPlace): string {
  return `${tool}:${place.at}`
}

/** A place that another artifact (`by`) has already, or, in a file that both share, its value of this name. */
export interface Occupied {
  tool: string
  place: Placed
  by: string
  name?: string
}

/** Gives each place to the first that wants it; several tools may share one, and several artifacts where they put the same there. Two spellings that
    are one on a Mac or on Windows are one place. */
export function assign(all: readonly ToolPlace[]): { places: ToolPlace[]; occupied: Occupied[] } {
  const owners = new Map<string, Placed>()
  const values = new Map<string, { ref: string; value: unknown }>()
  const places: ToolPlace[] = []
  const occupied: Occupied[] = []
  for (const each of all) {
    const by = occupiedBy(each.place, owners, values)
    if (by === undefined) places.push(each)
    else occupied.push({ ...each, ...by })
  }
  return { places, occupied }
}

function occupiedBy(
  place: Placed,
  owners: Map<string, Placed>,
  values: Map<string, { ref: string; value: unknown }>,
): Pick<Occupied, 'by' | 'name'> | undefined {
  const key = twinKey(place.at)
  const owner = owners.get(key)
  const bothShare = owner !== undefined && isShared(owner) && isShared(place)
  if (owner !== undefined && !bothShare && !isDeepStrictEqual({ ...owner, ref: '' }, { ...place, ref: '' }))
    return { by: owner.ref }
  owners.set(key, owner ?? place)
  if (!isShared(place)) return undefined
  const keys = place.entries.map((entry) => ({ key: `${place.at} ${keyOf(entry)}`, entry }))
  for (const { key, entry } of keys) {
    const other = values.get(key)
    if (other !== undefined && other.ref !== place.ref && !isDeepStrictEqual(other.value, entry.value))
      return { by: other.ref, name: nameOf(entry) }
  }
  for (const { key, entry } of keys) values.set(key, { ref: place.ref, value: entry.value })
  return undefined
}
