import path from 'node:path'
import { findProgram, run } from '../io/process.js'
import type { Context } from '../model/context.js'
import { HaalError } from '../model/errors.js'

/** Milliseconds that a program may take to say its version, and bytes. */
const patience = 10_000
const longest = 64 * 1024

type Around = Pick<Context, 'env' | 'home' | 'signal'>

/** Whether a program is found in the absolute folders of PATH: never in the project, which could have put one there. */
export function hasProgram(name: string, { env }: Pick<Around, 'env'>): boolean {
  return isName(name) && findProgram(name, env) !== undefined
}

/** The first line that `<program> --version` says; null where it is missing, fails or says nothing. It runs outside of the project and sees of the
    environment only where programs and the user's files are. */
export async function programVersion(name: string, { env, home, signal }: Around): Promise<string | null> {
  const program = isName(name) ? findProgram(name, env) : undefined
  if (program === undefined) return null
  const kept = ['PATH', 'HOME', 'USERPROFILE', 'SystemRoot', 'LANG'].flatMap((key): [string, string][] =>
    env[key] === undefined ? [] : [[key, env[key]]],
  )
  const call = { args: ['--version'], env: Object.fromEntries(kept), cwd: path.parse(home).root, signal }
  try {
    const { code, stdout, stderr } = await run(program, { ...call, timeout: patience, limit: longest })
    const [line = ''] = (stdout.toString('utf8').trim() || stderr.trim()).split('\n')
    return code === 0 && line !== '' ? line : null
  } catch (e) {
    if (e instanceof HaalError && ['E_DISK', 'E_TIMEOUT', 'E_LIMIT_SIZE'].includes(e.code)) return null
    throw e
  }
}

/** A name that a rule or a manifest gives is never a path. */
function isName(name: string): boolean {
  return /^[A-Za-z0-9][\w.+-]{0,63}$/.test(name)
}
