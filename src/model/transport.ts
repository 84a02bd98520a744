import type { Disk } from './disk.js'
import type { Event } from './events.js'
import type { FolderMemory } from './folder-memory.js'
import type { Locator, Registry, Revision } from './registry.js'
import type { Tree } from './tree.js'

/** A version a transport knows without opening anything: a tag, an npm version. */
export interface Tagged {
  name: string
  /** Revision id. */
  id: string
}

/** A token bound to the one origin it may be sent to, as `new URL().origin` writes it. */
export interface Credential {
  origin: string
  value: string
}

/** What a transport may use for one registry. Made by the session after policy has let the registry pass. */
export interface Reach {
  registry: Registry
  disk: Disk
  env: Readonly<Record<string, string | undefined>>
  /** The user's home folder. */
  home: string
  /** Windows keeps no executable bits. */
  platform: NodeJS.Platform
  cache: Cache
  credential?: Credential
  /** No connection at all; what is cached within its age may answer. */
  offline: boolean
  /** Ask again whatever the cache holds. */
  refresh: boolean
  /** Most of what the registry has is wanted: its files may come with the first answer. */
  broad?: boolean
  /** Paths at which what is wanted may lie; nothing need be there. A transport that fetches files as they are asked for may bring these before. */
  likely?: readonly string[]
  signal: AbortSignal
  now(): Date
  emit(event: Event): void
  /** Told of every value that must never be printed. */
  hide?(secret: string): void
  /** Asked before every connection that the registry's own origin does not cover: a redirect, an entry that points elsewhere. Throws E_POLICY_REGISTRY. */
  admit(at: Locator): void
  /** Whether the person, the environment or a policy names an origin exactly: plain http and private addresses need it, and with
      `variable`, a token that comes from there. Absent: no. */
  allows?(origin: string, variable?: string): boolean
  /** What earlier commands computed from a folder's files; absent where that must not be used. `folder`: absolute, a real path. */
  memory?(folder: string): FolderMemory
  /** The project's root, where other tools keep their own configuration (`.npmrc`); absent with --global. */
  project?: string
}

/** What transports remember between commands. Where caching is off everything lies in a folder that goes when the session ends. */
export interface Cache {
  /** The path of the pack for immutable bytes (`key` holds their digest or commit); made once, found again by later commands, and made again where it is damaged. */
  pack(key: string, make: (path: string) => Promise<void>): Promise<string>
  /** A folder that a transport keeps for itself: a bare repository. */
  folder(key: string): string
  /** An answer that may change (ref → commit, an index and its ETag), with the time it was stored; undefined where absent, damaged or older than maxAge. */
  recall(key: string): Answer | undefined
  remember(key: string, answer: Omit<Answer, 'at'>): void
}

export interface Answer {
  /** Milliseconds since the epoch at which it was last known to be true. */
  at: number
  body: string
  etag?: string
  lastModified?: string
}

/** A locator → an immutable revision → a tree. One file a transport. */
export interface Transport<L extends Locator = Locator> {
  via: L['via']
  /** Resolves a ref. Throws E_REF where it does not exist, E_REGISTRY_UNAVAILABLE, E_ACCESS. */
  pin(at: L, ref: string | undefined, reach: Reach): Promise<Revision<L>>
  open(revision: Revision<L>, reach: Reach): Promise<Tree>
  /** Tags or versions, for ranges; [] where there are none. */
  versions?(at: L, reach: Reach): Promise<Tagged[]>
  /** Commits that touched a path, newest first. */
  history?(revision: Revision<L>, path: string, reach: Reach): AsyncIterable<Tagged>
}
