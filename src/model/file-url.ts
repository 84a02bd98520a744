import { fileURLToPath } from 'node:url'
import { fail } from './errors.js'

interface Named {
  /** For messages: `haal.json: registry "corp"`. */
  source: string
  /** Absent: as this machine does it. */
  windows?: boolean
}

/** The path that a `file://` address names. Throws E_TRANSPORT for one that names none here: one with a host, or on Windows without a drive. */
export function pathOfUrl(url: string, { source, windows }: Named): string {
  const refuse = (cause?: unknown): never =>
    fail('E_TRANSPORT', `${source}: ${JSON.stringify(url)} is no place on this machine`, {
      hint: 'write a path',
      cause,
    })
  const host = URL.canParse(url) ? new URL(url).host : ''
  if (host !== '') refuse()
  try {
    return fileURLToPath(url, windows === undefined ? {} : { windows })
  } catch (cause) {
    return refuse(cause)
  }
}
