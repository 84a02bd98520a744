/** Exit classes. A shell can tell them apart without reading a word. */
export const exits = {
  bug: 1,
  usage: 2,
  missing: 3,
  conflict: 4,
  policy: 5,
  integrity: 6,
  registry: 7,
  busy: 8,
  drift: 9,
} as const

/** Every failure haal can report: its exit class and what it means. `haal help errors` and docs/errors.md print this table. */
export const errors = {
  E_BUG: [1, 'haal itself failed; please report it'],
  E_USAGE: [2, 'the command line is not understood'],
  E_CONFIG: [2, 'a configuration file says something haal cannot use'],
  E_CONFIG_PARSE: [2, 'a configuration file is not valid JSON or YAML'],
  E_TRANSPORT: [2, 'this kind of address is not allowed here, or haal does not speak it'],
  E_URL_CREDENTIALS: [2, 'an address carries a user name, password or token'],
  E_TOKEN_UNSET: [2, 'a token refers to an environment variable that is not set'],
  E_TOKEN_UNTRUSTED: [2, 'a project asks to send a token to an origin that nothing outside the project binds to it'],
  E_VERSION: [2, 'a version is longer or larger than any version may be'],
  E_LOCK_PARSE: [2, 'haal.lock is not valid'],
  E_LOCK_VERSION: [2, 'haal.lock was written by a newer haal'],
  E_LOCK_PATH: [2, 'haal.lock records a place outside the project'],
  E_LOCK_SOURCE: [2, 'haal.lock names a registry or address that the configuration does not'],
  E_LOCK_INTEGRITY: [2, 'haal.lock has an artifact without a usable digest'],
  E_STATE_UNSAFE: [2, 'a folder haal keeps its state in is a link or a file, or was put there by another user'],
  E_STATE_NEWER: [2, 'the state on disk was written by a newer haal'],
  E_CANNOT_ASK: [2, 'a question needs a terminal'],
  E_NOT_FOUND: [3, 'no registry has an artifact of this name, or nothing configured here has it'],
  E_NOT_INSTALLED: [3, 'the artifact is not installed'],
  E_NO_VERSION: [3, 'the registry that owns the name has no version in this range'],
  E_NO_ROUTE: [3, 'a kind is routed to no registry'],
  E_NO_REGISTRY: [3, 'no registry is configured'],
  E_NO_GENERATION: [3, 'there is no such generation'],
  E_ENTRY_MISSING: [3, 'the registry lists the artifact, but its files are not there'],
  E_NEEDS: [3, 'an artifact needs a program that is not here'],
  E_REF: [3, 'a branch, tag or commit does not exist'],
  E_AMBIGUOUS: [4, 'the name fits several artifacts'],
  E_CONFLICT: [4, 'a file of yours is in the way'],
  E_REQUIRED_BY: [4, 'another artifact or the policy needs this one'],
  E_PINNED: [4, 'haal.json pins the artifact to another version'],
  E_RECOVERY: [4, 'an interrupted command cannot be undone because its files were changed meanwhile'],
  E_POLICY_LOAD: [5, 'a policy cannot be read, reached or verified'],
  E_POLICY_SCHEMA: [5, 'a policy says something haal does not know'],
  E_POLICY_VERSION: [5, 'a policy is older than the one last seen, or has changed under the same version'],
  E_POLICY_REGISTRY: [5, 'policy does not allow this registry'],
  E_POLICY_NAMESPACE: [5, 'policy binds this name to another registry'],
  E_POLICY_ARTIFACT: [5, 'policy does not allow this artifact'],
  E_POLICY_REQUIRED: [5, 'policy requires an artifact that is missing or would be removed'],
  E_POLICY_PINNED: [5, 'policy pins another version'],
  E_POLICY_CONTENT: [5, 'policy does not allow what the artifact contains'],
  E_POLICY_TARGET: [5, 'policy does not allow this tool'],
  E_POLICY_TOOL: [5, 'policy asks for another version of haal or of a tool'],
  E_POLICY_AUDIT: [5, 'the audit log that policy requires cannot be written'],
  E_APPROVAL: [5, 'an artifact brings something that runs, and nobody has approved it'],
  E_INTEGRITY: [6, 'bytes differ from the digest that names them'],
  E_CHECKSUM: [6, 'a registry differs from the checksum in the configuration'],
  E_PIN_MOVED: [6, 'a tag points at another commit than it did'],
  E_IDENTITY: [6, 'the artifact says it is another one than the registry says'],
  E_PATH_ESCAPE: [6, 'a path leads out of its folder'],
  E_PATH_ABSOLUTE: [6, 'a path is absolute'],
  E_PATH_FORBIDDEN: [6, 'a name is reserved or cannot exist on every platform'],
  E_PATH_COLLISION: [6, 'two names are one on some platforms'],
  E_NAME: [6, 'a name is not safe to use as a path'],
  E_ARCHIVE: [6, 'an archive is not valid'],
  E_ARCHIVE_DUPLICATE: [6, 'an archive has one path twice'],
  E_ARCHIVE_TRUNCATED: [6, 'an archive is cut short or damaged'],
  E_ENTRY_TYPE: [6, 'an artifact contains a link, device or other thing that is not a plain file'],
  E_ENTRY_MODE: [6, 'a file is setuid or setgid'],
  E_HIDDEN_UNICODE: [6, 'text contains characters that people cannot see'],
  E_FRONTMATTER: [6, 'the head of a file is not valid'],
  E_JSON: [6, 'a file of a registry is not valid JSON'],
  E_JSON_KEY: [6, 'JSON uses a key twice, or one that is never safe'],
  E_INDEX: [6, 'the index of a registry says something haal cannot use'],
  E_MANIFEST: [6, 'a manifest inside an artifact says something haal cannot use'],
  E_LIMIT_SIZE: [6, 'something is larger than haal accepts'],
  E_LIMIT_ENTRIES: [6, 'an artifact or archive has more files than haal accepts'],
  E_LIMIT_DEPTH: [6, 'folders or JSON are nested deeper than haal accepts'],
  E_LIMIT_PATH: [6, 'a path is longer than haal accepts'],
  E_LIMIT_RATIO: [6, 'an archive expands more than haal accepts'],
  E_CACHE: [6, 'stored bytes are damaged and cannot be fetched again'],
  E_SIG: [6, 'a signature does not fit the bytes it is for'],
  E_SIG_MISSING: [6, 'a signature is required and missing'],
  E_SIG_KEY: [6, 'a signature was made with a key that is not trusted here'],
  E_SIG_SUBJECT: [6, 'a signature is for something else'],
  E_INDEX_ROLLBACK: [6, 'a signed index is older than the one last seen'],
  E_INDEX_EXPIRED: [6, 'a signed index is past its date'],
  E_REGISTRY_UNAVAILABLE: [7, 'a registry does not answer, or not as a registry'],
  E_CHANGED: [7, 'something was changed while haal read it, or an archive is not what its repository holds'],
  E_ACCESS: [7, 'a registry says "not found" or "no access"'],
  E_OFFLINE: [7, 'the network is needed and not allowed'],
  E_HTTP_TRUNCATED: [7, 'an answer was cut short'],
  E_REDIRECT: [7, 'a redirect leads where haal may not follow'],
  E_TIMEOUT: [7, 'the time budget ran out'],
  E_DISK: [2, 'the disk refused: full, read-only or no permission'],
  E_BUSY: [8, 'another haal works on what this command would change'],
  E_FROZEN: [9, 'the project, its lockfile and its files are not the same'],
  E_DRIFT: [9, 'installed files differ from haal.lock'],
  E_NO_LOCK: [9, 'there is no haal.lock'],
  E_INTERRUPTED: [130, 'stopped by a signal'],
} as const satisfies Record<string, readonly [exit: number, meaning: string]>

