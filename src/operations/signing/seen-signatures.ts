import type { Digest } from '../../model/digest.js'
import type { Disk } from '../../model/disk.js'
import type { SeenBytes, SeenSigned } from '../../model/policy.js'
import { locationOf, type Registry } from '../../model/registry.js'
import { readSeenSignatures, type SeenSignatures, writeSeenSignatures } from '../../state/seen-signatures.js'

/** What this command learns of signed indexes and of bytes, and what earlier ones have learned. Read only where a rule asks. */
export interface Learned {
  /** The newest signed index of a registry, as of the last command. */
  index(at: string): SeenSigned | undefined
  bytes(integrity: Digest): SeenBytes | undefined
  /** What the registry's signed index calls it. */
  idOf(at: string): string | undefined
  sawIndex(at: string, seen: SeenSigned): void
  sawBytes(integrity: Digest, seen: SeenBytes): void
  /** Written down when the command has succeeded. */
  remember(): void
}

export function openLearned(disk: Disk, home: string): Learned {
  let before: SeenSignatures | undefined
  const known = (): SeenSignatures => {
    before ??= readSeenSignatures(disk, home)
    return before
  }
  const indexes = new Map<string, SeenSigned>()
  const artifacts = new Map<Digest, SeenBytes>()
  return {
    index: (at) => known().indexes.get(at),
    bytes: (integrity) => joined(known().artifacts.get(integrity), artifacts.get(integrity)),
    idOf: (at) => (indexes.get(at) ?? known().indexes.get(at))?.id,
    sawIndex: (at, seen) => void indexes.set(at, seen),
    sawBytes: (integrity, seen) => void artifacts.set(integrity, joined(artifacts.get(integrity), seen) ?? seen),
    remember: () => {
      if (indexes.size + artifacts.size > 0) writeSeenSignatures(disk, home, { indexes, artifacts })
    },
  }
}

/** Under what a registry is remembered: wherever it is configured, and under whatever name. */
export function placeOfRegistry({ at, ref }: Pick<Registry, 'at' | 'ref'>): string {
  return `${at.via} ${locationOf(at)}${ref === undefined ? '' : `#${ref}`}`
}

function joined(first: SeenBytes | undefined, then: SeenBytes | undefined): SeenBytes | undefined {
  if (first === undefined || then === undefined) return first ?? then
  return { ...first, ...then, signed: { ...first.signed, ...then.signed } }
}
