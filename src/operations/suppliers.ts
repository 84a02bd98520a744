import path from 'node:path'
import type { Elsewhere, Note } from '../model/artifact.js'
import type { CommonFlags, Context } from '../model/context.js'
import type { Manifest } from '../model/manifest.js'
import type { Policy } from '../model/policy.js'
import type { Locator, Registry } from '../model/registry.js'
import type { Reach, Transport } from '../model/transport.js'
import { judgePlace, judgeRegistry } from '../policy/decide.js'
import { trustedOrigins } from '../policy/grants.js'
import { refuse } from '../policy/refuse.js'
import { readTrust } from '../state/trust.js'
import { type OpenCache, openCache } from '../transport/cache.js'
import { allowance, credentialOf } from '../transport/credential.js'
import { transportOf } from '../transport/index.js'
import type { Home } from './folders.js'

/** The way to everything outside the project. Policy stands at this door: a registry is judged before anything is sent to it. */
export interface Suppliers {
  /** Throws E_POLICY_REGISTRY. */
  admit(registry: Registry): void
  /** What a transport may use for a registry; judges it first. Throws E_TOKEN_UNSET, E_TOKEN_UNTRUSTED too. */
  reach(registry: Registry): Reach
  transport(at: Locator): Promise<Transport>
  /** The way to what a registry only points at: policy judges that place too, and no credential of the registry's goes there. */
  elsewhere(registry: Registry, at: Elsewhere): Promise<{ transport: Transport; reach: Reach }>
  cache: OpenCache
  notes: Note[]
  close(): void
}

export interface Outside {
  ctx: Context
  flags: CommonFlags
  home: Home
  root: string
  manifest: Manifest
  policy: Policy
}

export function openSuppliers({ ctx, flags, home, root, manifest, policy }: Outside): Suppliers {
  const { disk, env, signal, now, emit } = ctx
  const { directory, enabled, maxAge } = manifest.cache
  const cache = openCache(disk, { folder: directory ?? home.cache, enabled, maxAge, now })
  const trusted = readTrust(disk, path.join(home.data, 'trust.json'))
  const allows = allowance({ env, policyOrigins: trustedOrigins(policy), trusted })
  const notes: Note[] = []
  const admit = (registry: Registry): void => refuse(judgeRegistry(policy, registryFacts(ctx, registry)))
  const reach = (registry: Registry): Reach => {
    admit(registry)
    const { credential, notes: said } = credentialOf(registry, { env, allows })
    notes.push(...said)
    return {
      registry,
      disk,
      env,
      home: ctx.home,
      cache,
      ...(credential && { credential }),
      offline: flags.offline === true,
      refresh: flags.refresh === true,
      signal,
      now,
      emit: (event) => (event.type === 'warning' ? notes.push(event.note) : emit(event)),
      admit: (at) => refuse(judgePlace(policy, { name: registry.name, at })),
      allows,
      ...(!flags.global && { project: root }),
    }
  }
  return {
    admit,
    reach,
    transport: transportOf,
    elsewhere: async (registry, { at, ref }) => {
      refuse(judgePlace(policy, { name: registry.name, at }))
      const { token: _token, checksum: _checksum, ref: _ref, ...rest } = registry
      return { transport: await transportOf(at), reach: reach({ ...rest, at, ...(ref !== undefined && { ref }) }) }
    },
    notes,
    cache,
    close: () => cache.close(),
  }
}

/** What policy is told of a registry before it is contacted. */
export function registryFacts({ disk }: Pick<Context, 'disk'>, { name, at, author, verified, checksum }: Registry) {
  const real = at.via === 'file' ? disk.real(at.path) : undefined
  return {
    name,
    at,
    author,
    verified: verified === true,
    checksum: checksum !== undefined,
    ...(real !== undefined && at.via === 'file' && real !== at.path && { real }),
    signature: 'pending' as const,
  }
}
