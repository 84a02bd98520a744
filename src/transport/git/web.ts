import type { GitHttpRequest, GitHttpResponse } from 'isomorphic-git'
import { bytesOf, openHttp } from '../../io/http.js'
import { limits } from '../../model/limits.js'
import type { Reach } from '../../model/transport.js'
import { authorizations } from './auth.js'
import { leaveFor, repositoryIn } from './redirect.js'
import { told } from './trouble.js'
import type { Asker, WebRemote } from './url.js'

export interface Web {
  request(request: GitHttpRequest): Promise<GitHttpResponse>
  close(): void
}

/** The embedded git's way to a server: haal's own HTTP, so that redirects, tokens, limits and time are the same as everywhere.
    Only answers that a git server gives come back; everything else is thrown. */
export function webOf(remote: WebRemote, { asker, reach }: { asker: Asker; reach: Reach }): Web {
  const http = openHttp({ env: reach.env })
  let forms = authorizations(remote, reach.credential)
  /** Where the repository is, once the server has said so. */
  let base = remote.url
  const send = (url: string, { method, headers = {} }: GitHttpRequest, body: Uint8Array | undefined) => {
    const ask = {
      who: `registry "${asker.name}"`,
      method: method === 'POST' ? ('POST' as const) : ('GET' as const),
      headers,
      limit: limits.expanded,
      leave: leaveFor(remote, asker, reach),
      signal: reach.signal,
      ...(body && { body }),
      ...(forms[0] && { secret: { below: `${remote.url}/`, headers: { authorization: forms[0] } } }),
    }
    return http.send(url, ask, async (reply) => ({ ...reply, bytes: await bytesOf(reply) }))
  }
  return {
    close: () => http.close(),
    request: async (request) => {
      const body = request.body && (await collected(request.body))
      for (;;) {
        const reply = await send(request.url.replace(remote.url, base), request, body)
        const isRefused = [401, 403, 404].includes(reply.status)
        if (isRefused && forms.length > 1) {
          forms = forms.slice(1)
          continue
        }
        if (isRefused) throw told('access', '', reach)
        if (reply.status !== 200) throw told('unreachable', `it answers ${reply.status}`, reach)
        refuseOther(reply.headers['content-type'] ?? 'nothing', reach)
        if (request.method !== 'POST') base = repositoryIn(reply.url)
        return {
          url: request.url,
          statusCode: reply.status,
          statusMessage: 'OK',
          headers: { ...reply.headers },
          body: pieces(reply.bytes),
        }
      }
    },
  }
}

/** A sign-in page is not a repository, whatever its status says. */
function refuseOther(type: string, reach: Reach): void {
  if (!/^application\/x-git-upload-pack-(advertisement|result)$/.test(type.trim()))
    throw told('unreachable', `it answers with ${type.slice(0, 60)}`, reach)
}

async function collected(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
