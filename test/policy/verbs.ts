import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { listing, writeAll } from '../../e2e/world/place.js'
import { nodeDisk } from '../../src/io/disk.js'
import { thisProcess } from '../../src/io/host.js'
import type { Context } from '../../src/model/context.js'
import type { Disk } from '../../src/model/disk.js'
import type { PolicyLayerName } from '../../src/model/policy.js'
import { copy } from '../../src/operations/copy.js'
import { install } from '../../src/operations/install.js'
import { pin } from '../../src/operations/pin.js'
import { rollback } from '../../src/operations/rollback.js'
import { uninstall } from '../../src/operations/uninstall.js'
import { update } from '../../src/operations/update.js'

/** A project, its registries and everything that policies can lie in, below one temporary folder. Commands run whole, in this process. */
export interface Place {
  root: string
  at(...names: string[]): string
  ctx: Context
  env: Record<string, string>
  write(files: Record<string, unknown>): void
  /** Puts a policy where a layer is read from. */
  policy(layer: PolicyLayerName, rules: object | string): void
  snapshot(): Record<string, string>
  remove(): void
}

export function place(): Place {
  const root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'haal-verbs-')))
  const at = (...names: string[]) => path.join(root, ...names)
  for (const folder of ['project', 'home', 'haal', 'etc', 'corp']) fs.mkdirSync(at(folder))
  const env: Record<string, string> = { HAAL_HOME: at('haal'), PATH: process.env.PATH ?? '' }
  const write = (files: Record<string, unknown>) => writeAll(root, files as Parameters<typeof writeAll>[1])
  const written = (rules: object | string) =>
    typeof rules === 'string' ? rules : JSON.stringify({ policyVersion: 1, contact: 'ada@acme.example', ...rules })
  const layers: Record<PolicyLayerName, (rules: object | string) => void> = {
    machine: (rules) => write({ 'etc/policy.json': written(rules) }),
    user: (rules) => write({ 'haal/policy.json': written(rules) }),
    environment: (rules) => {
      write({ 'org.json': written(rules) })
      env.HAAL_POLICY = at('org.json')
    },
    project: (rules) => {
      const manifest = JSON.parse(fs.readFileSync(at('project/haal.json'), 'utf8')) as object
      write({ 'project/acme.json': written(rules), 'project/haal.json': { ...manifest, policy: './acme.json' } })
    },
    registry: (rules) => write({ 'corp/policy.json': written(rules) }),
  }
  return {
    root,
    at,
    env,
    write,
    ctx: {
      cwd: at('project'),
      home: at('home'),
      platform: 'linux',
      env,
      disk: withMachine(nodeDisk(), at('etc')),
      now: () => new Date(),
      process: thisProcess(),
      signal: new AbortController().signal,
      emit: () => undefined,
    },
    policy: (layer, rules) => layers[layer](rules),
    snapshot: () => listing(root, { skip: ['haal/store', 'haal/cache'] }),
    remove: () => fs.rmSync(root, { recursive: true, force: true }),
  }
}

/** The machine's policy lies where a test may write. */
function withMachine(disk: Disk, folder: string): Disk {
  const moved = (file: string) => file.replace(/^\/etc\/haal(?=\/)/, folder)
  return {
    ...disk,
    stat: (file) => disk.stat(moved(file)),
    real: (file) => disk.real(moved(file)),
    read: (file) => disk.read(moved(file)),
    text: (file) => disk.text(moved(file)),
  }
}

export const body = 'Does things.\n'

/** What policies and attempts are about: a skill with a licence, a version and a script. */
export const skill = (name: string, version: string) => ({
  [`corp/skills/${name}/SKILL.md`]: `---\nname: ${name}\ndescription: Does things\nversion: ${version}\nlicense: GPL-3.0-only\n---\n\n${body}`,
  [`corp/skills/${name}/run.sh`]: { body: '#!/bin/sh\n', mode: 0o755 },
})

const manifest = (more: object = {}) => ({
  registries: [{ name: 'corp', type: 'file', location: '../corp' }],
  ...more,
})

export interface Attempt {
  says: string
  /** Before there was a policy. */
  prepare(at: Place): Promise<void>
  act(at: Place): Promise<unknown>
}

const begin = (at: Place, more: object = {}) =>
  at.write({ ...skill('target', '1.0.0'), ...skill('other', '1.0.0'), 'project/haal.json': manifest(more) })

const installed = async (at: Place, more: object = {}) => {
  begin(at, more)
  await install(at.ctx, { requests: ['skill/target'], flags: {} })
}

export const attempts = {
  install: {
    says: 'install by name',
    prepare: async (at) => begin(at),
    act: ({ ctx }) => install(ctx, { requests: ['skill/target'], flags: { force: true, yes: true } }),
  },
  declared: {
    says: 'install what haal.json asks',
    prepare: async (at) => begin(at, { artifacts: { 'skill/*': '*' } }),
    act: ({ ctx }) => install(ctx, { requests: [], flags: { yes: true } }),
  },
  member: {
    says: 'install a bundle that lists it',
    prepare: async (at) => {
      begin(at)
      at.write({ 'corp/competencies/kit.json': { skills: ['target'] } })
    },
    act: ({ ctx }) => install(ctx, { requests: ['bundle/kit'], flags: {} }),
  },
  frozen: {
    says: 'install --frozen where nothing is there yet',
    prepare: async (at) => {
      await installed(at)
      fs.rmSync(at.at('project/.haal'), { recursive: true })
    },
    act: ({ ctx }) => install(ctx, { requests: [], flags: { frozen: true } }),
  },
  again: {
    says: 'install --frozen where everything is there',
    prepare: (at) => installed(at),
    act: ({ ctx }) => install(ctx, { requests: [], flags: { frozen: true } }),
  },
  update: {
    says: 'update',
    prepare: async (at) => {
      await installed(at)
      at.write(skill('target', '1.1.0'))
    },
    act: ({ ctx }) => update(ctx, { requests: [], flags: { force: true } }),
  },
  pin: {
    says: 'pin to another version',
    prepare: async (at) => {
      await installed(at)
      at.write(skill('target', '1.1.0'))
    },
    act: ({ ctx }) => pin(ctx, { requests: ['skill/target@1.1.0'], flags: {} }),
  },
  copy: {
    says: 'copy from the registry',
    prepare: async (at) => begin(at),
    act: ({ ctx, at }) => copy(ctx, { request: 'skill/target', destination: at('out'), flags: {} }),
  },
  renamed: {
    says: 'copy under another name',
    prepare: async (at) => begin(at),
    act: ({ ctx, at }) =>
      copy(ctx, { request: 'skill/target', destination: `${at('out')}/`, flags: { as: 'harmless' } }),
  },
  copied: {
    says: 'copy of what is installed',
    prepare: (at) => installed(at),
    act: ({ ctx, at }) => copy(ctx, { request: 'skill/target', destination: at('out'), flags: {} }),
  },
  rollback: {
    says: 'rollback to where it was installed',
    prepare: async (at) => {
      await installed(at)
      await uninstall(at.ctx, { requests: ['skill/target'], flags: {} })
    },
    act: ({ ctx }) => rollback(ctx, { flags: { force: true } }),
  },
} satisfies Record<string, Attempt>

export type AttemptName = keyof typeof attempts
