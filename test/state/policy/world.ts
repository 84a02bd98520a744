import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import { nodeDisk } from '../../../src/io/disk.js'
import { HaalError } from '../../../src/model/errors.js'
import { verifyPolicy } from '../../../src/operations/signing/verify-policy.js'
import { judgePlace } from '../../../src/policy/decide.js'
import { policyOrigins } from '../../../src/policy/grants.js'
import { merge } from '../../../src/policy/merge.js'
import { refuse } from '../../../src/policy/refuse.js'
import type { PolicyPlaces } from '../../../src/state/policy/places.js'
import { readPolicies, rememberPolicies } from '../../../src/state/policy/policies.js'
import type { PolicyReach } from '../../../src/state/policy/read.js'

export const disk = nodeDisk()
/** The temporary folder of the test that runs now. */
export let folder: string

beforeEach(() => {
  folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'haal-policies-')))
  for (const each of ['etc', 'home', 'project']) mkdirSync(path.join(folder, each))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

export const at = (...names: string[]) => path.join(folder, ...names)
export const json = (rules: object) => JSON.stringify({ policyVersion: 1, ...rules })

export function write(place: string, content: object | string): string {
  writeFileSync(at(place), typeof content === 'string' ? content : json(content))
  return at(place)
}

export const machine = () => at('etc', 'policy.json')
export const places = (more: Partial<PolicyPlaces> = {}): PolicyPlaces => ({
  machine: [machine()],
  user: at('home', 'policy.json'),
  ...more,
})

export interface World {
  env?: Record<string, string>
  /** What each URL answers; anything else is down. */
  web?: Record<string, string | { redirect: string }>
}

/** `asked` lists every URL that got a request, `inside` those that may be at a private address. */
export function world({ env = {}, web = {} }: World = {}): PolicyReach & { asked: string[]; inside: string[] } {
  const asked: string[] = []
  const inside: string[] = []
  const fetch = async (url: string, admit: (url: string) => boolean): Promise<Uint8Array> => {
    if (admit(url)) inside.push(url)
    asked.push(url)
    const answer = web[url]
    if (answer === undefined) throw new HaalError('E_REGISTRY_UNAVAILABLE', `${url} answered 404`)
    if (typeof answer === 'string') return Buffer.from(answer)
    return fetch(answer.redirect, admit)
  }
  return {
    disk,
    home: at('home'),
    root: at('project'),
    env,
    fetch,
    verify: (policy, demands) => verifyPolicy(policy, { demands, now: new Date('2026-06-01T00:00:00Z') }),
    admit: (layers, url) => refuse(judgePlace(merge(layers), { name: 'policy', at: { via: 'url', url } })),
    names: (layers, origin) => policyOrigins(merge(layers)).includes(origin),
    asked,
    inside,
  }
}

export async function failure(attempt: Promise<unknown>): Promise<HaalError> {
  const e: unknown = await attempt.then(
    () => new Error('it did not fail'),
    (error: unknown) => error,
  )
  if (e instanceof HaalError) return e
  throw e
}

export const read = (more: Partial<PolicyPlaces> = {}, reach: PolicyReach = world()) =>
  readPolicies(places(more), reach)

/** Reads, and remembers what was seen, as every command does. */
export async function use(more: Partial<PolicyPlaces> = {}, reach: PolicyReach = world()) {
  const policies = await read(more, reach)
  rememberPolicies(policies, reach)
  return policies
}

export const deny = (...list: string[]) => ({ artifacts: { deny: list } })
