/** The machine that a path leads to on Windows, in lower case: `corp` of `\\corp\share\x`. Windows signs in there as the user before it reads a byte.
    undefined for a path of this machine; '?' where the path names a device, which may be anything. Source: learn.microsoft.com, "Naming Files,
    Paths, and Namespaces". */
export function hostIn(at: string, platform: NodeJS.Platform): string | undefined {
  if (platform !== 'win32') return undefined
  const plain = at.replaceAll('/', '\\').toLowerCase()
  const device = /^\\\\[?.]\\(.*)$/.exec(plain)?.[1]
  if (device === undefined) return /^\\\\([^\\]+)/.exec(plain)?.[1]
  if (/^[a-z]:(\\|$)/.test(device)) return undefined
  return /^unc\\([^\\]+)/.exec(device)?.[1] ?? '?'
}
