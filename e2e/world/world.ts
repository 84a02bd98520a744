import type { ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { type CommitOptions, type Repository, repository } from './git-repository.js'
import { type Access, type GitServer, gitServer } from './git-server.js'
import { type Files, listing, type Place, place, writeAll } from './place.js'
import { end, type Ground, merged, type Outcome, type Run, type RunOptions, runOf } from './run.js'
import { type ArchiveOptions, type RawEntry, tarOf } from './tar.js'
import { type Authority, authority } from './tls.js'

export interface World {
  /** Holds everything below; gone after the test. */
  root: Place
  project: Place
  /** The user's home folder. */
  home: Place
  /** HAAL_HOME. */
  store: Place
  /** Runs the real binary in the project. */
  haal(line: string | readonly string[], options?: RunOptions): Run
  /** Adds to the environment of every later run; undefined takes a variable away. */
  setEnv(env: Record<string, string | undefined>): void
  /** A folder registry. */
  folder(name: string, files: Files, options?: Listed): Promise<Place & { location: string }>
  /** A .tgz; answers its path. Files are packed in order; raw entries as they are. */
  archive(name: string, content: Files | readonly RawEntry[], options?: ArchiveOptions & Listed): Promise<string>
  /** A repository served by git itself over http(s). */
  git(name: string, files: Files, options?: GitOptions): Promise<GitRegistry>
  /** Adds a registry to the end of haal.json's list. */
  list(entry: Record<string, unknown>): void
  /** A value that must appear in no output and in no file: every run and, at the end, every file is searched for it. */
  secret(name?: string): string
  /** Makes every server that asks for it https, with a throw-away authority that haal trusts. */
  tls(): Authority
  /** Runs at the end of the test. */
  onEnd(act: () => void | Promise<void>): void
}

export interface Listed {
  /** false: not added to haal.json. */
  listed?: boolean
  /** Added to the registry's entry in haal.json. */
  entry?: Record<string, unknown>
}

export interface GitOptions extends CommitOptions, Listed {
  access?: Access
  tls?: boolean
}

export interface GitRegistry extends Repository {
  url: string
  server: GitServer
}

const bin = path.resolve(import.meta.dirname, '../../bin/haal.js')

/** A world of its own for one test: project, home, HAAL_HOME and TMPDIR below one temporary folder. */
export async function world(): Promise<World> {
  const root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'haal-world-')))
  const at = (name: string) => path.join(root, name)
  for (const name of ['project', 'home', 'haal', 'tmp']) fs.mkdirSync(at(name))
  const secrets: string[] = []
  const children = new Set<ChildProcess>()
  const endings: (() => void | Promise<void>)[] = []
  const ground: Ground = {
    cwd: at('project'),
    env: cleanEnv(root),
    program: [process.env.HAAL_TEST_NODE ?? process.execPath, bin],
    snapshot: () => listing(root, { skip: ['servers', 'haal/cache', 'haal/store'] }),
    inspect: (outcome) => keepsSecrets(outcome, secrets),
    started: (child) => void children.add(child),
  }
  onTestFinished(async () => {
    for (const child of children) end(child)
    for (const act of endings.reverse()) await act()
    try {
      secretsOnDisk(root, secrets)
    } finally {
      if (process.env.HAAL_KEEP_WORLD === undefined) removeAll(root)
    }
  })
  let trusted: Authority | undefined
  const servers = new Map<boolean, Promise<GitServer>>()
  const project = place(at('project'))
  const made: World = {
    root: place(root),
    project,
    home: place(at('home')),
    store: place(at('haal')),
    haal: (line, options = {}) => runOf(ground, line, options),
    setEnv: (env) => Object.assign(ground, { env: merged(ground.env, env) }),
    list: (entry) => addRegistry(project, entry),
    onEnd: (act) => void endings.push(act),
    secret: (name = 'token') => {
      const value = `canary-${name}-${randomBytes(12).toString('hex')}`
      secrets.push(value)
      return value
    },
    tls: () => {
      trusted ??= authority(at('servers/tls'))
      made.setEnv({ NODE_EXTRA_CA_CERTS: trusted.file, GIT_SSL_CAINFO: trusted.file })
      return trusted
    },
    folder: async (name, files, options = {}) => {
      const folder = place(at(`folders/${name}`))
      fs.mkdirSync(folder.path, { recursive: true })
      await folder.write(files)
      const location = `../folders/${name}`
      if (options.listed !== false) addRegistry(project, { name, type: 'file', location, ...options.entry })
      return { ...folder, location }
    },
    archive: async (name, content, options = {}) => {
      const file = at(`folders/${name}${options.gzip === false ? '.tar' : '.tgz'}`)
      const entries = isRaw(content) ? content : entriesOf(content)
      writeAll(path.dirname(file), { [path.basename(file)]: tarOf(entries, options) })
      if (options.listed)
        addRegistry(project, { name, type: 'file', location: `../folders/${path.basename(file)}`, ...options.entry })
      return file
    },
    git: async (name, files, options = {}) => {
      const repo = await repository(at(`servers/git/${name}.git`), files, options)
      const tls = options.tls ?? false
      const starting = servers.get(tls) ?? gitServer(at('servers/git'), tls ? made.tls().issue() : undefined)
      servers.set(tls, starting)
      const server = await starting
      made.onEnd(() => server.stop())
      if (options.access) server.guard(name, options.access)
      const url = `${server.origin}/${name}.git`
      if (options.listed !== false) addRegistry(project, { name, type: 'git', location: url, ...options.entry })
      return { ...repo, url, server }
    },
  }
  return made
}

