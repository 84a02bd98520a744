import { type Kind, type Ref, splitRef } from '../model/kinds.js'
import type { Policy, Refusal, RuleName, RuleValues } from '../model/policy.js'
import { type ArtifactPattern, placeOf } from '../model/policy-patterns.js'
import type { Locator } from '../model/registry.js'
import { some } from '../model/text.js'
import type { ContentFacts } from './facts.js'
import { isLicensed } from './licence.js'
import { meansPlace } from './match.js'
import { hasId, needsNoFile } from './names.js'
import { refusalsBy } from './refuse.js'

type Judge<T> = (value: T, facts: ContentFacts) => string | undefined

const judges: { [K in RuleName & `content.${string}`]: Judge<RuleValues[K]> } = {
  'content.hiddenUnicode': (value, { hidden }) =>
    value === 'deny' && hidden.length > 0 ? `it has characters that people cannot see: ${some(hidden)}` : undefined,
  'content.executables': (value, { surface }) =>
    value === 'deny' && surface.length > 0 ? `it brings something that runs: ${some(surface)}` : undefined,
  'content.licenses': (granted, { licence }) => {
    if (licence === undefined) return 'it states no licence'
    return isLicensed(licence, granted) ? undefined : `its licence "${licence}" is not in the list of allowed licences`
  },
  'content.minimumAgeHours': (hours, { ageHours }) => {
    if (hours === 0) return undefined
    if (ageHours === undefined) return `it must be ${hours} hours old, and its age is not known`
    return ageHours >= hours ? undefined : `it must be ${hours} hours old, and is ${Math.max(0, Math.floor(ageHours))}`
  },
  'content.maxFileBytes': (most, { largest }) =>
    largest.bytes > most ? `${largest.path} has ${largest.bytes} bytes, more than ${most}` : undefined,
  'content.maxArtifactBytes': (most, { bytes }) =>
    bytes > most ? `it has ${bytes} bytes, more than ${most}` : undefined,
}

type ContentRule = keyof typeof judges

const contentRules = Object.keys(judges) as ContentRule[]

/** Whether a rule needs to know what an artifact contains (without `ref`: any artifact), so that the facts must be gathered. Rules about names may,
    too: a hook may stand in the head of a skill, anything in a plugin, and tools may use the name in a head. A rule that binds names to a place
    asks nothing of what comes from that place (`at`). */
export function asksForContent(policy: Policy, ref?: Ref, at?: Locator): boolean {
  const kind = ref === undefined ? undefined : splitRef(ref).kind
  if (kind === 'bundle') return false
  const asks = contentRules.some((name) => policy.rules[name].some(({ value }) => !isNeutral(name, value)))
  const { 'artifacts.allow': allow, 'artifacts.deny': deny, namespaces } = policy.rules
  const hidden = deny.filter(({ value }) => needsNoFile(value.kind) || mayBeCalled(value, kind))
  const isBound = ({ match, registry }: RuleValues['namespaces']) =>
    mayBeCalled(match, kind) && !(at !== undefined && meansPlace(registry, placeOf(at), 'allows'))
  return asks || allow.length > 0 || hidden.length > 0 || namespaces.some(({ value }) => isBound(value))
}

/** Whether what it is called by its own files, or has inside, can be what a pattern means. A skill may be a plugin besides. */
function mayBeCalled(pattern: ArtifactPattern, kind: Kind | undefined): boolean {
  if (kind === undefined || kind === 'plugin' || kind === 'skill') return true
  return (kind === 'agent' || hasId(kind)) && (pattern.kind === undefined || pattern.kind === kind)
}

/** A value that lets everything pass. */
function isNeutral(name: ContentRule, value: unknown): boolean {
  return value === 'allow' || (name === 'content.minimumAgeHours' && value === 0)
}

/** What policy has against an artifact's bytes. Where they are not known, every rule that needs them refuses. */
export function judgeContent(policy: Policy, about: string, facts: ContentFacts | undefined): Refusal[] {
  return contentRules.flatMap((name) => judged(policy, name, { about, facts }))
}

function judged<K extends ContentRule>(
  policy: Policy,
  name: K,
  { about, facts }: { about: string; facts: ContentFacts | undefined },
): Refusal[] {
  const judge: Judge<RuleValues[K]> = judges[name]
  return refusalsBy(policy, name, {
    about,
    judge: (value) => {
      if (facts !== undefined) return judge(value, facts)
      return isNeutral(name, value) ? undefined : 'what it contains is not known'
    },
  })
}
