import path from 'node:path'
import type { Note } from '../model/artifact.js'
import type { CommonFlags, Context } from '../model/context.js'
import { fail } from '../model/errors.js'
import { type Ref, splitRef } from '../model/kinds.js'
import { emptyLock, type Lock, type Locked } from '../model/lock.js'
import { defaults } from '../model/manifest.js'
import { checkName } from '../model/names.js'
import { nearest } from '../model/nearest.js'
import { note } from '../model/notes.js'
import type { Content, Outcome, Plan, Step } from '../model/plan.js'
import { isPattern, parseRequest } from '../model/request.js'
import { toolNames } from '../model/targets.js'
import { inShell, some } from '../model/text.js'
import { refsMatching } from '../plan/desire.js'
import { homeOf, placesOf } from '../plan/diff.js'
import { labelOf, lockOf, unfoldedOf } from '../plan/lock.js'
import { choose } from '../resolve/choose.js'
import { find } from '../resolve/walk.js'
import { copyProblem } from '../state/lock-fields.js'
import { lockedPlace } from '../state/paths.js'
import { carryOut, idle } from './change/mutate.js'
import { intoRegistry } from './copy/into-registry.js'
import { intoTool, isTool, refuseReaders } from './copy/into-tool.js'
import { stock } from './fetch/fill-store.js'
import { take } from './fetch/into-store.js'
import { installedAs } from './gather/find-installed.js'
import { lookerOf } from './places/compare.js'
import { copiesOf } from './project/folders.js'
import { holdAndMend } from './project/recovery.js'
import { type Session, withSession } from './session/session.js'

interface CopyFlags extends CommonFlags {
  as?: string
  force?: boolean
  approve?: readonly string[]
}

interface CopyAsked {
  request: string
  /** A folder, the name of a tool, or `registry:<name>`. */
  destination: string
  flags: CopyFlags
}

/** Puts a copy of an artifact somewhere else: of what is installed, whose lockfile entry then knows the place, or straight from a registry,
    without touching the project. Never overwrites unasked. */
export async function copy(ctx: Context, { request, destination, flags }: CopyAsked): Promise<Outcome> {
  if (destination === '')
    fail('E_USAGE', 'the destination of the copy is empty', { hint: `here: haal copy ${inShell(request)} .` })
  return withSession(ctx, { command: 'copy', flags }, async (session) => {
    const source = await sourceOf(session, { request, destination, flags })
    const steps = onlyFree(session, await placed(session, source, { destination, flags }), destination)
    await stock(source.session, source.lock, steps)
    const to = withPlaces(session, source, {
      at: (isTool(destination) ? steps : steps.slice(0, 1)).map(({ place }) => place),
      ...(flags.as !== undefined && { as: flags.as }),
    })
    const label = labelOf(source.ref, to)
    const change = {
      action: 'copy',
      artifact: source.ref,
      from: null,
      to: label,
      registry: source.locked.registry,
      place: isTool(destination) ? some(steps.map(({ shown }) => shown)) : (steps[0]?.shown ?? destination),
    } as const
    const nothing = idle(source.session)
    const plan = { ...nothing, to: { ...nothing.to, lock: to }, changes: [change], steps, warnings: source.notes }
    return source.session === session ? carryOut(session, plan, []) : carriedOutAlone(source.session, plan)
  })
}

/** One copy at a time is remembered for no project, so there is no generation that a person could go back to. */
async function carriedOutAlone(session: Session, plan: Plan): Promise<Outcome> {
  const { site, flags, command } = session
  if (flags.dryRun) return carryOut(session, plan, [])
  const held = await holdAndMend(site, { wait: flags.wait ?? defaults.wait, command })
  try {
    return { ...(await carryOut(session, plan, [])), generation: null }
  } finally {
    held.release()
  }
}

/** What is copied, and the place whose history remembers it: the project's, or haal's own for what no project has. */
interface Source {
  session: Session
  ref: Ref
  locked: Locked
  lock: Lock
  notes: readonly Note[]
}

async function sourceOf(session: Session, { request, destination, flags: { as } }: CopyAsked): Promise<Source> {
  const asked = parseRequest(request)
  if (isPattern(asked))
    fail('E_USAGE', `${request} means several artifacts; one is copied at a time`, { hint: 'see them: haal list' })
  const isInstalled = asked.range === undefined && refsMatching(asked, session.lock).length > 0
  const [installed] = isInstalled ? installedAs(request, session) : []
  const locked = installed && session.lock.artifacts[installed]
  if (installed !== undefined && locked !== undefined)
    return { session, ref: installed, locked, lock: session.lock, notes: editsLeft(session, installed) }
  const found = await find(asked, session.manifest, session.shelves)
  const again = (other: string) =>
    `haal copy ${other} ${inShell(destination)}${as === undefined ? '' : ` --as ${inShell(as)}`}`
  const resolution = await take(session, await choose(found, [asked.range ?? '*'], { ...session.shop, again }))
  const fresh = unfoldedOf(resolution, found.shelf)
  return {
    session: { ...session, lock: emptyLock, hasLock: false, site: copiesOf(session) },
    ref: fresh.ref,
    locked: fresh.locked,
    lock: lockOf([fresh], emptyLock),
    notes: resolution.reading.notes,
  }
}

