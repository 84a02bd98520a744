import { splitRef } from '../model/kinds.js'
import { addTo, getOrMake } from '../model/maps.js'
import type { ArtifactPattern } from '../model/policy-patterns.js'
import { type Identity, loose } from './match.js'

/** The rules whose pattern may mean one of these artifacts, in their order: found by an index, because there may be many rules. `meansArtifact`
    still has to judge each; those left out mean none of these, in either sense. */
export function rulesAbout<T extends object>(
  all: readonly T[],
  patternOf: (each: T) => ArtifactPattern,
  identities: readonly Identity[],
): T[] {
  if (all.length === 0) return []
  const { heads, lengths, named } = getOrMake(indexes, all, () => indexOf(all.map(patternOf)))
  const places = new Set<number>()
  for (const word of identities.flatMap(wordsOf)) {
    for (const place of named.get(word) ?? []) places.add(place)
    for (const length of lengths) for (const place of heads.get(word.slice(0, length)) ?? []) places.add(place)
  }
  return [...places].sort((a, b) => a - b).flatMap((place) => all[place] ?? [])
}

interface Index {
  /** Rules with a `*`, by what stands before it. */
  heads: ReadonlyMap<string, number[]>
  lengths: ReadonlySet<number>
  named: ReadonlyMap<string, number[]>
}

/** One index for each list of rules, which every artifact is judged by. */
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

/** A pattern that means the artifact is one of these words, or has the beginning of one before its `*`. Names and ids, also made `loose`; the
    integrity. */
function wordsOf({ ref, id, also = [], integrity }: Identity): string[] {
  const names = [...[ref, ...also].map((each) => splitRef(each).name), ...(id === undefined ? [] : [id])]
  const words = names.flatMap((name) => [name, name.split('/').map(loose).join('/')])
  return [...new Set(words), ...(integrity === undefined ? [] : [integrity])]
}
