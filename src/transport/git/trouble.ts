import { networkHint } from '../../io/http/failure.js'
import { type ErrorCode, type ErrorMore, HaalError } from '../../model/errors.js'
import { locationOf, type Registry } from '../../model/registry.js'
import type { Reach } from '../../model/transport.js'
import { redacted } from './auth.js'

/** What went wrong between git and a server, as far as it can be told from what git prints. */
export type Trouble =
  /** 401, 403, 404: servers say "not found" for what one may not see. */
  | 'access'
  | 'redirect'
  /** Gone in a moment, perhaps: worth another try. */
  | 'passing'
  | 'unreachable'
  | 'certificate'
  | 'host-key'
  /** The server does not hand out the objects in the way they were asked for. */
  | 'refused'
  /** The server does not have them. */
  | 'absent'
  /** What was stored here cannot be read. */
  | 'damaged'
  /** Another git works in the same store. */
  | 'busy'
  | 'full'
  | 'unknown'

/** What OpenSSL, GnuTLS and Windows say of a connection that ends in the middle. */
const cut =
  /ssl_error_(syscall|zero_return)|unexpected eof while reading|non-properly terminated|error in the pull function|closed abruptly/i

const signs: readonly [RegExp, Trouble][] = [
  [/returned error: 30[1-8]|unable to update url base from redirection/i, 'redirect'],
  [
    /could not read (username|password)|authentication failed|returned error: 40[134]|repository '.*' not found/i,
    'access',
  ],
  [/permission denied \(|does not appear to be a git repository|repository not found|access denied/i, 'access'],
  [/returned error: (410|451)/i, 'access'],
  [/host key verification failed/i, 'host-key'],
  [cut, 'passing'],
  [/certificate|ssl_error|ssl connect|gnutls_handshake|schannel/i, 'certificate'],
  [/unadvertised object|dumb http transport|does not support shallow|want \S+ not valid/i, 'refused'],
  [/not our ref|no such remote ref|couldn't find remote ref|mismatched algorithms/i, 'absent'],
  [
    /corrupt|^fatal: not a git repository|bad (object|pack|config|tree|commit)|invalid (object|index-pack)/im,
    'damaged',
  ],
  [/unable to create '.*\.lock'|cannot lock ref|shallow file has changed/i, 'busy'],
  [/no space left|disk quota|read-only file system/i, 'full'],
  [/objects[/\\](pack|[0-9a-f]{2})[/\\]|object file .* is empty|unable to (read|parse)/i, 'damaged'],
  [
    /returned error: (429|5\d\d)|empty reply|transfer closed|early eof|unexpected disconnect|connection reset/i,
    'passing',
  ],
  [/hung up unexpectedly|rpc failed|recv failure|send failure|partial file/i, 'passing'],
]

export function troubleOf(stderr: string): Trouble {
  return (
    signs.find(([sign]) => sign.test(stderr))?.[1] ??
    (/unable to access|could not read from remote|protocol error/i.test(stderr) ? 'unreachable' : 'unknown')
  )
}

/** The error for a trouble. `said` is what git printed: the message has one line of it, without tokens. */
export function gitError(trouble: Trouble, said: string, reach: Reach): HaalError {
  const { registry } = reach
  const where = `${registry.name} (${locationOf(registry.at)})`
  const why = lastWord(redacted(said, reach.credential))
  const error = (code: ErrorCode, text: string, more: ErrorMore = {}) =>
    new HaalError(code, text, { ...more, details: { registry: registry.name, trouble, reason: networkCode(said) } })
  switch (trouble) {
    case 'access':
      return error('E_ACCESS', `${where}: not found or no access`, { hint: accessHint(reach) })
    case 'busy':
      return error('E_BUSY', `${where}: another haal is fetching from it`, { hint: 'try again in a moment' })
    case 'damaged':
      return error('E_CACHE', `${where}: its stored copy is damaged: ${why}`, {
        hint: 'empty the cache, and it is fetched anew: haal cache clean',
      })
    case 'full':
      return error('E_DISK', `the cache cannot be written: ${why}`, {
        hint: 'make room there, or make it writable; see where it is: haal cache info',
      })
    case 'redirect':
      return error('E_REDIRECT', `${where} redirects in a way that haal does not follow`, {
        hint: 'give the address that it really has',
      })
    case 'host-key':
      return error('E_REGISTRY_UNAVAILABLE', `${where}: the ssh host is not known here`, {
        hint: 'connect to it once with ssh and accept its key',
      })
    case 'certificate':
      return error('E_REGISTRY_UNAVAILABLE', `${where}: its certificate is not trusted: ${why}`, {
        hint: 'for an authority of your own, set NODE_EXTRA_CA_CERTS to its file',
      })
    default:
      return error('E_REGISTRY_UNAVAILABLE', `${where} does not answer as a git repository: ${why}`, {
        hint: networkHint(networkCode(said)),
      })
  }
}

/** Node's code for what git or ssh say of the network: `isUnreachable` needs it. */
function networkCode(said: string): string {
  return codes.find(([sign]) => sign.test(said))?.[1] ?? 'unknown'
}

const codes: readonly [RegExp, string][] = [
  [/connect tunnel failed, response 407|code 407 from proxy/i, 'EPROXYAUTH'],
  [/connect tunnel failed|from proxy after connect|proxy connect aborted/i, 'EPROXY'],
  [/could not resolve proxy|unsupported proxy/i, 'EPROXY'],
  [/could not resolve host/i, 'ENOTFOUND'],
  [/network is unreachable/i, 'ENETUNREACH'],
  [/no route to host/i, 'EHOSTUNREACH'],
  [/timed out|timeout was reached|operation too slow/i, 'ETIMEDOUT'],
  [/connection reset|empty reply/i, 'ECONNRESET'],
  [cut, 'ECONNRESET'],
  [/connection refused|failed to connect|couldn't connect/i, 'ECONNREFUSED'],
]

/** Which variable or key would help. */
function accessHint({ registry, credential }: Reach): string {
  const location = locationOf(registry.at)
  if (/^ssh:|^[^/:]+@/.test(location)) return 'check the address, and that your ssh key may read it: ssh -T to the host'
  const { token } = registry
  if (token !== undefined)
    return `check the address, and that ${'variable' in token ? `the token in ${token.variable}` : 'its token'} may read it`
  if (credential !== undefined) return 'check the address, and that the token may read it'
  return `check the address; if it is private, set ${usualVariable(location, registry)}`
}

function usualVariable(location: string, { name }: Registry): string {
  if (/^https:\/\/(www\.)?github\.com\//.test(location)) return 'GITHUB_TOKEN'
  if (/^https:\/\/gitlab\.com\//.test(location)) return 'GITLAB_TOKEN'
  const variable = `${name.toUpperCase().replace(/[^A-Z0-9]+/g, '_')}_TOKEN`
  return `"token": "\${${variable}}" in its configuration and ${variable} in the environment`
}

/** git's first `fatal:`, `error:` or ssh line, else its last; cut to what fits a message. */
function lastWord(stderr: string): string {
  const lines = stderr.split(/\r?\n/).filter((line) => line.trim() !== '')
  const line = lines.find((one) => /^(fatal|error|ssh):/i.test(one)) ?? lines.at(-1) ?? 'no answer'
  return line.replace(/^(fatal|error): /i, '').slice(0, 200)
}
