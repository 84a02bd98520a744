import { fail } from './errors.js'

/** Longer than any real version; node-semver refuses more too. */
const longest = 256

/** A version label as an index or a file states it. Need not be semver, but must be one line that every tool can hold. Throws E_VERSION. */
export function checkLabel(label: string, what: string): string {
  const core = /^v?(\d+)\.(\d+)\.(\d+)/.exec(label)?.slice(1) ?? []
  const wrong =
    label.length > longest ||
    /[\u0000-\u001f\u007f-\u009f]/.test(label) ||
    core.some((part) => Number(part) > Number.MAX_SAFE_INTEGER)
  if (wrong) fail('E_VERSION', `${what} has a version that no tool can read: ${JSON.stringify(label.slice(0, 60))}`)
  return label
}

/** Whether `pseudoVersion` made a label, of a commit or a digest, because nothing says another. */
export function isPseudoVersion(label: string): boolean {
  return /^0\.0\.0-(\d{14}-)?[\da-fx][\da-f]{11}$/.test(label)
}

/** Whether the same bytes have the same label under both: one made of a commit is another with each commit, whatever that touched. */
export function isSameLabel(one: string, other: string): boolean {
  return one === other || (isPseudoVersion(one) && isPseudoVersion(other))
}
