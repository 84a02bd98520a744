import type { Context } from '../model/context.js'
import type { Policy } from '../model/policy.js'
import type { Registry } from '../model/registry.js'
import { judgePlace, judgeRegistry } from '../policy/decide.js'
import type { RegistryFacts } from '../policy/facts.js'
import { refuse } from '../policy/refuse.js'
import type { Door } from '../resolve/suppliers.js'

/** The first door of policy: a registry is judged before it is contacted. */
export function doorOf(ctx: Pick<Context, 'disk'>, policy: Policy): Door {
  return {
    admit: (registry) => refuse(judgeRegistry(policy, registryFacts(ctx, registry))),
    admitPlace: (name, at) => refuse(judgePlace(policy, { name, at })),
  }
}

/** What policy is told of a registry. */
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
