import type { Note } from './artifact.js'
import type { ErrorCode } from './errors.js'

/** What a note means and when it is shown. `strict`: the error that `--strict` makes of it. `quiet`: shown only by `info` and with `--verbose`. `many`:
    one registry may cause dozens, of which only the first few are shown; the value says where all of them are. */
interface Meaning {
  meaning: string
  strict?: ErrorCode
  quiet?: true
  many?: 'haal agentos' | '--verbose'
}

/** Everything haal tells without stopping. Codes are stable: programs read them in `warnings`. */
export const notes = {
  W_FRONTMATTER: {
    meaning: 'the head of a file cannot be read; the artifact has its folder’s name',
    strict: 'E_FRONTMATTER',
    many: '--verbose',
  },
  W_SKILL: { meaning: 'a skill departs from the Agent Skills text', strict: 'E_FRONTMATTER', quiet: true },
  W_NAME: { meaning: 'a name is not kebab-case', strict: 'E_NAME', many: '--verbose' },
  W_NAME_UNSAFE: { meaning: 'something is not offered because its name is not safe as a path', strict: 'E_NAME' },
  W_IDENTITY: {
    meaning: 'an artifact calls itself otherwise than its registry does',
    strict: 'E_IDENTITY',
    quiet: true,
  },
  W_VERSION: { meaning: 'index and artifact disagree on the version; the index is used', many: '--verbose' },
  W_DUPLICATE: { meaning: 'a registry offers one name at several paths; the first is used', many: '--verbose' },
  W_ID: {
    meaning: 'one id stands for several artifacts of a registry, or is the name of another; the name counts',
    many: '--verbose',
  },
  W_LINK: { meaning: 'something is not offered because it is a link', many: '--verbose' },
  W_UNSUPPORTED: { meaning: 'a registry holds something of a kind haal does not install', many: '--verbose' },
  W_SOURCE_ONLY: {
    meaning: 'an extension is source only and cannot be loaded before it is built',
    many: 'haal agentos',
  },
  W_DEPENDENCIES: { meaning: 'an extension needs npm packages that it does not bring', many: 'haal agentos' },
  W_SECRETS: { meaning: 'an extension needs secrets', many: 'haal agentos' },
  W_PERSONA: { meaning: 'a persona lacks something its loader asks for', strict: 'E_MANIFEST', many: '--verbose' },
  W_AGENTOS_VERSION: { meaning: 'an extension asks for a version of AgentOS', quiet: true },
  W_DEPRECATED: { meaning: 'an artifact’s author says it should no longer be used' },
  W_STALE: { meaning: 'a registry cannot be reached, and its cached answer is used' },
  W_TOKEN_LITERAL: { meaning: 'a token stands in a file of the project instead of a variable' },
  W_TOKEN_UNUSED: { meaning: 'a token is given for an address that none can be sent to' },
  W_POLICY_WIDENS: { meaning: 'a policy would allow more than one before it; that part has no effect' },
  W_POLICY_TOOL: { meaning: 'a policy lists a tool that haal does not know; that part has no effect' },
  W_POLICY_AUDIT: { meaning: 'an audit log that policy asks for is not written' },
  W_POLICY_UNASKED: { meaning: 'the primary registry was not asked for its policy' },
  W_POLICY_SEEN: { meaning: 'what was seen of policies and signatures cannot be remembered' },
  W_NEEDS: { meaning: 'an artifact needs a program that is not found here', strict: 'E_NEEDS' },
  W_NO_FILES: { meaning: 'a registry lists something that has no files', many: '--verbose' },
  W_NO_MATCH: { meaning: 'a pattern fits nothing that the registries have' },
  W_GONE: { meaning: 'only a pattern asks for an artifact, and no registry has it any more: it is taken away' },
  W_PINNED: { meaning: 'an update names a pinned artifact, which stays' },
  W_NO_RANGE: { meaning: 'update --latest leaves an entry that names a branch, a tag or a commit as it is' },
  W_NO_VERSION: { meaning: 'an update finds no version in the range; the artifact stays as it is' },
  W_UNRESOLVED: { meaning: 'not all that haal.json asks for can be had; what a command does not name stays as it is' },
  W_OLDER: { meaning: 'an update leads to an older version, because the registry has that now' },
  W_MEMBER_MISSING: { meaning: 'a bundle lists something that no registry has', many: '--verbose' },
  W_REGISTRY_MISSING: {
    meaning: 'a registry was left out: it does not answer and --allow-missing is given, or policy forbids it',
  },
  W_REGISTRY_NAME: { meaning: 'the primary lists a registry under a name that the configuration gives to another' },
  W_REGISTRY_LIST: { meaning: 'the primary lists others in .haal/registries.json and otherwise in registries.json' },
  W_LOCK_SOURCE: { meaning: 'a rollback brought back a registry that the configuration does not have' },
  W_REGISTRY: { meaning: 'an artifact comes from another registry than before, and no request says so' },
  W_REF: {
    meaning:
      'a registry is at another ref than haal.lock had it: an install or update follows that, a rollback goes back',
  },
  W_RENAMED: { meaning: 'a registry has another name in the configuration than in haal.lock, which follows' },
  W_SAME: { meaning: 'the generation before is the same but for registries, which a rollback leaves as they are' },
  W_KEPT: { meaning: 'files that a person changed or added are left as they are' },
  W_SAVED: { meaning: 'what a person had in a place that haal writes is kept aside' },
  W_LEFT: { meaning: 'a command is done, or undone, but something of it could not be tidied away' },
  W_CONFIG_KEY: { meaning: 'a configuration has a key that haal does not use' },
  W_AUTO_INSTALL: { meaning: 'a configuration asks for autoInstall, which does nothing in haal' },
  W_NO_PLACE: { meaning: 'a tool has no place for something that is installed' },
  W_LOST: { meaning: 'files lost bytes when the machine stopped, and the store has lost them too' },
} as const satisfies Record<string, Meaning>

type NoteCode = keyof typeof notes

export function note(code: NoteCode, message: string): Note {
  return { code, message }
}

/** The error that `--strict` makes of a note; undefined where it stays a note. */
export function strictCode({ code }: Note): ErrorCode | undefined {
  return meaningOf(code)?.strict
}

/** Whether a note is shown only by `info` and with `--verbose`. */
export function isQuiet({ code }: Note): boolean {
  return meaningOf(code)?.quiet === true
}

/** Where all notes with this code are shown, if only the first few of many are shown elsewhere. */
export function whereAll(code: string): string | undefined {
  return meaningOf(code)?.many
}

function meaningOf(code: string): Meaning | undefined {
  return Object.hasOwn(notes, code) ? notes[code as NoteCode] : undefined
}
