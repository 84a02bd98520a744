import { fail, HaalError } from '../../model/errors.js'
import type { Reach } from '../../model/transport.js'
import { diskFs, objectsFs } from './disk-fs.js'
import { largestObject, type RawObject, type Reader } from './engine.js'

export type Isomorphic = Awaited<ReturnType<typeof isomorphic>>

/** isomorphic-git, loaded when it is first needed. A CommonJS package: whoever bundles or imports it, its functions are on `default`. */
export const isomorphic = async () => (await import('isomorphic-git')).default

/** Reads the objects of a repository. None of the package's own checks is relied on. */
export function readerOf(gitdir: string, { disk }: Reach): Reader {
  let fs = objectsFs(disk, gitdir)
  let cache = {}
  const one = async (git: Isomorphic, oid: string): Promise<RawObject | undefined> => {
    try {
      const { type, object } = await git.readObject({ fs, gitdir, oid, format: 'content', cache })
      const bytes = object as Uint8Array
      return { type, size: bytes.length, ...(bytes.length <= largestObject && { bytes }) }
    } catch (e) {
      if ((e as { code?: string }).code === 'NotFoundError') return undefined
      return unreadable(e)
    }
  }
  return {
    read: async (ids) => {
      const git = await isomorphic()
      const objects: (RawObject | undefined)[] = []
      for (const id of ids) objects.push(await one(git, id))
      return objects
    },
    end: () => {
      cache = {}
      fs = objectsFs(disk, gitdir)
    },
  }
}

/** Commits that touched a path, newest first. Throws E_CACHE where the repository is damaged. */
export async function logIn(
  gitdir: string,
  ref: string,
  { under, reach }: { under: string; reach: Reach },
): Promise<string[]> {
  const git = await isomorphic()
  const below = under === '' ? {} : { filepath: under, force: true }
  const log = git.log({ fs: diskFs(reach.disk), gitdir, ref, ...below, cache: {} })
  return (await log.catch(unreadable)).map(({ oid }) => oid)
}

/** The package and what it stands on throw errors of many sorts for bytes that are not as git writes them. */
export function unreadable(e: unknown): never {
  if (e instanceof HaalError) throw e
  return fail('E_CACHE', 'the stored copy of a git repository is damaged', { cause: e })
}
