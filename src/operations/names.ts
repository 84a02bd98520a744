import path from 'node:path'
import { HaalError } from '../model/errors.js'
import type { Lock } from '../model/lock.js'
import { namesFile, namesIn, printNames } from '../model/names-file.js'
import { generationNumbers } from '../state/generations.js'
import { tools } from '../targets/table.js'
import type { Session } from './session.js'

/** Leaves for the shells what they complete without starting haal. Nothing depends on it: where it cannot be written, completion asks haal. */
export function writeNames(session: Session, lock: Lock, available?: readonly string[]): void {
  const { ctx, root, manifest, site } = session
  const file = path.join(root, ...namesFile.split('/'))
  try {
    if (ctx.disk.stat(path.dirname(file))?.type !== 'folder') return
    const before = ctx.disk.text(file) ?? ''
    const text = printNames({
      available: available ?? namesIn(before, 'available'),
      generation: generationNumbers(site).map(String),
      installed: Object.keys(lock.artifacts),
      registry: manifest.registries.map(({ name }) => name),
      tool: [...tools.keys()],
    })
    if (text !== before) ctx.disk.write(file, text)
  } catch (e) {
    if (!(e instanceof HaalError) || e.code !== 'E_DISK') throw e
    ctx.emit({ type: 'debug', message: `names for completion were not written: ${e.message}` })
  }
}
