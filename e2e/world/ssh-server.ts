import { execFileSync, spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import { type CommitOptions, type Repository, repository } from './git-repository.js'
import type { Base } from './ground.js'
import { answering, freePort } from './nginx.js'
import { type Files, place } from './place.js'
import { end, mortal } from './run.js'

export interface SshRegistry extends Repository {
  /** `ssh://user@127.0.0.1:port/path` */
  url: string
  /** `user@name.test:path`, as git writes it without a scheme. */
  scp: string
  /** The commands that clients asked for, in order. */
  commands(): string[]
}

/** A repository behind a real sshd with throw-away keys. `ssh` on haal's PATH knows the key and the host. Needs `sshd` and `git`. */
export async function sshRegistry(
  at: Base,
  name: string,
  files: Files,
  options: CommitOptions = {},
): Promise<SshRegistry> {
  const home = place(at.root.at('servers', `ssh-${name}`))
  const port = await freePort()
  await home.write({ log: '', serve: { body: forced(home.path), mode: 0o755 } })
  for (const key of ['host', 'user']) execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', home.at(key)])
  await home.write({
    'sshd.conf': serverConfig(home.path, port),
    'ssh.conf': clientConfig(home.path, name, port),
    known: `[127.0.0.1]:${port} ${home.read('host.pub')}`,
    allowed: home.read('user.pub'),
  })
  if (process.getuid?.() === 0) fs.mkdirSync('/run/sshd', { recursive: true })
  const child = spawn(...mortal(sshd(), ['-D', '-e', '-f', home.at('sshd.conf')]), {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  at.onEnd(() => end(child))
  await answering(port)
  await at.bin.write({
    ssh: { body: `#!/bin/sh\nexec ${program('ssh')} -F ${home.at('ssh.conf')} "$@"\n`, mode: 0o755 },
  })
  const repo = await repository(home.at(`${name}.git`), files, options)
  const user = os.userInfo().username
  return {
    ...repo,
    url: `ssh://${user}@127.0.0.1:${port}${repo.path}`,
    scp: `${user}@${name}.test:${repo.path}`,
    commands: () => home.read('log').split('\n').filter(Boolean),
  }
}

/** What every login gets: its command is written down, then git's own shell runs it. */
function forced(home: string): string {
  return `#!/bin/sh\necho "$SSH_ORIGINAL_COMMAND" >> ${home}/log\nexec git-shell -c "$SSH_ORIGINAL_COMMAND"\n`
}

function serverConfig(home: string, port: number): string {
  return `ListenAddress 127.0.0.1
Port ${port}
HostKey ${home}/host
AuthorizedKeysFile ${home}/allowed
ForceCommand ${home}/serve
AcceptEnv GIT_PROTOCOL
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
StrictModes no
UsePAM no
PidFile none
`
}

function clientConfig(home: string, name: string, port: number): string {
  return `Host ${name}.test
  HostName 127.0.0.1
  Port ${port}
  HostKeyAlias [127.0.0.1]:${port}
Host *
  IdentityFile ${home}/user
  IdentitiesOnly yes
  UserKnownHostsFile ${home}/known
  StrictHostKeyChecking yes
  BatchMode yes
`
}

/** sshd insists on its full path. */
function sshd(): string {
  return ['/usr/sbin/sshd', '/usr/local/sbin/sshd', '/usr/bin/sshd'].find((each) => fs.existsSync(each)) ?? 'sshd'
}

function program(name: string): string {
  return execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim()
}
