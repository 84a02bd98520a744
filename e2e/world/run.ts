import { type ChildProcess, spawn } from 'node:child_process'
import path from 'node:path'
import { expect } from 'vitest'
import { type Terminal, terminalOf } from './terminal.js'

export interface Outcome {
  stdout: string
  stderr: string
  /** null where a signal ended it. */
  exit: number | null
  signal: NodeJS.Signals | null
  bytes: { stdout: Buffer; stderr: Buffer }
}

const typed = Symbol('typed')

export interface RunOptions {
  /** Added to the clean environment; undefined takes a variable away. */
  env?: Record<string, string | undefined>
  /** Relative to the project. */
  cwd?: string
  /** `typed`: stays open for a terminal to type into. */
  stdin?: string | typeof typed
  /** Runs in a pseudo-terminal: stdout and stderr arrive as one, in stdout. Needs `script`. */
  tty?: boolean | { columns: number }
  /** false: in a network namespace without an interface, not even loopback. Needs `unshare`. */
  network?: boolean
  /** Goes in front of the command: `['strace', '-f']`. */
  under?: readonly string[]
  /** Milliseconds after which it is killed and the test fails. */
  timeout?: number
}

export interface FailOptions {
  /** Paths (relative to the world's root) that the failing run may write; 'anything' looks at none. */
  writes?: readonly string[] | 'anything'
}

/** One run of haal. It starts with the first of these calls, and only once. */
export interface Run {
  succeeds(): Promise<Outcome>
  /** Exits 0 and leaves every byte of the world as it was. */
  changesNothing(): Promise<Outcome>
  /** Says `code`, exits with `exit`, and has written nothing. */
  fails(code: string, exit: number, options?: FailOptions): Promise<Outcome>
  /** Runs with --json, exits 0, prints one document: its `result`. */
  json<T = Record<string, unknown>>(): Promise<T>
  outcome(): Promise<Outcome>
  /** Starts it and does not wait: for signals and races. */
  child(): ChildProcess
  /** Runs in a pseudo-terminal that a test types into. Needs `script`. */
  terminal(): Terminal
}

export interface Ground {
  cwd: string
  env: Record<string, string>
  /** node and bin/haal.js. */
  program: readonly string[]
  snapshot(): Record<string, string>
  /** Called with every outcome: looks for secrets. */
  inspect(outcome: Outcome): void
  started(child: ChildProcess): void
}

export function runOf(ground: Ground, line: string | readonly string[], options: RunOptions): Run {
  const args = typeof line === 'string' ? words(line) : [...line]
  let running: Running | undefined
  const start = (more: readonly string[] = [], how: RunOptions = options): Running => {
    running ??= execute(commandOf(ground, [...args, ...more], how), surroundingsOf(ground, how))
    ground.started(running.child)
    return running
  }
  const outcome = async (more: readonly string[] = []) => {
    const done = await start(more).outcome
    ground.inspect(done)
    return done
  }
  return {
    outcome: () => outcome(),
    child: () => start().child,
    terminal: () => terminalOf(start([], { tty: true, ...options, stdin: typed })),
    succeeds: async () => succeeded(await outcome(), args),
    changesNothing: async () => {
      const ignored = args.includes('--dry-run') ? [] : memos
      const before = ground.snapshot()
      const done = succeeded(await outcome(), args)
      const said = `haal ${args.join(' ')} should write nothing`
      expect(without(ground.snapshot(), ignored), said).toEqual(without(before, ignored))
      return done
    },
    fails: async (code, exit, { writes = [] } = {}) => {
      const before = ground.snapshot()
      const done = failed(await outcome(), { args, code, exit })
      if (writes !== 'anything')
        expect(without(ground.snapshot(), writes), 'nothing written').toEqual(without(before, writes))
      return done
    },
    json: async <T>() =>
      documentOf(succeeded(await outcome(args.includes('--json') ? [] : ['--json']), args)).result as T,
  }
}

/** Where haal remembers what it has looked at; both may be deleted at any time. */
const memos = ['haal/settled', 'project/.haal/.state/seen']

function succeeded(done: Outcome, args: readonly string[]): Outcome {
  expect(done.exit, `haal ${args.join(' ')}\n${done.stdout}${done.stderr}`).toBe(0)
  return done
}

function failed(done: Outcome, wanted: { args: readonly string[]; code: string; exit: number }): Outcome {
  const said = `haal ${wanted.args.join(' ')}\n${done.stdout}${done.stderr}`
  if (wanted.args.includes('--json')) {
    expect(documentOf(done), said).toMatchObject({ ok: false, error: { code: wanted.code, exit: wanted.exit } })
  } else expect(`${done.stderr}${done.stdout}`, said).toMatch(new RegExp(`\\b${wanted.code}\\b`))
  expect(done.exit, said).toBe(wanted.exit)
  return done
}

