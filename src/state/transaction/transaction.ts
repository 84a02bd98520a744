import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { sha256Hex } from '../../model/digest.js'
import type { Stat } from '../../model/disk.js'
import { fail } from '../../model/errors.js'
import type { Content, Plan, Step } from '../../model/plan.js'
import type { Site } from '../../model/site.js'
import { currentGeneration, printGeneration, type Wrote } from '../generations.js'
import { printLock } from '../lockfile.js'
import { isBelow, relativeTo } from '../paths.js'
import { contentsOf } from '../places.js'
import { besideOf, type Journal, type Move, newJournal, type Put, type Swap } from './journal.js'
import type { Path } from './moves.js'

/** One command's change to a project, worked out to the last path before anything is written. */
export interface Transaction {
  journal: Journal
  tasks: readonly Task[]
  /** Folders to make, outermost first, absolute. */
  made: readonly string[]
  /** Texts to write; undefined where a file stays as it is. */
  generation: string
  manifest: string | undefined
  lock: string | undefined
}

/** A move with all that carrying it out takes. */
export interface Task extends Path, Wanted {}

/** What a step wants of one place, which is absolute. */
interface Wanted {
  place: string
  shown: string
  move: Move
  content: NewContent | undefined
  /** The mode that what lies there now has, for bytes that take its place. */
  mode: number | undefined
}

export type NewContent = Extract<Content, { from: 'store' | 'bytes' | 'link' }>

/** Throws E_CONFLICT where something has appeared at a place since the plan was made. */
export function transactionOf(plan: Plan, site: Site): Transaction {
  const look = lookAround(site)
  const wanted = plan.steps.flatMap((step) => wantedBy(step, site, look))
  refuseTwice(wanted)
  const generation = currentGeneration(site) + 1
  const at = site.now().toISOString()
  const made = look.missing()
  const manifest = site.manifestText(plan.to.wishes)
  const lock = printLock(plan.to.lock)
  const journal = newJournal({
    transaction: randomBytes(6).toString('hex'),
    generation,
    command: plan.command,
    boot: site.process.boot,
    at,
    keep: site.keep,
    made: made.map((folder) => relativeTo(site.root, folder)),
    found: look.found().map((folder) => relativeTo(site.root, folder)),
    moves: wanted.map(({ move }) => move),
    manifest: manifest === undefined ? null : swapOf(site, configFile(site, look), manifest),
    lock: swapOf(site, site.lockFile, lock),
  })
  const { command, changes, to } = plan
  const found = plan.found && { wishes: plan.found.wishes, lock: printLock(plan.found.lock) }
  const wrote = wanted.flatMap(({ move }) => wroteBy(move))
  return {
    journal,
    tasks: wanted.map((each, number) => ({ ...each, ...besideOf(each.place, journal, number) })),
    made,
    generation: printGeneration({ number: generation, at, command, changes, wishes: to.wishes, wrote, lock, found }),
    manifest: journal.manifest ? manifest : undefined,
    lock: journal.lock ? lock : undefined,
  }
}

/** What lies at places, without asking for what lies in folders that are not there. */
interface Look {
  at(place: string): Stat | undefined
  /** Takes note that something will be written here. */
  make(place: string): void
  missing(): string[]
  found(): string[]
}

function lookAround({ root, disk }: Site): Look {
  const there = new Map<string, boolean>()
  const making = new Set<string>()
  const exists = (folder: string): boolean => {
    const known = there.get(folder)
    if (known !== undefined) return known
    const above = path.dirname(folder)
    const found = above === folder || (exists(above) && disk.stat(folder) !== undefined)
    there.set(folder, found)
    return found
  }
  const isEmpty = new Map<string, boolean>()
  const make = (place: string): void => {
    const above = path.dirname(place)
    if (making.has(above)) return
    if (exists(above)) {
      if (!isEmpty.has(above)) isEmpty.set(above, isAround(root, above) && disk.names(above).length === 0)
      return
    }
    make(above)
    making.add(above)
  }
  return {
    at: (place) => (exists(path.dirname(place)) ? disk.stat(place) : undefined),
    make,
    missing: () => [...making],
    found: () => [...isEmpty.keys()].filter((folder) => isEmpty.get(folder)),
  }
}

/** Below the root, but not in haal's own folder. */
function isAround(root: string, folder: string): boolean {
  const inside = relativeTo(root, folder)
  return isBelow(inside) && inside.split('/')[0] !== '.haal'
}

