import { describe, expect, test } from 'vitest'
import type { Author } from '../../src/model/registry.js'
import { remoteOf } from '../../src/transport/git/url.js'
import { failure } from '../failing.js'

const asker = (author: Author = 'project', allowed: string[] = []) => ({
  author,
  name: 'corp',
  allows: (origin: string) => allowed.includes(origin),
})

const refusal = (address: string, author?: Author) => failure(() => remoteOf(address, asker(author)))

describe('the address of a git repository', () => {
  test.each([
    [
      'https://git.corp.com/ext.git',
      { kind: 'http', url: 'https://git.corp.com/ext.git', origin: 'https://git.corp.com' },
    ],
    [
      'git+https://git.corp.com/ext/',
      { kind: 'http', url: 'https://git.corp.com/ext', origin: 'https://git.corp.com' },
    ],
    ['HTTPS://Git.Corp.com:443/a', { kind: 'http', url: 'https://git.corp.com/a', origin: 'https://git.corp.com' }],
    [
      'http://127.0.0.1:8080/a.git',
      { kind: 'http', url: 'http://127.0.0.1:8080/a.git', origin: 'http://127.0.0.1:8080' },
    ],
    ['http://localhost/a', { kind: 'http', url: 'http://localhost/a', origin: 'http://localhost' }],
    ['http://[::1]:1/a', { kind: 'http', url: 'http://[::1]:1/a', origin: 'http://[::1]:1' }],
    ['ssh://git@git.corp.com:2222/ext.git', { kind: 'ssh', url: 'ssh://git@git.corp.com:2222/ext.git' }],
    ['ssh://git.corp.com/~ada/ext.git', { kind: 'ssh', url: 'ssh://git.corp.com/~ada/ext.git' }],
    ['git+ssh://git@host/a', { kind: 'ssh', url: 'ssh://git@host/a' }],
    ['git@git.corp.com:team/ext.git', { kind: 'ssh', url: 'git@git.corp.com:team/ext.git' }],
    ['/srv/git/ext.git', { kind: 'local', path: '/srv/git/ext.git' }],
    [
      'https://git-1.corp.com/my-team/a-b.git',
      { kind: 'http', url: 'https://git-1.corp.com/my-team/a-b.git', origin: 'https://git-1.corp.com' },
    ],
    ['GIT+ssh://git-ci@git-1.corp.com/a-b', { kind: 'ssh', url: 'ssh://git-ci@git-1.corp.com/a-b' }],
    ['ssh://git@[::1]:22/a', { kind: 'ssh', url: 'ssh://git@[::1]:22/a' }],
    ['git-ci@Git-1.corp.com:my-team/a-b.git', { kind: 'ssh', url: 'git-ci@Git-1.corp.com:my-team/a-b.git' }],
    ['/srv/my git/a-b.git', { kind: 'local', path: '/srv/my git/a-b.git' }],
    ['file://localhost/srv/git/a.git', { kind: 'local', path: '/srv/git/a.git' }],
    ['FILE:///srv/git/a.git', { kind: 'local', path: '/srv/git/a.git' }],
    ['SSH://git@host/a', { kind: 'ssh', url: 'ssh://git@host/a' }],
    ['/srv/https:/git@host:a', { kind: 'local', path: '/srv/https:/git@host:a' }],
    ['file:///srv/git/a%20b.git', { kind: 'local', path: '/srv/git/a b.git' }],
  ])('[S8] %s is one', (address, remote) => {
    expect(remoteOf(address, asker())).toEqual(remote)
  })

  test.each([
    'ext::sh -c touch% pwned',
    'git+ext::sh -c x',
    'fd::17',
    'git+fd::3',
    'transport::https://git.corp.com',
    '-oProxyCommand=touch pwned',
    '--upload-pack=touch pwned',
    'ssh://-oProxyCommand=x/a',
    'ssh://git@-oProxyCommand=x/a',
    'ssh://-l@host/a',
    'git@-x:a',
    '-x@host:a',
    'git@host:-x',
    'ssh://host',
    'ssh://ho st/a',
    'ssh://host/',
    'ssh://h%2fx/a',
    'ssh://gi%20t@host/a',
    'git@ho st:a',
    'git@host$(x):a',
    '$(x)@host:a',
    'a$(x)@host:a',
    '$(x)a@host:a',
    'FTP://git.corp.com/a',
    'git://git.corp.com/a',
    'ftp://git.corp.com/a',
    'gopher://x/y',
    'file://server/share',
    'relative/path.git',
    'https:\\\\evil.com\\a',
    'https://git.corp.com/a?b=c',
    'https://git.corp.com/a#main',
    'https://git.corp.com/a\n--upload-pack=x',
    ' https://git.corp.com/a',
    'http://git.corp.com/a',
    'http://127.0.0.1.evil.com/a',
    'http://localhost.evil.com/a',
    'host:path',
    '',
  ])('[S8] G06 %j is refused', (address) => {
    expect(refusal(address).code).toBe('E_TRANSPORT')
  })

  test.each(['file:///etc', '/srv/git', 'git+file:///etc', 'ssh://git@host/a', 'git@host:a', 'http://127.0.0.1/a'])(
    '[S6] C01 G06 %s is refused where it came over the network',
    (address) => {
      expect(refusal(address, 'network').code).toBe('E_TRANSPORT')
    },
  )

  test('[S6] https is allowed where it came over the network', () => {
    expect(remoteOf('https://git.corp.com/a', asker('network')).kind).toBe('http')
  })

  test.each([
    'https://user:canary@git.corp.com/a',
    'https://canary@git.corp.com/a',
    'https://:canary@git.corp.com/a',
    'https://git.corp.com/a?token=canary',
    'https://git.corp.com/a?x=1&private_token=canary',
    'https://git.corp.com/a#access_token=canary',
    'https://git.corp.com/a?TOKEN=canary',
    'https://git.corp.com/a?api_key=canary',
    'https://git.corp.com/a?client_secret=canary',
    'https://git.corp.com/a?password=canary',
    'https://git.corp.com/a?auth=canary',
    'ssh://git@git.corp.com/a?x=canary',
    'ssh://git@git.corp.com/a#canary',
    'ssh://git:canary@git.corp.com/a',
  ])('[A8] C03 %s carries a credential, which is refused and not repeated', (address) => {
    const { code, message, hint } = refusal(address)
    expect(code).toBe('E_URL_CREDENTIALS')
    expect(`${message} ${hint}`).not.toContain('canary')
  })

  test.each(['ssh://git:canary@-oX/a', 'ftp://me:canary@git.corp.com/a', 'https://me:canary@-evil/a'])(
    '[A8] C03 %s is refused, and its password is not repeated',
    (address) => {
      const { code, message, hint } = refusal(address)
      expect(code).toBe('E_TRANSPORT')
      expect(`${message} ${hint}`).not.toContain('canary')
    },
  )

  test('[A15] plain http is spoken where a person, the environment or a policy names the origin', () => {
    const url = 'http://git.corp.com:8080/a'
    expect(remoteOf(url, asker('project', ['http://git.corp.com:8080'])).kind).toBe('http')
    expect(remoteOf(url, asker('person')).kind).toBe('http')
    expect(() => remoteOf(url, asker('project', ['http://git.corp.com']))).toThrow('plain http')
  })
})
