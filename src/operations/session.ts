import path from 'node:path'
import type { Note } from '../model/artifact.js'
import type { CommonFlags, Context } from '../model/context.js'
import type { Digest } from '../model/digest.js'
import { fail } from '../model/errors.js'
import { emptyLock, type Lock } from '../model/lock.js'
import { defaults, type Manifest } from '../model/manifest.js'
import { note } from '../model/notes.js'
import type { Policy } from '../model/policy.js'
import type { Site } from '../model/site.js'
import { trustedOrigins } from '../policy/grants.js'
import type { Shop } from '../resolve/choose.js'
import { openShelves, type Shelves } from '../resolve/shelves.js'
import { type Door, openSuppliers, type Suppliers } from '../resolve/suppliers.js'
import { isAfterBoot, type Mended, mendAfterBoot } from '../state/boot.js'
import { resolveConflict } from '../state/lock-conflict.js'
import { readLock } from '../state/lockfile.js'
import { readManifest } from '../state/manifest.js'
import { hold } from '../state/mutex.js'
import { mend, recover } from '../state/recover.js'
import { openStore, type Store } from '../state/store.js'
import { readTrust } from '../state/trust.js'
import { doorOf } from './door.js'
import { type Home, homeOf, rootOf } from './folders.js'
import { openPolicies, type Policies, policyNotes } from './policies.js'
import { sourceOf, type TypedSource } from './source.js'

export interface SessionFlags extends CommonFlags {
  force?: boolean
  allowMissing?: boolean
  strict?: boolean
  approve?: readonly string[]
}

/** Everything one command needs of one project: what it asks for, what it has, who may say no, and where things come from. */
export interface Session {
  ctx: Context
  flags: SessionFlags
  /** For generations, the mutex and the audit log. */
  command: string
  home: Home
  root: string
  site: Site
  manifest: Manifest
  lock: Lock
  hasLock: boolean
  policy: Policy
  policies: Policies
  door: Door
  store: Store
  suppliers: Suppliers
  shelves: Shelves
  shop: Shop
  /** A registry that --from brings. */
  added?: TypedSource
  /** When bytes were published, where their source says so. */
  published: Map<Digest, Date>
  /** What is to be told once, as it comes up. */
  notes: Note[]
}

export interface Opening {
  command: string
  flags: SessionFlags
  /** Changes nothing in the project: needs no mutex. */
  reads?: boolean
  /** The folder to work in, where it is not found by looking upwards. */
  root?: string
  /** What --from was given. */
  from?: string
}

/** Opens a project for one command: first mends what an interrupted one left, then reads configuration, lockfile and policy. Holds the project's
    mutex for a command that changes it. Throws E_BUSY, E_RECOVERY, and whatever is wrong with the files. */
export async function withSession<T>(
  ctx: Context,
  opening: Opening,
  act: (session: Session) => Promise<T>,
): Promise<T> {
  const ground = groundOf(ctx, opening)
  const held = await takeHold(ground, opening)
  try {
    const session = await openSession(ctx, opening, ground)
    try {
      return await act(session)
    } finally {
      session.shelves.close()
      session.suppliers.close()
    }
  } finally {
    held?.release()
  }
}

interface Ground {
  ctx: Context
  command: string
  home: Home
  root: string
  store: Store
  site: Site
  notes: Note[]
}

function groundOf(ctx: Context, { flags, command, root: given }: Opening): Ground {
  const home = homeOf(ctx)
  const root = given ?? rootOf(ctx, flags)
  const store = openStore(ctx.disk, path.join(home.data, 'store'), ctx.process.pid)
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
  return { ctx, command, home, root, store, site, notes }
}

/** Mends what an interrupted command or a power loss left; holds the mutex for a command that changes the project. One that only reads takes it
    for as long as it mends, and only where there is something to mend. */
