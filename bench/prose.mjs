/** Text as artifacts hold it, for what depends on how well bytes compress and how alike files are: words of a vocabulary of 1,500, the first of it far
    more often than the last, in lines and paragraphs. The same seed makes the same text. */
export function prose(seed, bytes) {
  const next = numbers(seed)
  const lines = []
  for (let left = bytes; left > 0; left -= lines.at(-1).length + 1) lines.push(line(next, left))
  return `${lines.join('\n')}\n`
}

function line(next, most) {
  if (next() < 0.12) return ''
  const words = [next() < 0.1 ? '-' : vocabulary[pick(next)]]
  for (let length = words[0].length; length < 90; length += words.at(-1).length + 1) words.push(vocabulary[pick(next)])
  return words.join(' ').slice(0, Math.max(0, most - 1))
}

function pick(next) {
  return Math.floor(vocabulary.length * next() ** 3)
}

const syllables =
  'a be co de en fi gra ho in ju ke lo ment no or pre qui re sti tion un ver wa xe ly za er ing pro ed'.split(' ')

const vocabulary = (() => {
  const next = numbers(1)
  return Array.from({ length: 1500 }, () =>
    Array.from({ length: 1 + Math.floor(next() * 4) }, () => syllables[Math.floor(next() * syllables.length)]).join(''),
  )
})()

/** Numbers from 0 to 1, by Marsaglia's xorshift of 32 bits (https://doi.org/10.18637/jss.v008.i14). */
function numbers(seed) {
  let state = (seed + 1) * 2654435761
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 4294967296
  }
}
