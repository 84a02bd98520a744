/** A test for a pattern in which `*` stands for any text within one segment; `*` alone stands for everything. Runs in linear time:
    each piece is searched once, left to right, and a piece can only be found where the text before it has no `/`. */
export function wildcard(pattern: string): (text: string) => boolean {
  if (pattern === '*') return () => true
  const segments = pattern.split('/')
  const tests = segments.map(segmentTest)
  return (text) => {
    const parts = text.split('/')
    return parts.length === tests.length && tests.every((test, i) => test(parts[i] ?? ''))
  }
}

function segmentTest(pattern: string): (text: string) => boolean {
  const [head = '', ...rest] = pattern.split('*')
  const tail = rest.pop()
  if (tail === undefined) return (text) => text === head
  return (text) => {
    if (!text.startsWith(head) || !text.endsWith(tail) || text.length < head.length + tail.length) return false
    const end = text.length - tail.length
    let at = head.length
    for (const piece of rest) {
      const next = text.indexOf(piece, at)
      if (next < 0 || next + piece.length > end) return false
      at = next + piece.length
    }
    return true
  }
}
