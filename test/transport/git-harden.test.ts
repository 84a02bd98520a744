import { describe, expect, test } from 'vitest'
import { environment, settings } from '../../src/transport/git/harden.js'
import type { Remote } from '../../src/transport/git/url.js'
import { at } from './git-ground.js'
import { bench } from './reach.js'

const web: Remote = { kind: 'http', url: 'https://git.corp.com/a.git', origin: 'https://git.corp.com' }
const ssh: Remote = { kind: 'ssh', url: 'git@git.corp.com:a.git' }
const local: Remote = { kind: 'local', path: '/srv/a.git' }

/** Each keeps git from something that a machine, a person, a project or a server could make it do. None may go unseen. */
const told = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.askPass=',
  'core.fsync=none',
  'credential.helper=',
  'fetch.recurseSubmodules=false',
  'fetch.writeCommitGraph=false',
  'gc.auto=0',
  'http.followRedirects=false',
  'http.lowSpeedLimit=1',
  'http.lowSpeedTime=30',
  'http.sslVerify=true',
  'maintenance.auto=false',
  'protocol.version=2',
  'submodule.recurse=false',
]

const given = {
  ...{
    HOME: '/store',
    USERPROFILE: '/store',
    XDG_CONFIG_HOME: '/store',
    GIT_DIR: '/store/sparse',
    GIT_COMMON_DIR: '/store/sparse',
    LC_ALL: 'C',
  },
  ...{ GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', GIT_ATTR_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0' },
  ...{ GIT_LITERAL_PATHSPECS: '1', GIT_NO_REPLACE_OBJECTS: '1', GIT_NO_LAZY_FETCH: '1' },
}

const passedOn =
  'PATH TMPDIR TEMP TMP SYSTEMROOT WINDIR COMSPEC PATHEXT PROGRAMDATA USERNAME USER HTTPS_PROXY http_proxy ALL_PROXY NO_PROXY SSL_CERT_FILE SSL_CERT_DIR GIT_SSL_CAINFO GIT_SSL_CAPATH GIT_SSL_CERT GIT_SSL_KEY GIT_PROXY_SSL_CAINFO GIT_EXEC_PATH SSH_AUTH_SOCK SSH_AGENT_PID GIT_SSH_VARIANT'.split(
    ' ',
  )

const quiet = '-oBatchMode=yes -oConnectTimeout=30 -oForwardAgent=no -oPermitLocalCommand=no -oClearAllForwardings=yes'

const place = { gitDir: '/store/sparse', home: '/store' }
const of = (env: Record<string, string>) => ({
  ...bench(at('https://git.corp.com/a.git'), { env }).reach,
  home: '/ada',
})

describe('[S8] what git is told and given', () => {
  test('is the same on every call, and what a call adds comes last', () => {
    const said = (...args: Parameters<typeof settings>) => settings(...args).filter((_, i) => i % 2 === 1)
    expect(settings(local).filter((_, i) => i % 2 === 0)).toEqual(told.map(() => '-c'))
    expect(said(local)).toEqual(told)
    expect(said(web, { 'a.b': 'c' })).toEqual([...told, 'remote.origin.url=https://git.corp.com/a.git', 'a.b=c'])
  })

  test('of the person’s environment is what it needs to reach a server, and no more', () => {
    const reach = of(
      Object.fromEntries([...passedOn, 'HOME', 'GIT_PROXY_COMMAND', 'LD_PRELOAD'].map((name) => [name, 'x'])),
    )
    const passed = Object.fromEntries(passedOn.map((name) => [name, 'x']))
    expect(environment(web, reach, place)).toEqual({ ...passed, ...given, GIT_ALLOW_PROTOCOL: 'https:http' })
  })

  test('lets it read nothing of the person’s home, but for ssh, and speak no other protocol than its own', () => {
    const reach = of({})
    const { GIT_COMMON_DIR: _ours, ...theirs } = given
    expect(environment(local, reach, place)).toEqual({ ...theirs, GIT_ALLOW_PROTOCOL: 'none' })
    const { GIT_SSH_COMMAND, ...rest } = environment(ssh, reach, { ...place, authorization: 'Basic canary' })
    expect(rest).toEqual({ ...given, HOME: '/ada', USERPROFILE: '/ada', GIT_ALLOW_PROTOCOL: 'ssh' })
    expect(GIT_SSH_COMMAND).toBe(`ssh ${quiet}`)
  })

  test.each([
    [{ GIT_SSH_COMMAND: 'ssh -i key' }, `ssh -i key ${quiet}`],
    [{ GIT_SSH_COMMAND: 'my-ssh', GIT_SSH_VARIANT: 'auto' }, `my-ssh ${quiet}`],
    [{ GIT_SSH_COMMAND: 'plink', GIT_SSH_VARIANT: 'plink' }, 'plink'],
  ])('is the person’s own ssh, which asks, forwards and runs nothing, where it knows how: %o', (env, command) => {
    expect(environment(ssh, of(env), place).GIT_SSH_COMMAND).toBe(command)
  })

  test('[S7] has the token for its origin alone, whatever characters it is of', () => {
    const { GIT_CONFIG_PARAMETERS } = environment(web, of({}), { ...place, authorization: "Bearer it's!" })
    expect(GIT_CONFIG_PARAMETERS).toBe("'http.https://git.corp.com/.extraHeader=Authorization: Bearer it'\\''s'\\!''")
  })
})
