export { createHaal } from './library/create.js'
export type { Artifacts, Haal } from './library/haal.js'
export type {
  CallOptions,
  ChangeOptions,
  CopyOptions,
  DiffOptions,
  HaalOptions,
  InitOptions,
  InstallOptions,
  ListOptions,
  NamedRegistry,
  Question,
  RegistryAddOptions,
  RegistryConfig,
  RegistrySource,
  RollbackOptions,
  SearchOptions,
  SignOptions,
  UpdateOptions,
  VerifySignatureOptions,
  WriteOptions,
} from './library/options.js'
export type { AgentosPack, AgentosProblem, AgentosResult } from './model/agentos.js'
export type { Note } from './model/artifact.js'
export type { Digest } from './model/digest.js'
export type { ErrorCode, ErrorMore } from './model/errors.js'
export { HaalError } from './model/errors.js'
export type { Choice, Event } from './model/events.js'
export type { Kind, Ref } from './model/kinds.js'
export type { Action, Change, Label, Outcome, Shadow, Surface } from './model/plan.js'
export type {
  CacheInfoResult,
  CacheRemovedResult,
  Check,
  DiffResult,
  DoctorResult,
  HistoryResult,
  InfoResult,
  InitResult,
  Kept,
  KeygenResult,
  ListedArtifact,
  ListedRegistry,
  ListResult,
  Outdated,
  OutdatedResult,
  PolicyCheckResult,
  PolicyShowResult,
  Problem,
  RegistryEditResult,
  RegistryListResult,
  RegistryPingResult,
  RegistrySignResult,
  RegistryVerifyResult,
  ShownRefusal,
  ShownRule,
  ShownSource,
  SignResult,
  TrustResult,
  VerifyResult,
  WhyResult,
} from './model/results.js'
export type { ListedTool, TargetListResult, TargetResult } from './model/targets.js'
