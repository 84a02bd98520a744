import path from 'node:path'
import type { Request } from '../model/artifact.js'
import type { CommonFlags, Context } from '../model/context.js'
import { fail } from '../model/errors.js'
import { type Ref, refOf, splitRef } from '../model/kinds.js'
import { type Lock, lockedRefs } from '../model/lock.js'
import type { Wishes } from '../model/manifest.js'
import { addTo, getOrMake } from '../model/maps.js'
import type { Outcome } from '../model/plan.js'
import { isPattern, parseRequest, printRequest } from '../model/request.js'
import { inShell } from '../model/text.js'
import { satisfies } from '../model/versions.js'
import { demandsOf, metIn } from '../plan/demand.js'
import { reachable, refsMatching, type Want, wantsOf } from '../plan/desire.js'
import { rangeFor } from '../resolve/versions.js'
import { mutate } from './change/mutate.js'
import type { Gathered } from './gather/gather.js'
import { chosenByPerson } from './install/choose.js'
import { namesBelow } from './install/from-folder.js'
import { frozen } from './install/frozen.js'
import { namedIn } from './install/named.js'
import { requiredWants } from './judge/judge-plan.js'
import { knownKind } from './list-flags.js'
import { type Ground, groundOf } from './project/ground.js'
import { checkSources } from './project/lock-sources.js'
import { addition } from './project/source.js'
import { type Session, withSession } from './session/session.js'

interface InstallFlags extends CommonFlags {
  frozen?: boolean
  all?: boolean
  kind?: string
  from?: string
  force?: boolean
  allowMissing?: boolean
  approve?: readonly string[]
  strict?: boolean
}

/** Installs what is asked for and what haal.json and policy ask for; without names, what haal.lock says and it lacks. With `frozen`, exactly
    what haal.lock says, or nothing. */
export async function install(
  ctx: Context,
  { requests, flags }: { requests: readonly string[]; flags: InstallFlags },
): Promise<Outcome> {
  const asked = requestsOf(requests, flags)
  if (flags.frozen) {
    if (asked.length > 0 || flags.from !== undefined)
      fail('E_USAGE', '--frozen installs what haal.lock says: it takes no names, no --all and no --from', {
        hint: 'run: haal install --frozen',
      })
    return withSession(ctx, { command: 'install', flags, mayChangeNothing: true }, frozen)
  }
  const chosen = await chosenFirst(ctx, asked, flags)
  return withSession(
    ctx,
    {
      command: 'install',
      flags,
      mayChangeNothing: true,
      broad: asked.includes('*'),
      named: asked,
      ...(flags.from !== undefined && { from: flags.from }),
    },
    async (session) => {
      checkSources({ ...session, lock: stayingIn(session) })
      const { registry, under } = session.added ?? {}
      const isPart = registry !== undefined && under !== undefined
      const names = isPart ? await namesBelow(session, asked, { registry: registry.name, under }) : chosen
      return { ...(await mutate(session, await intent(session, names, flags))), ...addedIn(session) }
    },
  )
}

function addedIn({ added, ctx, site }: Session): Pick<Outcome, 'added'> {
  if (added === undefined || added.known) return {}
  return { added: { file: path.relative(ctx.cwd, site.manifestFile), registry: added.registry.name } }
}

/** haal.lock without the registries of which nothing is wanted any more: whoever takes those out of haal.json with all that came from them is not
    asked about them. */
function stayingIn(session: Session): Lock {
  const { manifest, lock } = session
  const wants = [...wantsOf(manifest), ...requiredWants(session)]
  const roots = wants.flatMap(({ request, by }) => refsMatching(request, lock).map((ref) => [ref, [by]] as const))
  const wanted = reachable(lock, new Map(roots))
  const from = (refs: readonly Ref[]) => new Set(refs.map((ref) => lock.artifacts[ref]?.registry))
  const [some, stays] = [from(lockedRefs(lock)), from([...wanted.keys()])]
  const registries = Object.entries(lock.registries).filter(([name]) => stays.has(name) || !some.has(name))
  return { ...lock, registries: Object.fromEntries(registries) }
}

