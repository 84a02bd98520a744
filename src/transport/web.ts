import { shown } from '../io/http/failure.js'
import { type Ask, bytesOf, type Http, openHttp, type Permission, type Reply, type Secret } from '../io/http.js'
import { fail } from '../model/errors.js'
import { jsonLimits } from '../model/json.js'
import { getOrMake } from '../model/maps.js'
import type { Author } from '../model/registry.js'
import type { Answer, Cache, Reach } from '../model/transport.js'
import { shortestSecret } from './credential.js'
import { atEnd } from './endings.js'

/** How a transport talks to its registry over HTTP. */
export interface Web {
  reach: Reach
  /** The credential's headers and the address they are for. */
  secret?: Secret | undefined
  /** Addresses that are the registry's own: policy has judged them already. */
  isOwn(url: URL): boolean
  /** What a person may do where access is refused. */
  accessHint: string
  /** Who named the registry's address, where that is not who named the registry. */
  author?: Author
  /** PEM of the authorities to trust instead of Node's. */
  ca?: string | undefined
  /** Variables that stand before those of the environment. */
  proxies?: Readonly<Record<string, string>>
}

/** One client for each command and set of proxies: it keeps connections open, and closes them when the session ends. */
const clients = new WeakMap<Cache, Map<string, Http>>()

export function clientOf({ reach: { cache, env }, proxies = {} }: Pick<Web, 'reach' | 'proxies'>): Http {
  const known = getOrMake(clients, cache, () => new Map<string, Http>())
  const key = JSON.stringify(proxies)
  return getOrMake(known, key, () => {
    const client = openHttp({ env: { ...env, ...proxies } })
    atEnd(cache, () => client.close())
    return client
  })
}

/** The settings of a request: the credential for its own address only, and what the registry's author may reach. */
export function askFor(
  { reach, secret, isOwn, ca, author = reach.registry.author }: Web,
  more: Pick<Ask, 'limit'> & Partial<Ask>,
): Ask {
  return {
    who: `registry "${reach.registry.name}"`,
    signal: reach.signal,
    permission: (url) => permissionFor(url, reach, isOwn(url) ? author : 'stranger'),
    ...(secret && { secret }),
    ...(ca !== undefined && { ca }),
    ...more,
  }
}

interface Question {
  url: string
  accept: string
  known: Answer | undefined
  /** Sees a reply that is no answer before it is refused. */
  look?: (reply: Reply) => void
}

export type Asked = Omit<Answer, 'at'> | 'same'

/** Asks whether an answer still holds; its text where it does not. Text is UTF-8 byte for byte, so that it has the digest of what was sent. */
export function revalidate(web: Web, question: Question): Promise<Asked> {
  return asked(web, question, (reply) => answerIn(reply, web, question))
}

/** The same for a file that may not be there, which is what the statuses `missing` mean. */
export function revalidateIfThere(
  web: Web,
  question: Question,
  missing: readonly number[],
): Promise<Asked | 'missing'> {
  return asked(web, question, async (reply) =>
    missing.includes(reply.status) ? 'missing' : answerIn(reply, web, question),
  )
}

function asked<T>(web: Web, { url, accept, known }: Question, take: (reply: Reply) => Promise<T>): Promise<T> {
  const ask = askFor(web, { limit: jsonLimits.bytes, headers: { accept, ...conditions(known) } })
  return underWay(web.reach, { what: `asking ${web.reach.registry.name}`, key: url }, () =>
    clientOf(web).send(url, ask, take),
  )
}

/** Says what is being done for as long as it is. */
export async function underWay<T>(
  { emit }: Reach,
  { what, key }: { what: string; key: string },
  act: () => Promise<T>,
): Promise<T> {
  emit({ type: 'start', what, key })
  try {
    return await act()
  } finally {
    emit({ type: 'end', key })
  }
}

