import type { Mark } from './disk.js'

/** What earlier commands made of the files of a live folder, for as long as none of them has been touched since. Paths are those of its tree;
    '' is its root. */
export interface Memory {
  /** What was made of `of` and of files; undefined where it was made of another, one of the files may be another now, or nobody made it. */
  recall(about: string, of: string): string | undefined
  /** To be called after `recall` had nothing, with what was made since then. */
  keep(about: string, made: Made & From): void
}

interface Made {
  of: string
  made: string
}

/** What the tree was asked for it: files that were read and folders whose names were, or places that were listed with everything in them. */
type From = { read: readonly string[] } | { listed: readonly string[] }

/** A memory as the tree of the folder has it. */
export interface FolderMemory {
  recall: Memory['recall']
  /** `marks`: of everything that was read, by its path, from before that. */
  keep(about: string, made: Made & { marks: Marks }): void
  /** The names in a folder as somebody put them down; undefined where others may have come. */
  names(folder: string): string | undefined
  /** To be called after `names` had nothing, with names that were read after the first `look` at the folder. */
  keepNames(folder: string, names: string): void
  /** What lies at a path when this command first asks. To be called before anything of it is read. */
  look(path: string): Mark | undefined
}

/** By path. */
export type Marks = ReadonlyMap<string, Mark>
