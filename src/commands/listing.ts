import type { Paint } from '../model/command.js'
import type { ListedArtifact } from '../model/results.js'
import { clip, columns, textWidth } from '../model/text.js'

/** One line an artifact: what it is, its version, where it comes from, what is special about it. */
export function installedLines(artifacts: readonly ListedArtifact[], paint: Paint): string[] {
  const rows = artifacts.map(({ artifact, version, registry, verified }) => [
    artifact,
    version ?? '',
    origin(registry, verified),
  ])
  return columns(rows).map((row, i) => joined(row, paint.warn(special(artifacts[i]))))
}

/** The same for what registries offer, with author, id and, where the line has room, the description. */
export function offeredLines(artifacts: readonly ListedArtifact[], paint: Paint): string[] {
  const rows = artifacts.map(({ artifact, version, registry, verified, author, id }) => [
    artifact,
    version ?? '',
    origin(registry, verified),
    author ?? '',
    id ?? '',
    '',
  ])
  return columns(rows).map((row, i) => {
    const line = joined(row, '')
    const { installed, unavailable, elsewhere, description = '' } = artifacts[i] ?? {}
    if (unavailable !== undefined) return paint.dim(`${line}  cannot be installed: ${unavailable}`)
    const marks = [installed ? paint.good('installed') : '', elsewhere === undefined ? '' : `from ${elsewhere}`]
    const more = marks.filter(Boolean)
    const room = paint.width - textWidth(joined([line, ...more], '')) - 2
    return joined([line], joined(more, paint.dim(room < 12 ? '' : clip(description, room))))
  })
}

function origin(registry: string, verified: boolean): string {
  return verified ? `${registry} (verified)` : registry
}

function special(artifact: ListedArtifact | undefined): string {
  return [artifact?.pinned ? 'pinned' : '', artifact?.modified ? 'modified' : '']
    .filter((word) => word !== '')
    .join(', ')
}

function joined(cells: readonly string[], last: string): string {
  const line = cells.join('  ').trimEnd()
  return last === '' ? line : line === '' ? last : `${line}  ${last}`
}
