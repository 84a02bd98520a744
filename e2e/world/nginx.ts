import { spawn } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import type { Base } from './ground.js'
import type { Seen } from './listen.js'
import { type Files, type Place, place } from './place.js'
import { end, mortal } from './run.js'

export interface WebServer extends Place {
  origin: string
  requests(): (Seen & { status: string })[]
  stop(): Promise<void>
}

/** nginx over a folder: ETag, Last-Modified, ranges and gzip as the real one does them. Needs `nginx`. */
export async function nginx(at: Base, name: string, files: Files): Promise<WebServer> {
  const home = place(at.root.at('servers', `nginx-${name}`))
  const site = place(home.at('site'))
  const port = await freePort()
  await site.write(files)
  await home.write({ 'nginx.conf': configuration(home.path, port), 'temp/keep': '' })
  const child = spawn(...mortal('nginx', ['-p', home.path, '-c', 'nginx.conf', '-e', 'error.log']), {
    env: { PATH: `${process.env.PATH}:/usr/sbin` },
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  const ended = new Promise<void>((done) => child.on('close', () => done()))
  const stop = async () => {
    end(child)
    await ended
  }
  at.onEnd(stop)
  await answering(port)
  return { ...site, origin: `http://127.0.0.1:${port}`, stop, requests: () => seenIn(home.at('access.log')) }
}

function configuration(home: string, port: number): string {
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (each) => `${each}_temp_path ${home}/temp/${each};`,
  )
  return `${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off; worker_processes 1; pid ${home}/pid;
events { worker_connections 64; }
http {
  log_format seen escape=json '{"method":"$request_method","path":"$request_uri","headers":{"authorization":"$http_authorization",'
    '"if-none-match":"$http_if_none_match","if-modified-since":"$http_if_modified_since","range":"$http_range"},"status":"$status"}';
  access_log ${home}/access.log seen;
  ${temp.join(' ')}
  types { application/json json; application/gzip tgz; text/markdown md; }
  gzip on; gzip_types application/json text/markdown; gzip_min_length 1;
  server { listen 127.0.0.1:${port}; root ${home}/site; }
}
`
}

function seenIn(log: string): (Seen & { status: string })[] {
  const lines = fs.readFileSync(log, 'utf8').split('\n').filter(Boolean)
  return lines.map((line) => JSON.parse(line))
}

export function freePort(): Promise<number> {
  return new Promise((done, refused) => {
    const server = net.createServer().on('error', refused)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo
      server.close(() => done(port))
    })
  })
}

/** Waits until something listens on a port. */
export async function answering(port: number, tries = 200): Promise<void> {
  const open = await new Promise<boolean>((done) => {
    const socket = net.connect(port, '127.0.0.1', () => done(true)).on('error', () => done(false))
    socket.on('connect', () => socket.destroy())
  })
  if (open) return
  if (tries === 0) throw new Error(`nothing listens on port ${port}`)
  await new Promise((done) => setTimeout(done, 25))
  return answering(port, tries - 1)
}
