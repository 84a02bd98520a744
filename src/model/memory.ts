import type { Mark } from './disk.js'

/** What earlier commands made of the files of a live folder, for as long as none of them has been touched since. Paths are those of its tree;
    '' is its root. */
export interface Memory {
  /** What was made of `of` and of files; undefined where it was made of another, one of the files may be another now, or nobody made it. */
  recall(about: string, of: string): string | undefined
  /** To be called after `recall` had nothing. `from`: all files and folders that were read since then; a folder that was listed stands for
      everything in it. */
  keep(about: string, made: Made): void
}

interface Made {
  of: string
  made: string
  from: readonly string[]
}

/** A memory as the tree of the folder has it. */
export interface FolderMemory extends Memory {
  /** What lies at a path when this command first asks. To be called before anything of it is read. */
  look(path: string): Mark | undefined
  /** Whoever has looked at a path for another reason tells it here; what was seen first counts. */
  saw(path: string, mark: Mark): void
}
