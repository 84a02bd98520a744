import { fail } from './errors.js'
import type { Memory } from './folder-memory.js'
import { limits, sizeText } from './limits.js'
import type { Revision } from './registry.js'

/** One thing in a tree, as it was found. Nothing is filtered: intake must see a link or a device in order to refuse it. */
export interface TreeEntry {
  /** Relative to the tree's root, `/` between segments, exactly as the source spells it. */
  path: string
  type: 'file' | 'folder' | 'link' | 'other'
  /** Permission bits as the source has them; only 0o111 and setuid/setgid bits mean anything. */
  mode: number
  /** Bytes; -1 where the source does not say before it is read. */
  size: number
}

/** One thing in a folder, as far as the folder's list tells. */
export type Child = Pick<TreeEntry, 'path' | 'type'>

/** The files of one revision. Reading never changes it, and never follows a link. */
export interface Tree {
  readonly revision: Revision
  /** When a commit was made, for a version that has no better name. */
  readonly committed?: Date
  /** When it was published, where its source keeps a record of that. */
  published?(): Promise<Date | undefined>
  /** What lies directly in a folder (`''` is the root), folders included; empty where there is no such folder. */
  children(folder: string): Promise<Child[]>
  /** Everything below a folder or exactly that file, depth first, folders left out. */
  list(under: string): Promise<TreeEntry[]>
  /** One regular file. Throws E_ENTRY_MISSING, E_ENTRY_TYPE, E_LIMIT_SIZE. */
  read(path: string): Promise<Uint8Array>
  /** Where a transport can fetch many files in one go, it does so here; reading works without it. */
  prefetch?(under: string[]): Promise<void>
  /** Looks again at what was listed and read below a folder; throws E_CHANGED where it is no longer the same. Live folders have it. */
  lookAgain?(under: string): Promise<void>
  /** What earlier commands computed from its files: only live folders have it. */
  readonly memory?: Memory
}

/** Checks an entry before a tree reads it. Throws E_ENTRY_MISSING, E_ENTRY_TYPE, E_LIMIT_SIZE. */
export function checkReadable<E extends Pick<TreeEntry, 'type' | 'size'>>(
  path: string,
  entry: E | undefined,
): asserts entry is E {
  const details = { path }
  if (entry === undefined) fail('E_ENTRY_MISSING', `there is no file ${path}`, { details })
  if (entry.type !== 'file') fail('E_ENTRY_TYPE', `${path} is not a plain file`, { details })
  if (entry.size > limits.file)
    fail('E_LIMIT_SIZE', `${path} is larger than ${sizeText(limits.file)} (budget: file)`, { details })
}

/** Whether haal put a file into a registry when that was signed. It belongs to no artifact, not even to one at the registry's root: it would have to
    contain its own digest. */
export function isVoucher(path: string): boolean {
  return /^(haal\.index|((registry|haal_manifest|haal\.index|\.claude-plugin\/marketplace)\.json\.sigstore))\.json$/.test(
    path,
  )
}
