import fs from 'node:fs'
import path from 'node:path'
import { type CommitOptions, type Repository, repository } from './git-repository.js'
import { type Access, type GitServer, gitServer } from './git-server.js'
import type { Base } from './ground.js'
import { type Files, type Place, place, writeAll } from './place.js'
import { type ArchiveOptions, type RawEntry, tarOf } from './tar.js'

export interface Listed {
  /** Whether haal.json lists it: folders and repositories yes, everything else no, unless said. */
  listed?: boolean
  /** Added to the registry's entry in haal.json. */
  entry?: Record<string, unknown>
}

/** Adds a registry to the end of haal.json's list. */
export function list(project: Place, entry: Record<string, unknown>): void {
  const now = project.exists('haal.json') ? project.json('haal.json') : {}
  const registries = now.registries ?? []
  if (!Array.isArray(registries)) throw new Error('this haal.json has no list of registries: pass { listed: false }')
  writeAll(project.path, { 'haal.json': { ...now, registries: [...registries, entry] } })
}

export interface FolderRegistry extends Place {
  /** As haal.json names it: relative to the project. */
  location: string
}

export async function folder(at: Base, name: string, files: Files, options: Listed = {}): Promise<FolderRegistry> {
  const made = place(at.root.at('folders', name))
  fs.mkdirSync(made.path, { recursive: true })
  await made.write(files)
  const location = `../folders/${name}`
  if (options.listed !== false) list(at.project, { name, type: 'file', location, ...options.entry })
  return { ...made, location }
}

export type Content = Files | readonly RawEntry[]

export async function archive(
  at: Base,
  name: string,
  content: Content,
  options: ArchiveOptions & Listed = {},
): Promise<string> {
  const file = at.root.at('folders', `${name}${options.gzip === false ? '.tar' : '.tgz'}`)
  writeAll(path.dirname(file), { [path.basename(file)]: tarOf(entriesOf(content), options) })
  const location = `../folders/${path.basename(file)}`
  if (options.listed) list(at.project, { name, type: 'file', location, ...options.entry })
  return file
}

/** Files as they would be packed; raw entries stay as they are. */
export function entriesOf(content: Content): readonly RawEntry[] {
  if (isRaw(content)) return content
  return Object.entries(content).map(([file, body]) => {
    if (typeof body === 'string' || body instanceof Uint8Array) return { path: file, body }
    if (body !== null && 'mode' in body) return { path: file, body: String(body.body), mode: Number(body.mode) }
    if (body !== null && 'link' in body) return { path: file, type: '2', link: String(body.link) }
    return { path: file, body: `${JSON.stringify(body, null, 2)}\n` }
  })
}

function isRaw(content: Content): content is readonly RawEntry[] {
  return Array.isArray(content)
}

export interface GitOptions extends CommitOptions, Listed {
  access?: Access
  tls?: boolean
}

export interface GitRegistry extends Repository {
  url: string
  server: GitServer
}

export type GitMaker = (name: string, files: Files, options?: GitOptions) => Promise<GitRegistry>

/** All repositories of a world are on one server (and one more for https): two registries, one host. */
export function gitMaker(at: Base): GitMaker {
  const servers = new Map<boolean, Promise<GitServer>>()
  const start = async (tls: boolean) => {
    const server = await gitServer(at.root.at('servers/git'), tls ? at.tls().issue() : undefined)
    at.onEnd(() => server.stop())
    return server
  }
  return async (name, files, options = {}) => {
    const repo = await repository(at.root.at('servers/git', `${name}.git`), files, options)
    const tls = options.tls ?? false
    const starting = servers.get(tls) ?? start(tls)
    servers.set(tls, starting)
    const server = await starting
    if (options.access) server.guard(name, options.access)
    const url = `${server.origin}/${name}.git`
    if (options.listed !== false) list(at.project, { name, type: 'git', location: url, ...options.entry })
    return { ...repo, url, server }
  }
}
