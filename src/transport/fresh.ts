import { isUnreachable } from '../io/http/failure.js'
import { sha256Hex } from '../model/digest.js'
import { fail } from '../model/errors.js'
import { defaults } from '../model/manifest.js'
import { getOrMake } from '../model/maps.js'
import { note } from '../model/notes.js'
import { type Locator, locationOf } from '../model/registry.js'
import type { Answer, Cache, Reach } from '../model/transport.js'

/** What a registry said. What is `unsound` is not kept in the cache: only this command uses it. */
export interface News extends Omit<Answer, 'at'> {
  unsound?: boolean
}

/** Asks a registry, with what is known of its last answer; 'same' where that still holds. */
type Asking = (known: Answer | undefined) => Promise<News | 'same'>

/** An answer that may change, asked for as seldom as the configuration allows: not at all within `cacheDuration`, once for each command
    with --refresh, never with --offline. Where nobody can be reached, what is cached answers, with a warning; a registry that does answer,
    but wrongly, is never covered up. `what` tells the answers of one registry apart. */
export function fresh(at: Locator, what: string, { reach, ask }: { reach: Reach; ask: Asking }): Promise<Answer> {
  const key = cacheKey(at, what, reach)
  return getOrMake(sessionOf(reach.cache).asked, key, () => answer(key, reach, ask))
}

/** Whether asking again could bring another answer than the cache gave: where a configuration sets no cacheDuration of its own. */
export function mayBeOutdated(cache: Cache): boolean {
  return sessionOf(cache).unasked
}

/** Whether the cache answered because a configuration's own cacheDuration says so. */
export function wasSpared(cache: Cache): boolean {
  return sessionOf(cache).spared
}

/** What an entry of the cache is for: the kind of registry, its address, the ref or revision, and whose credential saw it. */
export function cacheKey(at: Locator, what: string, { credential }: Pick<Reach, 'credential'>): string {
  const identity = credential ? sha256Hex(`haal ${credential.origin} ${credential.value}`).slice(0, 16) : 'nobody'
  return [at.via, locationOf(at), what, identity].join('\n')
}

/** Throws E_OFFLINE. What is not in the cache may be a place elsewhere that a registry on this machine only lists: the address tells. */
export function offline({ registry: { name, at, ref } }: Reach): never {
  const which = `registry "${name}" (${locationOf(at)}${ref === undefined ? '' : `#${ref}`})`
  return fail(
    'E_OFFLINE',
    `${which} is not in the cache, or too old there (cacheSettings.maxAge), and --offline forbids asking it`,
    { hint: 'run the command once without --offline', details: { registry: name } },
  )
}

interface Session {
  /** One question is asked once in a command, whoever asks and however it ends. */
  asked: Map<string, Promise<Answer>>
  /** Registries for which W_STALE was given. */
  stale: Set<string>
  /** The cache answered because of haal's own default for cacheDuration. */
  unasked: boolean
  /** The cache answered because of a configuration's own cacheDuration. */
  spared: boolean
}

const sessions = new WeakMap<Cache, Session>()

function sessionOf(cache: Cache): Session {
  return getOrMake(sessions, cache, () => ({ asked: new Map(), stale: new Set(), unasked: false, spared: false }))
}

async function answer(key: string, reach: Reach, ask: Asking): Promise<Answer> {
  const { cache, registry } = reach
  const now = reach.now().getTime()
  const known = cache.recall(key)
  if (reach.offline) return known ?? offline(reach)
  if (known && !reach.refresh && now - known.at < (registry.cacheDuration ?? defaults.cacheDuration)) {
    sessionOf(cache)[registry.cacheDuration === undefined ? 'unasked' : 'spared'] = true
    return known
  }
  try {
    const got = await ask(known)
    const news: News | 'same' = got === 'same' && known ? withoutTime(known) : got
    if (news === 'same')
      return fail(
        'E_REGISTRY_UNAVAILABLE',
        `registry "${registry.name}" says that nothing has changed since it was never asked`,
      )
    const { unsound = false, ...said } = news
    if (!unsound) cache.remember(key, said)
    return { ...said, at: now }
  } catch (e) {
    if (known === undefined || reach.refresh || !isUnreachable(e)) throw e
    warnOnce(reach, `${(e as Error).message}; using what it said ${ago(now - known.at)}`)
    return known
  }
}

function ago(ms: number): string {
  const minutes = Math.floor(ms / 60_000)
  return minutes < 1 ? 'less than a minute ago' : `${minutes} min ago`
}

function warnOnce({ cache, registry, emit }: Reach, message: string): void {
  const { stale } = sessionOf(cache)
  if (!stale.has(registry.name)) emit({ type: 'warning', note: note('W_STALE', message) })
  stale.add(registry.name)
}

function withoutTime({ at: _at, ...rest }: Answer): Omit<Answer, 'at'> {
  return rest
}
