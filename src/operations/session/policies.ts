import path from 'node:path'
import type { Note } from '../../model/artifact.js'
import type { Context } from '../../model/context.js'
import { fail } from '../../model/errors.js'
import type { Manifest } from '../../model/manifest.js'
import type { Policy } from '../../model/policy.js'
import { locationOf, type Registry } from '../../model/registry.js'
import { judgePlace } from '../../policy/decide.js'
import { policyOrigins } from '../../policy/grants.js'
import { merge } from '../../policy/merge.js'
import { refuse } from '../../policy/refuse.js'
import { remarks } from '../../policy/remarks.js'
import { fetchPolicy } from '../../state/policy/fetch.js'
import { policyPlaces } from '../../state/policy/places.js'
import { readPolicies, recheckPolicies, rememberPolicies, withRegistryPolicy } from '../../state/policy/policies.js'
import type { PolicyReach, ReadPolicies } from '../../state/policy/read.js'
import { type KeptPolicy, keepPolicy, keptPolicy } from '../../state/policy/registry-policies.js'
import { policyFile } from '../../state/policy/source.js'
import type { Home } from '../project/folders.js'
import { verifyPolicy } from '../signing/verify-policy.js'
import { hostHint } from './hosts.js'
import { trustOf } from './trusted-origins.js'

/** The policies in force for one command. They change once at most: when the primary registry is opened, its own becomes known. */
export interface Policies {
  readonly policy: Policy
  /** Whether the policy of the primary registry, or that it has none, is known: from this command or an earlier one. */
  readonly isPrimaryKnown: boolean
  /** What is told once: rules that try to allow more than those before them. */
  notes(): Note[]
  /** The primary registry is open, and this is its policy now; undefined where it has none. */
  found(policy: KeptPolicy | undefined): Promise<void>
  /** Throws E_POLICY_LOAD where the primary's policy is known to be in force, its copy is gone, and nobody has asked the registry. */
  demand(): void
  /** Before anything is written: the policies are still those that judged. Throws E_POLICY_VERSION. */
  recheck(): void
  /** From now on older ones are refused. Only for a command that has succeeded. */
  remember(): void
}

interface PolicyGround {
  ctx: Context
  home: Home
  root: string
  manifest: Pick<Manifest, 'policy'>
  /** The policy of the project's own haal.json, where --config names another file. */
  own?: string | undefined
  primary: Registry | undefined
  offline: boolean
  /** The origin of the other machine that a path leads to, where nobody but the project names it. */
  strange(at: string): string | undefined
  /** Called with every policy more that is known, also where the next one cannot be read. */
  known(policy: Policy): void
}

/** Reads every layer and merges them; of the primary registry's, what a command saw that opened it last. Throws E_POLICY_LOAD, E_POLICY_SCHEMA,
    E_POLICY_VERSION: there is no way past a policy that cannot be read. */
export async function openPolicies(ground: PolicyGround): Promise<Policies> {
  const { ctx, home, manifest, own, primary } = ground
  const reach = reachOf(ground)
  const program = ctx.given?.policy
  for (const named of [manifest.policy, own]) if (named !== undefined) refuseStrangeHost(named, ground)
  const places = policyPlaces({ ...ctx, home: home.data, program, project: manifest.policy, own })
  const base = await readPolicies(places, reach)
  const from = primary && fromOf(primary)
  const live = primary && liveFile(ground, primary)
  const kept = live === undefined && from !== undefined ? keptPolicy(ctx.disk, home.data, from) : live?.policy
  const add = async (policy: KeptPolicy | undefined): Promise<ReadPolicies> =>
    from === undefined ? base : withRegistryPolicy(base, { from, bytes: undefined, ...policy }, reach)
  let isLost = kept === 'lost'
  let read = (kept === undefined && live === undefined) || kept === 'lost' ? base : await add(kept)
  let opened: { policy: KeptPolicy | undefined } | undefined
  return {
    get policy() {
      return merged(read)
    },
    get isPrimaryKnown() {
      return from === undefined || live !== undefined || opened !== undefined || (kept !== undefined && !isLost)
    },
    notes: () => [...read.warnings, ...remarks(merged(read))],
    found: async (policy) => {
      read = await add(policy)
      opened = { policy }
      isLost = false
    },
    demand: () => {
      if (isLost) lost(from ?? '')
    },
    recheck: () => recheckPolicies({ files: new Map([...read.files, ...(live?.files ?? [])]) }, ctx.disk),
    remember: () => {
      rememberPolicies(read, reach)
      if (from !== undefined && opened !== undefined) keepPolicy(ctx.disk, home.data, { from, ...opened })
    },
  }
}

const merges = new WeakMap<ReadPolicies, Policy>()

function merged(read: ReadPolicies): Policy {
  const found = merges.get(read) ?? merge(read.layers)
  merges.set(read, found)
  return found
}

function reachOf({ ctx, home, root, offline, known }: PolicyGround): PolicyReach {
  const { disk, env } = ctx
  return {
    disk,
    home: home.data,
    root,
    env,
    fetch: (url, admit) =>
      offline
        ? fail('E_POLICY_LOAD', `policy ${url} needs the network, and --offline forbids it`)
        : fetchPolicy(ctx, url, admit),
    names: (layers, origin) =>
      Object.hasOwn(trustOf({ ctx, home }), origin) || policyOrigins(merge(layers)).includes(origin),
    admit: (layers, url) => refuse(judgePlace(merge(layers), { name: 'policy', at: { via: 'url', url } })),
    verify: (policy, demands) => verifyPolicy(policy, { demands, now: ctx.now() }),
    known: (layers) => known(merge(layers)),
  }
}

/** How messages, and what is remembered, name the policy of a registry. */
function fromOf({ at, ref }: Registry): string {
  if (at.via === 'file') return path.join(at.path, 'policy.json')
  return `${locationOf(at)}${ref === undefined ? '' : `#${ref}`}/policy.json`
}

interface Live {
  policy: KeptPolicy | undefined
  files: ReadPolicies['files']
}

function refuseStrangeHost(at: string, { strange }: PolicyGround): void {
  const origin = strange(at)
  if (origin !== undefined)
    fail('E_POLICY_LOAD', `policy ${at} is on another machine, where Windows would sign in as you`, {
      hint: hostHint(origin),
      details: { source: at, origin },
    })
}

/** A folder on this machine can always be asked; undefined where the registry is none, or none that is there. */
function liveFile({ ctx: { disk }, strange }: PolicyGround, { at, author }: Registry): Live | undefined {
  if (at.via !== 'file' || (author !== 'person' && strange(at.path) !== undefined)) return undefined
  if (disk.stat(disk.real(at.path) ?? at.path)?.type !== 'folder') return undefined
  const file = path.join(at.path, 'policy.json')
  const found = policyFile(disk, file)
  const signature = found && policyFile(disk, `${file}.sigstore.json`)
  return {
    policy: found && { bytes: found.bytes, ...(signature && { signature: signature.bytes }) },
    files: new Map([[file, found?.digest ?? null]]),
  }
}

function lost(from: string): never {
  return fail('E_POLICY_LOAD', `policy ${from} is in force here, and haal's copy of it is gone or damaged`, {
    hint: 'have it asked where it can be reached, without --offline: haal list --available',
    details: { source: from },
  })
}
