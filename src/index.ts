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
  RegistryAddOptions,
  RegistryConfig,
  RegistrySource,
  RemoveOptions,
  RollbackOptions,
  SearchOptions,
  UpdateOptions,
} from './library/options.js'
export type { ErrorCode } from './model/errors.js'
export { HaalError } from './model/errors.js'
export type { Event, Question } from './model/events.js'
export type { Change, Outcome, Shadow } from './model/plan.js'
export type {
  AgentosPack,
  AgentosProblem,
  AgentosResult,
  CacheInfoResult,
  CacheRemovedResult,
  DiffResult,
  DoctorResult,
  HistoryResult,
  InfoResult,
  InitResult,
  ListedArtifact,
  ListResult,
  Outdated,
  OutdatedResult,
  PolicyCheckResult,
  PolicyShowResult,
  Problem,
  RegistryEditResult,
  RegistryListResult,
  RegistryPingResult,
  TrustResult,
  VerifyResult,
  WhyResult,
} from './model/results.js'
