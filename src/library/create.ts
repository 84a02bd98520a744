import type { Context } from '../model/context.js'
import { fail } from '../model/errors.js'
import { agentos } from '../operations/agentos.js'
import { cacheClean, cacheInfo, cachePrune } from '../operations/cache.js'
import { copy } from '../operations/copy.js'
import { diff } from '../operations/diff.js'
import { doctor } from '../operations/doctor.js'
import { history } from '../operations/history.js'
import { info } from '../operations/info.js'
import { init } from '../operations/init.js'
import { install } from '../operations/install.js'
import { list } from '../operations/list.js'
import { pin, unpin } from '../operations/pin.js'
import { policyCheck, policyShow } from '../operations/policy.js'
import { registryAdd, registryList, registryPing, registryRemove } from '../operations/registries.js'
import { rollback } from '../operations/rollback.js'
import { available, search } from '../operations/search.js'
import { policySign, registryKeygen, registrySign, registryVerify } from '../operations/sign.js'
import { targetAdd, targetList, targetRemove } from '../operations/targets.js'
import { trust } from '../operations/trust.js'
import { uninstall } from '../operations/uninstall.js'
import { outdated, update } from '../operations/update.js'
import { verify } from '../operations/verify.js'
import { why } from '../operations/why.js'
import { type Call, callerOf } from './call.js'
import { checkText, own } from './check.js'
import type { Artifacts, Haal } from './haal.js'
import type { HaalOptions, WriteOptions } from './options.js'

/** Makes a haal for one project. Reads no file and makes no connection yet. Throws E_USAGE and E_CONFIG for options that cannot be right.

    Options hold for this instance and are never written; what is asked of its methods (artifacts, pins) is kept in haal.json and haal.lock, as on
    the command line. Neither file needs to exist. */
export async function createHaal(options: HaalOptions = {}): Promise<Haal> {
  const call = callerOf(options)
  return { ...changing(call), ...looking(call), ...settingUp(call) }
}

type Changing = Pick<Haal, 'install' | 'plan' | 'uninstall' | 'update' | 'copy' | 'pin' | 'unpin' | 'rollback'>

function changing(call: Call): Changing {
  const each = (act: typeof pin): Haal['pin'] => {
    return (names, options = {}) =>
      call(options, (ctx, flags) => act(ctx, { requests: needed(names), flags }), own.change)
  }
  const installing: Haal['install'] = (names, options = {}) =>
    call(options, (ctx, flags) => install(ctx, { requests: listed(names), flags }), own.install)
  return {
    install: installing,
    plan: (names, options) => installing(names, { ...options, dryRun: true }),
    uninstall: each(uninstall),
    update: (names, options = {}) =>
      call(options, (ctx, flags) => update(ctx, { requests: listed(names), flags }), own.update),
    copy: (request, destination, options = {}) =>
      call(options, (ctx, flags) => copy(ctx, { ...texts({ request, destination }), flags }), own.copy),
    pin: each(pin),
    unpin: each(unpin),
    rollback: (artifact, options = {}) =>
      call(options, (ctx, flags) => rollback(ctx, { ...named(artifact), flags }), own.rollback),
  }
}

type Looking = Omit<Haal, keyof Changing | keyof SettingUp>

function looking(call: Call): Looking {
  return {
    list: (options = {}) =>
      call(options, (ctx, flags) => (flags.available ? available : list)(ctx, { flags }), own.list),
    search: (text, options = {}) =>
      call(options, (ctx, flags) => search(ctx, { ...texts({ text }), flags }), own.search),
    info: (request, options = {}) =>
      call(options, (ctx, flags) => info(ctx, { ...texts({ request }), flags }), own.nothing),
    why: (request, options = {}) =>
      call(options, (ctx, flags) => why(ctx, { ...texts({ request }), flags }), own.nothing),
    outdated: (names, options = {}) =>
      call(options, (ctx, flags) => outdated(ctx, { requests: listed(names), flags }), own.nothing),
    verify: (names, options = {}) =>
      call(options, (ctx, flags) => verify(ctx, { requests: listed(names), flags }), own.nothing),
    diff: (artifact, options = {}) => call(options, (ctx, flags) => diff(ctx, { ...named(artifact), flags }), own.diff),
    history: plain(call, history),
    agentos: plain(call, agentos),
    doctor: plain(call, doctor),
  }
}

type SettingUp = Pick<Haal, 'init' | 'trust' | 'registry' | 'target' | 'policy' | 'cache'>

function settingUp(call: Call): SettingUp {
  return {
    init: (options = {}) => call(options, (ctx, flags) => init(ctx, { flags }), own.init),
    trust: (registry, options = {}) =>
      call(options, (ctx, flags) => trust(ctx, { ...texts({ registry }), flags }), own.nothing),
    registry: {
      list: plain(call, registryList),
      add: (source, options = {}) =>
        call(options, (ctx, flags) => registryAdd(ctx, { ...texts({ source }), flags }), own.add),
      remove: (name, options = {}) =>
        call(options, (ctx, flags) => registryRemove(ctx, { ...texts({ name }), flags }), own.nothing),
      ping: (names, options = {}) =>
        call(options, (ctx, flags) => registryPing(ctx, { names: listed(names), flags }), own.nothing),
      sign: (folder, options) =>
        call(options, (ctx, flags) => registrySign(ctx, { ...texts({ folder }), flags }), own.sign),
      verify: (registry, options = {}) =>
        call(options, (ctx, flags) => registryVerify(ctx, { ...texts({ registry }), flags }), own.verify),
      keygen: (file, options = {}) =>
        call(options, (ctx, flags) => registryKeygen(ctx, { ...texts({ file }), flags }), own.nothing),
    },
    target: {
      list: plain(call, targetList),
      add: (names, options = {}) =>
        call(options, (ctx, flags) => targetAdd(ctx, { names: needed(names), flags }), own.change),
      remove: (names, options = {}) =>
        call(options, (ctx, flags) => targetRemove(ctx, { names: needed(names), flags }), own.change),
    },
    policy: {
      show: plain(call, policyShow),
      check: plain(call, policyCheck),
      sign: (file, options) => call(options, (ctx, flags) => policySign(ctx, { ...texts({ file }), flags }), own.sign),
    },
    cache: { info: plain(call, cacheInfo), clean: plain(call, cacheClean), prune: plain(call, cachePrune) },
  }
}

/** A method that takes nothing but options. */
function plain<R>(call: Call, act: (ctx: Context, asked: { flags: object }) => Promise<R>) {
  return (options: WriteOptions = {}) => call(options, (ctx, flags) => act(ctx, { flags }), own.nothing)
}

/** A list may be empty; nothing at all is a mistake. */
function needed(names: Artifacts): readonly string[] {
  return listed(names ?? null)
}

/** Programs without types give anything. Throws E_USAGE for what is no name. */
function listed(names: Artifacts | null = []): readonly string[] {
  const all: unknown = typeof names === 'string' ? [names] : names
  if (Array.isArray(all) && all.every((each) => typeof each === 'string')) return all
  return fail(
    'E_USAGE',
    `names are given as text or as a list of texts, not as ${names === null ? 'nothing' : typeof names}`,
    {
      hint: `write haal.install('skill/review-code') or haal.install(['skill/review-code'])`,
    },
  )
}

/** Throws E_USAGE where one of these is no text. */
function texts<T extends Readonly<Record<string, string>>>(given: T): T {
  for (const [what, value] of Object.entries(given)) checkText(value, what)
  return given
}

function named(request: string | undefined): { request?: string } {
  return request === undefined ? {} : texts({ request })
}
