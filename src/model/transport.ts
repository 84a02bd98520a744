import type { Locator, Registry, Revision } from './registry.js'
import type { Tree } from './tree.js'

/** A version a transport knows without opening anything: a tag, an npm version. */
export interface Tagged {
  name: string
  /** Revision id. */
  id: string
}

/** What a transport may use while it works. Made per registry by the session, after policy has let the registry pass. */
export interface Reach {
  registry: Registry
  offline: boolean
  refresh: boolean
  signal: AbortSignal
}

/** A locator → an immutable revision → a tree. One file a transport. */
export interface Transport<L extends Locator = Locator> {
  via: L['via']
  /** Resolves a ref. Throws E_REF where it does not exist, E_REGISTRY_UNAVAILABLE, E_ACCESS. */
  pin(at: L, ref: string | undefined, reach: Reach): Promise<Revision>
  open(revision: Revision & { at: L }, reach: Reach): Promise<Tree>
  /** Tags or versions, for ranges; [] where there are none. */
  versions?(at: L, reach: Reach): Promise<Tagged[]>
  /** Commits that touched a path, newest first. */
  history?(revision: Revision & { at: L }, path: string, reach: Reach): AsyncIterable<Tagged>
}
