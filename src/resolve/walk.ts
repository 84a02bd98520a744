import type { Artifact, Note, Request } from '../model/artifact.js'
import { fail, HaalError } from '../model/errors.js'
import { kindNames, refOf, splitRef } from '../model/kinds.js'
import { getOrMake } from '../model/maps.js'
import { nearest } from '../model/nearest.js'
import { note } from '../model/notes.js'
import type { Shadow } from '../model/plan.js'
import { addOne } from '../model/registry.js'
import { addressHint, printRequest } from '../model/request.js'
import { inShell } from '../model/text.js'
import { called, identified, matching, theOne } from './match.js'
import { type Routing, routeOf, routesExtensions } from './route.js'
import type { Shelf, Shelves } from './shelves.js'

/** The registry that owns a name, and the artifact it has under it. */
export interface Found {
  shelf: Shelf
  artifact: Artifact
  reason: string
  /** Other registries that have it too, and do not own the name. */
  shadow: Shadow | undefined
}

/** Finds the one artifact that a request means. The first registry that has the name owns it, for all its versions; a registry that is
    down stops the search, because a later one must not answer in its name. Throws E_NOT_FOUND, E_AMBIGUOUS, E_NO_ROUTE, E_NO_REGISTRY
    and what opening a registry throws. */
export async function find(request: Request, config: Routing, shelves: Shelves): Promise<Found> {
  const among = await candidates(request, config, shelves)
  for (const shelf of among.open) {
    const here = matching(shelf.catalog.artifacts, request).filter((artifact) =>
      mayAnswer(shelf, artifact, { request, config }),
    )
    const artifact = theOne(here, printRequest(request))
    if (artifact !== undefined) return foundIn(shelf, artifact, { ...among, config })
  }
  return notFound(request, among.open, { config, shelves })
}

/** Every artifact that a pattern means, each from the registry that owns it; of several that only their ids tell apart, the first. Of a kind that is
    routed to no registry there are none, unless it is that kind that is asked for. */
export async function findAll(request: Request, config: Routing, shelves: Shelves): Promise<Found[]> {
  const firsts = new Map<string, Found>()
  for (const found of await findEach(request, config, shelves))
    getOrMake(firsts, refOf(found.artifact.kind, found.artifact.name), () => found)
  return [...firsts.values()]
}

/** As `findAll`, with those that only their ids tell apart. */
export async function findEach(request: Request, config: Routing, shelves: Shelves): Promise<Found[]> {
  const among = await candidates(request, config, shelves)
  const owners = new Map<string, Shelf>()
  const all: Found[] = []
  for (const shelf of among.open)
    for (const artifact of matching(shelf.catalog.artifacts, request)) {
      const isOut = request.registry === undefined && isUnrouted(artifact, config)
      if (isOut || !mayAnswer(shelf, artifact, { request, config })) continue
      const owner = getOrMake(owners, refOf(artifact.kind, artifact.name), () => shelf)
      if (owner === shelf) all.push(foundIn(shelf, artifact, { ...among, config }))
    }
  return all
}

/** The name that was asked for may be another artifact's id as well: a note says which of the two was taken. */
export function namesakes({ artifact, shelf }: Found, { name }: Request): Note[] {
  const others = artifact.name === name ? identified(shelf.catalog.artifacts, name) : []
  return others.flatMap((other) => {
    const [ref, its] = [refOf(artifact.kind, artifact.name), refOf(other.kind, other.name)]
    return ref === its
      ? []
      : [note('W_ID', `"${name}" is ${ref}, not ${its}, whose id it is: haal install ${inShell(its)}`)]
  })
}

/** Whether an id is also the name of an artifact of the same kind. */
export function isNamesake({ artifact: { kind }, shelf }: Found, id: string): boolean {
  return called(shelf.catalog.artifacts, id).some((other) => other.kind === kind)
}

interface Candidates {
  open: readonly Shelf[]
  /** Why these and no others, where the request or a route says so. */
  reason: string | undefined
}

/** Which registries may answer at all, in the order they are asked. */
async function candidates(request: Request, config: Routing, shelves: Shelves): Promise<Candidates> {
  if (request.registry !== undefined)
    return { open: [await shelves.named(request.registry)], reason: `asked for as ${request.registry}:` }
  const kind = request.kind === 'extension' && routesExtensions(config) ? undefined : request.kind
  const route = kind && routeOf(kind, config)
  if (route !== undefined) return { open: [await shelves.named(route.registry)], reason: route.reason }
  const open = await shelves.ordered()
  if (open.length === 0) noneToAsk(request)
  return { open, reason: undefined }
}

function noneToAsk(request: Request): never {
  const asked = printRequest(request)
  return request.name === '*'
    ? fail('E_NO_REGISTRY', 'there is no registry to look into', { hint: addOne })
    : fail('E_NO_REGISTRY', `there is no registry to look for ${asked} in`, {
        hint: `${addOne}; or name one: haal install ${inShell(asked)} --from <source>`,
      })
}

/** A kind that is routed to one registry is taken from no other, however it was asked for. */
function mayAnswer(
  shelf: Shelf,
  artifact: Artifact,
  { request, config }: { request: Request; config: Routing },
): boolean {
  if (request.registry !== undefined) return true
  const route = routeOf(kindsOf(artifact), config)
  return route === undefined || route.registry === shelf.registry.name
}

function isUnrouted(artifact: Artifact, config: Routing): boolean {
  try {
    routeOf(kindsOf(artifact), config)
    return false
  } catch (e) {
    if (e instanceof HaalError && e.code === 'E_NO_ROUTE') return true
    throw e
  }
}

