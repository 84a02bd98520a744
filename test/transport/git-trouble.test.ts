import { describe, expect, test } from 'vitest'
import { isUnreachable } from '../../src/io/http/failure.js'
import { gitError, troubleOf } from '../../src/transport/git/trouble.js'
import { bench } from './reach.js'

test('[U3] what ssh says on Windows lines is told without their ends', () => {
  const { reach } = bench({ via: 'git', url: 'git@git.corp.com:a/b.git' })
  const said = 'ssh: Could not resolve hostname git.corp.com\r\nfatal: Could not read from remote repository.\r\n'
  expect(gitError('unreachable', said, reach).message).toMatch(/: ssh: Could not resolve hostname git\.corp\.com$/)
})

test.each(['access', 'busy', 'damaged', 'redirect', 'host-key', 'certificate', 'unknown'] as const)(
  '[U3] what to do about trouble of the sort %s is told',
  (trouble) => {
    const { reach } = bench({ via: 'git', url: 'https://git.corp.com/a/b.git' })
    expect(gitError(trouble, 'fatal: so it is', reach).hint).toMatch(/\w/)
  },
)

test('[A6 U3] where access is refused, the variable that holds the token is told as that', () => {
  const { reach } = bench(
    { via: 'git', url: 'https://git.corp.com/a/b.git' },
    { registry: { token: { variable: 'CORP_GIT' } } },
  )
  expect(gitError('access', 'fatal: so it is', reach).hint).toMatch(/the token in CORP_GIT may read it/)
})

const web = 'https://git.corp.com/a/b.git'
const unable = `fatal: unable to access '${web}/': `

/** As git and ssh print it, with how it is told. */
const sayings: readonly [said: string, code: string, how: RegExp][] = [
  [`${unable}The requested URL returned error: 308`, 'E_REDIRECT', /redirects/],
  ['fatal: unable to update url base from redirection:\n  asked for: x', 'E_REDIRECT', /redirects/],
  [`fatal: could not read Username for '${web}': terminal prompts disabled`, 'E_ACCESS', /no access/],
  [`fatal: could not read Password for '${web}': terminal prompts disabled`, 'E_ACCESS', /no access/],
  [`remote: HTTP Basic: Access denied\nfatal: Authentication failed for '${web}/'`, 'E_ACCESS', /no access/],
  [`${unable}The requested URL returned error: 401`, 'E_ACCESS', /no access/],
  [`${unable}The requested URL returned error: 403`, 'E_ACCESS', /no access/],
  [`${unable}The requested URL returned error: 410`, 'E_ACCESS', /no access/],
  [`${unable}The requested URL returned error: 451`, 'E_ACCESS', /no access/],
  [`fatal: repository '${web}/' not found`, 'E_ACCESS', /no access/],
  [
    'git@git.corp.com: Permission denied (publickey).\r\nfatal: Could not read from remote repository.',
    'E_ACCESS',
    /no/,
  ],
  ['ERROR: Repository not found.\nfatal: Could not read from remote repository.', 'E_ACCESS', /no access/],
  ["fatal: 'a/b.git' does not appear to be a git repository", 'E_ACCESS', /no access/],
  [
    'Host key verification failed.\r\nfatal: Could not read from remote repository.',
    'E_REGISTRY_UNAVAILABLE',
    /not known/,
  ],
  [`${unable}SSL certificate problem: self-signed certificate`, 'E_REGISTRY_UNAVAILABLE', /not trusted: .*self-signed/],
  [`${unable}server certificate verification failed. CAfile: none`, 'E_REGISTRY_UNAVAILABLE', /not trusted/],
  [`${unable}schannel: SEC_E_UNTRUSTED_ROOT`, 'E_REGISTRY_UNAVAILABLE', /not trusted/],
  [
    'error: object file .git/objects/aa/bb is empty\nfatal: loose object is corrupt',
    'E_CACHE',
    /stored copy is damaged/,
  ],
  ['fatal: not a git repository: /store', 'E_CACHE', /stored copy is damaged/],
  ["fatal: Unable to create '/store/shallow.lock': File exists.", 'E_BUSY', /another haal/],
  ["error: cannot lock ref 'refs/haal/x': is at a but expected b", 'E_BUSY', /another haal/],
  ['fatal: shallow file has changed since we read it', 'E_BUSY', /another haal/],
  ["fatal: Unable to create '/store/x': No space left on device", 'E_DISK', /cannot be written: .*No space left/],
  ['error: unable to write file: Disk quota exceeded', 'E_DISK', /cannot be written/],
  ["error: unable to open '/store/x': Read-only file system", 'E_DISK', /cannot be written/],
  ['fatal: remote error: upload-pack: not our ref 5f3c', 'E_REGISTRY_UNAVAILABLE', /remote error/],
  [`${unable}SSL_ERROR_SSL`, 'E_REGISTRY_UNAVAILABLE', /not trusted/],
  ['', 'E_REGISTRY_UNAVAILABLE', /no answer$/],
]

