import type { Cache } from '../model/transport.js'

/** What is to be ended with a session, by the cache that stands for it: connections that are kept open for the next request. */
const endings = new WeakMap<Cache, (() => void)[]>()

export function atEnd(cache: Cache, end: () => void): void {
  endings.set(cache, [...(endings.get(cache) ?? []), end])
}

export function endAll(cache: Cache): void {
  for (const end of endings.get(cache) ?? []) end()
  endings.delete(cache)
}
