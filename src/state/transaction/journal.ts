import path from 'node:path'
import * as v from 'valibot'
import { decode } from '../../model/decode.js'
import { isDigest } from '../../model/digest.js'
import { fail, HaalError } from '../../model/errors.js'
import type { Site } from '../../model/site.js'
import { isBelow, isInGit, stateFolder } from '../paths.js'

/** Version 1 of what apply writes before it changes anything: everything that is needed to undo it, or to finish it, without the store, the
    network or the lockfile. The phase is in the file's name, `journal.<transaction>.<phase>.json`, so that a step from one to the next is one rename.

    staging     newcomers are written beside their places; nothing else has changed
    swapping    places change; where haal.lock changes too, its new text is the commit
    committed   all has happened; what was set aside goes */
const phases = ['staging', 'swapping', 'committed'] as const
type Phase = (typeof phases)[number]

type Around = Pick<Site, 'root' | 'disk'>

const journalVersion = 1

/** Relative to the root, with `/`; absolute where it lies elsewhere. Where that really is may be the project again: `/proc/self/cwd`. */
const place = v.pipe(
  v.string(),
  v.check((written) => isBelow(written) || (path.resolve(written) === written && !isInGit(written)), 'is not a place'),
)
const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))
const swap = v.object({ file: place, before: v.nullable(hash), after: hash })
const put = v.union([
  v.object({
    integrity: v.custom<`sha256-${string}`>(isDigest),
    file: v.optional(v.string()),
    under: v.optional(v.string()),
    rename: v.optional(v.record(v.string(), v.string())),
  }),
  v.object({ sha256: hash }),
  /** A link to a folder below the root. */
  v.object({ link: v.pipe(v.string(), v.check(isBelow, 'is not below the root')) }),
])
const move = v.object({
  place,
  /** Something lay there: it is set aside. */
  had: v.boolean(),
  /** What comes there; nothing where the place is emptied. */
  put: v.optional(put),
  /** What is set aside belongs to the person and is kept. */
  save: v.optional(v.boolean()),
})
const schema = v.object({
  journalVersion: v.literal(journalVersion),
  transaction: v.pipe(v.string(), v.regex(/^[0-9a-f]{12}$/)),
  generation: v.pipe(v.number(), v.integer(), v.minValue(1)),
  command: v.string(),
  boot: v.string(),
  at: v.string(),
  keep: v.number(),
  /** Folders that were missing above the places, outermost first. */
  made: v.array(place),
  /** Folders that were there, empty, and get something. */
  found: v.array(place),
  moves: v.array(move),
  manifest: v.nullable(swap),
  lock: v.nullable(swap),
})

/** A file that changes with its old and new SHA-256; `before` is null where it did not exist. */
export type Swap = Readonly<v.InferOutput<typeof swap>>
export type Put = Readonly<v.InferOutput<typeof put>>
export type Move = Readonly<v.InferOutput<typeof move>>
/** `manifest` and `lock` are null where they do not change. */
export type Journal = Readonly<v.InferOutput<typeof schema>>

export function newJournal(journal: Omit<Journal, 'journalVersion'>): Journal {
  return { journalVersion, ...journal }
}

/** Hidden names beside a place, on the same file system. */
export interface Beside {
  /** Where the new waits before it comes in. */
  fresh: string
  /** Where the old waits until it goes. It keeps its name at the end, so that it can be put back even without the journal. */
  aside: string
  /** An empty file that shows, where a place lies outside the root, that a command of this project was there: the journal alone, which may
      have come with a clone, is not believed about such places. */
  mark: string
}

/** `which` is the number of a move, or a word. */
export function besideOf(place: string, { transaction }: Pick<Journal, 'transaction'>, which: number | string): Beside {
  const folder = path.dirname(place)
  const hidden = (what: string) => `${folder}${path.sep}.haal-${what}-${transaction}-${which}`
  return { fresh: hidden('new'), aside: `${hidden('old')}-${path.basename(place)}`, mark: hidden('own') }
}

/** A command that has not ended, as its journal tells it. */
export interface Begun {
  phase: Phase
  journal: Journal
}

/** Makes the journal durable before anything else changes. */
export function openJournal(site: Around, journal: Journal): void {
  const temporary = path.join(stateFolder(site), 'journal.tmp')
  site.disk.write(temporary, `${JSON.stringify(journal)}\n`)
  site.disk.flush(temporary)
  site.disk.rename(temporary, fileOf(site, { phase: 'staging', journal }))
  flushState(site)
}

/** May be asked again where it has failed. */
export function enterPhase(site: Around, { phase, journal }: Begun, next: Phase): void {
  const now = fileOf(site, { phase, journal })
  if (site.disk.stat(now)) site.disk.rename(now, fileOf(site, { phase: next, journal }))
}

/** Makes the phase durable. */
export function flushState(site: Around): void {
  site.disk.flush(stateFolder(site))
}

export function dropJournal(site: Around, begun: Begun): void {
  site.disk.remove(fileOf(site, begun))
}

/** The journals there are, and the files of those that cannot be read: of what these began nothing is known. Throws E_STATE_NEWER where
    one was written by a newer haal. */
export function openJournals(site: Around): { begun: Begun[]; unreadable: string[] } {
  const begun: Begun[] = []
  const unreadable: string[] = []
  for (const { name } of site.disk.names(stateFolder(site))) {
    if (!/^journal\..*json$/.test(name)) continue
    const file = path.join(stateFolder(site), name)
    const journal = read(site.disk.text(file) ?? '')
    const phase = phases.find((each) => journal && name === path.basename(fileOf(site, { phase: each, journal })))
    if (journal && phase) begun.push({ phase, journal })
    else unreadable.push(file)
  }
  return { begun, unreadable }
}

function fileOf(site: Pick<Site, 'root'>, { phase, journal }: Begun): string {
  return path.join(stateFolder(site), `journal.${journal.transaction}.${phase}.json`)
}

/** A journal may come with a cloned project and is as hostile as anything else in it. The names of what it moves are made from numbers,
    never read; it cannot name a file that haal does not call its own. */
function read(text: string): Journal | undefined {
  try {
    const value = JSON.parse(text) as unknown
    refuseNewer(value)
    return decode(schema, value, 'the journal', 'E_RECOVERY')
  } catch (e) {
    if (e instanceof SyntaxError || (e instanceof HaalError && e.code === 'E_RECOVERY')) return undefined
    throw e
  }
}

function refuseNewer(value: unknown): void {
  const version = (value as { journalVersion?: unknown } | null)?.journalVersion
  if (typeof version !== 'number' || version <= journalVersion) return
  fail('E_STATE_NEWER', `a newer haal was interrupted here (its journal has version ${version})`, {
    hint: 'run that haal again, or: npm install --global haal@latest',
  })
}
