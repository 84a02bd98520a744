import { type GitServer, gitServer } from '../world/git-server.js'
import type { GithubRegistry } from '../world/github.js'
import { type HttpServer, httpServer, type Routes } from '../world/http-server.js'
import type { World } from '../world/index.js'
import { serve } from '../world/listen.js'

/** Servers under host names of their own, over https, reached through the world's proxy. Needs openssl. */

const hosts = ['github.com', 'api.github.com', 'codeload.github.com']

async function reached(at: World, host: string, port: number): Promise<void> {
  const between = await at.proxy()
  between.map(host, port)
  at.setEnv({ HTTPS_PROXY: between.origin, NO_PROXY: '127.0.0.1' })
}

export async function webAt(at: World, host: string, routes: Routes): Promise<HttpServer> {
  const server = await httpServer(routes, at.tls().issue(host))
  at.onEnd(() => server.stop())
  await reached(at, host, server.port)
  return server
}

/** Every repository that the world's `git` has made, at https://<host>/<name>.git. */
export async function gitAt(at: World, host: string): Promise<GitServer> {
  const server = await gitServer(at.root.at('servers/git'), at.tls().issue(host))
  at.onEnd(() => server.stop())
  await reached(at, host, server.port)
  return server
}

/** github.com itself with several repositories: each is a double of its own, and this stands in front of them. */
export async function githubAt(at: World, doubles: Readonly<Record<string, GithubRegistry>>): Promise<void> {
  const front = await serve(
    async (request, response) => {
      const { url = '', headers } = request
      const [full = '', double] = Object.entries(doubles).find(([name]) => url.includes(`/${name}`)) ?? []
      if (double === undefined) return void response.writeHead(404).end('{}')
      const behind = url.startsWith(`/${full}/legacy`) ? double.codeload : double.api
      const wanted = Object.entries(headers).filter(([name]) =>
        ['authorization', 'accept', 'if-none-match'].includes(name),
      )
      const answer = await fetch(`${behind.origin}${url}`, {
        headers: wanted.map(([name, value]): [string, string] => [name, String(value)]),
        redirect: 'manual',
      })
      const location = answer.headers.get('location')?.replace(double.codeload.origin, 'https://codeload.github.com')
      response.writeHead(answer.status, { ...(location && { location }) }).end(Buffer.from(await answer.arrayBuffer()))
    },
    { identity: at.tls().issue(...hosts) },
  )
  at.onEnd(() => front.stop())
  for (const host of hosts) await reached(at, host, front.port)
}
