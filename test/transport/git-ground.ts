import type http from 'node:http'
import path from 'node:path'
import { onTestFinished } from 'vitest'
import { type CommitOptions, type Repository, repository } from '../../e2e/world/git-repository.js'
import { type GitServer, gitServer } from '../../e2e/world/git-server.js'
import type { Files } from '../../e2e/world/place.js'
import type { Locator } from '../../src/model/registry.js'
import type { Reach } from '../../src/model/transport.js'
import type { Tree } from '../../src/model/tree.js'
import { endAll } from '../../src/transport/endings.js'
import { git } from '../../src/transport/git.js'
import { type Bench, bench, filesBelow, folder } from './reach.js'

/** Both must do the same. */
export const engines = ['system', 'embedded'] as const
export type Engine = (typeof engines)[number]

export interface Ground {
  repo: Repository
  server: GitServer
  url: string
}

/** A repository behind git's own HTTP server, for one test. */
export async function served(files: Files, options: CommitOptions = {}): Promise<Ground> {
  const root = folder()
  const repo = await repository(path.join(root, 'corp.git'), files, options)
  const server = await gitServer(root)
  onTestFinished(() => server.stop())
  return { repo, server, url: `${server.origin}/corp.git` }
}

type More = Parameters<typeof bench>[1]

/** What the transport is given, with one of the two gits. */
export function gitBench(url: string, engine: Engine, more: More = {}): Bench {
  const env = { PATH: process.env.PATH, HAAL_GIT: engine, ...more.env }
  return bench(at(url), { ...more, env })
}

export function at(url: string): Extract<Locator, { via: 'git' }> {
  return { via: 'git', url }
}

/** The tree at a ref, as a command would open it. */
export async function opened(url: string, reach: Reach, ref?: string): Promise<Tree> {
  const tree = await openedAt(url, reach, await pinned(url, reach, ref))
  return tree
}

export async function pinned(url: string, reach: Reach, ref?: string): Promise<string> {
  return (await git.pin(at(url), ref, reach)).id
}

export async function openedAt(url: string, reach: Reach, id: string): Promise<Tree> {
  onTestFinished(() => endAll(reach.cache))
  return git.open({ at: at(url), id }, reach)
}

/** From now on a server's requests count. The list of refs, which comes beside HEAD and for which nobody waits, is none of them. */
export async function countFromNow({ server, url }: Pick<Ground, 'server' | 'url'>, reach: Reach): Promise<void> {
  await git.versions?.(at(url), reach)
  server.forget()
}

export async function text(tree: Tree, file: string): Promise<string> {
  return Buffer.from(await tree.read(file)).toString('utf8')
}

export async function bytesOf(request: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks)
}

interface Passing {
  request: http.IncomingMessage
  response: http.ServerResponse
  body: Buffer
  /** The last bytes of a pack never come. */
  stuck?: boolean
}

/** Asks the server at `origin` the same. */
export async function passedOn(origin: string, { request, response, body, stuck }: Passing): Promise<void> {
  const { 'content-type': type = '', 'git-protocol': protocol = '' } = request.headers
  const headers = { 'content-type': type, 'git-protocol': String(protocol) }
  const asked = { method: request.method ?? 'GET', headers, ...(body.length > 0 && { body }) }
  const answer = await fetch(`${origin}${request.url}`, asked)
  response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' })
  const bytes = Buffer.from(await answer.arrayBuffer())
  if (stuck && bytes.includes('PACK')) response.write(bytes.subarray(0, -30))
  else response.end(bytes)
}

export const registryFiles: Files = {
  'skills/review/SKILL.md': '# review v1\n',
  'skills/review/scripts/run.sh': { body: '#!/bin/sh\necho run\n', mode: 0o755 },
  'skills/plan/SKILL.md': '# plan\n',
  'README.md': 'a registry\n',
}

export function packsIn(root: string): string[] {
  return filesBelow(root).filter((name) => name.endsWith('.pack'))
}
