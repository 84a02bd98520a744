import { createHash } from 'node:crypto'
import type http from 'node:http'
import { type Seen, type Server, serve } from './listen.js'
import type { Identity } from './tls.js'

/** An answer, well behaved or not. */
export interface Reply {
  status?: number
  headers?: Record<string, string | string[]>
  body?: string | Uint8Array
  /** Sent with an ETag of its bytes; a request that has it already gets 304. */
  etag?: boolean
  /** What Content-Length says, whatever the body is. false: chunked, without a length. */
  length?: number | false
  /** The connection is torn down after this many bytes of the body. */
  cut?: number
  /** This many bytes at a time, with so many milliseconds between. */
  drip?: { bytes: number; every: number }
  /** The body again and again, for ever. */
  endless?: boolean
  /** Nothing is ever answered. */
  silent?: boolean
  /** Goes to the socket in place of an HTTP answer. */
  raw?: string
  /** The connection is reset before an answer. */
  reset?: boolean
}

/** One answer for all, one after the other (the last stays), or made from the request. */
export type Route = string | Uint8Array | Reply | readonly Reply[] | ((request: Seen) => Reply | Promise<Reply>)
export type Routes = Record<string, Route>

export interface HttpServer extends Server {
  /** Paths without query. '*' answers what no other does. May be changed at any time. */
  routes: Routes
}

/** A hand-made server that says exactly what a test tells it to. */
export async function httpServer(routes: Routes, identity?: Identity): Promise<HttpServer> {
  const asked = new Map<string, number>()
  const server = await serve(
    async (request, response) => {
      const seen = server.requests.at(-1) ?? { method: '', path: '/', headers: {} }
      const name = seen.path.split('?')[0] ?? '/'
      const nth = asked.get(name) ?? 0
      asked.set(name, nth + 1)
      await send(await replyOf(routes[name] ?? routes['*'], seen, nth), request, response)
    },
    { identity },
  )
  return { ...server, routes }
}

async function replyOf(route: Route | undefined, seen: Seen, nth: number): Promise<Reply> {
  if (route === undefined) return { status: 404, body: 'not found\n' }
  if (typeof route === 'string' || route instanceof Uint8Array) return { body: route }
  if (typeof route === 'function') return route(seen)
  if (!isSeries(route)) return route
  return route[Math.min(nth, route.length - 1)] ?? { status: 404 }
}

function isSeries(route: Reply | readonly Reply[]): route is readonly Reply[] {
  return Array.isArray(route)
}

async function send(reply: Reply, request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
  if (reply.silent) return
  if (reply.reset) return void request.socket.resetAndDestroy()
  if (reply.raw !== undefined) return void request.socket.end(reply.raw)
  const body = Buffer.from(reply.body ?? '')
  const etag = `"${createHash('sha256').update(body).digest('hex').slice(0, 16)}"`
  if (reply.etag && request.headers['if-none-match'] === etag) return void response.writeHead(304, { etag }).end()
  response.writeHead(reply.status ?? 200, {
    ...lengthOf(reply, body),
    ...(reply.etag ? { etag } : {}),
    ...reply.headers,
  })
  if (request.method === 'HEAD') return void response.end()
  await sendBody(reply, body, response)
}

function lengthOf({ length, endless }: Reply, body: Buffer): Record<string, string> {
  return length === false || endless ? {} : { 'content-length': String(length ?? body.length) }
}

async function sendBody(reply: Reply, body: Buffer, response: http.ServerResponse): Promise<void> {
  if (reply.cut !== undefined) return void response.write(body.subarray(0, reply.cut), () => response.destroy())
  if (reply.endless) return endless(body, response)
  if (reply.drip) return dripped(body, response, reply.drip)
  // A body longer than its Content-Length can only be sent past node:http, which refuses it.
  if (typeof reply.length === 'number' && reply.length !== body.length) return past(body, response)
  response.end(body)
}

function past(body: Buffer, response: http.ServerResponse): void {
  response.flushHeaders()
  response.socket?.end(body)
}

async function endless(body: Buffer, response: http.ServerResponse): Promise<void> {
  while (!response.destroyed) {
    if (!response.write(body)) await new Promise((done) => response.once('drain', done).once('close', done))
  }
}

async function dripped(
  body: Buffer,
  response: http.ServerResponse,
  { bytes, every }: { bytes: number; every: number },
): Promise<void> {
  for (let at = 0; at < body.length && !response.destroyed; at += bytes) {
    response.write(body.subarray(at, at + bytes))
    await new Promise((done) => setTimeout(done, every))
  }
  response.end()
}
