import path from 'node:path'
import { fail, onError } from '../../model/errors.js'
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
  const gitdir =
    gitDirOf(reach.disk, at) ?? fail('E_REGISTRY_UNAVAILABLE', `${registry.name}: ${at} is not a git repository`)
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

/** Throws E_REGISTRY_UNAVAILABLE where a ref names no object: as if it were not there, another version might come in its place. */
async function localRefs(gitdir: string, reach: Reach): Promise<Advertised> {
  const { disk } = reach
  const git = await isomorphic()
  const fs = diskFs(disk)
  const names = async (filepath: string) =>
    (await git.listRefs({ fs, gitdir, filepath })).map((name) => `${filepath}/${name}`)
  const all = ['HEAD', ...(await names('refs/heads')), ...(await names('refs/tags'))]
  const lines = await Promise.all(
    all.map(async (ref) => {
      const oid = await git.resolveRef({ fs, gitdir, ref }).catch(() => noneOf(ref, gitdir, reach))
      return oid === undefined ? '' : `${await peeled(git, oid, { fs, gitdir })} ${ref}\n`
    }),
  )
  return parseAdvertised(lines.join(''))
}

/** A ref that stands for another one that is not there, as in a repository without commits, is no error. */
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
  at: { fs: ReturnType<typeof diskFs>; gitdir: string },
): Promise<string> {
  const { type, object } = await git.readObject({ ...at, oid })
  return type === 'tag' ? peeled(git, (object as { object: string }).object, at) : oid
}
