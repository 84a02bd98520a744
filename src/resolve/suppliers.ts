import type { Artifact, Elsewhere, Note } from '../model/artifact.js'
import type { CommonFlags, Context } from '../model/context.js'
import type { FolderMemory } from '../model/folder-memory.js'
import type { CacheSettings } from '../model/manifest.js'
import type { Locator, Registry } from '../model/registry.js'
import type { Reach, Transport } from '../model/transport.js'
import type { Tree } from '../model/tree.js'
import { type OpenCache, openCache } from '../transport/cache.js'
import { allowance, credentialOf, originOf, partsOf, secretsOf } from '../transport/credential.js'
import { endAll } from '../transport/endings.js'
import { mayBeOutdated, wasSpared } from '../transport/fresh.js'
import { transportOf } from '../transport/index.js'

/** The way to everything outside the project. */
export interface Suppliers {
  /** What a transport may use for a registry, once policy lets that pass. Throws E_POLICY_REGISTRY, E_TOKEN_UNSET, E_TOKEN_UNTRUSTED. */
  reach(registry: Registry): Reach
  transport(at: Locator): Promise<Transport>
  /** The way to what a registry only points at. Policy judges that place too, and no credential of the registry's goes there, unless it is
      an archive beside a web registry's index. */
  elsewhere(registry: Registry, at: Elsewhere): Promise<{ transport: Transport; reach: Reach }>
  cache: OpenCache
  /** Whether something was answered from the cache alone that asking again might answer otherwise. */
  mayBeOutdated(): boolean
  /** The same, where the configuration says for how long. */
  wasSpared(): boolean
  close(): void
}

/** The first door of policy. What it refuses it throws. */
export interface Door {
  /** Asked before anything is sent. */
  admit(registry: Registry): void
  /** A place alone: a redirect's target, an entry that points elsewhere. */
  admitPlace(name: string, at: Locator): void
  /** Asked when a registry has been opened, before anything of it is used. */
  inspect(opened: Opened): Promise<Inspected>
}

/** A registry whose tree is open. */
export interface Opened {
  registry: Registry
  tree: Tree
  /** It is the first of all. */
  primary: boolean
  /** It is open at a revision of its past. */
  past: boolean
}

export interface Inspected {
  /** To be read instead of the tree that was opened. */
  tree: Tree
  /** Its artifacts, with what the signatures say of them. */
  cover(artifacts: readonly Artifact[]): readonly Artifact[]
  /** The keys that have signed its index, where somebody asks. */
  signers?: readonly string[]
}

interface Outside extends Door {
  ctx: Context
  flags: CommonFlags
  /** Those of the configuration: no token of theirs is ever printed, whether they are asked or not. */
  registries: readonly Registry[]
  /** Absolute. */
  cacheFolder: string
  cache: CacheSettings
  /** What a folder that the configuration names is sealed with. */
  seal(): string
  /** The project's root; absent with --global. */
  project?: string
  /** The command asks what is new: haal's default cacheDuration does not count, only that of a configuration. */
  news: boolean
  /** Most of what the registries have is wanted. */
  broad: boolean
  /** Paths in a registry at which what is wanted may lie. */
  likely: readonly string[]
  /** Origins that policy lists. */
  policyOrigins: readonly string[]
  /** trust.json. */
  trusted: Readonly<Record<string, readonly string[]>>
  notes: Note[]
  /** What earlier commands remembered of a registry's folder, where that may be used. */
  memory?: (registry: string, folder: string) => FolderMemory
}

