import { openHttp } from '../../io/http.js'
import type { Leave } from '../../io/http.js'
import type { Reach } from '../../model/transport.js'
import { type Asker, remoteOf, type WebRemote } from './url.js'

/** What git asks a smart HTTP server first (gitprotocol-http(5)). */
const discovery = '/info/refs?service=git-upload-pack'
/** Enough of an answer to know where it came from. */
const most = 64 * 1024 * 1024

/** What may be spoken to an address on the way to a repository: its own origin, and others only with leave of the policy. */
export function leaveFor(remote: WebRemote, asker: Asker, reach: Reach): (url: URL) => Leave {
  const { author, trusted } = asker
  return (url) => {
    const isTrusted = trusted.includes(url.origin)
    if (url.origin === remote.origin) return { plain: isTrusted, private: isTrusted || author !== 'network' }
    reach.admit({ via: 'git', url: repositoryIn(url) })
    return { plain: isTrusted, private: isTrusted }
  }
}

/** Where a server says that a repository is now. git itself follows nothing: every step is judged here first, and the token
    goes no further than the repository's own address. Throws E_REDIRECT, E_TRANSPORT, E_POLICY_REGISTRY. */
export async function redirectedRemote(
  remote: WebRemote,
  authorization: string | undefined,
  { asker, reach }: { asker: Asker; reach: Reach },
): Promise<WebRemote> {
  const http = openHttp({ env: reach.env })
  try {
    const ask = {
      who: `registry "${asker.name}"`,
      limit: most,
      leave: leaveFor(remote, asker, reach),
      signal: reach.signal,
      ...(authorization && { secret: { below: `${remote.url}/`, headers: { authorization } } }),
    }
    const url = await http.send(`${remote.url}${discovery}`, ask, async (reply) => reply.url)
    const found = remoteOf(repositoryIn(url), { ...asker, trusted: [...asker.trusted, url.origin] })
    return found.kind === 'http' ? found : remote
  } finally {
    http.close()
  }
}

/** The repository that a discovery was answered for. */
export function repositoryIn(url: URL): string {
  return `${url.origin}${url.pathname.replace(/\/info\/refs$/, '')}`
}
