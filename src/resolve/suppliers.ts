import type { Elsewhere, Note } from '../model/artifact.js'
import type { CommonFlags, Context } from '../model/context.js'
import type { CacheSettings } from '../model/manifest.js'
import type { Locator, Registry } from '../model/registry.js'
import type { Reach, Transport } from '../model/transport.js'
import { type OpenCache, openCache } from '../transport/cache.js'
import { allowance, credentialOf } from '../transport/credential.js'
import { transportOf } from '../transport/index.js'

/** The way to everything outside the project. */
export interface Suppliers {
  /** What a transport may use for a registry, once policy lets that pass. Throws E_POLICY_REGISTRY, E_TOKEN_UNSET, E_TOKEN_UNTRUSTED. */
  reach(registry: Registry): Reach
  transport(at: Locator): Promise<Transport>
  /** The way to what a registry only points at: policy judges that place too, and no credential of the registry's goes there. */
  elsewhere(registry: Registry, at: Elsewhere): Promise<{ transport: Transport; reach: Reach }>
  cache: OpenCache
  close(): void
}

/** The first door: asked before anything is sent. Both throw E_POLICY_REGISTRY. */
export interface Door {
  admit(registry: Registry): void
  /** A place alone: a redirect's target, an entry that points elsewhere. */
  admitPlace(name: string, at: Locator): void
}

export interface Outside extends Door {
  ctx: Context
  flags: CommonFlags
  /** Absolute. */
  cacheFolder: string
  cache: CacheSettings
  /** The project's root; absent with --global. */
  project?: string
  /** Origins that policy lists. */
  policyOrigins: readonly string[]
  /** trust.json. */
  trusted: Readonly<Record<string, readonly string[]>>
  notes: Note[]
}

export function openSuppliers(outside: Outside): Suppliers {
  const {
    ctx,
    flags,
    cacheFolder,
    cache: settings,
    project,
    policyOrigins,
    trusted,
    notes,
    admit,
    admitPlace,
  } = outside
  const { disk, env, signal, now, emit, home } = ctx
  const cache = openCache(disk, {
    folder: settings.directory ?? cacheFolder,
    enabled: settings.enabled,
    maxAge: settings.maxAge,
    now,
  })
  const allows = allowance({ env, policyOrigins, trusted })
  const reach = (registry: Registry): Reach => {
    admit(registry)
    const { credential, notes: said } = credentialOf(registry, { env, allows })
    notes.push(...said)
    return {
      registry,
      disk,
      env,
      home,
      cache,
      ...(credential && { credential }),
      offline: flags.offline === true,
      refresh: flags.refresh === true,
      signal,
      now,
      emit: (event) => (event.type === 'warning' ? notes.push(event.note) : emit(event)),
      admit: (at) => admitPlace(registry.name, at),
      allows,
      ...(project !== undefined && { project }),
    }
  }
  return {
    reach,
    transport: transportOf,
    elsewhere: async (registry, { at, ref }) => {
      admitPlace(registry.name, at)
      const { token: _token, checksum: _checksum, ref: _ref, ...rest } = registry
      return { transport: await transportOf(at), reach: reach({ ...rest, at, ...(ref !== undefined && { ref }) }) }
    },
    cache,
    close: () => cache.close(),
  }
}
