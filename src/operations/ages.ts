import type { Policy } from '../model/policy.js'
import type { Chosen } from '../resolve/choose.js'

/** Hours that bytes must have been published for; 0 where no rule asks. */
export function wantedAge({ rules }: Policy): number {
  return Math.max(0, ...rules['content.minimumAgeHours'].map(({ value }) => value))
}

/** When the bytes of a chosen artifact were published, as their source says: npm of a version, git of the newest commit that touched the path. Looked
    for only where a rule wants an age; undefined where nobody can say. */
export async function publishedAt(
  { shelf, artifact, tree, revision }: Chosen,
  hours: number,
  now: Date,
): Promise<Date | undefined> {
  if (hours === 0 || artifact.content.definition !== undefined) return undefined
  const { transport, reach } = shelf
  const isOwn = artifact.content.elsewhere === undefined
  if (tree.published !== undefined) return tree.published()
  const isOld = tree.committed !== undefined && now.getTime() - tree.committed.getTime() >= hours * 3_600_000
  if (isOld || !isOwn || transport.history === undefined) return tree.committed
  for await (const { id } of transport.history(revision, artifact.content.path, reach))
    return (await transport.open({ at: revision.at, id }, reach)).committed ?? tree.committed
  return tree.committed
}
