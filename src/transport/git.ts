import { dirname } from 'node:path'
import { findProgram, run } from '../io/process.js'
import { fail, HaalError, onError } from '../model/errors.js'
import { askOnce, getOrMake } from '../model/maps.js'
import { isCommit, type Locator, sameLocator } from '../model/registry.js'
import type { Reach, Tagged, Transport } from '../model/transport.js'
import { atEnd } from './endings.js'
import { cacheKey, fresh } from './fresh.js'
import { callerFor, type Program } from './git/caller.js'
import type { Engine } from './git/engine.js'
import { openObjects } from './git/objects.js'
import { pinnedTo } from './git/pinned.js'
import { redirectedRemote } from './git/redirect.js'
import { type Advertised, checkRef, chosen, demandRefs, parseAdvertised, printAdvertised, tagsOf } from './git/refs.js'
import { systemEngine } from './git/system.js'
import { localEngine } from './git/system-local.js'
import { gitTree } from './git/tree.js'
import { type Asker, type Remote, remoteOf } from './git/url.js'

type At = Extract<Locator, { via: 'git' }>

/** A git repository, through the system's git where it is installed and the embedded one where it is not, or where HAAL_GIT says so. A revision
    is a commit id. Objects are read and checked, never checked out; nothing that a repository holds is ever run. */
export const git: Transport<At> = {
  via: 'git',
  pin: async (at, ref, reach) => {
    if (ref !== undefined) checkRef(ref, reach.registry.name)
    if (ref !== undefined && isCommit(ref)) return { at, id: ref }
    if (ref === undefined || ref === 'HEAD') return { at, id: await headOf(at, reach) }
    return { at, id: chosen(await advertised(at, reach, ref), ref, reach.registry.name) }
  },
  open: async (revision, reach) => {
    const { id, at } = revision
    if (!isCommit(id)) fail('E_REF', `${reach.registry.name}: ${JSON.stringify(id.slice(0, 100))} is not a commit id`)
    const { engine } = await repository(at, reach)
    const objects = openObjects(engine, { commit: id, registry: reach.registry.name })
    return gitTree({ at, id }, objects, reach.broad ? [] : reach.likely)
  },
  versions: async (at, reach) => tagsOf(await advertised(at, reach)),
  async *history(revision, path, reach): AsyncGenerator<Tagged> {
    const { engine } = await repository(revision.at, reach)
    for (const id of await touched(engine, revision.id, path)) yield { name: id, id }
  },
}

/** Commits that touched a path. What is stored is fetched again where it is damaged, once. */
async function touched(engine: Engine, commit: string, path: string): Promise<readonly string[]> {
  const dropped = (e: HaalError) => {
    if (!engine.drop()) throw e
  }
  const ask = () => engine.log(commit, path)
  return (await onError(['E_CACHE'], ask, dropped)) ?? ask()
}

/** A repository as one registry sees it. */
interface Repository {
  remote: Remote
  engine: Engine
}

const perReach = new WeakMap<Reach, Map<string, Promise<Repository>>>()

function repository(at: At, reach: Reach): Promise<Repository> {
  const known = getOrMake(perReach, reach, () => new Map<string, Promise<Repository>>())
  return getOrMake(known, at.url, () => opened(at, reach))
}

async function opened(at: At, asking: Reach): Promise<Repository> {
  const reach = untilTheEnd(asking)
  const asker = askerOf(at, reach)
  const remote = remoteOf(at.url, asker)
  const program = await installedGit(reach)
  const base = reach.cache.folder(cacheKey(at, program ? 'repository' : 'embedded repository', reach))
  if (program === undefined)
    return { remote, engine: await (await embedded()).embeddedEngine({ remote, asker, reach, base }) }
  const setting = { program, reach, base, remote }
  if (remote.kind === 'local') return { remote, engine: localEngine(remote.path, setting) }
  const caller = callerFor({
    program,
    reach,
    home: base,
    remote,
    redirected: (from, authorization) => redirectedRemote({ remote: from, asker, reach }, authorization),
    config: (to) => pinnedTo(to, asker, reach),
  })
  return { remote, engine: systemEngine(setting, caller) }
}