/** As curl prints it with OpenSSL, GnuTLS and Windows' own. */
const cuts = [
  `${unable}OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to git.corp.com:443`,
  `${unable}OpenSSL SSL_read: SSL_ERROR_SYSCALL, errno 104`,
  `${unable}OpenSSL SSL_connect: SSL_ERROR_ZERO_RETURN in connection to git.corp.com:443`,
  'error: RPC failed; curl 56 OpenSSL SSL_read: error:0A000126:SSL routines::unexpected eof while reading, errno 0',
  `${unable}gnutls_handshake() failed: The TLS connection was non-properly terminated.`,
  `${unable}gnutls_handshake() failed: Error in the pull function.`,
  `${unable}schannel: server closed abruptly (missing close_notify)`,
]

test.each(cuts)('[U3] a connection that was cut says nothing of a certificate, and is tried again: %j', (said) => {
  const { reach } = bench({ via: 'git', url: web })
  expect(troubleOf(said)).toBe('passing')
  expect(gitError(troubleOf(said), said, reach).message).toMatch(/does not answer as a git repository: /)
})

describe('[U3] what git says', () => {
  test.each(sayings)('%j is told as %s', (said, code, how) => {
    const { reach } = bench({ via: 'git', url: web })
    const error = gitError(troubleOf(said), said, reach)
    expect(error).toMatchObject({ code, details: { registry: 'corp' } })
    expect(error.message).toMatch(how)
  })

  test.each([
    ['warning: x\nerror: RPC failed; curl 56 Recv failure\nfatal: early EOF\n', 'RPC failed; curl 56 Recv failure'],
    ['\nnothing of the kind\n\n', 'nothing of the kind'],
    [`fatal: ${'x'.repeat(300)}`, 'x'.repeat(200)],
  ])('is cut to what counts: %j', (said, why) => {
    const { reach } = bench({ via: 'git', url: web })
    expect(gitError('unknown', said, reach).message).toBe(`corp (${web}) does not answer as a git repository: ${why}`)
  })

  test('[A8] is told without the token, as it is and as it was sent (hostile K06)', () => {
    const { reach } = bench({ via: 'git', url: web })
    const credential = { origin: 'https://git.corp.com', value: 'canary-token' }
    const sent = Buffer.from('git:canary-token').toString('base64')
    const { message } = gitError('unknown', `fatal: bad header: Basic ${sent}, canary-token`, { ...reach, credential })
    expect(message).toMatch(/: bad header: Basic …, …$/)
  })
})

