import type { Reach } from '../../model/transport.js'
import type { Remote } from './url.js'

/** Settings of every call of git. It reads no configuration but this and the store's own, which haal wrote: nothing of the
    machine, the user or the project can name a program, a helper or a rewritten address. */
const always: Readonly<Record<string, string>> = {
  'core.hooksPath': '/dev/null',
  'core.fsmonitor': 'false',
  'core.askPass': '',
  'core.fsync': 'none',
  'credential.helper': '',
  'fetch.recurseSubmodules': 'false',
  'fetch.writeCommitGraph': 'false',
  'gc.auto': '0',
  'http.followRedirects': 'false',
  'http.lowSpeedLimit': '1',
  'http.lowSpeedTime': '30',
  'http.sslVerify': 'true',
  'maintenance.auto': 'false',
  'protocol.version': '2',
  'submodule.recurse': 'false',
}

/** Of a person's environment, what git and ssh need to reach a server: proxies, certificates, the ssh agent. */
const passedOn = [
  ...['PATH', 'TMPDIR', 'TEMP', 'TMP', 'SYSTEMROOT', 'WINDIR', 'COMSPEC', 'PATHEXT', 'PROGRAMDATA', 'USERNAME', 'USER'],
  ...['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY', 'NO_PROXY', 'SSL_CERT_FILE', 'SSL_CERT_DIR'],
  ...['GIT_SSL_CAINFO', 'GIT_SSL_CAPATH', 'GIT_SSL_CERT', 'GIT_SSL_KEY', 'GIT_PROXY_SSL_CAINFO', 'GIT_EXEC_PATH'],
  ...['SSH_AUTH_SOCK', 'SSH_AGENT_PID', 'GIT_SSH_VARIANT'],
]

const protocols: Record<Remote['kind'], string> = { http: 'https:http', ssh: 'ssh', local: 'none' }

export function settings(remote: Remote, more: Readonly<Record<string, string>> = {}): string[] {
  const url = remote.kind === 'local' ? {} : { 'remote.origin.url': remote.url }
  return Object.entries({ ...always, ...url, ...more }).flatMap(([key, value]) => ['-c', `${key}=${value}`])
}

interface Place {
  /** The repository git works in; it never looks for one around it. A store from somebody else's cache could name another folder for its settings:
      that is not read either. */
  gitDir: string
  /** Stands for the user's home folder, so that neither .gitconfig nor .netrc is read. */
  home: string
  authorization?: string | undefined
}

/** The whole environment of a git. The header with the token goes here and nowhere else: other users of the machine can read
    a program's arguments, but not its environment. */
export function environment(
  remote: Remote,
  reach: Reach,
  { gitDir, home, authorization }: Place,
): Record<string, string> {
  return {
    ...ownEnv(reach.env),
    HOME: remote.kind === 'ssh' ? reach.home : home,
    USERPROFILE: remote.kind === 'ssh' ? reach.home : home,
    XDG_CONFIG_HOME: home,
    LC_ALL: 'C',
    GIT_DIR: gitDir,
    ...(remote.kind !== 'local' && { GIT_COMMON_DIR: gitDir }),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_LITERAL_PATHSPECS: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_NO_LAZY_FETCH: '1',
    GIT_ALLOW_PROTOCOL: protocols[remote.kind],
    ...(remote.kind === 'ssh' && { GIT_SSH_COMMAND: sshCommand(reach.env) }),
    ...(remote.kind === 'http' && authorization && { GIT_CONFIG_PARAMETERS: header(remote.origin, authorization) }),
  }
}

/** Names are upper case here, and may be lower case (proxies) or mixed (Windows) where they come from. */
function ownEnv(env: Reach['env']): Record<string, string> {
  const wanted = new Set(passedOn)
  const entries = Object.entries(env).filter(([key, value]) => value !== undefined && wanted.has(key.toUpperCase()))
  return Object.fromEntries(entries) as Record<string, string>
}

/** A person's ssh configuration, keys and agent serve; questions, forwarded agents and local commands do not. */
function sshCommand(env: Reach['env']): string {
  const variant = env.GIT_SSH_VARIANT ?? 'ssh'
  const own = env.GIT_SSH_COMMAND ?? 'ssh'
  if (variant !== 'ssh' && variant !== 'auto') return own
  const options = [
    'BatchMode=yes',
    'ConnectTimeout=30',
    'ForwardAgent=no',
    'PermitLocalCommand=no',
    'ClearAllForwardings=yes',
  ]
  return [own, ...options.map((option) => `-o${option}`)].join(' ')
}

/** The form in which git hands its own `-c` to its children; understood by every git, unlike GIT_CONFIG_COUNT. It is bound to the origin. */
function header(origin: string, authorization: string): string {
  const setting = `http.${origin}/.extraHeader=Authorization: ${authorization}`
  return `'${setting.replace(/['!]/g, (odd) => `'\\${odd}'`)}'`
}
