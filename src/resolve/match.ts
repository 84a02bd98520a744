import type { Artifact, Request } from '../model/artifact.js'
import { fail } from '../model/errors.js'
import { refOf } from '../model/kinds.js'
import { wildcard } from '../model/pattern.js'
import { inShell } from '../model/text.js'

/** The artifacts of a catalogue that a request means: by id, by `kind/name`, by name. Empty where there is none. */
export function matching(artifacts: readonly Artifact[], { kind, name }: Request): Artifact[] {
  const ofKind = kind === undefined ? artifacts : artifacts.filter((artifact) => artifact.kind === kind)
  const byId = ofKind.filter(({ id }) => id === name)
  if (byId.length > 0) return byId
  const fits = name.includes('*') ? wildcard(name) : (other: string) => other === name
  return ofKind.filter((artifact) => fits(artifact.name))
}

/** The one artifact that a request without a pattern means. Throws E_AMBIGUOUS listing the candidates. */
export function theOne(found: readonly Artifact[], asked: string): Artifact | undefined {
  const [only, ...others] = found
  if (only === undefined || others.length === 0) return only
  const names = found.map(precise)
  return fail('E_AMBIGUOUS', `"${asked}" fits ${found.length} artifacts: ${names.join(', ')}`, {
    hint: `name one of them: haal install ${inShell(names[0] ?? asked)}`,
    details: { candidates: names },
  })
}

/** How to ask for exactly this artifact: by `kind/name`, or by its id where several share that. */
function precise(artifact: Artifact): string {
  return artifact.id === undefined ? refOf(artifact.kind, artifact.name) : `${artifact.kind}/${artifact.id}`
}
