import { fail } from '../model/errors.js'
import { limits, sizeText } from '../model/limits.js'

/** How large an artifact may be; policy may set less. */
export interface Budget {
  entries: number
  /** All its files together, in bytes. */
  artifact: number
  /** One file, in bytes. */
  file: number
}

export const defaultBudget: Budget = { entries: limits.entries, artifact: limits.expanded, file: limits.file }

/** Throws E_LIMIT_ENTRIES, naming the budget. */
export function checkCount(what: string, count: number, { entries }: Budget): void {
  if (count > entries)
    fail('E_LIMIT_ENTRIES', `${what} has ${count} files; the budget is ${entries} (budget: entries)`, {
      details: { budget: 'entries', limit: entries },
    })
}

/** Adds up the sizes of an artifact's files; throws E_LIMIT_SIZE, naming the budget, at the first that is too much. */
export function sizeMeter(what: string, budget: Budget): (path: string, size: number) => void {
  let sum = 0
  return (path, size) => {
    sum += size
    if (size > budget.file) tooLarge(`${what}: ${path}`, 'file', budget)
    if (sum > budget.artifact) tooLarge(what, 'artifact', budget)
  }
}

function tooLarge(what: string, name: 'file' | 'artifact', budget: Budget): never {
  return fail('E_LIMIT_SIZE', `${what} is larger than ${sizeText(budget[name])} (budget: ${name})`, {
    details: { budget: name, limit: budget[name] },
  })
}
