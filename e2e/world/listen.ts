import http from 'node:http'
import https from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Identity } from './tls.js'

/** A request that a server of a test has seen. Header names are lower case. */
export interface Seen {
  method: string
  /** Path and query. */
  path: string
  headers: Record<string, string>
}

export interface Server {
  /** `http://127.0.0.1:<port>`, or https. */
  origin: string
  port: number
  requests: Seen[]
  /** Paths of the requests so far, in order. */
  paths(): string[]
  /** Forgets the requests so far. */
  forget(): void
  /** Nobody answers any more. */
  stop(): Promise<void>
  /** The same origin answers again after `stop`. */
  again(): Promise<void>
}

export type Listener = (request: http.IncomingMessage, response: http.ServerResponse) => void | Promise<void>

export interface ServeOptions {
  identity?: Identity | undefined
  /** Answers CONNECT, as a proxy does. */
  onConnect?: (request: http.IncomingMessage, socket: Socket) => void
}

/** A server on a free port of loopback that records its requests. An error of the listener is a 500 that names it. */
export async function serve(listener: Listener, { identity, onConnect }: ServeOptions = {}): Promise<Server> {
  const requests: Seen[] = []
  const sockets = new Set<Socket>()
  const answer: http.RequestListener = (request, response) => {
    requests.push(seen(request))
    Promise.resolve()
      .then(() => listener(request, response))
      .catch((e: Error) => {
        if (!response.headersSent) response.writeHead(500)
        response.end(`test server: ${e.message}`)
      })
  }
  const make = () => {
    const made = identity ? https.createServer({ ...identity }, answer) : http.createServer(answer)
    return onConnect ? made.on('connect', onConnect) : made
  }
  let server = await listening(make(), 0, sockets)
  const { port } = server.address() as AddressInfo
  return {
    origin: `${identity ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    requests,
    paths: () => requests.map(({ path }) => path),
    forget: () => void requests.splice(0),
    stop: () => closed(server, sockets),
    again: async () => {
      server = await listening(make(), port, sockets)
    },
  }
}

function seen(request: http.IncomingMessage): Seen {
  const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)])
  return { method: request.method ?? '', path: request.url ?? '', headers: Object.fromEntries(headers) }
}

function listening<S extends http.Server>(server: S, port: number, sockets: Set<Socket>): Promise<S> {
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  return new Promise((done, refused) => {
    server.on('error', refused)
    server.listen(port, '127.0.0.1', () => done(server))
  })
}

function closed(server: http.Server, sockets: Set<Socket>): Promise<void> {
  if (!server.listening) return Promise.resolve()
  return new Promise((done) => {
    server.close(() => done())
    for (const socket of sockets) socket.destroy()
  })
}
