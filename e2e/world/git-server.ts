import { spawn } from 'node:child_process'
import type http from 'node:http'
import { type Server, serve } from './listen.js'
import type { Identity } from './tls.js'

/** Who may read a repository. Without it everybody may. */
export type Access = { user: string; password: string } | { bearer: string }

export interface GitServer extends Server {
  /** `<origin>/<name>.git` asks for this from now on. */
  guard(name: string, access: Access): void
}

/** git's own smart HTTP server, `git http-backend`, over every bare repository in a folder. */
export async function gitServer(folder: string, identity?: Identity): Promise<GitServer> {
  const guards = new Map<string, Access>()
  const server = await serve(
    (request, response) => {
      const access = guards.get(nameOf(request))
      if (access === undefined || admits(access, request.headers.authorization))
        return gitBackend(folder, request, response)
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end('authentication required\n')
    },
    { identity },
  )
  return { ...server, guard: (name, access) => void guards.set(name, access) }
}

function nameOf(request: http.IncomingMessage): string {
  return /^\/([^/?]+?)(\.git)?\//.exec(request.url ?? '')?.[1] ?? ''
}

function admits(access: Access, header = ''): boolean {
  if ('bearer' in access) return header === `Bearer ${access.bearer}`
  return header === `Basic ${Buffer.from(`${access.user}:${access.password}`).toString('base64')}`
}

/** A CGI bridge, as git-http-backend(1) describes it. */
export function gitBackend(
  folder: string,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): Promise<void> {
  const { pathname, search } = new URL(request.url ?? '/', 'http://localhost')
  const cgi = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      REQUEST_METHOD: request.method,
      PATH_INFO: pathname,
      QUERY_STRING: search.slice(1),
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      REMOTE_ADDR: '127.0.0.1',
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  cgi.stdin.on('error', () => undefined)
  request.pipe(cgi.stdin)
  response.on('close', () => cgi.kill())
  return new Promise((done, refused) => {
    cgi.on('error', refused)
    cgi.on('close', () => done())
    relay(cgi.stdout, response)
  })
}

/** A CGI answer is headers, an empty line, the body; the body is passed on as it comes. */
function relay(source: NodeJS.ReadableStream, response: http.ServerResponse): void {
  let head = Buffer.alloc(0)
  const onData = (bytes: Buffer) => {
    head = Buffer.concat([head, bytes])
    const end = head.indexOf('\r\n\r\n')
    if (end < 0) return
    source.off('data', onData)
    sendHead(head.subarray(0, end).toString('latin1'), response)
    response.write(head.subarray(end + 4))
    source.pipe(response)
  }
  source.on('data', onData)
  source.on('end', () => {
    if (!response.headersSent) response.writeHead(500)
    response.end()
  })
}

function sendHead(head: string, response: http.ServerResponse): void {
  const fields = head.split('\r\n').map((line) => line.split(/:\s*/, 2) as [string, string])
  const status = fields.find(([name]) => name.toLowerCase() === 'status')?.[1] ?? '200'
  response.writeHead(
    Number.parseInt(status, 10),
    Object.fromEntries(fields.filter(([name]) => name.toLowerCase() !== 'status')),
  )
}
