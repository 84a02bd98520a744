import path from 'node:path'
import type { Disk } from '../../model/disk.js'

/** The folder with a repository's refs and objects: the repository itself where it is bare, its `.git`, or what a `.git` file names. */
export function gitDirOf(disk: Disk, at: string): string | undefined {
  const inner = path.join(at, '.git')
  const named = disk.stat(inner)?.type === 'file' ? /^gitdir: (.+)$/m.exec(disk.text(inner) ?? '')?.[1] : undefined
  return [at, inner, ...(named === undefined ? [] : [path.resolve(at, named)])].find((dir) => looksBare(disk, dir))
}

/** A work tree that was added to another repository has its HEAD and shares the rest. */
function looksBare(disk: Disk, dir: string): boolean {
  const has = (name: string, type: string) => disk.stat(path.join(dir, name))?.type === type
  return has('HEAD', 'file') && (has('objects', 'folder') || has('commondir', 'file'))
}
