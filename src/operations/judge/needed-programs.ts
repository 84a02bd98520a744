import { fail } from '../../model/errors.js'
import type { Ref } from '../../model/kinds.js'
import type { Locked } from '../../model/lock.js'
import { note } from '../../model/notes.js'
import type { Plan } from '../../model/plan.js'
import type { FactsOf } from '../../policy/approve.js'
import { isIn } from '../../policy/versions.js'
import { hasProgram } from '../../state/programs.js'
import { versionOf } from '../session/program-versions.js'
import type { Session } from '../session/session.js'
import { needsIn } from './facts.js'

/** Programs that what comes says it needs, and that are not found here: told, or refused with --strict. */
export async function checkNeeds(session: Session, { changes, to }: Plan, facts: FactsOf): Promise<void> {
  for (const { artifact, to: label, action } of changes) {
    const locked = to.lock.artifacts[artifact]
    if (label === null || locked === undefined || (action !== 'add' && action !== 'update')) continue
    for (const [program, range] of Object.entries(await needsOf(session, artifact, { locked, facts }))) {
      const lack = await lacking(program, range, session)
      if (lack === undefined) continue
      const message = `${artifact} needs ${program}${range === '*' ? '' : ` ${range}`}, ${lack}`
      if (session.flags.strict)
        fail('E_NEEDS', message, { hint: 'install the program; without --strict this is a warning' })
      session.notes.push(note('W_NEEDS', message))
    }
  }
}

async function needsOf(
  session: Session,
  ref: Ref,
  { locked, facts }: { locked: Locked; facts: FactsOf },
): Promise<Readonly<Record<string, string>>> {
  const known = facts(ref)
  if (known.content !== undefined) return known.needs ?? {}
  return (await needsIn(session, ref, locked)) ?? {}
}

async function lacking(program: string, range: string, { ctx }: Session): Promise<string | undefined> {
  if (!hasProgram(program, ctx)) return 'which is not found here'
  if (range === '*') return undefined
  const said = await versionOf(program, ctx)
  return said === null || isIn(said, range) ? undefined : `and this is "${said}"`
}
