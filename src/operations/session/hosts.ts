import { fail } from '../../model/errors.js'
import { hostIn } from '../../model/file-host.js'
import { readOrigin } from '../../model/origin.js'
import { isTrusted } from '../../resolve/suppliers.js'
import type { Ground } from '../project/ground.js'
import { trustOf } from './trusted-origins.js'

/** The origin of the machine that a path leads to, where neither the person nor the place they work in names it: `file://corp`. undefined where
    the path may be looked at. Windows shows a machine who the user is, and enough to guess the password by, when a path there is only looked at. */
export function strangeHost(
  at: string,
  { ctx, root, home }: Pick<Ground, 'ctx' | 'root' | 'home'>,
): string | undefined {
  const host = hostIn(at, ctx.platform)
  if (host === undefined || isOwn(host, [root, ctx.cwd, ctx.home, home.data], ctx.platform)) return undefined
  const origin = `file://${host}`
  return isTrusted(origin, { env: ctx.env, trusted: trustOf({ ctx, home }) }) ? undefined : origin
}

/** Throws E_TRANSPORT for what leads to a strange machine. `mend` stands before the way that always helps. */
export function demandKnownHost(what: string, origin: string | undefined, mend = ''): void {
  if (origin === undefined) return
  fail('E_TRANSPORT', `${what} leads to another machine, where Windows would sign in as you`, {
    hint: hostHint(origin, mend),
    details: { origin },
  })
}

/** How a person lets a strange machine be asked. Devices, and names with a port, can be told from no other: nobody can trust one of them alone. */
export function hostHint(origin: string, mend = ''): string {
  return readOrigin(origin) === undefined
    ? 'give the share a drive letter, and name the path by that'
    : `if you know that machine: ${mend}HAAL_TRUSTED_ORIGINS=${origin}`
}

function isOwn(host: string, places: readonly string[], platform: NodeJS.Platform): boolean {
  return places.some((place) => hostIn(place, platform) === host)
}
