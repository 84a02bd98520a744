import path from 'node:path'
import * as v from 'valibot'
import { decode, loose } from '../../model/decode.js'
import type { Disk } from '../../model/disk.js'
import { fail } from '../../model/errors.js'
import { parseJson } from '../../model/json.js'
import { kinds, type Ref, splitRef } from '../../model/kinds.js'
import type { Locked } from '../../model/lock.js'
import type { Content, Step } from '../../model/plan.js'
import { editConfig } from '../../state/config/manifest-edit.js'
import { registryNamed } from '../registries.js'
import type { Session } from '../session/session.js'

interface Copied {
  registry: string
  ref: Ref
  locked: Locked
  /** The name of the folder or file there. */
  base: string
  content: Content
}

/** Where a copy goes in a folder registry, as that registry is laid out; AgentOS's index gets an entry for it. Throws E_USAGE for a registry
    that is no folder, E_JSON, E_JSON_KEY or E_INDEX where its index cannot be read. */
export async function intoRegistry(
  session: Session,
  { registry, ref, locked, base, content }: Copied,
): Promise<Step[]> {
  const { at } = registryNamed(registry, session.manifest.registries)
  const { disk } = session.ctx
  if (at.via !== 'file' || disk.stat(at.path)?.type !== 'folder')
    return fail('E_USAGE', `${registry} is no folder on this machine; only such a registry can be copied into`, {
      hint: 'copy to a folder, and publish from there',
    })
  const folder = kinds[splitRef(ref).kind].folder ?? ''
  const index = path.join(at.path, 'registry.json')
  const hasIndex = disk.stat(index) !== undefined
  const isOlafs = disk.stat(path.join(at.path, '.haal')) !== undefined
  const above = hasIndex ? 'registry/curated/' : isOlafs ? '.haal/' : ''
  const own = `${above}${folder}/${base}`
  const shown = (inside: string) => `${registry}:${inside}`
  const place = { place: path.join(at.path, ...own.split('/')), shown: shown(own), after: content }
  if (!hasIndex) return [place]
  const { kind, name } = splitRef(ref)
  const id = base === name && locked.id !== undefined ? locked.id : `local.${base}`
  const entry = { id, name: base, kind: locked.agentosKind ?? kind, version: locked.version, path: own }
  const bytes = Buffer.from(await withEntry(disk, { index, shown: shown('registry.json') }, entry))
  return [place, { place: index, shown: shown('registry.json'), after: { from: 'bytes', bytes } }]
}

const indexSchema = loose({
  extensions: v.optional(loose({ curated: v.optional(v.array(loose({ path: v.optional(v.string()) }))) })),
})

/** The index with one more entry; everything else in it stays as it is written. */
async function withEntry(
  disk: Disk,
  { index, shown }: { index: string; shown: string },
  entry: Entry,
): Promise<string> {
  const json = parseJson(disk.text(index) ?? '{}', shown)
  const known = decode(indexSchema, json, shown, 'E_INDEX').extensions?.curated
  const at = known?.findIndex(({ path: own }) => own === entry.path) ?? -1
  const list = ['extensions', 'curated']
  const edit =
    known === undefined ? { path: list, value: [entry] } : { path: [...list, at < 0 ? known.length : at], value: entry }
  return editConfig(disk, index, [edit])
}

interface Entry {
  id: string
  name: string
  kind: string
  version: string
  path: string
}
