import path from 'node:path'
import { integrityOf } from '../intake/integrity.js'
import type { Artifact } from '../model/artifact.js'
import type { CommonFlags, Context } from '../model/context.js'
import { sha256Hex } from '../model/digest.js'
import { fail, onError } from '../model/errors.js'
import { refOf } from '../model/kinds.js'
import { decodePolicy } from '../model/policy-file.js'
import { fingerprint, pinned, readKey } from '../model/public-keys.js'
import { registryFrom } from '../model/registries.js'
import { noRegistry, type Registry } from '../model/registry.js'
import type { KeygenResult, RegistrySignResult, RegistryVerifyResult, SignResult } from '../model/results.js'
import { inShell } from '../model/text.js'
import type { Tree } from '../model/tree.js'
import {
  besideNames,
  covered,
  indexNames,
  type Listing,
  listedAs,
  listingFile,
  printListing,
} from '../policy/listing.js'
import { newPair } from '../policy/signing.js'
import type { Statement } from '../policy/statement.js'
import { openLocal } from '../resolve/local.js'
import { openShelves } from '../resolve/shelves.js'
import { writeWhole } from '../state/atomic-write.js'
import { haalHome } from './project/folders.js'
import { type Session, withSession } from './session/session.js'
import { type Learned, openLearned } from './signing/seen-signatures.js'
import { type SignFlags, signFile } from './signing/sign-file.js'
import { bytesIfThere, type Demand, demandsOn, type Verified, verifySigned } from './signing/verify-index.js'

/** Signs the index of a registry's folder, and everything else that decides what comes from it. What its own index does not say of the artifacts'
    bytes is written into haal.index.json, once that is signed: where it cannot be, the registry stays as it is. */
export async function registrySign(
  ctx: Context,
  { folder, flags }: { folder: string; flags: SignFlags },
): Promise<RegistrySignResult> {
  const { tree, artifacts, at } = await openFolder(ctx, folder)
  const names = await present(tree, [...indexNames.filter((name) => name !== listingFile), ...besideNames])
  const own = new Set(names)
  const open = covered(artifacts, { signed: own, listing: undefined }).filter(({ uncovered }) => uncovered)
  const { listing, uncovered } = await listingOf(tree, open)
  const [index] = indexNames.filter((name) => own.has(name))
  const text = open.length > 0 || index === undefined ? printListing(listing) : undefined
  const there = await Promise.all(names.map(async (name) => ({ name, sha256: sha256Hex(await tree.read(name)) })))
  const listed = text === undefined ? [] : [{ name: listingFile, sha256: sha256Hex(text) }]
  const subjects = index === undefined ? [...listed, ...there] : [...there, ...listed]
  const file = path.join(at, ...(index ?? listingFile).split('/'))
  const signed = await signFile(ctx, { file, thing: 'index', subjects, id: path.basename(at) }, flags)
  if (text !== undefined && !flags.dryRun) writeWhole(ctx.disk, path.join(at, listingFile), text)
  const covers = subjects.slice(1).map(({ name }) => name)
  return { ...signed, signed: index ?? listingFile, covers, artifacts: artifacts.length - uncovered.length, uncovered }
}

/** Signs a policy file. Throws what reading it as a policy throws. */
export async function policySign(
  ctx: Context,
  { file, flags }: { file: string; flags: SignFlags },
): Promise<SignResult> {
  const at = path.resolve(ctx.cwd, file)
  const text = ctx.disk.text(at) ?? fail('E_USAGE', `${file} does not exist`, { hint: 'name the file of the policy' })
  const { name, version } = decodePolicy(text, file, (relative) => path.resolve(path.dirname(at), relative))
  const base = path.basename(at)
  const subjects: Statement['subjects'] = [{ name: base, sha256: sha256Hex(text) }]
  return signFile(ctx, { file: at, thing: 'policy', subjects, id: name ?? base, version: version ?? 1 }, flags)
}

interface VerifyFlags extends CommonFlags {
  /** Public keys to trust besides those that are pinned: text, or a file that holds it. */
  key?: readonly string[]
}

