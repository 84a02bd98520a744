import type { Cache } from '../model/transport.js'

/** What ends with a session: open connections, running programs. A session is known by its cache, which every transport is given. */
const endings = new WeakMap<Cache, (() => void)[] | 'over'>()

/** Calls `end` when the session ends; at once where it has ended already, because some of its work went on. */
export function atEnd(cache: Cache, end: () => void): void {
  const known = endings.get(cache) ?? []
  if (known === 'over') end()
  else endings.set(cache, [...known, end])
}

/** Ends all of that, now and what is added later. */
export function endAll(cache: Cache): void {
  const known = endings.get(cache) ?? []
  endings.set(cache, 'over')
  if (known !== 'over') for (const end of known) end()
}
