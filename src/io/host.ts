import { createHash } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { fail } from '../model/errors.js'

/** This process as the mutex and the journal name it. `boot` changes when the machine starts anew. */
export function thisProcess(): { pid: number; host: string; boot: string; user?: number } {
  const user = process.getuid?.()
  return { pid: process.pid, host: os.hostname(), boot: bootId(), ...(user !== undefined && { user }) }
}

/** Where nothing better is known, the boot is named by its time, which moves a little with the clock. */
export function sameBoot(a: string, b: string): boolean {
  const [x, y] = [/^at (\d+)$/.exec(a)?.[1], /^at (\d+)$/.exec(b)?.[1]]
  return a === b || (x !== undefined && y !== undefined && Math.abs(Number(x) - Number(y)) < 120)
}

/** Processes that see the same number for the same process: one boot of one machine, and on Linux one pid namespace. */
export function pidSpace(): string {
  space ??= spaceOf()
  return space
}

/** Never changes for a process. */
let space: string | undefined

function spaceOf(): string {
  const kernel = procFile('sys/kernel/random/boot_id') ?? os.hostname()
  const facts = [process.platform, kernel.trim(), namespace()].join(' ')
  return createHash('sha256').update(facts).digest('hex').slice(0, 16)
}

/** When a process started, in a form that never changes while it lives; undefined where that cannot be told. */
export function startOf(pid: number): string | undefined {
  return process.platform === 'linux' ? procStat(pid)?.start : startSaidByPs(pid)
}

/** Whether a process of this pid space runs. `start` tells it from another one that has got the same number since. */
export function isRunning(pid: number, start?: string): boolean {
  if (!exists(pid)) return false
  const stat = process.platform === 'linux' ? procStat(pid) : undefined
  if (stat !== undefined && (stat.state === 'Z' || stat.state === 'X')) return false
  const now = start === undefined ? undefined : (stat?.start ?? startOf(pid))
  return now === undefined || now === start
}

/** Whether a process that was noted with its pid space has ended; false for one of another pid space, which cannot be seen from here. */
export function hasEnded(pid: number, space: string | undefined): boolean {
  return space === pidSpace() && !isRunning(pid)
}

/** Waits; throws E_INTERRUPTED as soon as the signal is aborted. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal })
  } catch (cause) {
    fail('E_INTERRUPTED', 'stopped while waiting', { cause })
  }
}

/** Lets waiting signals and timers run first. */
export async function turn(): Promise<void> {
  await nextTurn()
}

/** Does something at intervals until it is told to stop, without keeping the process alive. */
export function every(ms: number, act: () => void): () => void {
  const timer = setInterval(act, ms)
  timer.unref()
  return () => clearInterval(timer)
}

function bootId(): string {
  return procFile('sys/kernel/random/boot_id')?.trim() ?? `at ${Math.round(Date.now() / 1000 - os.uptime())}`
}

function namespace(): string {
  try {
    return process.platform === 'linux' ? fs.readlinkSync('/proc/self/ns/pid') : ''
  } catch {
    return ''
  }
}

/** A process of another user cannot be signalled, but it is there. */
function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (e) {
    return (e as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Fields 3 and 22 of proc(5). The second field is a program's name in brackets and may hold anything, brackets too. */
function procStat(pid: number): { state: string; start: string } | undefined {
  const text = procFile(`${pid}/stat`)
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ')
  const [state, start] = [fields?.[0], fields?.[19]]
  return state === undefined || start === undefined ? undefined : { state, start }
}

function procFile(path: string): string | undefined {
  try {
    return process.platform === 'linux' ? fs.readFileSync(`/proc/${path}`, 'utf8') : undefined
  } catch {
    return undefined
  }
}

/** Windows has no such program, and what it has instead takes longer than most commands. */
function startSaidByPs(pid: number): string | undefined {
  if (process.platform === 'win32') return undefined
  const { spawnSync } = process.getBuiltinModule('node:child_process')
  const env = { PATH: '/bin:/usr/bin', LC_ALL: 'C', TZ: 'UTC' }
  const { status, stdout } = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', env })
  return status === 0 && stdout.trim() !== '' ? stdout.trim().replace(/\W+/g, '-') : undefined
}