/** A copy is what haal.lock has: a person who edited the artifact should not take it for theirs. */
function editsLeft(session: Session, ref: Ref): Note[] {
  const look = lookerOf(session)
  const own = placesOf(session.lock).filter((place) => place.ref === ref)
  const states = own.map((place) => look(place, place.content).state)
  if (states.every((state) => state === 'same' || state === 'absent')) return []
  const said = `${ref} was edited here, and the copy is without that; see haal diff ${inShell(ref)}`
  return [note('W_KEPT', said)]
}

interface Where {
  destination: string
  flags: CopyFlags
}

async function placed(session: Session, source: Source, { destination, flags: { as } }: Where): Promise<Step[]> {
  const { ref, locked } = source
  const name =
    as === undefined
      ? undefined
      : checkName(as, 'the copy', '--as takes a name; where the copy goes is the destination')
  const content: Content = {
    from: 'store',
    integrity: locked.integrity,
    ...(locked.file !== undefined && { file: locked.file }),
  }
  if (homeOf(ref, locked) === undefined) fail('E_USAGE', `${ref} has no files to copy`, { hint: 'copy its members' })
  const base = fileName(locked.file, name) ?? name ?? splitRef(ref).name
  if (destination.startsWith('registry:'))
    return intoRegistry(session, { registry: destination.slice('registry:'.length), ref, locked, base, content })
  if (isTool(destination)) {
    await stock(source.session, source.lock, [{ after: content }])
    return intoTool(session, { tool: destination, ref, locked, name })
  }
  const { cwd, disk } = session.ctx
  const at = path.resolve(cwd, destination)
  const isFolder = /[/\\]$/.test(destination) || disk.stat(at)?.type === 'folder'
  if (!isFolder) refuseMisspelt(ref, destination)
  const place = isFolder || as !== undefined ? path.join(at, base) : at
  refuseUnfit(session, place)
  refuseReaders(session, ref, place)
  return [{ place, shown: path.relative(cwd, place) || place, after: content }]
}

/** haal's own folder is not for copies, and neither is a place that haal.lock could not name. Throws E_USAGE. */
function refuseUnfit({ root }: Session, place: string): void {
  const written = lockedPlace(root, place)
  if (written === undefined) return
  const why = written.split('/')[0] === '.haal' ? 'is haal’s own folder' : copyProblem(written)
  if (why !== undefined)
    fail('E_USAGE', `${written} ${why}; a copy cannot lie there`, { hint: 'name another folder for the copy' })
}

/** A word alone may be a path, but one that is nearly a tool's name is more likely that. Throws E_USAGE. */
function refuseMisspelt(ref: Ref, destination: string): void {
  const tool = /[/\\.]/.test(destination) ? undefined : nearest(destination, toolNames)
  if (tool !== undefined)
    fail('E_USAGE', `"${destination}" is no tool that haal knows; did you mean ${tool}?`, {
      hint: `haal copy ${inShell(ref)} ${tool}, or, for a path: haal copy ${inShell(ref)} ./${destination}`,
    })
}

/** A single file keeps its ending. */
function fileName(file: string | undefined, name: string | undefined): string | undefined {
  return file === undefined || name === undefined ? file : `${name}${file.slice(file.indexOf('.'))}`
}

/** A copy takes the place of nothing, unless --force has that kept aside; the index of a registry is added to. Throws E_CONFLICT. */
function onlyFree({ ctx, flags }: Session, steps: readonly Step[], destination: string): Step[] {
  return steps.map((step) => {
    const isIndex = step.after.from === 'bytes' && !isTool(destination)
    if (isIndex) return step
    if (ctx.disk.stat(step.place) === undefined) return { ...step, onlyIfAbsent: true }
    if (flags.force) return { ...step, saveOld: true }
    return fail('E_CONFLICT', `${step.shown} is there already`, {
      hint: 'copy under another name with --as, or add --force to have it kept aside',
    })
  })
}

interface Copies {
  at: readonly string[]
  as?: string
}

/** The lockfile's entry knows where copies were put; it never makes haal write or remove there. */
function withPlaces({ root }: Session, { ref, locked, lock }: Source, { at, as }: Copies): Lock {
  const places = at.flatMap((place) => lockedPlace(root, place) ?? []).filter((each) => !copyProblem(each))
  const copies = [...new Set([...(locked.copies ?? []), ...places])].sort()
  const entry = { ...(lock.artifacts[ref] ?? locked), copies, ...(as !== undefined && { as }) }
  return { ...lock, artifacts: { ...lock.artifacts, [ref]: entry } }
}
