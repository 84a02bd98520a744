import type { Request } from '../model/artifact.js'
import { type Ref, refOf } from '../model/kinds.js'
import { type Lock, type Locked, lockedEntries } from '../model/lock.js'
import { addTo } from '../model/maps.js'
import type { Policy, Refusal, Rule } from '../model/policy.js'
import { satisfies } from '../model/versions.js'
import { rulesAbout } from './about.js'
import { meansArtifact } from './match.js'
import { refusal, whomToAsk } from './refuse.js'
import { both } from './versions.js'

/** An artifact that policy adds to what haal.json asks for. */
interface Required {
  /** `kind/name`, or an AgentOS id. */
  artifact: string
  /** What all rules about it agree on. */
  range: string
}

/** What an install adds; the lockfile says `requestedBy: ["policy"]`. */
export function requiredBy(policy: Policy): Required[] {
  const ranges = new Map<string, string>()
  for (const { value } of policy.rules['artifacts.required']) {
    const name = nameOf(value.artifact)
    const before = ranges.get(name)
    ranges.set(name, before === undefined ? value.range : both(before, value.range))
  }
  return [...ranges].map(([artifact, range]) => ({ artifact, range }))
}

/** Rules that a lockfile does not meet: the artifact is missing, or has a version that the rule does not take. */
export function judgeRequired(policy: Policy, lock: Lock): Refusal[] {
  const rules = policy.rules['artifacts.required']
  const locked = lockedFor(rules, lock)
  return rules.flatMap((rule) => {
    const found = locked.get(rule) ?? []
    if (found.some(({ version }) => satisfies(version, rule.value.range))) return []
    const [other] = found
    const what = rule.value.range === '*' ? 'it' : rule.value.range
    const why = `policy requires ${what}, ${other === undefined ? 'it is missing' : `this is ${other.version}`}`
    return [refusal(rule, rule.value.artifact.text, why)]
  })
}

/** Whether a rule may be about an artifact. */
export function mayRequire(policy: Policy, ref: Ref, { id }: Pick<Locked, 'id'>): boolean {
  return rulesAbout(policy.rules['artifacts.required'], ({ value }) => value.artifact, [{ ref, id }]).length > 0
}

/** The hint where no registry has what policy requires. */
export function whoRequires(policy: Policy, { kind, name }: Pick<Request, 'kind' | 'name'>): string {
  const asked = kind === undefined ? name : refOf(kind, name)
  const rule = policy.rules['artifacts.required'].find(({ value }) => nameOf(value.artifact) === asked)
  return whomToAsk(rule?.source ?? {})
}

type RequiredRule = Rule<'artifacts.required'>

/** The entries of a lockfile that each rule means. */
function lockedFor(rules: readonly RequiredRule[], lock: Lock): Map<RequiredRule, Locked[]> {
  const found = new Map<RequiredRule, Locked[]>()
  if (rules.length === 0) return found
  for (const [ref, locked] of lockedEntries(lock)) {
    const identity = { ref, id: locked.id }
    for (const rule of rulesAbout(rules, ({ value }) => value.artifact, [identity]))
      if (meansArtifact(rule.value.artifact, identity, 'allows')) addTo(found, rule, locked)
  }
  return found
}

/** `skills/x` and `skill/x` are one. */
function nameOf({ kind, segments }: Rule<'artifacts.required'>['value']['artifact']): string {
  return kind === undefined ? segments.join('/') : refOf(kind, segments.join('/'))
}
