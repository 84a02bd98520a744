import { type ChildProcess, type SpawnOptions, type StdioOptions, spawn } from 'node:child_process'
import { setMaxListeners } from 'node:events'
import fs from 'node:fs'
import { Socket } from 'node:net'
import path from 'node:path'
import { fail, HaalError, interruption } from '../model/errors.js'

/** One program to run: never through a shell, nothing inherited. */
export interface Call {
  args: readonly string[]
  /** The whole environment of the child. */
  env: Readonly<Record<string, string>>
  /** Absolute. */
  cwd: string
  signal: AbortSignal
  /** Milliseconds after which it is ended. */
  timeout: number
  /** Bytes it may print. */
  limit: number
  /** What it reads; without it, stdin is closed. */
  input?: string
  /** Called with the pid as soon as the program runs; what it answers is called with the exit code, -1 where a signal ended it. */
  started?(pid: number): (code: number) => void
}

export interface Ran {
  /** -1 where a signal ended it. */
  code: number
  stdout: Buffer
  /** The last 64 KiB. */
  stderr: string
}

/** How long a child may take to tidy up after SIGTERM: git removes its lock files and half-written packs. */
const grace = 2_000
const stderrKept = 65_536

/** Runs a program to its end. A code other than 0 is an answer, not an error. Throws E_TIMEOUT, E_LIMIT_SIZE,
    E_INTERRUPTED, and E_DISK where it cannot be started. */
export async function run(program: string, call: Call): Promise<Ran> {
  const child = start(program, call, [call.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'])
  const watch = watched(child, program, call)
  const out: Buffer[] = []
  let size = 0
  child.stdout?.on('data', (bytes: Buffer) => {
    size += bytes.length
    if (size > call.limit) watch.stop('E_LIMIT_SIZE', `${nameOf(program)} printed more than ${call.limit} bytes`)
    else out.push(bytes)
  })
  const ended = child.pid === undefined ? undefined : call.started?.(child.pid)
  child.on('close', (code) => ended?.(code ?? -1))
  if (call.input !== undefined) child.stdin?.end(call.input)
  return { code: await watch.ended, stdout: Buffer.concat(out), stderr: watch.stderr() }
}

/** A program that answers questions, one at a time, for as long as it is wanted. It never keeps haal alive by itself. */
export interface Talk {
  say(text: string): void
  /** What it has printed and nobody has taken yet: so many bytes at least. */
  held(least: number): Promise<Buffer>
  /** Takes the first bytes of that. */
  take(count: number): void
  end(): void
}

/** Starts such a program. `timeout` is the longest silence while an answer is awaited. Reading throws E_TIMEOUT, E_INTERRUPTED, and E_DISK where
    the program has ended. */
export function talk(program: string, call: Omit<Call, 'input' | 'started' | 'limit'>): Talk {
  const child = start(program, call, ['pipe', 'pipe', 'pipe'])
  const watch = watched(child, program, { signal: call.signal, timeout: 0 })
  const queue = byteQueue()
  const more = moreOf(child, watch, { program, timeout: call.timeout, push: queue.push })
  return {
    say: (text) => void child.stdin?.write(text),
    held: async (least) => {
      while (queue.size() < least) await more()
      return queue.all()
    },
    take: queue.take,
    end: () => void child.stdin?.end(),
  }
}

/** Where a program lies, from the absolute folders of PATH alone: never from the current folder, where a project could have put one. */
export function findProgram(name: string, env: Readonly<Record<string, string | undefined>>): string | undefined {
  const windows = process.platform === 'win32'
  const paths =
    Object.entries(env).find(([key]) => key === 'PATH' || (windows && key.toUpperCase() === 'PATH'))?.[1] ?? ''
  return paths
    .split(path.delimiter)
    .filter((folder) => path.isAbsolute(folder))
    .map((folder) => path.join(folder, windows ? `${name}.exe` : name))
    .find(canRun)
}

function canRun(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK)
    return fs.statSync(file).isFile()
  } catch {
    return false
  }
}

/** Children get a process group of their own where there are such, so that what they start ends with them. */
function start(
  program: string,
  { args, env, cwd, signal }: Omit<Call, 'input' | 'limit'>,
  stdio: StdioOptions,
): ChildProcess {
  if (signal.aborted) throw interruption(signal)
  const child = spawned(program, args, { cwd, env, stdio, detached: grouped, windowsHide: true })
  child.stdin?.on('error', () => undefined)
  living.add(child)
  if (living.size === 1) process.on('exit', endAll)
  child.on('close', () => {
    living.delete(child)
    if (living.size === 0) process.off('exit', endAll)
  })
  return child
}

