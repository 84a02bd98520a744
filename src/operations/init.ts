import path from 'node:path'
import type { CommonFlags, Context } from '../model/context.js'
import { fail } from '../model/errors.js'
import type { InitResult } from '../model/results.js'
import { judgeTargets } from '../policy/decide.js'
import { refuse } from '../policy/refuse.js'
import type { Edit } from '../state/config/edit.js'
import { tools } from '../targets/table.js'
import { carryOut, idle } from './change/mutate.js'
import { refuseStrangeTools } from './places/tool-places.js'
import { type TypedSource, wholeSource } from './project/source.js'
import { type Session, withSession } from './session/session.js'
import { detectTools } from './targets.js'

interface InitFlags extends CommonFlags {
  registry?: readonly string[]
  target?: readonly string[]
}

/** Makes haal.json in the current folder, or with --global in the user's home, with the registries that are named and policy allows. Throws E_CONFLICT
    where there is a configuration already, E_USAGE where two registries would have one name, E_POLICY_…. */
export async function init(ctx: Context, { flags }: { flags: InitFlags }): Promise<InitResult> {
  const root = flags.global ? ctx.home : ctx.cwd
  return withSession(ctx, { command: 'init', flags, root }, async (session) => {
    const { manifest } = session
    if (manifest.file !== undefined)
      fail('E_CONFLICT', `${path.relative(ctx.cwd, manifest.file) || 'haal.json'} is there already`, {
        hint: 'edit it, or add a registry: haal registry add <source>',
      })
    const targets = await targetsOf(session, flags)
    const sources = (flags.registry ?? []).map((typed) => sourceOf(ctx, typed, root))
    const registries = sources.map(({ entry }) => entry)
    refuseTwins(registries)
    for (const { registry } of sources) session.door.admit(registry)
    const edits: Edit[] = [
      { path: ['registries'], value: registries },
      ...(targets.length > 0 ? [{ path: ['targets'], value: targets }] : []),
    ]
    await carryOut(session, idle({ ...session, manifest: { ...manifest, targets } }), edits)
    return {
      file: path.relative(ctx.cwd, path.join(root, 'haal.json')),
      registries: registries.map(({ name }) => name),
      targets,
    }
  })
}

/** Two addresses may end in one word, and haal.json has each name once. */
function refuseTwins(registries: readonly { name: string; location: string }[]): void {
  for (const [at, { name, location }] of registries.entries()) {
    if (registries.findIndex((other) => other.name === name) === at) continue
    fail('E_USAGE', `two registries would be named "${name}"`, {
      hint: `give this one another name: --registry <name>=${location}`,
    })
  }
}

/** The tools that are named, or those that are found here: offered where somebody can answer. */
async function targetsOf(session: Session, { target = [], yes, dryRun }: InitFlags): Promise<readonly string[]> {
  refuseStrangeTools(target)
  const judged = (names: readonly string[]) => judgeTargets(session.policy, names, 'haal.json')
  refuse(judged(target))
  const all = detectTools(session)
  const found = all.filter((name) => judged([name]).length === 0)
  const { ask } = session.ctx
  if (target.length > 0 || found.length === 0) return target
  if (ask === undefined || yes || dryRun) return found
  const choices = all.map((value) => {
    const [refusal] = judged([value])
    const label = tools.get(value)?.title ?? value
    const state = refusal === undefined ? { chosen: true } : { disabled: refusal.reason }
    return { value, label, group: 'found here', ...state }
  })
  const chosen = await ask({ kind: 'choose', message: 'which tools shall find what is installed?', choices })
  return Array.isArray(chosen) ? chosen : found
}

/** `name=source` or only the source. */
function sourceOf(ctx: Context, typed: string, root: string): TypedSource {
  const [, name, source = typed] = /^([\w-]+)=(.+)$/.exec(typed) ?? []
  return wholeSource(ctx, source, { base: root, ...(name !== undefined && { name }) })
}
