import { splitRef } from '../model/kinds.js'
import { addTo, kept } from '../model/maps.js'
import type { ArtifactPattern } from '../model/policy-patterns.js'
import { type Identity, loose } from './match.js'

/** Of many rules those whose pattern may mean one of these, in their order: those with a `*` that begin alike, and those that are called alike.
    Whether one does mean it is still to be judged; what is left out means none of them, in either sense. */
export function rulesAbout<T extends object>(
  all: readonly T[],
  patternOf: (each: T) => ArtifactPattern,
  identities: readonly Identity[],
): T[] {
  if (all.length === 0) return []
  const { heads, lengths, named } = kept(indexes, all, () => indexOf(all.map(patternOf)))
  const places = new Set<number>()
  for (const word of identities.flatMap(wordsOf)) {
    for (const place of named.get(word) ?? []) places.add(place)
    for (const length of lengths) for (const place of heads.get(word.slice(0, length)) ?? []) places.add(place)
  }
  return [...places].sort((a, b) => a - b).flatMap((place) => all[place] ?? [])
}

interface Index {
  /** Those with a `*`, by what stands before it. */
  heads: ReadonlyMap<string, number[]>
  lengths: ReadonlySet<number>
  named: ReadonlyMap<string, number[]>
}

/** Every artifact is judged by the same rules: they are gone through once. */
const indexes = new WeakMap<readonly object[], Index>()

function indexOf(patterns: readonly ArtifactPattern[]): Index {
  const heads = new Map<string, number[]>()
  const named = new Map<string, number[]>()
  for (const [place, { text, segments }] of patterns.entries()) {
    const [plain, word] = [segments.join('/'), segments.map(loose).join('/')]
    for (const each of [plain, word]) if (each.includes('*')) addTo(heads, headOf(each), place)
    for (const each of [text, word]) addTo(named, each, place)
  }
  return { heads, lengths: new Set([...heads.keys()].map(({ length }) => length)), named }
}

function headOf(pattern: string): string {
  return pattern.slice(0, pattern.indexOf('*'))
}

/** What a pattern has to be, or to begin like, to mean it: a name, an id, as it is or in other letters, or an integrity. */
function wordsOf({ ref, id, also = [], integrity }: Identity): string[] {
  const names = [...[ref, ...also].map((each) => splitRef(each).name), ...(id === undefined ? [] : [id])]
  const words = names.flatMap((name) => [name, name.split('/').map(loose).join('/')])
  return [...new Set(words), ...(integrity === undefined ? [] : [integrity])]
}
