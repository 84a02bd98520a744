import type { CommitOptions } from './git-repository.js'
import { type GithubOptions, type GithubRegistry, github } from './github.js'
import { type Base, base } from './ground.js'
import { type HttpServer, httpServer, type Routes } from './http-server.js'
import { nginx, type WebServer } from './nginx.js'
import { type NpmOptions, type NpmServer, npm } from './npm.js'
import type { Files, Place } from './place.js'
import { type ProxyServer, proxy } from './proxy.js'
import * as registries from './registries.js'
import { type Run, type RunOptions, runOf } from './run.js'
import { type Screen, type ScreenOptions, screenOf } from './screen.js'
import { type SshRegistry, sshRegistry } from './ssh-server.js'
import type { ArchiveOptions } from './tar.js'
import { type Step, transcript } from './transcript.js'
import { type Verdaccio, verdaccio } from './verdaccio.js'

/** All that one test needs. Every maker of a registry that haal.json lists adds it at the end of the list. */
export interface World extends Omit<Base, 'ground'> {
  /** The user's home folder. */
  home: Place
  /** HAAL_HOME. */
  store: Place
  /** Runs the real binary in the project. */
  haal(line: string | readonly string[], options?: RunOptions): Run
  /** Runs a shell line in a terminal and shows what a person sees there. Needs `tmux`. */
  screen(line: string, options?: ScreenOptions): Screen
  /** Runs a program of Node.js in the project, as `haal` is run. */
  node(args: readonly string[], options?: RunOptions): Run
  /** Adds a registry to haal.json. */
  list(entry: Record<string, unknown>): void
  /** A folder registry, listed. */
  folder(name: string, files: Files, options?: registries.Listed): Promise<registries.FolderRegistry>
  /** A .tgz of files or of raw entries; answers its path. */
  archive(name: string, content: registries.Content, options?: ArchiveOptions & registries.Listed): Promise<string>
  /** A repository that git itself serves over http(s), listed. */
  git: registries.GitMaker
  /** A repository behind sshd; not listed. */
  ssh(name: string, files: Files, options?: CommitOptions): Promise<SshRegistry>
  /** A server that answers as told, well or badly; not listed. */
  http(routes: Routes, options?: { tls?: boolean }): Promise<HttpServer>
  /** nginx over a folder; not listed. */
  nginx(name: string, files: Files): Promise<WebServer>
  /** A double of GitHub with one repository, listed. */
  github(full: string, files: Files, options?: GithubOptions): Promise<GithubRegistry>
  /** A small npm registry that the user's .npmrc names; not listed. */
  npm(options?: NpmOptions): Promise<NpmServer>
  /** A real npm registry with the private scope @acme; not listed. */
  verdaccio(): Promise<Verdaccio>
  /** The world's one HTTP proxy. Set HTTPS_PROXY or HTTP_PROXY to its origin to use it. */
  proxy(): Promise<ProxyServer>
  /** Runs shell lines and compares what they say with e2e/golden/<name>.txt. */
  transcript(name: string, steps: readonly Step[], screen?: ScreenOptions): Promise<void>
}

/** A world of its own for one test: project, home, HAAL_HOME and TMPDIR below one temporary folder, gone afterwards. */
export async function world(): Promise<World> {
  const { ground, ...at } = base()
  const whole: Base = { ...at, ground }
  let shared: Promise<ProxyServer> | undefined
  const theProxy = () => {
    shared ??= proxy(whole)
    return shared
  }
  return {
    ...at,
    home: at.root.below('home'),
    store: at.root.below('haal'),
    haal: (line, options = {}) => runOf(ground, line, options),
    screen: (line, options = {}) => screenOf(whole, line, options),
    node: (args, options = {}) => runOf({ ...ground, program: ground.program.slice(0, 1) }, args, options),
    list: (entry) => registries.list(at.project, entry),
    folder: (name, files, options) => registries.folder(whole, name, files, options),
    archive: (name, content, options) => registries.archive(whole, name, content, options),
    git: registries.gitMaker(whole),
    ssh: (name, files, options) => sshRegistry(whole, name, files, options),
    http: async (routes, { tls = false } = {}) => {
      const server = await httpServer(routes, tls ? at.tls().issue() : undefined)
      at.onEnd(() => server.stop())
      return server
    },
    nginx: (name, files) => nginx(whole, name, files),
    github: (full, files, options = {}) => github(whole, full, { files, options, proxy: theProxy }),
    npm: (options) => npm(whole, options),
    verdaccio: () => verdaccio(whole),
    proxy: theProxy,
    transcript: (name, steps, screen) => transcript(whole, name, { steps, screen }),
  }
}
