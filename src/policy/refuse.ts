import { type ErrorCode, fail } from '../model/errors.js'
import type { Policy, Refusal, Rule, RuleName, RuleValues } from '../model/policy.js'
import type { ShownRefusal } from '../model/results.js'

const codes: Record<RuleName, ErrorCode> = {
  haal: 'E_POLICY_TOOL',
  tools: 'E_POLICY_TOOL',
  'policies.signature': 'E_POLICY_LOAD',
  'registries.allow': 'E_POLICY_REGISTRY',
  'registries.deny': 'E_POLICY_REGISTRY',
  'registries.require.verified': 'E_POLICY_REGISTRY',
  'registries.require.checksum': 'E_POLICY_REGISTRY',
  'registries.require.signature': 'E_SIG_MISSING',
  namespaces: 'E_POLICY_NAMESPACE',
  'artifacts.required': 'E_POLICY_REQUIRED',
  'artifacts.pinned': 'E_POLICY_PINNED',
  'artifacts.allow': 'E_POLICY_ARTIFACT',
  'artifacts.deny': 'E_POLICY_ARTIFACT',
  'content.hiddenUnicode': 'E_POLICY_CONTENT',
  'content.executables': 'E_POLICY_CONTENT',
  'content.licenses': 'E_POLICY_CONTENT',
  'content.minimumAgeHours': 'E_POLICY_CONTENT',
  'content.maxFileBytes': 'E_POLICY_CONTENT',
  'content.maxArtifactBytes': 'E_POLICY_CONTENT',
  'targets.allow': 'E_POLICY_TARGET',
  audit: 'E_POLICY_AUDIT',
}

/** What one kind of rule has against something: `judge` says why, or nothing where the value lets it pass. */
export function refusalsBy<K extends RuleName>(
  policy: Policy,
  name: K,
  { about, judge }: { about: string; judge: (value: RuleValues[K]) => string | undefined },
): Refusal[] {
  return refusalsIn(policy.rules[name], { about, judge })
}

/** The same of some of its rules. */
export function refusalsIn<K extends RuleName>(
  rules: readonly Rule<K>[],
  { about, judge }: { about: string; judge: (value: RuleValues[K]) => string | undefined },
): Refusal[] {
  return rules.flatMap((rule) => {
    const why = judge(rule.value)
    return why === undefined ? [] : [refusal(rule, about, why)]
  })
}

export function refusal(rule: Rule, about: string, why: string): Refusal {
  const { rule: name, source, reason } = rule
  return { code: codes[name], rule: name, source, about, reason: reason === undefined ? why : `${why}: ${reason}` }
}

/** Throws the first refusal, the others in its details; does nothing where there is none. `wayOut` is a hint that goes before the usual one. */
export function refuse(refusals: readonly Refusal[], wayOut?: string): void {
  const [first, ...others] = refusals
  if (first === undefined) return
  const { code, source } = first
  const rest = others.length === 0 ? '' : `; and ${others.length} more`
  const rules = whomToAsk(source)
  fail(code, `${sentence(first)}${rest}`, {
    hint:
      wayOut === undefined
        ? rules
        : `${wayOut}; or ${source.contact === undefined ? `see every rule: ${rules}` : rules}`,
    details: {
      ...shownRefusal(first),
      ...(others.length > 0 && { refusals: refusals.map(shownRefusal), lines: others.slice(0, 5).map(sentence) }),
    },
  })
}

/** The hint for whoever a rule stops. */
export function whomToAsk({ contact }: Pick<Rule['source'], 'contact'>): string {
  return contact === undefined ? 'haal policy show' : `ask ${contact}; "haal policy show" prints every rule`
}

function sentence({ about, reason, rule, source }: Refusal): string {
  return `${about}: ${reason} (${rule} in ${source.from})`
}

/** As --json prints it. */
export function shownRefusal({ code, about, rule, source, reason }: Refusal): ShownRefusal {
  return { code, about, rule, layer: source.layer, source: source.from, reason, contact: source.contact ?? null }
}
