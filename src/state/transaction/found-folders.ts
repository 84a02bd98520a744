import path from 'node:path'
import type { Site } from '../../model/site.js'
import { attemptTwice } from '../attempt.js'
import { isBelow, stateFolder } from '../paths.js'

type Around = Pick<Site, 'root' | 'disk'>

/* A folder that haal made goes when nothing is left in it. One that was there before, and empty (`.cursor` in a fresh project), looks the same
   afterwards, so the folders that were found so are remembered. */

/** Below the root, absolute. */
export function foundFolders(site: Around): ReadonlySet<string> {
  return new Set(written(site).map((folder) => path.join(site.root, ...folder.split('/'))))
}

/** Adds to what is remembered; relative to the root, with `/`. Writes nothing where there is nothing to add. */
export function rememberFolders(site: Around, folders: readonly string[]): void {
  if (folders.length === 0) return
  const all = [...new Set([...written(site), ...folders])].sort()
  const file = foldersFile(site)
  site.disk.write(`${file}.tmp`, `${JSON.stringify(all)}\n`)
  site.disk.rename(`${file}.tmp`, file)
}

export function foldersFile(site: Pick<Site, 'root'>): string {
  return path.join(stateFolder(site), 'folders.json')
}

/** Only a hint: what cannot be read, at the second try either, is as if it were not there. */
function written(site: Around): string[] {
  let text: string | undefined
  const read = (): void => {
    text = site.disk.text(foldersFile(site))
  }
  attemptTwice(read)
  try {
    const value = JSON.parse(text ?? '[]') as unknown
    return Array.isArray(value) ? value.filter((each) => typeof each === 'string' && isBelow(each)) : []
  } catch (e) {
    if (e instanceof SyntaxError) return []
    throw e
  }
}