export function openSuppliers(outside: Outside): Suppliers {
  const { ctx, cache: settings, cacheFolder, policyOrigins, trusted, admitPlace } = outside
  const cache = openCache(ctx.disk, {
    folder: settings.directory ?? cacheFolder,
    ...(settings.directory !== undefined && settings.enabled && { seal: outside.seal() }),
    enabled: settings.enabled,
    maxAge: settings.maxAge,
    now: ctx.now,
  })
  const hide = (secret: string) => {
    for (const part of partsOf(secret)) ctx.secrets?.add(part)
  }
  for (const secret of secretsOf(outside.registries, ctx.env)) hide(secret)
  const allows = allowance({ env: ctx.env, policyOrigins, trusted })
  const reach = (registry: Registry) => reachOf(registry, outside, { cache, hide, allows })
  return {
    reach,
    transport: transportOf,
    elsewhere: async (registry, { at, ref }) => {
      const transport = await transportOf(at)
      if (isSameOrigin(registry.at, at)) return { transport, reach: reach(registry) }
      admitPlace(registry.name, at)
      return { transport, reach: reach(pointedAt(registry, at, ref)) }
    },
    cache,
    mayBeOutdated: () => mayBeOutdated(cache),
    wasSpared: () => wasSpared(cache),
    close: () => {
      endAll(cache)
      cache.close()
    },
  }
}

function reachOf(
  given: Registry,
  { ctx, flags, project, news, broad, likely, notes, memory, admit, admitPlace }: Outside,
  shared: Required<Pick<Reach, 'cache' | 'hide' | 'allows'>>,
): Reach {
  const registry = news && given.cacheDuration === undefined ? { ...given, cacheDuration: 0 } : given
  admit(registry)
  const { disk, env, home, platform, signal, now, emit } = ctx
  const { credential, notes: said } = credentialOf(registry, { env, allows: shared.allows })
  notes.push(...said)
  if (credential) shared.hide(credential.value)
  return {
    ...shared,
    registry,
    disk,
    env,
    home,
    platform,
    ...(credential && { credential }),
    offline: flags.offline === true,
    refresh: flags.refresh === true,
    broad,
    likely,
    signal,
    now,
    emit: (event) => (event.type === 'warning' ? notes.push(event.note) : emit(event)),
    admit: (at) => admitPlace(registry.name, at),
    ...(memory && { memory: (folder: string) => memory(registry.name, folder) }),
    ...(project !== undefined && { project }),
  }
}

/** Whether the environment or `haal trust` names an origin. Throws E_CONFIG where HAAL_TRUSTED_ORIGINS is none. */
export function isTrusted(origin: string, grounds: Pick<Parameters<typeof allowance>[0], 'env' | 'trusted'>): boolean {
  return allowance({ ...grounds, policyOrigins: [] })(origin)
}

/** The origin that a registry's token goes to; undefined where none can be sent. */
export function tokenOrigin({ at }: Registry, env: Context['env']): string | undefined {
  return originOf(at, env)
}

function isSameOrigin(index: Locator, archive: Locator): boolean {
  return index.via === 'url' && archive.via === 'url' && new URL(index.url).origin === new URL(archive.url).origin
}

/** What an index points at was named by the index's author: somebody on the network, unless the registry is a folder on this machine. */
function pointedAt(registry: Registry, at: Locator, ref: string | undefined): Registry {
  const { token: _token, checksum: _checksum, ref: _ref, ...rest } = registry
  const author = registry.at.via === 'file' ? registry.author : 'network'
  return { ...rest, at, author, ...(ref !== undefined && { ref }) }
}

/** Starts to look which git is installed, where a registry will need one: that contacts nobody, and takes as long as reading the policies meanwhile.
    Errors are left to whoever uses it. */
export function lookForGit(ctx: Pick<Context, 'env' | 'signal'>, registries: readonly Registry[]): void {
  if (registries.some(({ at }) => at.via === 'git')) gitVersion(ctx).catch(() => undefined)
}

/** The system's git that haal would use, `2.39`; undefined where it uses its own. */
export async function gitVersion(ctx: Pick<Context, 'env' | 'signal'>): Promise<string | undefined> {
  const { installedGit } = await import('../transport/git.js')
  const found = await installedGit(ctx)
  return found?.version.join('.')
}
