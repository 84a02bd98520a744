import type { Pointer } from '../../model/artifact.js'
import type { Chosen } from '../../resolve/choose.js'

/** Transports that can, fetch the folders of many artifacts together. */
export async function prefetch(chosen: readonly Chosen[]): Promise<void> {
  const trees = [...new Set(chosen.map(({ tree }) => tree))]
  await Promise.all(
    trees.map((tree) =>
      tree.prefetch?.(
        chosen.filter((one) => one.tree === tree).flatMap(({ artifact: { content } }) => pathsOf(content)),
      ),
    ),
  )
}

/** The folders or files of its tree that an artifact is. */
export function pathsOf({ path, include, definition }: Pointer): string[] {
  if (definition !== undefined) return []
  return include === undefined ? [path] : include.map((each) => (path === '' ? each : `${path}/${each}`))
}
