import type { CommonFlags } from '../model/context.js'
import { fail } from '../model/errors.js'
import { kindOf } from '../model/kinds.js'
import type { ListedArtifact } from '../model/results.js'

export interface ListFlags extends CommonFlags {
  available?: boolean
  kind?: string
  registry?: string
}

/** Throws E_USAGE for a kind that is none. */
export function chosenBy({ kind, registry }: ListFlags): (artifact: ListedArtifact) => boolean {
  const word = kind === undefined ? undefined : (kindOf(kind) ?? fail('E_USAGE', `"${kind}" is not a kind`))
  return (artifact) =>
    (word === undefined || artifact.kind === word) && (registry === undefined || artifact.registry === registry)
}
