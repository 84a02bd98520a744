import fs from 'node:fs'
import { fail } from '../model/errors.js'

/** The process's own input and outputs. Nothing of them is opened before it is needed: that costs a third of a short command. */
export interface Terminal {
  out(text: string): void
  err(text: string): void
  inIsTerminal(): boolean
  outIsTerminal(): boolean
  errIsTerminal(): boolean
  /** Of the terminal behind stdout. */
  columns(): number
  input(): NodeJS.ReadStream
  output(): NodeJS.WriteStream
  errors(): NodeJS.WriteStream
}

export function nodeTerminal(): Terminal {
  return {
    out: (text) => put(1, text),
    err: (text) => put(2, text),
    inIsTerminal: () => isTerminal(0),
    outIsTerminal: () => isTerminal(1),
    errIsTerminal: () => isTerminal(2),
    columns: () => process.stdout.columns || 80,
    input: () => process.stdin,
    output: () => process.stdout,
    errors: () => process.stderr,
  }
}

/** Looks at the file first: asking `tty` loads Node's network code, which takes as long as a short command. A console of Windows cannot be
    looked at this way. */
function isTerminal(fd: number): boolean {
  try {
    if (process.platform !== 'win32' && !isDevice(fs.fstatSync(fd))) return false
    return process.getBuiltinModule('node:tty').isatty(fd)
  } catch {
    return false
  }
}

/** A device that may be a terminal: `/dev/null` is none. */
function isDevice(stat: fs.Stats): boolean {
  return stat.isCharacterDevice() && stat.rdev !== fs.statSync('/dev/null', { throwIfNoEntry: false })?.rdev
}

/** A reader that has gone (`haal list | head -1`) is no failure. A full disk behind a redirection is: throws E_DISK. */
function put(fd: 1 | 2, text: string): void {
  if (gone.has(fd)) return
  if (process.platform === 'win32' || isTerminal(fd)) streamed(fd, text)
  else written(fd, Buffer.from(text))
}

function written(fd: 1 | 2, bytes: Uint8Array): void {
  let done = 0
  try {
    while (done < bytes.length) done += fs.writeSync(fd, bytes, done)
  } catch (e) {
    const { code } = e as NodeJS.ErrnoException
    if (code === 'EAGAIN') streamed(fd, bytes.subarray(done))
    else gone.add(fd)
    if (code !== 'EAGAIN' && code !== 'EPIPE' && fd === 1)
      fail('E_DISK', `stdout cannot be written: ${code}`, {
        hint: 'send it where there is room; what the command has changed stays so',
        cause: e,
      })
  }
}

const gone = new Set<number>()
const watched = new Set<number>()

/** Consoles, and pipes that another program has made non-blocking. */
function streamed(fd: 1 | 2, text: string | Uint8Array): void {
  const stream = fd === 1 ? process.stdout : process.stderr
  if (!watched.has(fd)) stream.on('error', () => gone.add(fd))
  watched.add(fd)
  stream.write(text)
}
