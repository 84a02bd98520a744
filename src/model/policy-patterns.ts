import { isDigest } from './digest.js'
import { type Kind, kindNames, kindOf } from './kinds.js'
import { nearest } from './nearest.js'
import type { Locator } from './registry.js'
import { percentDecoded } from './text.js'

/** Names artifacts in a policy: `kind/name`, a bare name or AgentOS id, or an integrity. `*` stands for any text within one segment;
    alone in the name's place it stands for every name. */
export interface ArtifactPattern {
  text: string
  kind?: Kind
  segments: readonly string[]
}

/** Names places in a policy. Without `path` a web pattern means everything at its origin. */
export type PlacePattern = Place & { text: string; reason?: string }

/** Where a registry is, in the one spelling that policy compares: an origin as WHATWG writes it, and decoded segments of a path. */
export type Place =
  | { via: 'web'; origin: string; path?: readonly string[] }
  | { via: 'file'; path: readonly string[] }
  | { via: 'npm'; path: readonly string[]; registry?: string }

/** A place as a policy's `registries` lists write it. */
interface WrittenPlace {
  origin?: string | undefined
  path?: string | undefined
  file?: string | undefined
  npm?: string | undefined
  reason?: string | undefined
}

/** What was read, or why it cannot be. */
export type Read<T> = { value: T } | { wrong: string }

export function readArtifactPattern(text: string): Read<ArtifactPattern> {
  if (isDigest(text)) return { value: { text, segments: [text] } }
  if (text.includes('**')) return { wrong: doubled }
  const mistake = mistakes.find(([shape]) => shape.test(text))
  if (mistake !== undefined) return { wrong: `"${text}" ${mistake[1]}` }
  const segments = text.split('/')
  const [first = '', ...rest] = segments
  if (segments.includes('') || /[^\S ]|^ | $/.test(text))
    return { wrong: `"${text}" names no artifact; write kind/name` }
  if (rest.length === 0) return { value: { text, segments } }
  const kind = kindOf(first)
  if (kind === undefined) return { wrong: `"${first}" is no kind of artifact; did you mean "${likely(first)}"?` }
  return { value: { text, kind, segments: rest } }
}

/** What other programs' patterns have. Taken for a name it would mean nothing, and nobody would see that the rule has no effect. */
const mistakes: readonly (readonly [shape: RegExp, why: string])[] = [
  [/^sha\d+-/i, 'is no integrity: "sha256-" and 44 characters of base64'],
  [/[^/]@/, 'has a version; a rule means a name with all its versions, or an integrity'],
  [/^!|[?[\]{}]/, 'is no pattern haal knows: only "*" stands for other text'],
]

/** The kind most likely meant. */
function likely(word: string): string {
  return nearest(word, kindNames) ?? 'skill'
}

const doubled = 'uses "**"; a "*" stands for any text within one segment, so write one for each segment: "/ai/*/*"'

export function readPlacePattern(written: WrittenPlace): Read<PlacePattern> {
  const { origin, path, file, npm, reason } = written
  const given = [origin, file, npm].filter((each) => each !== undefined)
  if (given.length !== 1) return { wrong: 'should name one of "origin", "file" and "npm", and only one' }
  if (path !== undefined && origin === undefined) return { wrong: 'has a "path", which belongs to an "origin"' }
  if (`${given[0]}${path ?? ''}`.includes('**')) return { wrong: doubled }
  const place =
    origin !== undefined ? webPattern(origin, path) : file !== undefined ? filePattern(file) : npmPattern(npm ?? '')
  if ('wrong' in place) return place
  const text = `${given[0]}${path ?? ''}`
  return {
    value: { ...place.value, text: npm === undefined ? text : `npm:${npm}`, ...(reason !== undefined && { reason }) },
  }
}

/** One registry's location as people write it: a URL, `git@host:path`, a path, `npm:name`, `owner/repo`. */
export function readLocation(text: string): Read<PlacePattern> {
  const place = locationPlace(text.trim())
  if (place === undefined || text.includes('**'))
    return { wrong: `"${text}" is no location; write the registry's URL, absolute path, npm:<package> or org/repo` }
  return { value: { ...place, text } }
}

function locationPlace(text: string): Place | undefined {
  if (/^\.{1,2}([/\\]|$)/.test(text)) return undefined
  if (text.startsWith('npm:')) return { via: 'npm', path: text.slice('npm:'.length).split('/') }
  if (isAbsolute(text)) return { via: 'file', path: fileSegments(text) }
  if (/^[\w.-]+\/[\w.*-]+$/.test(text)) return webPlace(`https://github.com/${text}`)
  return gitPlace(text)
}