const unsigned = 'nothing was written; its owner has to sign it: haal registry sign, or haal policy sign'

/** Hints for codes, used where `fail` is given none. */
const hints: Partial<Record<ErrorCode, string>> = {
  E_CONFIG: 'correct it there, and look again: haal doctor',
  E_CONFIG_PARSE: 'correct it there, and look again: haal doctor',
  E_TRANSPORT: 'use https, ssh, a GitHub repository, a path or npm:<package>',
  E_REF: 'name a branch, a tag, a version or a whole commit id that is there; without one, the newest comes',
  E_REGISTRY_UNAVAILABLE: 'check the address and what lies there; see which registries answer: haal registry ping',
  E_TIMEOUT: 'check the network, or try again later',
  E_LOCK_PARSE: 'restore the lockfile from git, or delete it and run: haal install',
  E_POLICY_LOAD: 'haal does nothing without the policies that apply here; mend it, or ask who keeps it',
  E_POLICY_SCHEMA: 'haal does nothing without the policies that apply here; mend it, or ask who keeps it',
  E_VERSION:
    'nothing was written; a version is at most 256 characters in one line, and no part of it a number beyond 2^53',
  E_NAME: 'nothing was written; a name has letters, digits and dashes, best in lower case',
  E_IDENTITY: 'nothing was written; that the two agree is for the owner of the registry',
  E_SIG: unsigned,
  E_SIG_MISSING: unsigned,
  E_SIG_SUBJECT: unsigned,
  E_CACHE: 'nothing was written; have it fetched again: haal cache clean, and the command once more',
  E_INTEGRITY: 'nothing was written; ask once more with --refresh, and then the owner of the registry',
}

