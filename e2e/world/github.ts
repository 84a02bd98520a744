import { execFile } from 'node:child_process'
import type http from 'node:http'
import { promisify } from 'node:util'
import { type CommitOptions, type Repository, repository } from './git-repository.js'
import { gitBackend } from './git-server.js'
import { type Answer, apiAnswer, missing, shaOf } from './github-api.js'
import type { Base } from './ground.js'
import { type Seen, type Server, serve } from './listen.js'
import type { Files } from './place.js'
import type { ProxyServer } from './proxy.js'
import { type Listed, list } from './registries.js'

export interface GithubOptions extends CommitOptions, Listed {
  /** Makes the repository private: this token opens it, without one it does not exist. */
  token?: string
  /** Stands in for github.com itself: https under the real host names, reached through HTTPS_PROXY. */
  publicHost?: boolean
}

export interface GithubRegistry extends Repository {
  /** What haal.json names: `owner/repo` at github.com, else an address of the double. */
  location: string
  /** The API (below /api/v3 too, as GitHub Enterprise has it), and plain git at /owner/repo.git. */
  api: Server
  /** Where a tarball's redirect leads: another origin, as at GitHub. */
  codeload: Server
  /** Every further API call is answered so, until undefined. */
  refuse(refusal: Refusal | undefined): void
}

export type Refusal =
  /** 403 with x-ratelimit-remaining: 0; seconds since 1970. */
  | { limitUntil: number }
  /** 429, a secondary rate limit; seconds. */
  | { retryAfter: number }
  | { status: number; message: string }

const hosts = ['github.com', 'api.github.com', 'codeload.github.com']

/** A double of GitHub for one repository. Needs `git`, and `openssl` for `publicHost`. */
export async function github(at: Base, full: string, { files, options, proxy }: Making): Promise<GithubRegistry> {
  const folder = at.root.at('servers/github')
  const repo = await repository(`${folder}/${full}.git`, files, options)
  const identity = options.publicHost ? at.tls().issue(...hosts) : undefined
  let refusal: Refusal | undefined
  const state: State = { repo, full, folder, token: options.token, refusal: () => refusal }
  const all = options.publicHost ? beside(await proxy(), state) : [state]
  const meant = ({ url = '' }: http.IncomingMessage) => all.find((each) => url.includes(`/${each.full}`)) ?? state
  const codeload = await serve((request, response) => sendTarball(meant(request), request, response), { identity })
  const code = options.publicHost ? 'https://codeload.github.com' : codeload.origin
  const api = await serve((request, response) => answer({ ...meant(request), code }, request, response), { identity })
  for (const server of [api, codeload]) at.onEnd(() => server.stop())
  if (options.publicHost) await standIn(at, await proxy(), { api, codeload })
  const location = options.publicHost ? full : `${api.origin}/${full}`
  if (options.listed !== false)
    list(at.project, { name: full.split('/')[1], type: 'github', location, ...options.entry })
  const refuse = (next: Refusal | undefined) => {
    refusal = next
  }
  return { ...repo, location, api, codeload, refuse }
}

export interface Making {
  files: Files
  options: GithubOptions
  proxy: () => Promise<ProxyServer>
}

interface State {
  repo: Repository
  full: string
  folder: string
  token: string | undefined
  refusal: () => Refusal | undefined
}

const publicOnes = new WeakMap<ProxyServer, State[]>()

/** Whichever double stands in for github.com itself answers for all of them. */
function beside(proxy: ProxyServer, state: State): State[] {
  const all = publicOnes.get(proxy) ?? []
  all.push(state)
  publicOnes.set(proxy, all)
  return all
}

async function standIn(
  at: Base,
  proxy: ProxyServer,
  { api, codeload }: { api: Server; codeload: Server },
): Promise<void> {
  at.setEnv({ HTTPS_PROXY: proxy.origin, NO_PROXY: '127.0.0.1' })
  for (const host of hosts) proxy.map(host, host.startsWith('codeload') ? codeload.port : api.port)
}

async function answer(state: State & { code: string }, request: http.IncomingMessage, response: http.ServerResponse) {
  const entrance = entranceOf(state.token, request.headers.authorization)
  if (/^\/[^/]+\/[^/]+\.git\//.test(request.url ?? '')) return answerGit(state, entrance, { request, response })
  const refusal = state.refusal()
  if (refusal) return send(refused(refusal), request, response)
  if (entrance === 'wrong') return send({ status: 401, json: { message: 'Bad credentials' } }, request, response)
  if (entrance === 'none') return send(missing, request, response)
  const { method = '', url = '', headers } = request
  const seen: Seen = { method, path: url, headers: headers as Record<string, string> }
  return send(apiAnswer({ ...state, request: seen }), request, response)
}

/** A public repository is open to everybody, but a wrong token is refused there, too. */
function entranceOf(token: string | undefined, header: string | undefined): 'open' | 'none' | 'wrong' {
  if (header === undefined) return token === undefined ? 'open' : 'none'
  const basic = header.startsWith('Basic ')
    ? Buffer.from(header.slice(6), 'base64').toString().split(':')[1]
    : undefined
  return (basic ?? header.replace(/^(bearer|token) /i, '')) === token ? 'open' : 'wrong'
}

interface Exchange {
  request: http.IncomingMessage
  response: http.ServerResponse
}

function answerGit({ folder }: State, entrance: string, { request, response }: Exchange): Promise<void> | void {
  if (entrance === 'open') return gitBackend(folder, request, response)
  response.writeHead(401, { 'www-authenticate': 'Basic realm="GitHub"' }).end()
}

function refused(refusal: Refusal): Answer {
  if ('limitUntil' in refusal) {
    const headers = {
      'x-ratelimit-limit': '60',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': String(refusal.limitUntil),
    }
    return { status: 403, headers, json: { message: 'API rate limit exceeded for 127.0.0.1.' } }
  }
  if ('retryAfter' in refusal) {
    const headers = { 'retry-after': String(refusal.retryAfter) }
    return { status: 429, headers, json: { message: 'You have exceeded a secondary rate limit.' } }
  }
  return { status: refusal.status, json: { message: refusal.message } }
}

const quota = { 'x-ratelimit-limit': '5000', 'x-ratelimit-remaining': '4999', 'x-ratelimit-reset': '1735700400' }

function send(
  { status, headers = {}, json, text }: Answer,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): void {
  const known = headers.etag !== undefined && request.headers['if-none-match'] === headers.etag
  const type = json === undefined ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8'
  response.writeHead(known ? 304 : status, { 'content-type': type, ...quota, ...headers })
  response.end(known ? undefined : (text ?? (json === undefined ? '' : JSON.stringify(json))))
}

/** As codeload names them: everything below `owner-repo-<short commit>/`. */
async function sendTarball(
  { repo, full }: State,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): Promise<void> {
  const ref = decodeURIComponent(/\/legacy\.tar\.gz\/([^?]+)/.exec(request.url ?? '')?.[1] ?? '')
  const sha = shaOf(repo, ref)
  if (sha === undefined) return void response.writeHead(404).end('404: Not Found')
  const prefix = `${full.replace('/', '-')}-${sha.slice(0, 7)}/`
  const packed = await promisify(execFile)('git', ['archive', '--format=tar.gz', `--prefix=${prefix}`, sha], {
    cwd: repo.path,
    encoding: 'buffer',
    maxBuffer: 2 ** 28,
  })
  response.writeHead(200, { 'content-type': 'application/x-gzip' }).end(packed.stdout)
}
