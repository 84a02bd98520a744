import type { CommonFlags } from '../model/context.js'
import { fail } from '../model/errors.js'
import { type Kind, kindNames, kindOf } from '../model/kinds.js'
import { nearest } from '../model/nearest.js'
import type { ListedArtifact } from '../model/results.js'

export interface ListFlags extends CommonFlags {
  available?: boolean
  allowMissing?: boolean
  kind?: string
  registry?: string
}

/** Throws E_USAGE for a kind that is none. */
export function chosenBy({ kind, registry }: ListFlags): (artifact: ListedArtifact) => boolean {
  const word = kind === undefined ? undefined : knownKind(kind)
  return (artifact) =>
    (word === undefined || artifact.kind === word) && (registry === undefined || artifact.registry === registry)
}

/** Throws E_USAGE with the kinds there are. */
export function knownKind(word: string): Kind {
  const meant = nearest(word, kindNames)
  const hint = meant === undefined ? `kinds are ${kindNames.join(', ')}` : `did you mean ${meant}?`
  return kindOf(word) ?? fail('E_USAGE', `"${word}" is not a kind`, { hint })
}
