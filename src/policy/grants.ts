import type { Policy, PolicyLayerName } from '../model/policy.js'
import { judgePlace } from './decide.js'

const personal: ReadonlySet<PolicyLayerName> = new Set(['machine', 'user', 'environment'])

/** Origins to which tokens may go and private addresses that may be asked because policy lists them: those in `registries.allow` of a machine,
    user or HAAL_POLICY policy that no rule refuses. As `new URL().origin` writes them. */
export function trustedOrigins(policy: Policy): string[] {
  const listed = policy.rules['registries.allow']
    .filter(({ source }) => personal.has(source.layer))
    .flatMap(({ value }) => value.flatMap((place) => (place.via === 'web' ? [place] : [])))
  const open = listed.filter(({ origin, path }) => {
    const at = { via: 'url', url: `${origin}/${path?.join('/') ?? ''}` } as const
    return !judgePlace(policy, { name: origin, at }).some(({ rule }) => rule === 'registries.deny')
  })
  return [...new Set(open.map(({ origin }) => origin))]
}

/** The strictest sizes that policy sets, so that intake stops at them instead of fetching the rest. */
export function sizeLimits({ rules }: Policy): { file?: number; artifact?: number } {
  const file = rules['content.maxFileBytes'].map(({ value }) => value)
  const artifact = rules['content.maxArtifactBytes'].map(({ value }) => value)
  return {
    ...(file.length > 0 && { file: Math.min(...file) }),
    ...(artifact.length > 0 && { artifact: Math.min(...artifact) }),
  }
}

/** Every audit log that policy asks for; one that any source requires is required. */
export function auditLogs({ rules }: Policy): { file: string; required: boolean }[] {
  const required = new Map<string, boolean>()
  for (const { value } of rules.audit) required.set(value.file, (required.get(value.file) ?? false) || value.required)
  return [...required].map(([file, must]) => ({ file, required: must }))
}
