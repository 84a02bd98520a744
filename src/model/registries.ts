import * as v from 'valibot'
import { decode, dictionary, loose, type Spot, shortText, wholeNumber } from './decode.js'
import { digestOfHex } from './digest.js'
import { fail } from './errors.js'
import { jsonPath } from './json.js'
import { byCodeUnit, checkName } from './names.js'
import { nearest } from './nearest.js'
import { pinned } from './public-keys.js'
import { keysSchema, reachable } from './public-keys-schema.js'
import { locationOf, type Registry, type Token, type Via } from './registry.js'
import { locate, type Surroundings } from './source.js'

/** More registries than anybody reads: past this a list is a mistake or an attack. */
export const mostRegistries = 100

const reference = /^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$/
export const vias: readonly Via[] = ['file', 'git', 'github', 'url', 'npm']

const written = {
  type: v.optional(v.string()),
  location: v.optional(shortText),
  url: v.optional(shortText),
  baseUrl: v.optional(shortText),
  ref: v.optional(shortText),
  branch: v.optional(shortText),
  token: v.optional(v.pipe(v.string(), v.minLength(1, 'is empty'))),
  checksum: v.optional(
    v.pipe(
      v.string(),
      v.regex(
        /^sha256-[A-Za-z0-9+/]{43}=$|^(sha256:)?([0-9a-f]{64}|[0-9A-F]{64})$/,
        'is not a sha256 digest (sha256-…, or 64 hex digits)',
      ),
    ),
  ),
  signature: v.optional(v.pipe(loose(keysSchema), reachable())),
  priority: v.optional(wholeNumber(0)),
  verified: v.optional(v.boolean()),
  cacheDuration: v.optional(wholeNumber(0)),
}

/** One registry as haal.json, AgentOS's `registryConfig` and OLAF's `registries.json` write it. Unknown keys are tolerated. */
export const entrySchema = loose(written)

/** The keys that are read of a registry, or known to do nothing. */
export const entryKeys: ReadonlySet<string> = new Set(['name', ...Object.keys(written), 'autoInstall'])

const repoSchema = loose({
  name: v.optional(v.string()),
  repo: v.optional(v.string()),
  branch: v.nullish(v.string()),
  base_url: v.nullish(v.string()),
})
const reposSchema = v.array(v.union([v.string(), repoSchema], 'should be text or an object'))
const mapSchema = dictionary(v.unknown(), 'should be a list or an object')

/** An ordered list of registries: haal.json, OLAF's registries.json. Throws E_CONFIG naming the registry and what is wrong with it. */
export function registriesFromList(list: unknown, around: Surroundings): Registry[] {
  const { source, keys = ['registries'] } = around
  const entries = decode(v.array(loose({ name: v.optional(shortText) })), list, { file: source, keys }, 'E_CONFIG')
  refuseTooMany(entries.length, around)
  const registries = entries.map((entry, i) => {
    const where = `${source} ${jsonPath(['registries', i]).slice(2)}`
    const name = entry.name ?? fail('E_CONFIG', `${where} has no name`)
    return registryFrom(name, entry, { ...around, source: where }, { file: source, keys: [...keys, i] })
  })
  refuseTwins(registries, around)
  return registries
}

/** A map of registries, AgentOS's dialect; its key order is their order. */
export function registriesFromMap(map: unknown, around: Surroundings): Registry[] {
  const { source, keys = ['registries'] } = around
  const entries = Object.entries(decode(mapSchema, map, { file: source, keys }, 'E_CONFIG'))
  refuseTooMany(entries.length, around)
  return entries.map(([name, entry]) => {
    const where = `${source} ${jsonPath(['registries', name]).slice(2)}`
    return registryFrom(name, entry, { ...around, source: where }, { file: source, keys: [...keys, name] })
  })
}

/** haal-installer's `repos-manifest.json`: GitHub repositories, `owner/repo:branch` or `{ repo, branch, base_url }`; there the last wins, so the
    list is reversed. */
export function registriesFromRepos(repos: unknown, around: Surroundings): Registry[] {
  const { keys = ['repos'] } = around
  const list = decode(reposSchema, repos, { file: around.source, keys }, 'E_CONFIG')
  refuseTooMany(list.length, around)
  const registries = list.map((written, i) => {
    const { name, ...entry } = typeof written === 'string' ? repoFromText(written) : repoFrom(written)
    return registryFrom(name ?? `repo-${i + 1}`, entry, { ...around, source: `${around.source} repos[${i}]` })
  })
  refuseTwins(registries, around)
  return registries.reverse()
}

type NamedEntry = { name?: string | undefined } & Readonly<Record<string, unknown>>

function repoFromText(text: string): NamedEntry {
  const [repo = '', branch] = /^([^:]+):([^/].*)$/.exec(text)?.slice(1) ?? [text]
  return repoFrom({ repo, branch })
}

