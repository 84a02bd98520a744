import type { Context } from '../model/context.js'
import { fail, HaalError, onError } from '../model/errors.js'
import type { Registry } from '../model/registry.js'
import type { Tree } from '../model/tree.js'
import { judgePlace, judgeRegistry } from '../policy/decide.js'
import type { RegistryFacts } from '../policy/facts.js'
import { refuse } from '../policy/refuse.js'
import type { Door, Inspected, Opened } from '../resolve/suppliers.js'
import type { KeptPolicy } from '../state/policy-kept.js'
import type { Audit } from './audit.js'
import type { Learned } from './learned.js'
import type { Policies } from './policies.js'
import { bytesIfThere, demandsOn, verifySigned } from './signed.js'

interface Keepers {
  ctx: Pick<Context, 'disk' | 'now'>
  primary: Registry | undefined
  policies: Policies
  audit: Audit
  learned: Learned
}

/** The first door of policy: a registry is judged before it is contacted, and again when its index, and the primary's own policy, are there. */
export function doorOf(keepers: Keepers): Door {
  const { ctx, policies, audit, primary } = keepers
  return {
    admit: (registry) =>
      told(audit, () => {
        if (registry.name !== primary?.name) policies.demand()
        refuse(judgeRegistry(policies.policy, registryFacts(ctx, registry)))
      }),
    admitPlace: (name, at) => told(audit, () => refuse(judgePlace(policies.policy, { name, at }))),
    inspect: (opened) => inspect(opened, keepers),
  }
}

/** A refusal goes to the audit log even where the command goes on without that registry. */
function told(audit: Audit, judge: () => void): void {
  try {
    judge()
  } catch (e) {
    if (e instanceof HaalError) audit.refused(e)
    throw e
  }
}

/** What policy is told of a registry before anything was asked of it. */
export function registryFacts(
  { disk }: Pick<Context, 'disk'>,
  { name, at, author, verified, checksum }: Registry,
): RegistryFacts {
  const real = at.via === 'file' ? disk.real(at.path) : undefined
  return {
    name,
    at,
    author,
    verified: verified === true,
    checksum: checksum !== undefined,
    ...(real !== undefined && at.via === 'file' && real !== at.path && { real }),
    signature: 'pending',
  }
}

/** Signatures first: what is not signed as it has to be is not even read as a policy. That policy may ask for more. */
async function inspect(opened: Opened, keepers: Keepers): Promise<Inspected> {
  const { registry, primary, past } = opened
  const { ctx, policies } = keepers
  const before = demandsOn(registry, policies.policy).length
  const first = await verified(opened, keepers)
  if (!primary || past) return first
  await policies.found(await policyIn(first.tree))
  refuse(judgeRegistry(policies.policy, registryFacts(ctx, registry)))
  return demandsOn(registry, policies.policy).length === before ? first : verified(opened, keepers)
}

async function verified(opened: Opened, { ctx, policies, learned }: Keepers): Promise<Inspected> {
  const demands = demandsOn(opened.registry, policies.policy)
  if (demands.length === 0) return { tree: opened.tree, cover: (artifacts) => artifacts }
  const { tree, cover, facts } = await verifySigned(opened, { demands, now: ctx.now(), learned })
  return { tree, cover, signers: facts.keys }
}

/** A link, a folder or something too large in its place is no policy that could be obeyed. */
async function policyIn(tree: Tree): Promise<KeptPolicy | undefined> {
  const bytes = await onError(
    ['E_ENTRY_TYPE', 'E_LIMIT_SIZE'],
    () => bytesIfThere(tree, 'policy.json'),
    (cause) =>
      fail('E_POLICY_LOAD', `the policy.json of the primary registry cannot be read: ${cause.message}`, { cause }),
  )
  const signature = bytes && (await bytesIfThere(tree, 'policy.json.sigstore.json'))
  return bytes && { bytes, ...(signature && { signature }) }
}
