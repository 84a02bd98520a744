import type { Choice, Event } from '../model/events.js'
import type { Outcome } from '../model/plan.js'

/** What `createHaal` takes. All of it is optional: without anything, haal works as the command line does in the same folder. What is given holds
    for this instance alone and is never written to a file. */
export interface HaalOptions {
  /** The folder to work in. As on the command line, the project is the nearest folder upwards with `haal.json` (or another
      name of it), `haal.lock` or `.haal/`, else the git root, else this folder itself. Default: the folder of the process. */
  cwd?: string | undefined
  /** Where haal keeps its store, its cache, what it trusts and the user's policy: the HAAL_HOME of this instance. Default: the one of `env`, else
      the platform's own place. */
  home?: string | undefined
  /** Environment variables: tokens (`${VAR}`), proxies, HAAL_POLICY and the others of the command line. Default: those of the process. */
  env?: Readonly<Record<string, string | undefined>> | undefined
  /** AgentOS's own type, functions included. In place of the project's registries and of how it routes kinds to them. */
  registryConfig?: RegistryConfig | undefined
  /** A list (the first is the primary) or a map, as in haal.json. In place of the project's registries. */
  registries?: readonly NamedRegistry[] | Readonly<Record<string, RegistrySource>> | undefined
  /** `kind/name`, an id or a pattern → range: wanted beside what haal.json asks for, and before it where both name one. Installed by the next
      `install()`; not written to haal.json. */
  artifacts?: Readonly<Record<string, string>> | undefined
  /** `kind/name` → version, beside haal.json's pins. */
  pins?: Readonly<Record<string, string>> | undefined
  /** Tools that the installed artifacts are placed for. In place of haal.json's. */
  targets?: readonly string[] | undefined
  /** Path or https URL of a policy. It joins the machine's, the user's and the project's: together they only tighten. */
  policy?: string | undefined
  /** A configuration file in place of haal.json. What code says is imported and given here. */
  config?: string | undefined
  /** Work on what is installed for the user instead of the project. */
  global?: boolean | undefined
  /** No connection at all; what is stored and cached may answer. */
  offline?: boolean | undefined
  /** Seconds to wait for another haal that changes the same project. Default: 10. */
  wait?: number | undefined
  /** Hears what happens while a call works. Warnings are part of every result as well. */
  onEvent?: ((event: Event) => void) | undefined
  /** Answers questions. Without it nothing is ever asked, and what needs an answer fails with E_APPROVAL, E_TOKEN_UNTRUSTED or E_CANNOT_ASK. */
  ask?: ((question: Question) => Promise<boolean | string[]>) | undefined
  /** Gives the passphrase of a private key that has one, where HAAL_KEY_PASSPHRASE does not. */
  askSecret?: ((message: string) => Promise<string>) | undefined
  /** Stops every call of this instance: it rejects with E_INTERRUPTED, and the project is as it was before. */
  signal?: AbortSignal | undefined
}

/** What may be asked: whether to go on where something would be removed or edits put aside; whether an artifact may bring what can run; whether a
    variable's token may go to an origin; which of several to take. The last is answered with the values that are chosen, the others with yes or no. */
export type Question =
  | { kind: 'confirm'; message: string; plan: Pick<Outcome, 'changes' | 'order' | 'shadowed' | 'warnings'> }
  | { kind: 'approve'; message: string; artifact: string; surface: readonly string[] }
  | { kind: 'trust'; message: string; origin: string; variable: string }
  | { kind: 'choose'; message: string; choices: readonly Choice[] }

/** AgentOS's `MultiRegistryConfig`. */
export interface RegistryConfig {
  /** Name → registry; the order of the keys is the order in which they are asked. */
  registries: Readonly<Record<string, RegistrySource>>
  /** Kind → the one registry that kind comes from. */
  defaultRegistries?: Readonly<Record<string, string | undefined>> | undefined
  /** Overrides `defaultRegistries`. Where it answers null, those decide, then a registry named `default`, then the order. */
  resolver?: ((kind: string) => string | null) | undefined
  cacheSettings?:
    | {
        enabled?: boolean | undefined
        /** Default: `cache` below `home`. */
        directory?: string | undefined
        /** Milliseconds. Default: 24 hours. */
        maxAge?: number | undefined
      }
    | undefined
}

