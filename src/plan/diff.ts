import path from 'node:path'
import type { Digest } from '../model/digest.js'
import { kinds, type Ref, splitRef } from '../model/kinds.js'
import type { Lock, Locked } from '../model/lock.js'
import type { Change, Conflict, Content, Step } from '../model/plan.js'
import { labelOf } from './lock.js'

/** What lies at a place, compared with what haal put there (`foreign` where haal put nothing there). */
export interface OnDisk {
  state: 'absent' | 'same' | 'edited' | 'foreign'
  changed: readonly string[]
  added: readonly string[]
  missing: readonly string[]
}

/** A place that belongs to an artifact: `.haal/skills/review-code`, or a file. Relative to the root, with `/`. */
export interface Place {
  ref: Ref
  at: string
  content: Content & { from: 'store' }
}

export interface DiffInput {
  root: string
  from: Lock
  to: Lock
  /** Looks at one place. `expected` is what haal put there, absent where it put nothing there. */
  look(place: Place, expected: Digest | undefined): OnDisk
  /** Take a place even where a person has changed it or owns it; what lay there is put aside. */
  force: boolean
}

export interface Difference {
  changes: Change[]
  steps: Step[]
  conflicts: Conflict[]
  /** Files of a person's that stay where an artifact goes. */
  kept: { artifact: Ref; files: string[] }[]
}

/** From two locks and what is on disk to what has to happen. Never writes; asks the disk only through `look`. */
export function diff(input: DiffInput): Difference {
  const { from, to } = input
  const before = new Map(placesOf(from).map((place) => [place.at, place]))
  const after = new Map(placesOf(to).map((place) => [place.at, place]))
  const difference: Difference = { changes: [], steps: [], conflicts: [], kept: [] }
  for (const at of [...new Set([...before.keys(), ...after.keys()])].sort())
    judge({ at, was: before.get(at), shall: after.get(at) }, input, difference)
  difference.changes.push(...changesOf(from, to, difference.steps, input.root))
  return difference
}

/** Where the files of every artifact lie in the project. A bundle has none. */
export function placesOf({ artifacts }: Lock): Place[] {
  return (Object.entries(artifacts) as [Ref, Locked][]).flatMap(([ref, locked]) => {
    const at = homeOf(ref, locked)
    if (at === undefined) return []
    const { integrity, file } = locked
    return [{ ref, at, content: { from: 'store', integrity, ...(file !== undefined && { file }) } as const }]
  })
}

/** `.haal/<kinds>/<name>`, or the file's own name there. */
export function homeOf(ref: Ref, { file }: Pick<Locked, 'file'>): string | undefined {
  const { kind, name } = splitRef(ref)
  const { folder } = kinds[kind]
  return folder === null ? undefined : `.haal/${folder}/${file ?? name}`
}

interface Pair {
  at: string
  was: Place | undefined
  shall: Place | undefined
}

function judge({ at, was, shall }: Pair, { look, root, force }: DiffInput, out: Difference): void {
  const place = (shall ?? was) as Place
  const expected = was?.content.integrity
  const seen = look(was ?? place, expected)
  const step = (after: Content, saveOld = false): void => {
    out.steps.push({ place: path.join(root, ...at.split('/')), shown: at, after, ...(saveOld && { saveOld }) })
  }
  const clash = (why: Conflict['why']): void => {
    out.conflicts.push({ artifact: place.ref, place: at, why, files: [...seen.changed, ...seen.missing, ...seen.added] })
  }
  if (shall === undefined) {
    if (seen.state === 'same') return step({ from: 'nothing' })
    if (seen.state !== 'edited') return
    if (force) return step({ from: 'nothing' }, true)
    const files = [...seen.changed, ...seen.added].sort()
    out.kept.push({ artifact: place.ref, files: files.map((file) => (file === '' ? at : `${at}/${file}`)) })
    return files.includes('') ? undefined : step({ from: 'kept', files })
  }
  if (seen.state === 'absent') return step(shall.content)
  const unchanged = expected === shall.content.integrity && was?.content.file === shall.content.file
  if (seen.state === 'same') return unchanged ? undefined : step(shall.content)
  if (look(shall, shall.content.integrity).state === 'same') return
  if (force) return step(shall.content, true)
  if (!unchanged) clash(seen.state === 'foreign' ? 'foreign' : 'edited')
}

function changesOf(from: Lock, to: Lock, steps: readonly Step[], root: string): Change[] {
  const restored = new Set(steps.map(({ place }) => path.relative(root, place).split(path.sep).join('/')))
  const refs = [...new Set([...Object.keys(from.artifacts), ...Object.keys(to.artifacts)])].sort() as Ref[]
  return refs.flatMap((ref): Change[] => {
    const [old, now] = [labelOf(ref, from), labelOf(ref, to)]
    const registry = to.artifacts[ref]?.registry ?? from.artifacts[ref]?.registry ?? null
    if (now === null) return [{ action: 'remove', artifact: ref, from: old, to: null, registry }]
    if (old === null) return [{ action: 'add', artifact: ref, from: null, to: now, registry }]
    const was = from.artifacts[ref] as Locked
    const is = to.artifacts[ref] as Locked
    if (old.integrity !== now.integrity || old.version !== now.version || was.registry !== is.registry)
      return [{ action: 'update', artifact: ref, from: old, to: now, registry }]
    if (was.pinned !== is.pinned) return [{ action: is.pinned ? 'pin' : 'unpin', artifact: ref, from: old, to: now, registry }]
    const home = homeOf(ref, is)
    return home !== undefined && restored.has(home) ? [{ action: 'add', artifact: ref, from: null, to: now, registry }] : []
  })
}
