import { isDeepStrictEqual } from 'node:util'
import { fail } from '../../model/errors.js'
import type { Ref } from '../../model/kinds.js'
import { type Lock, type Locked, lockedEntries, lockedRefs } from '../../model/lock.js'
import type { Wishes } from '../../model/manifest.js'
import { byCodeUnit } from '../../model/names.js'
import type { Outcome } from '../../model/plan.js'
import { isPattern, printRequest } from '../../model/request.js'
import type { Problem } from '../../model/results.js'
import { type Demand, metIn } from '../../plan/demand.js'
import { lockedFor, reachable, refsMatching, type Want, wantsOf } from '../../plan/desire.js'
import { type Place, placesOf } from '../../plan/diff.js'
import { keptIn } from '../../plan/kept.js'
import type { Rename } from '../../plan/renames.js'
import { type SourceChange, sourceChanges } from '../../plan/sources.js'
import { satisfies } from '../../resolve/versions.js'
import { keptFiles } from '../change/conflicts.js'
import { differenceTo, placedAtHand, placedIn } from '../change/difference.js'
import { carryOut, idle, refuseUnwritable } from '../change/mutate.js'
import { stock } from '../fetch/fill-store.js'
import { ownDemands } from '../gather/asked-for.js'
import { whereIn } from '../gather/source-changes.js'
import { lookerOf } from '../places/compare.js'
import { whereNotAsBefore } from '../places/past-places.js'
import { filtered, problemsInTools } from '../places/problems.js'
import { checkSources } from '../project/lock-sources.js'
import type { Session } from '../session/session.js'

/** Makes the project exactly what haal.lock says, or changes nothing: no resolution, no write to haal.json or haal.lock. Throws E_NO_LOCK,
    E_FROZEN with every difference, E_INTEGRITY, and policy's refusals. */
export async function frozen(session: Session): Promise<Outcome> {
  const { lock, hasLock } = session
  if (!hasLock)
    fail('E_NO_LOCK', 'there is no haal.lock to install from', { hint: 'make it with haal install, and commit it' })
  checkSources(session)
  const isMeant = await whereNotAsBefore(session)
  const homes = await filtered(placesOf(lock), isMeant)
  const [inManifest, onDisk] = [manifestDifferences(session), diskDifferences(session, homes)]
  if (inManifest.length + onDisk.length > 0)
    refuseDifferences(
      [...inManifest, ...targetDifferences(session, await placedAtHand(session))],
      [...onDisk, ...toolDifferences(session, await problemsInTools(session, isMeant))],
    )
  const difference = await differenceTo(session, lock, false)
  const { steps, changes, conflicts, inTools } = difference
  const { lock: placed } = await placedIn(session, lock)
  refuseDifferences(
    targetDifferences(session, placed),
    toolDifferences(session, await problemsInTools(session, isMeant)),
  )
  if (steps.length > 0) refuseUnwritable(session, { steps })
  await stock(session, lock, steps)
  const told = changes.length > 0 ? changes : keptIn(lock)
  const warnings = keptFiles(difference)
  return carryOut(session, { ...idle(session), steps, changes: told, conflicts, warnings, inTools }, [])
}

interface Difference {
  artifact?: string
  registry?: string
  says: string
}

function refuseDifferences(manifest: readonly Difference[], disk: readonly Difference[]): void {
  const differences = [...manifest, ...disk]
  if (differences.length === 0) return
  const hints = [
    ...(manifest.length > 0 ? ['bring haal.json and haal.lock together with haal install, and commit both'] : []),
    ...(disk.length > 0 ? ['take back what is locked with haal install --force; edits are kept aside'] : []),
  ]
  const [only, ...others] = differences.map(inShort)
  const isOne = others.length === 0
  const where = isOne ? `: ${only}` : ` in ${differences.length} places`
  fail('E_FROZEN', `haal.json, haal.lock and the files differ${where}`, {
    hint: hints.join('; '),
    details: { differences, ...(!isOne && { lines: firstOf(differences) }) },
  })
}

/** As many as can be read at once. */
const most = 10

/** An artifact of very many files is one line. */
function inShort({ says }: Difference): string {
  return says.length > 300 ? `${says.slice(0, 300)}…` : says
}

function firstOf(differences: readonly Difference[]): string[] {
  const lines = differences.slice(0, most).map(inShort)
  const more = differences.length - most
  return more > 0 ? [...lines, `and ${more} more; --json has all of them`] : lines
}

/** What haal.json asks and the lock lacks, and the other way round. A pattern means what there is: an install that finds
    nothing for it locks nothing for it. */
