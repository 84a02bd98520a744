import path from 'node:path'
import { sha256Hex } from '../../model/digest.js'
import { HaalError } from '../../model/errors.js'
import type { Lock } from '../../model/lock.js'
import { generationFile, generationNumbers, readGeneration } from '../../state/generations.js'
import { readLock } from '../../state/lockfile.js'
import { copiesOf } from '../project/folders.js'
import type { Session } from '../session/session.js'

/** Notes that a project uses the store, so that pruning keeps what it needs; before the project is changed, because prune may run at once.
    Each project has a file of its own, so that two that begin at once do not lose each other. Answers how to take that back where the change
    fails. */
export function rememberProject({ ctx, home, root }: Pick<Session, 'ctx' | 'home' | 'root'>): () => void {
  const { disk } = ctx
  const file = path.join(projectsFolder(home), sha256Hex(root).slice(0, 32))
  if (disk.text(file) === `${root}\n`) return () => undefined
  disk.mkdir(path.dirname(file))
  disk.write(file, `${root}\n`)
  return () => {
    disk.remove(file)
    disk.remove(path.dirname(file))
  }
}

/** The locks, past ones too, of this project and of each known one that is still there. Throws what a damaged lockfile throws: it is
    not known then what the project needs. */
export function locksInUse({ ctx, home, site }: Pick<Session, 'ctx' | 'home' | 'site'>): Lock[] {
  const roots = new Set([...knownProjects(ctx, home), site.root, copiesOf({ site, home }).root])
  return [...roots]
    .filter((root) => ctx.disk.stat(root) !== undefined)
    .flatMap((root) =>
      namingProject(root, () => {
        const there = { ...site, root }
        const past = generationNumbers(there).flatMap((number) => {
          const { lock, found } = readGeneration(there, number)
          return found ? [lock, found.lock] : [lock]
        })
        const now = readLock(ctx.disk, path.join(root, 'haal.lock'))
        return now === undefined ? past : [...past, now]
      }),
    )
}

/** It may be another project than the one that a person is in. */
function namingProject<T>(root: string, act: () => T): T {
  try {
    return act()
  } catch (e) {
    if (!(e instanceof HaalError)) throw e
    const hint = e.code === 'E_NO_GENERATION' ? givenUp(root) : e.hint && `in ${root}: ${e.hint}`
    throw new HaalError(e.code, `${root}: the project cannot be read: ${e.message}`, {
      hint,
      details: e.details,
      cause: e,
    })
  }
}

/** What a damaged generation needs is not known, and neither is any use of it. */
function givenUp(root: string): string {
  return `to give that generation up, remove its file: ${path.dirname(generationFile({ root }, 1))}${path.sep}`
}

function projectsFolder(home: Session['home']): string {
  return path.join(home.data, 'projects')
}

/** A file that was only begun names no project that has changed yet. */
function knownProjects({ disk }: Session['ctx'], home: Session['home']): string[] {
  const folder = projectsFolder(home)
  return disk
    .names(folder)
    .map(({ name }) => disk.text(path.join(folder, name))?.replace(/\n$/, '') ?? '')
    .filter((root) => path.isAbsolute(root))
}