/** AgentOS's `RegistrySource`, and what haal adds to it. */
export interface RegistrySource {
  type?: 'npm' | 'github' | 'git' | 'file' | 'url' | undefined
  /** An npm package, `owner/repo`, a git URL, a path (relative to `cwd`) or an https URL. */
  location?: string | undefined
  branch?: string | undefined
  /** The token itself, or `${VARIABLE}`. It is sent to this registry's origin and nowhere else, and is written nowhere. A variable that is not set
      is an error before anything is asked. */
  token?: string | undefined
  /** Shown and recorded; policy can require it. */
  verified?: boolean | undefined
  /** Milliseconds for which an answer is not asked for again. Default: 1 hour. */
  cacheDuration?: number | undefined
  /** AgentOS's; it does nothing here, `install()` is what installs. */
  autoInstall?: boolean | undefined
  /** The same as `location`. */
  url?: string | undefined
  /** Branch, tag, version or commit; the same as `branch`. */
  ref?: string | undefined
  /** The sha256 that the index, or the tree, must have. */
  checksum?: string | undefined
  /** Of a list's registries after the first, those with a higher priority are asked first. */
  priority?: number | undefined
  /** GitHub Enterprise: `https://ghe.corp.com`. */
  baseUrl?: string | undefined
}

/** A registry in a list. */
export interface NamedRegistry extends RegistrySource {
  name: string
}

/** What every call takes. */
export interface CallOptions {
  /** As in `HaalOptions`, for this call. */
  offline?: boolean | undefined
  /** Ask registries again, whatever is cached. */
  refresh?: boolean | undefined
  /** As in `HaalOptions`, for this call. */
  wait?: number | undefined
  /** Stops this call alone. */
  signal?: AbortSignal | undefined
}

/** What calls take that write something, but install nothing. */
export interface WriteOptions extends CallOptions {
  /** Answers what would be done, and writes nothing. */
  dryRun?: boolean | undefined
}

/** What every call takes that changes what is installed. */
export interface ChangeOptions extends CallOptions {
  /** Answers what would be done, and writes nothing; `generation` is null then. */
  dryRun?: boolean | undefined
  /** Go on where files were edited or are in the way, and keep them aside. */
  force?: boolean | undefined
  /** Artifacts that may bring what can run: hooks, scripts, MCP servers. */
  approve?: readonly string[] | undefined
}

export interface InstallOptions extends ChangeOptions {
  /** Exactly what haal.lock says, or nothing. */
  frozen?: boolean | undefined
  /** Everything the registries have. */
  all?: boolean | undefined
  /** With `all`: only this kind. */
  kind?: string | undefined
  /** A source that becomes a registry of haal.json: `owner/repo`, a URL, a path, `npm:package`. */
  from?: string | undefined
  /** Go on without a secondary registry that does not answer. */
  allowMissing?: boolean | undefined
  /** Refuse what is otherwise a warning: names, frontmatter. */
  strict?: boolean | undefined
}

export interface UpdateOptions extends ChangeOptions {
  /** Take the newest there is, and rewrite the ranges. */
  latest?: boolean | undefined
  /** Go on without a secondary registry that does not answer. */
  allowMissing?: boolean | undefined
}

export interface ListOptions extends CallOptions {
  /** What the registries have, instead of what is installed. */
  available?: boolean | undefined
  kind?: string | undefined
  registry?: string | undefined
  /** Go on without a secondary registry that does not answer. */
  allowMissing?: boolean | undefined
}

export interface SearchOptions extends CallOptions {
  kind?: string | undefined
  registry?: string | undefined
  /** Go on without a secondary registry that does not answer. */
  allowMissing?: boolean | undefined
}

export interface RollbackOptions extends ChangeOptions {
  /** The generation to go to. Default: one back. */
  to?: number | undefined
}

export interface CopyOptions extends ChangeOptions {
  /** The copy's name. */
  as?: string | undefined
}

export interface DiffOptions extends CallOptions {
  /** What an update would change, instead of what was edited here. */
  upstream?: boolean | undefined
}

export interface InitOptions extends WriteOptions {
  /** `source` or `name=source`. */
  registry?: readonly string[] | undefined
  target?: readonly string[] | undefined
}

export interface RegistryAddOptions extends WriteOptions {
  name?: string | undefined
  ref?: string | undefined
  /** `${VARIABLE}`. */
  token?: string | undefined
  verified?: boolean | undefined
}

export interface SignOptions extends WriteOptions {
  /** The file with the private key, PKCS#8 PEM. */
  key: string
  id?: string | undefined
  /** Days for which the signature holds. */
  expires?: number | undefined
  /** Add a signature to what is signed already. */
  cosign?: boolean | undefined
}

export interface VerifySignatureOptions extends CallOptions {
  /** Public keys to trust besides those that are pinned: text, or a file that holds it. */
  key?: readonly string[] | undefined
}
