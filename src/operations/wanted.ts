import type { Request } from '../model/artifact.js'
import { type Ref, splitRef } from '../model/kinds.js'
import { refsMatching, wantsOf } from '../plan/desire.js'
import type { Session } from './session.js'

/** An entry of haal.json that names a registry takes what it asks for from there, whatever the order is. */
export function asWanted(asked: Request, installed: Ref | undefined, { manifest, lock }: Session): Request {
  if (installed === undefined || asked.registry !== undefined) return asked
  const registry = wantsOf(manifest)
    .filter(({ request }) => refsMatching(request, lock).includes(installed))
    .map(({ request }) => request.registry)
    .find((name) => name !== undefined)
  return registry === undefined ? asked : { ...asked, registry }
}

/** What an update asks for an installed artifact: its id where it has one, in the registry that haal.json names. */
export function askedAnew(session: Session, ref: Ref): Request {
  const id = session.lock.artifacts[ref]?.id
  return asWanted({ ...splitRef(ref), ...(id !== undefined && { name: id }) }, ref, session)
}
