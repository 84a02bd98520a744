import type { CommonFlags, Context } from '../model/context.js'
import { fail } from '../model/errors.js'
import type { TrustResult } from '../model/results.js'
import { tokenOrigin } from '../resolve/suppliers.js'
import { withSession } from './session.js'
import { recordTrust, trustFile } from './trusted.js'

/** Lets the token of a registry go to that registry's origin, from every project of this person. Throws E_CONFIG where the registry has no
    token that refers to a variable. */
export async function trust(
  ctx: Context,
  { registry, flags }: { registry: string; flags: CommonFlags },
): Promise<TrustResult> {
  return withSession(ctx, { command: 'trust', flags, reads: true }, async ({ manifest, home }) => {
    const found =
      manifest.registries.find(({ name }) => name === registry) ??
      fail('E_NOT_FOUND', `there is no registry named "${registry}"`, {
        hint: 'see which there are: haal registry list',
      })
    const { token } = found
    if (token === undefined || !('variable' in token))
      return fail('E_CONFIG', `registry "${registry}" has no token that names a variable`, {
        hint: 'give it one in haal.json: "token": "${VARIABLE}"',
      })
    const origin =
      tokenOrigin(found, ctx.env) ?? fail('E_CONFIG', `registry "${registry}" has no origin that a token could go to`)
    if (!flags.dryRun) recordTrust({ ctx, home }, origin, token.variable)
    return { registry, origin, variable: token.variable, file: trustFile({ ctx, home }) }
  })
}
