import path from 'node:path'
import type { Disk } from '../../model/disk.js'
import { fail, onError } from '../../model/errors.js'
import { getOrMake } from '../../model/maps.js'
import { isCommit } from '../../model/registry.js'
import { inShell } from '../../model/text.js'
import type { Reach } from '../../model/transport.js'
import { diskFs } from './disk-fs.js'
import type { Engine } from './engine.js'
import { type Isomorphic, isomorphic, logIn, readerOf, unreadable } from './isomorphic.js'
import { damagedAt, gitDirOf } from './local.js'
import { type Advertised, parseAdvertised } from './refs.js'

/** A repository on this machine, read where it lies. */
export function localEmbedded(at: string, reach: Reach): Engine {
  const { registry } = reach
  const gitdir = gitDirOf(at, reach)
  const reader = readerOf(gitdir, reach)
  const sound = <T>(act: () => Promise<T>) => onError(['E_CACHE'], act, (e) => damagedAt(at, reach, e))
  const absent = (id: string) => fail('E_REF', `${registry.name} has no object ${id}`)
  return {
    refs: () => sound(() => localRefs(gitdir, reach).catch(unreadable)),
    fetchCommit: async (commit) => absent(commit),
    fetchBlobs: async ([id = '']) => absent(id),
    local: (ids) => reader.read(ids),
    log: (commit, under) => sound(() => logIn(gitdir, commit, { under, reach })),
    drop: () => damagedAt(at, reach),
  }
}

/** Throws E_REGISTRY_UNAVAILABLE where a ref names no object: were it left out, another version might be taken. `packed-refs` is read
    once (the package would read it for each ref), and after the loose refs were listed: a ref that git packs meanwhile is in one of the two. */
async function localRefs(gitdir: string, reach: Reach): Promise<Advertised> {
  const { disk } = reach
  const git = await isomorphic()
  const at = { fs: diskFs(disk), gitdir, cache: {} }
  const loose = new Set(['refs/heads', 'refs/tags'].flatMap((folder) => [...filesBelow(disk, gitdir, folder)]))
  const packed = parseAdvertised(disk.text(path.join(gitdir, 'packed-refs')) ?? '')
  const idOf = async (ref: string) => {
    const own = loose.has(ref) ? disk.text(path.join(gitdir, ref))?.trim() : undefined
    const id = own ?? packed.get(ref) ?? ''
    return isCommit(id) ? id : git.resolveRef({ ...at, ref }).catch(() => noneOf(ref, gitdir, reach))
  }
  const leads = new Map<string, Promise<string>>()
  const lines: string[] = []
  for (const ref of ['HEAD', ...new Set([...loose, ...packed.keys()].sort())]) {
    const id = await idOf(ref)
    if (id !== undefined) lines.push(`${await getOrMake(leads, id, () => peeled(git, id, at))} ${ref}\n`)
  }
  return parseAdvertised(lines.join(''))
}

/** Like git, without what can be no ref: a lock, and what starts with a dot. */
function* filesBelow(disk: Disk, gitdir: string, folder: string): Generator<string> {
  const refs = disk.names(path.join(gitdir, folder)).filter(({ name }) => !/^\.|\.lock$/.test(name))
  for (const { name, type } of refs)
    if (type === 'folder') yield* filesBelow(disk, gitdir, `${folder}/${name}`)
    else if (type === 'file') yield `${folder}/${name}`
}

/** A ref that leads to a missing ref is no error: HEAD does in a repository without commits. */
function noneOf(ref: string, gitdir: string, { disk, registry }: Reach): undefined {
  const text = disk.text(path.join(gitdir, ref))
  if (text === undefined || text.startsWith('ref:')) return undefined
  fail('E_REGISTRY_UNAVAILABLE', `${registry.name}: ${gitdir} has a bad ref: ${ref}`, {
    hint: `see what is in it: git -C ${inShell(gitdir)} show-ref`,
  })
}

/** The commit that an annotated tag leads to. */
async function peeled(
  git: Isomorphic,
  oid: string,
  at: { fs: ReturnType<typeof diskFs>; gitdir: string; cache: object },
): Promise<string> {
  const { type, object } = await git.readObject({ ...at, oid })
  return type === 'tag' ? peeled(git, (object as { object: string }).object, at) : oid
}
