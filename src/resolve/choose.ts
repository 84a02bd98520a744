import { readLabel } from '../layout/reading.js'
import type { Artifact, Elsewhere } from '../model/artifact.js'
import { fail, type HaalError, onError } from '../model/errors.js'
import { refOf } from '../model/kinds.js'
import type { Shadow } from '../model/plan.js'
import type { Locator, Revision } from '../model/registry.js'
import type { Reach, Transport } from '../model/transport.js'
import type { Tree } from '../model/tree.js'
import { satisfies } from '../model/versions.js'
import { noArchive, noRef, noState, noVersion } from './lacking.js'
import { theOne } from './match.js'
import type { Shelf, Shelves } from './shelves.js'
import { tagsOf, versionTags } from './tags.js'
import { isRange, newestFirst } from './versions.js'

/** How far back a path's history is read for a version that no tag names. */
const longestHistory = 200

/** One version of an artifact, opened: whose files `tree` holds. `version` is known where the index or a tag says it. */
export interface Chosen {
  shelf: Shelf
  artifact: Artifact
  tree: Tree
  revision: Revision
  version?: string
  /** The branch, tag or commit that was asked for, where it was no range. */
  ref?: string
  /** The tag or published version that a range led to. */
  tag?: string
}

/** What choosing needs beyond the shelves: how to reach what a registry only points at. */
export interface Shop {
  shelves: Shelves
  elsewhere(shelf: Shelf, at: Elsewhere): Promise<{ transport: Transport; reach: Reach }>
  /** The command line that asks for `request`, which is quoted already, in place of what was asked for: for hints. */
  again(request: string): string
}

/** An artifact in the registry that offers it. */
export interface Offer {
  shelf: Shelf
  artifact: Artifact
  /** Registries that have the name too and do not own it. */
  shadow?: Shadow | undefined
}

interface Candidate {
  version: string
  open(): Promise<Chosen>
}

/** The version that a request gets from the registry that owns the name: what its ref holds now where no range was asked, else the newest
    of index, tags, label and history that satisfies all ranges. One that is no range is a ref, and what it holds is taken: whether that
    satisfies the others is not judged here. Throws E_NO_VERSION with the versions there are, E_REF, E_VERSION. */
export async function choose(offer: Offer, asked: readonly string[], shop: Shop): Promise<Chosen> {
  const ranges = asked.filter((range) => range !== '*')
  if (ranges.length === 0) return opened(offer, shop)
  const ref = ranges.find((range) => !isRange(range))
  if (ref !== undefined) return atRef(offer, ref, shop)
  const candidates = await candidatesOf(offer, shop)
  const best = newest(candidates, ranges)
  const tag = best === undefined ? await tagAmong(ranges, offer) : undefined
  if (tag !== undefined) return atRef(offer, tag, shop)
  if (best !== undefined) return best.open()
  const past = await fromHistory(offer, shop)
  const found = newest(past.candidates, ranges)
  if (found !== undefined) return found.open()
  return noVersion(offer, ranges.join(' and '), {
    ...past,
    candidates: [...candidates, ...past.candidates],
    again: shop.again,
  })
}

/** Where several artifacts share a repository, its own tag `v1.2.0` is no version of any, but a ref like any other. */
async function tagAmong(ranges: readonly string[], { shelf, artifact }: Offer): Promise<string | undefined> {
  if (artifact.content.elsewhere !== undefined) return undefined
  const tags = new Set((await tagsOf({ ...shelf, at: shelf.registry.at })).map(({ name }) => name))
  return ranges.find((range) => tags.has(range))
}

/** The labels an artifact can be had under, newest first: for `outdated`, `info` and completion. */
export async function versionsOf(offer: Offer, shop: Shop): Promise<string[]> {
  return newestFirst([...new Set((await candidatesOf(offer, shop)).map(({ version }) => version))])
}

