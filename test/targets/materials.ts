import { readHead } from '../../src/layout/frontmatter.js'
import { type Ref, splitRef } from '../../src/model/kinds.js'
import type { PlacedKind } from '../../src/model/targets.js'
import type { Material } from '../../src/targets/material.js'
import { type PlacedArtifact, placesFor, type Setup } from '../../src/targets/place.js'

export const integrity = `sha256-${'a'.repeat(43)}=` as const

type Files = Readonly<Record<string, string | object>>

/** An artifact as forms see it. One file whose name begins as the artifact's is a single file. */
export function material(ref: Ref, files: Files): Material {
  const { kind, name } = splitRef(ref)
  const names = Object.keys(files)
  const [only = ''] = names
  const isSingle = names.length === 1 && only.startsWith(`${name}.`)
  return {
    ref,
    kind: kind as PlacedKind,
    name,
    integrity,
    under: '',
    ...(isSingle && { file: only }),
    files: names,
    read: (path) => {
      const body = files[path]
      return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
    },
    head: async (bytes) => (await readHead(bytes)).values,
  }
}

export interface Around extends Partial<Setup> {
  names: readonly string[]
}

export function placed(own: Material, { names, ...around }: Around): Promise<PlacedArtifact> {
  const setup: Setup = { scope: 'project', root: '/project', env: {}, link: false, ...around }
  const { kind, name } = splitRef(own.ref)
  return placesFor(own, { names, home: `.haal/${kind}s/${own.file ?? name}`, setup })
}

/** place → what is there: the text of a file that haal makes, or what the store gives. */
export async function shown(own: Material, around: Around): Promise<Record<string, unknown>> {
  const { places } = await placed(own, around)
  return Object.fromEntries(
    places.map(({ place }) => {
      if ('entries' in place) return [place.at, place.entries.map(({ path, value }) => [path.join(' '), value])]
      const { content } = place
      return [place.at, content.from === 'bytes' ? Buffer.from(content.bytes).toString() : content]
    }),
  )
}

/** Everything that is not placed, with the reason. */
export async function lacking(own: Material, around: Around): Promise<string[]> {
  const found = await placed(own, around)
  return found.lacking.map(({ tool, kind, name, why, only }) => [tool, kind, name, why ?? only ?? 'no place'].join(' '))
}
