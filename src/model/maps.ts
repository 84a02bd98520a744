interface Holder<K, V> {
  get(key: K): V | undefined
  set(key: K, value: V): unknown
}

/** What a map holds under a key, made and put there where it holds nothing yet. */
export function kept<K, V>(all: Holder<K, V>, key: K, make: () => V): V {
  const found = all.get(key)
  if (found !== undefined && found !== null) return found
  const made = make()
  all.set(key, made)
  return made
}

/** Puts one more into the list that a map holds under a key. */
export function addTo<K, V>(lists: Holder<K, V[]>, key: K, item: V): void {
  kept(lists, key, (): V[] => []).push(item)
}

/** What several ask for and one finds out. A failure is not kept, and only theirs who found it: it may be their own signal that stopped them.
    Whoever waited for it meanwhile asks for themselves. */
export function shared<V>(all: Map<string, Promise<V>>, key: string, find: () => Promise<V>): Promise<V> {
  const found = all.get(key)
  if (found !== undefined) return found.catch(() => shared(all, key, find))
  const own = find()
  all.set(key, own)
  own.catch(() => all.delete(key))
  return own
}
