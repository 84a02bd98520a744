import { type Digest, digestOf, digestOfHex, sha256Hex } from '../model/digest.js'
import { fail } from '../model/errors.js'
import type { SeenSigned } from '../model/policy.js'
import type { Statement } from './statement.js'

/** The bytes must be those that were signed, under the names they were signed by; the first name is the file that the signature lies beside.
    Throws E_SIG_SUBJECT. */
export function checkSubjects(
  { subjects }: Pick<Statement, 'subjects'>,
  { source, main, files }: { source: string; main: string; files: ReadonlyMap<string, Uint8Array> },
): void {
  const [first] = subjects
  if (first?.name !== main)
    fail('E_SIG_SUBJECT', `${source} signs ${first?.name ?? 'nothing'}, not ${main}`, { details: { expected: main } })
  for (const { name, sha256 } of subjects) {
    const bytes = files.get(name)
    const actual = bytes && sha256Hex(bytes)
    if (actual !== sha256)
      fail('E_SIG_SUBJECT', `${source} signs another ${name} than the one that is there`, {
        hint: 'if it is being published right now, try again in a moment with --refresh; otherwise ask its owner',
        details: { file: name, expected: sha256, actual: actual ?? null },
      })
  }
}

/** What was signed must not have expired, nor be older than what was seen before. Throws E_INDEX_EXPIRED, E_INDEX_ROLLBACK, and E_SIG_SUBJECT where
    its registryId has changed. */
export function checkFresh(statement: Statement, { source, now, seen }: Moment): void {
  const { registryId, version, expires } = statement
  if (new Date(expires) <= now)
    fail('E_INDEX_EXPIRED', `${source}: what was signed expired on ${expires}`, {
      hint: 'its owner has to sign it again: haal registry sign',
      details: { version, expires },
    })
  if (seen === undefined) return
  const details = { version, seen: seen.version }
  if (seen.id !== registryId)
    fail('E_SIG_SUBJECT', `${source} signs "${registryId}"; until now this was "${seen.id}"`, { details })
  const wrong = stepBack(statement, seen)
  if (wrong !== undefined)
    fail('E_INDEX_ROLLBACK', `${source}: what was signed ${wrong}`, {
      hint: 'somebody may be serving an old state; ask its owner',
      details,
    })
}

function stepBack(statement: Statement, seen: SeenSigned): string | undefined {
  const { version, previousDigest } = statement
  if (version < seen.version) return `is version ${version}, and version ${seen.version} was seen here`
  if (version === seen.version && signedDigest(statement) !== seen.digest)
    return `has changed and is still version ${version}`
  const isNext = version === seen.version + 1 && previousDigest !== null
  return isNext && previousDigest !== seen.digest
    ? `does not follow the version ${seen.version} that was seen here`
    : undefined
}

interface Moment {
  source: string
  now: Date
  seen: SeenSigned | undefined
}

/** One digest for all that a statement signs: of its one file, or of the list of them. */
export function signedDigest({ subjects }: Pick<Statement, 'subjects'>): Digest {
  const [first, ...others] = subjects
  if (first !== undefined && others.length === 0) return digestOfHex(first.sha256)
  return digestOf(subjects.map(({ name, sha256 }) => `${sha256} ${name}\n`).join(''))
}
