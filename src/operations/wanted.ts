import type { Request } from '../model/artifact.js'
import { type Ref, splitRef } from '../model/kinds.js'
import { parseRequest } from '../model/request.js'
import { entryOf } from '../plan/desire.js'
import type { Session } from './session.js'

/** What is asked for an installed artifact comes from the registry that its entry of haal.json names, whatever the order is. */
export function asWanted(asked: Request, installed: Ref | undefined, { manifest, lock }: Session): Request {
  if (installed === undefined || asked.registry !== undefined) return asked
  const entry = entryOf(installed, { artifacts: manifest.artifacts, lock })
  const registry = entry && parseRequest(entry).registry
  return registry === undefined ? asked : { ...asked, registry }
}

/** What an update asks for an installed artifact: its id where it has one, in the registry that haal.json names. */
export function askedAnew(session: Session, ref: Ref): Request {
  const id = session.lock.artifacts[ref]?.id
  return asWanted({ ...splitRef(ref), ...(id !== undefined && { name: id }) }, ref, session)
}
