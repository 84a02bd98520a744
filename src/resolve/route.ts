import { fail } from '../model/errors.js'
import { kindOf } from '../model/kinds.js'
import type { Manifest } from '../model/manifest.js'

export type Routing = Pick<Manifest, 'registries' | 'routes' | 'defaultRegistries' | 'resolver'>

/** Why a kind comes from one registry and no other. */
interface Route {
  registry: string
  reason: string
}

/** Which registry answers for a kind, which may be given by several words, the most precise first: by `resolver`, then `routes`, then `defaultRegistries`,
    then a registry named `default`; undefined where the ordered list decides. Throws E_NO_ROUTE where the kind is routed to no registry, E_CONFIG
    where it is routed to an unknown one. */
export function routeOf(kind: string | readonly string[], config: Routing): Route | undefined {
  const words = typeof kind === 'string' ? [kind] : kind
  const route = config.resolver ? firstFor(words, (word) => resolved(word, config)) : undefined
  return route ?? routed(words, config) ?? firstFor(words, (word) => byDefault(word, config)) ?? byName(config)
}

/** Whether extensions are routed by AgentOS's own words for them too, which a request for one does not say. */
export function routesExtensions({ resolver, routes, defaultRegistries }: Routing): boolean {
  const words = [...Object.keys(defaultRegistries), ...routes.map(({ kind }) => kind)]
  return resolver !== undefined || words.some((word) => word !== '*' && kindOf(word) === undefined)
}

function firstFor(words: readonly string[], routeFor: (word: string) => Route | undefined): Route | undefined {
  for (const word of words) {
    const route = routeFor(word)
    if (route !== undefined) return route
  }
  return undefined
}

function resolved(kind: string, { resolver, registries }: Routing): Route | undefined {
  const registry = answerOf(resolver, kind)
  if (registry === null) return undefined
  if (!registries.some(({ name }) => name === registry))
    fail('E_CONFIG', `resolver("${kind}") answered "${registry}", which is not a registry`)
  return { registry, reason: `resolver("${kind}")` }
}

/** A resolver is a person's own function: what goes wrong in it is E_CONFIG. */
function answerOf(resolver: Routing['resolver'], kind: string): string | null {
  const answer = called(resolver, kind)
  if (!(answer instanceof Promise)) return (answer ?? null) as string | null
  answer.catch(() => undefined)
  return fail('E_CONFIG', `resolver("${kind}") answered with a promise; a resolver answers at once`)
}

function called(resolver: Routing['resolver'], kind: string): unknown {
  try {
    return resolver?.(kind)
  } catch (cause) {
    return fail('E_CONFIG', `resolver("${kind}") failed: ${cause instanceof Error ? cause.message : cause}`, { cause })
  }
}

function routed(words: readonly string[], { routes }: Routing): Route | undefined {
  const found = routes.find(({ kind }) => kind === '*' || words.includes(kind))
  return found && named(words[0] ?? found.kind, found.registry, `routes: ${found.kind}`)
}

function byDefault(kind: string, { defaultRegistries }: Routing): Route | undefined {
  return Object.hasOwn(defaultRegistries, kind)
    ? named(kind, defaultRegistries[kind] ?? '', `defaultRegistries.${kind}`)
    : undefined
}

function named(kind: string, registry: string, reason: string): Route {
  if (registry === '')
    fail('E_NO_ROUTE', `${kind} is routed to no registry (${reason})`, {
      hint: `name a registry there, or ask one: <registry>:${kind}/<name>`,
    })
  return { registry, reason }
}

/** AgentOS's own fall-back, so only where kinds are routed at all: in an ordered list, order alone decides. */
function byName({ registries, resolver, routes, defaultRegistries }: Routing): Route | undefined {
  const isRouted = resolver !== undefined || routes.length > 0 || Object.keys(defaultRegistries).length > 0
  return isRouted && registries.some(({ name }) => name === 'default')
    ? { registry: 'default', reason: 'the registry named "default"' }
    : undefined
}
