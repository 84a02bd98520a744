import type { Locator, Via } from '../model/registry.js'
import type { Transport } from '../model/transport.js'

/** The five ways to a registry. Each is loaded when a registry needs it: most commands need one, many none. */
const transports: Readonly<Record<Via, () => Promise<Transport>>> = {
  file: async () => (await import('./file.js')).file,
  git: async () => (await import('./git.js')).git,
  github: async () => (await import('./github.js')).github(transports.git),
  url: async () => (await import('./url.js')).url,
  npm: async () => (await import('./npm.js')).npm,
}

export function transportOf({ via }: Locator): Promise<Transport> {
  return transports[via]()
}
