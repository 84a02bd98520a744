import { expect, test } from 'vitest'
import { extensionManifest } from '../../src/agentos.js'
import { createHaal, type Haal } from '../../src/index.js'
import { ground, skill } from './ground.js'

/** What a program without types may give to `createHaal`, and what it hears. */
const given: readonly (readonly [options: unknown, says: string])[] = [
  [null, 'the options of createHaal should be an object, not null'],
  ['x', 'the options of createHaal should be an object, not text'],
  [{ cwd: 5 }, 'cwd should be text, not a number'],
  [{ home: null }, 'home should be text, not null'],
  [{ env: 'x' }, 'env should be an object, not text'],
  [{ config: {} }, 'config should be text, not an object'],
  [{ offline: 'no' }, 'offline should be true or false, not text'],
  [{ wait: Number.NaN }, 'wait should be a number, not NaN'],
  [{ wait: -1 }, 'wait should be a number, not -1'],
  [{ onEvent: [] }, 'onEvent should be a function, not a list'],
  [{ ask: true }, 'ask should be a function, not true'],
  [{ signal: new AbortController() }, 'signal should be an AbortSignal, not an object'],
  [{ registry: 'secret' }, 'createHaal has no option registry'],
  [{ constructor: 5 }, 'createHaal has no option constructor'],
]

test.each(given)('[U9 U3] createHaal(%j) fails and says why', async (options, says) => {
  const failure = createHaal(options as never)
  await expect(failure).rejects.toMatchObject({ code: 'E_USAGE', message: says })
})

test.each([
  [null, 'the options of extensionManifest should be an object, not null'],
  [[], 'the options of extensionManifest should be an object, not a list'],
  [{ options: 5 }, 'options should be an object of objects, not a number'],
  [{ options: { 'tool/x': true } }, 'options should be an object of objects, not an object'],
  [{ pins: 5, bogus: 1 }, 'extensionManifest has no option bogus'],
])('[U9 U3 A45] extensionManifest(%j) fails and says why', async (options, says) => {
  await expect(extensionManifest(options as never)).rejects.toMatchObject({ code: 'E_USAGE', message: says })
})

/** No option or argument of this type: as from a program without types. */
const wrong = (value: unknown) => value as never

const asked: readonly (readonly [what: string, call: (haal: Haal) => Promise<unknown>, says: string])[] = [
  ['null', (haal) => haal.install('x', wrong(null)), 'the options of this call should be an object, not null'],
  [
    'nothing',
    (haal) => haal.policy.sign('x', wrong(undefined)),
    'the options of this call should be an object, not undefined',
  ],
  ['two names', (haal) => haal.install('x', wrong('y')), 'the options of this call should be an object, not text'],
  ['a slip', (haal) => haal.install('x', wrong({ dryrun: true })), 'this call has no option dryrun'],
  ['a text', (haal) => haal.install('x', wrong({ dryRun: 'no' })), 'dryRun should be true or false, not text'],
  ['one name', (haal) => haal.update('x', wrong({ approve: 'x' })), 'approve should be a list of texts, not text'],
  ['a number', (haal) => haal.install([], wrong({ from: 5 })), 'from should be text, not a number'],
  ['no signal', (haal) => haal.list(wrong({ signal: {} })), 'signal should be an AbortSignal, not an object'],
  ['one registry', (haal) => haal.init(wrong({ registry: 'x' })), 'registry should be a list of texts, not text'],
  ['one key', (haal) => haal.registry.verify('x', wrong({ key: 'x' })), 'key should be a list of texts, not text'],
  ['no name', (haal) => haal.info(wrong(undefined)), 'request should be text, not undefined'],
  ['a list', (haal) => haal.why(wrong(['x'])), 'request should be text, not a list'],
  ['no place', (haal) => haal.copy('x', wrong(undefined)), 'destination should be text, not undefined'],
  ['no text', (haal) => haal.search(wrong(null)), 'text should be text, not null'],
  ['no registry', (haal) => haal.trust(wrong(5)), 'registry should be text, not a number'],
  ['no source', (haal) => haal.registry.add(wrong({})), 'source should be text, not an object'],
  ['no file', (haal) => haal.registry.keygen(wrong(undefined)), 'file should be text, not undefined'],
  [
    'no artifact',
    (haal) => haal.uninstall(wrong(undefined)),
    'names are given as text or as a list of texts, not as nothing',
  ],
]

test.each(asked)('[U9 U3] a call that is given %s fails and says why, and does nothing', async (_, call, says) => {
  const at = ground()
  at.write('registries/acme/skills/x/SKILL.md', skill('x'))
  await expect(call(await at.haal())).rejects.toMatchObject({ code: 'E_USAGE', message: says })
  expect(at.exists('project/haal.lock')).toBe(false)
})

test('[U9 U3] a slip in an option says what was meant', async () => {
  const haal = await ground().haal()
  await expect(haal.install('x', wrong({ dryrun: true }))).rejects.toMatchObject({ hint: 'did you mean dryRun?' })
})

const ofOthers: readonly (readonly [what: string, call: (haal: Haal) => Promise<unknown>])[] = [
  ['frozen', (haal) => haal.update([], wrong({ frozen: true }))],
  ['upstream', (haal) => haal.verify([], wrong({ upstream: true }))],
  ['force', (haal) => haal.list(wrong({ force: true }))],
  ['to', (haal) => haal.uninstall([], wrong({ to: 1 }))],
  ['latest', (haal) => haal.install([], wrong({ latest: true }))],
  ['available', (haal) => haal.search('x', wrong({ available: true }))],
  ['verified', (haal) => haal.registry.remove('x', wrong({ verified: true }))],
]

test.each(ofOthers)('[U9 U3] %s is refused by a method that would not heed it', async (name, call) => {
  const failure = call(await ground().haal())
  await expect(failure).rejects.toMatchObject({ code: 'E_USAGE', message: `this call has no option ${name}` })
})

test('[U9 U3] who gives two names is told that they go into one list', async () => {
  const haal = await ground().haal()
  await expect(haal.install('x', wrong('y'))).rejects.toMatchObject({ hint: 'several names are given as one list' })
})
