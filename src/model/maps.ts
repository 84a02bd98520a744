interface Holder<K, V> {
  get(key: K): V | undefined
  set(key: K, value: V): unknown
}

/** What a map holds under a key, made and put there where it holds nothing yet. */
export function getOrMake<K, V>(all: Holder<K, V>, key: K, make: () => V): V {
  const found = all.get(key)
  if (found !== undefined && found !== null) return found
  const made = make()
  all.set(key, made)
  return made
}

/** Puts one more into the list that a map holds under a key. */
export function addTo<K, V>(lists: Holder<K, V[]>, key: K, item: V): void {
  getOrMake(lists, key, (): V[] => []).push(item)
}

/** One answer for all who ask under a key. A failure is only for the caller whose `find` ran, because that caller's own signal may have caused it: it
    is not kept, and the others who waited ask again. */
export function askOnce<V>(all: Map<string, Promise<V>>, key: string, find: () => Promise<V>): Promise<V> {
  const found = all.get(key)
  if (found !== undefined) return found.catch(() => askOnce(all, key, find))
  const own = find()
  all.set(key, own)
  own.catch(() => all.delete(key))
  return own
}
