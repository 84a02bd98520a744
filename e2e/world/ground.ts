import type { ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { listing, type Place, place, writeAll } from './place.js'
import { end, type Ground, merged, type Outcome, quoted } from './run.js'
import { type Authority, authority } from './tls.js'

/** What every part of a world stands on. */
export interface Base {
  root: Place
  project: Place
  ground: Ground
  /** Adds to the environment of every later run; undefined takes a variable away. */
  setEnv(env: Record<string, string | undefined>): void
  /** A folder that is first on PATH: `haal` lies there, and what a test puts there. */
  bin: Place
  /** A value that must appear in no output and in no file: every run and, at the end, every file is searched for it. */
  secret(name?: string): string
  /** Makes a secret of a value that a server has given out. */
  keep(value: string): string
  /** The throw-away authority that haal trusts from here on. */
  tls(): Authority
  /** Runs at the end of the test, the last first. */
  onEnd(act: () => void | Promise<void>): void
}

/** HAAL_TEST_NODE is another Node to run haal with. */
const program = [process.env.HAAL_TEST_NODE ?? process.execPath, path.resolve(import.meta.dirname, '../../bin/haal.js')]

/** Folders that haal owns or may write: whatever lies there must not hold a secret. */
const searched = ['project', 'home', 'haal', 'tmp']

/** Makes the folders of a world, and takes everything away when the test has finished. */
export function base(): Base {
  const root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'haal-world-')))
  for (const name of [...searched, 'bin']) fs.mkdirSync(path.join(root, name))
  writeAll(path.join(root, 'bin'), {
    haal: { body: `#!/bin/sh\nexec ${program.map(quoted).join(' ')} "$@"\n`, mode: 0o755 },
  })
  const secrets: string[] = []
  const children = new Set<ChildProcess>()
  const endings: (() => void | Promise<void>)[] = []
  let trusted: Authority | undefined
  const ground: Ground = {
    cwd: path.join(root, 'project'),
    env: cleanEnv(root),
    program,
    snapshot: () => listing(root, { skip: ['servers', 'haal/cache', 'haal/store'] }),
    inspect: (outcome) => keepsSecrets(outcome, secrets),
    started: (child) => void children.add(child),
  }
  const made: Base = {
    root: place(root),
    project: place(ground.cwd),
    bin: place(path.join(root, 'bin')),
    ground,
    setEnv: (env) => {
      ground.env = merged(ground.env, env)
    },
    onEnd: (act) => void endings.push(act),
    secret: (name = 'token') => made.keep(`canary-${name}-${randomBytes(12).toString('hex')}`),
    keep: (value) => {
      secrets.push(value)
      return value
    },
    tls: () => {
      trusted ??= authority(path.join(root, 'servers/tls'))
      made.setEnv({ NODE_EXTRA_CA_CERTS: trusted.file, GIT_SSL_CAINFO: trusted.file })
      return trusted
    },
  }
  onTestFinished(async () => {
    for (const child of children) end(child)
    for (const act of endings.reverse()) await act()
    takeAway(root, secrets)
  })
  return made
}

function takeAway(root: string, secrets: readonly string[]): void {
  try {
    if (secrets.length > 0) expect(leaksIn(root, secrets), 'a secret lies here').toEqual([])
  } finally {
    if (process.env.HAAL_KEEP_WORLD === undefined) removeAll(root)
  }
}

/** Nothing of the machine but PATH: no proxies, no tokens, no CI, no colours. */
function cleanEnv(root: string): Record<string, string> {
  const home = path.join(root, 'home')
  return {
    PATH: [path.join(root, 'bin'), process.env.PATH].join(path.delimiter),
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

function keepsSecrets({ stdout, stderr }: Outcome, secrets: readonly string[]): void {
  for (const form of secrets.flatMap(formsOf))
    expect(`${stdout}${stderr}`.includes(form), 'a secret was printed').toBe(false)
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

/** Files of a world in which a secret lies. */
export function leaksIn(root: string, secrets: readonly string[]): string[] {
  const forms = secrets.flatMap(formsOf)
  const files = searched.flatMap((name) =>
    Object.entries(listing(path.join(root, name)))
      .filter(([, line]) => line.startsWith('file'))
      .map(([file]) => `${name}/${file}`),
  )
  return files.filter((file) => {
    const text = fs.readFileSync(path.join(root, file), 'latin1')
    return forms.some((form) => text.includes(form))
  })
}

/** Also what a test has made unreadable. */
function removeAll(root: string): void {
  const remove = () => fs.rmSync(root, { recursive: true, force: true, maxRetries: 3 })
  try {
    remove()
  } catch {
    const folders = Object.entries(listing(root)).filter(([, line]) => line.startsWith('folder'))
    for (const [folder] of folders) fs.chmodSync(path.join(root, folder), 0o755)
    remove()
  }
}
