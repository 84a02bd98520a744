import path from 'node:path'
import type { CommonFlags, Context } from '../../model/context.js'
import { fail, HaalError } from '../../model/errors.js'
import { emptyLock, type Lock } from '../../model/lock.js'
import { defaults, type Manifest } from '../../model/manifest.js'
import { note } from '../../model/notes.js'
import type { Policy } from '../../model/policy.js'
import { inOrder } from '../../model/registries.js'
import type { Registry } from '../../model/registry.js'
import { type Rename, renamesIn, withRenames } from '../../plan/renames.js'
import { policyOrigins } from '../../policy/grants.js'
import type { Shop } from '../../resolve/choose.js'
import { openShelves, type Shelves } from '../../resolve/shelves.js'
import { type Door, lookForGit, openSuppliers, type Suppliers } from '../../resolve/suppliers.js'
import { type Memories, openMemories } from '../../state/folder-memory.js'
import { resolveConflict } from '../../state/lock-conflict.js'
import { readLock } from '../../state/lockfile.js'
import type { Held } from '../../state/mutex.js'
import { sealOf } from '../../state/own-secret.js'
import { openSeen, type Seen } from '../../state/seen.js'
import { editable, manifestOf, ownPolicy, withAdded, withCode } from '../project/configuration.js'
import { isForbidden, isFull, movable } from '../project/folders.js'
import { type Ground, groundOf, type LockedGround, mendFirst, type Opening } from '../project/ground.js'
import { demandManifest } from '../project/lock-sources.js'
import { holdAndMend, tidyHome } from '../project/recovery.js'
import type { TypedSource } from '../project/source.js'
import { type Learned, openLearned } from '../signing/seen-signatures.js'
import { type Audit, openAudit } from './audit-log.js'
import { goingOn } from './going-on.js'
import { demandKnownHost, strangeHost } from './hosts.js'
import { doorOf } from './judge-registry.js'
import { likelyPlaces } from './likely-places.js'
import { openPolicies, type Policies } from './policies.js'
import { demandVersions } from './program-versions.js'
import { openedAnew, outlasts } from './retry.js'
import { trustOf } from './trusted-origins.js'

/** Everything one command needs of one project: what it asks for, what it has, who may say no, and where things come from. */
export interface Session extends LockedGround {
  manifest: Manifest
  /** As it is known now: see `policies`. */
  readonly policy: Policy
  policies: Policies
  audit: Audit
  learned: Learned
  memories: Memories
  seen: Seen
  door: Door
  suppliers: Suppliers
  shelves: Shelves
  shop: Shop
  /** A registry that --from brings. */
  added?: TypedSource
  /** git has left conflict markers in haal.lock: it is written anew, though nothing of it changes. */
  isTorn: boolean
  /** Registries that haal.lock has under other names; here they have those of the configuration. */
  renames: readonly Rename[]
  /** As in `Opening`. */
  unresolved?: HaalError
}

/** Opens a project for one command: first mends what an interrupted one left, then reads configuration, lockfile and policy. Holds the project's
    mutex for a command that changes it. Throws E_BUSY, E_RECOVERY, and whatever is wrong with the files. */
export async function withSession<T>(
  ctx: Context,
  opening: Opening,
  act: (session: Session) => Promise<T>,
): Promise<T> {
  ctx.works?.()
  const ground = groundOf(ctx, opening)
  const isReader = opening.reads || opening.flags.dryRun
  const held = isReader ? undefined : await heldFor(opening, ground)
  try {
    if (held) await tidyHome(ground)
    else await mendFirst(ground)
    return await inSession(opening, ground, act)
  } catch (e) {
    throw movable(e, ground.home)
  } finally {
    held?.release()
    ground.leave?.()
  }
}

/** undefined for a command that may have nothing to write, where nothing can be written: it is forbidden, or the disk is full. */
async function heldFor({ command, flags, mayChangeNothing }: Opening, ground: Ground): Promise<Held | undefined> {
  try {
    return await holdAndMend(ground.site, { wait: flags.wait ?? defaults.wait, command })
  } catch (e) {
    if (!mayChangeNothing || !(e instanceof HaalError) || !(isForbidden(e) || isFull(e))) throw e
    ground.unwritable = e
    return undefined
  }
}

