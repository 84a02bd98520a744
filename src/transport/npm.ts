import maxSatisfying from 'semver/ranges/max-satisfying.js'
import validRange from 'semver/ranges/valid.js'
import * as v from 'valibot'
import { decode } from '../model/decode.js'
import { fail } from '../model/errors.js'
import { parseJson } from '../model/json.js'
import type { Locator, Revision } from '../model/registry.js'
import type { Answer, Reach, Transport } from '../model/transport.js'
import { type Download, downloadedTree } from './download.js'
import { fresh } from './fresh.js'
import { packumentUrl, publishedTimes } from './npm-times.js'
import { type Npmrc, publicRegistry, readNpmrc } from './npmrc.js'
import { topFolder } from './pack-tree.js'
import { readSri } from './sri.js'
import { type Asked, authorization, revalidate, type Web } from './web.js'

type NpmLocator = Extract<Locator, { via: 'npm' }>

/** Packages of an npm registry, read as npm's own configuration says: registries of scopes, tokens bound to theirs. A revision is the
    package's `dist.integrity`, which its tarball must have. Only the tarball is ever looked at: no script runs, no dependency is fetched.
    Source: github.com/npm/registry, REGISTRY-API.md. Throws E_ACCESS, E_REGISTRY_UNAVAILABLE, E_REF, E_INTEGRITY, E_TOKEN_UNSET, E_TOKEN_UNTRUSTED. */
export const npm: Transport<NpmLocator> = {
  via: 'npm',
  pin: async (at, ref, reach) => {
    const known = await packageAt(at, serverFor(at, reach))
    return { at, id: (versionFor(known, ref) ?? noVersion(at, { ref, known, reach })).integrity }
  },
  open: async (revision, reach) => {
    const server = serverFor(revision.at, reach)
    const sri =
      readSri(revision.id) ?? fail('E_REF', `"${revision.id.slice(0, 100)}" is no revision of ${revision.at.name}`)
    const download = async (): Promise<Download> => {
      const { tarball, version } = await publishedAs(revision, server)
      return { url: tarball, name: `${revision.at.name}@${version}`, sri, label: () => revision.id }
    }
    const tree = await downloadedTree(revision, server.web, { download, root: topFolder })
    const published = async () => {
      const { version } = await publishedAs(revision, server)
      const time = (await publishedTimes(revision.at, server))[version]
      return time === undefined ? undefined : new Date(time)
    }
    return { ...tree, published }
  },
  versions: async (at, reach) => {
    const { versions } = await packageAt(at, serverFor(at, reach))
    return Object.entries(versions).map(([name, { integrity }]) => ({ name, id: integrity }))
  },
}

/** The npm registry that has a package: its address, ending in a slash, and how to ask it. */
interface Server {
  base: string
  web: Web
}

function serverFor(at: NpmLocator, given: Reach): Server {
  const npmrc = readNpmrc(given)
  const { url: base, author } =
    at.registry === undefined
      ? npmrc.registryFor(at.name)
      : { url: slashed(at.registry), author: given.registry.author }
  if (at.registry === undefined && author === 'project') given.admit({ ...at, registry: base })
  const origin = new URL(base).origin
  const found = authorizationFor(base, { npmrc, reach: given })
  if (found) given.hide?.(found.value)
  const { credential: _bound, ...bare } = given
  const reach: Reach = {
    ...bare,
    ...(found && { credential: { origin, value: found.value } }),
  }
  return {
    base,
    web: {
      reach,
      author,
      ca: npmrc.ca,
      proxies: npmrc.proxies,
      ...(found && { secret: { below: found.below, headers: { authorization: found.value } } }),
      isOwn: (url) => url.origin === origin,
      accessHint: `check the name; if it is private: npm login --registry=${base}`,
    },
  }
}

/** haal's own token for the registry, else npm's. */
function authorizationFor(
  base: string,
  { npmrc, reach }: { npmrc: Npmrc; reach: Reach },
): { below: string; value: string } | undefined {
  const { credential } = reach
  if (credential?.origin === new URL(base).origin)
    return { below: base, value: authorization(credential.value).authorization }
  return npmrc.authorizationFor(base)
}

