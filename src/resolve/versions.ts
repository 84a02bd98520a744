import semver from 'semver'
import { isPseudoVersion } from '../model/version-label.js'
import { isVersion } from '../model/versions.js'

/** A version is a range, too; the name of a branch or a tag is not. */
export function isRange(text: string): boolean {
  return semver.validRange(text) !== null
}

/** Newest first; labels that are no versions come last, in the order given. */
export function newestFirst(labels: readonly string[]): string[] {
  const versions = labels.filter(isVersion).sort(semver.rcompare)
  return [...versions, ...labels.filter((label) => !isVersion(label))]
}

/** A range that also takes newer versions than the given one: every release from `installed` on, and what the range itself takes. undefined where that
    is `*` or no range. Not written `>=0.0.0`: to semver that is `*`, which would swallow the range and its prereleases. */
export function beyond(range: string | undefined, installed = '0.0.0'): string | undefined {
  const floor = isRelease(installed) ? installed : '0.0.0'
  return range === undefined || range === '*' || !isRange(range) ? undefined : `${floor} || >${floor} || ${range}`
}

/** Whether a version comes before another. Pseudo-versions, made from a commit or a digest, have no order. */
export function isOlder(version: string, than: string): boolean {
  if (version === than || isPseudoVersion(version)) return false
  return isVersion(version) && isVersion(than) && semver.lt(version, than)
}

/** The range that haal.json gets after an install by name: `^1.2.0` for a release, else `*`. */
export function rangeFor(version: string): string {
  return isRelease(version) ? `^${version}` : '*'
}

function isRelease(label: string): boolean {
  return isVersion(label) && semver.prerelease(label) === null
}

/** A tag's version for an artifact: `name@1.2.0`, `name/1.2.0` (with or without `v`), or plain `v1.2.0` where the repository is one artifact. */
export function versionOfTag(tag: string, name: string, alone: boolean): string | undefined {
  const own = [`${name}@`, `${name}/`].find((prefix) => tag.startsWith(prefix))
  if (own === undefined && !alone) return undefined
  const bare = tag.slice(own?.length ?? 0).replace(/^v(?=\d)/, '')
  return isVersion(bare) ? bare : undefined
}

/** `0.0.0-20260102030405-5f3c0123abcd` for a commit, `0.0.0-5f3c0123abcd` elsewhere: sorts before every real version. */
export function pseudoVersion(hex: string, at?: Date): string {
  const stamp = at?.toISOString().replace(/\D/g, '').slice(0, 14)
  const id = hex.slice(0, 12)
  const safe = /^0\d+$/.test(id) ? `x${id.slice(1)}` : id
  return stamp === undefined ? `0.0.0-${safe}` : `0.0.0-${stamp}-${safe}`
}