/** Nothing of the machine but PATH: no proxies, no tokens, no CI, no colours. */
function cleanEnv(root: string): Record<string, string> {
  const home = path.join(root, 'home')
  return {
    PATH: process.env.PATH ?? '',
    HOME: home,
    USERPROFILE: home,
    HAAL_HOME: path.join(root, 'haal'),
    TMPDIR: path.join(root, 'tmp'),
    LANG: 'C.UTF-8',
    NO_COLOR: '1',
    GIT_CONFIG_NOSYSTEM: '1',
    ...(process.env.SystemRoot ? { SystemRoot: process.env.SystemRoot } : {}),
  }
}

function addRegistry(project: Place, entry: Record<string, unknown>): void {
  const now = project.exists('haal.json') ? project.json('haal.json') : {}
  const registries = now.registries ?? []
  if (!Array.isArray(registries))
    throw new Error('the haal.json of this test has no list of registries: pass { listed: false }')
  writeAll(project.path, { 'haal.json': { ...now, registries: [...registries, entry] } })
}

function isRaw(content: Files | readonly RawEntry[]): content is readonly RawEntry[] {
  return Array.isArray(content)
}

function entriesOf(files: Files): RawEntry[] {
  return Object.entries(files).map(([file, body]) => {
    if (typeof body === 'string' || body instanceof Uint8Array) return { path: file, body }
    if (body !== null && 'mode' in body) return { path: file, body: body.body as string, mode: Number(body.mode) }
    if (body !== null && 'link' in body) return { path: file, type: '2', link: String(body.link) }
    return { path: file, body: `${JSON.stringify(body, null, 2)}\n` }
  })
}

function keepsSecrets({ stdout, stderr }: Outcome, secrets: readonly string[]): void {
  for (const secret of secrets) {
    for (const form of formsOf(secret)) expect(`${stdout}${stderr}`, 'a secret was printed').not.toContain(form)
  }
}

/** As it is, and as a basic header carries it behind the usual user names. */
function formsOf(secret: string): string[] {
  const base64 = (text: string) => Buffer.from(text).toString('base64').replace(/=+$/, '').slice(0, -2)
  return [
    secret,
    base64(secret),
    ...['', 'x-access-token', 'oauth2', 'token'].map((user) => base64(`${user}:${secret}`)),
  ]
}

function secretsOnDisk(root: string, secrets: readonly string[]): void {
  if (secrets.length === 0) return
  for (const name of ['project', 'home', 'haal', 'tmp']) {
    for (const [file, line] of Object.entries(listing(path.join(root, name)))) {
      if (!line.startsWith('file')) continue
      const text = fs.readFileSync(path.join(root, name, file), 'latin1')
      for (const form of secrets.flatMap(formsOf))
        expect(text.includes(form), `a secret lies in ${name}/${file}`).toBe(false)
    }
  }
}

/** Also what a test has made unreadable. */
function removeAll(root: string): void {
  try {
    fs.rmSync(root, { recursive: true, force: true, maxRetries: 3 })
  } catch {
    for (const [entry, line] of Object.entries(listing(root)))
      if (line.startsWith('folder')) fs.chmodSync(path.join(root, entry), 0o755)
    fs.rmSync(root, { recursive: true, force: true, maxRetries: 3 })
  }
}
