import { isDeepStrictEqual } from 'node:util'
import { fail } from '../../model/errors.js'
import { type Lock, lockedRefs } from '../../model/lock.js'
import { byCodeUnit } from '../../model/names.js'
import type { Outcome } from '../../model/plan.js'
import type { Problem } from '../../model/results.js'
import { type Place, placesOf } from '../../plan/diff.js'
import { keptIn } from '../../plan/kept.js'
import { refuseTwins } from '../../plan/twins.js'
import { keptFiles } from '../change/conflicts.js'
import { differenceTo, placedAtHand, placedIn } from '../change/difference.js'
import { carryOut, idle, refuseUnwritable } from '../change/mutate.js'
import { stock } from '../fetch/fill-store.js'
import { type Difference, manifestDifferences } from '../gather/manifest-differences.js'
import { lookerOf } from '../places/compare.js'
import { whereNotAsBefore } from '../places/past-places.js'
import { filtered, problemsInTools } from '../places/problems.js'
import { nameOfFile } from '../project/configuration.js'
import { checkSources } from '../project/lock-sources.js'
import type { Session } from '../session/session.js'

/** Makes the project exactly what haal.lock says, or changes nothing: no resolution, no write to haal.json or haal.lock. Throws E_NO_LOCK,
    E_FROZEN with every difference, E_PATH_COLLISION, E_INTEGRITY, and policy's refusals. */
export async function frozen(session: Session): Promise<Outcome> {
  const { lock, hasLock } = session
  if (!hasLock)
    fail('E_NO_LOCK', 'there is no haal.lock to install from', { hint: 'make it with haal install, and commit it' })
  checkSources(session)
  refuseTwins(lockedRefs(lock))
  const isMeant = await whereNotAsBefore(session)
  const homes = await filtered(placesOf(lock), isMeant)
  const [inManifest, onDisk] = [manifestDifferences(session), diskDifferences(session, homes)]
  if (inManifest.length + onDisk.length > 0)
    refuseDifferences(
      session,
      [...inManifest, ...targetDifferences(session, await placedAtHand(session))],
      [...onDisk, ...toolDifferences(session, await problemsInTools(session, isMeant))],
    )
  const difference = await differenceTo(session, lock, false)
  const { steps, changes, conflicts, inTools } = difference
  const { lock: placed } = await placedIn(session, lock)
  refuseDifferences(
    session,
    targetDifferences(session, placed),
    toolDifferences(session, await problemsInTools(session, isMeant)),
  )
  if (steps.length > 0) refuseUnwritable(session, { steps })
  await stock(session, lock, steps)
  const told = changes.length > 0 ? changes : keptIn(lock)
  const warnings = keptFiles(difference)
  return carryOut(session, { ...idle(session), steps, changes: told, conflicts, warnings, inTools }, [])
}

function refuseDifferences(session: Session, manifest: readonly Difference[], disk: readonly Difference[]): void {
  const differences = [...manifest, ...disk]
  const file = nameOfFile(session.manifest)
  if (differences.length === 0) return
  const hints = [
    ...(manifest.length > 0 ? [`bring ${file} and haal.lock together with haal install, and commit both`] : []),
    ...(disk.length > 0 ? ['take back what is locked with haal install --force; edits are kept aside'] : []),
  ]
  const [only, ...others] = differences.map(inShort)
  const isOne = others.length === 0
  const where = isOne ? `: ${only}` : ` in ${differences.length} places`
  fail('E_FROZEN', `${file}, haal.lock and the files differ${where}`, {
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
  const file = nameOfFile(session.manifest)
  return lockedRefs(placed).flatMap((artifact) => {
    const [shall = [], are = []] = [placed.artifacts[artifact]?.targets, session.lock.artifacts[artifact]?.targets]
    if (isDeepStrictEqual([...shall], are.toSorted(byCodeUnit))) return []
    const says = `${artifact} is locked for ${are.join(', ') || 'no tool'}, ${file} wants it for ${shall.join(', ') || 'none'}`
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
