import type { Policy } from '../../model/policy.js'
import { type Chosen, sourceOf } from '../../resolve/choose.js'
import type { Session } from '../session/session.js'

/** Hours that bytes must have been published for; 0 where no rule asks. */
export function wantedAge({ rules }: Policy): number {
  return Math.max(0, ...rules['content.minimumAgeHours'].map(({ value }) => value))
}

/** When the bytes of a chosen artifact were published, as their source says: npm of a version, git of the newest commit that touched the path. Looked
    for only where a rule wants an age; undefined where nobody can say. */
export async function publishedAt(
  chosen: Chosen,
  hours: number,
  { ctx, shop }: Pick<Session, 'ctx' | 'shop'>,
): Promise<Date | undefined> {
  const { artifact, tree, revision } = chosen
  if (hours === 0 || artifact.content.definition !== undefined) return undefined
  if (tree.published !== undefined) return tree.published()
  const isOld = tree.committed !== undefined && ctx.now().getTime() - tree.committed.getTime() >= hours * 3_600_000
  if (isOld) return tree.committed
  const { transport, reach } = await sourceOf(chosen, shop)
  if (transport.history === undefined) return tree.committed
  for await (const { id } of transport.history(revision, artifact.content.path, reach))
    return (await transport.open({ at: revision.at, id }, reach)).committed ?? tree.committed
  return tree.committed
}
