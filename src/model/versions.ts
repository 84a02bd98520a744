import semver from 'semver'
import { checkLabel } from './version-label.js'

/** Whether a version satisfies a range as node-semver has it. `*` takes everything, pseudo-versions included; a label that is not
    semver (`1.0`, `v1.0.0`) matches only exactly. Throws E_VERSION for labels no version can be. */
export function satisfies(version: string, range: string): boolean {
  checkLabel(version, 'an artifact')
  if (range === '*' || range === '' || range === version) return true
  return isVersion(version) && semver.satisfies(version, range)
}

/** A strict version: no leading `v`, no missing part, no leading zero. */
export function isVersion(label: string): boolean {
  return semver.valid(label) === label.split('+')[0]
}
