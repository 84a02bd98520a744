import { fail } from '../model/errors.js'
import { isRecord } from '../model/json.js'
import { nearest } from '../model/nearest.js'
import type {
  CallOptions,
  ChangeOptions,
  CopyOptions,
  DiffOptions,
  HaalOptions,
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

/** What an option has to be. `configuration` is looked into where configurations are read. */
type Sort = keyof typeof sorts

const sorts = {
  text: { says: 'text', is: (value: unknown) => typeof value === 'string' },
  texts: { says: 'a list of texts', is: isTexts },
  switch: { says: 'true or false', is: (value: unknown) => typeof value === 'boolean' },
  count: { says: 'a number', is: (value: unknown) => typeof value === 'number' && value >= 0 },
  action: { says: 'a function', is: (value: unknown) => typeof value === 'function' },
  object: { says: 'an object', is: isRecord },
  objects: {
    says: 'an object of objects',
    is: (value: unknown) => isRecord(value) && Object.values(value).every(isRecord),
  },
  signal: { says: 'an AbortSignal', is: (value: unknown) => value instanceof AbortSignal },
  configuration: { says: 'a configuration', is: () => true },
} as const

const instance: Readonly<Record<keyof HaalOptions, Sort>> = {
  cwd: 'text',
  home: 'text',
  env: 'object',
  registryConfig: 'configuration',
  registries: 'configuration',
  artifacts: 'configuration',
  pins: 'configuration',
  targets: 'configuration',
  policy: 'configuration',
  config: 'text',
  global: 'switch',
  offline: 'switch',
  wait: 'count',
  onEvent: 'action',
  ask: 'action',
  askSecret: 'action',
  signal: 'signal',
}

/** The options of a method, besides those that every one takes. */
export type Own<O> = Readonly<Record<Exclude<keyof O, keyof WriteOptions>, Sort>>

const common: Readonly<Record<keyof WriteOptions, Sort>> = {
  offline: 'switch',
  refresh: 'switch',
  wait: 'count',
  signal: 'signal',
  dryRun: 'switch',
}

const change: Own<ChangeOptions> = { force: 'switch', approve: 'texts' }
const offered: Own<SearchOptions> = { kind: 'text', registry: 'text', allowMissing: 'switch' }

/** The options of each method. Methods that are not here take `nothing` of their own. */
export const own = {
  nothing: {} satisfies Own<CallOptions>,
  change,
  install: {
    ...change,
    frozen: 'switch',
    all: 'switch',
    kind: 'text',
    from: 'text',
    allowMissing: 'switch',
    strict: 'switch',
  } satisfies Own<InstallOptions>,
  update: { ...change, latest: 'switch', allowMissing: 'switch' } satisfies Own<UpdateOptions>,
  rollback: { ...change, to: 'count' } satisfies Own<RollbackOptions>,
  copy: { ...change, as: 'text' } satisfies Own<CopyOptions>,
  list: { ...offered, available: 'switch' } satisfies Own<ListOptions>,
  search: offered,
  diff: { upstream: 'switch' } satisfies Own<DiffOptions>,
  init: { registry: 'texts', target: 'texts' } satisfies Own<InitOptions>,
  add: { name: 'text', ref: 'text', token: 'text', verified: 'switch' } satisfies Own<RegistryAddOptions>,
  sign: { key: 'text', id: 'text', expires: 'count', cosign: 'switch' } satisfies Own<SignOptions>,
  verify: { key: 'texts' } satisfies Own<VerifySignatureOptions>,
} as const

/** For programs without types. Throws E_USAGE for an unknown option of `createHaal`, or one of a wrong type. */
export function checkInstance(options: unknown): void {
  check(options, { table: instance, of: 'createHaal' })
}

/** The same for those of `extensionManifest`. */
export function checkPacks(options: unknown): void {
  check(options, { table: { ...instance, options: 'objects' }, of: 'extensionManifest' })
}

/** The same for the options of a method. */
export function checkCall(options: unknown, taken: Readonly<Record<string, Sort>>): void {
  check(options, { table: { ...common, ...taken }, of: 'this call' })
}

/** Throws E_USAGE where a method's argument is no text. */
export function checkText(value: unknown, what: string): void {
  if (typeof value !== 'string') fail('E_USAGE', `${what} should be text, not ${named(value)}`)
}

function check(options: unknown, { table, of }: { table: Readonly<Record<string, Sort>>; of: string }): void {
  if (!isRecord(options))
    fail('E_USAGE', `the options of ${of} should be an object, not ${named(options)}`, {
      hint: typeof options === 'string' ? 'several names are given as one list' : undefined,
    })
  for (const [key, value] of Object.entries(options)) {
    const sort = Object.hasOwn(table, key) ? table[key] : undefined
    if (sort === undefined) fail('E_USAGE', `${of} has no option ${key}`, { hint: meant(key, Object.keys(table)) })
    if (value !== undefined && !sorts[sort].is(value))
      fail('E_USAGE', `${key} should be ${sorts[sort].says}, not ${named(value)}`)
  }
}

function meant(key: string, known: readonly string[]): string | undefined {
  const close = nearest(key, known)
  return close === undefined ? undefined : `did you mean ${close}?`
}

/** The type of a value in words. Its text is not repeated: it may be a secret. */
function named(value: unknown): string {
  if (value === null || value === undefined || typeof value === 'boolean') return String(value)
  if (typeof value === 'number') return Number.isNaN(value) || value < 0 ? String(value) : 'a number'
  if (Array.isArray(value)) return 'a list'
  return { string: 'text', function: 'a function', object: 'an object' }[typeof value as string] ?? typeof value
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === 'string')
}
