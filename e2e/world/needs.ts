import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { test } from 'vitest'

/** What a machine may lack, and how to see whether it has it. */
const probes = {
  git: ['git', '--version'],
  nginx: ['nginx', '-v'],
  sshd: ['sh', '-c', 'command -v ssh && command -v ssh-keygen && { command -v sshd || test -x /usr/sbin/sshd; }'],
  openssl: ['openssl', 'version'],
  unshare: ['unshare', '-rn', 'true'],
  mount: ['unshare', '-rm', 'sh', '-c', 'mount --bind /tmp /tmp && mount -o remount,ro,bind /tmp'],
  script: ['script', '--version'],
  sh: ['sh', '-c', 'true'],
  bash: ['bash', '--version'],
  zsh: ['zsh', '--version'],
  fish: ['fish', '--version'],
  expect: ['expect', '-v'],
  tmux: ['tmux', '-V'],
  strace: ['strace', '-V'],
  cc: ['cc', '--version'],
  pwsh: ['pwsh', '--version'],
  verdaccio: ['test', '-e', path.join(import.meta.dirname, 'verdaccio/node_modules/verdaccio/package.json')],
  agentos: ['test', '-e', path.join(import.meta.dirname, 'agentos/node_modules/@framers/agentos/package.json')],
} satisfies Record<string, readonly [string, ...string[]]>

export type Need = keyof typeof probes

const known = new Map<Need, boolean>()

export function has(need: Need): boolean {
  const answer = known.get(need) ?? answers(probes[need])
  known.set(need, answer)
  return answer
}

function answers([program, ...args]: readonly [string, ...string[]]): boolean {
  try {
    execFileSync(program, args, {
      stdio: 'ignore',
      env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
    })
    return true
  } catch {
    return false
  }
}

type Body = () => void | Promise<void>

/** `test`, where the machine has all of these. Elsewhere the test is skipped and its title says why; with CI=true, where
    everything is installed, it fails instead. */
export function needs(...wanted: Need[]): (title: string, body: Body, timeout?: number) => void {
  const missing = wanted.filter((need) => !has(need))
  if (missing.length === 0) return (title, body, timeout) => test(title, body, timeout)
  const why = `this machine has no ${missing.join(', ')}`
  if (process.env.CI !== 'true') return (title) => test.skip(`${title} (skipped: ${why})`, () => undefined)
  return (title) =>
    test(title, () => {
      throw new Error(why)
    })
}
