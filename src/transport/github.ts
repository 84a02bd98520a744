import * as v from 'valibot'
import type { Reply } from '../io/http.js'
import { decode } from '../model/decode.js'
import { type ErrorCode, fail, HaalError, onError, unanswered } from '../model/errors.js'
import { parseJson } from '../model/json.js'
import { isCommit, type Locator, type Revision } from '../model/registry.js'
import type { Answer, Reach, Tagged, Transport } from '../model/transport.js'
import type { Tree } from '../model/tree.js'
import { githubApi, githubScheme, githubVariable } from './credential.js'
import { downloadedTree } from './download.js'
import { cacheKey, fresh, type News } from './fresh.js'
import { rewritingIn } from './git/attributes.js'
import { dateOf } from './git/objects.js'
import { checkRef } from './git/refs.js'
import { topFolder } from './pack-tree.js'
import { stampOf } from './tar-stamp.js'
import { authorization, revalidate, revalidateIfThere, tokenHint, type Web } from './web.js'

type GithubLocator = Extract<Locator, { via: 'github' }>
type GitLocator = Extract<Locator, { via: 'git' }>

/** GitHub and GitHub Enterprise: one question for the commit, one archive for the files. Where the API is closed (rate limit, blocked, out of
    order), or the archive holds more than haal unpacks or other bytes than the repository, the same repository is read through git. Source:
    docs.github.com/rest. Throws E_ACCESS, E_REGISTRY_UNAVAILABLE with the time at which a rate limit ends, E_REF. */
export function github(git: () => Promise<Transport>): Transport<GithubLocator> {
  return {
    via: 'github',
    pin: async (at, ref, reach) => {
      if (ref !== undefined) checkRef(ref, reach.registry.name)
      if (ref !== undefined && isCommit(ref)) return { at, id: ref }
      const viaApi = async () => ({ id: await commitOf(at, ref, reach) })
      const { id } = await orThroughGit({ at, reach, git }, viaApi, (by) => by.transport.pin(by.at, ref, by.reach))
      return { at, id }
    },
    open: async (revision, reach) => {
      const { at, id } = revision
      if (!isCommit(id)) fail('E_REF', `${reach.registry.name}: "${id.slice(0, 100)}" is not a commit id`)
      const viaGit = async (by: ThroughGit) => ({ ...(await by.transport.open({ at: by.at, id }, by.reach)), revision })
      return orThroughGit({ at, reach, git }, () => tarballTree(revision, reach), viaGit)
    },
    versions: (at, reach) =>
      orThroughGit(
        { at, reach, git },
        () => tags(at, reach),
        async (by) => (await by.transport.versions?.(by.at, by.reach)) ?? [],
      ),
    history,
  }
}

interface Question {
  at: GithubLocator
  reach: Reach
  git: () => Promise<Transport>
}

/** The same repository, as the git transport reads it. */
interface ThroughGit {
  transport: Transport
  at: GitLocator
  reach: Reach
}

async function orThroughGit<T>(
  { at, reach, git }: Question,
  api: () => Promise<T>,
  viaGit: (by: ThroughGit) => Promise<T>,
): Promise<T> {
  try {
    return await api()
  } catch (e) {
    const address = gitAddress(at, reach)
    if (!(e instanceof HaalError) || !gitMayHelp.has(e.code) || address === undefined) throw e
    reach.emit({ type: 'debug', message: `${e.message}; asking through git` })
    const repository: GitLocator = { via: 'git', url: address }
    const { credential } = reach
    const over: Reach = {
      ...reach,
      registry: { ...reach.registry, at: repository },
      ...(credential && { credential: { ...credential, origin: new URL(address).origin } }),
    }
    const attempt = async () => viaGit({ transport: await git(), at: repository, reach: over })
    return onError(unanswered, attempt, () => {
      throw e
    })
  }
}

/** What stays wrong with an archive however often it is fetched: it holds too much, or other bytes than the repository. */
const unfit = ['E_LIMIT_SIZE', 'E_LIMIT_ENTRIES', 'E_LIMIT_RATIO', 'E_CHANGED'] as const

/** Errors of the API after which git is tried: no answer, a refusal, an archive that is no use, or --offline where only git's store has it. Not
    E_ACCESS: git would not find the repository either. */
const gitMayHelp: ReadonlySet<ErrorCode> = new Set([...unfit, 'E_REGISTRY_UNAVAILABLE', 'E_TIMEOUT', 'E_OFFLINE'])