const embedded = () => import('./git/embedded.js')

/** Programs that run for a repository end with the session, even where nobody waits for them any more. */
function untilTheEnd(reach: Reach): Reach {
  const over = new AbortController()
  atEnd(reach.cache, () => over.abort(new HaalError('E_INTERRUPTED', 'stopped')))
  return { ...reach, signal: AbortSignal.any([reach.signal, over.signal]) }
}

/** An address that is not the registry's own was named by its content: by the network, unless the registry is a folder. */
function askerOf(at: At, reach: Reach): Asker {
  const { registry } = reach
  const isOwn = sameLocator(at, registry.at)
  if (!isOwn) reach.admit(at)
  const author = isOwn || registry.at.via === 'file' ? registry.author : 'network'
  return { author, name: registry.name, allows: (origin) => reach.allows?.(origin) ?? false }
}

/** The commit of HEAD. Where nothing is stored yet it is fetched at once, without waiting for the list of refs, which halves the time on a real network;
    the list is fetched beside it, for whoever asks for tags. */
async function headOf(at: At, reach: Reach): Promise<string> {
  const { engine } = await repository(at, reach)
  const listed = async () => chosen(await advertised(at, reach), 'HEAD', reach.registry.name)
  if (engine.head === undefined) return listed()
  const ask = async () => {
    const early = engine.head?.()
    const list = listed()
    list.catch(() => undefined)
    return { body: (await early) ?? (await list) }
  }
  return (await fresh(at, 'head', { reach, ask })).body
}

/** HEAD, branches and tags: asked for once within cacheDuration, and each time where the repository lies here. */
async function advertised(at: At, reach: Reach, soon?: string): Promise<Advertised> {
  const { remote, engine } = await repository(at, reach)
  if (remote.kind === 'local') return engine.refs(soon)
  const ask = async () => {
    const refs = demandRefs(await engine.refs(soon), reach.registry)
    const head = refs.get('HEAD')
    if (head !== undefined) reach.cache.remember(cacheKey(at, 'head', reach), { body: head })
    return { body: printAdvertised(refs) }
  }
  return parseAdvertised((await fresh(at, 'refs', { reach, ask })).body)
}

const oldest = [2, 25] as const

/** The git of this machine, where there is one that is new enough and HAAL_GIT does not forbid it. Throws E_CONFIG where HAAL_GIT asks for one
    that is not there. */
export async function installedGit(reach: Pick<Reach, 'env' | 'signal'>): Promise<Program | undefined> {
  const { HAAL_GIT: wanted = '' } = reach.env
  if (!['', 'system', 'embedded'].includes(wanted))
    fail('E_CONFIG', `HAAL_GIT is "${wanted}"; it may be system or embedded`)
  if (wanted === 'embedded') return undefined
  const found = await programAt(findProgram('git', reach.env), reach)
  if (found === undefined && wanted === 'system')
    fail('E_CONFIG', `HAAL_GIT is "system", and no git ${oldest.join('.')} or newer is on the PATH`, {
      hint: 'install git, or unset HAAL_GIT: haal then uses the git it brings along',
    })
  return found
}

function programAt(path: string | undefined, reach: Pick<Reach, 'env' | 'signal'>): Promise<Program | undefined> {
  if (path === undefined) return Promise.resolve(undefined)
  return askOnce(versions, path, () => versionOf(path, reach))
}

/** A program keeps its version for as long as haal runs. */
const versions = new Map<string, Promise<Program | undefined>>()

async function versionOf(path: string, { signal, env }: Pick<Reach, 'env' | 'signal'>): Promise<Program | undefined> {
  const ran = await run(path, {
    args: ['--version'],
    env: env.PATH === undefined ? {} : { PATH: env.PATH },
    cwd: dirname(path),
    signal,
    timeout: 10_000,
    limit: 4096,
  })
  const [, major = 0, minor = 0] = (/^git version (\d+)\.(\d+)/.exec(ran.stdout.toString('utf8')) ?? []).map(Number)
  const isEnough = ran.code === 0 && (major > oldest[0] || (major === oldest[0] && minor >= oldest[1]))
  return isEnough ? { path, version: [major, minor] } : undefined
}
