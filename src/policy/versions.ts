import semver from 'semver'
import type { Bounds } from '../model/policy.js'

/** Whether what a program says of itself (`git version 2.39.5 (Apple Git-154)`) lies within bounds. A bound may be partial: `max: "1.x"`
    takes every 1. A prerelease is older than its release. */
export function isWithin(said: string, { min, max }: Bounds): boolean {
  const version = versionIn(said)
  const range = [min && `>=${min}`, max && `<=${max}`].filter((bound) => bound !== undefined).join(' ')
  return version !== null && semver.satisfies(version, range, { includePrerelease: true })
}

/** Whether what a program says of itself lies in a range; what is no range, or says no version, is not held against it. */
export function isIn(said: string, range: string): boolean {
  const version = versionIn(said)
  if (version === null || semver.validRange(range) === null) return true
  return semver.satisfies(version, range, { includePrerelease: true })
}

function versionIn(said: string) {
  return semver.valid(said) ?? semver.coerce(said, { includePrerelease: true })
}

/** One range that holds where all of them hold. */
export function both(a: string, b: string): string {
  if (a === b || b === '*') return a
  if (a === '*') return b
  const sides = [a, b].map((range) => semver.validRange(range)?.split('||'))
  const [left, right] = sides
  if (left === undefined || right === undefined) return semver.validRange(a) === null ? a : b
  return left.flatMap((x) => right.map((y) => `${x} ${y}`.trim())).join(' || ')
}
