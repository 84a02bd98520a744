/** Whether a licence, as an artifact states it, is granted by a list: an SPDX expression (`MIT OR (Apache-2.0 AND BSD-3-Clause)`), or any other text
    that the list has word for word. Letter case does not matter, as SPDX has it. */
export function isLicensed(stated: string, granted: readonly string[]): boolean {
  const list = new Set(granted.map((licence) => licence.trim().toLowerCase()))
  const text = stated.trim().toLowerCase()
  if (list.has(text)) return true
  const tokens = text.match(/\(|\)|[^\s()]+/g) ?? []
  if (tokens.length > mostTokens) return false
  const reading = { tokens, at: 0 }
  return either(reading, list) === true && reading.at === tokens.length
}

/** Words and brackets of an expression; whole distributions get by with fewer. */
const mostTokens = 1000

interface Reading {
  tokens: readonly string[]
  at: number
}

/** Undefined where the text is no expression. */
type Answer = boolean | undefined

function either(reading: Reading, list: ReadonlySet<string>): Answer {
  let answer = all(reading, list)
  while (answer !== undefined && taken(reading, 'or')) {
    const other = all(reading, list)
    answer = other === undefined ? undefined : answer || other
  }
  return answer
}

function all(reading: Reading, list: ReadonlySet<string>): Answer {
  let answer = one(reading, list)
  while (answer !== undefined && taken(reading, 'and')) {
    const other = one(reading, list)
    answer = other === undefined ? undefined : answer && other
  }
  return answer
}

function one(reading: Reading, list: ReadonlySet<string>): Answer {
  if (taken(reading, '(')) {
    const answer = either(reading, list)
    return taken(reading, ')') ? answer : undefined
  }
  const licence = reading.tokens[reading.at]
  if (licence === undefined || [')', 'and', 'or', 'with'].includes(licence)) return undefined
  reading.at += 1
  if (!taken(reading, 'with')) return list.has(licence)
  const exception = reading.tokens[reading.at] ?? ''
  reading.at += 1
  return list.has(`${licence} with ${exception}`)
}

function taken(reading: Reading, token: string): boolean {
  if (reading.tokens[reading.at] !== token) return false
  reading.at += 1
  return true
}
