import type { Artifact } from '../model/artifact.js'
import { refOf } from '../model/kinds.js'

/** The files of one artifact, by paths relative to it. */
export interface Within {
  artifact: Artifact
  files: readonly { path: string; mode: number }[]
  has(path: string): boolean
  read(path: string): Promise<Uint8Array>
  /** What messages call a file of it. */
  source(path: string): string
}

export function filesWithin(artifact: Artifact, files: Within['files'], read: Within['read']): Within {
  const paths = new Set(files.map(({ path }) => path))
  const ref = refOf(artifact.kind, artifact.name)
  return { artifact, files, has: (path) => paths.has(path), read, source: (path) => `${ref}: ${path}` }
}

/** The files in one folder of it, '' or with `/` at its end. */
export function below(whole: Within, folder: string): Within {
  const files = whole.files.flatMap(({ path, mode }) =>
    path.startsWith(folder) ? [{ path: path.slice(folder.length), mode }] : [],
  )
  const inside = filesWithin(whole.artifact, files, (path) => whole.read(folder + path))
  return { ...inside, source: (path) => whole.source(folder + path) }
}
