import { digestOf, isDigest, listingDigest, sha256Hex } from '../model/digest.js'
import { fail, onError } from '../model/errors.js'
import { locationOf, type Registry } from '../model/registry.js'
import type { Tree } from '../model/tree.js'

const indexes = ['registry.json', '.claude-plugin/marketplace.json', 'haal_manifest.json']

/** Compares a configured checksum with the registry: with the archive it is, with its index file, or with all its files as an
    artifact's integrity is computed. Throws E_CHECKSUM with what was expected and what was found. */
export async function checkChecksum({ name, checksum, at }: Registry, tree: Tree): Promise<void> {
  if (checksum === undefined || tree.revision.id === checksum) return
  const index = await indexDigest(tree)
  if (index === checksum) return
  const whole = await treeDigest(tree)
  if (whole === checksum) return
  const actual = index ?? (isDigest(tree.revision.id) ? tree.revision.id : whole)
  fail('E_CHECKSUM', `registry "${name}" (${locationOf(at)}) has the checksum ${actual}, expected was ${checksum}`, {
    hint: 'if the change is meant, put the new checksum into the configuration',
    details: { expected: checksum, actual, index, tree: whole },
  })
}

/** A web registry is asked for nothing else: what lies beside its index may not be there to be had. */
async function indexDigest(tree: Tree): Promise<string | undefined> {
  for (const file of indexes) {
    const bytes = await onError(
      ['E_ENTRY_MISSING'],
      () => tree.read(file),
      () => undefined,
    )
    if (bytes !== undefined) return digestOf(bytes)
  }
  return undefined
}

async function treeDigest(tree: Tree): Promise<string> {
  const files = []
  for (const { path, mode } of (await tree.list('')).filter(({ type }) => type === 'file')) {
    const bytes = await tree.read(path)
    files.push({
      path,
      size: bytes.length,
      mode: mode & 0o111 ? (0o755 as const) : (0o644 as const),
      sha256: sha256Hex(bytes),
    })
  }
  return listingDigest(files)
}
