import path from 'node:path'
import type { Note } from '../model/artifact.js'
import type { CommonFlags, Context } from '../model/context.js'
import type { Digest } from '../model/digest.js'
import { fail } from '../model/errors.js'
import { emptyLock, type Lock } from '../model/lock.js'
import { defaults, type Manifest } from '../model/manifest.js'
import type { Policy } from '../model/policy.js'
import type { Site } from '../model/site.js'
import type { Shop } from '../resolve/choose.js'
import { openShelves, type Shelves } from '../resolve/shelves.js'
import { resolveConflict } from '../state/lock-conflict.js'
import { readLock } from '../state/lockfile.js'
import { readManifest } from '../state/manifest.js'
import { hold } from '../state/mutex.js'
import { needsRecovery, recover } from '../state/recover.js'
import { openStore, type Store } from '../state/store.js'
import { type Home, homeOf, rootOf } from './folders.js'
import { openPolicies, type Policies, policyNotes } from './policies.js'
import { sourceOf, type TypedSource } from './source.js'
import { openSuppliers, type Suppliers } from './suppliers.js'

export interface SessionFlags extends CommonFlags {
  force?: boolean
  allowMissing?: boolean
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
  store: Store
  suppliers: Suppliers
  shelves: Shelves
  shop: Shop
  /** A registry that --from brings. */
  added?: TypedSource
  /** When bytes were published, where their source says so. */
  published: Map<Digest, Date>
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
  home: Home
  root: string
  store: Store
  site: Site
}

function groundOf(ctx: Context, { flags, root: given }: Opening): Ground {
  const home = homeOf(ctx)
  const root = given ?? rootOf(ctx, flags)
  const store = openStore(ctx.disk, path.join(home.data, 'store'), ctx.process.pid)
  const { disk, platform, process, signal } = ctx
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
    emit: (event) => ctx.emit(event),
  }
  return { home, root, store, site }
}

/** A command that only reads takes the mutex for as long as it mends, and only where there is something to mend. */
async function takeHold(
  { site }: Ground,
  { command, flags, reads }: Opening,
): Promise<{ release(): void } | undefined> {
  if ((reads || flags.dryRun) && !needsRecovery(site)) return undefined
  const held = await hold(site, { wait: flags.wait ?? defaults.wait, command })
  try {
    await recover(site)
  } catch (e) {
    held.release()
    throw e
  }
  if (!reads && !flags.dryRun) return held
  held.release()
  return undefined
}

async function openSession(ctx: Context, opening: Opening, ground: Ground): Promise<Session> {
  const { flags, command, from } = opening
  const { home, root, store } = ground
  const read = await readManifest(ctx.disk, {
    root,
    author: flags.global ? 'person' : 'project',
    ...(flags.config !== undefined && { named: path.resolve(ctx.cwd, flags.config) }),
  })
  const added = from === undefined ? undefined : sourceOf(ctx, from, { root })
  const manifest = added === undefined ? read : withSource(read, added)
  const lock = lockOf(ctx, ground, command)
  const policies = await openPolicies({ ctx, home, root, manifest, offline: flags.offline === true })
  const suppliers = openSuppliers({ ctx, flags, home, root, manifest, policy: policies.policy })
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
    policy: policies.policy,
    policies,
    store,
    suppliers,
    shelves,
    shop: { shelves, elsewhere: (shelf, at) => suppliers.elsewhere(shelf.registry, at) },
    ...(added && { added: already(read, added) }),
    published: new Map(),
    notes: [...manifest.warnings, ...policyNotes(policies)],
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
