import type { Cache } from '../model/transport.js'

/** What is to be ended with a session, by the cache that stands for it: connections that are kept open, programs that are kept running. */
const endings = new WeakMap<Cache, (() => void)[] | 'over'>()

/** Calls `end` when the session ends; at once where that has been, because something of it went on meanwhile. */
export function atEnd(cache: Cache, end: () => void): void {
  const known = endings.get(cache) ?? []
  if (known === 'over') end()
  else endings.set(cache, [...known, end])
}

/** Ends them, and what will still be added. */
export function endAll(cache: Cache): void {
  const known = endings.get(cache) ?? []
  endings.set(cache, 'over')
  if (known !== 'over') for (const end of known) end()
}