/** What an archive, an index or an artifact can be refused for. */
const content = /^E_(PATH|ARCHIVE|ENTRY|LIMIT|JSON|INDEX|MANIFEST|FRONTMATTER)/
const forTheAuthor = 'nothing was written; what is refused is for its author to mend'

/** Any of the codes that docs/errors.md lists. They never change their meaning. */
export type ErrorCode = keyof typeof errors

export interface ErrorMore {
  /** The next move, ready to paste where it is a command. */
  hint?: string | undefined
  /** Facts for programs; printed by --json only. */
  details?: Record<string, unknown>
  cause?: unknown
}

/** A failure a person can act on: what was wrong, and what to do next. */
export class HaalError extends Error {
  // Node prints the name of the class, and minified code has another.
  static {
    Object.defineProperty(HaalError, 'name', { value: 'HaalError' })
  }
  readonly hint: string | undefined
  readonly details: Record<string, unknown>
  constructor(
    readonly code: ErrorCode,
    message: string,
    more: ErrorMore = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause })
    this.name = 'HaalError'
    this.hint = more.hint ?? hints[code] ?? (content.test(code) ? forTheAuthor : undefined)
    this.details = more.details ?? {}
  }
  get exit(): number {
    return errors[this.code][0]
  }
}

/** What stopped a command, in the words of whoever gave the signal where they gave any. */
export function interruption(signal: AbortSignal): HaalError {
  return signal.reason instanceof HaalError ? signal.reason : new HaalError('E_INTERRUPTED', 'stopped')
}

/** A failure that nobody has foreseen: haal's own. */
export function bug(cause: unknown, hint: string): HaalError {
  const what = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)
  return new HaalError('E_BUG', `haal itself failed: ${what}`, { hint, cause })
}

/** Throws where an expression is expected: `const x = find() ?? fail('E_NOT_FOUND', …)`. */
export function fail(code: ErrorCode, message: string, more?: ErrorMore): never {
  throw new HaalError(code, message, more)
}

/** Codes of a registry that cannot be asked now but may be later. */
export const unanswered = [
  'E_REGISTRY_UNAVAILABLE',
  'E_ACCESS',
  'E_OFFLINE',
  'E_HTTP_TRUNCATED',
  'E_TIMEOUT',
] as const satisfies readonly ErrorCode[]

/** Runs `attempt`; if it throws one of `codes`, answers with `instead`. Every other failure passes through. */
export async function onError<T, U>(
  codes: readonly ErrorCode[],
  attempt: () => T | Promise<T>,
  instead: (e: HaalError) => U | Promise<U>,
): Promise<T | U> {
  try {
    return await attempt()
  } catch (e) {
    if (e instanceof HaalError && codes.includes(e.code)) return instead(e)
    throw e
  }
}
