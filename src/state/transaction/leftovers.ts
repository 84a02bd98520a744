import path from 'node:path'
import { sameBoot } from '../../io/host.js'
import type { Site } from '../../model/site.js'
import { generationsFolder, stateFolder } from '../paths.js'

type Around = Pick<Site, 'root' | 'disk' | 'process'>

/* What tells every command at little cost whether an earlier one left something to mend. */

/** Whether `recover` or `mendAfterBoot` has something to do. */
export function needsMending(site: Around): boolean {
  return hasLeftovers(site) || isAfterBoot(site)
}

/** Whether a command has not ended, or did not clear up. */
function hasLeftovers(site: Pick<Site, 'root' | 'disk'>): boolean {
  return site.disk.names(stateFolder(site)).some(({ name }) => isUnfinished(name))
}

/** Whether the machine has started anew since the last transaction. */
export function isAfterBoot(site: Around): boolean {
  const boot = notedBoot(site)
  if (boot === undefined) return hasGenerations(site)
  return !sameBoot(boot, site.process.boot)
}

/** Which transaction was the last one, and in which boot. A note that cannot be read later says as much as one of another boot. */
export function noteBoot(site: Pick<Site, 'root' | 'disk'>, note: { boot: string; generation: number }): void {
  site.disk.write(noteFile(site), `${JSON.stringify(note)}\n`)
}

function isUnfinished(name: string): boolean {
  return name.startsWith('journal.') || name.endsWith('.tmp') || name === 'mutex'
}

function notedBoot(site: Around): string | undefined {
  try {
    const note = JSON.parse(site.disk.text(noteFile(site)) ?? '') as { boot?: unknown; generation?: unknown } | null
    return typeof note?.boot === 'string' && typeof note.generation === 'number' ? note.boot : undefined
  } catch (e) {
    if (e instanceof SyntaxError || site.disk.stat(noteFile(site))?.type !== 'file') return undefined
    throw e
  }
}

function hasGenerations(site: Around): boolean {
  return site.disk.names(generationsFolder(site)).some(({ name }) => /^[1-9]\d{0,8}\.json$/.test(name))
}

function noteFile(site: Pick<Site, 'root'>): string {
  return path.join(stateFolder(site), 'boot.json')
}