async function takeHold(
  { site, ctx, command }: Ground,
  { flags, reads }: Opening,
): Promise<{ release(): void } | undefined> {
  const lock = () => readLock(ctx.disk, site.lockFile) ?? emptyLock
  if (reads || flags.dryRun) {
    tell(site, await mend(site, { command, lock }))
    return undefined
  }
  const held = await hold(site, { wait: flags.wait ?? defaults.wait, command })
  try {
    recover(site)
    if (isAfterBoot(site)) tell(site, mendAfterBoot(site, lock()))
    return held
  } catch (e) {
    held.release()
    throw e
  }
}

/** Mending is silent unless something was lost for good. */
function tell({ emit }: Site, mended: Mended | undefined): void {
  for (const place of mended?.lost ?? [])
    emit({
      type: 'warning',
      note: note('W_LOST', `${place} lost bytes when the machine stopped: run haal install --force`),
    })
}

async function openSession(ctx: Context, opening: Opening, ground: Ground): Promise<Session> {
  const { flags, command, from } = opening
  const { home, root, store, notes } = ground
  const read = await readManifest(ctx.disk, {
    root,
    author: flags.global ? 'person' : 'project',
    ...(flags.config !== undefined && { named: path.resolve(ctx.cwd, flags.config) }),
  })
  const added = from === undefined ? undefined : sourceOf(ctx, from, { root })
  const manifest = added === undefined ? read : withSource(read, added)
  const lock = lockOf(ctx, ground, command)
  const policies = await openPolicies({ ctx, home, root, manifest, offline: flags.offline === true })
  notes.push(...manifest.warnings, ...policyNotes(policies))
  const { policy } = policies
  const door = doorOf(ctx, policy)
  const suppliers = openSuppliers({
    ...door,
    ctx,
    flags,
    cacheFolder: home.cache,
    cache: manifest.cache,
    ...(!flags.global && { project: root }),
    policyOrigins: trustedOrigins(policy),
    trusted: readTrust(ctx.disk, path.join(home.data, 'trust.json')),
    notes,
  })
  const shelves = openShelves(manifest.registries, { ...suppliers, allowMissing: flags.allowMissing === true })
  return {
    ctx,
    flags,
    command,
    home,
    root,
    site: { ...ground.site, keep: manifest.keep, manifestFile: editable(manifest, root) },
    manifest,
    lock: lock ?? emptyLock,
    hasLock: lock !== undefined,
    policy,
    policies,
    door,
    store,
    suppliers,
    shelves,
    shop: { shelves, elsewhere: (shelf, at) => suppliers.elsewhere(shelf.registry, at) },
    ...(added && { added: already(read, added) }),
    published: new Map(),
    notes,
  }
}

/** What install makes of a lockfile that git could not merge: what both sides agree on. Every other command says what is wrong with it. */
function lockOf({ disk }: Context, { site }: Ground, command: string): Lock | undefined {
  const text = command === 'install' ? disk.text(site.lockFile) : undefined
  return (text === undefined ? undefined : resolveConflict(text)) ?? readLock(disk, site.lockFile)
}

/** A registry that is listed already is used as it is listed. */
function withSource(manifest: Manifest, { registry }: TypedSource): Manifest {
  const known = manifest.registries.find(({ written, ref }) => written === registry.written && ref === registry.ref)
  if (known !== undefined) return manifest
  if (manifest.registries.some(({ name }) => name === registry.name))
    fail('E_CONFIG', `there is a registry named "${registry.name}" already, at another address`, {
      hint: 'add this one under another name: haal registry add <source> --name <name>',
    })
  return { ...manifest, registries: [...manifest.registries, registry] }
}

function already(manifest: Manifest, added: TypedSource): TypedSource {
  const known = manifest.registries.find(
    ({ written, ref }) => written === added.registry.written && ref === added.registry.ref,
  )
  return known === undefined ? added : { ...added, registry: known, known: true }
}

/** What is asked for is written into the file that was read; code is not edited, so beside it haal.json is. */
function editable({ file }: Manifest, root: string): string {
  return file === undefined || /\.[cm]?[jt]s$/.test(file) ? path.join(root, 'haal.json') : file
}
