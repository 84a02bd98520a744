import path from 'node:path'
import type { CommonFlags, Context } from '../model/context.js'
import { fail, HaalError } from '../model/errors.js'
import type { Manifest } from '../model/manifest.js'
import { inOrder, isReference, registryFrom } from '../model/registries.js'
import { locationOf, noRegistry, type Registry } from '../model/registry.js'
import type { RegistryEditResult, RegistryListResult, RegistryPingResult } from '../model/results.js'
import { counted, inShell, some } from '../model/text.js'
import { carryOut, idle } from './change/mutate.js'
import { addition, ofProgram, relisted, type TypedSource, wholeSource } from './project/source.js'
import { type Session, withSession } from './session/session.js'

/** The registries of this project in the order in which they are asked; nothing is contacted. */
export async function registryList(ctx: Context, { flags }: { flags: CommonFlags }): Promise<RegistryListResult> {
  return withSession(ctx, { command: 'registry list', flags, reads: true }, async ({ manifest, notes }) => {
    for (const note of notes) ctx.emit({ type: 'warning', note })
    return {
      registries: inOrder(manifest.registries).map(({ name, at, ref, verified, source }) => ({
        name,
        type: at.via,
        location: locationOf(at),
        ref: ref ?? null,
        verified: verified === true,
        source,
      })),
    }
  })
}

interface RegistryAddFlags extends CommonFlags {
  name?: string
  ref?: string
  token?: string
  verified?: boolean
}

/** Adds a registry at the end of haal.json's list, as it will be read from there. Policy judges it first. Throws E_CONFIG where the name is taken,
    E_USAGE where two refs are asked for or the token is no reference. */
export async function registryAdd(
  ctx: Context,
  { source, flags }: { source: string; flags: RegistryAddFlags },
): Promise<RegistryEditResult> {
  return withSession(ctx, { command: 'registry add', flags }, async (session) => {
    const { manifest, site } = session
    const base = path.dirname(site.manifestFile)
    const { entry } = wholeSource(ctx, source, {
      base,
      ...(flags.name !== undefined && { name: flags.name }),
    })
    const { name } = entry
    if (manifest.registries.some((one) => one.name === name))
      fail('E_CONFIG', `there is a registry named "${name}" already`, {
        hint: 'give this one another name: --name <name>',
      })
    const whole = withFlags(entry, flags)
    session.door.admit(registryFrom(name, whole, { folder: base, author: 'person', source: 'haal.json' }))
    const { edits, locations } = addition(manifest, { entry: whole, base })
    const plan = idle(session)
    await carryOut(session, { ...plan, to: { ...plan.to, lock: relisted(plan.to.lock, locations) } }, edits)
    return { file: fileOf(session), action: 'add', registry: name }
  })
}

function withFlags(entry: TypedSource['entry'], { ref, token, verified }: RegistryAddFlags) {
  if (ref !== undefined && entry.ref !== undefined && ref !== entry.ref)
    fail('E_USAGE', `the source names the ref "${entry.ref}", and --ref "${ref}"`, { hint: 'name it once' })
  if (token !== undefined) refuseLiteral(token)
  return {
    ...entry,
    ...(ref !== undefined && { ref }),
    ...(token !== undefined && { token }),
    ...(verified && { verified }),
  }
}

/** A token that is typed comes from a shell that has filled in the variable; it would be committed with haal.json, which everybody has. */
function refuseLiteral(token: string): void {
  if (!isReference(token))
    fail('E_USAGE', 'the token has to be a reference to a variable, not the token itself', {
      hint: "in single quotes, so that the shell leaves it alone: --token '${NAME}'",
    })
}

