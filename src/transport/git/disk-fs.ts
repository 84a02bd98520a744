import { randomUUID } from 'node:crypto'
import path from 'node:path'
import type { Disk, Stat } from '../../model/disk.js'

/** The file system as the embedded git wants it, over haal's disk: what a bare repository needs, and neither links nor modes. */
export function diskFs(disk: Disk) {
  const statOf = (at: string) => {
    const stat = disk.stat(path.resolve(at))
    return stat === undefined ? absent() : statsOf(stat)
  }
  return {
    promises: {
      /** Asked for nothing, too: that is how isomorphic-git finds out whether it answers a promise. */
      readFile: async (at?: string, options?: string | { encoding?: string }) => {
        const file = at === undefined ? '' : path.resolve(at)
        if (file === '' || disk.stat(file)?.type !== 'file') return absent()
        const bytes = disk.read(file)
        const encoding = typeof options === 'string' ? options : options?.encoding
        return encoding === 'utf8' ? Buffer.from(bytes).toString('utf8') : bytes
      },
      /** Another haal may write the same file meanwhile. */
      writeFile: async (at: string, bytes: Uint8Array | string) => {
        const file = path.resolve(at)
        disk.mkdir(path.dirname(file))
        const temporary = `${file}.${randomUUID()}.new`
        disk.write(temporary, bytes)
        disk.rename(temporary, file)
      },
      unlink: async (at: string) => void (disk.remove(path.resolve(at)) || absent()),
      rmdir: async (at: string) => void (disk.remove(path.resolve(at)) || absent()),
      mkdir: async (at: string) => void disk.mkdir(path.resolve(at)),
      readdir: async (at: string) => disk.names(path.resolve(at)).map(({ name }) => name),
      stat: async (at: string) => statOf(at),
      lstat: async (at: string) => statOf(at),
      readlink: async () => absent(),
      symlink: async () => absent(),
    },
  }
}

function statsOf({ type, mode, size, mtime, ctime }: Stat) {
  return {
    mode,
    size,
    mtimeMs: Number(mtime / 1_000_000n),
    ctimeMs: Number(ctime / 1_000_000n),
    isFile: () => type === 'file',
    isDirectory: () => type === 'folder',
    isSymbolicLink: () => type === 'link',
  }
}

/** The code by which it tells that something is not there. One for all: it asks for much that is not there, and to make an error takes longer
    than to look. */
const notThere = Object.assign(new Error('not there'), { code: 'ENOENT' })

function absent(): never {
  throw notThere
}

type Fs = ReturnType<typeof diskFs>

/** The same for reading objects alone: a folder of loose objects is looked for once, and not once an object. */
export function objectsFs(disk: Disk, gitdir: string): Fs {
  const { promises } = diskFs(disk)
  let loose: Set<string> | undefined
  const mayBeThere = (at: string) => {
    const [, folder] = /[\\/]objects[\\/]([0-9a-f]{2})[\\/][0-9a-f]+$/.exec(at) ?? []
    loose ??= new Set(disk.names(path.join(gitdir, 'objects')).map(({ name }) => name))
    return folder === undefined || loose.has(folder)
  }
  return {
    promises: {
      ...promises,
      readFile: async (at, options) => (at === undefined || mayBeThere(at) ? promises.readFile(at, options) : absent()),
    },
  }
}
