import { readArtifact } from '../../src/layout/reading.js'
import type { Artifact, Reading } from '../../src/model/artifact.js'
import type { Kind } from '../../src/model/kinds.js'
import { memoryTree, type Planted } from './trees.js'

/** An artifact as a catalogue would offer it. */
export function artifact(kind: Kind, name: string, more: Partial<Artifact> = {}): Artifact {
  return {
    registry: 'acme',
    layout: 'folders',
    kind,
    name,
    content: { path: name },
    form: 'folder',
    requires: [],
    ...more,
  }
}

/** Reads an artifact whose files are these. */
export async function reading(of: Artifact, files: Record<string, Planted>): Promise<Reading> {
  const tree = memoryTree(files)
  const listed = (await tree.list('')).map(({ path, mode }) => ({ path, mode }))
  return readArtifact(of, listed, (path) => tree.read(path))
}

export const codes = ({ notes }: Reading) => notes.map(({ code }) => code)
