import type { Request } from './artifact.js'
import { fail } from './errors.js'
import { kindOf } from './kinds.js'
import { checkName } from './names.js'

/** Reads `[registry:][kind/]name[@range]`. Ids (`com.yourorg.your-tool`) and patterns (`skill/*`, `*`) stand in the name's place.
    Throws E_USAGE where the text is no request, E_NAME where the name is unsafe as a path. */
export function parseRequest(text: string): Request {
  const parts = /^(?:([^:/@\s]+):)?(.*?)(?:@([^@\s]+))?$/s.exec(text.trim())
  const [, registry, path = '', range] = parts ?? []
  if (path === '' || /\s/.test(path))
    fail('E_USAGE', `"${text}" is not an artifact`, {
      hint: 'write [registry:][kind/]name[@version], for example skill/review-code@1.2.0',
    })
  const { kind, name } = splitKind(path)
  if (name !== '*') checkName(name.replaceAll('*', 'x'), `"${text}"`)
  return { ...(registry && { registry }), ...(kind && { kind }), name, ...(range && { range }) }
}

/** A request as a person would write it. */
export function printRequest({ registry, kind, name, range }: Request): string {
  return `${registry ? `${registry}:` : ''}${kind ? `${kind}/` : ''}${name}${range ? `@${range}` : ''}`
}

export function isPattern({ name }: Request): boolean {
  return name.includes('*')
}

function splitKind(path: string): Pick<Request, 'kind' | 'name'> {
  const slash = path.indexOf('/')
  const kind = slash > 0 ? kindOf(path.slice(0, slash)) : undefined
  return kind ? { kind, name: path.slice(slash + 1) } : { name: path }
}
