import { type ErrorCode, fail, HaalError, onError, unanswered } from '../../model/errors.js'
import { type Locator, locationOf, type Registry } from '../../model/registry.js'
import { inShell } from '../../model/text.js'
import type { Tree } from '../../model/tree.js'
import { judgePlace, judgeRegistry } from '../../policy/decide.js'
import type { RegistryFacts } from '../../policy/facts.js'
import { refuse } from '../../policy/refuse.js'
import type { Door, Inspected, Opened } from '../../resolve/suppliers.js'
import type { KeptPolicy } from '../../state/policy/registry-policies.js'
import type { Ground } from '../project/ground.js'
import type { Learned } from '../signing/seen-signatures.js'
import { bytesIfThere, demandsOn, verifySigned } from '../signing/verify-index.js'
import type { Audit } from './audit-log.js'
import { demandKnownHost, strangeHost } from './hosts.js'
import type { Policies } from './policies.js'

interface Keepers {
  ground: Pick<Ground, 'ctx' | 'root' | 'home'>
  primary: Registry | undefined
  policies: Policies
  audit: Audit
  learned: Learned
}

/** The first door of policy: a registry is judged before it is contacted, and again when its index, and the primary's own policy, are there. */
export function doorOf(keepers: Keepers): Door {
  const { ground, policies, audit, primary } = keepers
  return {
    admit: (registry) =>
      auditing(audit, () => {
        if (registry.author !== 'person') refuseStrangeHost(registry.name, registry.at, ground)
        if (registry.name !== primary?.name) policies.demand()
        refuse(judgeRegistry(policies.policy, registryFacts(ground, registry)))
      }),
    admitPlace: (name, at) =>
      auditing(audit, () => {
        refuseStrangeHost(name, at, ground)
        refuse(judgePlace(policies.policy, { name, at }))
      }),
    inspect: (opened) => inspect(opened, keepers),
  }
}

/** A refusal goes to the audit log even where the command goes on without that registry. */
function auditing(audit: Audit, judge: () => void): void {
  try {
    judge()
  } catch (e) {
    if (e instanceof HaalError) audit.refused(e)
    throw e
  }
}

/** Looking at a path of another machine signs in there: as for a token, somebody outside the project has to name the place. */
function refuseStrangeHost(name: string, at: Locator, ground: Keepers['ground']): void {
  if (at.via !== 'file' && at.via !== 'git') return
  const place = locationOf(at)
  demandKnownHost(`registry "${name}" (${place})`, strangeHost(place, ground), `haal trust ${inShell(name)}, or `)
}

/** What policy is told of a registry before anything was asked of it. */
export function registryFacts(
  ground: Keepers['ground'],
  { name, at, author, verified, checksum }: Registry,
): RegistryFacts {
  const isLooked = at.via === 'file' && (author === 'person' || strangeHost(at.path, ground) === undefined)
  const real = isLooked ? ground.ctx.disk.real(at.path) : undefined
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

/** Signatures first: what is not signed as it has to be is not even read as a policy, though it has to be there to be read. That policy may ask for
    more. */
async function inspect(opened: Opened, keepers: Keepers): Promise<Inspected> {
  const { registry, primary, past } = opened
  const { ground, policies } = keepers
  const before = demandsOn(registry, policies.policy).length
  const isRuling = primary && !past
  if (isRuling && before > 0) await policyIn(opened.tree)
  const first = await verified(opened, keepers)
  if (!isRuling) return first
  await policies.found(await policyIn(first.tree))
  refuse(judgeRegistry(policies.policy, registryFacts(ground, registry)))
  return demandsOn(registry, policies.policy).length === before ? first : verified(opened, keepers)
}

async function verified(opened: Opened, { ground, policies, learned }: Keepers): Promise<Inspected> {
  const demands = demandsOn(opened.registry, policies.policy)
  if (demands.length === 0) return { tree: opened.tree, cover: (artifacts) => artifacts }
  const { tree, cover, facts } = await verifySigned(opened, { demands, now: ground.ctx.now(), learned })
  return { tree, cover, signers: facts.keys }
}

const unread: readonly ErrorCode[] = [
  ...unanswered,
  ...(['E_CHANGED', 'E_ENTRY_TYPE', 'E_JSON', 'E_LIMIT_RATIO', 'E_LIMIT_SIZE', 'E_REDIRECT', 'E_TRANSPORT'] as const),
]

/** A registry that was opened and keeps its policy back, or has a link, a folder, something too large or something that is no text in its place,
    has no policy that could be obeyed. Throws E_POLICY_LOAD. */
function policyIn(tree: Tree): Promise<KeptPolicy | undefined> {
  const read = async () => {
    const bytes = await bytesIfThere(tree, 'policy.json')
    const signature = bytes && (await bytesIfThere(tree, 'policy.json.sigstore.json'))
    return bytes && { bytes, ...(signature && { signature }) }
  }
  return onError(unread, read, (cause) =>
    fail('E_POLICY_LOAD', `the policy.json of the primary registry cannot be read: ${cause.message}`, {
      hint: cause.code === 'E_ACCESS' ? 'a registry that has no policy has to answer 404 for policy.json' : cause.hint,
      details: { because: cause.code },
      cause,
    }),
  )
}
