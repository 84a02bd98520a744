/** What lies at a path, links not followed. Times in nanoseconds. */
export interface Stat {
  type: 'file' | 'folder' | 'link' | 'other'
  mode: number
  /** 0 for everything on Windows. */
  owner: number
  size: number
  ino: bigint
  dev: bigint
  mtime: bigint
  ctime: bigint
}

/** A file that has not been touched keeps its mark. Only for comparing: the numbers mean nothing by themselves. */
export type Mark = readonly [number, number, number, number, number]

/** The type of the thing that has this mark. */
export function typeOfMark(mark: Mark): Stat['type'] {
  return typeOfMode(mark[0])
}

/** By the type bits of a mode, which git uses too. Its submodule (160000) is another repository, never followed: 'other'. */
export function typeOfMode(mode: number): Stat['type'] {
  return types.get(mode & 0o170000) ?? 'other'
}

const types: ReadonlyMap<number, Stat['type']> = new Map([
  [0o100000, 'file'],
  [0o040000, 'folder'],
  [0o120000, 'link'],
])

export interface Named {
  name: string
  type: Stat['type']
}

/** The only way to the file system. Synchronous: for the many small files of artifacts that is several times faster than
    promises, and nothing can come between two steps of a commit. Paths are absolute and native.
    Every method throws HaalError E_DISK naming the path, except where an absent thing answers undefined or []. */
export interface Disk {
  stat(path: string): Stat | undefined
  /** Type and mode, size, inode, mtime and ctime as plain numbers, for comparing many: several times faster than `stat`. Links are not
      followed; undefined where nothing is there. */
  mark(path: string): Mark | undefined
  /** The marks of these names in a folder ('' is the folder itself; deeper names have `/`), all numbers in one list; undefined where one is not
      there. */
  marks(folder: string, names: readonly string[]): readonly number[] | undefined
  /** Whether each of these names has the mark that was kept of it. `kept` is a list as `marks` gives it, in which the first mark starts at `from`.
      Several times faster than `mark` for each. */
  areMarked(folder: string, names: readonly string[], marks: { kept: ArrayLike<number>; from: number }): boolean
  /** A prefix for paths to what lies in a folder. It is relative where the folder is this process's own or below it, because the system looks up a
      short path in half the time. To be used at once: a folder may be renamed. */
  near(folder: string): string
  /** Names in a folder, sorted by code unit; [] where it does not exist. */
  names(path: string): Named[]
  /** The same names without types and in no order, in a third of the time. */
  inside(path: string): string[]
  read(path: string): Uint8Array
  /** Calls `see` with every file below a folder: its name with `/`, and its bytes, which are valid only during that call. false where there is no
      folder, something in it is neither file nor folder, or a file is larger than `longest`. Links are not followed. */
  readBelow(
    folder: string,
    longest: number,
    see: (file: { name: string; mode: number; bytes: Uint8Array }) => void,
  ): boolean
  /** All bytes of a file, or its size where that is more than `most`; undefined where no file is there. No link is followed. */
  readUpTo(path: string, most: number): Uint8Array | number | undefined
  /** A slice of a file, without reading the rest. */
  readAt(path: string, offset: number, length: number): Uint8Array
  /** The first `size` bytes of a file, and its mark when they had been read. No link is followed. */
  readMarked(path: string, size: number): { bytes: Uint8Array; mark: Mark }
  /** undefined where there is no such file. */
  text(path: string): string | undefined
  /** Where a link leads in the end; undefined where nothing is there. */
  real(path: string): string | undefined
  /** Throws where nothing may be made in a folder, and leaves nothing there. */
  probe(path: string): void

  /** Makes a folder and its parents; answers those that were missing, outermost first. */
  mkdir(path: string): string[]
  /** Creates or replaces a file. A link that lies there is replaced, not followed. */
  write(path: string, bytes: Uint8Array | string, mode?: number): void
  /** Creates a file that must not exist yet; false where it does. */
  create(path: string, bytes: Uint8Array | string): boolean
  append(path: string, bytes: Uint8Array | string): void
  rename(from: string, to: string): void
  /** Removes a file, a link, or an empty folder; false where there was nothing, or the folder was not empty. */
  remove(path: string): boolean
  /** A link to a folder (a junction on Windows). */
  link(target: string, path: string): void
  /** Waits until a file's bytes (or a folder's names) are on the medium. */
  flush(path: string): void
  /** Sets a file's times to now: a sign of life. */
  touch(path: string): void
}