test.each([
  `${unable}Could not resolve host: git.corp.com`,
  `${unable}Could not resolve proxy: proxy.corp.com`,
  `${unable}Failed to connect to git.corp.com port 443 after 3 ms: Couldn't connect to server`,
  `${unable}Failed to connect to git.corp.com port 443 after 9 ms: Network is unreachable`,
  `${unable}Failed to connect to git.corp.com port 443: No route to host`,
  `${unable}Connection timed out after 300000 milliseconds`,
  `${unable}Operation too slow. Less than 1 bytes/sec transferred the last 30 seconds`,
  `${unable}Recv failure: Connection reset by peer`,
  `${unable}Empty reply from server`,
  ...cuts,
  'ssh: Could not resolve hostname git.corp.com: Temporary failure in name resolution\r\n',
  'ssh: connect to host git.corp.com port 22: Connection refused\r\n',
  'ssh: connect to host git.corp.com port 22: Connection timed out\r\n',
  'ssh: connect to host git.corp.com port 22: Network is unreachable\r\n',
  'ssh: connect to host git.corp.com port 22: No route to host\r\n',
])('[A41] the cache may answer where git says %j: nobody did', (said) => {
  const { reach } = bench({ via: 'git', url: web })
  const error = gitError(troubleOf(said), said, reach)
  expect([error.code, isUnreachable(error)]).toEqual(['E_REGISTRY_UNAVAILABLE', true])
})

test.each([
  'CONNECT tunnel failed, response 403',
  'Received HTTP code 403 from proxy after CONNECT',
  'Proxy CONNECT aborted',
  'Could not resolve proxy: proxy.corp.com',
  "Unsupported proxy syntax in 'proxy corp'",
])(
  '[A41 U3] where a proxy is in the way, as git says with %j, the cache may answer and the variables are named',
  (said) => {
    const { reach } = bench({ via: 'git', url: web })
    const error = gitError(troubleOf(`${unable}${said}`), `${unable}${said}`, reach)
    expect([error.code, isUnreachable(error)]).toEqual(['E_REGISTRY_UNAVAILABLE', true])
    expect(error.hint).toBe('check HTTPS_PROXY, HTTP_PROXY and NO_PROXY')
  },
)

test.each(['CONNECT tunnel failed, response 407', 'Received HTTP code 407 from proxy after CONNECT'])(
  '[A41 U3] where a proxy wants a password, as git says with %j, the hint says where to put it',
  (said) => {
    const { reach } = bench({ via: 'git', url: web })
    const error = gitError(troubleOf(`${unable}${said}`), `${unable}${said}`, reach)
    expect([error.code, isUnreachable(error)]).toEqual(['E_REGISTRY_UNAVAILABLE', true])
    expect(error.hint).toContain('HTTPS_PROXY=http://<user>:<password>@')
  },
)

test.each([
  `${unable}The requested URL returned error: 500`,
  `${unable}SSL certificate problem: self-signed certificate`,
  'fatal: protocol error: bad line length character: <!DO',
])('[S3] the cache covers up for nobody who answers wrongly: %j', (said) => {
  const { reach } = bench({ via: 'git', url: web })
  expect(isUnreachable(gitError(troubleOf(said), said, reach))).toBe(false)
})

test.each([
  ['https://github.com/a/b', /set GITHUB_TOKEN$/],
  ['https://www.github.com/a/b', /set GITHUB_TOKEN$/],
  ['https://gitlab.com/a/b', /set GITLAB_TOKEN$/],
  [web, /"token": "\$\{MY_CORP_TOKEN\}" in its configuration and MY_CORP_TOKEN in the environment$/],
  ['ssh://git@git.corp.com/a', /ssh key/],
  ['git@git.corp.com:a', /ssh key/],
])('[A6] what may open %s is told', (url, hint) => {
  const { reach } = bench({ via: 'git', url }, { registry: { name: 'my corp' } })
  expect(gitError('access', '', reach).hint).toMatch(hint)
})

test('[A6] a token that may not read a registry is told of', () => {
  const { reach } = bench({ via: 'git', url: web })
  const credential = { origin: 'https://git.corp.com', value: 'x' }
  expect(gitError('access', '', { ...reach, credential }).hint).toBe(
    'check the address, and that the token may read it',
  )
})
