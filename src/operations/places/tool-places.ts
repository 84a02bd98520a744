import path from 'node:path'
import type { Note } from '../../model/artifact.js'
import { fail } from '../../model/errors.js'
import { kinds, type Ref, splitRef } from '../../model/kinds.js'
import { type Lock, type Locked, lockedEntries, withEach } from '../../model/lock.js'
import { addTo } from '../../model/maps.js'
import { byCodeUnit } from '../../model/names.js'
import { note } from '../../model/notes.js'
import { type Stored, soundIn } from '../../model/store.js'
import {
  isShared,
  type PlacedKind,
  placedKinds,
  type SharedPlace,
  toolsGiven,
  type WholePlace,
} from '../../model/targets.js'
import { homeOf, type Place } from '../../plan/diff.js'
import { readHead } from '../../resolve/readings.js'
import { listingWith } from '../../state/places.js'
import { strangeTools } from '../../targets/detect.js'
import type { Material } from '../../targets/material.js'
import * as targets from '../../targets/place.js'
import { tools } from '../../targets/table.js'
import type { Ground } from '../project/ground.js'

/** What haal.json says of tools. */
interface TargetWishes {
  targets: readonly string[]
  /** Links instead of copies. */
  link: boolean
}

/** Whether a person has not heard yet what a tool makes of an artifact. */
type IsNews = (ref: Ref, tool: string) => boolean

export interface Targeted {
  lock: Lock
  notes(isNews: IsNews): Note[]
}

/** The lock with the places that the project's tools get, and what to tell of what they do not get. The files must be in the store or in
    `.haal/`. Throws E_CONFIG for a tool that haal does not know. */
export async function withTargets(ground: Ground, lock: Lock, wishes: TargetWishes): Promise<Targeted> {
  refuseStrangeTools(wishes.targets)
  if (wishes.targets.length === 0) return { lock: withPlaces(lock, new Map()), notes: () => [] }
  const placed: targets.PlacedArtifact[] = []
  for (const [ref, locked] of inOrder(lock))
    placed.push(await placedFor(ground, { ref, locked, names: wishes.targets, link: wishes.link }))
  const { places, occupied } = targets.assign(placed.flatMap((each) => each.places))
  const written = new Map<Ref, string[]>()
  for (const each of places) addTo(written, each.place.ref, targets.printTarget(each))
  const notes = (isNews: IsNews) => [
    ...lackNotes(placed.flatMap(({ lacking }) => lacking.filter(({ ref, tool }) => isNews(ref, tool)))),
    ...occupiedNotes(occupied.filter(({ place, tool }) => isNews(place.ref, tool))),
  ]
  return { lock: withPlaces(lock, written), notes }
}

/** Throws E_CONFIG where one of these is no tool that haal knows. */
export function refuseStrangeTools(names: readonly string[]): void {
  const [first] = strangeTools(names)
  if (first === undefined) return
  const { name, meant } = first
  fail('E_CONFIG', `targets: "${name}" is no tool that haal knows`, {
    hint: meant === undefined ? 'see which there are: haal target list' : `did you mean "${meant}"?`,
    details: { tool: name },
  })
}

/** The places in tools' folders that a lock records, with what haal has put there, or shall. One of which nothing is known is left out. */
export interface RecordedPlaces {
  whole: Place[]
  shared: SharedPlace[]
}

/** `link` says whether folders shall be links; absent: what lies there now decides. */
export async function recordedPlaces(ground: Ground, lock: Lock, link?: boolean): Promise<RecordedPlaces> {
  const found: RecordedPlaces = { whole: [], shared: [] }
  for (const [ref, locked] of inOrder(lock)) {
    const { targets: written = [] } = locked
    if (written.length === 0) continue
    const placed = await placedFor(ground, { ref, locked, names: toolsGiven(locked), link: link === true })
    for (const { place, strange } of targets.placesAsLocked(written, placed)) {
      const at = targets.placeHere(place.at, setupOf(ground, false))
      if (isShared(place)) found.shared.push({ ...place, at })
      else found.whole.push({ ...asItLies(ground, { ...place, at }, link), ...(strange && { strange }) })
    }
  }
  return found
}

/** A folder that was linked is a link though haal.json asks for copies now. */
function asItLies({ ctx, root }: Ground, place: WholePlace, link: boolean | undefined): WholePlace {
  const { content, ref, at } = place
  if (link !== undefined || content.from !== 'store' || content.file !== undefined || content.rename) return place
  if (ctx.disk.stat(path.resolve(root, at))?.type !== 'link') return place
  const home = homeOf(ref, {}) ?? ''
  return { ...place, content: { from: 'link', to: content.under === undefined ? home : `${home}/${content.under}` } }
}

interface Asked {
  ref: Ref
  locked: Locked
  names: readonly string[]
  link: boolean
  /** Another name than its own. */
  name?: string | undefined
}

