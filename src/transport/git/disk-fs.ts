import path from 'node:path'
import type { Disk, Stat } from '../../model/disk.js'

/** The file system as the embedded git wants it, over haal's disk: what a bare repository needs, and neither links nor modes. */
export function diskFs(disk: Disk) {
  const statOf = (at: string) => {
    const stat = disk.stat(path.resolve(at))
    return stat === undefined ? absent(at) : statsOf(stat)
  }
  return {
    promises: {
      readFile: async (at: string, options?: string | { encoding?: string }) => {
        const file = path.resolve(at)
        if (disk.stat(file)?.type !== 'file') return absent(at)
        const bytes = disk.read(file)
        const encoding = typeof options === 'string' ? options : options?.encoding
        return encoding === 'utf8' ? Buffer.from(bytes).toString('utf8') : bytes
      },
      writeFile: async (at: string, bytes: Uint8Array | string) => {
        const file = path.resolve(at)
        disk.mkdir(path.dirname(file))
        disk.write(`${file}.new`, bytes)
        disk.rename(`${file}.new`, file)
      },
      unlink: async (at: string) => void (disk.remove(path.resolve(at)) || absent(at)),
      rmdir: async (at: string) => void (disk.remove(path.resolve(at)) || absent(at)),
      mkdir: async (at: string) => void disk.mkdir(path.resolve(at)),
      readdir: async (at: string) => disk.names(path.resolve(at)).map(({ name }) => name),
      stat: async (at: string) => statOf(at),
      lstat: async (at: string) => statOf(at),
      readlink: async (at: string) => absent(at),
      symlink: async (_target: string, at: string) => absent(at),
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

/** The code by which it tells that something is not there. */
function absent(at: string): never {
  throw Object.assign(new Error(`${at} is not there`), { code: 'ENOENT' })
}
