import path from 'node:path'
import type { HttpClient } from 'isomorphic-git'
import { fail, HaalError } from '../../model/errors.js'
import { isCommit } from '../../model/registry.js'
import type { Reach } from '../../model/transport.js'
import { offline } from '../fresh.js'
import { diskFs } from './disk-fs.js'
import { localEmbedded } from './embedded-local.js'
import { type Engine, wholeHistory } from './engine.js'
import { type Isomorphic, isomorphic, logIn, readerOf } from './isomorphic.js'
import type { Calling } from './redirect.js'
import { type Advertised, demandRefs, noCommit, parseAdvertised } from './refs.js'
import { openStores, type Stores } from './stores.js'
import { gitError } from './trouble.js'
import type { Asker, Remote, WebRemote } from './url.js'
import { webOf } from './web.js'

interface Embedding {
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
  if (remote.kind === 'ssh') return noSsh(reach)
  return remote.kind === 'local' ? localEmbedded(remote.path, reach) : webEmbedded(remote, embedding)
}

function noSsh({ registry, env: { HAAL_GIT } }: Reach): never {
  const needed = `${registry.name}: addresses of ssh need git 2.25 or newer`
  const [why, mend] =
    HAAL_GIT === 'embedded'
      ? ['and HAAL_GIT is "embedded"', 'unset HAAL_GIT']
      : ['which is not installed', 'install git']
  return fail('E_TRANSPORT', `${needed}, ${why}`, { hint: `${mend}, or use the https address of the repository` })
}

/** Every fetch brings a whole commit and leaves a pack; past this many the store is begun anew. */
const mostPacks = 10

type Ask = <T>(ask: (git: Isomorphic, http: HttpClient) => Promise<T>) => Promise<T>

function webEmbedded(remote: WebRemote, { asker, reach, base }: Embedding): Engine {
  const stores = openStores(reach, base, (dir) => readerOf(dir, reach))
  const ask = askThrough({ remote, asker, reach })
  const bring = (commit: string, depth: number) => fetched(commit, depth, { url: remote.url, reach, stores, ask })
  return {
    head: () => headOf({ url: remote.url, reach, stores, ask }),
    refs: () => ask((git, http) => listed(git, { http, url: remote.url })),
    fetchCommit: async (commit) => void (await bring(commit, 1)),
    fetchBlobs: async (_ids, commit) => void (await bring(commit, 1)),
    local: (ids) => stores.read(ids),
    log: async (commit, under) => {
      const isHere = (await stores.read([commit]))[0] !== undefined
      const known = stores.existing(commit).find((dir) => isHere && !stores.isShallow(dir))
      return logIn(known ?? (await bring(commit, wholeHistory)), commit, { under, reach })
    },
    drop: () => {
      if (!reach.offline) stores.drop()
      return !reach.offline
    },
  }
}

async function listed(git: Isomorphic, { http, url }: { http: HttpClient; url: string }): Promise<Advertised> {
  const refs = await git.listServerRefs({ http, url, protocolVersion: 2, peelTags: true })
  return parseAdvertised(refs.map(({ ref, oid, peeled }) => `${peeled ?? oid} ${ref}\n`).join(''))
}

function askThrough(calling: Calling): Ask {
  const { reach } = calling
  const key = `git ${reach.registry.name}`
  return async (ask) => {
    if (reach.offline) return offline(reach)
    reach.emit({ type: 'start', what: `fetching ${reach.registry.name}`, key })
    try {
      return await ask(await isomorphic(), webOf(calling))
    } catch (e) {
      throw e instanceof HaalError ? e : gitError('unknown', (e as Error).message, reach)
    } finally {
      reach.emit({ type: 'end', key })
    }
  }
}

interface Fetching {
  url: string
  reach: Reach
  stores: Stores
  ask: Ask
}

/** Fetches HEAD into a new store, and answers its commit; undefined where a store is there. */
async function headOf({ url, reach, stores, ask }: Fetching): Promise<string | undefined> {
  if (stores.existing('').length > 0) return undefined
  const fetch = (git: Isomorphic, http: HttpClient) => async (gitdir: string) => {
    const at = { fs: diskFs(reach.disk), http, gitdir, remote: 'embedded', url }
    const want = { ref: 'HEAD', remoteRef: 'HEAD', depth: 1, singleBranch: true, tags: false }
    const { fetchHead } = await git.fetch({ ...at, ...want }).catch(headless)
    if (fetchHead !== null) noteNewest(gitdir, fetchHead, reach)
    return fetchHead ?? undefined
  }
  return ask((git, http) => inStore('', stores, fetch(git, http)))
}

function headless(e: unknown): { fetchHead: null } {
  if ((e as { code?: string }).code === 'NotFoundError') return { fetchHead: null }
  throw e
}

/** Brings a commit, or everything where the server gives only branches and tags. Answers the store. */
function fetched(commit: string, depth: number, { url, reach, stores, ask }: Fetching): Promise<string> {
  const isHere = async () => (await stores.read([commit]))[0] !== undefined
  const bring = (git: Isomorphic, http: HttpClient) => async (gitdir: string) => {
    const fetch = (want: object) =>
      git.fetch({ fs: diskFs(reach.disk), http, gitdir, remote: 'embedded', url, ...want })
    await fetch({ ref: newestBut(commit, gitdir, reach), remoteRef: commit, depth, singleBranch: true, tags: false })
    if (!(await isHere())) await fetch({ depth: wholeHistory, tags: true })
    if (await isHere()) {
      noteNewest(gitdir, commit, reach)
      return gitdir
    }
    demandRefs(await listed(git, { http, url }), reach.registry)
    return noCommit(commit, reach.registry.name)
  }
  return ask((git, http) => {
    if (stores.packs(stores.make('full', commit)) >= mostPacks) stores.drop()
    return inStore(commit, stores, bring(git, http))
  })
}

/** Works in the store for a commit; again where another haal has removed or replaced that store meanwhile. */
async function inStore<T>(commit: string, stores: Stores, act: (gitdir: string) => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    const gitdir = stores.make('full', commit)
    const made = stores.madeAt(gitdir)
    try {
      return await act(gitdir)
    } catch (e) {
      if (tries === 3 || stores.madeAt(gitdir) === made) throw e
    }
  }
}

const newestFile = 'newest'

function noteNewest(gitdir: string, commit: string, { disk }: Reach): void {
  disk.write(path.join(gitdir, newestFile), `${commit}\n`)
}

/** The commit that was fetched last: `fetch` names it to the server, which then sends only what is new. Not where it is the wanted commit itself:
    something of that is missing here. */
function newestBut(commit: string, gitdir: string, { disk }: Reach): string {
  const newest = disk.text(path.join(gitdir, newestFile))?.trim() ?? ''
  return newest !== commit && isCommit(newest) ? newest : 'none'
}