/** Where tools get one artifact. */
export async function placedFor(ground: Ground, asked: Asked): Promise<targets.PlacedArtifact> {
  const { ref, locked, names, link, name } = asked
  const { kind } = splitRef(ref)
  const home = homeOf(ref, locked)
  if (!isRead(ref) || home === undefined) {
    const without = home === undefined ? [] : names.filter((tool) => !tools.get(tool)?.atHome?.includes(kind))
    return { places: [], lacking: without.map((tool) => ({ ref, tool, kind, name: splitRef(ref).name })) }
  }
  const material = materialOf(ground, ref, locked)
  if (material === undefined) return { places: [], lacking: [] }
  const named = name === undefined ? material : { ...material, name }
  return targets.placesFor(named, { names, home, setup: setupOf(ground, link) })
}

/** Whether tools read artifacts of its kind. */
export function isRead(ref: Ref): boolean {
  return placedKinds.some((kind) => kind === splitRef(ref).kind)
}

/** Absolute: a place in a tool's folder as the table has it. */
export function placeOnDisk(ground: Ground, at: string): string {
  return path.resolve(ground.root, targets.placeHere(at, setupOf(ground, false)))
}

function setupOf({ ctx, flags, root }: Ground, link: boolean): targets.Setup {
  const scope = flags.global ? 'global' : 'project'
  return { scope, root: root.split(path.sep).join('/'), env: ctx.env, link }
}

/** What forms may read of an artifact; undefined where its files are neither in the store nor, unchanged, in `.haal/`. */
function materialOf(ground: Ground, ref: Ref, locked: Locked): Material | undefined {
  const stored = storedOf(ground, ref, locked)
  if (stored === undefined) return undefined
  const { kind, name } = splitRef(ref)
  return {
    ref,
    kind: kind as PlacedKind,
    name,
    integrity: locked.integrity,
    under: '',
    ...(locked.file !== undefined && { file: locked.file }),
    files: stored.files.map((file) => file.path),
    read: stored.read,
    head: async (bytes) => (await readHead(bytes)).values,
  }
}

/** The files of an installed artifact: from the store, or where that has lost them from `.haal/`. */
export function storedOf({ ctx, root, store }: Ground, ref: Ref, locked: Locked): Stored | undefined {
  const { integrity, file } = locked
  const stored = soundIn(store, integrity)
  if (stored !== undefined) return stored
  const home = path.resolve(root, homeOf(ref, locked) ?? '')
  const files = listingWith(ctx.disk, home, { file, integrity, platform: ctx.platform })
  if (files === undefined) return undefined
  const at = (name: string) => (file === undefined ? path.join(home, ...name.split('/')) : home)
  return { files, read: (name) => ctx.disk.read(at(name)) }
}

/** In the order in which they get their places: what stands by itself before what a plugin brings. */
function inOrder(lock: Lock): [Ref, Locked][] {
  const rank = (ref: Ref): string => (ref.startsWith('plugin/') ? '1' : '0') + ref
  return lockedEntries(lock).sort(([a], [b]) => byCodeUnit(rank(a), rank(b)))
}

function withPlaces(lock: Lock, written: ReadonlyMap<Ref, readonly string[]>): Lock {
  if (written.size === 0 && lockedEntries(lock).every(([, { targets: was }]) => was === undefined)) return lock
  return withEach(lock, (locked, ref) => {
    const own = [...new Set(written.get(ref) ?? [])].sort(byCodeUnit)
    return own.length === 0 ? withoutPlaces(locked) : { ...locked, targets: own }
  })
}

function withoutPlaces(locked: Locked): Locked {
  if (locked.targets === undefined) return locked
  const { targets: _was, ...plain } = locked
  return plain
}

/** One line a reason, because what concerns one artifact or tool concerns most. */
function lackNotes(lacking: readonly targets.Lack[]): Note[] {
  const perTool = grouped(lacking, ({ tool, kind, why, only }) => [tool, kind, why, only]).map((lacks) => ({
    ...lacks[0],
    names: [...new Set(lacks.map(({ name }) => name))],
  }))
  return grouped(perTool, ({ kind, why, only, names }) => [kind, why, only, names]).map(([lack, ...others]) =>
    note('W_NO_PLACE', lackLine(lack, [lack, ...others].map(({ tool }) => tool).join(', '))),
  )
}

function lackLine({ kind, why, only, names }: targets.Lack & { names: readonly string[] }, tools: string): string {
  const said = names.join(', ')
  if (why !== undefined) return `${kind} ${said}: ${why} (for ${tools})`
  const elsewhere = only === undefined ? '' : only === 'global' ? '; only with --global' : '; only in a project'
  return `no place for ${kinds[kind].folder} (${said}) in ${tools}${elsewhere}`
}

function occupiedNotes(occupied: readonly targets.Occupied[]): Note[] {
  return grouped(occupied, ({ place, by }) => [place.ref, by]).map((all) => {
    const [{ place, by }] = all
    const places = [...new Set(all.map(({ place: { at }, name }) => (name === undefined ? at : `${at} (${name})`)))]
    return note('W_NO_PLACE', `${place.ref} does not get ${places.join(', ')}: ${by} has it already`)
  })
}

function grouped<T>(all: readonly T[], keyOf: (each: T) => unknown): [T, ...T[]][] {
  const groups = new Map<string, [T, ...T[]]>()
  for (const each of all) {
    const key = JSON.stringify(keyOf(each))
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [each])
    else group.push(each)
  }
  return [...groups.values()]
}
