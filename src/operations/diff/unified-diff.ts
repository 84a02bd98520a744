/** A unified diff of two texts under the names given. Finding the fewest lines takes time with the square of how many differ: where that are more
    than anybody reads, all of the old text goes and all of the new one comes. */
export async function patchOf(
  [from, to]: readonly [string, string],
  [old, now]: readonly [string, string],
): Promise<string> {
  const { formatPatch, structuredPatch } = await import('diff')
  const between = (a: string, b: string) => structuredPatch(from, to, a, b)
  const few =
    old === '' || now === '' ? between(old, now) : structuredPatch(from, to, old, now, '', '', { maxEditLength })
  const linesOf = (a: string, b: string) => between(a, b).hunks.flatMap(({ lines }) => lines)
  const [gone, come] = few === undefined ? [linesOf(old, ''), linesOf('', now)] : [[], []]
  const whole = {
    oldStart: 1,
    oldLines: counted(gone),
    newStart: 1,
    newLines: counted(come),
    lines: [...gone, ...come],
  }
  return formatPatch(few ?? { ...between('', ''), hunks: [whole] }).replace(/^=+\n/, '')
}

const maxEditLength = 2000

/** "\ No newline at end of file" is no line. */
function counted(lines: readonly string[]): number {
  return lines.filter((line) => !line.startsWith('\\')).length
}
