import path from 'node:path'
import { folderFrom } from '../io/folder.js'
import { here } from '../io/here.js'
import type { CommonFlags, Context } from '../model/context.js'
import { fail, HaalError } from '../model/errors.js'
import { isRecord } from '../model/json.js'
import { isCode } from '../model/manifest.js'
import { givenFrom } from '../operations/project/configuration-by-code.js'
import { environmentOn } from './environment.js'
import type { CallOptions, HaalOptions } from './options.js'

/** What an instance works in; a call adds its signal and the program's callbacks. Throws E_USAGE for a `cwd` that is no
    folder, E_CONFIG for a configuration that a file could not have either. */
export function contextFrom(options: HaalOptions): Context {
  const around = here(options.cwd)
  const { cwd, disk, platform } = around
  if (isCode(options.config ?? ''))
    fail('E_USAGE', `config: ${options.config} is code`, { hint: 'import it, and give createHaal what it says' })
  if (disk.stat(disk.real(cwd) ?? cwd)?.type !== 'folder') fail('E_USAGE', `cwd: ${cwd} is not a folder`)
  const given = options.env ?? around.env
  const own = options.home ? { ...given, HAAL_HOME: folderFrom(options.home) } : given
  const env = environmentOn(platform, own)
  const named = platform === 'win32' ? env.USERPROFILE : env.HOME
  const home = named !== undefined && path.isAbsolute(named) ? named : around.home
  return {
    ...around,
    home,
    env,
    given: asOptions(() => givenFrom(configOf(options), cwd)),
    signal: new AbortController().signal,
    emit: () => undefined,
  }
}

/** Standard hints tell how to correct a file. Here they tell how to correct the program's options. */
function asOptions<T>(read: () => T): T {
  try {
    return read()
  } catch (e) {
    if (!(e instanceof HaalError) || e.hint !== new HaalError(e.code, '').hint) throw e
    const hint = 'correct it in the options that the program gives; their type is HaalOptions'
    return fail(e.code, e.message, { hint, details: e.details, cause: e })
  }
}

/** Flags for every call, which a call's own override. */
export function standingFlags({ config, global, offline, wait }: HaalOptions): CommonFlags {
  return defined({ config, global, offline, wait })
}

export function callFlags<O extends CallOptions>({ signal: _signal, ...flags }: O): Defined<Omit<O, 'signal'>> {
  return defined(flags)
}

export type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> }

/** Only the options that are given: undefined counts as not given. */
function defined<T extends object>(options: T): Defined<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Defined<T>
}

/** The options that a configuration file has too, in its words. */
function configOf({ registryConfig, registries, artifacts, pins, targets, policy }: HaalOptions) {
  if (registryConfig !== undefined && registries !== undefined)
    fail('E_USAGE', 'registryConfig and registries are both given', { hint: 'give one of the two' })
  return defined({
    registryConfig: isRecord(registryConfig)
      ? { ...registryConfig, defaultRegistries: defined(registryConfig.defaultRegistries ?? {}) }
      : registryConfig,
    registries,
    artifacts,
    pins,
    targets,
    policy,
  })
}
