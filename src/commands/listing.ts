import type { Paint } from '../model/command.js'
import type { ListedArtifact } from '../model/results.js'
import { clip, columns, textWidth } from '../model/text.js'

/** One line an artifact: what it is, its version, where it comes from, what is special about it. */
export function installedLines(artifacts: readonly ListedArtifact[], paint: Paint): string[] {
  const rows = artifacts.map((listed) => [listed.artifact, listed.version ?? '', originOf(listed), special(listed)])
  return columns(rows).map((row) => joined(row.slice(0, -1), paint.warn(row.at(-1) ?? '')))
}

/** The same for what registries offer, with whether it is installed, AgentOS's kind, author, id and description. On a narrow terminal kind, author and
    id are left out; `haal info` shows them. */
export function offeredLines(artifacts: readonly ListedArtifact[], paint: Paint): string[] {
  const whole = columns(filled(artifacts.map(cells)))
  const fits = textWidth(whole[0]?.join('  ') ?? '') + 24 <= paint.width
  const rows = fits
    ? whole
    : columns(filled(artifacts.map((each) => cells({ ...each, agentosKind: '', author: '', id: null }))))
  return rows.map((row, i) => {
    const { installed, unavailable, elsewhere, description = '' } = artifacts[i] ?? {}
    if (unavailable !== undefined)
      return paint.dim(`${row.slice(0, -1).join('  ')}  cannot be installed: ${unavailable}`)
    const from = elsewhere === undefined ? '' : `from ${elsewhere}`
    const room = paint.width - textWidth([...row.slice(0, -1), from].filter(Boolean).join('  ')) - 2
    const shown = installed ? row.map((cell) => (/^installed *$/.test(cell) ? paint.good(cell) : cell)) : row
    const more = joined(from === '' ? [] : [from], paint.dim(room < 12 ? '' : clip(description, room)))
    return `${shown.slice(0, -1).join('  ')}  ${more}`.trimEnd()
  })
}

function cells(listed: ListedArtifact): string[] {
  const { artifact, version, installed, agentosKind, author, id } = listed
  const here = installed ? 'installed' : ''
  return [artifact, version ?? '', originOf(listed), here, agentosKind ?? '', author ?? '', id ?? '', '']
}

/** Without empty columns, except the last, behind which the caller adds more. */
function filled(rows: readonly (readonly string[])[]): string[][] {
  const width = rows[0]?.length ?? 0
  const kept = new Set(Array.from({ length: width }, (_, i) => i).filter((i) => rows.some((each) => each[i] !== '')))
  return rows.map((row) => row.filter((_, i) => i === row.length - 1 || kept.has(i)))
}

/** The registry, and whether it is verified by the configuration or only says so itself. */
export function originOf({ registry, verified, saysVerified }: ListedArtifact): string {
  if (verified) return `${registry} (verified)`
  return saysVerified ? `${registry} (says verified)` : registry
}

function special({ pinned, modified, missing, copies }: ListedArtifact): string {
  return [pinned ? 'pinned' : '', modified ? 'modified' : '', missing ? 'missing' : '', copied(copies)]
    .filter((word) => word !== '')
    .join(', ')
}

/** The first two, because there may be many. */
function copied(copies: readonly string[] = []): string {
  const more = copies.length > 2 ? ` and ${copies.length - 2} more` : ''
  return copies.length === 0 ? '' : `copied to ${copies.slice(0, 2).join(', ')}${more}`
}

function joined(cells: readonly string[], last: string): string {
  const line = cells.join('  ')
  return last === '' ? line.trimEnd() : line === '' ? last : `${line}  ${last}`
}