/** undefined where HAAL_GITHUB_API names the API: nothing says where its repositories are. */
function gitAddress({ host, repo }: GithubLocator, { env }: Reach): string | undefined {
  if (host === 'github.com' && env.HAAL_GITHUB_API) return undefined
  return `${githubScheme(host)}//${host}/${repo}.git`
}

function webOf({ host }: GithubLocator, reach: Reach): Web & { api: string } {
  const api = githubApi(host, reach.env)
  const { credential } = reach
  const name = host.replace(/:\d+$/, '')
  const names = new Set([new URL(api).hostname, name, `codeload.${name}`])
  const isBound = credential?.origin === new URL(api).origin
  return {
    api,
    reach,
    ...(isBound && credential && { secret: { below: `${api}/`, headers: authorization(credential.value) } }),
    isOwn: ({ hostname }) => names.has(hostname),
    ...(host === 'github.com' && reach.env.HAAL_GITHUB_API && { author: 'person' as const }),
    accessHint: tokenHint(reach, host === 'github.com' ? githubVariable(reach.env) : undefined),
  }
}

async function commitOf(at: GithubLocator, ref: string | undefined, reach: Reach): Promise<string> {
  const web = webOf(at, reach)
  const ask = async (known: Answer | undefined) => {
    const question = (name: string) => ({
      url: `${web.api}/repos/${at.repo}/commits/${encodeURIComponent(name)}`,
      accept: 'application/vnd.github.sha',
      look: (reply: Reply) => refuseReply(reply, { reach, ref: name }),
    })
    const [name, otherwise] = namesOf(ref)
    if (otherwise === undefined) return demandCommit(await revalidate(web, { ...question(name), known }), reach)
    const got = await revalidateIfThere(web, { ...question(name), known: undefined }, noCommit)
    return demandCommit(
      got === 'missing' ? await revalidate(web, { ...question(otherwise), known: undefined }) : got,
      reach,
    )
  }
  return (await fresh(at, `ref ${ref ?? 'HEAD'}`, { reach, ask })).body.trim()
}

/** Only a commit id may get into the cache. */
function demandCommit(got: News | 'same', { registry }: Reach): News | 'same' {
  if (got === 'same' || isCommit(got.body.trim())) return got
  return fail('E_REGISTRY_UNAVAILABLE', `registry "${registry.name}" answers with something that is no commit id`)
}

/** A version may be tagged with or without `v`. */
function namesOf(ref = 'HEAD'): [name: string, otherwise?: string] {
  const name = ref.replace(/^refs\//, '')
  return /^v?\d+\.\d/.test(name) ? [name, name.startsWith('v') ? name.slice(1) : `v${name}`] : [name]
}

/** What GitHub says for a ref that does not exist, and for a repository without commits. */
const noCommit: readonly number[] = [422, 409]

function refuseReply({ status, headers }: Reply, { reach, ref }: { reach: Reach; ref?: string }): void {
  const { name } = reach.registry
  if (ref !== undefined && noCommit.includes(status))
    fail('E_REF', `registry "${name}" has no branch, tag, version or commit "${ref}"`, {
      details: { registry: name, ref },
    })
  const isLimited =
    (status === 403 || status === 429) && (headers['x-ratelimit-remaining'] === '0' || 'retry-after' in headers)
  if (isLimited) limited(headers, reach)
}

function limited(headers: Readonly<Record<string, string>>, { registry, credential, now }: Reach): never {
  const reset = Number(headers['x-ratelimit-reset'])
  const wait = Number(headers['retry-after'])
  const end = new Date(wait > 0 ? now().getTime() + wait * 1000 : reset * 1000)
  const until = end.getTime() > 0 ? end.toISOString().replace(/\.\d+Z$/, 'Z') : undefined
  fail(
    'E_REGISTRY_UNAVAILABLE',
    `registry "${registry.name}": GitHub's rate limit is used up${until ? ` until ${until}` : ''}`,
    {
      hint: credential ? 'wait, or use another token' : 'set GITHUB_TOKEN: with a token the limit is far higher',
      details: { registry: registry.name, ...(until && { until }) },
    },
  )
}

async function tarballTree(revision: Revision<GithubLocator>, reach: Reach): Promise<Tree> {
  const { at, id } = revision
  const web = webOf(at, reach)
  const download = {
    url: `${web.api}/repos/${at.repo}/tarball/${id}`,
    name: `${at.repo}@${id.slice(0, 12)}`,
    look: (reply: Reply) => refuseReply(reply, { reach, ref: id }),
    label: (head: Uint8Array) => labelOf(head, id, reach),
  }
  const tree = await orRemember(at, reach, async () => {
    const unpacked = await downloadedTree(revision, web, { download: () => download, root: topFolder })
    if (gitAddress(at, reach) !== undefined) await demandUnchanged(unpacked, at, reach)
    return unpacked
  })
  const seconds = Number(tree.label.split(' ')[1])
  return seconds > 0 ? { ...tree, committed: dateOf(seconds) } : tree
}

const saidSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    code: v.picklist(unfit),
    message: v.string(),
    hint: v.optional(v.string()),
    details: v.record(v.string(), v.unknown()),
  }),
)

