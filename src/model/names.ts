import { type ErrorCode, fail } from './errors.js'

/** Longest path, and longest name of one file or folder, in bytes of UTF-8. */
export const pathLimits = { path: 200, segment: 100, depth: 32 } as const

const windowsDevices = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i
const unportable = /[<>:"|?*\u0000-\u001f\u007f]/
/** Zero-width and other characters that HFS+ drops from names; with one inside, `.git` looks like another name. Control characters act on a
    terminal that lists the folder, and line separators make two lines of a name. Fillers, tags and their kin make two names that look alike. */
const invisible =
  /[\u0080-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb]|[\u{e0000}-\u{e00ff}\u{e01f0}-\u{e0fff}]|\u034f|\u17b4|\u17b5/u
/** `.git` and the names under which Windows reaches it. */
const git = /^(\.git|git~\d+)$/i

interface PathProblem {
  code: ErrorCode
  why: string
}

/** Why a relative path with `/` cannot be written safely on every platform haal runs on; undefined where it can. */
export function pathProblem(path: string): PathProblem | undefined {
  if (isPlain(path)) return undefined
  if (path === '') return { code: 'E_PATH_FORBIDDEN', why: 'is empty' }
  if (/^[/\\]/.test(path) || /^[A-Za-z]:/.test(path)) return { code: 'E_PATH_ABSOLUTE', why: 'is absolute' }
  const segments = path.split('/')
  if (path.split(/[/\\]/).includes('..')) return { code: 'E_PATH_ESCAPE', why: 'leads out of its folder' }
  if (Buffer.byteLength(path) > pathLimits.path)
    return { code: 'E_LIMIT_PATH', why: `is longer than ${pathLimits.path} bytes` }
  if (segments.length > pathLimits.depth)
    return { code: 'E_LIMIT_DEPTH', why: `is deeper than ${pathLimits.depth} folders` }
  for (const segment of segments) {
    const problem = segmentProblem(segment)
    if (problem) return problem
  }
  return undefined
}

/** Most paths: short, letters and digits, nothing near a reserved name. Two looks instead of ten a segment. */
function isPlain(path: string): boolean {
  const plain = path.length <= 2 * pathLimits.depth && /^\.?[\w-]+(?:(?:\/\.?|\.)[\w-]+)*$/.test(path)
  return plain && !/(?:^|\/)(?:con|prn|aux|nul|com\d|lpt\d|\.git)/i.test(path)
}

/** Why one name cannot be a file or folder on every platform. */
export function segmentProblem(segment: string): PathProblem | undefined {
  const forbidden = (why: string): PathProblem => ({ code: 'E_PATH_FORBIDDEN', why })
  if (segment === '' || segment === '.') return forbidden('has an empty segment')
  if (Buffer.byteLength(segment) > pathLimits.segment)
    return { code: 'E_LIMIT_PATH', why: `has a name longer than ${pathLimits.segment} bytes` }
  if (segment.includes('\\')) return forbidden('has a backslash')
  if (unportable.test(segment)) return forbidden('has a character that not every file system takes')
  if (!segment.isWellFormed() || segment.includes('\ufffd')) return forbidden('is not valid Unicode')
  const [unseen] = invisible.exec(segment) ?? []
  if (unseen !== undefined) return forbidden(`has a character that cannot be seen (${codePoint(unseen)})`)
  if (/[. ]$/.test(segment)) return forbidden('ends with a dot or a space')
  if (windowsDevices.test(segment)) return forbidden('is a device on Windows')
  if (git.test(segment)) return forbidden('is git’s own folder')
  return undefined
}

/** `U+200C` */
function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
}

/** Whether some file system takes a name for git's own folder: in another case, or with more that it drops. */
export function isGits(segment: string): boolean {
  const seen = segment
    .split(':', 1)[0]
    ?.replace(new RegExp(invisible, 'gu'), '')
    .replace(/[. ]+$/, '')
  return git.test(seen ?? '')
}

/** The last segment of a path with `/`. */
export function leafOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** Two paths with the same key are one file on a file system that ignores case or normalises Unicode. */
export function twinKey(path: string): string {
  return path.normalize('NFKC').toLowerCase().toUpperCase().normalize('NFKC')
}

/** Words that reach an object's prototype when they are used as a key. */
export const prototypeKeys = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf'] as const

const reservedWords: ReadonlySet<string> = new Set(prototypeKeys.map((word) => word.toLowerCase()))

/** Whether a name is one of these in any case. */
export function isReserved(name: string): boolean {
  return reservedWords.has(name.toLowerCase())
}

/** Why an artifact or registry cannot have this name: unsafe as a path, or a word that is never one. */
export function nameProblem(name: string): string | undefined {
  if (isReserved(name)) return 'is a reserved word'
  if (Buffer.byteLength(name) > pathLimits.segment && !name.includes('/'))
    return `is longer than ${pathLimits.segment} bytes`
  return pathProblem(name)?.why ?? (/^[.-]/.test(name) ? 'starts with a dot or dash' : undefined)
}

/** Throws E_NAME where an artifact's or registry's name is unsafe as a path. Namespaced names have one `/`. */
export function checkName(name: string, what: string, hint?: string): string {
  const why = nameProblem(name)
  if (why !== undefined)
    fail('E_NAME', `${what} has a name that is not safe as a path: ${JSON.stringify(name)} ${why}`, { hint })
  return name
}

/** OLAF asks for kebab-case; anything else that is safe is a warning. */
export function isKebab(name: string): boolean {
  return /^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)
}

/** Whether npm could have a package of this name, with a scope or without. */
export function isPackageName(name: string): boolean {
  return /^(@[a-z0-9-~][\w.~-]*\/)?[a-z0-9-~][\w.~-]*$/i.test(name)
}

/** Orders text by code unit: the same on every platform and locale, unlike `localeCompare`. */
export function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
