import type { Note } from '../model/artifact.js'
import { fail } from '../model/errors.js'
import { note } from '../model/notes.js'
import type { Policy, PolicyLayer, PolicySource, Rule, RuleName, RuleValues } from '../model/policy.js'
import type { PolicyFile } from '../model/policy-file.js'
import { type Read, readArtifactPattern, readLocation, readPlacePattern } from '../model/policy-patterns.js'
import { pinned } from '../model/public-keys.js'
import { hasNoEffect, looser, mayWiden } from './looser.js'

/** All rules, in the order in which `policy show` prints them. */
export const ruleNames = [
  'haal',
  'tools',
  'policies.signature',
  'registries.allow',
  'registries.deny',
  'registries.require.verified',
  'registries.require.checksum',
  'registries.require.signature',
  'namespaces',
  'artifacts.required',
  'artifacts.pinned',
  'artifacts.allow',
  'artifacts.deny',
  'content.hiddenUnicode',
  'content.executables',
  'content.licenses',
  'content.minimumAgeHours',
  'content.maxFileBytes',
  'content.maxArtifactBytes',
  'targets.allow',
  'audit',
] as const satisfies readonly RuleName[]

type Rules = { [K in RuleName]: readonly Rule<K>[] }

/** The policies in the order they were read, as one. Nothing is resolved away: allow lists stay a list of lists, and a looser value stays beside a
    stricter one, because something passes only if every rule lets it pass. That is what makes merging associative, and a layer unable to widen. */
export function merge(layers: readonly PolicyLayer[]): Policy {
  return layers.map(policyOf).reduce(combine, { sources: [], rules: rulesFrom(() => []) })
}

function combine(first: Policy, then: Policy): Policy {
  return {
    sources: [...first.sources, ...then.sources],
    rules: rulesFrom((name) => [...first.rules[name], ...then.rules[name]] as Rules[typeof name]),
  }
}

/** Where a later policy would allow more than an earlier one: it has no effect, and its author should know. */
export function widenings({ rules }: Policy): Note[] {
  return ruleNames
    .filter(mayWiden)
    .flatMap((name) => rules[name].flatMap((rule, i) => widened(rule, rules[name].slice(0, i))))
}

function widened(rule: Rule, earlier: readonly Rule[]): Note[] {
  const about = `${rule.rule} of ${named(rule.source)}`
  const wider = earlier.flatMap((stricter) => {
    const what = looser(rule, stricter)
    return what === undefined ? [] : [`${about} has no effect where it is wider: ${what} (${named(stricter.source)})`]
  })
  const vain = hasNoEffect(rule) ? [`${about} has no effect: a policy of this sort cannot approve what runs`] : []
  return [...wider, ...vain].map((message) => note('W_POLICY_WIDENS', message))
}

export function named({ layer, from }: PolicySource): string {
  return `the ${layer} policy ${from}`
}

function rulesFrom(make: <K extends RuleName>(name: K) => readonly Rule<K>[]): Rules {
  return Object.fromEntries(ruleNames.map((name) => [name, make(name)])) as Rules
}

function policyOf({ source, file }: PolicyLayer): Policy {
  const values = valuesOf(file, source.from)
  return {
    sources: [source],
    rules: rulesFrom((name) => values[name].map((value) => ({ rule: name, value, source, ...reasonOf(value) }))),
  }
}

function reasonOf(value: unknown): { reason?: string } {
  const reason = typeof value === 'object' && value !== null && 'reason' in value ? value.reason : undefined
  return typeof reason === 'string' ? { reason } : {}
}

type Values = { [K in RuleName]: readonly RuleValues[K][] }

/** A policy file as rules: one for each entry of a list that forbids or binds, one for each list that allows. */
function valuesOf(file: PolicyFile, from: string): Values {
  const { registries = {}, artifacts = {}, content = {} } = file
  const { place, location, artifact, matched } = readersOf(from)
  return {
    haal: some(file.haal),
    tools: Object.entries(file.tools ?? {}).map(([tool, bounds]) => ({ tool, ...bounds })),
    'registries.allow': some(registries.allow?.map(place)),
    'registries.deny': (registries.deny ?? []).map(place),
    'registries.require.verified': some(registries.require?.verified),
    'registries.require.checksum': some(registries.require?.checksum),
    'policies.signature': (file.policies?.signature ?? []).map(({ layers, ...keys }) => ({
      ...pinned(keys),
      ...(layers && { layers }),
    })),
    'registries.require.signature': (registries.require?.signature ?? []).map(({ registry, ...keys }) => ({
      registry,
      ...pinned(keys),
    })),
    namespaces: (file.namespaces ?? []).map(({ match, registry, reason }) => ({
      match: artifact(match),
      registry: location(registry),
      ...(reason && { reason }),
    })),
    'artifacts.required': Object.entries(artifacts.required ?? {}).map(([ref, range]) => ({
      artifact: artifact(ref),
      range,
    })),
    'artifacts.pinned': Object.entries(artifacts.pinned ?? {}).map(([ref, to]) => ({ artifact: artifact(ref), to })),
    'artifacts.allow': some(artifacts.allow?.map(matched)),
    'artifacts.deny': (artifacts.deny ?? []).map(matched),
    'content.hiddenUnicode': some(content.hiddenUnicode),
    'content.executables': some(content.executables),
    'content.licenses': some(content.licenses),
    'content.minimumAgeHours': some(content.minimumAgeHours),
    'content.maxFileBytes': some(content.maxFileBytes),
    'content.maxArtifactBytes': some(content.maxArtifactBytes),
    'targets.allow': some(file.targets?.allow),
    audit: some(file.audit && { file: file.audit.file, required: file.audit.required ?? false }),
  }
}

/** How the patterns of a policy file are read. Each throws E_POLICY_SCHEMA. */
function readersOf(from: string) {
  const must = <T>(read: Read<T>): T =>
    'wrong' in read ? fail('E_POLICY_SCHEMA', `policy ${from}: ${read.wrong}`) : read.value
  const artifact = (written: string) => must(readArtifactPattern(written))
  return {
    place: (written: Parameters<typeof readPlacePattern>[0]) => must(readPlacePattern(written)),
    location: (written: string) => must(readLocation(written)),
    artifact,
    matched: (item: string | { match: string; reason?: string | undefined }) =>
      typeof item === 'string'
        ? artifact(item)
        : { ...artifact(item.match), ...(item.reason && { reason: item.reason }) },
  }
}

function some<T>(value: T | undefined): T[] {
  return value === undefined ? [] : [value]
}
