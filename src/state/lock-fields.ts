import { isDigest } from '../model/digest.js'
import type { ErrorCode } from '../model/errors.js'
import { kindNames } from '../model/kinds.js'
import type { Locked, LockedRegistry } from '../model/lock.js'
import { nameProblem, pathProblem, segmentProblem } from '../model/names.js'
import { isInGit } from './paths.js'

/** Why a value of a lockfile cannot be used. */
export interface Wrong {
  code: ErrorCode
  why: string
  /** The item, where the value is a list. */
  index?: number
}

/** Answers undefined where nothing is wrong. */
type Check = (value: unknown) => Wrong | undefined

/** What haal reads of an artifact; every other key is kept as it is. */
export const artifactFields: Readonly<Record<Exclude<keyof Locked, 'unknown'>, Check>> = {
  version: text,
  registry: text,
  path: (value) => (value === '' ? undefined : place(value)),
  revision: text,
  ref: text,
  integrity: (value) =>
    isDigest(value) ? undefined : { code: 'E_LOCK_INTEGRITY', why: 'is not "sha256-" and 44 characters of base64' },
  requestedBy: listOf(text),
  file: (value) => (typeof value === 'string' ? escapes(segmentProblem(value.replaceAll('/', '\\'))) : text(value)),
  id: text,
  agentosKind: text,
  entry: (value) => place(typeof value === 'string' ? value.replace(/^\.\//, '') : value),
  loadable: flag,
  pinned: flag,
  requires: listOf(ref),
  approved: listOf(text),
  copies: listOf(copy),
  as: place,
  targets: listOf(target),
}

export const requiredFields = ['version', 'registry', 'path', 'integrity', 'requestedBy'] as const

export const registryFields: Readonly<Record<Exclude<keyof LockedRegistry, 'unknown'>, Check>> = {
  type: text,
  location: text,
  ref: text,
  revision: text,
  verified: flag,
  listedBy: text,
}

export const requiredRegistryFields = ['type', 'location'] as const

/** An artifact's key, `kind/name`: it names the folder that is written and removed. */
export function ref(value: unknown): Wrong | undefined {
  if (typeof value !== 'string') return text(value)
  const slash = value.indexOf('/')
  if (!known.has(value.slice(0, Math.max(slash, 0)))) return { code: 'E_LOCK_PARSE', why: 'is not <kind>/<name>' }
  const why = nameProblem(value.slice(slash + 1))
  return why === undefined ? undefined : { code: 'E_LOCK_PATH', why }
}

const known: ReadonlySet<string> = new Set(kindNames)

function text(value: unknown): Wrong | undefined {
  return typeof value === 'string' ? undefined : { code: 'E_LOCK_PARSE', why: 'should be text' }
}

function flag(value: unknown): Wrong | undefined {
  return typeof value === 'boolean' ? undefined : { code: 'E_LOCK_PARSE', why: 'should be true or false' }
}

/** A place below the project, or a path below the registry. */
function place(value: unknown): Wrong | undefined {
  return typeof value === 'string' ? escapes(pathProblem(value)) : text(value)
}

function escapes(problem: { why: string } | undefined): Wrong | undefined {
  return problem === undefined ? undefined : { code: 'E_LOCK_PATH', why: problem.why }
}

/** `<tool>`, or `<tool>:<place>` below the project. */
function target(value: unknown): Wrong | undefined {
  if (typeof value !== 'string') return text(value)
  const at = value.replace(/^[a-z][a-z0-9-]+:/, '')
  const isOwn = at !== value && /^(\.haal(\/|$)|haal\.(json|lock)$)/i.test(at)
  return isOwn ? { code: 'E_LOCK_PATH', why: 'is no place of a tool’s, but haal’s own' } : place(at)
}

/** Why haal.lock cannot name this place of a copy. */
export function copyProblem(written: string): string | undefined {
  return copy(written)?.why
}

/** A copy may lie outside the project, because a person named the place; haal tells about it and never writes or removes it. A network
    share is refused all the same: looking at one sends the user's credentials on Windows. */
function copy(value: unknown): Wrong | undefined {
  if (typeof value !== 'string') return text(value)
  const outside = /^(?:\/(?![/\\])|[A-Za-z]:\/)(.+)$/.exec(value)?.[1]
  if (outside === undefined) return place(value)
  if (isInGit(outside)) return { code: 'E_LOCK_PATH', why: 'is git’s own folder' }
  return /(^|[/\\])\.\.?([/\\]|$)|[\u0000-\u001f\u007f]/.test(outside)
    ? { code: 'E_LOCK_PATH', why: 'leads out of its folder' }
    : undefined
}

function listOf(check: Check): Check {
  return (value) => {
    if (!Array.isArray(value)) return { code: 'E_LOCK_PARSE', why: 'should be a list' }
    for (const [index, item] of value.entries()) {
      const wrong = check(item)
      if (wrong) return { ...wrong, index }
    }
    return undefined
  }
}