/** Opens the tree that holds an artifact's files: its registry's own, or the one it points at. */
export async function opened({ shelf, artifact }: Offer, shop: Shop, id?: string): Promise<Chosen> {
  const version = artifact.version === undefined ? {} : { version: artifact.version }
  const { elsewhere } = artifact.content
  if (elsewhere === undefined) return { shelf, artifact, tree: shelf.tree, revision: shelf.revision, ...version }
  refuseUncovered(shelf, artifact)
  const { transport, reach } = await shop.elsewhere(shelf, elsewhere)
  const fixed = elsewhere.archiveIntegrity ?? elsewhere.commit
  const refused = (e: HaalError) =>
    e.code === 'E_REF' && id === undefined ? noState({ shelf, artifact }, e) : noArchive({ shelf, artifact }, e)
  const orNone = <T>(act: () => Promise<T>) => onError(['E_ACCESS', 'E_REF'], act, refused)
  const pin = () => transport.pin(elsewhere.at, fixed ?? elsewhere.ref, reach)
  const revision = id === undefined ? await orNone(pin) : { at: elsewhere.at, id }
  if (elsewhere.commit !== undefined && revision.id !== elsewhere.commit)
    fail(
      'E_PIN_MOVED',
      `${refOf(artifact.kind, artifact.name)}: ${elsewhere.commit} is not what the registry answered with`,
    )
  return { shelf, artifact, tree: await orNone(() => transport.open(revision, reach)), revision, ...version }
}

/** How to ask about the tree that holds an artifact's files: its registry's way, or that to the place it points at. */
export async function sourceOf(
  { shelf, artifact }: Pick<Chosen, 'shelf' | 'artifact'>,
  shop: Shop,
): Promise<{ at: Locator; transport: Transport; reach: Reach }> {
  const { elsewhere } = artifact.content
  if (elsewhere === undefined) return { ...shelf, at: shelf.registry.at }
  return { ...(await shop.elsewhere(shelf, elsewhere)), at: elsewhere.at }
}

/** The newest version among the tags at the chosen commit, for artifacts whose files say none; none in a signed registry: nobody signs a tag. */
export async function taggedAs(chosen: Chosen, shop: Shop): Promise<string | undefined> {
  const { shelf, artifact, revision } = chosen
  if (revision.id === 'folder' || shelf.signers !== undefined) return undefined
  const { elsewhere, path } = artifact.content
  const alone = elsewhere === undefined ? shelf.catalog.artifacts.length === 1 : path === ''
  const tags = versionTags(await tagsOf(await sourceOf(chosen, shop)), artifact.name, alone)
  return newestFirst(tags.flatMap(({ id, version }) => (id === revision.id ? version : [])))[0]
}

/** Refuses what no signature covers before anything else is asked. Throws E_SIG_SUBJECT. */
export function refuseUncovered({ registry }: Shelf, { uncovered, kind, name }: Artifact): void {
  if (!uncovered) return
  const ref = refOf(kind, name)
  fail('E_SIG_SUBJECT', `the signature of ${registry.name} does not say what the bytes of ${ref} are`, {
    hint: 'its owner signs all of it with: haal registry sign',
    details: { artifact: ref, registry: registry.name },
  })
}

async function candidatesOf(offer: Offer, shop: Shop): Promise<Candidate[]> {
  return [...(await fromLabel(offer, shop)), ...fromIndex(offer, shop), ...(await fromTags(offer, shop))]
}

async function fromLabel(offer: Offer, shop: Shop): Promise<Candidate[]> {
  const { artifact } = offer
  if (artifact.version !== undefined) return [{ version: artifact.version, open: () => opened(offer, shop) }]
  const { elsewhere, definition } = artifact.content
  if (artifact.unavailable !== undefined || (definition !== undefined && elsewhere === undefined)) return []
  const chosen = await opened(offer, shop)
  const own = definition === undefined ? (await readLabel(artifact, chosen.tree)).version : undefined
  const version = own ?? (elsewhere === undefined ? undefined : await taggedAs(chosen, shop))
  return version === undefined ? [] : [{ version, open: async () => chosen }]
}

function fromIndex({ shelf, artifact }: Offer, shop: Shop): Candidate[] {
  return Object.entries(artifact.versions ?? {}).map(([version, over]) => ({
    version,
    open: () => opened({ shelf, artifact: { ...artifact, ...over, version } }, shop),
  }))
}

/** Tags of the registry, or the published versions of an npm package that the registry points at. */
async function fromTags(offer: Offer, shop: Shop): Promise<Candidate[]> {
  const { shelf, artifact } = offer
  const { elsewhere } = artifact.content
  if (elsewhere !== undefined)
    return elsewhere.at.via === 'npm' && elsewhere.ref === undefined ? fromPackage(offer, elsewhere, shop) : []
  const alone = shelf.catalog.artifacts.length === 1
  const tags = versionTags(await tagsOf({ ...shelf, at: shelf.registry.at }), artifact.name, alone)
  return tags.map(({ name, id, version }) => ({
    version,
    open: async () => ({ ...(await atRevision(offer, { id }, { version, shop })), tag: name }),
  }))
}

