import { isPersonal, type Rule, type RuleName, type RuleValues } from '../model/policy.js'
import { coversArtifact, coversPlace } from './match.js'

type Compare<T> = (later: T, earlier: T) => string | undefined

/** What a later value of a rule would let pass that an earlier one does not; undefined where it is as strict. Only for people: judging never asks. */
export function looser(later: Rule, earlier: Rule): string | undefined {
  const compare = comparisons[later.rule] as Compare<unknown> | undefined
  return compare?.(later.value, earlier.value)
}

/** Whether a later policy can say less than an earlier one in such a rule. */
export function mayWiden(rule: RuleName): boolean {
  return comparisons[rule] !== undefined
}

/** Rules that only add (deny, required, pins, bounds …) cannot widen anything. */
const comparisons: { [K in RuleName]?: Compare<RuleValues[K]> } = {
  'registries.allow': (later, earlier) => extra(later, earlier, { covers: coversPlace, text: ({ text }) => text }),
  'artifacts.allow': (later, earlier) => extra(later, earlier, { covers: coversArtifact, text: ({ text }) => text }),
  'targets.allow': (later, earlier) => extra(later, earlier, { covers: same, text: (tool) => tool }),
  'content.licenses': (later, earlier) => extra(later, earlier, { covers: same, text: (licence) => licence }),
  'registries.require.verified': required,
  'registries.require.checksum': required,
  'content.hiddenUnicode': ranked,
  'content.executables': ranked,
  'content.minimumAgeHours': (later, earlier) => (later < earlier ? `${later} is less than ${earlier}` : undefined),
  'content.maxFileBytes': higher,
  'content.maxArtifactBytes': higher,
}

/** From loosest to strictest. */
const strictness = ['allow', 'approve', 'deny'] as const

export function isStricter(a: (typeof strictness)[number], b: (typeof strictness)[number]): boolean {
  return strictness.indexOf(a) > strictness.indexOf(b)
}

/** Whether a rule says "allow" where its author may not: what comes with a project or from a registry cannot approve itself. */
export function hasNoEffect({ rule, value, source }: Rule): boolean {
  return rule === 'content.executables' && value === 'allow' && !isPersonal(source.layer)
}

function extra<T>(
  later: readonly T[],
  earlier: readonly T[],
  { covers, text }: { covers: (wide: T, narrow: T) => boolean; text: (item: T) => string },
): string | undefined {
  const more = later.filter((item) => !earlier.some((wide) => covers(wide, item)))
  return more.length === 0 ? undefined : `${more.map(text).join(', ')} is not allowed`
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}

function required(later: boolean, earlier: boolean): string | undefined {
  return earlier && !later ? 'it is required' : undefined
}

function ranked(later: (typeof strictness)[number], earlier: (typeof strictness)[number]): string | undefined {
  return isStricter(earlier, later) ? `"${earlier}" is stricter than "${later}"` : undefined
}

function higher(later: number, earlier: number): string | undefined {
  return later > earlier ? `${later} is more than ${earlier}` : undefined
}
