/** The word a person most likely meant, for "did you mean": the only one that begins with what they wrote, else the closest; undefined where none is
    close. */
export function nearest(word: string, words: Iterable<string>): string | undefined {
  const all = [...words]
  const [begun, other] = all.filter((each) => each.toLowerCase().startsWith(word.toLowerCase()))
  if (word.length >= leastBegun && begun !== undefined && other === undefined) return begun
  return closest(word, all)
}

const leastBegun = 3

function closest(word: string, words: readonly string[]): string | undefined {
  const far = Math.min(word.length, Math.max(1, Math.floor(word.length / 3)) + 1)
  let best: { word: string; distance: number } | undefined
  for (const each of words) {
    if (Math.abs(each.length - word.length) >= far) continue
    const distance = editDistance(word.toLowerCase(), each.toLowerCase())
    if (distance < (best?.distance ?? far)) best = { word: each, distance }
  }
  return best?.word
}

/** Insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b` (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1]
      const cheapest = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + (same ? 0 : 1))
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      row.push(swapped ? Math.min(cheapest, at(before, j - 2) + 1) : cheapest)
    }
    before = last
    last = row
  }
  return at(last, b.length)
}

function at(row: readonly number[], i: number): number {
  return row[i] ?? Number.POSITIVE_INFINITY
}
