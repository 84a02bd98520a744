import path from 'node:path'
import type { CommonFlags, Context } from '../../model/context.js'
import type { Disk } from '../../model/disk.js'
import { fail, HaalError } from '../../model/errors.js'
import { configurations } from '../../model/manifest.js'
import type { Site } from '../../model/site.js'

/** Where haal keeps what outlives a project: `data` for store, policy and trust, `cache` for what may be deleted at any time. */
export interface Home {
  data: string
  cache: string
}

/** HAAL_HOME, or the platform's own folders for data and caches. */
export function haalHome({ env, home, platform }: Pick<Context, 'env' | 'home' | 'platform'>): Home {
  if (env.HAAL_HOME) return { data: path.resolve(env.HAAL_HOME), cache: path.resolve(env.HAAL_HOME, 'cache') }
  if (platform === 'win32') {
    const local = env.LOCALAPPDATA ?? path.join(home, 'AppData', 'Local')
    return { data: path.join(local, 'haal', 'data'), cache: path.join(local, 'haal', 'cache') }
  }
  if (platform === 'darwin') {
    const library = path.join(home, 'Library')
    return { data: path.join(library, 'Application Support', 'haal'), cache: path.join(library, 'Caches', 'haal') }
  }
  const data = absolute(env.XDG_DATA_HOME) ?? path.join(home, '.local', 'share')
  const cache = absolute(env.XDG_CACHE_HOME) ?? path.join(home, '.cache')
  return { data: path.join(data, 'haal'), cache: path.join(cache, 'haal') }
}

/** What cannot be written below HAAL_HOME may lie elsewhere: the folder is nobody's project. */
export function movable(e: unknown, { data, cache }: Home): unknown {
  if (!(e instanceof HaalError) || !isForbidden(e)) return e
  const at = String(e.details.path)
  const isOwn = [data, cache].some((folder) => at === folder || at.startsWith(`${folder}${path.sep}`))
  return isOwn ? new HaalError(e.code, e.message, { hint: moveHome, details: e.details, cause: e.cause }) : e
}

export const moveHome = 'make it writable, or name another folder for what haal keeps: HAAL_HOME=<dir>'

/** Whether the disk refused because nobody, or not this user, may write. */
export function isForbidden({ code, details }: HaalError): boolean {
  return code === 'E_DISK' && ['EROFS', 'EACCES', 'EPERM'].includes(String(details.errno))
}

/** Whether the disk refused because it has no room left. */
export function isFull({ code, details }: HaalError): boolean {
  return code === 'E_DISK' && details.errno === 'ENOSPC'
}

/** A copy that no project has is remembered below HAAL_HOME, so that an interrupted one can be undone and its origin told. */
export function copiesOf({ site, home }: { site: Site; home: Home }): Site {
  const root = path.join(home.data, 'copies')
  return { ...site, root, lockFile: path.join(root, 'haal.lock'), manifestFile: path.join(root, 'haal.json') }
}

/** The nearest folder upwards with a configuration, `haal.lock` or `.haal/`, else the git root, else the current folder. The user's home holds the
    global artifacts, so it is only taken by a command that starts there or says --global. What another user has put into a folder where everybody
    may put things, like /tmp, makes no project for what lies below. Throws E_STATE_UNSAFE where a command starts in such a folder. */
export function rootOf(ctx: Context, { global }: Pick<CommonFlags, 'global'>): string {
  const { cwd, home, disk } = ctx
  if (global) return home
  const above = [...upwards(cwd)]
  const has = (folder: string, name: string) => {
    const found = disk.stat(path.join(folder, name))
    if (found === undefined || !isStrangers(ctx, folder, found.owner)) return found !== undefined
    return folder === cwd && refuseStrangers(path.join(folder, name))
  }
  const isTaken = (folder: string) => folder === cwd || !isSame(disk, folder, home)
  const own = ['haal.lock', '.haal', ...configurations]
  const project = above.find((folder) => own.some((name) => has(folder, name)) && isTaken(folder))
  return project ?? above.find((folder) => has(folder, '.git') && isTaken(folder)) ?? cwd
}

/** The rule by which Linux protects files in such folders (fs.protected_regular): theirs who ask, root's or the folder's owner's. The home of who asks
    may be root's, as in a container that is started for a user it does not know. */
function isStrangers({ disk, home, process }: Context, folder: string, owner: number): boolean {
  const named = disk.stat(folder)
  const { mode = 0, owner: lord } = (named?.type === 'link' ? disk.stat(disk.real(folder) ?? folder) : named) ?? {}
  return (mode & 0o1002) === 0o1002 && ![0, lord, process.user, disk.stat(home)?.owner].includes(owner)
}

function refuseStrangers(at: string): never {
  return fail('E_STATE_UNSAFE', `${at} belongs to another user, and lies where everybody may put things`, {
    hint: 'work in a folder of your own: --cwd <dir>',
    details: { path: at },
  })
}

/** One folder has several names: `c:` and `C:`, other letters where case is ignored, a home that is reached through a link. */
function isSame(disk: Disk, one: string, other: string): boolean {
  return one === other || (disk.real(one) ?? one) === (disk.real(other) ?? other)
}

/** A folder and all above it, innermost first. */
export function* upwards(from: string): Generator<string> {
  for (let folder = path.resolve(from); ; folder = path.dirname(folder)) {
    yield folder
    if (path.dirname(folder) === folder) return
  }
}

/** XDG says that a relative path is to be ignored. */
function absolute(folder: string | undefined): string | undefined {
  return folder !== undefined && path.isAbsolute(folder) ? folder : undefined
}
