import { splitRef } from '../model/kinds.js'
import type { ArtifactPattern } from '../model/policy-patterns.js'
import { addTo, kept } from '../model/shared.js'
import { type Identity, loose } from './match.js'

/** Of many rules those whose pattern may mean one of these, in their order: all that have a `*`, and those that are called alike. Whether one does
    mean it is still to be judged; what is left out means none of them, in either sense. */
export function rulesAbout<T extends object>(
  all: readonly T[],
  patternOf: (each: T) => ArtifactPattern,
  identities: readonly Identity[],
): T[] {
  const { open, named } = kept(indexes, all, () => indexOf(all.map(patternOf)))
  const places = new Set(open)
  for (const word of identities.flatMap(wordsOf)) for (const place of named.get(word) ?? []) places.add(place)
  return [...places].sort((a, b) => a - b).flatMap((place) => all[place] ?? [])
}

interface Index {
  /** Those with a `*`. */
  open: readonly number[]
  named: ReadonlyMap<string, number[]>
}

/** Every artifact is judged by the same rules: they are gone through once. */
const indexes = new WeakMap<readonly object[], Index>()

function indexOf(patterns: readonly ArtifactPattern[]): Index {
  const open: number[] = []
  const named = new Map<string, number[]>()
  for (const [place, { text, segments }] of patterns.entries()) {
    const words = segments.map(loose)
    if ([...segments, ...words].some((word) => word.includes('*'))) open.push(place)
    for (const word of [text, words.join('/')]) addTo(named, word, place)
  }
  return { open, named }
}

/** All that a pattern without a `*` can be to mean it: a name, an id, an integrity. */
function wordsOf({ ref, id, also = [], integrity }: Identity): string[] {
  const names = [...[ref, ...also].map((each) => splitRef(each).name), ...(id === undefined ? [] : [id])]
  const words = names.map((name) => name.split('/').map(loose).join('/'))
  return integrity === undefined ? words : [...words, integrity]
}