/** The one document that `--json` prints, envelope included. */
export function documentOf(done: Outcome): {
  ok: boolean
  command: string
  result?: unknown
  error?: Record<string, unknown>
} {
  const document = JSON.parse(done.stdout)
  expect(document.schemaVersion).toBe(1)
  return document
}

function without(tree: Record<string, string>, paths: readonly string[]): Record<string, string> {
  const below = (entry: string) => paths.some((each) => entry === each || entry.startsWith(`${each}/`))
  return Object.fromEntries(Object.entries(tree).filter(([entry]) => !below(entry)))
}

function commandOf(ground: Ground, args: readonly string[], options: RunOptions): string[] {
  const plain = [...(options.under ?? []), ...ground.program, ...args]
  const alone = options.network === false ? ['unshare', '-rn', ...plain] : plain
  return options.tty ? inTerminal(alone, options.tty) : alone
}

/** util-linux's `script` gives a real pseudo-terminal without a native module. */
function inTerminal(command: readonly string[], tty: true | { columns: number }): string[] {
  const columns = tty === true ? 100 : tty.columns
  return ['script', '-qefc', `stty cols ${columns} rows 40; exec ${command.map(quoted).join(' ')}`, '/dev/null']
}

export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

function surroundingsOf(ground: Ground, { env = {}, cwd = '', stdin, tty, timeout }: RunOptions): Surroundings {
  const kind = tty ? { TERM: 'xterm-256color' } : {}
  return { cwd: path.resolve(ground.cwd, cwd), env: merged(ground.env, { ...kind, ...env }), stdin, timeout }
}

/** An environment with changes; undefined takes a variable away. */
export function merged(
  env: Record<string, string>,
  changes: Record<string, string | undefined>,
): Record<string, string> {
  const all = Object.entries({ ...env, ...changes })
  return Object.fromEntries(all.filter((pair): pair is [string, string] => pair[1] !== undefined))
}

interface Surroundings {
  cwd: string
  env: Record<string, string>
  stdin?: string | typeof typed | undefined
  timeout?: number | undefined
}

export interface Running {
  child: ChildProcess
  outcome: Promise<Outcome>
}

/** Runs a command in its own process group and gathers what it says. Never rejects for an exit code. */
export function execute(
  [program = '', ...args]: readonly string[],
  { cwd, env, stdin, timeout = 60_000 }: Surroundings,
): Running {
  const input = stdin === undefined ? 'ignore' : 'pipe'
  const child = spawn(program, args, {
    cwd,
    env,
    stdio: [input, 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
  })
  child.stdin?.on('error', () => undefined)
  if (stdin !== typed) child.stdin?.end(stdin)
  return { child, outcome: gathered(child, [program, ...args].join(' '), timeout) }
}

function gathered(child: ChildProcess, command: string, timeout: number): Promise<Outcome> {
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  child.stdout?.on('data', (bytes: Buffer) => stdout.push(bytes))
  child.stderr?.on('data', (bytes: Buffer) => stderr.push(bytes))
  return new Promise((done, refused) => {
    const timer = setTimeout(() => {
      end(child)
      refused(new Error(`${command} still runs after ${timeout} ms\n${Buffer.concat([...stdout, ...stderr])}`))
    }, timeout)
    child.on('error', refused)
    child.on('close', (exit, signal) => {
      clearTimeout(timer)
      const bytes = { stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr) }
      done({ stdout: bytes.stdout.toString(), stderr: bytes.stderr.toString(), exit, signal, bytes })
    })
  })
}

/** How to run a server that ends with whoever started it, killed or not: a shell waits until nobody holds the other end of its stdin, and ends all
    of its process group. To be spawned as `detached`, with a pipe for stdin. */
export function mortal(program: string, args: readonly string[]): [program: string, args: string[]] {
  if (process.platform === 'win32') return [program, [...args]]
  return ['sh', ['-c', '"$@" < /dev/null & cat > /dev/null; kill -9 0', 'sh', program, ...args]]
}

/** Ends a process and what it started. */
export function end(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  try {
    process.kill(process.platform === 'win32' ? child.pid : -child.pid, 'SIGKILL')
  } catch (e) {
    if ((e as NodeJS.ErrnoException).code !== 'ESRCH') throw e
  }
}

/** A command line's words; quotes hold a word together. */
export function words(line: string): string[] {
  const found = line.match(/"[^"]*"|'[^']*'|\S+/g) ?? []
  return found.map((word) => (/^(".*"|'.*')$/.test(word) ? word.slice(1, -1) : word))
}
