import type { Taken } from '../../model/artifact.js'
import { refOf } from '../../model/kinds.js'
import { soundIn } from '../../model/store.js'
import { asksForContent } from '../../policy/content.js'
import { sizeLimits } from '../../policy/grants.js'
import type { Chosen } from '../../resolve/choose.js'
import type { Session } from '../session/session.js'
import { take } from './into-store.js'
import { pathsOf } from './prefetch.js'

/** As `take`, without reading an artifact of a live folder again that nobody has touched since it was taken in as haal.lock has it. What an earlier
    command wrote down counts only where it is what haal.lock says: it can leave things as they are, never bring something. */
export async function takeOrRecall(session: Session, chosen: Chosen): Promise<Taken> {
  const { memory } = chosen.tree
  if (memory === undefined || chosen.shelf.signers !== undefined) return take(session, chosen)
  const { artifact, version } = chosen
  const about = `bytes ${refOf(artifact.kind, artifact.name)} ${artifact.content.path}`
  const of = JSON.stringify([version ?? null, artifact])
  const made = memory.recall(about, of)
  const before = made === undefined ? undefined : asLocked(session, chosen, made)
  if (before !== undefined) return before
  const taken = await take(session, chosen)
  memory.keep(about, { of, made: textOf(taken), listed: pathsOf(artifact.content) })
  return taken
}

function textOf({
  integrity,
  version,
  reading: { entry, loadable },
}: Pick<Taken, 'integrity' | 'version' | 'reading'>) {
  return JSON.stringify([integrity, version, entry ?? null, loadable ?? null])
}

/** undefined where haal.lock has another, or where a rule wants to know more of it than is known without reading. */
function asLocked({ lock, policy, store }: Session, { artifact, revision }: Chosen, made: string): Taken | undefined {
  const ref = refOf(artifact.kind, artifact.name)
  const locked = lock.artifacts[ref]
  if (locked === undefined) return undefined
  const { integrity, version, entry, loadable } = locked
  const reading: Taken['reading'] = {
    notes: [],
    ...(entry !== undefined && { entry }),
    ...(loadable !== undefined && { loadable }),
  }
  const taken = { ...artifact, version, revision, integrity, reading }
  if (textOf(taken) !== made || Object.keys(sizeLimits(policy)).length > 0) return undefined
  return asksForContent(policy, ref) && soundIn(store, integrity) === undefined ? undefined : taken
}