/** A person who is offered something may think for long: until there is an answer the project is not held. */
async function chosenFirst(ctx: Context, asked: readonly string[], flags: InstallFlags): Promise<readonly string[]> {
  const isOffered = ctx.ask !== undefined && asked.length === 0 && flags.from === undefined && !flags.dryRun
  if (!isOffered || !mayBeBlank(groundOf(ctx, { command: 'install', flags }))) return asked
  return withSession(ctx, { command: 'install', flags, reads: true }, chosenByPerson)
}

/** Whether nothing is installed, as far as that can be told without reading all of haal.lock. */
function mayBeBlank({ ctx, site }: Ground): boolean {
  return /"artifacts": *\{\}/.test(ctx.disk.text(site.lockFile) ?? '"artifacts":{}')
}

function requestsOf(requests: readonly string[], { all, kind }: InstallFlags): string[] {
  if (!all && kind !== undefined)
    fail('E_USAGE', '--kind chooses among --all', { hint: `run: haal install --all --kind ${inShell(kind)}` })
  if (!all) return [...requests]
  if (requests.length > 0) fail('E_USAGE', '--all takes no names', { hint: 'run: haal install --all' })
  return [kind === undefined ? '*' : `${knownKind(kind)}/*`]
}

async function intent(session: Session, asked: readonly string[], { from, all }: InstallFlags) {
  const { added } = session
  const requests = asked.map(parseRequest)
  const named = await namedIn(session, requests)
  refusePinned(
    session,
    named.filter((_want, i) => requests[i]?.range !== undefined),
  )
  if (from !== undefined && asked.length === 0 && !all)
    fail('E_USAGE', '--from says where from, but not what', {
      hint: `name artifacts, or take everything: haal install --all --from ${inShell(from)}`,
    })
  return {
    wants: [...standing(session, named), ...named, ...requiredWants(session)],
    named,
    wishes: (gathered: Gathered) => withNamed(session, named, gathered),
    ...(added !== undefined &&
      !added.known && {
        addition: addition(session.manifest, { entry: added.entry, base: path.dirname(session.site.manifestFile) }),
      }),
  }
}

/** A version that is named does not move a pin: that would come back with the next install. Throws E_PINNED. */
function refusePinned({ manifest, lock }: Session, named: readonly Want[]): void {
  const pinned = new Map<string, Ref[]>()
  for (const ref of Object.keys(manifest.pins) as Ref[]) addTo(pinned, splitRef(ref).name, ref)
  for (const { request } of named) {
    const { registry: _any, range, ...other } = request
    if (range === undefined) continue
    const refs = [...pinnedAs(other, pinned), ...refsMatching(other, lock)]
    const against = refs.find((ref) => !isIn(manifest.pins[ref], range))
    if (against !== undefined)
      fail('E_PINNED', `haal.json pins ${against} to ${manifest.pins[against]}, and ${range} is asked for`, {
        hint: `${lock.artifacts[against] === undefined ? '' : `pin it there: haal pin ${inShell(`${against}@${range}`)}, or `}let it go: haal unpin ${inShell(against)}`,
        details: { artifact: against, pinned: manifest.pins[against], asked: range },
      })
  }
}

function pinnedAs({ kind, name }: Request, pinned: ReadonlyMap<string, readonly Ref[]>): Ref[] {
  return (pinned.get(name) ?? []).filter((ref) => kind === undefined || splitRef(ref).kind === kind)
}

function isIn(pin: string | undefined, range: string): boolean {
  return pin === undefined || pin === range || satisfies(pin, range)
}