/** A locator in policy's spelling; undefined where it is no address at all. */
export function placeOf(at: Locator): Place | undefined {
  switch (at.via) {
    case 'file':
      return { via: 'file', path: fileSegments(at.path) }
    case 'github':
      return webPlace(`https://${at.host}/${at.repo}`)
    case 'npm':
      return { via: 'npm', path: at.name.split('/'), ...(at.registry !== undefined && { registry: at.registry }) }
    case 'git':
      return gitPlace(at.url) ?? (isAbsolute(at.url) ? { via: 'file', path: fileSegments(at.url) } : undefined)
    case 'url':
      return webPlace(at.url)
  }
}

/** `git+https://…`, `ssh://…`, `git@host:path`, `file://…`. */
function gitPlace(text: string): Place | undefined {
  const url = text.replace(/^git\+/i, '')
  if (/^file:/i.test(url)) return URL.canParse(url) ? filePlace(new URL(url)) : undefined
  if (/^[a-z][a-z\d+.-]*:[/\\]/i.test(url) && !isAbsolute(url)) return webPlace(url)
  const [, host, path] = /^(?:[^@/\\:]+@)?([\w.-]{2,}):(.*)$/.exec(url) ?? []
  return host === undefined ? undefined : webPlace(`ssh://${host}/${path}`)
}

/** `file:///srv/x` and `file:///C:/x`. */
function filePlace(url: URL): Place {
  const path = percentDecoded(url.pathname).replace(/^\/([A-Za-z]:)/, '$1')
  return { via: 'file', path: fileSegments(url.host === '' ? path : `//${url.host}${path}`) }
}

function webPlace(text: string): (Place & { via: 'web' }) | undefined {
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  const origin = originOf(url)
  return origin === undefined ? undefined : { via: 'web', origin, path: webSegments(url.pathname) }
}

/** WHATWG gives http and https an origin; for ssh and git it is made in the same way. */
function originOf(url: URL): string | undefined {
  if (url.origin !== 'null') return url.origin
  if (url.host === '') return undefined
  const host = url.host.toLowerCase()
  return `${url.protocol}//${url.protocol === 'ssh:' ? host.replace(/:22$/, '') : host}`
}

/** Segments of a URL's path, decoded once, without empty ones and without git's `.git` at the end. */
function webSegments(pathname: string): string[] {
  const segments = pathname.split('/').filter((segment) => segment !== '')
  return segments
    .map(percentDecoded)
    .map((segment, i) => (i === segments.length - 1 ? segment.replace(/(?<=.)\.git$/i, '') : segment))
}

/** Segments of an absolute path; `..` is taken away, `\` is `/`, and a Windows drive is compared without regard to case. */
function fileSegments(path: string): string[] {
  const plain = path.replaceAll('\\', '/')
  const isWindows = /^[A-Za-z]:\//.test(plain) || plain.startsWith('//')
  const segments: string[] = plain.startsWith('//') ? ['//'] : []
  for (const segment of (isWindows ? plain.toLowerCase() : plain).split('/')) {
    if (segment === '..') segments.pop()
    else if (segment !== '' && segment !== '.') segments.push(segment)
  }
  return segments
}

export function isAbsolute(path: string): boolean {
  return /^[/\\]|^[A-Za-z]:[/\\]/.test(path)
}

function webPattern(origin: string, path: string | undefined): Read<Place> {
  const url = URL.canParse(origin) ? new URL(origin) : undefined
  const found = url && originOf(url)
  if (url === undefined || found === undefined) return { wrong: `"${origin}" is no origin; write "https://host"` }
  if (origin.includes('*')) return { wrong: `"${origin}" has a "*"; origins are compared exactly, so list each one` }
  if (url.password !== '' || (url.username !== '' && url.protocol !== 'ssh:'))
    return { wrong: 'has a user name or password in its origin' }
  if (!['', '/'].includes(url.pathname) || url.search !== '' || url.hash !== '')
    return { wrong: `"${origin}" is more than an origin; what follows the host belongs in "path"` }
  if (path === undefined) return { value: { via: 'web', origin: found } }
  if (!path.startsWith('/') || path.split('/').includes('..'))
    return { wrong: `"${path}" is no path; it starts with "/"` }
  return { value: { via: 'web', origin: found, path: webSegments(path) } }
}

/** Relative paths are made absolute by whoever reads the policy file, before they are compared with anything. */
function filePattern(file: string): Read<Place> {
  return { value: { via: 'file', path: fileSegments(file) } }
}

/** `@acme` alone means the whole scope. */
function npmPattern(npm: string): Read<Place> {
  const path = npm.split('/')
  if (path.length > 2 || path.includes(''))
    return { wrong: `"${npm}" is no npm package; write "name", "@scope/name" or "@scope/*"` }
  return { value: { via: 'npm', path: npm.startsWith('@') && path.length === 1 ? [npm, '*'] : path } }
}
