import { type Kind, type Ref, refOf, splitRef } from '../model/kinds.js'
import type { Policy, Refusal } from '../model/policy.js'
import type { ArtifactPattern } from '../model/policy-patterns.js'
import { rulesAbout } from './about.js'
import type { ArtifactFacts } from './facts.js'
import { type Identity, meansArtifact } from './match.js'
import { refusalsBy, refusalsIn } from './refuse.js'

const unknown = 'what it contains is not known'

/** An artifact is denied by any name it has or had, by what its own files call it, and for anything it has inside. */
export function judgeDenied(policy: Policy, identity: Identity, facts: ArtifactFacts): Refusal[] {
  const parts = partsOf(facts)
  const rules = policy.rules['artifacts.deny']
  const others = [
    ...(parts ?? []).map((ref) => ({ ref, how: 'contains' })),
    ...(facts.content?.called ?? []).map((ref) => ({ ref, how: 'has something that calls itself' })),
  ]
  const hidesAny = parts === undefined && splitRef(facts.ref).kind === 'plugin'
  const some = hidesAny ? rules : rulesAbout(rules, ({ value }) => value, [identity, ...others])
  return refusalsIn(some, {
    about: identity.ref,
    judge: (pattern) => {
      if (meansArtifact(pattern, identity, 'forbids')) return `policy denies "${pattern.text}"`
      if (parts === undefined && mayHide(pattern, facts.ref)) return unknown
      const other = others.find(({ ref }) => meansArtifact(pattern, { ref }, 'forbids'))
      return other && `it ${other.how} ${other.ref}, and policy denies "${pattern.text}"`
    },
  })
}

/** Its name and the name its registry gives it must be in the list; so must everything it has inside, unless the list has its name without a `*`. */
export function judgeAllowed(policy: Policy, facts: ArtifactFacts): Refusal[] {
  const { ref, id, integrity, also = [] } = facts
  const parts = partsOf(facts)
  return refusalsBy(policy, 'artifacts.allow', {
    about: ref,
    judge: (list) => {
      const listed = (each: Identity) =>
        rulesAbout(list, itself, [each]).filter((pattern) => meansArtifact(pattern, each, 'allows'))
      const own = listed({ ref, id, integrity })
      const stranger = own.length === 0 ? ref : also.find((name) => listed({ ref: name, id }).length === 0)
      if (stranger !== undefined) return `${stranger === ref ? 'it' : stranger} is not in the list of allowed artifacts`
      if (own.some(({ text }) => !text.includes('*'))) return undefined
      if (parts === undefined) return unknown
      const part = parts.find((inside) => listed({ ref: inside }).length === 0)
      return part && `it contains ${part}, which is not in the list of allowed artifacts`
    },
  })
}

const itself = (pattern: ArtifactPattern) => pattern

/** Kinds that need no file of their own: a skill's head or a plugin's manifest may hold them. */
export function needsNoFile(kind: Kind | undefined): boolean {
  return kind === 'hook' || kind === 'mcp'
}

/** Kinds of AgentOS, which are known by an id. */
export function hasId(kind: Kind | undefined): boolean {
  return kind !== undefined && withId.has(kind)
}

const withId: ReadonlySet<Kind> = new Set(['tool', 'guardrail', 'workflow', 'persona', 'extension'])

/** What an artifact has inside, as far as rules can name it: what a plugin or bundle lists, and hooks and MCP servers that its own files configure,
    under its own name; a head that cannot be read may configure either. undefined where that is not known. */
function partsOf({ ref, contains, content }: ArtifactFacts): readonly Ref[] | undefined {
  const { kind, name } = splitRef(ref)
  if (kind === 'bundle') return contains ?? []
  if (content === undefined || (kind === 'plugin' && contains === undefined)) return needsNoFile(kind) ? [] : undefined
  const words = content.surface.map((line) => line.slice(0, Math.max(0, line.indexOf(':'))))
  const mayStart = (each: string) => words.includes(each) || words.includes('head')
  const configured = (['hook', 'mcp'] as const).filter((each) => each !== kind && mayStart(each))
  return [...(contains ?? []), ...configured.map((each) => refOf(each, name))]
}

/** Whether what a pattern names could be inside without a name or file that shows it. */
function mayHide(pattern: ArtifactPattern, ref: Ref): boolean {
  const { kind, name } = splitRef(ref)
  if (kind === 'plugin') return true
  return needsNoFile(pattern.kind) && meansArtifact(pattern, { ref: refOf(pattern.kind ?? kind, name) }, 'forbids')
}