/** Node tells some failures by an event, and others (ENOTDIR, E2BIG) by throwing. */
function spawned(program: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  try {
    return spawn(program, args, options)
  } catch (e) {
    throw unstartable(program, e as NodeJS.ErrnoException)
  }
}

const grouped = process.platform !== 'win32'
const living = new Set<ChildProcess>()

/** SIGTERM, not SIGKILL: git then removes its lock files. */
function endAll(): void {
  for (const child of living) kill(child, 'SIGTERM')
}

interface Watch {
  /** The exit code, once all output has arrived; rejects with the reason given to `stop`. */
  ended: Promise<number>
  stderr(): string
  stop(code: 'E_TIMEOUT' | 'E_LIMIT_SIZE', message: string): void
}

function watched(child: ChildProcess, program: string, { signal, timeout }: Pick<Call, 'signal' | 'timeout'>): Watch {
  let reason: HaalError | undefined
  let stderr = ''
  let last: NodeJS.Timeout | undefined
  const end = (why: HaalError) => {
    if (reason !== undefined) return
    reason = why
    kill(child, 'SIGTERM')
    last = setTimeout(() => kill(child, 'SIGKILL'), grace).unref()
  }
  const onAbort = () => end(interruption(signal))
  const stop: Watch['stop'] = (code, message) => end(new HaalError(code, message))
  const clock =
    timeout > 0
      ? setTimeout(() => stop('E_TIMEOUT', `${nameOf(program)} took longer than ${timeout / 1000} s`), timeout)
      : undefined
  // As many children as there are repositories may listen.
  setMaxListeners(0, signal)
  signal.addEventListener('abort', onAbort, { once: true })
  child.stderr?.on('data', (bytes: Buffer) => {
    stderr = (stderr + bytes.toString('utf8')).slice(-stderrKept)
  })
  const ended = new Promise<number>((done, failed) => {
    child.on('error', (cause) => failed(unstartable(program, cause)))
    child.on('close', (code) => {
      clearTimeout(clock)
      clearTimeout(last)
      signal.removeEventListener('abort', onAbort)
      if (reason === undefined) done(code ?? -1)
      else failed(reason)
    })
  })
  return { ended, stderr: () => stderr, stop }
}

function unstartable(program: string, cause: NodeJS.ErrnoException): HaalError {
  return new HaalError('E_DISK', `${program} cannot be started: ${cause.code ?? cause.message}`, { cause })
}

/** A group that has gone already answers ESRCH, on macOS EPERM. */
function kill(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return
  if (!grouped) return void child.kill(signal)
  try {
    process.kill(-child.pid, signal)
  } catch (e) {
    if (!['ESRCH', 'EPERM'].includes((e as NodeJS.ErrnoException).code ?? '')) throw e
  }
}

function nameOf(program: string): string {
  return path.basename(program).replace(/\.exe$/i, '')
}

interface Listening {
  program: string
  timeout: number
  push(bytes: Buffer): void
}

/** A wait until something new has arrived. */
function moreOf(child: ChildProcess, watch: Watch, { program, timeout, push }: Listening): () => Promise<void> {
  let arrived: (() => void) | undefined
  child.stdout?.on('data', (bytes: Buffer) => {
    push(bytes)
    arrived?.()
  })
  const gone = watch.ended.then((code) =>
    fail('E_DISK', `${nameOf(program)} ended (${code}) before it answered: ${watch.stderr().trim().slice(-200)}`),
  )
  gone.catch(() => undefined)
  hold(child, false)
  return async () => {
    const tooLong = () => watch.stop('E_TIMEOUT', `${nameOf(program)} said nothing for ${timeout / 1000} s`)
    const silence = setTimeout(tooLong, timeout)
    hold(child, true)
    try {
      await Promise.race([new Promise<void>((done) => (arrived = done)), gone])
    } finally {
      arrived = undefined
      clearTimeout(silence)
      hold(child, false)
    }
  }
}

/** Bytes as they came, taken off at the front in other portions. */
function byteQueue() {
  let chunks: Buffer[] = []
  let size = 0
  const all = (): Buffer => {
    const [first] = chunks
    if (chunks.length === 1 && first) return first
    const whole = Buffer.concat(chunks)
    chunks = [whole]
    return whole
  }
  return {
    size: () => size,
    push: (bytes: Buffer) => {
      chunks.push(bytes)
      size += bytes.length
    },
    all,
    take: (count: number): void => {
      chunks = [all().subarray(count)]
      size -= count
    },
  }
}

/** Whether the child keeps haal's process alive: only while an answer is awaited. */
function hold(child: ChildProcess, on: boolean): void {
  for (const handle of [child, child.stdin, child.stdout, child.stderr]) {
    if (handle !== child && !(handle instanceof Socket)) continue
    if (on) handle.ref()
    else handle.unref()
  }
}
