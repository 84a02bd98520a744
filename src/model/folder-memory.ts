import type { Mark } from './disk.js'

/** What earlier commands computed from the files of a live folder, valid while none of these has been touched. Paths are those of its tree; '' is
    its root. */
export interface Memory {
  /** What was computed (`made`) from the text `of` and from files; undefined where nothing was, `of` is another now, or a file may be another now. */
  recall(about: string, of: string): string | undefined
  /** To be called after `recall` had nothing, with what was computed since then. */
  keep(about: string, made: Made & From): void
}

interface Made {
  of: string
  made: string
}

/** What was read of the tree for it: files and folders' own lists of names (`read`), or places with everything in them (`listed`). */
type From = { read: readonly string[] } | { listed: readonly string[] }

/** A memory as the tree of the folder has it. */
export interface FolderMemory {
  recall: Memory['recall']
  /** `marks`: of everything that was read, by path, taken before it was read. */
  keep(about: string, made: Made & { marks: Marks }): void
  /** The names in a folder as they were kept; undefined where others may have come. */
  names(folder: string): string | undefined
  /** To be called after `names` had nothing, with names that were read after the first `look` at the folder. */
  keepNames(folder: string, names: string): void
  /** The mark of a path as it was when this command first asked. To be called before anything there is read. */
  look(path: string): Mark | undefined
}

/** By path. */
export type Marks = ReadonlyMap<string, Mark>
