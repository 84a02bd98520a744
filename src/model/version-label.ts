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