/** Verifies the signature of a configured registry, or of a folder. Throws E_SIG_KEY where no key is trusted for it, and what verifying throws. */
export async function registryVerify(
  ctx: Context,
  { registry: asked, flags }: { registry: string; flags: VerifyFlags },
): Promise<RegistryVerifyResult> {
  return withSession(ctx, { command: 'registry verify', flags, reads: true }, async (session) => {
    const known = session.manifest.registries.find(({ name }) => name === asked)
    const registry = known ?? folderRegistry(ctx, asked, session.manifest.registries)
    const demands = trusting(demandsOn(registry, session.policies.policy), ctx, flags)
    if (demands.length === 0)
      fail('E_SIG_KEY', `no key is trusted for ${asked}`, {
        hint: 'pin one in policy (registries.require.signature), or name it here: --key <public key or file>',
      })
    const { verified, artifacts } = known
      ? await opened(session, known, demands)
      : await folderOpened(ctx, { registry, demands, asked })
    return resultOf(registry, verified, artifacts)
  })
}

/** Makes a key pair; the private half goes to a file that must not exist yet, encrypted where HAAL_KEY_PASSPHRASE is set. */
export async function registryKeygen(
  ctx: Context,
  { file, flags }: { file: string; flags: CommonFlags },
): Promise<KeygenResult> {
  const passphrase = ctx.env.HAAL_KEY_PASSPHRASE || undefined
  if (passphrase !== undefined) ctx.secrets?.add(passphrase)
  const at = path.resolve(ctx.cwd, file)
  if (ctx.disk.stat(at) !== undefined)
    fail('E_CONFLICT', `${file} is there already`, { hint: 'keys are never overwritten; name another file' })
  if (ctx.disk.real(path.dirname(at)) === undefined)
    fail('E_USAGE', `the folder of ${file} does not exist`, {
      hint: 'make it first, or name a file in one that is there',
    })
  const { pem, publicKey } = newPair(passphrase)
  if (!flags.dryRun) ctx.disk.write(at, pem, 0o600)
  return { file, encrypted: passphrase !== undefined, publicKey, fingerprint: fingerprint(publicKey) }
}

async function openFolder(
  ctx: Context,
  folder: string,
): Promise<{ tree: Tree; artifacts: readonly Artifact[]; at: string }> {
  const registry = folderRegistry(ctx, folder)
  const { tree, catalog } = await openLocal(ctx, { registry, cacheFolder: haalHome(ctx).cache })
  return { tree, artifacts: catalog.artifacts.filter(isThere), at: registry.at.path }
}

/** What a registry lists and does not have can be neither vouched for nor installed. */
function isThere({ unavailable }: Artifact): boolean {
  return unavailable === undefined
}

/** `known` are those that might have been meant instead, where one of them might. */
function folderRegistry(
  ctx: Context,
  folder: string,
  known?: readonly Registry[],
): Registry & { at: { via: 'file'; path: string } } {
  const at = path.resolve(ctx.cwd, folder)
  if (ctx.disk.stat(ctx.disk.real(at) ?? at)?.type !== 'folder') {
    const words = `${folder} is no folder on this machine`
    const names = known?.map(({ name }) => name)
    if (names) noRegistry(folder, names, { words: `${words}, and no registry here` })
    fail('E_USAGE', words, { hint: 'name the folder of the registry' })
  }
  const name = path.basename(at).replace(/[^\w.-]/g, '-')
  const around = { folder: ctx.cwd, author: 'person' as const, source: folder }
  return { ...registryFrom(name, { type: 'file', location: at }, around), at: { via: 'file', path: at } }
}

/** What only points elsewhere, and not at fixed bytes, nobody can vouch for. */
async function listingOf(
  tree: Tree,
  artifacts: readonly Artifact[],
): Promise<{ listing: Listing; uncovered: string[] }> {
  const listing: Record<string, Listing[string]> = {}
  const uncovered: string[] = []
  for (const artifact of artifacts) {
    if (artifact.content.elsewhere === undefined) listing[listedAs(artifact)] = await integrityOf({ tree, artifact })
    else uncovered.push(refOf(artifact.kind, artifact.name))
  }
  return { listing, uncovered }
}

