import type { Request } from '../../model/artifact.js'
import { type Kind, type Ref, splitRef } from '../../model/kinds.js'
import { isPattern } from '../../model/request.js'
import { satisfies } from '../../model/versions.js'
import { decides, isForOne, lockedFor, refsMatching, type Want, wantsOf } from '../../plan/desire.js'
import { find } from '../../resolve/walk.js'
import type { Session } from '../session/session.js'

/** What a person names in an install, as wants. What they leave open is as haal.json has it: the registry, and of the same registry the range, of
    the entry that is for that artifact alone. */
export function namedIn(session: Session, asked: readonly Request[]): Promise<Want[]> {
  const entries = wantsOf(session.manifest).map(({ request }) => request)
  return Promise.all(asked.map((request) => namedBy(request, entries, session)))
}

async function namedBy(asked: Request, entries: readonly Request[], session: Session): Promise<Want> {
  const registry = asked.registry ?? session.added?.registry.name
  const request = { ...asked, ...(registry !== undefined && { registry }) }
  const kind = await kindMeant(request, entries, session)
  const meant = { ...request, ...(kind && { kind }) }
  return { request: { ...entryFor(meant, entries, session), ...meant }, by: 'haal.json', anew: true, named: true }
}

/** The kind of what is named without one, where something here has its name: what has it in another kind stays. */
async function kindMeant(
  request: Request,
  entries: readonly Request[],
  { manifest, lock, shelves }: Session,
): Promise<Kind | undefined> {
  const { kind, name, range } = request
  if (kind !== undefined || isPattern(request)) return kind
  const alike = entries.filter((entry) => entry.name === name)
  const here = refsMatching({ name }, lock)
  const isNew = alike.length + here.length === 0
  const isInstalled = here.length === 1 && !decides({ request })
  if (isNew || isInstalled || alike.some((entry) => entry.kind === undefined)) return undefined
  const isMet = (ref: Ref) => range === undefined || satisfies(lock.artifacts[ref]?.version ?? '', range)
  const [locked] = lockedFor({ request }, lock, isMet)
  return locked === undefined ? (await find(request, manifest, shelves)).artifact.kind : splitRef(locked).kind
}

function entryFor(request: Request, entries: readonly Request[], { lock }: Session): Request | undefined {
  const { kind, name, registry } = request
  if (isPattern(request)) return undefined
  const refs = new Set(refsMatching({ name, ...(kind && { kind }) }, lock))
  return entries
    .filter((entry) => entry.registry !== undefined && entry.registry === (registry ?? entry.registry))
    .find((entry) => (entry.name === name && entry.kind === kind) || (refs.size === 1 && isForOne(entry, refs, lock)))
}
