import path from 'node:path'
import { fail } from '../../model/errors.js'
import { isCode, type Manifest } from '../../model/manifest.js'
import { sameLocator } from '../../model/registry.js'
import { readManifest } from '../../state/config/manifest.js'
import { givenByCode, withGiven } from './configuration-by-code.js'
import type { Ground, Opening } from './ground.js'
import { sourceOf, type TypedSource } from './source.js'

/** Code that --config names is as a program that runs haal: what it says lies over the project's own file. */
export async function withCode(ground: Ground): Promise<Ground> {
  const { ctx, flags } = ground
  if (flags.config === undefined || !isCode(flags.config)) return ground
  const given = await givenByCode(ctx.disk, path.resolve(ctx.cwd, flags.config))
  return { ...ground, ctx: { ...ctx, given } }
}

/** What the project's configuration says, for a command that opens no registry. */
export async function configurationOf(ground: Ground): Promise<Manifest> {
  return manifestOf(await withCode(ground))
}

/** What the file says that --config names, or the project's own, under what a program gives. */
export async function manifestOf({ ctx, flags, root }: Ground): Promise<Manifest> {
  const { config = '' } = flags
  const file = await readManifest(ctx.disk, {
    root,
    author: flags.global ? 'person' : 'project',
    ...(config !== '' && !isCode(config) && { named: path.resolve(ctx.cwd, config) }),
  })
  return withGiven(file, ctx.given)
}

/** --config is no way past the policy that the project's own file names. */
export async function ownPolicy({ ctx, flags, root }: Ground): Promise<string | undefined> {
  if (flags.config === undefined || flags.global || isCode(flags.config)) return undefined
  return (await readManifest(ctx.disk, { root, author: 'project' })).policy
}

/** A configuration with the registry that --from names, below those that it lists. Throws E_CONFIG where another one has its name. */
export function withAdded(
  { ctx, root }: Ground,
  manifest: Manifest,
  from: Opening['from'],
): { manifest: Manifest; added?: TypedSource } {
  if (from === undefined) return { manifest }
  const added = asListed(sourceOf(ctx, from, { base: path.dirname(editable(manifest, root)) }), manifest)
  return { manifest: withSource(manifest, added), added }
}

/** A registry that is listed already is used as it is listed. */
function asListed(source: TypedSource, { registries }: Manifest): TypedSource {
  const { at, ref } = source.registry
  const known = registries.find((one) => sameLocator(one.at, at) && one.ref === ref)
  return known === undefined ? source : { ...source, registry: known, known: true }
}

function withSource(manifest: Manifest, { registry, known }: TypedSource): Manifest {
  if (known) return manifest
  if (manifest.registries.some(({ name }) => name === registry.name))
    fail('E_CONFIG', `there is a registry named "${registry.name}" already, at another address`, {
      hint: 'add this one under another name: haal registry add <source> --name <name>',
    })
  return { ...manifest, registries: [...manifest.registries, registry] }
}

/** The configuration as messages call it. */
export function nameOfFile({ file }: Pick<Manifest, 'file'>): string {
  return file === undefined ? 'haal.json' : path.basename(file)
}

/** What is asked for is written into the file that was read. */
export function editable({ file }: Manifest, root: string): string {
  return file ?? path.join(root, 'haal.json')
}
