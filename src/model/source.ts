import path from 'node:path'
import { fail } from './errors.js'
import { pathOfUrl } from './file-url.js'
import { isPackageName } from './names.js'
import { type Author, type Locator, locationOf, type Via } from './registry.js'

/** How a registry's address may be written in a configuration file, a registry's own list or `--from`. */
export interface Source {
  type?: Via
  location: string
  ref?: string
  /** GitHub Enterprise: `https://ghe.corp.com`. */
  baseUrl?: string
}

export interface Surroundings {
  /** Absolute folder that relative paths start from. */
  folder: string
  author: Author
  /** For messages: `haal.json: registry "corp"`. */
  source: string
  /** In that file: the keys that lead to the registries. */
  keys?: readonly string[]
}

/** Reads an address. Throws E_TRANSPORT for one that haal does not speak, or that its author may not name; E_URL_CREDENTIALS; E_CONFIG. */
export function locate(written: Source, around: Surroundings): { at: Locator; ref?: string } {
  const { location, ref } = splitHash(written, around)
  refuseTricks(location, around)
  const via = written.type ?? viaOf(location, around)
  const at = readers[via](location, written, around)
  if (around.author === 'network') refuseLocal(at, around)
  if (at.via === 'file' && ref !== undefined && !isArchive(at.path)) return { at: { via: 'git', url: at.path }, ref }
  if (at.via === 'npm') return npmWithRange(at, ref, around)
  return ref === undefined ? { at } : { at, ref }
}

/** Whether a path, or the path of a URL, is that of an archive: such a location is a whole registry. */
export function isArchive(path: string): boolean {
  return /\.(tgz|tar\.gz|tar)$/i.test(path)
}

/** A location with the ref in it (behind `#`, or behind the `@` of an npm package) replaced, or with undefined taken out. One without stays as it is. */
export function withRef(location: string, via: string, ref: string | undefined): string {
  const hash = hashIn(location)
  const at = hash < 0 && via === 'npm' ? location.lastIndexOf('@') : hash
  const isIn = at > (hash < 0 && location.startsWith('npm:') ? 'npm:'.length : 0)
  if (!isIn) return location
  return `${location.slice(0, at)}${ref === undefined ? '' : `${location[at]}${ref}`}`
}

/** Where the relative addresses of a web registry's index start: its folder, with or without the index's name in the registry's address. */
export function indexBase(address: string): URL {
  const base = new URL(address)
  base.search = ''
  base.hash = ''
  base.pathname = `${base.pathname.replace(/\/registry\.json$/, '').replace(/\/+$/, '')}/`
  return base
}

/** A name for a registry that has none yet: the last word of its address; of an npm package, all words. */
export function nameFor(at: Locator): string {
  const words = locationOf(at)
    .replace(/\.(git|tgz|tar\.gz|tar)$/i, '')
    .replace(/^(\w+:\/\/[^/]+):\d+\/?$/, '$1')
    .split(/[/\\:@]+/)
    .filter((word) => word !== '')
  const word = at.via === 'npm' ? words.join('-') : (words.at(-1) ?? 'registry')
  return (
    word
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '') || 'registry'
  )
}

type Reader = (location: string, written: Source, around: Surroundings) => Locator

const readers: Record<Via, Reader> = {
  file: (location, _written, around) => ({ via: 'file', path: filePath(location, around) }),
  npm: (location) => ({ via: 'npm', name: location.replace(/^npm:/, '') }),
  github: (location, { baseUrl }, around) => github(location, baseUrl, around),
  git: (location, _written, around) => ({ via: 'git', url: gitUrl(location, around) }),
  url: (location, _written, around) => ({ via: 'url', url: webUrl(location, around) }),
}