async function answerIn(reply: Reply, web: Web, { known, look }: Question): Promise<Asked> {
  if (reply.status === 304 && known) return 'same'
  if (reply.status === 200) return textOf(web, reply)
  look?.(reply)
  return refused(web, reply)
}

async function textOf(web: Web, reply: Reply): Promise<Omit<Answer, 'at'>> {
  const body = utf8(await bytesOf(reply), web, reply)
  refuseEcho(body, web, reply)
  return { body, ...validators(reply) }
}

/** What an index says gets into the cache and into haal.lock, where others read it. */
function refuseEcho(body: string, { reach }: Web, { url }: Reply): void {
  const { credential, registry } = reach
  if (credential === undefined || credential.value.length < shortestSecret || !body.includes(credential.value)) return
  fail('E_REGISTRY_UNAVAILABLE', `registry "${registry.name}" sends the token back that it was sent: ${shown(url)}`, {
    hint: 'nothing of it is kept; ask whoever runs the registry',
  })
}

/** Only what has changed since `known` is sent again. */
export function conditions(known: Answer | undefined): Record<string, string> {
  return {
    ...(known?.etag && { 'if-none-match': known.etag }),
    ...(known?.lastModified && { 'if-modified-since': known.lastModified }),
  }
}

/** What a later request may be made conditional by. */
export function validators({ headers }: Reply): Pick<Answer, 'etag' | 'lastModified'> {
  const { etag, 'last-modified': lastModified, date } = headers
  return { ...(etag && { etag }), ...(lastModified && !isOfNow(lastModified, date) && { lastModified }) }
}

/** What was changed in the second in which it was sent may be changed once more in it, and nobody would hear of that (RFC 9110, 8.8.2.2). */
function isOfNow(lastModified: string, date: string | undefined): boolean {
  return date !== undefined && Date.parse(date) - Date.parse(lastModified) < 1000
}

/** What a reply that is no answer means. Throws E_ACCESS, E_REGISTRY_UNAVAILABLE: never "no such artifact". */
export function refused({ reach, accessHint }: Web, { status, url }: Pick<Reply, 'status' | 'url'>): never {
  const who = `registry "${reach.registry.name}"`
  const details = { registry: reach.registry.name, status }
  if ([401, 403, 404, 410].includes(status))
    fail('E_ACCESS', `${who}: not found or no access (${status} at ${shown(url)})`, { hint: accessHint, details })
  return fail('E_REGISTRY_UNAVAILABLE', `${who} answers with ${status}: ${shown(url)}`, {
    hint: 'try again later; nobody else answers in its name',
    details,
  })
}

/** Names the variable where the configuration has one; `variable` is read where it says nothing of a token. */
export function tokenHint({ registry: { token }, credential }: Reach, variable?: string): string {
  const named = token === undefined ? variable : 'variable' in token ? token.variable : undefined
  if (credential) return `check the address, and that the token${named ? ` in ${named}` : ''} may read it`
  if (named) return `check the address; if it is private, set ${named}`
  return `check the address; if it is private, give the registry "token": "\${VARIABLE}"`
}

/** `user:password` is sent as such, anything else as a bearer token. */
export function authorization(value: string): { authorization: string } {
  const isPair = value.includes(':')
  return { authorization: isPair ? `Basic ${Buffer.from(value).toString('base64')}` : `Bearer ${value}` }
}

/** What is not the registry's own was named by somebody on the network: policy is asked, and nothing but https to a public address is
    reached unless the person or a policy names the origin. */
function permissionFor(url: URL, reach: Reach, author: Author | 'stranger'): Permission {
  if (author === 'stranger') reach.admit({ via: 'url', url: `${url.origin}${url.pathname}` })
  const allowed = reach.allows?.(url.origin) ?? false
  return { plain: allowed || author === 'person', private: allowed || author === 'person' || author === 'project' }
}

function utf8(bytes: Uint8Array, { reach }: Web, { url }: Reply): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return fail('E_JSON', `registry "${reach.registry.name}" sends text that is not UTF-8: ${shown(url)}`)
  }
}
