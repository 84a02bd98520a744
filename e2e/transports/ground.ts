import type { Place } from '../world/place.js'

/** haal.json with other values under some keys. */
export async function configure(project: Place, changes: Record<string, unknown>): Promise<void> {
  const now = project.exists('haal.json') ? project.json<Record<string, unknown>>('haal.json') : {}
  await project.write({ 'haal.json': { ...now, ...changes } })
}

export interface LockFile {
  registries: Record<string, { type: string; location: string; ref?: string; revision?: string }>
  artifacts: Record<string, { version: string; registry: string; integrity: string; revision?: string; path: string }>
}

export function lockOf(project: Place): LockFile {
  return project.json<LockFile>('haal.lock')
}
