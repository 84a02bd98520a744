import type { Note } from '../model/artifact.js'
import { nearest } from '../model/nearest.js'
import { note } from '../model/notes.js'
import type { Policy } from '../model/policy.js'
import { toolNames } from '../model/targets.js'
import { named, widenings } from './merge.js'

/** What of the policies has no effect, for those who wrote them. */
export function remarks(policy: Policy): Note[] {
  return [...widenings(policy), ...strangeTools(policy)]
}

/** No error: a newer haal may know a tool that this one does not. */
function strangeTools({ rules }: Policy): Note[] {
  return rules['targets.allow'].flatMap(({ rule, source, value }) =>
    value.filter(isStrange).map((tool) => {
      const meant = nearest(tool, toolNames)
      const ask = meant === undefined ? '' : `; did you mean "${meant}"?`
      return note(
        'W_POLICY_TOOL',
        `${rule} of ${named(source)} lists "${tool}", which is no tool that haal knows${ask}`,
      )
    }),
  )
}

function isStrange(tool: string): boolean {
  return !toolNames.some((known) => known === tool.toLowerCase())
}
