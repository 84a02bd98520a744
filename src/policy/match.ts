import type { Digest } from '../model/digest.js'
import { type Ref, splitRef } from '../model/kinds.js'
import { twinKey } from '../model/names.js'
import { fits } from '../model/pattern.js'
import { type ArtifactPattern, type Place, placeOf } from '../model/policy-patterns.js'

/** Every name under which a policy may know an artifact. */
export interface Identity {
  ref: Ref
  id?: string | undefined
  /** Where it is installed under another name: what its registry calls it. */
  also?: readonly Ref[] | undefined
  integrity?: Digest | undefined
}

/** How to compare. A pattern that allows must fit the exact spelling; one that forbids fits whatever the letter case, the Unicode form, a
    trailing dot of a host or an encoded slash, and also everything below the place it names. */
type Sense = 'allows' | 'forbids'

/** Whether a pattern means this artifact by its own name, id or integrity; where it forbids, by any name it ever had. */
export function meansArtifact(pattern: ArtifactPattern, identity: Identity, sense: Sense): boolean {
  const { ref, id, also = [], integrity } = identity
  if (pattern.text === integrity) return true
  const refs = sense === 'forbids' ? [ref, ...also] : [ref]
  return refs.some((each) => {
    const { kind, name } = splitRef(each)
    if (pattern.kind !== undefined && pattern.kind !== kind) return false
    return [name, id].some((word) => word !== undefined && meansName(pattern, word, sense))
  })
}

function meansName({ segments }: ArtifactPattern, name: string, sense: Sense): boolean {
  return isAnything(segments) || sameSegments(segments, name.split('/'), sense)
}

/** Whether a pattern of `registries` means the place where a registry is; undefined is a place that cannot be read. */
export function meansPlace(pattern: Place, place: Place | undefined, sense: Sense): boolean {
  if (place === undefined) return sense === 'forbids'
  if (place.via === 'npm' && pattern.via === 'web') return sense === 'forbids' && meansHost(pattern, place.registry)
  if (pattern.via === 'web')
    return place.via === 'web' && sameOrigin(pattern, place, sense) && meansPath(pattern.path, place, sense)
  if (pattern.via !== place.via) return false
  return (pattern.via === 'npm' && isAnything(pattern.path)) || meansPath(pattern.path, place, sense)
}

/** What forbids the address of an npm registry forbids its packages, too. */
function meansHost(pattern: Place & { via: 'web' }, registry: string | undefined): boolean {
  return registry !== undefined && meansPlace(pattern, placeOf({ via: 'url', url: registry }), 'forbids')
}

function isAnything(segments: readonly string[] | undefined): boolean {
  return segments?.length === 1 && segments[0] === '*'
}

function sameOrigin(pattern: { origin: string }, place: { origin: string }, sense: Sense): boolean {
  if (sense === 'allows') return pattern.origin === place.origin
  return undotted(pattern.origin) === undotted(place.origin)
}

/** `https://host.:8443` and `https://host:8443` are one server. */
function undotted(origin: string): string {
  return origin.replace(/\.(?=:\d+$|$)/, '')
}

function meansPath(pattern: readonly string[] | undefined, { path = [] }: Place, sense: Sense): boolean {
  if (pattern === undefined) return true
  const isAmbiguous = path.slice(path[0] === '//' ? 1 : 0).some((segment) => /[/\\\u0000-\u001f]/.test(segment))
  if (sense === 'allows') return !isAmbiguous && sameSegments(pattern, path, sense)
  const readings = isAmbiguous ? [path, path.flatMap((segment) => segment.split(/[/\\]/))] : [path]
  return readings.some((reading) => sameSegments(pattern, reading.slice(0, pattern.length), sense))
}

function sameSegments(pattern: readonly string[], text: readonly string[], sense: Sense): boolean {
  return pattern.length === text.length && pattern.every((segment, i) => sameSegment(segment, text[i] ?? '', sense))
}

function sameSegment(pattern: string, text: string, sense: Sense): boolean {
  if (sense === 'forbids' && pattern !== text) return sameSegment(loose(pattern), loose(text), 'allows')
  return pattern === text || (pattern.includes('*') && fits(pattern, text))
}

/** A word without letter case and Unicode forms. Most are ASCII, which needs no Unicode tables. */
export function loose(word: string): string {
  return /^[ -~]*$/.test(word) ? word.toLowerCase() : twinKey(word)
}

/** Whether everything that `narrow` means, `wide` means too. May say no where it is yes, never the other way round. */
export function coversArtifact(wide: ArtifactPattern, narrow: ArtifactPattern): boolean {
  if (wide.kind !== undefined && wide.kind !== narrow.kind) return false
  return (
    isAnything(wide.segments) ||
    (!isAnything(narrow.segments) && sameSegments(wide.segments, narrow.segments, 'allows'))
  )
}

export function coversPlace(wide: Place, narrow: Place): boolean {
  if (wide.via !== narrow.via) return false
  if (wide.via === 'web' && narrow.via === 'web' && wide.origin !== narrow.origin) return false
  if (wide.path === undefined || (wide.via === 'npm' && isAnything(wide.path))) return true
  return narrow.path !== undefined && sameSegments(wide.path, narrow.path, 'allows')
}
