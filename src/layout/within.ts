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