export function manifestDifferences(
  session: Pick<Session, 'manifest' | 'lock' | 'policies' | 'renames'>,
): Difference[] {
  const { manifest, lock } = session
  const demands = ownDemands(session, manifest)
  const isMet = metIn(lock, demands, satisfies)
  const off = lockedEntries(lock).flatMap(([ref, locked]) =>
    isMet(ref) ? [] : [{ ref, locked, demand: demands({ ...locked, ref }) }],
  )
  const loose = new Set(off.map(({ ref }) => ref))
  const wants = wantsOf(manifest).map((want) => ({ want, refs: lockedFor(want, lock, isMet) }))
  const isLoose = ({ request }: Want) => refsMatching(request, lock).some((ref) => loose.has(ref))
  const fitsNothing = ({ request }: Want) => isPattern(request) && refsMatching(request, lock).length === 0
  const unmet = wants
    .filter(({ want, refs }) => refs.length === 0 && !isLoose(want) && !fitsNothing(want))
    .map(({ want }) => ({ want, refs: isPattern(want.request) ? [] : refsMatching(want.request, lock) }))
  const roots = new Map<Ref, readonly string[]>(
    [...wants, ...unmet, { refs: [...loose] }].flatMap(({ refs }) => refs.map((ref) => [ref, ['haal.json']] as const)),
  )
  for (const [ref, { requestedBy }] of lockedEntries(lock))
    if (requestedBy.includes('policy')) roots.set(ref, ['policy'])
  const wanted = reachable(lock, roots)
  const extra = lockedRefs(lock)
    .filter((ref) => !wanted.has(ref))
    .map((artifact) => ({ artifact, says: `haal.lock has ${artifact}, which nothing in haal.json asks for` }))
  const lacking = unmet.map(({ want, refs: [here] }) => lackedBy(lock, want, here))
  const otherwise = lockedRefs(lock).filter(
    (ref) => wanted.has(ref) && !loose.has(ref) && isOtherwise(ref, manifest, lock),
  )
  const moved = sourceChanges(lock, manifest.registries).map(otherwiseAt)
  return [
    ...session.renames.map(otherwiseNamed),
    ...moved,
    ...off.map(notAsDemanded),
    ...otherwise.map((ref) => pinnedByOne(ref, manifest.pins)),
    ...lacking,
    ...extra,
  ]
}

function otherwiseNamed({ was, now, file }: Rename): Difference {
  return { registry: now, says: `${file} has a registry ${now}, which haal.lock calls ${was}` }
}

function otherwiseAt(change: SourceChange): Difference {
  const { was, now } = whereIn(change)
  return { registry: change.name, says: `${change.file} has ${change.name} at ${now}, haal.lock at ${was}` }
}

/** Whether one of the two pins an artifact and the other does not. */
function isOtherwise(ref: Ref, { pins }: Wishes, { artifacts }: Lock): boolean {
  return Object.hasOwn(pins, ref) !== (artifacts[ref]?.pinned === true)
}

function pinnedByOne(artifact: Ref, pins: Wishes['pins']): Difference {
  const [does, not] = Object.hasOwn(pins, artifact) ? ['haal.json', 'haal.lock'] : ['haal.lock', 'haal.json']
  return { artifact, says: `${does} pins ${artifact}, ${not} does not` }
}

function lackedBy({ artifacts }: Lock, { request }: Want, here: Ref | undefined): Difference {
  const { range, ...any } = request
  const artifact = printRequest(range === '*' ? any : request)
  const instead = here === undefined ? 'which haal.lock lacks' : `haal.lock has ${artifacts[here]?.version}`
  return { artifact, says: `haal.json asks for ${artifact}, ${instead}` }
}

function notAsDemanded({ ref, locked, demand }: { ref: Ref; locked: Locked; demand: Demand }): Difference {
  const { pin, by } = demand
  if (pin !== undefined)
    return { artifact: ref, says: `haal.json pins ${ref} to ${pin}, haal.lock has ${locked.version}` }
  const asked = by.map(({ request }) => printRequest(request)).join(' and ')
  const which = by.some(({ request }) => isPattern(request)) ? `${ref} ` : ''
  return { artifact: ref, says: `haal.json asks for ${asked}, haal.lock has ${which}${locked.version}` }
}

/** Files that are not as locked. What is absent as a whole, or as an earlier lockfile had it, is no difference: it gets installed. */
function diskDifferences(session: Session, places: readonly Place[]): Difference[] {
  const look = lookerOf(session)
  return places.flatMap((place) => {
    const seen = look(place, place.content)
    if (seen.state === 'same' || seen.state === 'absent') return []
    const files = [
      ...seen.changed.map((file) => `changed ${file}`),
      ...seen.added.flatMap((file) => (file === '' ? [] : [`added ${file}`])),
      ...seen.missing.map((file) => `missing ${file}`),
    ]
    return [{ artifact: place.ref, says: `${place.at} differs (${files.join(', ').trim() || seen.state})` }]
  })
}

/** What haal.json says of tools and the places in haal.lock do not, of the artifacts in a lock that has the former. */
function targetDifferences(session: Session, placed: Lock): Difference[] {
  if (placed === session.lock) return []
  return lockedRefs(placed).flatMap((artifact) => {
    const [shall = [], are = []] = [placed.artifacts[artifact]?.targets, session.lock.artifacts[artifact]?.targets]
    if (isDeepStrictEqual([...shall], are.toSorted(byCodeUnit))) return []
    const says = `${artifact} is locked for ${are.join(', ') || 'no tool'}, haal.json wants it for ${shall.join(', ') || 'none'}`
    return [{ artifact, says }]
  })
}

/** As with homes: what is absent as a whole gets installed. */
function toolDifferences({ lock }: Session, problems: readonly Problem[]): Difference[] {
  const places = Object.values(lock.artifacts).flatMap(({ targets = [] }) => targets)
  return problems
    .filter(({ problem, path }) => problem !== 'missing' || !places.some((place) => place.endsWith(`:${path}`)))
    .map(({ artifact, path, problem }) => ({ artifact, says: `${path} differs (${problem})` }))
}
