import type { Repository } from './git-repository.js'
import type { Seen } from './listen.js'

/** What the API answers: JSON or text, and headers of its own. */
export interface Answer {
  status: number
  headers?: Record<string, string>
  json?: unknown
  text?: string
}

export interface Asked {
  repo: Repository
  /** `owner/name` */
  full: string
  request: Seen
  /** Origin that serves tarballs. */
  code: string
}

type Endpoint = (asked: Asked, parts: string[], query: URLSearchParams) => Answer

/** The documented endpoints below /repos/{owner}/{repo}. Source: docs.github.com/rest (commits, git database, contents). */
const endpoints: readonly [path: RegExp, answer: Endpoint][] = [
  [/^$/, (asked) => ok({ full_name: asked.full, default_branch: head(asked.repo), private: false })],
  [/^\/commits\/(.+)$/, commit],
  [/^\/commits$/, history],
  [/^\/tags$/, (asked, _, query) => tags(asked, query)],
  [
    /^\/branches\/(.+)$/,
    ({ repo }, [name = '']) => found(shaOf(repo, `refs/heads/${name}`), (sha) => ok({ name, commit: { sha } })),
  ],
  [/^\/git\/matching-refs\/(.+)$/, ({ repo }, [prefix = '']) => ok(refs(repo, `refs/${prefix}`))],
  [/^\/git\/ref\/(.+)$/, ({ repo }, [name]) => found(refs(repo, `refs/${name}`)[0], ok)],
  [/^\/git\/trees\/([^/]+)$/, tree],
  [/^\/git\/blobs\/([0-9a-f]{40})$/, blob],
  [/^\/tarball(?:\/(.+))?$/, tarball],
]

export function apiAnswer(asked: Asked): Answer {
  const { pathname, searchParams } = new URL(asked.request.path, 'http://localhost')
  const path = decodeURIComponent(pathname).replace(/^\/api\/v3/, '')
  const base = `/repos/${asked.full}`
  if (path !== base && !path.startsWith(`${base}/`)) return missing
  for (const [pattern, answer] of endpoints) {
    const match = pattern.exec(path.slice(base.length))
    if (match) return answer(asked, match.slice(1), searchParams)
  }
  return missing
}

export const missing: Answer = {
  status: 404,
  json: { message: 'Not Found', documentation_url: 'https://docs.github.com/rest' },
}

function ok(json: unknown): Answer {
  return { status: 200, json }
}

function found<T>(value: T | undefined, answer: (value: T) => Answer): Answer {
  return value === undefined ? missing : answer(value)
}

function head(repo: Repository): string {
  return repo.git('symbolic-ref', '--short', 'HEAD')
}

export function shaOf(repo: Repository, ref: string): string | undefined {
  const candidates = [ref, `refs/heads/${ref}`, `refs/tags/${ref}`]
  for (const each of candidates.filter((name) => name !== '' && !name.startsWith('-'))) {
    try {
      return repo.git('rev-parse', '--verify', '-q', `${each}^{commit}`)
    } catch {
      // Not this one: git answers with exit 1.
    }
  }
  return undefined
}

function commit({ repo, request }: Asked, [ref = '']: string[]): Answer {
  const sha = shaOf(repo, ref)
  if (sha === undefined) return { status: 422, json: { message: `No commit found for SHA: ${ref}` } }
  const headers = { etag: `"${sha}"` }
  const short = (request.headers.accept ?? '').includes('sha')
  return short ? { status: 200, headers, text: sha } : { status: 200, headers, json: commitJson(repo, sha) }
}

function commitJson(repo: Repository, sha: string) {
  const [tree, date] = repo.git('show', '-s', '--format=%T %cI', sha).split(' ')
  return { sha, commit: { tree: { sha: tree }, committer: { date }, author: { date } } }
}

function history({ repo }: Asked, _: string[], query: URLSearchParams): Answer {
  const of = query.get('path')
  const shas = repo
    .git('rev-list', shaOf(repo, query.get('sha') ?? 'HEAD') ?? 'HEAD', ...(of ? ['--', of] : []))
    .split('\n')
    .filter(Boolean)
  return ok(page(shas, query).map((sha) => commitJson(repo, sha)))
}

function page<T>(all: readonly T[], query: URLSearchParams): T[] {
  const size = Number(query.get('per_page') ?? 30)
  const from = (Number(query.get('page') ?? 1) - 1) * size
  return all.slice(from, from + size)
}

function tags({ repo, request }: Asked, query: URLSearchParams): Answer {
  const all = refs(repo, 'refs/tags/').map(({ ref }) => ref.slice('refs/tags/'.length))
  const json = page(all, query).map((name) => ({ name, commit: { sha: shaOf(repo, name) } }))
  const number = Number(query.get('page') ?? 1)
  const more =
    page(all, new URLSearchParams({ per_page: query.get('per_page') ?? '30', page: String(number + 1) })).length > 0
  if (!more) return ok(json)
  const next = new URL(request.path, `http://${request.headers.host}`)
  next.searchParams.set('page', String(number + 1))
  return { status: 200, json, headers: { link: `<${next.href}>; rel="next"` } }
}

function refs(repo: Repository, prefix: string): { ref: string; object: { type: string; sha: string } }[] {
  const lines = repo.git('for-each-ref', '--format=%(refname) %(objecttype) %(objectname)').split('\n')
  return lines
    .filter((line) => line.startsWith(prefix))
    .map((line) => line.split(' '))
    .map(([ref = '', type = '', sha = '']) => ({ ref, object: { type, sha } }))
}

function tree({ repo }: Asked, [ref = '']: string[], query: URLSearchParams): Answer {
  const lines = repo.git('ls-tree', '-l', ...(query.get('recursive') ? ['-r', '-t'] : []), ref).split('\n')
  const entries = lines.filter(Boolean).map((line) => /^(\d+) (\w+) (\w+) +(-|\d+)\t(.*)$/.exec(line) ?? [])
  const json = entries.map(([, mode, type, sha, size, path]) => ({
    path,
    mode,
    type,
    sha,
    ...(size === '-' ? {} : { size: Number(size) }),
  }))
  return ok({ sha: ref, tree: json, truncated: false })
}

function blob({ repo, request }: Asked, [sha = '']: string[]): Answer {
  const text = repo.git('cat-file', 'blob', sha)
  if ((request.headers.accept ?? '').includes('raw')) return { status: 200, text }
  return ok({ sha, encoding: 'base64', content: Buffer.from(text).toString('base64') })
}

function tarball({ repo, full, code }: Asked, [ref = 'HEAD']: string[]): Answer {
  const location = `${code}/${full}/legacy.tar.gz/${ref}`
  return found(shaOf(repo, ref), () => ({ status: 302, headers: { location } }))
}