/** A command that fails for want of something that can still be had, and before it has written anything, runs once more. */
async function inSession<T>(opening: Opening, ground: Ground, act: (session: Session) => Promise<T>): Promise<T> {
  const said = ground.notes.length
  const audit = openAudit(ground)
  const session = await openSession(opening, await withCode(ground), audit).catch((e) => refused(e, audit))
  let next: Opening
  let first: unknown
  try {
    if (opening.answered !== undefined) await session.shelves.named(opening.answered)
    if (!opening.explains) await demandVersions(session)
    const done = await act(session)
    if (!opening.explains) remember(session)
    return done
  } catch (e) {
    const anew = await openedAnew(e, opening, { ground, suppliers: session.suppliers, answered: answeredIn(session) })
    if (anew === undefined) tellCauses(session)
    next = anew ?? refused(e, audit)
    first = e
  } finally {
    session.suppliers.close()
  }
  ground.notes.length = said
  try {
    return await inSession(next, { ...ground, flags: next.flags }, act)
  } catch (e) {
    if (!outlasts(first, e)) throw e
    return refused(first, audit)
  }
}

function answeredIn({ manifest, shelves }: Session): string | undefined {
  const [primary] = inOrder(manifest.registries)
  return shelves.seen().shelves.some(({ registry }) => registry.name === primary?.name) ? primary?.name : undefined
}

/** What may be why a command fails: what a configuration says in vain, and an answer that is old. Where one succeeds, its result has them among its
    warnings. */
function tellCauses({ ctx, notes }: Session): void {
  for (const note of notes.filter(({ code }) => causes.has(code))) ctx.emit({ type: 'warning', note })
}

const causes: ReadonlySet<string> = new Set(['W_CONFIG_KEY', 'W_STALE'])

function refused(e: unknown, audit: Audit): never {
  audit.refused(e)
  throw e
}

/** What was seen of policies and signatures holds from now on. Only after success, so that what is refused leaves no trace. */
function remember({ flags, policies, learned, memories, ctx }: Session): void {
  if (flags.dryRun) return
  memories.write()
  try {
    policies.remember()
    learned.remember()
  } catch (e) {
    if (!(e instanceof HaalError) || !['E_DISK', 'E_POLICY_LOAD'].includes(e.code)) throw e
    ctx.emit({
      type: 'warning',
      note: note('W_POLICY_SEEN', `what was seen of policies is not remembered: ${e.message}`),
    })
  }
}

async function openSession(opening: Opening, ground: Ground, audit: Audit): Promise<Session> {
  const { command, from, news, broad, named, unresolved } = opening
  const { ctx, flags, home, root } = ground
  refuseContradiction(flags)
  const { manifest, added } = withAdded(ground, await manifestOf(ground), from)
  const found = lockOf(ground, manifest, command === 'install' && flags.frozen !== true)
  const { lock } = found
  demandManifest(command, { lock, manifest })
  if (command === 'install' && isFirst(lock)) lookForGit(ctx, manifest.registries)
  const [primary] = inOrder(manifest.registries)
  const policies = await policiesOf(ground, { manifest, primary, audit })
  const learned = openLearned(ctx.disk, home.data)
  const door = doorOf({ ground, primary, policies, audit, learned })
  const recalled = recalledOf(ground)
  const suppliers = suppliersOf(ground, { door, manifest, lock, policies, ...recalled, news, broad, named })
  const shelves = openShelves(manifest.registries, { ...suppliers, inspect: door.inspect, ...goingOn(command, flags) })
  return {
    ...ground,
    site: { ...ground.site, keep: manifest.keep, manifestFile: editable(manifest, root) },
    manifest,
    ...found,
    lock: lock ?? emptyLock,
    hasLock: lock !== undefined,
    get policy() {
      return policies.policy
    },
    policies,
    audit,
    learned,
    ...recalled,
    door,
    suppliers,
    shelves,
    shop: { shelves, elsewhere: (shelf, at) => suppliers.elsewhere(shelf.registry, at), again },
    ...(added && { added }),
    ...(unresolved && { unresolved }),
  }
}