function wantedBy(step: Step, site: Site, look: Look): Wanted[] {
  const { after, shown } = step
  if (after.from === 'kept') return emptied(step, after.files, site)
  const place = after.from === 'bytes' ? behindLink(step, site, look) : step.place
  const old = look.at(place)
  if (old && step.onlyIfAbsent)
    fail('E_CONFLICT', `${shown} has appeared since the plan was made`, {
      hint: 'see what it is, then run the command again',
    })
  if (step.onlyIfSame !== undefined && (old?.type !== 'file' || sha256Hex(site.disk.read(place)) !== step.onlyIfSame))
    fail('E_CONFLICT', `${shown} was changed since the plan was made`, { hint: 'run the command again' })
  if (old && after.from === 'bytes') refuseReadOnly(place, old)
  const content = after.from === 'nothing' ? undefined : after
  const recorded = relativeTo(site.root, place)
  if (!content && !old && !isBelow(recorded)) return []
  if (content) look.make(place)
  const move = {
    place: recorded,
    had: old !== undefined,
    ...(content && { put: putOf(content) }),
    ...(old && step.saveOld && { save: true }),
  }
  return [{ place, shown, move, content, mode: old?.type === 'file' ? old.mode : undefined }]
}

/** Everything in a folder goes but the person's own files, which are not touched. */
function emptied({ place, shown }: Step, files: readonly string[], { root, disk }: Site): Wanted[] {
  const kept = new Set(files)
  if (disk.stat(place)?.type !== 'folder') return []
  const going = contentsOf(disk, place).filter(({ name }) => !kept.has(name))
  return going.map(({ name }) => {
    const at = path.join(place, ...name.split('/'))
    const move = { place: relativeTo(root, at), had: true }
    return { place: at, shown: `${shown}/${name}`, move, content: undefined, mode: undefined }
  })
}

/** Where the configuration is written. Throws E_STATE_UNSAFE. */
function configFile(site: Site, look: Look): string {
  const { root, manifestFile: place } = site
  return behindLink({ place, shown: relativeTo(root, place) }, site, look)
}

/** A shared file, or haal.json, that a person keeps elsewhere and has linked is written where it is. Throws E_STATE_UNSAFE where that is outside, or git's own. */
function behindLink({ place, shown }: Pick<Step, 'place' | 'shown'>, { root, disk }: Site, look: Look): string {
  if (look.at(place)?.type !== 'link') return place
  const [home, end] = [disk.real(root), disk.real(place)]
  if (end === undefined) return place
  const inside = home === undefined ? end : relativeTo(home, end)
  if (isBelow(inside)) return path.join(root, ...inside.split('/'))
  return fail(
    'E_STATE_UNSAFE',
    `${shown} is a link that leads out of the project, or into git’s own folder; haal does not write through it`,
    {
      hint: `put a plain file in its place: ls -l ${shown}`,
      details: { path: shown },
    },
  )
}

function putOf(content: NewContent): Put {
  if (content.from === 'bytes') return { sha256: sha256Hex(content.bytes) }
  if (content.from === 'link') return { link: content.to }
  const { integrity, file, under, rename } = content
  return {
    integrity,
    ...(file !== undefined && { file }),
    ...(under !== undefined && { under }),
    ...(rename && { rename }),
  }
}

function wroteBy({ place, put }: Move): Wrote[] {
  return put && 'integrity' in put ? [{ place, ...put }] : []
}

/** Two contents for one place would leave the first of them aside as the old. */
function refuseTwice(wanted: readonly Wanted[]): void {
  const seen = new Set<string>()
  for (const { place, shown } of wanted) {
    if (seen.has(place)) fail('E_BUG', `${shown} would be written twice`)
    seen.add(place)
  }
}

/** A rename would replace it all the same: whoever made a file read-only does not want that. */
function refuseReadOnly(place: string, { type, mode }: Stat): void {
  if (type === 'file' && (mode & 0o200) === 0)
    fail('E_DISK', `${place}: the file is read-only`, {
      hint: 'make it writable, then run the command again',
      details: { path: place, errno: 'EACCES' },
    })
}

/** null where the file has this text already, or stays as it is. */
function swapOf({ root, disk }: Site, file: string, text: string | undefined): Swap | null {
  if (text === undefined) return null
  const now = disk.text(file)
  if (now === text) return null
  const old = disk.stat(file)
  if (old) refuseReadOnly(file, old)
  return {
    file: relativeTo(root, file),
    before: now === undefined ? null : sha256Hex(now),
    after: sha256Hex(text),
  }
}