async function present(tree: Tree, names: readonly string[]): Promise<string[]> {
  const there = await Promise.all(names.map(async (name) => (await bytesIfThere(tree, name)) !== undefined))
  return names.filter((_, i) => there[i])
}

/** What is demanded, with the keys that --key names counting too; alone where nobody else demands anything. */
function trusting(demands: readonly Demand[], ctx: Context, { key = [] }: VerifyFlags): readonly Demand[] {
  const keys = key.map((written) => {
    const text = ctx.disk.text(path.resolve(ctx.cwd, written))
    const read = readKey(text ?? written)
    if ('wrong' in read && text === undefined && /[.\\]/.test(written))
      fail('E_USAGE', `--key ${written} does not exist`, {
        hint: `make it of a private key: openssl pkey -in <private key> -pubout -out ${inShell(written)}`,
      })
    const hint = 'take what haal registry keygen printed as the public key, or a file that holds it'
    return 'value' in read ? read.value : fail('E_USAGE', `--key ${written} ${read.wrong}`, { hint })
  })
  if (keys.length === 0) return demands
  const more = pinned({ keys })
  if (demands.length === 0) return [{ pins: more }]
  return demands.map((each) => ({ ...each, pins: { ...each.pins, keys: [...each.pins.keys, ...more.keys] } }))
}

interface Looked {
  verified: Verified
  artifacts: readonly Artifact[]
}

async function opened({ ctx, suppliers }: Session, registry: Registry, demands: readonly Demand[]): Promise<Looked> {
  let verified: Verified | undefined
  const shelves = openShelves([registry], {
    ...suppliers,
    leavesOut: [],
    mayAllowMissing: false,
    inspect: async (open) => {
      verified = await verifySigned(open, { demands, now: ctx.now(), learned: learnedBefore(ctx) })
      return verified
    },
  })
  const { catalog } = await shelves.named(registry.name)
  return { verified: verified as Verified, artifacts: catalog.artifacts.filter(isThere) }
}

async function folderOpened(
  ctx: Context,
  { registry, demands, asked }: { registry: Registry; demands: readonly Demand[]; asked: string },
): Promise<Looked> {
  const { tree, artifacts } = await openFolder(ctx, asked)
  const terms = { demands, now: ctx.now(), learned: learnedBefore(ctx) }
  const verified = await verifySigned({ registry, tree, past: false }, terms)
  const covered = verified.cover(artifacts)
  await onError(
    ['E_INTEGRITY'],
    () => readAll(tree, covered),
    ({ code, message, details }) =>
      fail(code, message, {
        hint: `if it is meant, sign again: haal registry sign ${inShell(asked)} --key <file>`,
        details,
      }),
  )
  return { verified, artifacts: covered }
}

/** Throws E_INTEGRITY where an artifact is not what is vouched for, and whatever keeps it from being installed. */
async function readAll(tree: Tree, artifacts: readonly Artifact[]): Promise<void> {
  for (const artifact of artifacts)
    if (artifact.integrity !== undefined && artifact.content.elsewhere === undefined)
      await integrityOf({ tree, artifact })
}

/** What was learned before is only read: verifying leaves no trace. */
function learnedBefore(ctx: Context): Learned {
  return openLearned(ctx.disk, haalHome(ctx).data)
}

function resultOf(
  { name }: Registry,
  { signed, index }: Verified,
  artifacts: readonly Artifact[],
): RegistryVerifyResult {
  const { registryId, version, issuedAt, expires } = signed.statement
  const uncovered = artifacts.filter(({ uncovered }) => uncovered).map(({ kind, name: own }) => refOf(kind, own))
  return {
    registry: name,
    signed: index,
    id: registryId,
    version,
    issuedAt,
    expires,
    keys: signed.keys.map(fingerprint),
    artifacts: artifacts.length - uncovered.length,
    uncovered,
  }
}
