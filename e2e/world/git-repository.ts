import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { type Files, writeAll } from './place.js'

export interface CommitOptions {
  tag?: string
  /** Where the commit goes; the branch that HEAD names without it. */
  branch?: string
  message?: string
}

/** One entry of a tree object as git stores it, however unsound. A folder has `entries`. */
export interface RawTreeEntry {
  mode: string
  name: string
  body?: string
  entries?: readonly RawTreeEntry[]
  /** Points at an object that need not exist (a submodule). */
  id?: string
}

/** A bare repository. Every answer named `sha` is a full commit id. Dates are fixed, so the same history has the same ids. */
export interface Repository {
  path: string
  /** Writes files over what is there (null removes one) and answers the commit. */
  commit(files: Files, options?: CommitOptions): Promise<string>
  /** A commit without parents over what the ref was: history rewritten. */
  rewrite(files: Files, options?: CommitOptions): Promise<string>
  /** A commit whose tree holds exactly these entries, unchecked. */
  commitRaw(entries: readonly RawTreeEntry[], options?: CommitOptions): Promise<string>
  tag(name: string, sha?: string): Promise<void>
  /** Full or short: `v1.0.0`, `main`, `refs/heads/main`. The objects go, too. */
  deleteRef(ref: string): Promise<void>
  sha(ref?: string): string
  /** Runs git in the repository. */
  git(...args: string[]): string
}

/** Makes a bare repository and its first commit on `branch`. */
export async function repository(at: string, files: Files, options: CommitOptions = {}): Promise<Repository> {
  const { branch = 'main' } = options
  fs.mkdirSync(at, { recursive: true })
  execFileSync('git', ['init', '-q', '--bare', `--initial-branch=${branch}`, at], { env: identity(at, 0) })
  const repo = repositoryAt(at)
  for (const key of ['uploadpack.allowFilter', 'uploadpack.allowAnySHA1InWant']) repo.git('config', key, 'true')
  await repo.commit(files, options)
  return repo
}

function repositoryAt(at: string): Repository {
  let commits = 0
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: at, env: identity(at, commits), encoding: 'utf8', stdio: 'pipe' }).trim()
  const head = () => git('symbolic-ref', '--short', 'HEAD')
  const record = (tree: string, parents: string[], { tag, branch = head(), message = 'change' }: CommitOptions) => {
    commits += 1
    const sha = git('commit-tree', tree, '-m', message, ...parents.flatMap((parent) => ['-p', parent]))
    git('update-ref', `refs/heads/${branch}`, sha)
    if (tag !== undefined) git('tag', '-f', tag, sha)
    return sha
  }
  const tipOf = (branch = head()) =>
    git('for-each-ref', '--format=%(objectname)', `refs/heads/${branch}`, `refs/heads/${head()}`)
  return {
    path: at,
    git,
    commit: async (files, options = {}) => {
      const [parent] = tipOf(options.branch).split('\n').filter(Boolean)
      return record(treeWith(git, at, { files, parent }), parent === undefined ? [] : [parent], options)
    },
    rewrite: async (files, options = {}) => record(treeWith(git, at, { files }), [], options),
    commitRaw: async (entries, options = {}) => record(rawTree(at, entries), [], options),
    tag: async (name, sha = head()) => void git('tag', '-f', name, sha),
    deleteRef: async (ref) => {
      const full = git('for-each-ref', '--format=%(refname)', ref, `refs/heads/${ref}`, `refs/tags/${ref}`).split('\n')
      for (const each of full) git('update-ref', '-d', each)
      git('reflog', 'expire', '--expire=all', '--all')
      git('gc', '-q', '--prune=now')
    },
    sha: (ref = 'HEAD') => git('rev-parse', `${ref}^{commit}`),
  }
}

type Git = Repository['git']

/** Files go through a work tree of their own, so that modes and links arrive as git itself writes them. */
function treeWith(git: Git, at: string, { files, parent }: { files: Files; parent?: string | undefined }): string {
  const work = fs.mkdtempSync(path.join(path.dirname(at), 'work-'))
  const inWork = (...args: string[]) =>
    git(`--git-dir=${at}`, `--work-tree=${work}`, '-c', 'core.autocrlf=false', ...args)
  inWork('read-tree', ...(parent === undefined ? ['--empty'] : [parent]))
  inWork('checkout-index', '-a', '-f')
  writeAll(work, files)
  inWork('add', '-A', '-f', work)
  const tree = inWork('write-tree')
  fs.rmSync(work, { recursive: true })
  return tree
}

function rawTree(at: string, entries: readonly RawTreeEntry[]): string {
  const store = (type: string, input: Buffer) =>
    execFileSync('git', ['hash-object', '-w', '-t', type, '--literally', '--stdin'], {
      cwd: at,
      input,
      env: identity(at, 0),
    })
      .toString()
      .trim()
  const lines = entries.map((entry) => {
    const id = entry.id ?? (entry.entries ? rawTree(at, entry.entries) : store('blob', Buffer.from(entry.body ?? '')))
    return Buffer.concat([Buffer.from(`${entry.mode} ${entry.name}\0`), Buffer.from(id, 'hex')])
  })
  return store('tree', Buffer.concat(lines))
}

/** The environment of a git that knows nobody: no configuration of the machine, a fixed person, one day a commit. */
function identity(home: string, day: number): NodeJS.ProcessEnv {
  const date = `${1_735_700_400 + day * 86_400} +0000`
  const person = (role: string) => ({
    [`GIT_${role}_NAME`]: 'Ada',
    [`GIT_${role}_EMAIL`]: 'ada@example.com',
    [`GIT_${role}_DATE`]: date,
  })
  return {
    PATH: process.env.PATH,
    HOME: home,
    GIT_CONFIG_NOSYSTEM: '1',
    ...person('AUTHOR'),
    ...person('COMMITTER'),
  }
}
