import http from 'node:http'
import net from 'node:net'
import type { Base } from './ground.js'
import { type Server, serve } from './listen.js'

export interface ProxyServer extends Server {
  /** `host:port` of every tunnel that was asked for, in order. */
  tunnels: string[]
  /** Sends what goes to `host` (port 443) to a port of loopback. */
  map(host: string, port: number): void
}

/** An HTTP proxy: CONNECT for https, absolute addresses for http. Only loopback and mapped hosts can be reached. */
export async function proxy(at: Base): Promise<ProxyServer> {
  const hosts = new Map<string, number>()
  const tunnels: string[] = []
  const connect = (target: string, socket: net.Socket) => {
    tunnels.push(target)
    const port = portFor(target, hosts)
    if (port === undefined) return void socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
    const onward = net.connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      onward.pipe(socket).pipe(onward)
    })
    for (const each of [onward, socket]) each.on('error', () => [onward, socket].map((end) => end.destroy()))
  }
  const server = await serve(relay, { onConnect: (request, socket) => connect(request.url ?? '', socket) })
  at.onEnd(() => server.stop())
  return { ...server, tunnels, map: (host, port) => void hosts.set(`${host}:443`, port) }
}

function portFor(target: string, hosts: ReadonlyMap<string, number>): number | undefined {
  const [host, port] = target.split(':')
  return hosts.get(target) ?? (host === '127.0.0.1' || host === 'localhost' ? Number(port) : undefined)
}

function relay(request: http.IncomingMessage, response: http.ServerResponse): void {
  const { hostname, port, pathname, search } = new URL(request.url ?? '', 'http://none.invalid')
  if (hostname !== '127.0.0.1') return void response.writeHead(502).end()
  const onward = http.request(
    { hostname, port, path: pathname + search, method: request.method, headers: request.headers },
    (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    },
  )
  onward.on('error', () => response.writeHead(502).end())
  request.pipe(onward)
}