/** Takes a registry out of haal.json. Refuses while something installed comes from it, or kinds are routed to it. */
export async function registryRemove(
  ctx: Context,
  { name, flags }: { name: string; flags: CommonFlags },
): Promise<RegistryEditResult> {
  return withSession(ctx, { command: 'registry remove', flags }, async (session) => {
    const { manifest, lock } = session
    const registry = registryNamed(name, manifest.registries)
    const used = Object.entries(lock.artifacts)
      .filter(([, locked]) => locked.registry === name)
      .map(([ref]) => ref)
    if (used.length > 0)
      fail('E_REQUIRED_BY', `${name} is where ${some(used)} came from`, {
        hint: `uninstall ${used.length === 1 ? 'it' : 'them'} first: haal uninstall ${used.slice(0, 3).map(inShell).join(' ')}`,
      })
    refuseRouted(name, manifest)
    const { path: list, form } = manifest.registriesAt
    if (form === 'program') ofProgram()
    if (form === 'none') fail('E_CONFIG', `${name} is listed in ${registry.source}`, { hint: 'take it out there' })
    const at = form === 'map' ? name : manifest.registries.indexOf(registry)
    await carryOut(session, idle(session), [{ path: [...list, at], value: undefined }])
    return { file: fileOf(session), action: 'remove', registry: name }
  })
}

/** Without the registry, a configuration that routes kinds to it could not be read any more. */
function refuseRouted(name: string, { defaultRegistries, routes }: Manifest): void {
  const kinds = Object.entries(defaultRegistries).filter(([, registry]) => registry === name)
  const named = [
    ...kinds.map(([kind]) => `defaultRegistries.${kind}`),
    ...routes.filter(({ registry }) => registry === name).map(({ kind }) => `routes: ${kind}`),
  ]
  if (named.length > 0)
    fail('E_CONFIG', `${named.join(', ')} ${named.length === 1 ? 'names' : 'name'} ${name}`, {
      hint: `take ${named.length === 1 ? 'that' : 'those'} out of the configuration first, or name another registry there`,
    })
}

/** Asks each registry what its ref is now. A registry that does not answer, or that policy forbids to ask, is a row, not an error. */
export async function registryPing(
  ctx: Context,
  { names, flags }: { names: readonly string[]; flags: CommonFlags },
): Promise<RegistryPingResult> {
  if (flags.offline)
    fail('E_USAGE', 'registry ping asks registries, which --offline forbids', { hint: 'leave --offline out' })
  return withSession(
    ctx,
    { command: 'registry ping', flags: { ...flags, refresh: true }, reads: true },
    async (session) => {
      const known = await knownNames(session, names)
      const strange = names.find((name) => !known.includes(name))
      if (strange !== undefined) noRegistry(strange, known)
      const asked = known.filter((name) => names.length === 0 || names.includes(name))
      const registries = await Promise.all(asked.map((name) => ping(session, name)))
      for (const note of session.notes) ctx.emit({ type: 'warning', note })
      return { registries }
    },
  )
}

/** The registries of the configuration and, unless they have all that is `wanted`, those that the primary lists: what keeps it from saying so is
    told where it is asked itself. */
export async function knownNames({ manifest, shelves }: Session, wanted: readonly string[] = []): Promise<string[]> {
  const own = inOrder(manifest.registries).map(({ name }) => name)
  if (wanted.length > 0 && wanted.every((name) => own.includes(name))) return own
  try {
    return await shelves.names()
  } catch (e) {
    if (e instanceof HaalError) return own
    throw e
  }
}

async function ping({ manifest, shelves }: Session, name: string): Promise<RegistryPingResult['registries'][number]> {
  try {
    const { revision, catalog } = await shelves.named(name)
    if (name === manifest.registries[0]?.name) await shelves.names()
    const says = `${counted(catalog.artifacts.length, 'artifact')} (${catalog.layouts.join(', ')})`
    return { name, ok: true, revision: revision.id === 'folder' ? null : revision.id, says }
  } catch (e) {
    if (!(e instanceof HaalError)) throw e
    return {
      name,
      ok: false,
      revision: null,
      says: e.message,
      code: e.code,
      ...(e.hint !== undefined && { mend: e.hint }),
    }
  }
}

function fileOf({ ctx, site }: Session): string {
  return path.relative(ctx.cwd, site.manifestFile)
}

/** Throws E_NOT_FOUND with the nearest name. */
export function registryNamed(name: string, registries: readonly Registry[]): Registry {
  const found = registries.find((registry) => registry.name === name)
  return (
    found ??
    noRegistry(
      name,
      registries.map((registry) => registry.name),
    )
  )
}