/** An archive that turned out unfit is not fetched again for as long as the cache remembers that: the same is said of it. Where git cannot take its
    place nothing is remembered, nor of an answer that has too many headers: that is none of the archive's doing. */
function orRemember<T>(at: GithubLocator, reach: Reach, fetch: () => Promise<T>): Promise<T> {
  const key = cacheKey(at, 'no archive', reach)
  const said = v.safeParse(saidSchema, reach.refresh ? undefined : reach.cache.recall(key)?.body)
  if (said.success) {
    const { code, message, ...more } = said.output
    fail(code, message, more)
  }
  return onError(unfit, fetch, (e) => {
    const { code, message, hint, details } = e
    if (gitAddress(at, reach) !== undefined && details.budget !== 'headers')
      reach.cache.remember(key, { body: JSON.stringify({ code, message, hint, details }) })
    throw e
  })
}

/** The bytes of an artifact are those of the repository, whoever brings them: else what is locked could not be had through git. */
async function demandUnchanged(tree: Tree, { repo }: GithubLocator, { registry }: Reach): Promise<void> {
  const attributes = await rewritingIn(tree)
  if (attributes !== undefined)
    fail('E_CHANGED', `registry "${registry.name}": an archive of ${repo} is not what it holds, by its ${attributes}`, {
      hint: 'haal reads it through git instead, which does not answer; see why with --verbose',
    })
}

/** git writes the commit and its time into every archive it makes. */
function labelOf(head: Uint8Array, id: string, { registry }: Reach): string {
  const { commit, seconds = 0 } = stampOf(head)
  if (commit !== undefined && commit !== id)
    fail('E_INTEGRITY', `registry "${registry.name}" sends the files of another commit`, {
      details: { expected: id, actual: commit },
    })
  return `${id} ${seconds}`
}

const pageSize = 100
const mostPages = 100
const tagsSchema = v.array(v.looseObject({ name: v.string(), commit: v.looseObject({ sha: v.string() }) }))
const commitsSchema = v.array(v.looseObject({ sha: v.string() }))

async function tags(at: GithubLocator, reach: Reach): Promise<Tagged[]> {
  const all: Tagged[] = []
  for await (const { name, commit } of pages(at, reach, { path: 'tags?', schema: tagsSchema }))
    all.push({ name, id: commit.sha })
  return all
}

/** Only as many pages are fetched as are read. */
async function* history({ at, id }: Revision<GithubLocator>, path: string, reach: Reach): AsyncGenerator<Tagged> {
  const query = new URLSearchParams({ sha: id, ...(path !== '' && { path }) })
  for await (const { sha } of pages(at, reach, { path: `commits?${query}&`, schema: commitsSchema }))
    yield { name: sha, id: sha }
}

async function* pages<T>(
  at: GithubLocator,
  reach: Reach,
  { path, schema }: { path: string; schema: v.GenericSchema<unknown, T[]> },
): AsyncGenerator<T> {
  const web = webOf(at, reach)
  for (let page = 1; page <= mostPages; page += 1) {
    const url = `${web.api}/repos/${at.repo}/${path}per_page=${pageSize}&page=${page}`
    const look = (reply: Reply) => refuseReply(reply, { reach })
    const source = `${reach.registry.name}: ${path.split('?')[0]}`
    const itemsIn = (body: string) => decode(schema, parseJson(body, source), source, 'E_REGISTRY_UNAVAILABLE')
    const ask = async (known: Answer | undefined) => {
      const got = await revalidate(web, { url, accept: 'application/vnd.github+json', known, look })
      if (got !== 'same') itemsIn(got.body)
      return got
    }
    const items = itemsIn((await fresh(at, `${path}${page}`, { reach, ask })).body)
    for (const item of items) yield item
    if (items.length < pageSize) return
  }
}
