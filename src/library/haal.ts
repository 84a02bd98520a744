import type { AgentosResult } from '../model/agentos.js'
import type { Outcome } from '../model/plan.js'
import type {
  CacheInfoResult,
  CacheRemovedResult,
  DiffResult,
  DoctorResult,
  HistoryResult,
  InfoResult,
  InitResult,
  KeygenResult,
  ListResult,
  OutdatedResult,
  PolicyCheckResult,
  PolicyShowResult,
  RegistryEditResult,
  RegistryListResult,
  RegistryPingResult,
  RegistrySignResult,
  RegistryVerifyResult,
  SignResult,
  TrustResult,
  VerifyResult,
  WhyResult,
} from '../model/results.js'
import type { TargetListResult, TargetResult } from '../model/targets.js'
import type {
  CallOptions,
  ChangeOptions,
  CopyOptions,
  DiffOptions,
  InitOptions,
  InstallOptions,
  ListOptions,
  RegistryAddOptions,
  RollbackOptions,
  SearchOptions,
  SignOptions,
  UpdateOptions,
  VerifySignatureOptions,
  WriteOptions,
} from './options.js'

/** One or several artifacts, each `[registry:][kind/]name[@version]`; an id or a pattern may stand in the name's place. */
export type Artifacts = string | readonly string[]

/** haal in a program: a method for each command. Each resolves to what the command prints as `result` with `--json`, and rejects with a
    `HaalError`, or with what a function of `HaalOptions` threw. Nothing is printed, the process is never ended, and instances share nothing but
    what lies on the disk, where they wait for each other as processes do. Results are plain data. */
export interface Haal {
  /** Installs what is named and adds it to haal.json. Without names: what haal.lock says, and what haal.json and `artifacts` ask for and haal.lock
      lacks. */
  install(artifacts?: Artifacts, options?: InstallOptions): Promise<Outcome>
  /** What `install` would do. Writes nothing in the project. */
  plan(artifacts?: Artifacts, options?: InstallOptions): Promise<Outcome>
  /** Takes artifacts out, with what only they required. What `artifacts` asks for comes back with the next `install()`. */
  uninstall(artifacts: Artifacts, options?: ChangeOptions): Promise<Outcome>
  /** Raises artifacts, or all, to the newest that their ranges let in. */
  update(artifacts?: Artifacts, options?: UpdateOptions): Promise<Outcome>
  /** Copies an artifact to a folder, to where a tool reads it (the name of the tool), or into a registry (`registry:<name>`). */
  copy(artifact: string, destination: string, options?: CopyOptions): Promise<Outcome>
  /** Keeps artifacts at the version they have, or at the one given (`name@1.2.3`). */
  pin(artifacts: Artifacts, options?: ChangeOptions): Promise<Outcome>
  unpin(artifacts: Artifacts, options?: ChangeOptions): Promise<Outcome>
  /** Goes one generation back, or `to` any; with an artifact, that one alone. */
  rollback(artifact?: string, options?: RollbackOptions): Promise<Outcome>

  /** What is installed or, with `available`, what the registries have. */
  list(options?: ListOptions): Promise<ListResult>
  /** What the registries have whose name, id, description or author has all these words. */
  search(text: string, options?: SearchOptions): Promise<ListResult>
  info(artifact: string, options?: CallOptions): Promise<InfoResult>
  /** Why an artifact is here, why from this registry, and what policy says of it. */
  why(artifact: string, options?: CallOptions): Promise<WhyResult>
  /** What an update would raise, and what is newer beyond the ranges. */
  outdated(artifacts?: Artifacts, options?: CallOptions): Promise<OutdatedResult>
  /** Compares installed files with haal.lock. Differences are a result, not an error. */
  verify(artifacts?: Artifacts, options?: CallOptions): Promise<VerifyResult>
  /** What was edited here or, with `upstream`, what an update would change. */
  diff(artifact?: string, options?: DiffOptions): Promise<DiffResult>
  history(options?: CallOptions): Promise<HistoryResult>
  /** What AgentOS loads of what is installed, and what it cannot load. Where it would not see a skill that was published as `skill.md`, all
      skills get a place as `SKILL.md` in `.agentos/skills`, from now on. `haal/agentos` has shorter ways to it. */
  agentos(options?: WriteOptions): Promise<AgentosResult>
  doctor(options?: CallOptions): Promise<DoctorResult>

  /** Makes haal.json. */
  init(options?: InitOptions): Promise<InitResult>
  /** Lets the token that a registry of haal.json names be sent to that registry's origin, from every project of this user. */
  trust(registry: string, options?: WriteOptions): Promise<TrustResult>
  registry: {
    list(options?: CallOptions): Promise<RegistryListResult>
    add(source: string, options?: RegistryAddOptions): Promise<RegistryEditResult>
    remove(name: string, options?: WriteOptions): Promise<RegistryEditResult>
    /** A registry that does not answer is a row, not an error. */
    ping(names?: Artifacts, options?: CallOptions): Promise<RegistryPingResult>
    /** Signs the index of the registry in a folder. */
    sign(folder: string, options: SignOptions): Promise<RegistrySignResult>
    /** Verifies the signature of a configured registry, or of a folder. Rejects where it does not hold. */
    verify(registry: string, options?: VerifySignatureOptions): Promise<RegistryVerifyResult>
    /** Makes a pair of keys; HAAL_KEY_PASSPHRASE encrypts the private one. */
    keygen(file: string, options?: WriteOptions): Promise<KeygenResult>
  }
  /** The tools that installed artifacts are placed for. */
  target: {
    list(options?: CallOptions): Promise<TargetListResult>
    add(tools: Artifacts, options?: ChangeOptions): Promise<TargetResult>
    remove(tools: Artifacts, options?: ChangeOptions): Promise<TargetResult>
  }
  policy: {
    show(options?: CallOptions): Promise<PolicyShowResult>
    /** What policy has against haal.lock: a result, not an error. */
    check(options?: CallOptions): Promise<PolicyCheckResult>
    sign(file: string, options: SignOptions): Promise<SignResult>
  }
  cache: {
    info(options?: CallOptions): Promise<CacheInfoResult>
    clean(options?: WriteOptions): Promise<CacheRemovedResult>
    prune(options?: WriteOptions): Promise<CacheRemovedResult>
  }
}
