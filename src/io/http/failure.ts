import { HaalError } from '../../model/errors.js'

/** An address for messages: without user name, query and fragment, where secrets are. */
export function shown(url: URL): string {
  return `${url.origin === 'null' ? `${url.protocol}//${url.host}` : url.origin}${url.pathname}`
}

/** What Node's codes mean to a person. Those that pass by themselves are tried again. */
const reasons: Readonly<Record<string, { why: string; passing?: true; hint?: string }>> = {
  ENOTFOUND: { why: 'its name cannot be found' },
  EAI_AGAIN: { why: 'its name cannot be looked up at the moment', passing: true },
  ECONNREFUSED: { why: 'the connection was refused' },
  ECONNRESET: { why: 'the connection was reset', passing: true },
  EPIPE: { why: 'the connection was reset', passing: true },
  ETIMEDOUT: { why: 'the connection timed out', passing: true },
  EHOSTUNREACH: { why: 'it cannot be reached' },
  ENETUNREACH: { why: 'it cannot be reached' },
  EHOSTDOWN: { why: 'it cannot be reached' },
  ENETDOWN: { why: 'the network is down' },
  EADDRNOTAVAIL: { why: 'the network is down' },
  EPROXYAUTH: {
    why: 'the proxy wants a user name and a password',
    hint: 'write them where the proxy is named: HTTPS_PROXY=http://<user>:<password>@<host>:<port>',
  },
  EPROXY: { why: 'the proxy refused the connection', hint: 'check HTTPS_PROXY, HTTP_PROXY and NO_PROXY' },
}

/** A failure of the network itself, in haal's words. Node's own error stays behind: its text may hold what a server echoed. */
export function networkFailure(who: string, url: URL, error: unknown): HaalError {
  if (error instanceof HaalError) return error
  const code = codeOf(error)
  if (code === 'HPE_HEADER_OVERFLOW') return tooManyHeaders(who, url)
  const known = reasons[code]
  const what = known?.why ?? (isTls(code) ? `its certificate is not trusted (${code})` : other(code))
  const hint = isTls(code) ? 'point NODE_EXTRA_CA_CERTS at the authority that signed it' : networkHint(code)
  return new HaalError('E_REGISTRY_UNAVAILABLE', `${who} does not answer at ${shown(url)}: ${what}`, {
    hint,
    details: { reason: code },
  })
}

/** What to look at where nobody answered, for one of Node's codes. */
export function networkHint(code: string): string {
  return reasons[code]?.hint ?? 'check the address and the network; --offline uses what is cached'
}

export function tooManyHeaders(who: string, url: URL): HaalError {
  return new HaalError('E_LIMIT_SIZE', `${who} answers with more headers than haal accepts: ${shown(url)}`, {
    details: { budget: 'headers' },
  })
}

export function truncated(who: string, url: URL, why: string): HaalError {
  return new HaalError('E_HTTP_TRUNCATED', `${who} sent an answer that is not whole (${why}): ${shown(url)}`, {
    hint: 'try again; if it stays so, the server or a proxy on the way is at fault',
  })
}

/** Whether another attempt may do better. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof HaalError)) return false
  return error.code === 'E_HTTP_TRUNCATED' || reasons[String(error.details.reason)]?.passing === true
}

/** Whether nobody answered at all, as without a network; a wrong certificate or a bad answer is not that. */
export function isUnreachable(error: unknown): boolean {
  if (!(error instanceof HaalError)) return false
  return error.code === 'E_TIMEOUT' || reasons[String(error.details.reason)] !== undefined
}

function codeOf(error: unknown): string {
  const inner = error instanceof AggregateError ? error.errors[0] : error
  const code = inner instanceof Error && 'code' in inner ? inner.code : undefined
  return typeof code === 'string' ? code : 'unknown'
}

/** Codes of Node's parser; another protocol on the port, most often. */
function other(code: string): string {
  return code.startsWith('HPE_') ? `what it sends is not HTTP (${code})` : code
}

function isTls(code: string): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO|^ERR_(SSL|TLS)|^EPROTO$/.test(code)
}
