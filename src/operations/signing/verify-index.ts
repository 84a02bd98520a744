import type { Artifact } from '../../model/artifact.js'
import { fail, HaalError, onError } from '../../model/errors.js'
import type { Policy, Rule } from '../../model/policy.js'
import type { PinnedKeys } from '../../model/public-keys.js'
import { locationOf, type Registry } from '../../model/registry.js'
import type { Tree } from '../../model/tree.js'
import { signatureRules } from '../../policy/decide.js'
import type { SignedFacts } from '../../policy/facts.js'
import { checkFresh, checkSubjects, signedDigest } from '../../policy/fresh.js'
import { besideNames, covered, indexNames, listingFile, readListing } from '../../policy/listing.js'
import { type Signed, signedIn } from '../../policy/signature.js'
import { lacking, valid } from '../../policy/signers.js'
import type { Opened } from '../../resolve/suppliers.js'
import { type Learned, placeOfRegistry } from './seen-signatures.js'

/** A registry whose signature is good: the tree with the bytes that were verified, and what its artifacts are then. */
export interface Verified {
  tree: Tree
  signed: Signed
  facts: SignedFacts
  /** The file that is signed. */
  index: string
  cover(artifacts: readonly Artifact[]): readonly Artifact[]
}

/** Who has to have signed, and the rule of policy that says so; the registry's own configuration says it without one. */
export interface Demand {
  pins: PinnedKeys
  rule?: Rule
}

interface Terms {
  demands: readonly Demand[]
  now: Date
  learned: Learned
}

/** Who has to have signed a registry's index, by policy and by its own configuration; none where nobody asks. */
export function demandsOn(registry: Registry, policy: Policy): Demand[] {
  const rules = signatureRules(policy, registry).map((rule): Demand => ({ pins: rule.value, rule }))
  return registry.signature === undefined ? rules : [...rules, { pins: registry.signature }]
}

/** Verifies the index of a registry that has to be signed, before anything of it is used. A revision of its past may be old, but must be signed.
    Throws E_SIG_MISSING, E_SIG, E_SIG_KEY, E_SIG_SUBJECT, E_INDEX_EXPIRED, E_INDEX_ROLLBACK. */
export async function verifySigned(
  opened: Pick<Opened, 'registry' | 'tree' | 'past'>,
  terms: Terms,
): Promise<Verified> {
  try {
    return await verified(opened, terms)
  } catch (e) {
    throw inTheNameOf(terms.demands[0], opened.registry, e)
  }
}

async function verified(
  { registry, tree, past }: Pick<Opened, 'registry' | 'tree' | 'past'>,
  { demands, now, learned }: Terms,
): Promise<Verified> {
  const who = `registry ${registry.name} (${locationOf(registry.at)})`
  const index = await indexIn(tree, who)
  const source = `${who}: ${index}.sigstore.json`
  const keys = demands.flatMap(({ pins }) => valid(pins.keys, now))
  const text = await textIfThere(tree, `${index}.sigstore.json`)
  const all = await signedIn(text, { source, keys: [...new Set(keys)], thing: 'index' })
  const { signed, files } = await theGoodOne(all, { registry, tree, source, index, demands, now })
  const at = placeOfRegistry(registry)
  if (!past) {
    checkFresh(signed.statement, { source, now, seen: learned.index(at) })
    const { registryId: id, version } = signed.statement
    learned.sawIndex(at, { id, version, digest: signedDigest(signed.statement) })
  }
  const listed = files.get(listingFile)
  const listing = listed && readListing(listed, `${who}: ${listingFile}`)
  const { memory: _unsigned, ...plain } = tree
  return {
    tree: { ...plain, read: async (path) => files.get(path) ?? tree.read(path) },
    signed,
    facts: factsOf(signed, now),
    index,
    cover: (artifacts) => covered(artifacts, { signed: new Set(files.keys()), listing }),
  }
}

