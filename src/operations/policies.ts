import type { Context } from '../model/context.js'
import { fail } from '../model/errors.js'
import type { Manifest } from '../model/manifest.js'
import type { Policy } from '../model/policy.js'
import { judgePlace } from '../policy/decide.js'
import { merge, widenings } from '../policy/merge.js'
import { refuse } from '../policy/refuse.js'
import { fetchPolicy } from '../state/fetch-policy.js'
import {
  type PolicyReach,
  type ReadPolicies,
  readPolicies,
  recheckPolicies,
  rememberPolicies,
} from '../state/policies.js'
import { policyPlaces } from '../state/policy-places.js'
import type { Home } from './folders.js'

/** The policies in force for one command, merged, and what was read to know them. */
export interface Policies {
  policy: Policy
  read: ReadPolicies
  reach: PolicyReach
}

interface PolicyGround {
  ctx: Context
  home: Home
  root: string
  manifest: Pick<Manifest, 'policy'>
  offline: boolean
}

/** Reads every layer but the primary registry's and merges them. Throws E_POLICY_LOAD, E_POLICY_SCHEMA, E_POLICY_VERSION: there is no way past
    a policy that cannot be read. */
export async function openPolicies({ ctx, home, root, manifest, offline }: PolicyGround): Promise<Policies> {
  const { disk, env, platform, cwd } = ctx
  const reach: PolicyReach = {
    disk,
    home: home.data,
    root,
    env,
    unique: String(ctx.process.pid),
    fetch: (url, admit) =>
      offline
        ? fail('E_POLICY_LOAD', `policy ${url} needs the network, and --offline forbids it`)
        : fetchPolicy(ctx, url, admit),
    admit: (layers, url) => refuse(judgePlace(merge(layers), { name: 'policy', at: { via: 'url', url } })),
  }
  const program = ctx.given?.policy
  const places = policyPlaces({ platform, env, home: home.data, cwd, program, project: manifest.policy })
  const read = await readPolicies(places, reach)
  return { policy: merge(read.layers), read, reach }
}

/** What is told once: rules of a project's policy that try to allow more than those above it. */
export function policyNotes({ policy, read }: Policies) {
  return [...read.warnings, ...widenings(policy)]
}

/** Before anything is written: the policies are still those that judged. From now on older ones are refused. */
export function settlePolicies({ read, reach }: Policies): void {
  recheckPolicies(read, reach.disk)
  rememberPolicies(read, reach)
}