/** AgentOS's own word for a kind says more than haal's. */
function kindsOf({ agentosKind, kind }: Artifact): string[] {
  return agentosKind === undefined ? [kind] : [agentosKind, kind]
}

function foundIn(shelf: Shelf, artifact: Artifact, { open, reason, config }: Candidates & { config: Routing }): Found {
  return {
    shelf,
    artifact,
    reason: reason ?? routeOf(kindsOf(artifact), config)?.reason ?? firstOf(shelf, open),
    shadow: shadowOf(artifact, shelf, open),
  }
}

function firstOf(shelf: Shelf, open: readonly Shelf[]): string {
  if (open.length === 1) return 'the only registry'
  const place = open.indexOf(shelf)
  return place === 0 ? 'the primary registry has it' : `no registry before ${shelf.registry.name} has it`
}

function shadowOf({ kind, name }: Artifact, winner: Shelf, open: readonly Shelf[]): Shadow | undefined {
  const losers = open
    .filter((shelf) => shelf !== winner)
    .filter(({ catalog }) => called(catalog.artifacts, name).some((other) => other.kind === kind))
    .map(({ registry }) => registry.name)
  return losers.length === 0 ? undefined : { artifact: refOf(kind, name), winner: winner.registry.name, losers }
}

/** Who has it among all registries, also those that a request or a route leaves unasked. None where one of them cannot be asked. */
export async function shadowAmongAll({ artifact, shelf }: Found, shelves: Shelves): Promise<Shadow | undefined> {
  return shadowOf(artifact, shelf, await everyShelf(shelves))
}

async function everyShelf(shelves: Shelves): Promise<Shelf[]> {
  return shelves.ordered().catch((e: unknown) => (e instanceof HaalError ? [] : Promise.reject(e)))
}

async function notFound(
  request: Request,
  open: readonly Shelf[],
  { config, shelves }: { config: Routing; shelves: Shelves },
): Promise<never> {
  const { range: _range, ...name } = request
  const asked = printRequest(name)
  const where = open.map(({ registry }) => registry.name).join(', ')
  return fail('E_NOT_FOUND', `no artifact "${asked}" in ${where}`, {
    hint:
      renamed(request, open) ??
      otherKind(request, open, config) ??
      (await otherRegistry(request, open, shelves)) ??
      asExtension(request, open) ??
      similar(request, open) ??
      similarKind(request, open) ??
      addressHint(asked) ??
      'see what there is: haal list --available',
    details: { asked, registries: open.map(({ registry }) => registry.name) },
  })
}

/** The hint where a registry has it that was not asked, because the request or a route names another. None where one of them cannot be asked. */
async function otherRegistry(request: Request, open: readonly Shelf[], shelves: Shelves): Promise<string | undefined> {
  const all = await everyShelf(shelves)
  for (const shelf of all.filter((each) => !open.includes(each))) {
    const [found] = matching(shelf.catalog.artifacts, request)
    const ref = found && refOf(found.kind, found.name)
    if (ref !== undefined)
      return `${shelf.registry.name} has ${ref}: haal install ${inShell(`${shelf.registry.name}:${ref}`)}`
  }
  return undefined
}

/** A marketplace may say that an artifact has a new name: told, never followed. */
function renamed({ name }: Request, open: readonly Shelf[]): string | undefined {
  for (const { catalog } of open) {
    const now = catalog.artifacts.find(({ formerly }) => formerly?.includes(name))
    if (now) return `it is called ${refOf(now.kind, now.name)} now: haal install ${inShell(refOf(now.kind, now.name))}`
  }
  return undefined
}

/** The same name or id under another kind, or in a registry that this kind is not routed to. */
function otherKind({ name }: Request, open: readonly Shelf[], config: Routing): string | undefined {
  for (const { catalog, registry } of open) {
    const other = catalog.artifacts.find((artifact) => artifact.name === name || artifact.id === name)
    if (other === undefined || isUnrouted(other, config)) continue
    const route = routeOf(kindsOf(other), config)
    const elsewhere = route !== undefined && route.registry !== registry.name
    const ref = refOf(other.kind, other.name)
    return elsewhere
      ? `${registry.name} has ${ref}, but ${route.reason} names ${route.registry}`
      : `did you mean ${ref}?`
  }
  return undefined
}

/** AgentOS's own word for a kind that has no folder of its own here. */
function asExtension({ kind, name }: Request, open: readonly Shelf[]): string | undefined {
  const [word, ...rest] = kind === undefined ? name.split('/') : []
  const found = open
    .flatMap(({ catalog }) => catalog.artifacts)
    .find((one) => word === one.agentosKind && [one.name, one.id].includes(rest.join('/')))
  return word && found && `a ${word} is asked for as an extension: ${inShell(refOf(found.kind, found.name))}`
}

function similar({ kind, name }: Request, open: readonly Shelf[]): string | undefined {
  const names = open.flatMap(({ catalog }) => catalog.artifacts.map((artifact) => refOf(artifact.kind, artifact.name)))
  const ofKind = kind === undefined ? names : names.filter((ref) => splitRef(ref).kind === kind)
  const close = nearest(name, [...new Set(ofKind.map((ref) => splitRef(ref).name))])
  const ref = close && ofKind.find((one) => splitRef(one).name === close)
  return ref && `did you mean ${ref}?`
}

/** `skil/review` could be a repository, but is a typing error where there is a review. */
function similarKind({ kind, name }: Request, open: readonly Shelf[]): string | undefined {
  const [word = '', ...rest] = kind === undefined ? name.split('/') : []
  const meant = nearest(word, kindNames)
  const has = open.some(({ catalog }) =>
    catalog.artifacts.some((one) => one.kind === meant && one.name === rest.join('/')),
  )
  return has ? `did you mean ${meant}/${rest.join('/')}?` : undefined
}