function slashed(url: string): string {
  return url.replace(/\/*$/, '/')
}

const distSchema = v.looseObject({
  tarball: v.string(),
  integrity: v.nullish(v.string()),
  shasum: v.nullish(v.string()),
})
const packumentSchema = v.looseObject({
  'dist-tags': v.optional(v.record(v.string(), v.string()), {}),
  versions: v.record(v.string(), v.looseObject({ dist: distSchema, deprecated: v.nullish(v.unknown()) })),
})

interface Package {
  tags: Readonly<Record<string, string>>
  versions: Readonly<Record<string, Published>>
}

interface Published {
  tarball: string
  integrity: string
  deprecated?: true
}

/** The short form of a packument, which npm made for installers. Only what is needed of it goes to the cache. */
async function packageAt(at: NpmLocator, { base, web }: Server): Promise<Package> {
  const ask = async (known: Answer | undefined): Promise<Asked> => {
    const accept = 'application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8'
    const got = await revalidate(web, { url: packumentUrl(base, at.name), accept, known })
    return got === 'same' ? got : { ...got, body: JSON.stringify(brief(got.body, at.name, web.reach)) }
  }
  return JSON.parse((await fresh(at, `package ${base}`, { reach: web.reach, ask })).body) as Package
}

function brief(text: string, name: string, { registry }: Reach): Package {
  const source = `${registry.name}: ${name}`
  if (/^\s*</.test(text))
    fail('E_REGISTRY_UNAVAILABLE', `registry "${registry.name}" answers with a web page for ${name}`)
  const { 'dist-tags': tags, versions } = decode(
    packumentSchema,
    parseJson(text, source),
    source,
    'E_REGISTRY_UNAVAILABLE',
  )
  const published = Object.entries(versions).flatMap(([version, { dist, deprecated }]): [string, Published][] => {
    const integrity = dist.integrity ?? (dist.shasum && `sha1-${Buffer.from(dist.shasum, 'hex').toString('base64')}`)
    if (!integrity || readSri(integrity) === undefined) return []
    return [[version, { tarball: dist.tarball, integrity, ...(deprecated ? { deprecated: true } : {}) }]]
  })
  return { tags, versions: Object.fromEntries(published) }
}

/** A dist-tag, a version or a range; `latest` where nothing is asked. Of a range npm takes `latest` where it fits, else the newest that is
    not deprecated, else the newest. */
function versionFor({ tags, versions }: Package, ref = 'latest'): Published | undefined {
  const wanted = Object.hasOwn(tags, ref) ? tags[ref] : ref
  const exact = wanted !== undefined && Object.hasOwn(versions, wanted) ? versions[wanted] : undefined
  if (exact) return exact
  const all = Object.keys(versions)
  const range = validRange(ref)
  const current = all.filter((version) => versions[version]?.deprecated === undefined)
  const { latest } = tags
  const fits = (some: string[]) => (range === null ? null : maxSatisfying(some, range))
  const best = fits(all.filter((version) => version === latest)) ?? fits(current) ?? fits(all)
  return best ? versions[best] : undefined
}

/** Names the package, which need not be the registry's own: entries of a catalogue lead to others. */
function noVersion(
  { name }: NpmLocator,
  { ref = 'latest', known, reach }: { ref: string | undefined; known: Package; reach: Reach },
): never {
  const some = Object.keys(known.versions).slice(-8).reverse().join(', ')
  return fail(
    'E_REF',
    `registry "${reach.registry.name}": the package ${name} has no version or tag "${ref.slice(0, 100)}"`,
    {
      hint: some
        ? `there are: ${some}`
        : 'none that it lists has a digest haal can check (dist.integrity, dist.shasum)',
    },
  )
}

/** Which version has this integrity, and where its tarball is. */
async function publishedAs({ at, id }: Revision<NpmLocator>, server: Server): Promise<Published & { version: string }> {
  const { versions } = await packageAt(at, server)
  const found = Object.entries(versions).find(([, { integrity }]) => integrity === id)
  if (found === undefined)
    return fail(
      'E_REF',
      `registry "${server.web.reach.registry.name}" no longer has the version of ${at.name} with ${id}`,
    )
  const [version, published] = found
  return { version, ...published, tarball: tarballAt(published.tarball, server) }
}

/** A mirror may give the public registry's addresses: like npm, haal then asks the mirror. */
function tarballAt(tarball: string, { base, web }: Server): string {
  const url = URL.canParse(tarball, base) ? new URL(tarball, base) : undefined
  if (url === undefined || url.username !== '' || url.password !== '')
    return fail(
      'E_REGISTRY_UNAVAILABLE',
      `registry "${web.reach.registry.name}" names a tarball at something that is no address`,
    )
  const isMirrored = url.origin === new URL(publicRegistry).origin && base !== publicRegistry
  return isMirrored ? new URL(url.pathname.slice(1), base).href : url.href
}