function factsOf({ statement, keys }: Signed, now: Date): SignedFacts {
  return { keys, id: statement.registryId, now }
}

async function indexIn(tree: Tree, who: string): Promise<string> {
  for (const name of indexNames) if ((await bytesIfThere(tree, name)) !== undefined) return name
  return fail('E_SIG_MISSING', `${who} has to be signed, and has no index that could be`, {
    hint: 'its owner makes and signs one: haal registry sign <folder> --key <file>',
  })
}

interface Looking {
  registry: Registry
  tree: Tree
  source: string
  index: string
  demands: readonly Demand[]
  now: Date
}

/** Of several signed statements the first that is about these bytes and that enough keys have signed. */
async function theGoodOne(
  all: readonly Signed[],
  looking: Looking,
): Promise<{ signed: Signed; files: ReadonlyMap<string, Uint8Array> }> {
  let first: HaalError | undefined
  for (const signed of all) {
    try {
      const files = await filesOf(signed, looking)
      demandAll(signed, looking)
      return { signed, files }
    } catch (e) {
      if (!(e instanceof HaalError) || !e.code.startsWith('E_SIG')) throw e
      first ??= e
    }
  }
  throw first ?? new TypeError('a list of signatures is never empty')
}

/** The bytes that are signed, read once: what is verified is what is used. */
async function filesOf({ statement }: Signed, { tree, source, index }: Looking) {
  const files = new Map<string, Uint8Array>()
  for (const { name } of statement.subjects) {
    const bytes = await bytesIfThere(tree, name)
    if (bytes !== undefined) files.set(name, bytes)
  }
  const needed = statement.subjects.filter(({ name }) => files.has(name) || name === index || !isOtherIndex(name))
  checkSubjects({ subjects: needed }, { source, main: index, files })
  for (const name of besideNames)
    if (!files.has(name) && (await bytesIfThere(tree, name)) !== undefined)
      fail('E_SIG_SUBJECT', `${source} does not sign ${name}, which is there too`, {
        hint: 'its owner signs all of it with: haal registry sign',
      })
  return files
}

/** An index that is signed and not there offers nothing: a web server may show only one. */
function isOtherIndex(name: string): boolean {
  return name !== listingFile && indexNames.some((each) => each === name)
}

function demandAll(signed: Signed, { demands, registry, source, now }: Looking): void {
  for (const demand of demands) {
    const lack = lacking(demand.pins, factsOf(signed, now))
    if (lack !== undefined) throw inTheNameOf(demand, registry, new HaalError(lack.code, `${source}: ${lack.why}`))
  }
}

/** A refusal names the rule that asks for the signature, where it is from, and whom to ask. */
function inTheNameOf(demand: Demand | undefined, { name }: Registry, e: unknown): unknown {
  if (!(e instanceof HaalError) || !/^E_(SIG|INDEX_)/.test(e.code) || demand?.rule === undefined) return e
  if (e.details.rule !== undefined) return e
  const { rule, source } = demand.rule
  const asks = source.contact === undefined ? 'see who has to sign: haal policy show' : `ask ${source.contact}`
  return new HaalError(e.code, `${e.message} (${rule} in ${source.from})`, {
    hint: e.hint === undefined ? asks : `${e.hint}; ${asks}`,
    details: {
      ...e.details,
      about: `registry ${name}`,
      rule,
      layer: source.layer,
      source: source.from,
      reason: e.message,
      contact: source.contact ?? null,
    },
    cause: e,
  })
}

async function textIfThere(tree: Tree, path: string): Promise<string | undefined> {
  const bytes = await bytesIfThere(tree, path)
  return bytes && Buffer.from(bytes).toString('utf8')
}

export function bytesIfThere(tree: Tree, path: string): Promise<Uint8Array | undefined> {
  return onError(
    ['E_ENTRY_MISSING'],
    () => tree.read(path),
    () => undefined,
  )
}
