import type { Artifact, Request } from '../model/artifact.js'
import { fail } from '../model/errors.js'
import { refOf } from '../model/kinds.js'
import { addTo, getOrMake } from '../model/maps.js'
import { wildcard } from '../model/pattern.js'

/** The artifacts of a catalogue that a request means, of its kind where it names one: those with the name, else those with the id; with a `*`, all
    whose name fits. */
export function matching(artifacts: readonly Artifact[], { kind, name }: Request): Artifact[] {
  const isOfKind = (artifact: Artifact) => kind === undefined || artifact.kind === kind
  const fits = name.includes('*') ? wildcard(name) : undefined
  if (fits !== undefined) return artifacts.filter((artifact) => isOfKind(artifact) && fits(artifact.name))
  const byName = called(artifacts, name).filter(isOfKind)
  return byName.length > 0 ? byName : identified(artifacts, name).filter(isOfKind)
}

/** The artifacts of a catalogue that have this id. */
export function identified(artifacts: readonly Artifact[], id: string): readonly Artifact[] {
  return indexOf(artifacts).ids.get(id) ?? []
}

/** The artifacts of a catalogue that have this name, of whatever kind. */
export function called(artifacts: readonly Artifact[], name: string): readonly Artifact[] {
  return indexOf(artifacts).names.get(name) ?? []
}

interface Index {
  ids: ReadonlyMap<string, Artifact[]>
  names: ReadonlyMap<string, Artifact[]>
}

/** One index for each catalogue: every member of a bundle is looked for in it. */
const indexes = new WeakMap<readonly Artifact[], Index>()

function indexOf(artifacts: readonly Artifact[]): Index {
  return getOrMake(indexes, artifacts, () => {
    const ids = new Map<string, Artifact[]>()
    const names = new Map<string, Artifact[]>()
    for (const artifact of artifacts) {
      if (artifact.id !== undefined) addTo(ids, artifact.id, artifact)
      addTo(names, artifact.name, artifact)
    }
    return { ids, names }
  })
}

/** The one artifact that a request without a pattern means. Throws E_AMBIGUOUS listing the candidates. */
export function theOne(found: readonly Artifact[], asked: string): Artifact | undefined {
  const [only, ...others] = found
  if (only === undefined || others.length === 0) return only
  const names = found.map((artifact) => precise(artifact, found))
  return fail('E_AMBIGUOUS', `"${asked}" fits ${found.length} artifacts: ${names.join(', ')}`, {
    hint: `name one of them, for example ${names[0]}`,
    details: { candidates: names },
  })
}

/** How to ask for exactly this artifact: by `kind/name`, or by its id where several share that. */
function precise({ kind, name, id }: Artifact, among: readonly Artifact[]): string {
  const isShared = among.filter((other) => other.kind === kind && other.name === name).length > 1
  return refOf(kind, isShared && id !== undefined ? id : name)
}
