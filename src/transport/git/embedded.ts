import type { HttpClient } from 'isomorphic-git'
import { fail, HaalError } from '../../model/errors.js'
import type { Reach } from '../../model/transport.js'
import { offline } from '../fresh.js'
import { diskFs } from './disk-fs.js'
import { type Engine, largestObject, type RawObject, type Reader } from './engine.js'
import { gitDirOf } from './local.js'
import { type Advertised, parseAdvertised } from './refs.js'
import { openStores } from './stores.js'
import { told } from './trouble.js'
import type { Asker, Remote } from './url.js'
import { webOf } from './web.js'

export interface Embedding {
  remote: Remote
  asker: Asker
  reach: Reach
  /** The folder with the store. */
  base: string
}

/** isomorphic-git, loaded when it is first needed: for machines without git. It speaks http(s) and reads repositories that lie here;
    it fetches whole commits, and none of its checks is relied on. */
export async function embeddedEngine(embedding: Embedding): Promise<Engine> {
  const { remote, reach } = embedding
  if (remote.kind === 'ssh')
    return fail(
      'E_TRANSPORT',
      `${reach.registry.name}: addresses of ssh need git 2.25 or newer, which is not installed`,
      {
        hint: 'install git, or use the https address of the repository',
      },
    )
  return remote.kind === 'local' ? localEmbedded(remote.path, reach) : webEmbedded(remote, embedding)
}

type Isomorphic = Awaited<ReturnType<typeof isomorphic>>

/** A CommonJS package: whoever bundles or imports it, its functions are on `default`. */
const isomorphic = async () => (await import('isomorphic-git')).default

/** Every fetch brings a whole commit and leaves a pack; past this many the store is begun anew. */
const mostPacks = 10
const wholeHistory = 2_147_483_647

function webEmbedded(remote: Extract<Remote, { kind: 'http' }>, { asker, reach, base }: Embedding): Engine {
  const { disk, registry, emit } = reach
  const stores = openStores(disk, base, (dir) => readerOf(dir, reach))
  const asked = async <T>(ask: (git: Isomorphic, http: HttpClient) => Promise<T>): Promise<T> => {
    if (reach.offline) return offline(reach)
    const key = `git ${registry.name}`
    emit({ type: 'start', what: `fetching ${registry.name}`, key })
    try {
      return await ask(await isomorphic(), webOf({ remote, asker, reach }))
    } catch (e) {
      throw e instanceof HaalError ? e : told('unknown', (e as Error).message, reach)
    } finally {
      emit({ type: 'end', key })
    }
  }
  const isHere = async (commit: string) => (await stores.read([commit]))[0] !== undefined
  const bring = (commit: string, depth: number) =>
    asked(async (git, http) => {
      if (stores.packs(stores.make('full', commit)) >= mostPacks) stores.drop(reach.now())
      const gitdir = stores.make('full', commit)
      const fetch = (want: object) =>
        git.fetch({ fs: diskFs(disk), http, gitdir, remote: 'embedded', url: remote.url, ...want })
      await fetch({ ref: commit, remoteRef: commit, depth, singleBranch: true, tags: false })
      if (!(await isHere(commit))) await fetch({ depth: wholeHistory, tags: true })
      if (!(await isHere(commit)))
        fail('E_REF', `${registry.name} has no commit ${commit}`, { hint: 'the repository may have been rewritten' })
      return gitdir
    })
  return {
    refs: () =>
      asked(async (git, http) => {
        const refs = await git.listServerRefs({ http, url: remote.url, protocolVersion: 2, peelTags: true })
        return parseAdvertised(refs.map(({ ref, oid, peeled }) => `${peeled ?? oid} ${ref}\n`).join(''))
      }),
    fetchCommit: async (commit) => void (await bring(commit, 1)),
    fetchBlobs: async (_ids, commit) => void (await bring(commit, 1)),
    local: (ids) => stores.read(ids),
    log: async function* (commit, under) {
      const deep = stores.existing(commit).find((dir) => !stores.isShallow(dir))
      yield* await logIn(deep ?? (await bring(commit, wholeHistory)), commit, { under, reach })
    },
    drop: () => !reach.offline && stores.drop(reach.now()),
    close: () => stores.close(),
  }
}

function localEmbedded(at: string, reach: Reach): Engine {
  const { registry } = reach
  const gitdir =
    gitDirOf(reach.disk, at) ?? fail('E_REGISTRY_UNAVAILABLE', `${registry.name}: ${at} is not a git repository`)
  const reader = readerOf(gitdir, reach)
  const absent = (id: string) => fail('E_REF', `${registry.name} has no object ${id}`)
  return {
    refs: () => localRefs(gitdir, reach),
    fetchCommit: async (commit) => absent(commit),
    fetchBlobs: async ([id = '']) => absent(id),
    local: (ids) => reader.read(ids),
    log: async function* (commit, under) {
      yield* await logIn(gitdir, commit, { under, reach })
    },
    drop: () => false,
    close: () => reader.end(),
  }
}

function readerOf(gitdir: string, { disk }: Reach): Reader {
  const fs = diskFs(disk)
  let cache = {}
  const one = async (git: Isomorphic, oid: string): Promise<RawObject | undefined> => {
    try {
      const { type, object } = await git.readObject({ fs, gitdir, oid, format: 'content', cache })
      const bytes = object as Uint8Array
      return { type: type as string, size: bytes.length, ...(bytes.length <= largestObject && { bytes }) }
    } catch (e) {
      if (e instanceof HaalError) throw e
      if ((e as { code?: string }).code === 'NotFoundError') return undefined
      return fail('E_CACHE', 'the stored copy of a git repository is damaged', { cause: e })
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
    },
  }
}

async function localRefs(gitdir: string, { disk }: Reach): Promise<Advertised> {
  const git = await isomorphic()
  const fs = diskFs(disk)
  const names = async (filepath: string) =>
    (await git.listRefs({ fs, gitdir, filepath })).map((name) => `${filepath}/${name}`)
  const all = ['HEAD', ...(await names('refs/heads')), ...(await names('refs/tags'))]
  const lines = await Promise.all(
    all.map(async (ref) => {
      const oid = await git.resolveRef({ fs, gitdir, ref }).catch(() => undefined)
      return oid === undefined ? '' : `${await peeled(git, oid, { fs, gitdir })} ${ref}\n`
    }),
  )
  return parseAdvertised(lines.join(''))
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

async function logIn(
  gitdir: string,
  ref: string,
  { under, reach }: { under: string; reach: Reach },
): Promise<string[]> {
  const git = await isomorphic()
  const below = under === '' ? {} : { filepath: under, force: true }
  return (await git.log({ fs: diskFs(reach.disk), gitdir, ref, ...below, cache: {} })).map(({ oid }) => oid)
}
