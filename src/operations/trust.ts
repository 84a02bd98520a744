import type { CommonFlags, Context } from '../model/context.js'
import { fail, onError } from '../model/errors.js'
import { locationOf, type Registry } from '../model/registry.js'
import type { TrustResult } from '../model/results.js'
import { tokenOrigin } from '../resolve/suppliers.js'
import { registryNamed } from './registries.js'
import { strangeHost } from './session/hosts.js'
import { type Session, withSession } from './session/session.js'
import { recordTrust, trustFile } from './session/trusted-origins.js'

/** Lets the token of a registry go to that registry's origin, from every project of this person: the one its configuration names, or for a package
    the one of the project's .npmrc. Of a registry on a share of another machine, lets that machine be asked. Throws E_CONFIG where there is nothing
    of that kind, or nothing that is not trusted yet. */
export async function trust(
  ctx: Context,
  { registry, flags }: { registry: string; flags: CommonFlags },
): Promise<TrustResult> {
  return withSession(ctx, { command: 'trust', flags, reads: true }, async (session) => {
    const { home } = session
    const found = registryNamed(registry, session.manifest.registries)
    const { origin, variable = null } =
      onShare(found, session) ?? inConfiguration(found, ctx) ?? (await inNpmrc(found, session)) ?? nothing(found)
    if (!flags.dryRun) await recordTrust(session, { origin, variable: variable ?? undefined })
    return { registry, origin, variable, file: trustFile({ ctx, home }) }
  })
}

interface Bond {
  origin: string
  variable?: string
}

function onShare({ at }: Registry, session: Session): Bond | undefined {
  const origin = at.via === 'file' || at.via === 'git' ? strangeHost(locationOf(at), session) : undefined
  return origin === undefined ? undefined : { origin }
}

function inConfiguration(registry: Registry, { env }: Context): Bond | undefined {
  const { token, name } = registry
  if (token === undefined || !('variable' in token)) return undefined
  const origin =
    tokenOrigin(registry, env) ?? fail('E_CONFIG', `registry "${name}" has no origin that a token could go to`)
  return { origin, variable: token.variable }
}

/** What asking the registry would be refused for. Nothing is sent. */
async function inNpmrc(registry: Registry, { suppliers }: Session): Promise<Bond | undefined> {
  if (registry.at.via !== 'npm') return undefined
  const ask = async () => {
    const transport = await suppliers.transport(registry.at)
    await transport.pin(registry.at, undefined, { ...suppliers.reach(registry), offline: true })
    return undefined
  }
  return onError(['E_TOKEN_UNTRUSTED', 'E_OFFLINE', 'E_REF'], ask, ({ details }) => {
    const { origin, variable } = details
    return typeof origin === 'string' && typeof variable === 'string' ? { origin, variable } : undefined
  })
}

function nothing({ name, at }: Registry): never {
  const besides = at.via === 'npm' ? ', and .npmrc none that is not trusted yet' : ''
  return fail('E_CONFIG', `registry "${name}" has no token that names a variable${besides}`, {
    hint: 'give it one in haal.json: "token": "${VARIABLE}"',
  })
}