const again: Shop['again'] = (request) => `haal install ${request}`

/** What earlier commands saw of registries' folders, and of what lies in the project. */
function recalledOf({ ctx: { disk, process }, home, flags, site }: Ground): Pick<Session, 'memories' | 'seen'> {
  const memories = openMemories({ disk, cache: home.cache, pid: process.pid, mayWrite: !flags.dryRun })
  return { memories, seen: openSeen(site, { isHeld: true }) }
}

function refuseContradiction({ offline, refresh }: CommonFlags): void {
  if (offline && refresh)
    fail('E_USAGE', '--offline asks no registry, and --refresh asks all of them again', {
      hint: 'leave one of them out',
    })
}

interface Ruling {
  manifest: Manifest
  primary: Registry | undefined
  audit: Audit
}

/** The policies in force; what is to be told of them and of the configuration is noted. */
async function policiesOf(ground: Ground, { manifest, primary, audit }: Ruling): Promise<Policies> {
  const { ctx, flags, home, root, notes } = ground
  const { directory } = manifest.cache
  const strange = (at: string) => (flags.global ? undefined : strangeHost(at, ground))
  const own = await ownPolicy(ground)
  const asked = { offline: flags.offline === true, strange, known: audit.under }
  const policies = await openPolicies({ ctx, home, root, manifest, own, primary, ...asked })
  notes.push(...manifest.warnings, ...policies.notes())
  if (directory !== undefined && ctx.given?.cache === undefined)
    demandKnownHost(`cacheSettings.directory ${directory}`, strange(directory))
  return policies
}

interface Supplying {
  door: Door
  manifest: Manifest
  lock: Lock | undefined
  policies: Policies
  memories: Memories
  news: boolean | undefined
  broad: boolean | undefined
  named: readonly string[] | undefined
}

function suppliersOf(ground: Ground, supplying: Supplying): Suppliers {
  const { door, manifest, lock, policies, memories, news, broad, named = [] } = supplying
  const { ctx, flags, home, root, notes } = ground
  return openSuppliers({
    ...door,
    ctx,
    flags,
    registries: manifest.registries,
    cacheFolder: home.cache,
    cache: manifest.cache,
    seal: () => sealOf(ctx.disk, path.join(home.data, 'seal')),
    ...(!flags.global && { project: root }),
    news: news === true,
    broad: broad === true || asksForAll(manifest, lock),
    likely: likelyPlaces([...named, ...(isFirst(lock) ? Object.keys(manifest.artifacts) : [])]),
    policyOrigins: policyOrigins(policies.policy),
    trusted: trustOf(ground),
    notes,
    ...(mayRecall(ground, manifest) && { memory: memories.of }),
  })
}

/** Whether a command believes what earlier ones made of a folder's files. */
function mayRecall({ command, flags }: Ground, { cache }: Manifest): boolean {
  return recalling.has(command) && !flags.frozen && !flags.refresh && cache.enabled
}

const recalling: ReadonlySet<string> = new Set(['install', 'update', 'outdated', 'list', 'search'])

/** haal.json asks for whole kinds, and nothing of them is there yet. */
function asksForAll({ artifacts }: Manifest, lock: Lock | undefined): boolean {
  return isFirst(lock) && Object.keys(artifacts).some((key) => /(^|[:/])\*$/.test(key))
}

function isFirst(lock: Lock | undefined): boolean {
  return Object.keys(lock?.artifacts ?? {}).length === 0
}

type Found = Pick<Session, 'isTorn' | 'renames'> & { lock: Lock | undefined }

/** The lockfile, its registries under the names of the configuration. What install makes of one that git could not merge is what both sides agree
    on; every other command says what is wrong with it. */
function lockOf({ ctx, site }: Ground, { registries }: Manifest, resolves: boolean): Found {
  const text = resolves ? ctx.disk.text(site.lockFile) : undefined
  const merged = text === undefined ? undefined : resolveConflict(text)
  const lock = merged ?? readLock(ctx.disk, site.lockFile)
  const renames = lock === undefined ? [] : renamesIn(lock, registries)
  return { lock: lock && withRenames(lock, renames), isTorn: merged !== undefined, renames }
}
