import type { Problem } from '../../model/results.js'

interface Found {
  problems: readonly Problem[]
  /** See `VerifyResult`. */
  behind?: boolean | undefined
}

/** The next move where something does not lie as haal.lock says; undefined where haal has none. A file that is missing from an artifact is a
    person's edit, an artifact that is missing as a whole is not. */
export function mendHint({ problems, behind }: Found): string | undefined {
  if (behind) return 'haal.lock has changed since: haal install'
  const is = (...kinds: Problem['problem'][]) => problems.some(({ problem }) => kinds.includes(problem))
  if (is('changed', 'added')) return 'see the edits: haal diff; undo them: haal install --force'
  if (!is('missing'))
    return is('not-locked')
      ? 'haal install takes away what came from haal; move the rest, which is yours, out of .haal'
      : undefined
  const isPart = problems.some(({ problem, path }) => problem === 'missing' && path.split('/').length > 3)
  return `put back what is missing: haal install${isPart ? ' --force' : ''}`
}
