import type { Ref } from '../../model/kinds.js'
import { type Lock, type Locked, lockedEntries, lockedRefs } from '../../model/lock.js'
import type { Wishes } from '../../model/manifest.js'
import { isPattern, printRequest } from '../../model/request.js'
import { satisfies } from '../../model/versions.js'
import { type Demand, metIn } from '../../plan/demand.js'
import { lockedFor, reachable, refsMatching, type Want, wantsOf } from '../../plan/desire.js'
import type { Rename } from '../../plan/renames.js'
import { type SourceChange, sourceChanges } from '../../plan/sources.js'
import { nameOfFile } from '../project/configuration.js'
import type { Session } from '../session/session.js'
import { ownDemands } from './asked-for.js'
import { whereIn } from './source-changes.js'

export interface Difference {
  artifact?: string
  registry?: string
  says: string
}

/** What haal.json asks and the lock lacks, and the other way round. A pattern means what there is: an install that finds
    nothing for it locks nothing for it. */
export function manifestDifferences(
  session: Pick<Session, 'manifest' | 'lock' | 'policies' | 'renames'>,
): Difference[] {
  const { manifest, lock } = session
  const file = nameOfFile(manifest)
  const demands = ownDemands(session, manifest)
  const isMet = metIn(lock, demands, satisfies)
  const off = lockedEntries(lock).flatMap(([ref, locked]) =>
    isMet(ref) ? [] : [{ ref, locked, demand: demands({ ...locked, ref }) }],
  )
  const isOff = (ref: Ref) => !isMet(ref)
  const wants = wantsOf(manifest).map((want) => ({ want, refs: lockedFor(want, lock, isMet) }))
  const unmet = wants
    .filter(({ want, refs }) => refs.length === 0 && isLacking(want, lock, isOff))
    .map(({ want }) => ({ want, refs: isPattern(want.request) ? [] : refsMatching(want.request, lock) }))
  const own = [...wants, ...unmet].flatMap(({ refs }) => refs)
  const wanted = wantedIn(lock, [...own, ...off.map(({ ref }) => ref)])
  const refs = lockedRefs(lock)
  return [
    ...session.renames.map(otherwiseNamed),
    ...sourceChanges(lock, manifest.registries).map(otherwiseAt),
    ...off.map((each) => notAsDemanded(file, each)),
    ...refs
      .filter((ref) => wanted.has(ref) && !isOff(ref) && isPinnedByOne(ref, manifest, lock))
      .map((ref) => pinnedByOne(file, ref, manifest.pins)),
    ...unmet.map(({ want, refs: [here] }) => lackedBy(file, want, here && lock.artifacts[here])),
    ...refs.filter((ref) => !wanted.has(ref)).map((ref) => askedByNobody(file, ref)),
  ]
}

/** Whether a want that nothing locked meets is a difference of its own: something locked for it in another version is one already, and there may be
    nothing that a pattern fits. */
function isLacking({ request }: Want, lock: Lock, isOff: (ref: Ref) => boolean): boolean {
  const refs = refsMatching(request, lock)
  return !refs.some(isOff) && !(isPattern(request) && refs.length === 0)
}

/** What is locked and wanted: by haal.json, which asks for `own`, by policy, or by what these require. */
function wantedIn(lock: Lock, own: readonly Ref[]): ReadonlyMap<Ref, readonly string[]> {
  const roots = new Map(own.map((ref): [Ref, string[]] => [ref, ['haal.json']]))
  for (const [ref, { requestedBy }] of lockedEntries(lock))
    if (requestedBy.includes('policy')) roots.set(ref, ['policy'])
  return reachable(lock, roots)
}

function otherwiseNamed({ was, now, file }: Rename): Difference {
  return { registry: now, says: `${file} has a registry ${now}, which haal.lock calls ${was}` }
}

function otherwiseAt(change: SourceChange): Difference {
  const { was, now } = whereIn(change)
  return { registry: change.name, says: `${change.file} has ${change.name} at ${now}, haal.lock at ${was}` }
}

/** Whether one of the two pins an artifact and the other does not. */
function isPinnedByOne(ref: Ref, { pins }: Wishes, { artifacts }: Lock): boolean {
  return Object.hasOwn(pins, ref) !== (artifacts[ref]?.pinned === true)
}

function pinnedByOne(file: string, artifact: Ref, pins: Wishes['pins']): Difference {
  const [does, not] = Object.hasOwn(pins, artifact) ? [file, 'haal.lock'] : ['haal.lock', file]
  return { artifact, says: `${does} pins ${artifact}, ${not} does not` }
}

function lackedBy(file: string, { request }: Want, here: Locked | undefined): Difference {
  const { range, ...any } = request
  const artifact = printRequest(range === '*' ? any : request)
  const instead = here === undefined ? 'which haal.lock lacks' : `haal.lock has ${here.version}`
  return { artifact, says: `${file} asks for ${artifact}, ${instead}` }
}

interface Off {
  ref: Ref
  locked: Locked
  demand: Demand
}

function notAsDemanded(file: string, { ref, locked, demand: { pin, by } }: Off): Difference {
  if (pin !== undefined)
    return { artifact: ref, says: `${file} pins ${ref} to ${pin}, haal.lock has ${locked.version}` }
  const asked = by.map(({ request }) => printRequest(request)).join(' and ')
  const which = by.some(({ request }) => isPattern(request)) ? `${ref} ` : ''
  return { artifact: ref, says: `${file} asks for ${asked}, haal.lock has ${which}${locked.version}` }
}

function askedByNobody(file: string, artifact: Ref): Difference {
  return { artifact, says: `haal.lock has ${artifact}, which nothing in ${file} asks for` }
}
