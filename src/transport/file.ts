import { createHash } from 'node:crypto'
import path from 'node:path'
import { type Archive, piecesOf } from '../io/archive.js'
import type { Disk } from '../model/disk.js'
import { fail } from '../model/errors.js'
import { type Locator, pathHint, type Revision } from '../model/registry.js'
import { isArchive } from '../model/source.js'
import type { Reach, Transport } from '../model/transport.js'
import { folderTree } from './folder-tree.js'
import { archiveTree } from './pack-tree.js'
import { checkSri, noDigest, readSri } from './sri.js'

type FileLocator = Extract<Locator, { via: 'file' }>

/** The revision of every folder: it has none of its own, and an artifact's integrity stands in its place. */
const folderRevision = 'folder'

/** A registry on this machine: a folder, or an archive of one (`.tgz`, `.tar.gz`, `.tar`), whose digest is the revision. Never touches
    the network, never writes to the source. Throws E_REGISTRY_UNAVAILABLE where nothing usable is there, E_REF where a ref is asked for. */
export const file: Transport<FileLocator> = {
  via: 'file',
  pin: async (at, ref, reach) => {
    const { disk, registry } = reach
    const found = find(at.path, reach)
    const isDigest = ref !== undefined && /^(sha|md)\d+-/.test(ref)
    if (isDigest && found.type === 'archive') checkArchive(ref, found.real, { at, reach })
    else if (ref !== undefined)
      fail('E_REF', `registry "${registry.name}" is ${found.words}, which has no branches, tags or commits: "${ref}"`, {
        hint:
          ref === registry.ref
            ? 'take the ref out of its configuration, or name a git repository'
            : 'ask for no version, or for one that it has: a number or a range',
      })
    return {
      at,
      id: found.type === 'folder' ? folderRevision : `sha256-${digestOf(piecesOf(disk, found.real), 'sha256')}`,
    }
  },
  open: async (revision, reach) => {
    const { disk, platform } = reach
    const found = find(revision.at.path, reach)
    if (found.type === 'folder')
      return folderTree({ disk, root: found.real, platform, memory: reach.memory?.(found.real) }, revision)
    return archiveTree(revision, reach, () => archiveOf(revision, { ...found, disk }))
  },
}

/** The digest that an index gives for one of its archives. */
function checkArchive(ref: string, real: string, { at, reach }: { at: FileLocator; reach: Reach }): void {
  const name = path.basename(at.path)
  const sri = readSri(ref) ?? noDigest(ref, name, reach)
  checkSri(sri, digestOf(piecesOf(reach.disk, real), sri.algorithm), name)
}

interface FoundThing {
  type: 'folder' | 'archive'
  /** Where it really is: the way to it may lead through links. */
  real: string
  size: number
  words: string
}

function find(at: string, { disk, registry }: Reach): FoundThing {
  const real = disk.real(at)
  const stat = real === undefined ? undefined : disk.stat(real)
  if (real !== undefined && stat?.type === 'folder') return { type: 'folder', real, size: 0, words: 'a plain folder' }
  if (real !== undefined && stat?.type === 'file' && isArchive(at))
    return { type: 'archive', real, size: stat.size, words: 'an archive' }
  return fail('E_REGISTRY_UNAVAILABLE', `registry "${registry.name}": there is no folder, .tgz or .tar at ${at}`, {
    hint: pathHint(registry),
  })
}

function digestOf(pieces: Iterable<Uint8Array>, algorithm: string): string {
  const hash = createHash(algorithm)
  for (const piece of pieces) hash.update(piece)
  return hash.digest('base64')
}

/** The bytes of an archive, which must be those its revision names. */
function archiveOf({ at, id }: Revision<FileLocator>, { disk, real, size }: FoundThing & { disk: Disk }): Archive {
  const hash = createHash('sha256')
  function* verified(): Generator<Uint8Array> {
    for (const piece of piecesOf(disk, real)) {
      hash.update(piece)
      yield piece
    }
    if (`sha256-${hash.digest('base64')}` !== id)
      fail('E_INTEGRITY', `${at.path} is no longer the archive it was`, { details: { path: at.path, expected: id } })
  }
  return { name: path.basename(at.path), bytes: verified(), size }
}
