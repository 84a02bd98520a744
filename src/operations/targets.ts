import path from 'node:path'
import type { CommonFlags, Context } from '../model/context.js'
import { fail } from '../model/errors.js'
import {
  type PlacedKind,
  placedKinds,
  type TargetListResult,
  type TargetResult,
  type ToolName,
} from '../model/targets.js'
import { judgeTargets } from '../policy/decide.js'
import { refuse } from '../policy/refuse.js'
import { toolsFound } from '../targets/detect.js'
import { tableVersion, tools } from '../targets/table.js'
import { newsIn, placedIn } from './change/difference.js'
import { carryOut, planTo } from './change/mutate.js'
import { refuseStrangeTools } from './places/tool-places.js'
import type { Ground } from './project/ground.js'
import { type Session, withSession } from './session/session.js'

interface Asked {
  names: readonly string[]
  flags: CommonFlags & { force?: boolean }
}

/** The tools haal knows, where they read what, which of them haal.json names and which are found in the project. */
export async function targetList(ctx: Context, { flags }: { flags: CommonFlags }): Promise<TargetListResult> {
  return withSession(ctx, { command: 'target list', flags, reads: true }, async (session) => {
    const found = toolsHere(session)
    const scope = flags.global ? 'global' : 'project'
    const rows = [...tools].map(([name, { title, reads }]) => ({
      name,
      title,
      used: session.manifest.targets.includes(name),
      found: found.includes(name),
      places: Object.fromEntries(placedKinds.map((kind) => [kind, reads[kind]?.[scope] ?? null])),
    }))
    return { table: tableVersion, tools: rows }
  })
}

/** Adds tools to haal.json and gives them what is installed, in one commit. */
export async function targetAdd(ctx: Context, { names, flags }: Asked): Promise<TargetResult> {
  refuseStrangeTools(names)
  return retarget(ctx, { command: 'target add', flags }, (now) => [...new Set([...now, ...names])])
}

/** Takes tools out of haal.json and what is installed out of their folders. Throws E_NOT_FOUND where haal.json does not name one. */
export async function targetRemove(ctx: Context, { names, flags }: Asked): Promise<TargetResult> {
  return retarget(ctx, { command: 'target remove', flags }, (now) => {
    const strange = names.find((name) => !now.includes(name))
    if (strange !== undefined)
      fail('E_NOT_FOUND', `haal.json does not name the tool "${strange}"`, {
        hint: now.length === 0 ? 'it names none' : `it names ${now.join(', ')}`,
      })
    return now.filter((name) => !names.includes(name))
  })
}

async function retarget(
  ctx: Context,
  { command, flags }: { command: string; flags: Asked['flags'] },
  change: (now: readonly string[]) => string[],
): Promise<TargetResult> {
  if (ctx.given?.targets)
    fail('E_USAGE', 'the targets are given by the program that runs haal, not by haal.json', {
      hint: 'change them there: createHaal({ targets })',
    })
  return withSession(ctx, { command, flags }, async (before) => {
    const now = before.manifest.targets
    const targets = change(now)
    const named = targets.filter((name) => !now.includes(name))
    refuse(judgeTargets(before.policy, named, 'haal.json'))
    const session = { ...before, manifest: { ...before.manifest, targets } }
    const { lock, notes } = await placedIn(session, before.lock, targets)
    const plan = await planTo(session, { wishes: session.manifest, lock })
    const warnings = [...plan.warnings, ...notes(newsIn(plan, before.lock, named))]
    const isSame = targets.length === now.length
    const edits = isSame ? [] : [{ path: ['targets'], value: targets.length === 0 ? undefined : targets }]
    return { ...(await carryOut(session, { ...plan, warnings }, edits)), targets }
  })
}

/** The tools that a project uses, by what lies in it. */
export function detectTools({ ctx, root }: Pick<Ground, 'ctx' | 'root'>): string[] {
  return toolsFound((at) => ctx.disk.stat(path.join(root, ...at.split('/'))) !== undefined)
}

/** The same where haal has been at work: what it puts into a folder that tools share is no sign of one more tool. */
export function toolsHere(session: Session): string[] {
  const { targets } = session.manifest
  const scope = session.flags.global ? 'global' : 'project'
  return detectTools(session).filter((name) => targets.includes(name) || !isServed(name, targets, scope))
}

/** Whether all that a tool reads is where other tools get it. */
function isServed(name: string, targets: readonly string[], scope: 'project' | 'global'): boolean {
  const place = (tool: string, kind: PlacedKind) => tools.get(tool as ToolName)?.reads[kind]?.[scope]
  const isRead = (kind: PlacedKind) => targets.some((tool) => place(tool, kind) === place(name, kind))
  return placedKinds.every((kind) => place(name, kind) === undefined || isRead(kind))
}