/** haal.json's own wants, without those that a name on the command line replaces. */
function standing({ manifest }: Session, named: readonly Want[]): Want[] {
  const exact = new Map<string, Request[]>()
  for (const { request } of named)
    if (request.range !== undefined || request.registry !== undefined) addTo(exact, request.name, request)
  return wantsOf(manifest).filter(
    ({ request }) =>
      !exact
        .get(request.name)
        ?.some(
          ({ kind, registry }) =>
            (kind ?? request.kind) === request.kind && (!isPattern(request) || registry === request.registry),
        ),
  )
}

/** haal.json with what was asked for by name: `kind/name` and the range that the person gave or that its version suggests. */
function withNamed({ manifest, added }: Session, named: readonly Want[], { refs, lock }: Gathered): Wishes {
  const artifacts = { ...manifest.artifacts }
  const { single, covered } = entriesIn(manifest, lock)
  const isOnly = manifest.registries.length === 1
  for (const want of named) {
    const { request } = want
    const isImplied = isOnly && request.registry === added?.registry.name
    const prefix = request.registry === undefined || isImplied ? '' : `${request.registry}:`
    const { range, registry: _registry, ...bare } = request
    const pattern = `${prefix}${printRequest(bare)}`
    if (isPattern(request)) artifacts[pattern] = range ?? artifacts[pattern] ?? '*'
    else
      for (const ref of refs.get(want) ?? []) {
        refuseTwoSources(ref, request, lock)
        if (range !== undefined || prefix !== '' || !covered.has(ref))
          enter(artifacts, ref, { request, prefix, lock, keys: getOrMake(single, ref, () => []) })
      }
  }
  return { artifacts, pins: manifest.pins }
}

/** A command that names one artifact twice may not mean two registries. Throws E_AMBIGUOUS. */
function refuseTwoSources(ref: Ref, { registry }: Request, { artifacts }: Lock): void {
  const other = artifacts[ref]?.registry
  if (registry === undefined || other === undefined || other === registry) return
  fail('E_AMBIGUOUS', `two artifacts would be ${ref}: ${other}:${ref} and ${registry}:${ref}`, {
    hint: 'ask for one of them',
  })
}

interface Entering {
  request: Request
  /** The registry, where it is to stand in the key. */
  prefix: string
  lock: Lock
  /** Keys of the entries that are, or were, for this artifact alone. */
  keys: string[]
}

/** An artifact's entries stay, each with the range that was given, if any. Another registry than theirs takes all of them out and makes a new one. */
function enter(artifacts: Record<string, string>, ref: Ref, { request, prefix, lock, keys }: Entering): void {
  const there = keys.filter((key) => Object.hasOwn(artifacts, key))
  const moves = prefix !== '' && there[0] !== undefined && parseRequest(there[0]).registry !== request.registry
  const [first, ...others] = moves ? [] : there
  const range = request.range ?? (first && artifacts[first]) ?? rangeFor(lock.artifacts[ref]?.version ?? '*')
  if (moves) for (const each of there) delete artifacts[each]
  const own = lock.artifacts[ref]?.id === request.name ? refOf(splitRef(ref).kind, request.name) : ref
  const key = first ?? `${prefix}${own}`
  for (const each of [key, ...(request.range === undefined ? [] : others)]) artifacts[each] = range
  keys.push(key)
}

/** The entries of haal.json that are for one artifact alone, in their order, and what its patterns ask for already, as it is. */
function entriesIn({ artifacts, pins }: Wishes, lock: Lock): { single: Map<Ref, string[]>; covered: Set<Ref> } {
  const single = new Map<Ref, string[]>()
  const covered = new Set<Ref>()
  const isMet = metIn(lock, demandsOf(wantsOf({ artifacts }), pins), satisfies)
  for (const key of Object.keys(artifacts)) {
    const request = parseRequest(key)
    const { registry: _any, ...alone } = request
    if (isPattern(request)) for (const ref of refsMatching(request, lock).filter(isMet)) covered.add(ref)
    else for (const ref of refsMatching(alone, lock)) addTo(single, ref, key)
  }
  return { single, covered }
}
