import path from 'node:path'
import { namesFile, namesIn, printNames } from '../../model/completion-names.js'
import { HaalError } from '../../model/errors.js'
import { refOf } from '../../model/kinds.js'
import type { Lock } from '../../model/lock.js'
import { generationNumbers } from '../../state/generations.js'
import { stateFolder } from '../../state/paths.js'
import type { Session } from '../session/session.js'

/** Leaves for the shells what they complete without starting haal. Nothing depends on it: where it cannot be written, completion asks haal. */
export function writeNames(session: Session, lock: Lock, available?: readonly string[]): void {
  const { ctx, root, manifest, site } = session
  const file = path.join(root, ...namesFile.split('/'))
  try {
    if (!hasState(session, { mayOpen: available !== undefined })) return
    const before = ctx.disk.text(file) ?? ''
    const text = printNames({
      available: available ?? onOffer(session, namesIn(before, 'available')),
      generation: generationNumbers(site).map(String),
      installed: Object.keys(lock.artifacts),
      registry: manifest.registries.map(({ name }) => name),
      target: manifest.targets,
    })
    if (text !== before) ctx.disk.write(file, text)
  } catch (e) {
    if (!(e instanceof HaalError) || e.code !== 'E_DISK') throw e
    ctx.emit({ type: 'debug', message: `names for completion were not written: ${e.message}` })
  }
}

/** In a project where nothing was installed yet, what was on offer is worth a state folder: TAB is what comes next. */
function hasState({ ctx, site }: Session, { mayOpen }: { mayOpen: boolean }): boolean {
  const folder = stateFolder(site)
  if (ctx.disk.stat(folder) !== undefined) return true
  if (!mayOpen || ctx.disk.stat(site.manifestFile)?.type !== 'file') return false
  ctx.disk.mkdir(folder)
  ctx.disk.write(path.join(folder, '.gitignore'), '*\n')
  return true
}

/** What the registries that this command asked have; where it did not ask them all, beside what was known before. */
function onOffer({ shelves }: Session, before: readonly string[]): readonly string[] {
  const seen = shelves.seen()
  const refs = seen.shelves.flatMap((shelf) => shelf.catalog.artifacts.map(({ kind, name }) => refOf(kind, name)))
  return seen.whole ? refs : [...before, ...refs]
}
