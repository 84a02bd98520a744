import type { ApprovedPlan } from '../../model/plan.js'
import type { Edit } from '../../state/config/edit.js'
import { editConfig } from '../../state/config/manifest-edit.js'
import { apply } from '../../state/transaction/apply.js'
import type { Session } from '../session/session.js'
import { noteForNext } from '../up-to-date/note.js'
import { writeNames } from './completion-names.js'
import { rememberProject } from './known-projects.js'

/** Carries out an approved plan and the edits of haal.json that go with it, in one commit; answers the generation it made. */
export async function commit(session: Session, plan: ApprovedPlan, edits: readonly Edit[]): Promise<number> {
  const { ctx, site } = session
  const text = edits.length === 0 ? undefined : await editConfig(ctx.disk, site.manifestFile, edits)
  const unpacked = new Map<string, readonly string[]>()
  const generation = await applied(session, plan, { text, unpacked })
  if (isProjects(session)) {
    writeNames(session, plan.to.lock)
    await noteForNext(session, { plan, generation, unpacked })
  }
  return generation
}

interface Applying {
  /** What haal.json is to be. */
  text: string | undefined
  unpacked: Map<string, readonly string[]>
}

async function applied(session: Session, plan: ApprovedPlan, { text, unpacked }: Applying): Promise<number> {
  const forget = isProjects(session) ? rememberProject(session) : () => undefined
  try {
    return await apply(plan, {
      ...session.site,
      manifestText: () => text,
      unpacked: (place, names) => void unpacked.set(place, names),
    })
  } catch (e) {
    forget()
    throw e
  }
}

/** A copy that no project has leaves the project as it is. */
function isProjects({ site, root }: Session): boolean {
  return site.root === root
}
