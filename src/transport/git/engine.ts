import { limits } from '../../model/limits.js'
import type { Advertised } from './refs.js'

/** An object as it is stored. Nothing in it has been checked yet. */
export interface RawObject {
  type: string
  size: number
  /** Absent where the object is larger than haal reads. */
  bytes?: Uint8Array
  /** The same bytes behind the head with which its id digests them, where they were read so. */
  framed?: Uint8Array
}

/** Largest file, tree or commit that is read into memory: bytes. */
export const largestObject = limits.file

/** Longest that one exchange with a server may take: milliseconds. */
export const longestExchange = 300_000

/** What a git may print: bytes. Lists of a hundred thousand refs are real. */
export const longestAnswer = 64 * 1024 * 1024

/** Deep enough for any history: what git itself takes for "all of it". */
export const wholeHistory = 2_147_483_647

/** Reads the objects of one store. */
export interface Reader {
  /** In the order asked; undefined for what is not there. Throws E_CACHE where the store is damaged. */
  read(ids: readonly string[]): Promise<(RawObject | undefined)[]>
  /** Starts to read everything, because most of it will be asked for. */
  ahead?(): void
  end(): void
}

/** How a repository is reached and read: by the system's git, or by the embedded one. Made per repository and registry. */
export interface Engine {
  /** Fetches HEAD where nothing is stored yet, and answers its commit. undefined where something is, or where that fails: `refs` reports why.
      Absent for repositories on this machine. */
  head?(): Promise<string | undefined>
  /** Asks the repository itself. `soon` is the ref that will be wanted next. Throws E_ACCESS, E_REGISTRY_UNAVAILABLE, E_OFFLINE, E_TIMEOUT. */
  refs(soon?: string): Promise<Advertised>
  /** Brings a commit with its trees, and perhaps its files. Throws E_REF where the repository does not have it. */
  fetchCommit(commit: string): Promise<void>
  /** Brings files of a commit in one go, where `fetchCommit` left them out. */
  fetchBlobs(ids: readonly string[], commit: string): Promise<void>
  /** What is here already, in the order asked; undefined for what is not. Throws E_CACHE where the stored bytes are unreadable. */
  local(ids: readonly string[]): Promise<(RawObject | undefined)[]>
  /** Commits that touched a path, newest first; brings the history where it is not here. Throws E_CACHE as `local` does. */
  log(commit: string, path: string): Promise<readonly string[]>
  /** Removes everything that was stored, because it is damaged. False where it may not be removed (--offline); throws E_REGISTRY_UNAVAILABLE where
      it is the repository itself. */
  drop(): boolean
}
