import type { Request } from './artifact.js'
import { fail } from './errors.js'
import { kindOf } from './kinds.js'
import { checkName, nameProblem } from './names.js'
import { inShell } from './text.js'

/** Reads `[registry:][kind/]name[@range]`. Names and ranges may have spaces, a registry's name also slashes (`@acme/tools`). An id
    (`com.yourorg.your-tool`) or a pattern (`skill/*`, `*`) may stand in the name's place. Throws E_USAGE where the text is no request, E_NAME where the
    name is unsafe as a path. */
export function parseRequest(text: string): Request {
  const parts = /^(?:(@?[^:@]+):)?(.*?)(?:@([^@]+))?$/s.exec(text.trim())
  const [, registry, path = '', range] = parts ?? []
  const address = addressHint(text)
  const hint = address ?? 'write [registry:][kind/]name[@version], for example skill/review-code@1.2.0'
  if (path === '' || /[^\S ]/.test(text.trim())) fail('E_USAGE', `"${text}" is not an artifact`, { hint })
  const { kind, name } = splitKind(path)
  const bare = name.replaceAll('*', 'x')
  if (address !== undefined && nameProblem(bare) !== undefined)
    fail('E_NAME', `"${text}" is an address, not the name of an artifact`, { hint })
  if (name !== '*') checkName(bare, `"${text}"`, hint)
  return { ...(registry && { registry }), ...(kind && { kind }), name, ...(range && { range }) }
}

/** A request as a person would write it. */
export function printRequest({ registry, kind, name, range }: Request): string {
  return `${registry ? `${registry}:` : ''}${kind ? `${kind}/` : ''}${name}${range ? `@${range}` : ''}`
}

/** The hint where an address stands in an artifact's place: a path, a URL, ssh's `user@host:`, `owner/repo`, or an npm package. */
export function addressHint(text: string): string | undefined {
  const isPackage = /^@[\w.-]+\/[\w.-]+(?:@.+)?$/.test(text)
  if (isPackage) return `to install what a package has: haal install --all --from ${inShell(`npm:${text}`)}`
  const isAddress = /^(?:\.{0,2}|~)[/\\]|^[A-Za-z]:[/\\]|:\/\/|^[\w.-]+@[\w.-]+:|^npm:/.test(text)
  const isRepository = /^[\w.-]+\/[\w.-]/.test(text) && splitKind(text).kind === undefined
  return isAddress || isRepository
    ? `to install what lies at an address: haal install --all --from ${inShell(text)}`
    : undefined
}

export function isPattern({ name }: Request): boolean {
  return name.includes('*')
}

function splitKind(path: string): Pick<Request, 'kind' | 'name'> {
  const slash = path.indexOf('/')
  const kind = slash > 0 ? kindOf(path.slice(0, slash)) : undefined
  return kind ? { kind, name: path.slice(slash + 1) } : { name: path }
}
