import type http from 'node:http'
import { gzipSync } from 'node:zlib'
import type { Base } from './ground.js'
import { integrityOf, sri } from './integrity.js'
import { type Server, serve } from './listen.js'
import type { Files } from './place.js'
import { entriesOf } from './registries.js'
import { tarOf } from './tar.js'

export interface NpmOptions {
  /** Scopes that only this token opens: `{ '@acme': secret('npm') }`. */
  scopes?: Record<string, string>
  /** false: the user's .npmrc stays as it is. */
  configure?: boolean
}

export interface Publication {
  /** dist-tags that point at this version; `latest` without it. */
  tags?: readonly string[]
  /** More of package.json. */
  manifest?: Record<string, unknown>
  /** What the registry says about the tarball, instead of the truth. */
  dist?: Record<string, unknown>
  /** The tarball itself, instead of one made from the files. */
  tarball?: Uint8Array
}

export interface NpmServer extends Server {
  publish(
    name: string,
    version: string,
    files: Files,
    options?: Publication,
  ): Promise<{ integrity: string; artifact: string }>
  unpublish(name: string, version: string): void
}

interface Packument {
  name: string
  'dist-tags': Record<string, string>
  versions: Record<string, Record<string, unknown>>
  time: Record<string, string>
}

/** The reading half of the npm registry API: packuments, their short form, tarballs, bearer tokens for private scopes.
    Source: github.com/npm/registry, docs/REGISTRY-API.md and docs/responses/package-metadata.md. */
export async function npm(at: Base, { scopes = {}, configure = true }: NpmOptions = {}): Promise<NpmServer> {
  const packages = new Map<string, Packument>()
  const tarballs = new Map<string, Buffer>()
  const server = await serve((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname)
    const refusal = refusalOf(path, scopes, request.headers.authorization)
    if (refusal !== undefined) return sendJson(response, refusal, { error: 'unauthorized' })
    const tarball = tarballs.get(path)
    if (tarball) return void response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(tarball)
    sendPackument(packages.get(path.slice(1)), request, response)
  })
  at.onEnd(() => server.stop())
  if (configure) await at.root.write({ 'home/.npmrc': npmrc(server, scopes) })
  return {
    ...server,
    publish: async (name, version, files, options = {}) => {
      const bytes = Buffer.from(options.tarball ?? packed(name, version, { files, manifest: options.manifest ?? {} }))
      const path = `/${name}/-/${name.split('/').at(-1)}-${version}.tgz`
      tarballs.set(path, bytes)
      const dist = { tarball: `${server.origin}${path}`, integrity: sri(bytes, 'sha512'), ...options.dist }
      const known = packages.get(name) ?? { name, 'dist-tags': {}, versions: {}, time: {} }
      known.versions[version] = { name, version, ...options.manifest, dist }
      known.time[version] = new Date(1_735_700_400_000 + packages.size * 86_400_000).toISOString()
      for (const tag of options.tags ?? ['latest']) known['dist-tags'][tag] = version
      packages.set(name, known)
      return { integrity: sri(bytes, 'sha512'), artifact: integrityOf(files) }
    },
    unpublish: (name, version) => {
      delete packages.get(name)?.versions[version]
      tarballs.delete(`/${name}/-/${name.split('/').at(-1)}-${version}.tgz`)
    },
  }
}

/** 404 without a token and 401 with a wrong one, as private registries answer. */
function refusalOf(path: string, scopes: Record<string, string>, header: string | undefined): number | undefined {
  const token = scopes[path.slice(1).split('/')[0] ?? '']
  if (token === undefined || header === `Bearer ${token}`) return undefined
  return header === undefined ? 404 : 401
}

function npmrc({ origin }: Server, scopes: Record<string, string>): string {
  const lines = Object.keys(scopes).map((scope) => `${scope}:registry=${origin}/`)
  const tokens = Object.keys(scopes).length === 0 ? [] : [`${origin.replace(/^http:/, '')}/:_authToken=\${NPM_TOKEN}`]
  return `${[`registry=${origin}/`, ...lines, ...tokens].join('\n')}\n`
}

/** A tarball as npm packs it: everything below `package/`. */
export function packed(
  name: string,
  version: string,
  { files, manifest }: { files: Files; manifest: Record<string, unknown> },
): Buffer {
  const whole: Files = { 'package.json': { name, version, ...manifest }, ...files }
  return gzipSync(
    tarOf(
      entriesOf(whole).map((entry) => ({ ...entry, path: `package/${entry.path}` })),
      { gzip: false },
    ),
  )
}

function sendPackument(
  found: Packument | undefined,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): void {
  const etag = `"${sri(JSON.stringify(found ?? {})).slice(7, 23)}"`
  if (found === undefined) sendJson(response, 404, { error: 'Not found' })
  else if (request.headers['if-none-match'] === etag) response.writeHead(304, { etag }).end()
  else response.writeHead(200, { etag, 'content-type': 'application/json' }).end(bodyFor(request, found))
}

/** Installers ask for a short form, which has no dates. */
function bodyFor(request: http.IncomingMessage, { time, ...brief }: Packument): string {
  const short = (request.headers.accept ?? '').includes('application/vnd.npm.install-v1+json')
  return JSON.stringify(short ? brief : { ...brief, time })
}

function sendJson(response: http.ServerResponse, status: number, json: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json))
}
