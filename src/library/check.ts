import { fail } from '../model/errors.js'
import { isRecord } from '../model/json.js'
import { nearest } from '../model/nearest.js'
import type {
  CopyOptions,
  DiffOptions,
  HaalOptions,
  InstallOptions,
  ListOptions,
  RegistryAddOptions,
  RollbackOptions,
  SignOptions,
  UpdateOptions,
} from './options.js'

/** What an option has to be. `configuration` is looked into where configurations are read. */
export type Sort = keyof typeof sorts

const sorts = {
  text: { says: 'text', is: (value: unknown) => typeof value === 'string' },
  texts: { says: 'a list of texts', is: isTexts },
  switch: { says: 'true or false', is: (value: unknown) => typeof value === 'boolean' },
  count: { says: 'a number', is: (value: unknown) => typeof value === 'number' && value >= 0 },
  action: { says: 'a function', is: (value: unknown) => typeof value === 'function' },
  object: { says: 'an object', is: isRecord },
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

type Changing = InstallOptions & UpdateOptions & RollbackOptions & CopyOptions
type Asked = Changing & ListOptions & DiffOptions & RegistryAddOptions & SignOptions

const call: Readonly<Record<keyof Asked | 'target', Sort>> = {
  offline: 'switch',
  refresh: 'switch',
  wait: 'count',
  signal: 'signal',
  dryRun: 'switch',
  force: 'switch',
  approve: 'texts',
  frozen: 'switch',
  all: 'switch',
  kind: 'text',
  from: 'text',
  allowMissing: 'switch',
  strict: 'switch',
  latest: 'switch',
  to: 'count',
  as: 'text',
  available: 'switch',
  registry: 'text',
  upstream: 'switch',
  target: 'texts',
  name: 'text',
  ref: 'text',
  token: 'text',
  verified: 'switch',
  key: 'text',
  id: 'text',
  expires: 'count',
  cosign: 'switch',
}

/** Programs without types give anything. Throws E_USAGE for an option of `createHaal` that there is not, or that is of another type. */
export function checkInstance(options: unknown): void {
  check(options, { table: instance, of: 'createHaal' })
}

/** The same for the options of a method; `own` says which are of another type there than elsewhere. */
export function checkCall(options: unknown, own: Readonly<Record<string, Sort>> = {}): void {
  check(options, { table: { ...call, ...own }, of: 'this call' })
}

/** Throws E_USAGE where what a method is about is no text. */
export function checkText(value: unknown, what: string): void {
  if (typeof value !== 'string') fail('E_USAGE', `${what} should be text, not ${named(value)}`)
}

function check(options: unknown, { table, of }: { table: Readonly<Record<string, Sort>>; of: string }): void {
  if (!isRecord(options)) fail('E_USAGE', `the options of ${of} should be an object, not ${named(options)}`)
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

/** What a value is: its text is not repeated, it may be a secret. */
function named(value: unknown): string {
  if (value === null || value === undefined || typeof value === 'boolean') return String(value)
  if (typeof value === 'number') return Number.isNaN(value) || value < 0 ? String(value) : 'a number'
  if (Array.isArray(value)) return 'a list'
  return { string: 'text', function: 'a function', object: 'an object' }[typeof value as string] ?? typeof value
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === 'string')
}
