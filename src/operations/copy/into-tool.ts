import path from 'node:path'
import { fail } from '../../model/errors.js'
import { type Ref, splitRef } from '../../model/kinds.js'
import type { Locked } from '../../model/lock.js'
import type { Content, Step } from '../../model/plan.js'
import { isShared } from '../../model/targets.js'
import { inShell } from '../../model/text.js'
import { homeOf } from '../../plan/diff.js'
import { judgeTargets } from '../../policy/decide.js'
import { refuse } from '../../policy/refuse.js'
import { realPlace } from '../../state/paths.js'
import { readersOf } from '../../targets/place.js'
import { tools } from '../../targets/table.js'
import { placedFor, placeOnDisk } from '../places/tool-places.js'
import type { Session } from '../session/session.js'

/** Whether a copy's destination is a tool by name; `./claude` and `claude/` are folders. */
export function isTool(destination: string): boolean {
  return tools.has(destination)
}

interface Copied {
  tool: string
  ref: Ref
  locked: Locked
  /** Another name for the copy. */
  name: string | undefined
}

/** A copy of an artifact where a tool reads it, in the tool's form. Throws E_USAGE where the tool has no place for it, or only one in a file that
    it shares with a person, or its form there runs files that only an installed artifact has, E_POLICY_TARGET where policy does not allow the
    tool. */
export async function intoTool(session: Session, { tool, ref, locked, name }: Copied): Promise<Step[]> {
  refuse(judgeTargets(session.policy, [tool], ref))
  const { places, lacking } = await placedFor(session, { ref, locked, names: [tool], link: false, name })
  const shared = places.find(({ place }) => isShared(place))?.place
  if (shared !== undefined)
    fail('E_USAGE', `${tool} reads ${ref} from ${shared.at}, a file that is yours, too; a copy cannot stand in it`, {
      hint: `let haal keep it there: haal target add ${tool}`,
    })
  const home = homeOf(ref, locked)
  const isInstalled = session.lock.artifacts[ref] !== undefined
  if (!isInstalled && home !== undefined && places.some(({ place }) => !isShared(place) && names(place.content, home)))
    fail('E_USAGE', `what ${tool} gets of ${ref} runs files in ${home}, where nothing is installed`, {
      hint: `install it first: haal install ${inShell(ref)}`,
    })
  const steps = places.flatMap(({ place }): Step[] => {
    if (isShared(place)) return []
    const at = placeOnDisk(session, place.at)
    return [{ place: at, shown: path.relative(session.ctx.cwd, at) || at, after: place.content }]
  })
  const why = lacking[0]?.why
  if (steps.length === 0)
    fail('E_USAGE', `${tool} has no place for ${ref}${why === undefined ? '' : `: ${why}`}`, {
      hint: `see what it reads: haal target list`,
      details: { tool, kind: splitRef(ref).kind },
    })
  return steps
}

/** What lies where tools read is theirs, in another project or home as well, though a copy names no tool. Throws E_POLICY_TARGET where policy
    allows none of those. */
export function refuseReaders({ ctx, policy }: Session, ref: Ref, place: string): void {
  const names = path.join(realPlace(ctx.disk, path.dirname(place)), path.basename(place)).split(path.sep)
  const ends = names.map((_, index) => names.slice(index).join('/'))
  const readers = ends.flatMap((end) => [...readersOf(end, 'project'), ...readersOf(end, 'global')])
  const refusals = readers.map((tool) => judgeTargets(policy, [tool], ref))
  if (refusals.every((each) => each.length > 0)) refuse(refusals[0] ?? [])
}

/** Whether a tool's form leads to a place in `.haal/`. */
function names(content: Content, place: string): boolean {
  return content.from === 'bytes' && Buffer.from(content.bytes).includes(place)
}
