import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fail } from '../model/errors.js'

/** The folder that this process was started in; undefined where it has been removed since. */
export function currentFolder(): string | undefined {
  try {
    return process.cwd()
  } catch {
    return undefined
  }
}

/** The folder that `typed` names, without it the current one. Throws E_USAGE for all but an absolute path where the current one is gone, or
    cannot be named. */
export function folderFrom(typed = ''): string {
  if (path.isAbsolute(typed)) return path.resolve(typed)
  const here = currentFolder()
  if (here === undefined)
    fail('E_USAGE', 'the folder that haal was started in does not exist any more', {
      hint: 'go to one that does, or name it: --cwd <dir>',
    })
  if (here.includes('\ufffd') && !isHere(here))
    fail('E_USAGE', `the folder that haal was started in, ${here}, has a name that is not UTF-8`, {
      hint: 'give it another name, or name another folder: --cwd <dir>',
    })
  return path.resolve(here, typed)
}

/** Whether a name leads to the current folder. One that Node could not read as it is would lead to nothing, or to a neighbour. */
function isHere(named: string): boolean {
  const [here, there] = ['.', named].map((at) => fs.statSync(at, { bigint: true, throwIfNoEntry: false }))
  return here !== undefined && here.dev === there?.dev && here.ino === there.ino
}

/** The user's home. A HOME that is empty or relative names no folder: it would be the project, or one in it. Throws E_USAGE where there is none and the
    system does not know the user either, as in a container that is started for a number. */
export function homeFolder(): string {
  try {
    const named = os.homedir()
    return path.isAbsolute(named) ? named : os.userInfo().homedir
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_SYSTEM_ERROR') throw cause
    fail('E_USAGE', 'HOME names no folder, and the system knows no home of this user', {
      hint: 'name one by its absolute path: HOME=<dir>',
      cause,
    })
  }
}
