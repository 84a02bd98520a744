import path from 'node:path'
import { fail } from './errors.js'
import { nearest } from './nearest.js'
import type { PinnedKeys } from './public-keys.js'

/** Where bytes come from, without credentials. `path` is absolute. `npm.registry` is absent where .npmrc decides. */
export type Locator =
  | { via: 'file'; path: string }
  | { via: 'git'; url: string }
  | { via: 'github'; host: string; repo: string }
  | { via: 'url'; url: string }
  | { via: 'npm'; name: string; registry?: string }

export type Via = Locator['via']

/** Who wrote a piece of configuration, from most to least trusted. What came over the network may name https only. */
export type Author = 'person' | 'project' | 'network'

/** An environment reference (`${VAR}`) or, where a person insists, the token itself (`literal`). */
export type Token = { variable: string } | { literal: string }

/** A configured registry: a transport × a layout, by a name. Order in a list is what decides between several. */
export interface Registry {
  name: string
  at: Locator
  /** The address as the configuration has it: what the lockfile repeats, so that it reads the same on every machine. */
  written: string
  /** The absolute folder that a relative address starts from. */
  folder?: string
  /** Branch, tag, version or commit; absent: the remote's HEAD, npm's `latest`. */
  ref?: string
  token?: Token
  /** The digest that the registry's index (or its tree) must have. */
  checksum?: string
  /** Who must have signed its index. */
  signature?: PinnedKeys
  priority?: number
  verified?: boolean
  /** Milliseconds during which an answer of this registry is not asked for again. */
  cacheDuration?: number
  /** The primary whose own list brought this one. */
  listedBy?: string
  author: Author
  /** The file and key this came from, for messages: `haal.json registries[0]`. */
  source: string
}

/** Whether a person, or a project's own file, vouches for a registry. What came over the network vouches for nothing. */
export function isVerified({ verified, author }: Pick<Registry, 'verified' | 'author'>): boolean {
  return verified === true && author !== 'network'
}

/** What a ref resolved to. The same revision is the same bytes for ever: a commit, an npm integrity, the digest of an index, archive or tree. */
export interface Revision<L extends Locator = Locator> {
  at: L
  id: string
}

/** The file that has a registry, for messages. */
export function fileOf({ source }: Pick<Registry, 'source'>): string {
  return source.replace(/ (registries|repos)[.[].*$/s, '')
}

/** Whether a place is on this machine, or mounted here. */
export function isLocal(at: Locator): boolean {
  return at.via === 'file' || (at.via === 'git' && path.isAbsolute(at.url))
}

/** A locator as people write it, and as lockfile and messages show it. */
export function locationOf(at: Locator): string {
  switch (at.via) {
    case 'file':
      return at.path
    case 'github':
      return at.host === 'github.com' ? at.repo : `https://${at.host}/${at.repo}`
    case 'npm':
      return at.name
    default:
      return at.url
  }
}

/** Whether two locators are written the same; which npm registry a package comes from does not count. */
export function sameLocator(a: Locator, b: Locator): boolean {
  return a.via === b.via && locationOf(a) === locationOf(b)
}

/** The hint where there is no registry yet. */
export const addOne = 'add one: haal registry add <folder, URL or owner/repo>'

/** Throws E_NOT_FOUND: a person names a registry that neither the configuration has nor the primary lists. `words` replaces the message. */
export function noRegistry(
  name: string,
  names: readonly string[],
  { words = `there is no registry named "${name}"`, hint = registryHint(name, names) } = {},
): never {
  return fail('E_NOT_FOUND', words, { hint, details: { registry: name } })
}

/** The hint where the path of a registry leads to nothing. */
export function pathHint({ written }: Registry): string {
  return /^\w[\w.-]*\/[\w.-]+$/.test(written)
    ? `check the path; a GitHub repository is https://github.com/${written}`
    : 'check the path; a relative one starts at the folder of the file that names it'
}

/** The hint where a person names a registry that is not there. */
export function registryHint(name: string, names: readonly string[]): string {
  const meant = nearest(name, names)
  if (meant !== undefined) return `did you mean ${meant}?`
  return names.length === 0
    ? 'there is none yet; add one: haal registry add <source>'
    : `there are: ${names.join(', ')}`
}

/** A commit id as git has them: 40 hex digits, 64 in a SHA-256 repository, lower case. */
export function isCommit(text: string): boolean {
  return /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(text)
}
