import type { Policy, Refusal, Rule, RuleName, RuleValues } from '../model/policy.js'
import { placeOf } from '../model/policy-patterns.js'
import type { PolicyCheckResult, PolicyShowResult, ShownRule, WhyResult } from '../model/results.js'
import { judgePlace } from './decide.js'
import type { RegistryFacts } from './facts.js'
import { hasNoEffect, isStricter } from './looser.js'
import { type Identity, meansArtifact, meansPlace } from './match.js'
import { ruleNames } from './merge.js'
import { shownRefusal } from './refuse.js'
import { remarks } from './remarks.js'

/** The rules that have a say about an artifact, for `why`; with its registry, those about registries too. */
export function explain(policy: Policy, identity: Identity, registry?: RegistryFacts): WhyResult['policy'] {
  const about = (name: keyof typeof effects, rule: Rule): WhyResult['policy'] => {
    const effect = (effects[name] as Effect<unknown>)(rule.value, identity)
    return effect === undefined ? [] : [{ rule: name, source: rule.source.from, effect: withReason(effect, rule) }]
  }
  const names = Object.keys(effects) as (keyof typeof effects)[]
  return [
    ...(registry === undefined ? [] : aboutRegistry(policy, registry)),
    ...names.flatMap((name) => policy.rules[name].flatMap((rule) => about(name, rule))),
  ]
}

/** With what policy has against an artifact for more than its names. */
export function withRefusals(explained: WhyResult['policy'], refusals: readonly Refusal[]): WhyResult['policy'] {
  const told = new Set(explained.flatMap(({ effect }) => [effect, `refuses it: policy ${effect}`]))
  const all = refusals.map(({ rule, source, reason }) => ({
    rule,
    source: source.from,
    effect: `refuses it: ${reason}`,
  }))
  return [...explained, ...all.filter(({ effect }) => !told.has(effect))]
}

type Effect<T> = (value: T, identity: Identity) => string | undefined

const effects = {
  namespaces: ({ match, registry }: RuleValues['namespaces'], identity: Identity) =>
    meansArtifact(match, identity, 'forbids') ? `only from ${registry.text}` : undefined,
  'artifacts.required': ({ artifact, range }: RuleValues['artifacts.required'], identity: Identity) =>
    meansArtifact(artifact, identity, 'allows') ? `requires ${range === '*' ? 'it' : range}` : undefined,
  'artifacts.pinned': ({ artifact, to }: RuleValues['artifacts.pinned'], identity: Identity) =>
    meansArtifact(artifact, identity, 'forbids') ? `pins it to ${to}` : undefined,
  'artifacts.allow': (list: RuleValues['artifacts.allow'], identity: Identity) => {
    const found = list.find((pattern) => meansArtifact(pattern, identity, 'allows'))
    return found === undefined ? 'refuses it: it is not in the list of allowed artifacts' : `allows "${found.text}"`
  },
  'artifacts.deny': (pattern: RuleValues['artifacts.deny'], identity: Identity) =>
    meansArtifact(pattern, identity, 'forbids') ? `denies "${pattern.text}"` : undefined,
}

function withReason(effect: string, { reason }: { reason?: string }): string {
  return reason === undefined ? effect : `${effect}: ${reason}`
}

function aboutRegistry(policy: Policy, registry: RegistryFacts): WhyResult['policy'] {
  const refused = judgePlace(policy, registry)
  const place = placeOf(registry.at)
  const allowing = policy.rules['registries.allow'].flatMap(({ value, source, rule }) => {
    const found = value.find((pattern) => meansPlace(pattern, place, 'allows'))
    return found === undefined ? [] : [{ rule, source: source.from, effect: `allows ${found.text}` }]
  })
  return [
    ...allowing,
    ...refused.map(({ rule, source, reason }) => ({ rule, source: source.from, effect: `refuses: ${reason}` })),
  ]
}

/** Every rule of every source, for `policy show`. */
export function describe(policy: Policy): PolicyShowResult {
  return {
    sources: policy.sources.map(({ layer, from, name, version, contact }) => ({
      layer,
      source: from,
      name: name ?? null,
      version: version ?? null,
      contact: contact ?? null,
    })),
    rules: ruleNames.flatMap((name) => policy.rules[name].map((rule): ShownRule => shown(rule, policy.rules[name]))),
    warnings: remarks(policy),
  }
}

function shown(rule: Rule, all: readonly Rule[]): ShownRule {
  const { value, source, reason } = rule
  return {
    rule: rule.rule,
    value: plain(value),
    layer: source.layer,
    source: source.from,
    reason: reason ?? null,
    inForce: !hasNoEffect(rule) && !all.some((other) => overrules(other.value, value, rule.rule)),
  }
}

/** Of two values that are measured against each other, whether the first is stricter. Lists and bindings all hold. */
function overrules(other: unknown, value: unknown, rule: RuleName): boolean {
  if (typeof other === 'number' && typeof value === 'number')
    return rule === 'content.minimumAgeHours' ? other > value : other < value
  if (typeof other === 'boolean') return other && value === false
  if (typeof other === 'string') return isStricter(other as 'allow', value as 'allow')
  return false
}

/** A rule's value as a policy file writes it. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  if ('text' in value) return 'until' in value ? { key: value.text, until: value.until } : value.text
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, part]) => (key === 'reason' ? [] : [[key, plain(part)]])),
  )
}

/** For `policy check`. */
export function checked(refusals: readonly Refusal[], count: number): PolicyCheckResult {
  return { ok: refusals.length === 0, checked: count, refusals: refusals.map(shownRefusal) }
}
