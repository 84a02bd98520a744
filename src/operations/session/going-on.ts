import { type ErrorCode, unanswered } from '../../model/errors.js'

/** The commands that have --allow-missing. */
export const goOnWithout: ReadonlySet<string> = new Set(['install', 'update', 'list', 'search'])

/** The commands that only show what the registries have: one that policy forbids has nothing to show. */
const showing: ReadonlySet<string> = new Set(['list', 'search'])

interface GoingOn {
  leavesOut: readonly ErrorCode[]
  mayAllowMissing: boolean
}

/** Without which of the registries below the primary a command goes on. */
export function goingOn(command: string, { allowMissing = false }: { allowMissing?: boolean }): GoingOn {
  const silent = allowMissing ? unanswered : []
  const forbidden = showing.has(command) ? (['E_POLICY_REGISTRY'] as const) : []
  return { leavesOut: [...silent, ...forbidden], mayAllowMissing: goOnWithout.has(command) }
}
