import path from 'node:path'
import { type Call, run } from '../../io/process.js'
import { fail, HaalError } from '../../model/errors.js'
import { sizeText } from '../../model/limits.js'
import type { Reach } from '../../model/transport.js'
import { offline } from '../fresh.js'
import { type Caller, type Exchange, type Outcome, type Program, waited } from './caller.js'
import { catFile } from './cat-file.js'
import { bringEarly } from './early.js'
import { type Engine, longestAnswer, longestExchange, wholeHistory } from './engine.js'
import { environment, settings } from './harden.js'
import { demandRefs, noCommit, parseAdvertised } from './refs.js'
import { openStores, type Stores } from './stores.js'
import { gitError, troubleOf } from './trouble.js'
import type { Remote } from './url.js'
import { fetching, promised, waysFor } from './ways.js'

interface Setting {
  program: Program
  reach: Reach
  /** The folder with the stores. */
  base: string
  /** Bytes that one fetch may bring. */
  most?: number
}

/** With the oldest protocol the list of all refs is the first answer; with the newer one it takes another question. */
const listing = { args: ['ls-remote', '--quiet', 'origin'], config: { 'protocol.version': '0' } } as const
const everyRef = ['+refs/heads/*:refs/haal/heads/*', '+refs/tags/*:refs/haal/tags/*'] as const
const mostBytes = 1024 * 1024 * 1024
/** Milliseconds between attempts while another git works in the store. Together longer than the minute after which `unlock` takes a lock for dead. */
const busyPauses = [50, 100, 200, 400, 800, ...Array.from({ length: 25 }, () => 3000)]
/** Fetches leave a pack each; past this many they are made into one. */
const mostPacks = 60

/** A repository behind a server, through the system's git: bare stores, one commit at a time, its files as they are wanted.
    Nothing is ever checked out. */
export function systemEngine(setting: Setting, caller: Caller): Engine {
  const { program, reach, base } = setting
  const read = (dir: string) => catFile(program.path, localCall(dir, [], { ...setting, remote: caller.remote }))
  const stores = openStores(reach, base, read)
  const reached: Reached = { setting, stores, ask: (exchange) => asked(exchange, { setting, stores, caller }) }
  const isNew = () => stores.existing('').length === 0
  return {
    head: async () => (isNew() ? bringEarly('HEAD', stores.make('sparse', ''), reached) : undefined),
    refs: async (soon) => {
      const isFirst = isNew()
      const gitDir = stores.make('sparse', '')
      const listed = reached.ask({ ...listing, gitDir })
      const early = isFirst && soon !== undefined && bringEarly(soon, gitDir, reached)
      const [answer] = await Promise.all([listed, early])
      return parseAdvertised(outOf(answer))
    },
    fetchCommit: async (commit) => void (await bring(commit, reached)),
    fetchBlobs: (ids, commit) => bringBlobs(ids, commit, reached),
    local: (ids) => stores.read(ids),
    log: (commit, under) => log(commit, under, { reached, remote: caller.remote }),
    drop: () => {
      if (!reach.offline) stores.drop()
      return !reach.offline
    },
  }
}

/** A call of git that connects nowhere: for a repository on this machine. */
export function localCall(gitDir: string, args: readonly string[], { remote, reach, base }: LocalSetting): Call {
  return {
    args: [...settings({ kind: 'local', path: gitDir }), ...args],
    cwd: gitDir,
    env: { ...environment(remote, reach, { gitDir, home: base }), GIT_ALLOW_PROTOCOL: 'none' },
    signal: reach.signal,
    timeout: longestExchange,
    limit: longestAnswer,
  }
}

export type LocalSetting = Setting & { remote: Remote }

/** Commits of a repository here that touched a path, newest first; undefined, and why, where its history is not all there. */
export async function localLog(commit: string, under: string, gitDir: string, setting: LocalSetting) {
  const args = ['rev-list', '--end-of-options', commit, '--', ...(under === '' ? [] : [under])]
  const ran = await run(setting.program.path, localCall(gitDir, args, setting))
  if (ran.code !== 0) return { commits: undefined, why: ran.stderr }
  return { commits: ran.stdout.toString('utf8').split('\n').filter(Boolean), why: '' }
}

interface Reached {
  setting: Setting
  stores: Stores
  ask(exchange: Exchange): Promise<Outcome>
}

interface Asking {
  setting: Setting
  stores: Stores
  caller: Caller
}

async function asked(exchange: Exchange, { setting, stores, caller }: Asking): Promise<Outcome> {
  const { registry, emit } = setting.reach
  if (setting.reach.offline) return missed(exchange.gitDir, setting)
  const key = `git ${registry.name}`
  const guard = guardOf(exchange, { setting, stores })
  emit({ type: 'start', what: `fetching ${registry.name}`, key })
  try {
    const started = (pid: number) => stores.enter(exchange.gitDir, pid)
    return await untilFree({ ...exchange, signal: guard.signal, started }, { setting, stores, caller })
  } finally {
    guard.end()
    emit({ type: 'end', key })
  }
}

/** Waits while another git works in the store, and removes the lock of one that is dead. What fails while another haal replaces the store is asked
    again. */
