import type { Context } from '../../model/context.js'
import { version } from '../../model/haal-version.js'
import type { Manifest } from '../../model/manifest.js'
import { askOnce } from '../../model/maps.js'
import type { Policy, Refusal } from '../../model/policy.js'
import { inShell } from '../../model/text.js'
import { judgeVersions, toolsAsked } from '../../policy/decide.js'
import { refuse } from '../../policy/refuse.js'
import { programVersion } from '../../state/programs.js'
import { tools } from '../../targets/table.js'
import type { Policies } from './policies.js'

interface Around {
  ctx: Context
  policies: Policies
  manifest: Pick<Manifest, 'targets'>
}

/** Throws E_POLICY_TOOL where this haal, or a program here, is not of a version that policy asks for. */
export async function demandVersions(around: Around): Promise<void> {
  const refusals = await judgeVersionsHere(around)
  refuse(
    refusals,
    refusals[0]?.rule === 'haal' ? `take one that it asks for: ${wayTo(around.policies.policy)}` : undefined,
  )
}

/** How to get a haal that is within all bounds. */
function wayTo({ rules }: Policy): string {
  const bounds = rules.haal.flatMap(({ value: { min, max } }) => [min && `>=${min}`, max && `<=${max}`])
  return `npm install --global ${inShell(`haal@${bounds.filter((each) => each !== undefined).join(' ')}`)}`
}

/** Runs `--version` only of programs that policy names, and of an agent tool only where the project uses it. */
export async function judgeVersionsHere({ ctx, policies, manifest }: Around): Promise<Refusal[]> {
  const isUsed = (tool: string) => !tools.has(tool) || manifest.targets.includes(tool)
  const facts = await Promise.all(
    toolsAsked(policies.policy).map(async (tool) => {
      const used = isUsed(tool)
      return [tool, { used, version: used ? await versionOf(tool, ctx) : null }] as const
    }),
  )
  return judgeVersions(policies.policy, version, Object.fromEntries(facts))
}

const versions = new Map<string, Promise<string | null>>()

/** What `--version` says. A program keeps its version for as long as haal runs. */
export function versionOf(program: string, ctx: Context): Promise<string | null> {
  const key = `${ctx.env.PATH}\n${program}`
  return askOnce(versions, key, () => programVersion(program, ctx))
}
