import type { Ask } from '../../io/http.js'
import type { Reach } from '../../model/transport.js'
import { askFor, clientOf } from '../web.js'
import { longestAnswer } from './engine.js'
import { type Asker, remoteOf, type WebRemote } from './url.js'

/** What git asks a smart HTTP server first (gitprotocol-http(5)). */
const discovery = '/info/refs?service=git-upload-pack'

export interface Calling {
  remote: WebRemote
  asker: Asker
  reach: Reach
}

/** How haal's own HTTP asks a repository: a token goes no further than the repository's own address. */
export function gitAsk({ remote, asker, reach }: Calling, authorization: string | undefined, limit: number): Ask {
  const secret = authorization && { below: `${remote.url}/`, headers: { authorization } }
  const isOwn = (url: URL) => url.origin === remote.origin
  return askFor({ reach, isOwn, accessHint: '', author: asker.author, ...(secret && { secret }) }, { limit })
}

/** Where a server says that a repository is now. git itself follows nothing: every step is judged here first.
    Throws E_REDIRECT, E_TRANSPORT, E_POLICY_REGISTRY. */
export async function redirectedRemote(calling: Calling, authorization: string | undefined): Promise<WebRemote> {
  const { remote, asker, reach } = calling
  const ask = gitAsk(calling, authorization, longestAnswer)
  const url = await clientOf({ reach }).send(`${remote.url}${discovery}`, ask, async (reply) => reply.url)
  const judged = { ...asker, allows: (origin: string) => origin === url.origin || asker.allows(origin) }
  const found = remoteOf(repositoryIn(url), judged)
  return found.kind === 'http' ? found : remote
}

/** The repository that a discovery was answered for. */
export function repositoryIn(url: URL): string {
  return `${url.origin}${url.pathname.replace(/\/info\/refs$/, '')}`
}