async function untilFree(exchange: Exchange, { setting, stores, caller }: Asking): Promise<Outcome> {
  const { now, signal } = setting.reach
  for (const ms of busyPauses) {
    const made = stores.madeAt(exchange.gitDir)
    const answer = await caller.ask(exchange)
    const isRenewed = !answer.ok && stores.madeAt(exchange.gitDir) !== made
    if (isRenewed) stores.remake(exchange.gitDir)
    const isBusy = isRenewed || (!answer.ok && answer.trouble === 'busy')
    const isFree = isBusy && stores.unlock(exchange.gitDir, now())
    if (!isBusy || !(isFree || (await waited(ms, signal)))) return answer
  }
  return caller.ask(exchange)
}

/** Stops a fetch that brings more than any registry has: git knows no such limit itself. */
function guardOf({ gitDir }: Exchange, { setting, stores }: Pick<Asking, 'setting' | 'stores'>) {
  const { reach, most = mostBytes } = setting
  const stop = new AbortController()
  const before = stores.bytes(gitDir)
  const look = () => {
    if (stores.bytes(gitDir) - before > most)
      stop.abort(new HaalError('E_LIMIT_SIZE', `${reach.registry.name} sends more than ${sizeText(most)}`))
  }
  const timer = setInterval(look, 200)
  return { signal: AbortSignal.any([reach.signal, stop.signal]), end: () => clearInterval(timer) }
}

/** Offline: throws E_OFFLINE, or E_CACHE where a pack is damaged. */
async function missed(gitDir: string, setting: Setting): Promise<never> {
  const { program, reach } = setting
  const packs = path.join(gitDir, 'objects', 'pack')
  const indexes = reach.disk.names(packs).flatMap(({ name }) => (name.endsWith('.idx') ? [path.join(packs, name)] : []))
  const remote: Remote = { kind: 'local', path: gitDir }
  const call = localCall(gitDir, ['verify-pack', ...indexes], { ...setting, remote })
  const isSound = indexes.length === 0 || (await run(program.path, call)).code === 0
  return isSound ? offline(reach) : damaged(reach)
}

function damaged({ registry }: Reach): never {
  return fail(
    'E_CACHE',
    `what is cached of registry "${registry.name}" is damaged, and --offline forbids fetching it again`,
    {
      hint: 'run the command once without --offline',
    },
  )
}

function outOf(answer: Outcome): string {
  if (!answer.ok) throw answer.error
  return answer.out
}

/** Fetches a commit and answers the store that has it. Throws E_REF where the repository does not have it, E_REGISTRY_UNAVAILABLE where it has no
    refs: git takes any web page for an empty repository. */
async function bring(commit: string, { setting, stores, ask }: Reached, { from = 0, depth = 1 } = {}): Promise<string> {
  const { program, reach } = setting
  for (const { store, args, config, everything } of waysFor(program, reach).slice(from)) {
    const gitDir = stores.make(store, commit)
    const rest = everything
      ? [...(stores.isShallow(gitDir) ? ['--unshallow'] : []), 'origin', ...everyRef]
      : [...args, `--depth=${depth}`, 'origin', `+${commit}:refs/haal/commits/${commit}`]
    const answer = await ask({ args: [...fetching, ...rest], gitDir, config })
    const isHere = answer.ok && (await stores.read([commit]))[0] !== undefined
    if (answer.ok && isHere) {
      if (stores.packs(gitDir) > mostPacks) await ask({ args: ['repack', '-a', '-d', '--quiet'], gitDir, config })
      return gitDir
    }
    if (everything && answer.ok) demandRefs(parseAdvertised(outOf(await ask({ ...listing, gitDir }))), reach.registry)
    if (answer.ok || answer.trouble === 'absent') break
    if (everything || answer.trouble !== 'refused') throw answer.error
  }
  return noCommit(commit, reach.registry.name)
}

/** Servers that do not hand out single files give the whole commit. */
async function bringBlobs(ids: readonly string[], commit: string, reached: Reached): Promise<void> {
  const gitDir = reached.stores.make('sparse', commit)
  const args = [...fetching, '--filter=blob:none', '--stdin', 'origin']
  const config = { ...promised, 'fetch.negotiationAlgorithm': 'noop' }
  const answer = await reached.ask({ args, gitDir, config, input: `${ids.join('\n')}\n` })
  if (answer.ok) return
  if (answer.trouble !== 'refused' && answer.trouble !== 'absent') throw answer.error
  await bring(commit, reached, { from: 1 })
}

/** Stores have no history until somebody asks for it. */
async function log(
  commit: string,
  under: string,
  { reached, remote }: { reached: Reached; remote: Remote },
): Promise<readonly string[]> {
  const setting = { ...reached.setting, remote }
  for (const dir of reached.stores.existing(commit).filter((one) => !reached.stores.isShallow(one))) {
    const { commits } = await localLog(commit, under, dir, setting)
    if (commits !== undefined) return commits
  }
  const deep = await bring(commit, reached, { depth: wholeHistory })
  const { commits, why } = await localLog(commit, under, deep, setting)
  if (commits === undefined) throw gitError(troubleOf(why), why, setting.reach)
  return commits
}
