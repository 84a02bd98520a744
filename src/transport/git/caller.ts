import { pause } from '../../io/host.js'
import { type Call, type Ran, run } from '../../io/process.js'
import { fail, type HaalError, onError } from '../../model/errors.js'
import type { Reach } from '../../model/transport.js'
import { authorizations } from './auth.js'
import { longestAnswer, longestExchange } from './engine.js'
import { environment, settings } from './harden.js'
import { gitError, type Trouble, troubleOf } from './trouble.js'
import type { Remote, WebRemote } from './url.js'

/** A git that is installed. `version`: `[2, 39]`. */
export interface Program {
  path: string
  version: readonly [major: number, minor: number]
}

export interface Exchange {
  args: readonly string[]
  gitDir: string
  /** Settings beside the usual ones. */
  config?: Readonly<Record<string, string>>
  input?: string
  /** Stops this exchange alone; without it, the command's does. */
  signal?: AbortSignal
  /** As in `Call`. */
  started?: NonNullable<Call['started']>
}

export type Outcome = { ok: true; out: string } | { ok: false; trouble: Trouble; error: HaalError }

/** Asks one repository through git: with the token if there is one, and again where another attempt may help. */
export interface Caller {
  remote: Remote
  /** An answer, or what kept git from getting one. Throws E_TIMEOUT, E_INTERRUPTED, E_LIMIT_SIZE and what a redirect may lead to. */
  ask(exchange: Exchange): Promise<Outcome>
}

interface Setting {
  program: Program
  reach: Reach
  home: string
  remote: Remote
  /** Where a server says the repository is now; throws where it may not be followed. */
  redirected(remote: WebRemote, authorization: string | undefined): Promise<Remote>
  /** Settings that hold for every exchange with this remote. */
  config(remote: Remote): Promise<Readonly<Record<string, string>>>
}

const mostHops = 5
/** Milliseconds to wait before a server is tried again. */
const passingPauses = [100, 500] as const

/** What a remedy found out (the token's form, a redirect, an authority) holds for later exchanges. */
export function callerFor(setting: Setting): Caller {
  const { reach } = setting
  const state: State = { remote: setting.remote, forms: authorizations(setting.remote, reach.credential), hops: 0 }
  return {
    get remote() {
      return state.remote
    },
    ask: async (exchange) => {
      for (let tries = 0; ; tries += 1) {
        const used = { remote: state.remote, form: state.forms[0] }
        const ran = await once(exchange, setting, state)
        if (ran.code === 0) return { ok: true, out: ran.stdout.toString('utf8') }
        const trouble = troubleOf(ran.stderr)
        const remedy = remedies[trouble]
        if (remedy === undefined || !(await remedy(state, used, { setting, tries })))
          return { ok: false, trouble, error: gitError(trouble, ran.stderr, reach) }
      }
    },
  }
}

interface State {
  remote: Remote
  /** Authorization headers not refused yet; the first is in use. */
  forms: readonly string[]
  hops: number
  authorities?: string | undefined
}

/** What an exchange was started with. Exchanges run side by side: another may have found a remedy meanwhile. */
interface Used {
  remote: Remote
  form: string | undefined
}

type Remedy = (state: State, used: Used, more: { setting: Setting; tries: number }) => boolean | Promise<boolean>

/** What may help; true where the exchange is to be tried again. */
const remedies: Partial<Record<Trouble, Remedy>> = {
  access: (state, { form }) => {
    if (state.forms[0] === form) state.forms = state.forms.slice(1)
    return state.forms.length > 0
  },
  redirect: async (state, { remote, form }, { setting }) => {
    if (state.remote !== remote) return true
    state.hops += 1
    if (state.hops > mostHops || remote.kind !== 'http') return false
    state.remote = await setting.redirected(remote, form)
    return true
  },
  /** Node's own variable adds authorities; git is given them where the system's do not do. */
  certificate: (state, _used, { setting, tries }) => {
    state.authorities = setting.reach.env.NODE_EXTRA_CA_CERTS
    return state.authorities !== undefined && tries === 0
  },
  passing: (_state, _used, { setting, tries }) => waited(passingPauses[tries], setting.reach.signal),
}

async function once(exchange: Exchange, setting: Setting, state: State): Promise<Ran> {
  const { program, reach, home } = setting
  const { remote, authorities } = state
  const own = remote.kind === 'http' && remote.origin === reach.credential?.origin
  const env = environment(remote, reach, {
    gitDir: exchange.gitDir,
    home,
    authorization: own ? state.forms[0] : undefined,
  })
  const late = (e: HaalError) => fail('E_TIMEOUT', `registry "${reach.registry.name}": ${e.message}`)
  const call = {
    args: [...settings(remote, { ...(await setting.config(remote)), ...exchange.config }), ...exchange.args],
    env: authorities === undefined ? env : { ...env, GIT_SSL_CAINFO: authorities },
    cwd: home,
    signal: exchange.signal ?? reach.signal,
    timeout: longestExchange,
    limit: longestAnswer,
    ...(exchange.input !== undefined && { input: exchange.input }),
    ...(exchange.started && { started: exchange.started }),
  }
  return onError(['E_TIMEOUT'], () => run(program.path, call), late)
}

/** Waits so many milliseconds, or until the signal stops it; false, at once, without a number or where it was stopped before. */
export async function waited(ms: number | undefined, signal: AbortSignal): Promise<boolean> {
  if (ms === undefined || signal.aborted) return false
  await onError(
    ['E_INTERRUPTED'],
    () => pause(ms, signal),
    () => undefined,
  )
  return true
}
