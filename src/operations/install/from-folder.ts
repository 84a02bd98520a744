import type { Artifact } from '../../model/artifact.js'
import { fail } from '../../model/errors.js'
import { refOf } from '../../model/kinds.js'
import { isPattern, parseRequest } from '../../model/request.js'
import { inShell } from '../../model/text.js'
import { matching } from '../../resolve/match.js'
import { pathsOf } from '../fetch/prefetch.js'
import type { Session } from '../session/session.js'

/** What is meant where --from names a folder in a registry: of its artifacts those below that folder, the asked ones or else all, each by its
    own name. Throws E_NOT_FOUND where one that is asked for is not among them. */
export async function namesBelow(
  { shelves }: Session,
  asked: readonly string[],
  { registry, under }: { registry: string; under: string },
): Promise<string[]> {
  const { catalog } = await shelves.named(registry)
  const there = catalog.artifacts.filter((artifact) => isBelow(artifact, under))
  if (there.length === 0) none(`nothing of ${registry} lies below "${under}"`, registry)
  if (asked.length === 0) return there.map(nameOf)
  return asked.flatMap((text) => {
    const request = parseRequest(text)
    const found = matching(there, request)
    if (found.length === 0) none(`no artifact "${text}" lies below "${under}" in ${registry}`, registry)
    const range = request.range === undefined ? '' : `@${request.range}`
    return isPattern(request) ? found.map((artifact) => `${nameOf(artifact)}${range}`) : [text]
  })
}

function isBelow({ content }: Artifact, under: string): boolean {
  if (content.elsewhere !== undefined || content.definition !== undefined) return false
  return pathsOf(content).every((each) => each === under || each.startsWith(`${under}/`))
}

function nameOf({ kind, name, id }: Artifact): string {
  return refOf(kind, id ?? name)
}

function none(message: string, registry: string): never {
  return fail('E_NOT_FOUND', message, {
    hint: `see what it has, once it is added: haal list --available --registry ${inShell(registry)}`,
  })
}
