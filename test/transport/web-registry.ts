import { onTestFinished } from 'vitest'
import { type HttpServer, httpServer, type Routes } from '../../e2e/world/http-server.js'
import { type ArchiveOptions, type RawEntry, tarOf } from '../../e2e/world/tar.js'
import type { Reach } from '../../src/model/transport.js'
import { url } from '../../src/transport/url.js'
import { type Bench, bench } from './reach.js'

/** What AgentOS's page on self-hosted registries has, in short. */
export const index = {
  version: '1.0.0',
  extensions: { curated: [{ id: 'com.acme.tool', name: 'Tool', version: '1.0.0', path: 'curated/tool' }] },
}
/** A web server that is gone after the test. */
export async function serve(routes: Routes): Promise<HttpServer> {
  const server = await httpServer(routes)
  onTestFinished(() => server.stop())
  return server
}

/** A registry below /ai, and what a transport needs to ask it. */
export async function registryAt(
  routes: Routes,
  more: Parameters<typeof bench>[1] = {},
): Promise<Bench & { server: HttpServer; at: { via: 'url'; url: string } }> {
  const server = await serve(
    Object.fromEntries(Object.entries(routes).map(([path, route]) => [path === '*' ? path : `/ai/${path}`, route])),
  )
  const at = { via: 'url' as const, url: `${server.origin}/ai` }
  return { server, at, ...bench(at, more) }
}

export function tgz(files: Record<string, string>, options: ArchiveOptions = {}): Buffer {
  return tarOf(
    Object.entries(files).map(([path, body]): RawEntry => ({ path, body })),
    options,
  )
}

/** Pins and opens. */
export async function openNow(at: { via: 'url'; url: string }, reach: Reach, ref?: string) {
  return url.open({ at, id: (await url.pin(at, ref, reach)).id }, reach)
}
