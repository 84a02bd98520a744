import type { Digest } from '../model/digest.js'
import { HaalError } from '../model/errors.js'
import { parseJson } from '../model/json.js'
import type { Ref } from '../model/kinds.js'
import type { PlacedKind } from '../model/targets.js'
import { textOf } from './markdown.js'

/** Something a tool can be given: an artifact, or a part of a plugin. Forms read it and nothing else. */
export interface Material {
  /** The artifact it belongs to. */
  ref: Ref
  kind: PlacedKind
  name: string
  integrity: Digest
  /** The folder in the artifact that it is, '' for all of it; a single file is `file`, relative to the artifact. */
  under: string
  file?: string
  /** Paths from `under`. */
  files: readonly string[]
  read(path: string): Uint8Array
  /** The values in the head of a markdown file; none where it has none or cannot be read. */
  head(bytes: Uint8Array): Promise<Readonly<Record<string, unknown>>>
  /** Its configuration, where that was read from another file. */
  config?: unknown
}

/** The part of an artifact below a folder. */
export function partBelow(whole: Material, under: string, part: Pick<Material, 'kind' | 'name'>): Material {
  const prefix = `${under}/`
  return {
    ...whole,
    ...part,
    under: whole.under === '' ? under : `${whole.under}/${under}`,
    files: whole.files.flatMap((file) => (file.startsWith(prefix) ? [file.slice(prefix.length)] : [])),
    read: (path) => whole.read(prefix + path),
  }
}

export function partFile(whole: Material, file: string, part: Pick<Material, 'kind' | 'name'>): Material {
  return { ...whole, ...part, file }
}

/** The value of one of its JSON files, as it would be after writing and reading it again; undefined where there is none, or it is not JSON. */
export function jsonIn({ files, read, ref }: Pick<Material, 'files' | 'read' | 'ref'>, file: string): unknown {
  if (!files.includes(file)) return undefined
  try {
    const codes = { syntax: 'E_MANIFEST', key: 'E_MANIFEST', comments: true } as const
    const value = parseJson(textOf(read(file)), `${ref}/${file}`, codes)
    // Numbers too large for JSON become null, and -0 becomes 0: what stands in a file later has to be known again.
    return JSON.parse(JSON.stringify(value)) as unknown
  } catch (e) {
    if (e instanceof HaalError && ['E_MANIFEST', 'E_LIMIT_SIZE', 'E_LIMIT_DEPTH'].includes(e.code)) return undefined
    throw e
  }
}