/** An entry without `repo` has haal's own keys. */
function repoFrom({ repo, branch, base_url: baseUrl, ...own }: v.InferOutput<typeof repoSchema>): NamedEntry {
  if (repo === undefined) return { ...own, ...(branch && { branch }) }
  const name = repo
    .replace(/^.*github\.com\//, '')
    .replace(/[^\w.]+/g, '-')
    .toLowerCase()
  return { name, type: 'github', location: repo, ...(branch && { branch }), ...(baseUrl && { baseUrl }) }
}

/** Throws E_CONFIG for an unknown type or missing address, E_TOKEN_UNSET, and what `locate` throws. */
export function registryFrom(name: string, value: unknown, around: Surroundings, at?: Spot): Registry {
  const source = `${around.source} (registry "${name}")`
  checkRegistryName(name, around)
  if (isUndefinedToken(value))
    fail('E_TOKEN_UNSET', `${source}: "token" is undefined`, { hint: 'set the variable that it is read from' })
  const spot = { ...(at ?? { file: around.source }), of: `registry "${name}"` }
  const entry = decode(entrySchema, value, spot, 'E_CONFIG')
  const location = oneOf(['location', 'url'], entry, source)
  if (location === undefined) fail('E_CONFIG', `${source} has no location`, { hint: locationHint(Object.keys(entry)) })
  const via = vias.find((known) => known === entry.type)
  if (entry.type !== undefined && via === undefined)
    fail('E_CONFIG', `${source} has the type "${entry.type}", which haal does not know`, {
      hint: `use one of ${vias.join(', ')}`,
    })
  const ref = oneOf(['ref', 'branch'], entry, source)
  const found = locate(
    { location, ...(via && { type: via }), ...(ref && { ref }), ...(entry.baseUrl && { baseUrl: entry.baseUrl }) },
    { ...around, source },
  )
  const { checksum, signature, priority, verified, cacheDuration } = entry
  const isElsewhere = found.at.via === 'github' && entry.baseUrl !== undefined
  return {
    name,
    ...found,
    written: isElsewhere ? locationOf(found.at) : location.replaceAll('\\', '/'),
    folder: around.folder,
    ...(entry.token !== undefined && { token: tokenFrom(entry.token) }),
    ...(checksum !== undefined && { checksum: canonicalChecksum(checksum) }),
    ...(signature !== undefined && { signature: pinned(signature) }),
    ...(priority !== undefined && { priority }),
    ...(verified !== undefined && { verified }),
    ...(cacheDuration !== undefined && { cacheDuration }),
    author: around.author,
    source: around.source,
  }
}

/** The order in which registries are asked: the first of the list, which is the primary, then by priority, highest first; ties keep their order. */
export function inOrder(primaryFirst: readonly Registry[]): Registry[] {
  const [primary, ...others] = primaryFirst
  if (primary === undefined) return []
  return [primary, ...others.toSorted((a, b) => (b.priority ?? 0) - (a.priority ?? 0))]
}

/** Whether a token is `${VARIABLE}`. */
export function isReference(token: string): boolean {
  return reference.test(token)
}

function checkRegistryName(name: string, { source }: Surroundings): void {
  if (/[:#]/.test(name))
    fail('E_CONFIG', `${source}: the registry name "${name}" has a colon or #`, {
      hint: 'name it without: the colon stands between a registry and an artifact',
    })
  checkName(name.replace(/^@/, ''), `${source}: a registry`, 'name it in letters, digits and hyphens')
}

/** Whether code gave `token: process.env.TOKEN` and the variable is not set, which is a mistake; having no `token` key is none. */
function isUndefinedToken(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'token' in value && value.token === undefined
}

function locationHint(keys: readonly string[]): string {
  const slip = keys.find((key) => nearest(key, ['location', 'url']) !== undefined)
  return slip === undefined ? 'give "location": a path, a URL or org/repo' : `did you mean "location" by "${slip}"?`
}

/** `${VAR}` is a reference; anything else is the token itself. */
function tokenFrom(text: string): Token {
  const variable = reference.exec(text)?.[1]
  return variable === undefined ? { literal: text } : { variable }
}

function canonicalChecksum(checksum: string): string {
  return checksum.startsWith('sha256-') ? checksum : digestOfHex(checksum.replace('sha256:', ''))
}

/** The value of either of two keys that mean the same. Throws E_CONFIG where both are given and differ. */
function oneOf<K extends string>(
  [word, other]: readonly [K, K],
  entry: Readonly<Partial<Record<K, string | undefined>>>,
  source: string,
): string | undefined {
  const [first, second] = [entry[word], entry[other]]
  if (first !== undefined && second !== undefined && first !== second)
    fail('E_CONFIG', `${source} gives "${word}" and "${other}", and they differ`, {
      hint: `keep one of them; "${other}" means "${word}"`,
    })
  return first ?? second
}

function refuseTwins(registries: readonly Registry[], { source }: Surroundings): void {
  const names = registries.map(({ name }) => name).sort(byCodeUnit)
  const twice = names.find((name, i) => names[i + 1] === name)
  if (twice !== undefined)
    fail('E_CONFIG', `${source} has two registries named "${twice}"`, { hint: 'give each its own name' })
}

function refuseTooMany(count: number, { source }: Surroundings): void {
  if (count > mostRegistries)
    fail('E_CONFIG', `${source} lists ${count} registries; haal takes ${mostRegistries} at most`)
}
