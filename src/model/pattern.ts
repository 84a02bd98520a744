/** A test for a pattern in which `*` stands for any text within one segment; `*` alone stands for everything. */
export function wildcard(pattern: string): (text: string) => boolean {
  if (pattern === '*') return () => true
  const segments = pattern.split('/')
  return (text) => {
    const parts = text.split('/')
    return parts.length === segments.length && segments.every((segment, i) => fits(segment, parts[i] ?? ''))
  }
}

/** A string, read one UTF-16 unit at a time; a test counts the reads. */
export interface Text {
  readonly length: number
  charCodeAt(index: number): number
}

const star = '*'.charCodeAt(0)

/** Whether a pattern in which `*` stands for any text, the empty one too, fits the whole text. Looks at each unit of the text and of the pattern a
    small constant number of times: the pieces between the stars are looked for from left to right, each in linear time. */
export function fits(pattern: Text, text: Text): boolean {
  const pieces = piecesOf(pattern)
  const [head] = pieces
  const tail = pieces.at(-1)
  if (head === undefined || tail === undefined) return false
  if (pieces.length === 1) return text.length === head.length && startsAt(text, 0, head)
  const end = text.length - tail.length
  if (end < head.length || !startsAt(text, 0, head) || !startsAt(text, end, tail)) return false
  let from = head.length
  for (const piece of pieces.slice(1, -1)) {
    const found = find(text, piece, { from, to: end })
    if (found < 0) return false
    from = found + piece.length
  }
  return true
}

type Piece = readonly number[]

function piecesOf(pattern: Text): Piece[] {
  const pieces: number[][] = [[]]
  for (let i = 0; i < pattern.length; i += 1) {
    const unit = pattern.charCodeAt(i)
    if (unit === star) pieces.push([])
    else pieces.at(-1)?.push(unit)
  }
  return pieces
}

function startsAt(text: Text, from: number, piece: Piece): boolean {
  return piece.every((unit, i) => text.charCodeAt(from + i) === unit)
}

/** Where a piece first lies wholly within [from, to); -1 where nowhere. Knuth, Morris and Pratt: no unit of the text is looked at twice. */
function find(text: Text, piece: Piece, { from, to }: { from: number; to: number }): number {
  if (piece.length === 0) return from
  const borders = bordersOf(piece)
  let matched = 0
  for (let i = from; i < to; i += 1) {
    const unit = text.charCodeAt(i)
    while (matched > 0 && piece[matched] !== unit) matched = borders[matched - 1] ?? 0
    if (piece[matched] === unit) matched += 1
    if (matched === piece.length) return i + 1 - matched
  }
  return -1
}

/** For each prefix of a piece, the length of its longest proper beginning that is also its end. */
function bordersOf(piece: Piece): number[] {
  const borders = [0]
  let matched = 0
  for (let i = 1; i < piece.length; i += 1) {
    while (matched > 0 && piece[matched] !== piece[i]) matched = borders[matched - 1] ?? 0
    if (piece[matched] === piece[i]) matched += 1
    borders.push(matched)
  }
  return borders
}
