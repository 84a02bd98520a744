import type { GitHttpRequest, GitHttpResponse, HttpClient } from 'isomorphic-git'
import { type Ask, bytesOf } from '../../io/http.js'
import { fail } from '../../model/errors.js'
import { limits } from '../../model/limits.js'
import type { Reach } from '../../model/transport.js'
import { clientOf } from '../web.js'
import { authorizations } from './auth.js'
import { checkPack } from './pack-budget.js'
import { type Calling, gitAsk, repositoryIn } from './redirect.js'
import { gitError } from './trouble.js'

/** The embedded git's way to a server: haal's own HTTP, so that redirects, tokens, limits and time are the same as everywhere.
    Only answers that a git server gives come back; everything else is thrown. */
export function webOf(calling: Calling): HttpClient {
  const { reach } = calling
  const way = wayTo(calling)
  let isThin = false
  const request = async (asked: GitHttpRequest): Promise<GitHttpResponse> => {
    const sent = asked.body && (await bytesOf({ body: asked.body }))
    const body = isThin && sent ? withThinPack(sent) : sent
    const { status, headers, url, bytes } = await way.send(asked, body)
    const isRefused = [401, 403, 404].includes(status)
    if (isRefused && way.isOpen(asked, url)) return request({ ...asked, ...(body && { body: pieces(body) }) })
    if (isRefused) throw gitError('access', '', reach)
    if (status !== 200) throw gitError('unreachable', `it answers ${status}`, reach)
    refuseOther(headers['content-type'] ?? 'nothing', reach)
    const isDiscovery = asked.method !== 'POST'
    if (!isDiscovery) checkPack(bytes, reach.registry.name)
    if (isDiscovery) {
      way.leadsTo(url)
      isThin = / thin-pack[ \n]/.test(Buffer.from(bytes).toString('latin1'))
    }
    if (isDiscovery && bytes.includes('object-format=sha256'))
      fail('E_TRANSPORT', `${reach.registry.name} is a SHA-256 repository, which only an installed git can read`)
    return { url: asked.url, statusCode: status, statusMessage: 'OK', headers: { ...headers }, body: pieces(bytes) }
  }
  return { request }
}

/** A server that moves a repository again and again is not followed further. */
const mostMoves = 5

/** Where a repository is asked, and with which form of the token. */
function wayTo(calling: Calling) {
  const { remote, reach } = calling
  let forms = authorizations(remote, reach.credential)
  /** Where the repository is, once the server has said so. */
  let base = remote.url
  /** Below which a token is sent: the repository's own address, or those that the same server says it has now. */
  const homes = [remote.url]
  const isMoved = (to: string) =>
    forms.length > 0 && new URL(to).origin === remote.origin && !homes.includes(to) && homes.length <= mostMoves
  return {
    send: (request: GitHttpRequest, body: Uint8Array | undefined) => {
      const at = { ...calling, remote: { ...remote, url: homes.at(-1) ?? remote.url } }
      const ask: Ask = {
        ...gitAsk(at, forms[0], limits.expanded),
        repeatable: true,
        method: request.method === 'POST' ? 'POST' : 'GET',
        headers: request.headers ?? {},
        ...(body && { body }),
      }
      const url = request.url.replace(remote.url, () => base)
      return clientOf({ reach }).send(url, ask, async (reply) => ({ ...reply, bytes: await bytesOf(reply) }))
    },
    /** After a refusal: whether another address of the same server, or another form of the token, is left to try. */
    isOpen: ({ method }: GitHttpRequest, url: URL) => {
      const now = repositoryIn(url)
      if (method === 'POST' || !isMoved(now)) forms = forms.slice(1)
      else {
        homes.push(now)
        base = now
      }
      return forms.length > 0
    },
    leadsTo: (url: URL) => {
      base = repositoryIn(url)
    },
  }
}

/** A sign-in page is not a repository, whatever its status says. */
function refuseOther(type: string, reach: Reach): void {
  if (!/^application\/x-git-upload-pack-(advertisement|result)$/.test(type.trim()))
    throw gitError('unreachable', `it answers with ${type.slice(0, 60)}`, reach)
}

/** isomorphic-git reads packs that build on what is here already, but asks for none, because git itself does not. Without that, a server sends a
    shallow commit with all of its files again. The first line of a request is its length in hex, and its end has the capabilities. */
function withThinPack(body: Uint8Array): Uint8Array {
  const line = /^([0-9a-f]{4})want [0-9a-f]{40} /.exec(Buffer.from(body.subarray(0, 64)).toString('latin1'))
  if (line === null) return body
  const more = 'thin-pack '
  const length = (Number.parseInt(line[1] ?? '', 16) + more.length).toString(16).padStart(4, '0')
  const at = line[0].length
  return Buffer.concat([Buffer.from(length), body.subarray(4, at), Buffer.from(more), body.subarray(at)])
}

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
