import type { Request } from '../model/artifact.js'
import { type Ref, splitRef } from '../model/kinds.js'
import { parseRequest } from '../model/request.js'
import { entryOf } from '../plan/desire.js'
import type { Session } from './session.js'

/** What is asked for an installed artifact: its id where it has one, in the registry that is `named`, else in the one that its entry of haal.json
    names, whatever the order is. */
export function askedAnew({ manifest: { artifacts }, lock }: Session, ref: Ref, named?: string): Request {
  const entry = entryOf(ref, { artifacts, lock })
  const registry = named ?? (entry && parseRequest(entry).registry)
  const own = splitRef(ref)
  return { ...own, name: lock.artifacts[ref]?.id ?? own.name, ...(registry !== undefined && { registry }) }
}