function viaOf(location: string, { source }: Surroundings): Via {
  if (location.startsWith('npm:')) return 'npm'
  if (/^github:/i.test(location)) return 'github'
  if (/^(https?:\/\/)?(www\.)?github\.com\/[^/]+\/[^/]+\/?$/i.test(location)) return 'github'
  if (/^git\+|^ssh:\/\/|^git:\/\/|^[\w.-]+@[\w.-]+:(?!\/\/)/i.test(location)) return 'git'
  if (/^https?:\/\//i.test(location)) return /\.git\/?$/i.test(location) ? 'git' : 'url'
  if (/^file:/i.test(location) || !/^[a-z][a-z\d+.-]+:/i.test(location)) {
    return /\.git$/i.test(location) && path.basename(location) !== '.git' ? 'git' : 'file'
  }
  return fail('E_TRANSPORT', `${source} names "${location}", an address haal does not speak`, {
    hint: 'use https, ssh, a GitHub repository, a path or npm:<package>',
  })
}

/** `ref` may stand behind `#`; said twice, it must be the same. */
function splitHash({ location, ref }: Source, { source }: Surroundings): { location: string; ref?: string } {
  const hash = hashIn(location)
  const behind = hash < 0 ? undefined : location.slice(hash + 1)
  if (behind !== undefined && ref !== undefined && behind !== ref)
    fail('E_CONFIG', `${source} names two refs, "${behind}" and "${ref}"`)
  const both = ref ?? behind
  return {
    location: hash < 0 ? location : location.slice(0, hash),
    ...(both !== undefined && both !== '' && { ref: both }),
  }
}

/** The index of the `#` before a location's ref; -1 where it has none. */
function hashIn(location: string): number {
  return /^[^#]*:|\//.test(location) ? location.indexOf('#') : -1
}

/** git and ssh read an address that starts with a dash, or names a helper program, as something to run. */
function refuseTricks(location: string, { source }: Surroundings): void {
  const tricky =
    /^\s*-|^[\w+.-]*::|[\u0000-\u001f\u007f]|^\w[\w+.-]*:\/\/[^/]*\s|^(\w[\w+.-]*:\/\/)?([^/@]*@)?-|^[\w.-]+@[\w.-]+:-/
  if (tricky.test(location))
    fail('E_TRANSPORT', `${source} names an address that could run a program: ${JSON.stringify(location)}`)
  const user = /^[a-z][a-z\d+.-]*:[/\\]{2}([^/\\?#]*)@/i.exec(location)?.[1]
  const isSsh = /^(git\+)?ssh:/i.test(location)
  if (
    (user !== undefined && (!isSsh || user.includes(':'))) ||
    /[?&]([\w-]*[-_])?(token|key|apikey|password|secret|sig|signature|auth)=/i.test(location)
  )
    fail('E_URL_CREDENTIALS', `${source} has a user name, password or token in its address`, {
      hint: 'take it out of the address and write "token": "${VARIABLE}" beside it',
    })
}

function refuseLocal(at: Locator, { source }: Surroundings): void {
  const allowed = at.via === 'github' || at.via === 'npm' || ('url' in at && at.url.startsWith('https://'))
  if (!allowed)
    fail(
      'E_TRANSPORT',
      `${source} came over the network and may name https only, not ${'url' in at ? `"${at.url}"` : 'a path'}`,
      { hint: 'its owner has to name an https address there' },
    )
}

function filePath(location: string, { folder, source }: Surroundings): string {
  if (/^file:\/\//i.test(location)) return path.resolve(pathOfUrl(location, { source }))
  return path.resolve(folder, location.replace(/^file:/i, ''))
}

function gitUrl(location: string, around: Surroundings): string {
  const { folder } = around
  const url = location.replace(/^git\+/i, '')
  if (/^file:/i.test(url)) return filePath(url, around)
  if (/^(https?|ssh):\/\//i.test(url) || /^[\w.-]+@[\w.-]+:/.test(url)) return url.replace(/\/$/, '')
  if (/^[a-z][a-z\d+.-]+:\/\//i.test(url))
    fail('E_TRANSPORT', `haal does not fetch git over ${url.slice(0, url.indexOf(':'))}`, { hint: 'use https or ssh' })
  return path.resolve(folder, url)
}

function webUrl(location: string, { source }: Surroundings): string {
  const url = URL.canParse(location) ? new URL(location) : undefined
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:')
    return fail('E_TRANSPORT', `${source}: "${location}" is not an https address`)
  return url.href.replace(/\/$/, '')
}

/** `org/repo`, `github.com/org/repo`, `https://ghe.corp.com/org/repo(.git)`. What has a dot is a host: GitHub gives no organisation one. */
function github(location: string, baseUrl: string | undefined, { source }: Surroundings): Locator {
  const plain = location
    .replace(/^github:/i, '')
    .replace(/\/$/, '')
    .replace(/\.git$/i, '')
  const parts = /^(https?:\/\/)?(?:([\w.-]+(?::\d+)?)\/)?([\w-]+)\/([\w.-]+)$/i.exec(plain)
  const [, scheme, host, owner, repo] = parts ?? []
  if (scheme === undefined && host !== undefined && !/[.:]/.test(host))
    fail('E_CONFIG', `${source}: "${location}" is neither org/repo nor a host with it`, {
      hint: 'write org/repo, or https://<host>/org/repo',
    })
  if (!owner || !repo || /^\.\.?$/.test(repo))
    return fail('E_CONFIG', `${source}: "${location}" is not a GitHub repository`, { hint: 'write org/repo' })
  const base = baseUrl === undefined ? undefined : URL.canParse(baseUrl) ? new URL(baseUrl).host : baseUrl
  return { via: 'github', host: githubHost(base ?? host ?? 'github.com'), repo: `${owner}/${repo}` }
}

/** Where the repositories are, of an address that may be that of the API. */
function githubHost(host: string): string {
  return host.toLowerCase().replace(/^www\.|^api\.(?=github\.com$|[^.]+\.ghe\.com$)/, '')
}

/** `npm:@acme/skills@^2`: what stands behind the last `@` is the range. */
function npmWithRange(
  at: Locator & { via: 'npm' },
  ref: string | undefined,
  { source }: Surroundings,
): { at: Locator; ref?: string } {
  const cut = at.name.lastIndexOf('@')
  const name = cut > 0 ? at.name.slice(0, cut) : at.name
  const range = cut > 0 ? at.name.slice(cut + 1) : ref
  if (cut > 0 && ref !== undefined && ref !== range)
    fail('E_CONFIG', `${source} names two versions, "${range}" and "${ref}"`)
  if (!isPackageName(name))
    fail('E_CONFIG', `${source}: "${name}" is not the name of an npm package`, {
      hint: 'write npm:<package>, and a range behind it if you like: npm:@acme/skills@^2',
    })
  return range === undefined ? { at: { ...at, name } } : { at: { ...at, name }, ref: range }
}
