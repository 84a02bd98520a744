import path from 'node:path'
import type { Note } from '../../model/artifact.js'
import type { CommonFlags, Context } from '../../model/context.js'
import type { HaalError } from '../../model/errors.js'
import { emptyLock, type Lock } from '../../model/lock.js'
import { defaults, demandConfig } from '../../model/manifest.js'
import type { Site } from '../../model/site.js'
import { readLock } from '../../state/lockfile.js'
import { openPassingStore } from '../../state/passing-store.js'
import { type Placed, readSettledNote, type SettledNote } from '../../state/settled-note.js'
import { openStore, type Store } from '../../state/store.js'
import { needsMending } from '../../state/transaction/leftovers.js'
import { withRecent } from './cached-store.js'
import { copiesOf, type Home, haalHome, rootOf } from './folders.js'

interface SessionFlags extends CommonFlags {
  force?: boolean
  allowMissing?: boolean
  strict?: boolean
  frozen?: boolean
  approve?: readonly string[]
}

export interface Opening {
  command: string
  flags: SessionFlags
  /** Changes nothing in the project: needs no mutex. */
  reads?: boolean
  /** The folder to work in, where it is not found by looking upwards. */
  root?: string
  /** Tells what policy says: runs also where policy lets nothing else run, and leaves no trace. */
  explains?: boolean
  /** What --from was given. */
  from?: string
  /** Whole kinds are asked for. */
  broad?: boolean
  /** What is asked for by name. */
  named?: readonly string[]
  /** Often finds nothing to do: succeeds then also where nothing can be written. */
  mayChangeNothing?: boolean
  /** The command is about what is new: registries are asked again unless their own cacheDuration says otherwise. */
  news?: boolean
  /** Entries of the store that were dropped at an earlier try. */
  damaged?: readonly string[]
  /** Why haal.json as a whole could not be resolved at the first try: what the command does not name stays as locked. */
  unresolved?: HaalError
  /** The primary, where it has answered at an earlier try: its policy holds, though nothing else is asked of it. */
  answered?: string | undefined
}

/** Where a command works: what every command needs, and all that looking at what is installed needs. */
export interface Ground {
  ctx: Context
  flags: SessionFlags
  /** For generations, the mutex and the audit log. */
  command: string
  home: Home
  root: string
  store: Store
  /** After a dry run: takes away what the store had for it. */
  leave?(): void
  site: Site
  /** What is to be told once, as it comes up. */
  notes: Note[]
  /** Why the mutex could not be taken: nothing may be written. */
  unwritable?: HaalError
}

/** A ground with the lockfile that lies there. */
export interface LockedGround extends Ground {
  lock: Lock
  hasLock: boolean
  /** What was noted of how it lies there. */
  placed?: Placed | undefined
}

/** A project whose haal.json and haal.lock agree, to the last letter. */
export interface SettledProject extends SettledNote {
  lock: Lock
  warnings: readonly Note[]
}

/** Runs what looks at installed artifacts only: no configuration, no policy, no registry is read. Throws E_CONFIG where --config names nothing. */
export async function withGround<T>(
  ctx: Context,
  opening: Pick<Opening, 'command' | 'flags'>,
  act: (ground: LockedGround) => T | Promise<T>,
): Promise<T> {
  const ground = groundOf(ctx, opening)
  if (opening.flags.config !== undefined) demandConfig(ctx.disk, path.resolve(ctx.cwd, opening.flags.config))
  await mendFirst(ground)
  const noted = notedProject(ground)
  if (noted === undefined) await refuseConflict(ground)
  const lock = noted?.lock ?? readLock(ctx.disk, ground.site.lockFile)
  return act({
    ...ground,
    lock: lock ?? emptyLock,
    hasLock: lock !== undefined,
    placed: noted?.placed,
  })
}

/** What a command before this one has found out of the very texts that lie there: they were decoded and judged then. The lockfile is taken apart for
    who looks at it. */
export function notedProject({ ctx: { disk }, root, home }: Ground): SettledProject | undefined {
  const found = readSettledNote({ disk, home: home.data, root })
  if (found === undefined) return undefined
  const { lock: bytes, ...note } = found
  let lock: Lock | undefined
  return {
    ...note,
    get lock() {
      lock ??= { ...(JSON.parse(Buffer.from(bytes).toString()) as Lock), unknown: {} }
      return lock
    },
    warnings: [],
  }
}

/** What reads no configuration does not go on as if it were sound either. */
async function refuseConflict({ ctx, site }: Ground): Promise<void> {
  const text = ctx.disk.text(site.manifestFile)
  if (text?.includes('<<<<<<<')) (await import('../../state/config/file.js')).refuseConflict(text, 'haal.json')
}

export function groundOf(ctx: Context, { flags, command, root: given }: Opening): Ground {
  const home = haalHome(ctx)
  const root = given ?? rootOf(ctx, flags)
  const [folder, { pid }] = [path.join(home.data, 'store'), ctx.process]
  const passing = flags.dryRun ? openPassingStore(ctx.disk, folder, pid) : undefined
  const store = withRecent(passing ?? openStore(ctx.disk, folder, pid))
  const { disk, platform, process, signal } = ctx
  const notes: Note[] = []
  const site: Site = {
    root,
    disk,
    store,
    lockFile: path.join(root, 'haal.lock'),
    manifestFile: path.join(root, 'haal.json'),
    manifestText: () => undefined,
    keep: defaults.keep,
    platform,
    process,
    signal,
    now: () => ctx.now(),
    emit: (event) => (event.type === 'warning' ? notes.push(event.note) : ctx.emit(event)),
  }
  return { ctx, flags, command, home, root, store, site, notes, ...(passing && { leave: passing.leave }) }
}

/** A command that only reads mends what an interrupted one left, where there is something to mend. */
export async function mendFirst(ground: Ground): Promise<void> {
  for (const site of [ground.site, copiesOf(ground)])
    if (needsMending(site)) await (await import('./recovery.js')).mendToRead(site, ground.command)
}
