import type { Artifact } from '../model/artifact.js'
import { fail, type HaalError } from '../model/errors.js'
import { refOf } from '../model/kinds.js'
import type { Shadow } from '../model/plan.js'
import { locationOf } from '../model/registry.js'
import { inShell } from '../model/text.js'
import type { Shelf } from './shelves.js'
import { newestFirst } from './versions.js'

/** An artifact of which its registry lacks what was asked for. */
interface Sought {
  shelf: Pick<Shelf, 'registry'>
  artifact: Artifact
  /** Registries that have the name too and do not own it. */
  shadow?: Shadow | undefined
}

/** What is known of its versions. */
interface Known {
  candidates: readonly { version: string }[]
  /** So many commits were read for them, and there are older ones. */
  readBack?: number
  /** The command line that asks for another request, which is quoted already. */
  again(request: string): string
}

export function noVersion(
  { shelf, artifact, shadow }: Sought,
  range: string,
  { candidates, readBack, again }: Known,
): never {
  const ref = refOf(artifact.kind, artifact.name)
  const versions = newestFirst([...new Set(candidates.map(({ version }) => version))])
  const [latest] = versions
  const some = `${versions.slice(0, 8).join(', ')}${versions.length > 8 ? ', …' : ''}`
  const [there, what, named] =
    latest === undefined
      ? ['it has no versions', 'what is there', ref]
      : [`it has ${some}`, 'the newest', `${ref}@${latest}`]
  const [far, older] =
    readBack !== undefined
      ? [` as far as the last ${readBack} commits of its path tell`, `, or an older one by its commit: ${ref}@<commit>`]
      : ['', '']
  return fail('E_NO_VERSION', `${shelf.registry.name} has ${ref}, but not in version ${range}: ${there}${far}`, {
    hint: `take ${what}: ${again(inShell(named))}${older}${orFromOthers(shadow)}`,
    details: { artifact: ref, registry: shelf.registry.name, range, versions },
  })
}

/** Said, never followed: the registry that owns the name answers for all its versions. */
function orFromOthers(shadow: Shadow | undefined): string {
  if (shadow === undefined) return ''
  const { losers, artifact } = shadow
  const have = losers.length === 1 ? 'has' : 'have'
  return `; ${losers.join(', ')} ${have} one of this name too, ask there with ${losers[0]}:${artifact}`
}

/** A slip in a range makes a ref of it, and what is wrong with that helps nobody. */
export function noRef({ shelf, artifact }: Sought, ref: string, { message, hint, details }: HaalError): never {
  const of = refOf(artifact.kind, artifact.name)
  return fail('E_REF', `${of}: ${message}`, {
    hint: /[\^~<>=|*\s]/.test(ref) ? 'a range is written ^1.2.0, ~1.2.0, 1.x or ">=1.2.0 <2.0.0"' : hint,
    details: { ...details, artifact: of, registry: shelf.registry.name, ref },
  })
}

/** The server of an index says "not found" of an archive beside it: that is no matter of access, but an entry without files. */
export function noArchive({ shelf: { registry }, artifact: { kind, name, content } }: Sought, e: HaalError): never {
  const at = content.elsewhere?.at
  if (at?.via !== 'url' || registry.at.via !== 'url' || ![404, 410].includes(Number(e.details.status))) throw e
  return fail('E_ENTRY_MISSING', `${registry.name} lists ${refOf(kind, name)}, but there is nothing at ${at.url}`, {
    details: { artifact: refOf(kind, name), registry: registry.name },
    cause: e,
  })
}

/** A repository that a registry points at lacks the very state that is listed: nobody who installs can name another. */
export function noState({ shelf: { registry }, artifact: { kind, name, content } }: Sought, e: HaalError): never {
  const { at, commit, ref } = content.elsewhere ?? { at: registry.at }
  const listed = commit ?? ref
  if (listed === undefined || (at.via !== 'git' && at.via !== 'github')) throw e
  const place = `${listed} of ${locationOf(at)}`
  return fail('E_REF', `${registry.name} lists ${refOf(kind, name)} at ${place}, and that is not there`, {
    hint: `it is for the owner of ${registry.name} to mend`,
    details: { artifact: refOf(kind, name), registry: registry.name },
    cause: e,
  })
}