async function fromPackage(offer: Offer, elsewhere: Elsewhere, shop: Shop): Promise<Candidate[]> {
  const { transport, reach } = await shop.elsewhere(offer.shelf, elsewhere)
  const versions = await tagsOf({ at: elsewhere.at, transport, reach })
  const { version: _label, ...unlabelled } = offer.artifact
  return versions.map(({ name, id }) => ({
    version: name,
    open: async () => ({ ...(await opened({ ...offer, artifact: unlabelled }, shop, id)), version: name, tag: name }),
  }))
}

/** For each version the newest commit of the artifact's path that carries it. */
async function fromHistory(offer: Offer, shop: Shop): Promise<{ candidates: readonly Candidate[]; readBack?: number }> {
  const { shelf, artifact } = offer
  const commits = shelf.transport.history?.(shelf.revision, artifact.content.path, shelf.reach)
  if (commits === undefined || artifact.content.elsewhere !== undefined) return { candidates: [] }
  const found = new Map<string, Candidate>()
  let left = longestHistory
  for await (const { id } of commits) {
    if (left === 0) return { candidates: [...found.values()], readBack: longestHistory }
    left -= 1
    const then = await shop.shelves.at(shelf, { id })
    const same = then.catalog.artifacts.find(({ kind, name }) => kind === artifact.kind && name === artifact.name)
    const version = same && (same.version ?? (await readLabel(same, then.tree)).version)
    if (same && version !== undefined && !found.has(version))
      found.set(version, { version, open: () => opened({ shelf: then, artifact: same }, shop) })
  }
  return { candidates: [...found.values()] }
}

function newest(candidates: readonly Candidate[], ranges: readonly string[]): Candidate | undefined {
  const fitting = candidates.filter(({ version }) => ranges.every((range) => satisfies(version, range)))
  const [best] = newestFirst(fitting.map(({ version }) => version))
  return fitting.find(({ version }) => version === best)
}

/** `name@main`, `name@5f3c…`: the same artifact as the registry has it at another ref. */
async function atRef(offer: Offer, ref: string, shop: Shop): Promise<Chosen> {
  const here = (await candidatesOf(offer, shop)).find(({ version }) => version === ref)
  if (here !== undefined) return here.open()
  const there = () => atRevision(offer, { ref }, { shop })
  return { ...(await onError(['E_REF'], there, (e) => noRef(offer, ref, e))), ref }
}

async function atRevision(
  { shelf, artifact }: Offer,
  when: { ref: string } | { id: string },
  { version, shop }: { version?: string | undefined; shop: Shop },
): Promise<Chosen> {
  const then = await shop.shelves.at(shelf, when)
  const same = then.catalog.artifacts.filter(
    ({ kind, name, id }) => kind === artifact.kind && name === artifact.name && id === artifact.id,
  )
  const found = theOne(same, refOf(artifact.kind, artifact.name))
  if (found === undefined)
    return noVersion({ shelf, artifact }, 'ref' in when ? when.ref : (version ?? when.id), {
      candidates: [],
      again: shop.again,
    })
  const chosen = await opened({ shelf: then, artifact: found }, shop)
  if (version !== undefined && then.signers !== undefined) await demandLabel(chosen, version)
  return version === undefined ? chosen : { ...chosen, version }
}

/** Nobody signs a tag. In a registry that has to be signed, a tag's version must also be the label of what it leads to, or an old state could be
    passed off as a new one. */
async function demandLabel({ shelf, artifact, tree }: Chosen, version: string): Promise<void> {
  const label = artifact.version ?? (await readLabel(artifact, tree)).version
  if (label === version) return
  const ref = refOf(artifact.kind, artifact.name)
  fail(
    'E_SIG_SUBJECT',
    `a tag of ${shelf.registry.name} says ${ref} ${version}; what is signed says ${label ?? 'no version'}`,
    {
      hint: 'ask for what is signed: without a version, or by the one it has',
      details: { artifact: ref, registry: shelf.registry.name, tag: version, signed: label ?? null },
    },
  )
}
