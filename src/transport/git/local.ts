import path from 'node:path'
import type { Disk } from '../../model/disk.js'
import { fail } from '../../model/errors.js'
import { pathHint } from '../../model/registry.js'
import { inShell } from '../../model/text.js'
import type { Reach } from '../../model/transport.js'

/** The folder with the refs and objects of a repository on this machine. Throws E_REGISTRY_UNAVAILABLE where there is none. */
export function gitDirOf(at: string, { disk, registry }: Reach): string {
  const plain = 'a folder that has a "ref" or "branch" is read as a git repository: for a plain one leave that out'
  return (
    gitDirIn(disk, at) ??
    fail('E_REGISTRY_UNAVAILABLE', `${registry.name}: ${at} is not a git repository`, {
      hint: disk.stat(at) === undefined ? pathHint(registry) : registry.ref && plain,
    })
  )
}

/** The repository itself where it is bare, its `.git`, or what a `.git` file names. */
function gitDirIn(disk: Disk, at: string): string | undefined {
  const inner = path.join(at, '.git')
  const named = disk.stat(inner)?.type === 'file' ? /^gitdir: (.+)$/m.exec(disk.text(inner) ?? '')?.[1] : undefined
  return [at, inner, ...(named === undefined ? [] : [path.resolve(at, named)])].find((dir) => looksBare(disk, dir))
}

/** Of a repository that lies here nothing is stored that could be fetched again: its owner has to mend it. */
export function damagedAt(at: string, { registry }: Reach, cause?: unknown): never {
  return fail('E_REGISTRY_UNAVAILABLE', `${registry.name}: the git repository ${at} is damaged`, {
    hint: `see what is wrong with it: git -C ${inShell(at)} fsck`,
    cause,
  })
}

/** A work tree that was added to another repository has its HEAD and shares the rest. */
function looksBare(disk: Disk, dir: string): boolean {
  const has = (name: string, type: string) => disk.stat(path.join(dir, name))?.type === type
  return has('HEAD', 'file') && (has('objects', 'folder') || has('commondir', 'file'))
}
