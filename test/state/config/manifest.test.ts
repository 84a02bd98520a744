import fs from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { parse } from 'jsonc-parser'
import { describe, expect, test } from 'vitest'
import { nodeDisk } from '../../../src/io/disk.js'
import { HaalError } from '../../../src/model/errors.js'
import type { Edit } from '../../../src/state/config/edit.js'
import { readCode } from '../../../src/state/config/file.js'
import { manifestFrom, readManifest } from '../../../src/state/config/manifest.js'
import { editConfig, wishEdits } from '../../../src/state/config/manifest-edit.js'
import { temporaryFolder } from '../temporary.js'

const read = (root: string, named?: string) =>
  readManifest(nodeDisk(), { root, author: 'project', ...(named !== undefined && { named }) })

async function problem(act: () => Promise<unknown>): Promise<HaalError> {
  try {
    await act()
  } catch (e) {
    if (e instanceof HaalError) return e
    throw e
  }
  throw new Error('nothing was refused')
}

describe('the registries of a project', () => {
  test('[A1 O18] a list is read in its order; name and location suffice', async () => {
    const root = temporaryFolder({
      'haal.json': JSON.stringify({
        registries: [
          {
            name: 'corp',
            type: 'git',
            location: 'https://git.corp.com/ext.git',
            branch: 'production',
            token: '${CORP_GIT_TOKEN}',
            verified: true,
          },
          { name: 'hub', url: 'https://github.com/acme/skills', ref: 'v3', priority: 10 },
        ],
      }),
    })
    const { registries } = await read(root)
    expect(registries).toMatchObject([
      { name: 'corp', at: { via: 'git' }, ref: 'production', token: { variable: 'CORP_GIT_TOKEN' }, verified: true },
      { name: 'hub', at: { via: 'github', repo: 'acme/skills' }, ref: 'v3', priority: 10 },
    ])
  })

  test('[A1 A28] AgentOS’s registryConfig is a map in its key order', async () => {
    const root = temporaryFolder({
      'haal.json': JSON.stringify({
        registryConfig: {
          registries: {
            'corp-extensions': {
              type: 'git',
              location: 'https://git.corp.com/e.git',
              branch: 'production',
              cacheDuration: 7200000,
            },
            'corp-personas': { type: 'git', location: 'https://git.corp.com/p.git' },
          },
          defaultRegistries: { tool: 'corp-extensions', persona: 'corp-personas' },
          cacheSettings: { enabled: true, directory: './cache', maxAge: 1000 },
        },
      }),
    })
    const manifest = await read(root)
    expect(manifest.registries.map(({ name }) => name)).toEqual(['corp-extensions', 'corp-personas'])
    expect(manifest.defaultRegistries).toEqual({ tool: 'corp-extensions', persona: 'corp-personas' })
    expect(manifest.cache).toEqual({ enabled: true, directory: path.join(root, 'cache'), maxAge: 1000 })
  })

  test('[A36] without settings the cache is on and keeps a day', async () => {
    expect((await read(temporaryFolder({ 'haal.json': '{}' }))).cache).toEqual({ enabled: true, maxAge: 86_400_000 })
  })

  test('[O10] OLAF’s list in .haal/ is used where haal.json has none, its paths relative to that folder', async () => {
    const root = temporaryFolder({
      '.haal/registries.json': '{ "registries": [{ "name": "base", "url": "../../base" }] }',
    })
    expect((await read(root)).registries).toMatchObject([
      { name: 'base', at: { via: 'file', path: path.resolve(root, '../base') } },
    ])
    const map = temporaryFolder({
      '.haal/registries.json': '{ "registries": { "b": { "url": "../b" }, "a": { "url": "../a" } } }',
    })
    expect((await read(map)).registries.map(({ name }) => name)).toEqual(['b', 'a'])
    expect((await read(temporaryFolder({ '.haal/registries.json': '{}' }))).registries).toEqual([])
  })

  test.each([
    'sha256-LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE=',
    'sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881',
    '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881',
    '2D711642B726B04401627CA9FBAC32F5C8530FB1903CC4DB02258717921A4881',
  ])('[O18 O20] a checksum as shells print it, capitals of PowerShell included: %s', async (checksum) => {
    const root = temporaryFolder({ 'haal.json': JSON.stringify({ registries: [{ name: 'a', url: '/x', checksum }] }) })
    expect((await read(root)).registries[0]?.checksum).toBe('sha256-LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE=')
  })

  test('[O10 A28] haal.json routes kinds to the registries of OLAF’s list', async () => {
    const root = temporaryFolder({
      'haal.json': '{ "defaultRegistries": { "skill": "team" }, "routes": [{ "kind": "rule", "registry": "base" }] }',
      '.haal/registries.json': '[{ "name": "base", "url": "../../base" }, { "name": "team", "url": "../../team" }]',
    })
    expect(await read(root)).toMatchObject({
      registries: [{ name: 'base' }, { name: 'team' }],
      defaultRegistries: { skill: 'team' },
      routes: [{ kind: 'rule', registry: 'base' }],
    })
  })

  test('[O12] in repos-manifest.json the last repository wins, so it comes first', async () => {
    const repos = ['acme/base:main', 'acme/team', { repo: 'corp/x', branch: 'dev', base_url: 'https://ghe.corp.com' }]
    const root = temporaryFolder({ 'repos-manifest.json': JSON.stringify({ repos }) })
    const { registries } = await read(root, path.join(root, 'repos-manifest.json'))
    expect(registries).toMatchObject([
      { name: 'corp-x', at: { host: 'ghe.corp.com', repo: 'corp/x' }, ref: 'dev' },
      { name: 'acme-team', at: { host: 'github.com' } },
      { name: 'acme-base', ref: 'main' },
    ])
  })

  const corp = { name: 'corp', location: '/x' }
  test.each([
    [{ registries: [{ name: 'a', type: 'ftp', location: 'x' }] }, /registry "a".*type "ftp"/],
    [{ registries: [{ name: 'a:b', location: 'x' }] }, /the registry name "a:b" has a colon or #/],
    [{ registries: [{ name: 'a' }] }, /registry "a".*no location/],
    [{ registries: { a: { type: 'file' } } }, /registry "a".*no location/],
    [{ registries: [{ location: 'x' }] }, /registries\[0\] has no name/],
    [{ registries: [{ name: 'a', location: 'x', url: 'y' }] }, /"location" and "url", and they differ/],
    [{ registries: [{ name: 'a', location: 'x', ref: '1', branch: '2' }] }, /"ref" and "branch", and they differ/],
    [
      { registries: [{ name: 'a', location: 'x', priority: -1 }] },
      /priority \(registry "a"\) should be a whole number, 0 or more, not -1/,
    ],
    [
      {
        registries: [
          { name: 'a', location: 'x' },
          { name: 'a', location: 'y' },
        ],
      },
      /two registries named "a"/,
    ],
    [{ registries: Array.from({ length: 1000 }, (_, i) => ({ name: `r${i}`, location: 'x' })) }, /1000 registries/],
    [{ defaultRegistries: { tool: 'nowhere' } }, /defaultRegistries\.tool names the registry "nowhere"/],
    [
      { registries: [corp], defaultRegistries: { tool: 'corp', tools: null } },
      /defaultRegistries\.tools is the kind tool, which is there already/,
    ],
    [{ cacheSettings: { directory: '~/cache' } }, /\$\.cacheSettings\.directory starts with ~/],
    [
      { registryConfig: { cacheSettings: { directory: '~' } } },
      /\$\.registryConfig\.cacheSettings\.directory starts with ~/,
    ],
    [{ routes: [{ kind: 'tool', registry: 'nowhere' }] }, /\$\.routes\[0\]\.registry names the registry "nowhere"/],
    [{ artifacts: ['x'] }, /\$\.artifacts should be/],
    [
      { registries: [corp], registryConfig: { registries: { a: { location: 'x' } } } },
      /\$\.registryConfig\.registries is given beside \$\.registries/,
    ],
  ])('[A1 A28 A38 O18 S5] %j is refused, and the message says where', async (config, says) => {
    const error = await problem(() => read(temporaryFolder({ 'haal.json': JSON.stringify(config) })))
    expect(error.code).toBe('E_CONFIG')
    expect(error.message).toMatch(says)
  })

  test.each([
    [4, ' should be an object, not 4'],
    [['x'], ': $[0] should be an object, not "x"'],
    [{ registries: 'x' }, ': $.registries should be a list or an object, not "x"'],
    [{ registries: ['x'] }, ': $.registries[0] should be an object, not "x"'],
    [{ registries: [{ name: 4 }] }, ': $.registries[0].name should be text, not 4'],
    [{ registries: [{ ...corp, ref: [] }] }, ': $.registries[0].ref (registry "corp") should be text, not a list'],
    [{ registries: [{ ...corp, token: '' }] }, ': $.registries[0].token (registry "corp") is empty'],
    [
      { registries: [{ ...corp, verified: 'yes' }] },
      ': $.registries[0].verified (registry "corp") should be true or false, not "yes"',
    ],
    [
      { registries: [{ ...corp, signature: [] }] },
      ': $.registries[0].signature (registry "corp") should be an object, not a list',
    ],
    [
      { registries: [{ ...corp, signature: { keys: [{ key: 4 }] } }] },
      ': $.registries[0].signature.keys[0].key (registry "corp") should be text, not 4',
    ],
    [{ registries: { corp: 'x' } }, ': $.registries.corp (registry "corp") should be an object, not "x"'],
    [{ registryConfig: [] }, ': $.registryConfig should be an object, not a list'],
    [
      { registryConfig: { registries: { corp: { location: 4 } } } },
      ': $.registryConfig.registries.corp.location (registry "corp") should be text, not 4',
    ],
    [{ repos: [4] }, ': $.repos[0] should be text or an object, not 4'],
    [{ defaultRegistries: [] }, ': $.defaultRegistries should be an object, not a list'],
    [{ routes: {} }, ': $.routes should be a list, not an object'],
    [{ cacheSettings: [] }, ': $.cacheSettings should be an object, not a list'],
    [{ cacheSettings: { directory: '' } }, ': $.cacheSettings.directory is empty'],
    [{ cacheSettings: { maxAge: 1.5 } }, ': $.cacheSettings.maxAge should be a whole number, 0 or more, not 1.5'],
    [{ artifacts: { a: 1 } }, ': $.artifacts.a should be text, not 1'],
    [{ artifacts: { 'skill/a@1.0.0': '*' } }, ': $.artifacts["skill/a@1.0.0"] has a version in it'],
    [{ artifacts: { '@acme/x:skill/a@1.0.0': '*' } }, ': $.artifacts["@acme/x:skill/a@1.0.0"] has a version in it'],
    [{ pins: null }, ': $.pins should be an object, not null'],
    [{ pins: { a: '1.0.0' } }, ': $.pins.a is not the name of one artifact with its kind'],
    [{ pins: { 'skills/a': '1.0.0' } }, ': $.pins["skills/a"] is not the name of one artifact with its kind'],
    [{ pins: { 'skill/*': '1.0.0' } }, ': $.pins["skill/*"] is not the name of one artifact with its kind'],
    [{ pins: { 'corp:skill/a': '1.0.0' } }, ': $.pins["corp:skill/a"] is not the name of one artifact with its kind'],
    [{ targets: 'claude' }, ': $.targets should be a list, not "claude"'],
    [{ link: 'no' }, ': $.link should be true or false, not "no"'],
    [{ policy: '' }, ': $.policy is empty'],
    [{ generations: { keep: 0 } }, ': $.generations.keep should be a whole number, 1 or more, not 0'],
    [{ generations: { keep: '5' } }, ': $.generations.keep should be a whole number, 1 or more, not "5"'],
  ])('[S5 U3] %j: the message has the key, what was found and what belongs there', async (config, says) => {
    const error = await problem(() => read(temporaryFolder({ 'haal.json': JSON.stringify(config) })))
    expect(error).toMatchObject({ code: 'E_CONFIG', message: `haal.json${says}` })
  })

  test.each([
    ['4', ' should be a list or an object, not 4'],
    ['{ "registries": 4 }', ': $.registries should be a list or an object, not 4'],
    ['{ "registry": [] }', ' has no "registries"'],
    ['{ "registryConfig": { "registries": {} } }', ' has no "registries"'],
    ['[{ "name": "corp", "location": 4 }]', ': $[0].location (registry "corp") should be text, not 4'],
  ])('[S5 U3] .haal/registries.json: %s is refused with its path', async (text, says) => {
    const error = await problem(() => read(temporaryFolder({ '.haal/registries.json': text })))
    expect(error).toMatchObject({ code: 'E_CONFIG', message: `.haal/registries.json${says}` })
  })

  test.each([
    ['{ "artifacts": { "a": "1" }, "artifacts": {} }', /twice/],
    ['{ "__proto__": {} }', /__proto__/],
    ['{ "artifacts": ', /haal\.json:1:/],
    ['<<<<<<< ours\n{}\n=======\n{}\n>>>>>>> theirs\n', /conflict markers/],
  ])('[S5 L3] %s is no haal.json', async (text, says) => {
    const error = await problem(() => read(temporaryFolder({ 'haal.json': text })))
    expect(error.code).toBe('E_CONFIG_PARSE')
    expect(error.message).toMatch(says)
    expect(({} as Record<string, unknown>).polluted).toBe(undefined)
  })

  test('[A43] a key that haal does not use is told, not obeyed', async () => {
    const { warnings } = await read(temporaryFolder({ 'haal.json': '{ "artefacts": {}, "autoInstall": true }' }))
    expect(warnings.map(({ code }) => code)).toEqual(['W_CONFIG_KEY', 'W_AUTO_INSTALL'])
    expect(warnings[0]?.message).toMatch(/"artefacts", which haal does not use; did you mean "artifacts"\?$/)
  })

  test.each([
    [
      { registryConfig: { defaultRegistry: {} } },
      '$.registryConfig has the key "defaultRegistry"',
      'defaultRegistries',
    ],
    [{ cacheSettings: { maxage: 1 } }, '$.cacheSettings has the key "maxage"', 'maxAge'],
    [{ registryConfig: { cacheSettings: { dir: '/x' } } }, '$.registryConfig.cacheSettings has the key "dir"', ''],
    [{ registries: [{ name: 'a', url: '/x', brnch: 'b' }] }, '$.registries[0] has the key "brnch"', 'branch'],
    [
      { registryConfig: { registries: { a: { location: '/x', cacheduration: 1 } } } },
      '"cacheduration"',
      'cacheDuration',
    ],
  ])('[A1 A36 A38] a slip deeper down is told with its place: %j', async (config, says, meant) => {
    const { warnings } = await read(temporaryFolder({ 'haal.json': JSON.stringify(config) }))
    expect(warnings).toMatchObject([{ code: 'W_CONFIG_KEY', message: expect.stringContaining(says) }])
    if (meant !== '') expect(warnings[0]?.message).toMatch(`did you mean "${meant}"?`)
  })

  test('[A1 O18] a registry may have keys of its own', async () => {
    const registries = [{ name: 'a', url: '/x', ref: 'b', description: 'ours', title: 'A', kind: 'skills', tag: 'v1' }]
    const { warnings } = await read(temporaryFolder({ 'haal.json': JSON.stringify({ registries }) }))
    expect(warnings).toEqual([])
  })

  test('[A1] autoInstall of one registry, where AgentOS has it, is told', async () => {
    const registries = { a: { type: 'npm', location: '@framers/agentos-extensions', autoInstall: true } }
    const config = JSON.stringify({ registryConfig: { registries } })
    const { warnings } = await read(temporaryFolder({ 'haal.json': config }))
    expect(warnings.map(({ code }) => code)).toEqual(['W_AUTO_INSTALL'])
  })
})

describe('a configuration under another name', () => {
  test.each([
    ['haal.yaml', 'registries:\n  - name: a\n    location: ../a\n'],
    ['.haalrc', '{ "registries": [{ "name": "a", "location": "../a" }] }'],
    ['.haalrc', '// ours\n{ // where from\n"registries": [{ "name": "a", "location": "../a" }] }'],
    ['.haalrc', 'registries:\n  - name: a\n    location: ../a\n'],
    ['.haalrc.yaml', 'registries: [{ name: a, location: ../a }]'],
    ['.config/haal.json', '{ "registries": [{ "name": "a", "location": "../../a" }] }'],
    ['.config/haal.yaml', 'registries: [{ name: a, location: ../../a }]'],
    ['package.json', '{ "name": "x", "haal": { "registries": [{ "name": "a", "location": "../a" }] } }'],
  ])(
    '[A12] %s is found, and its paths start at its own folder; named by a person it says the same',
    async (file, text) => {
      const root = temporaryFolder({ [file]: text })
      const found = await read(root)
      expect(found.registries).toMatchObject([{ name: 'a', at: { path: path.resolve(root, '../a') } }])
      expect(await read(root, path.join(root, file))).toEqual(found)
    },
  )

  test('[A12] a package.json that a person names and that does not speak of haal yet asks for nothing', async () => {
    const root = temporaryFolder({ 'package.json': '{ "name": "x" }' })
    const file = path.join(root, 'package.json')
    expect(await read(root, file)).toMatchObject({ file, registries: [], artifacts: {}, warnings: [] })
  })

  test('[A1] a policy is a URL in capital letters, too', async () => {
    const root = temporaryFolder({ 'haal.json': '{ "policy": "HTTPS://corp.com/policy.json" }' })
    expect((await read(root)).policy).toBe('HTTPS://corp.com/policy.json')
  })

  test('[S11] code is not among them: haal.config.mjs does not run', async () => {
    const root = temporaryFolder({ 'haal.config.mjs': 'globalThis.ran = true; export default {}' })
    await read(root)
    expect(Object.hasOwn(globalThis, 'ran')).toBe(false)
  })

  test.each<[string, Record<string, string>]>([
    ['.config/config.js', { 'haal.yaml': 'registries: []', '.config/config.js': "globalThis.ran = 'js'" }],
    [
      '.config/config.cjs beside a package.json',
      { 'package.json': '{}', '.config/config.cjs': "globalThis.ran = 'cjs'" },
    ],
    ['an $import of haal.yaml', { 'haal.yaml': '$import: ./evil.js', 'evil.js': "globalThis.ran = 'import'" }],
    [
      'an $import of package.json',
      { 'package.json': '{"haal":{"$import":"./e.cjs"}}', 'e.cjs': "globalThis.ran = 'p'" },
    ],
  ])('[S11] nor does %s', async (_what, files) => {
    const root = temporaryFolder(files)
    const before = process.cwd()
    process.chdir(root)
    try {
      await read(root)
    } finally {
      process.chdir(before)
    }
    expect(Object.hasOwn(globalThis, 'ran')).toBe(false)
  })

  test.each<[string, Record<string, string>, RegExp]>([
    ['a YAML alias', { 'haal.yaml': 'a: &a [1]\nregistries: *a\n' }, /^haal\.yaml has an alias/],
    ['a YAML key twice', { 'haal.yaml': 'pins: {}\n"pins": {}\n' }, /^haal\.yaml:2:1 has the key "pins" twice$/],
    [
      'a second YAML document',
      { 'haal.yaml': 'pins: {}\n---\na: 1\n' },
      /^haal\.yaml:2:1 has a second document \(---\)/,
    ],
    ['a YAML key that is a list', { 'haal.yaml': '# x\n? [a]\n: b\n' }, /^haal\.yaml:2:1 has a key that is no word$/],
    ['YAML in a tower', { 'haal.yaml': `a: ${'['.repeat(3000)}` }, /^haal\.yaml:1:\d+ is nested too deep$/],
    ['YAML cut short', { 'haal.yaml': 'a:\n  b: "c\n' }, /^haal\.yaml:3:1 is not valid YAML: missing closing "quote$/],
    [
      'YAML without end',
      { 'haal.yaml': '#'.repeat(256 * 1024 + 1) },
      /^haal\.yaml is longer than the 262144 characters/,
    ],
    [
      'a broken package.json that speaks of haal',
      { 'package.json': '{ "haal": {' },
      /^package\.json:1:\d+ is not valid JSON/,
    ],
  ])('[U3] %s is an error that names the file', async (_what, files, says) => {
    const error = await read(temporaryFolder(files)).then(
      () => undefined,
      (e: unknown) => e,
    )
    expect(error).toMatchObject({ code: 'E_CONFIG_PARSE', message: expect.stringMatching(says) })
  })

  test('[A12] a package.json that does not speak of haal is left alone, however broken; an empty file is passed over', async () => {
    const root = temporaryFolder({
      'package.json': '{ "name": ',
      '.haalrc': ' ',
      '.haalrc.json': '{ "registries": [{ "name": "a", "location": "../a" }] }',
    })
    expect((await read(root)).registries).toMatchObject([{ name: 'a' }])
    expect((await read(temporaryFolder({ 'package.json': '<<<<<<< ours' }))).registries).toEqual([])
  })

  test('[A30] code runs where a person names it', async () => {
    const root = temporaryFolder({
      'mine.mjs':
        "export default { registries: { a: { type: 'file', location: './a' } }, resolver: (kind) => (kind === 'tool' ? 'a' : null) }",
    })
    const file = path.join(root, 'mine.mjs')
    const { resolver } = manifestFrom(await readCode(nodeDisk(), file), { file, author: 'person' })
    expect([resolver?.('tool'), resolver?.('skill')]).toEqual(['a', null])
  })
})

function windows(text: string): string {
  return text.replaceAll('\n', '\r\n')
}

describe('an edit', () => {
  const from = { artifacts: { 'skill/a': '*' }, pins: {} }
  const to = { artifacts: { 'skill/b': '^1.0.0' }, pins: { 'skill/b': '1.0.0' } }

  test('[O2] of JSON keeps comments, order and indentation', async () => {
    const text =
      '{\n    // where from\n    "registries": [],\n    "artifacts": {\n        "skill/a": "*"\n    },\n    "targets": ["claude"]\n}\n'
    const root = temporaryFolder({ 'haal.json': text })
    const edited = await editConfig(nodeDisk(), path.join(root, 'haal.json'), wishEdits(from, to))
    expect(edited).toBe(
      '{\n    // where from\n    "registries": [],\n    "artifacts": {\n        "skill/b": "^1.0.0"\n    },\n    "pins": {\n        "skill/b": "1.0.0"\n    },\n    "targets": ["claude"]\n}\n',
    )
  })

  test('[O2] of JSON leaves the form of all that stands beside what it changes', async () => {
    const odd = (artifacts: string, pins: string) =>
      `{\n  "registries": [ { "name":"a",  "location": "../a" } ],\n  "artifacts": {${artifacts}},\n  "pins": {${pins}},\n  "targets": ["claude",\n "cursor"]\n}\n`
    const before = odd('\n    "skill/a": "*",\n    "skill/c": "*"\n  ', ' "skill/a": "1.0.0", "skill/c": "1.0.0" ')
    const root = temporaryFolder({ 'haal.json': before })
    const edits = wishEdits(
      { artifacts: { 'skill/a': '*', 'skill/c': '*' }, pins: { 'skill/a': '1.0.0', 'skill/c': '1.0.0' } },
      { artifacts: { 'skill/c': '*' }, pins: { 'skill/a': '2.0.0', 'skill/c': '1.0.0' } },
    )
    const edited = await editConfig(nodeDisk(), path.join(root, 'haal.json'), edits)
    expect(edited).toBe(odd('\n    "skill/c": "*"\n  ', ' "skill/a": "2.0.0", "skill/c": "1.0.0" '))
  })

  test('[O2 F1] of one entry among 20,000 looks at each of the others once', async () => {
    const artifacts = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`skill/s${i}`, '*']))
    const root = temporaryFolder({ 'haal.json': JSON.stringify({ artifacts }, null, 2) })
    const edits = wishEdits({ artifacts, pins: {} }, { artifacts: { ...artifacts, 'skill/more': '*' }, pins: {} })
    const edited = await editConfig(nodeDisk(), path.join(root, 'haal.json'), edits)
    expect(Object.keys(JSON.parse(edited).artifacts)).toHaveLength(20_001)
  })

  test.each([
    ['haal.json', '{\n  "registries": [],\n  "artifacts": { "skill/a": "*" }\n}\n'],
    ['package.json', '{\n  "haal": { "registries": [], "artifacts": { "skill/a": "*" } }\n}\n'],
    ['.haalrc', '{ // ours\n  "artifacts": { "skill/a": "*" }\n}\n'],
  ])('[O2 U8] of %s keeps the byte order mark that an editor on Windows has written', async (file, text) => {
    const root = temporaryFolder({ [file]: `\ufeff${text}` })
    expect((await read(root)).artifacts).toEqual({ 'skill/a': '*' })
    const place = path.join(root, file)
    const edited = await editConfig(nodeDisk(), place, wishEdits(from, to))
    const plain = await editConfig(nodeDisk(), path.join(temporaryFolder({ [file]: text }), file), wishEdits(from, to))
    expect(edited).toBe(`\ufeff${plain}`)
    expect(plain).toContain('"skill/b": "^1.0.0"')
  })

  test.each([
    ['.haalrc', '{ // ours\n  "registries": [], "artifacts": { "skill/a": "*" }\n}\n'],
    ['haal.yaml', '{ registries: [], artifacts: { skill/a: "*" } } # ours\n'],
  ])('[O2] of %s that begins with a bracket is read and edited as one and the same', async (file, text) => {
    const root = temporaryFolder({ [file]: text })
    expect((await read(root)).artifacts).toEqual({ 'skill/a': '*' })
    fs.writeFileSync(path.join(root, file), await editConfig(nodeDisk(), path.join(root, file), wishEdits(from, to)))
    expect((await read(root)).artifacts).toEqual(to.artifacts)
    expect(fs.readFileSync(path.join(root, file), 'utf8')).toContain(' ours\n')
  })

  test('[O2] of YAML keeps comments', async () => {
    const root = temporaryFolder({ 'haal.yaml': '# ours\nartifacts:\n  skill/a: "*" # old\n' })
    const edited = await editConfig(nodeDisk(), path.join(root, 'haal.yaml'), wishEdits(from, to))
    expect(edited).toContain('# ours\n')
    expect(edited).toContain('skill/b: ^1.0.0')
    expect(edited).not.toContain('skill/a')
  })

  const b = { artifacts: { 'skill/a': '*', 'skill/b': '^1.0.0' }, pins: { 'skill/b': '1.0.0' } }
  const mine = [
    '# mine',
    'registries:',
    '- name: "a"   # where from',
    "  location: '../a'",
    'targets: [ claude,cursor ]',
    '',
  ]
  const text = (...lines: string[]) => [...mine, ...lines, ''].join('\n')
  test.each<[string, string, readonly Edit[], string]>([
    [
      'an entry more, and pins',
      text('artifacts:', '    skill/a:   "*" # all', '', '# end'),
      wishEdits(from, b),
      text('artifacts:', '    skill/a:   "*" # all', '    skill/b: ^1.0.0', 'pins:', '    skill/b: 1.0.0', '', '# end'),
    ],
    [
      'an entry more, quoted as the others are',
      text('artifacts:', "    'skill/a': '^1' # all"),
      wishEdits(
        { artifacts: { 'skill/a': '^1' }, pins: {} },
        { artifacts: { 'skill/a': '^1', 'skill/b': '*' }, pins: {} },
      ),
      text('artifacts:', "    'skill/a': '^1' # all", "    'skill/b': '*'"),
    ],
    [
      'another range',
      text('artifacts:', "  skill/a:  '*'  # all", '  skill/b: ^1.0.0 # b'),
      wishEdits(from, { artifacts: { 'skill/a': '^2.0.0' }, pins: {} }),
      text('artifacts:', "  skill/a:  '^2.0.0'  # all", '  skill/b: ^1.0.0 # b'),
    ],
    [
      'an entry less',
      text('artifacts:', '  # a', '  skill/a:  "*"  # all', '  # b', '  skill/b: 1'),
      wishEdits(from, { artifacts: {}, pins: {} }),
      text('artifacts:', '  # a', '  # b', '  skill/b: 1'),
    ],
    [
      'the last entry',
      text('artifacts:', '  skill/a:  "*"  # all'),
      wishEdits(from, { artifacts: {}, pins: {} }),
      text(),
    ],
    [
      'an entry in brackets',
      text('artifacts: { "skill/a": "*" } # all'),
      wishEdits(from, b),
      text('artifacts: { "skill/a": "*", "skill/b": ^1.0.0 } # all', 'pins:', '  skill/b: 1.0.0'),
    ],
    [
      'one in brackets for another',
      text('artifacts: {', '    skill/x: "1",', '    skill/a: "*"', '} # all'),
      wishEdits(from, { artifacts: { 'skill/b': '^1.0.0' }, pins: {} }),
      text('artifacts: {', '    skill/x: "1",', '    skill/b: ^1.0.0', '} # all'),
    ],
    [
      'a tool more',
      text('artifacts: {}'),
      [{ path: ['targets'], value: ['claude', 'cursor', 'codex'] }],
      text('artifacts: {}').replace('claude,cursor ]', 'claude,cursor, codex ]'),
    ],
    [
      'a registry more',
      text('artifacts: {}'),
      [{ path: ['registries', 1], value: { name: 'b', location: '../b' } }],
      text('artifacts: {}').replace("'../a'\n", "'../a'\n- name: b\n  location: '../b'\n".replaceAll("'../b'", '../b')),
    ],
    [
      'a registry less',
      text('artifacts: {}').replace('targets', '- name: b\n  # there\n  location: ../b\ntargets'),
      [{ path: ['registries', 0], value: undefined }],
      text('artifacts: {}').replace(`${mine[2]}\n${mine[3]}\n`, '- name: b\n  # there\n  location: ../b\n'),
    ],
  ])('[O2] of YAML leaves all else to the byte: %s', async (_title, before, edits, after) => {
    for (const form of [(one: string) => one, windows, (one: string) => `\ufeff${one}`]) {
      const file = path.join(temporaryFolder({ 'haal.yaml': form(before) }), 'haal.yaml')
      expect(await editConfig(nodeDisk(), file, edits)).toBe(form(after))
    }
  })

  test.each([
    ['haal.json', '{\r\n  "artifacts": { "skill/a": "*" }\r\n}'],
    ['haal.yaml', '# ours\r\nartifacts:\r\n  skill/a: "*"\r\n'],
  ])('[O2 U8] of %s with Windows line ends keeps them', async (file, text) => {
    const root = temporaryFolder({ [file]: text })
    const edited = await editConfig(nodeDisk(), path.join(root, file), wishEdits(from, to))
    expect(edited).toContain('skill/b')
    expect(edited).toMatch(/\r\n$/)
    expect(edited.replaceAll('\r\n', '')).not.toContain('\n')
  })

  test.each([
    ['haal.json', '{\n  // caf\xe9\n  "artifacts": { "skill/a": "*" }\n}\n'],
    ['haal.yaml', '# caf\xe9\nartifacts:\n  skill/a: "*"\n'],
    ['package.json', '{ "author": "Ren\xe9", "haal": { "artifacts": { "skill/a": "*" } } }\n'],
  ])('[O2 U3] of %s that is not UTF-8 is refused, because what it says would be lost', async (name, text) => {
    const place = path.join(temporaryFolder({}), name)
    fs.writeFileSync(place, text, 'latin1')
    const error = await problem(() => editConfig(nodeDisk(), place, wishEdits(from, to)))
    expect(error).toMatchObject({
      code: 'E_CONFIG_PARSE',
      message: `${name} is not UTF-8; haal does not write into it`,
    })
    fs.writeFileSync(place, text.replace('\xe9', '\ufffd'))
    expect(await editConfig(nodeDisk(), place, wishEdits(from, to))).toContain('\ufffd')
  })

  test.each([
    ['haal.json', '[{ "name": "a", "url": "./a" }]'],
    ['haal.yaml', '- name: a\n  url: ./a\n'],
    ['package.json', '{ "haal": [{ "name": "a", "url": "./a" }] }'],
  ])('[U3] of %s that is a bare list is refused', async (name, text) => {
    const root = temporaryFolder({ [name]: text })
    expect((await read(root)).registries).toHaveLength(1)
    const error = await problem(() => editConfig(nodeDisk(), path.join(root, name), wishEdits(from, to)))
    expect(error).toMatchObject({ code: 'E_CONFIG', message: expect.stringContaining(name) })
  })

  test('[O2 S5] whatever a person writes into it, it is refused by its name, or holds what is added and all else', async () => {
    const lines = [
      'artifacts:',
      'pins: {}',
      '  skill/a: "*"',
      '  ? skill/a',
      '  : ^1',
      '# ours',
      'x: &x [1]',
      'y: *x',
      '---',
    ]
    const more = [
      '',
      '  - a',
      'artifacts: {skill/a: 1}',
      '  "skill/c": |',
      '    1',
      '\t',
      '<<: {pins: {}}',
      'registries: []',
      '!!set {a}',
    ]
    const file = path.join(temporaryFolder({}), 'haal.yaml')
    const taken = async () => (await read(path.dirname(file))).artifacts
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...lines, ...more), { maxLength: 7 }), async (written) => {
        fs.writeFileSync(file, `${written.join('\n')}\n`)
        const before = await taken().catch((e: unknown) => e as HaalError)
        if (before instanceof Error) {
          expect(`${before.code} ${before.message}`).toMatch(/^E_CONFIG\w* haal\.yaml/)
          return
        }
        const wanted = { ...before, 'skill/new': '1.0.0' }
        const edits = wishEdits({ artifacts: before, pins: {} }, { artifacts: wanted, pins: {} })
        fs.writeFileSync(file, await editConfig(nodeDisk(), file, edits))
        expect(await taken()).toEqual(wanted)
      }),
      { numRuns: 200 },
    )
  })

  const noted = (...lines: string[]) => ['{', '  "artifacts": {', ...lines, '  }', '}', ''].join('\n')
  const [above, first, second] = ['    // all', '    "skill/a": "1"', '    "skill/b": "2"']

  test.each<[string, string, Record<string, string>, string]>([
    [
      'the last goes',
      noted(above, `${first}, // a`, `${second} // b`),
      { 'skill/a': '1' },
      noted(above, `${first} // a`),
    ],
    [
      'the first goes',
      noted(above, `${first}, // a`, `${second} // b`),
      { 'skill/b': '2' },
      noted(above, `${second} // b`),
    ],
    ['all go', noted(above, `${first} // a`, '    // end'), {}, noted(above, '    // end')],
    [
      'one comes',
      noted(`${first} // a`, '    // end'),
      { 'skill/a': '1', 'skill/b': '2' },
      noted(`${first}, // a`, second, '    // end'),
    ],
    ['a comma has a line of its own', noted(`${first} // a`, '    ,', second), { 'skill/b': '2' }, noted(second)],
  ])('[O2] of JSON leaves the comments of other entries with them where %s', async (_title, text, artifacts, after) => {
    const file = path.join(temporaryFolder({ 'haal.json': text }), 'haal.json')
    const { artifacts: before } = parse(text) as { artifacts: Record<string, string> }
    const edits = wishEdits({ artifacts: before, pins: {} }, { artifacts, pins: {} })
    expect(await editConfig(nodeDisk(), file, edits)).toBe(after)
  })

  test('[O2] of many entries makes the text that edits of each of them make', async () => {
    const file = path.join(temporaryFolder({}), 'haal.json')
    const edited = async (text: string, edits: Parameters<typeof editConfig>[2]) => {
      fs.writeFileSync(file, text)
      return editConfig(nodeDisk(), file, edits)
    }
    await fc.assert(
      fc.asyncProperty(laidOut, wishes, wishes, async (text, artifacts, pins) => {
        const now = parse(text) as { artifacts?: Record<string, string>; pins?: Record<string, string> }
        const edits = wishEdits({ artifacts: now.artifacts ?? {}, pins: now.pins ?? {} }, { artifacts, pins })
        let oneByOne = text
        const going = edits.filter(({ value, ifEmpty }) => value === undefined && !ifEmpty)
        for (const edit of [...going, ...edits.filter((each) => !going.includes(each))])
          oneByOne = await edited(oneByOne, [edit])
        expect(await edited(text, edits)).toBe(oneByOne)
      }),
      { numRuns: 100 },
    )
  })

  test('[O2] of very many entries that come, change and go ends', async () => {
    const file = path.join(temporaryFolder({}), 'haal.json')
    const all = (range: string) =>
      Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`skill/s${i}`, range])) as Record<string, string>
    const states = [{}, all('*'), all('^1.0.0'), {}].map((artifacts) => ({ artifacts, pins: artifacts }))
    fs.writeFileSync(file, '{\n  "link": true // ours\n}\n')
    for (const [index, to] of states.entries()) {
      const from = states[index - 1] ?? { artifacts: {}, pins: {} }
      fs.writeFileSync(file, await editConfig(nodeDisk(), file, wishEdits(from, to)))
      expect(parse(fs.readFileSync(file, 'utf8'))).toEqual(index % 3 === 0 ? { link: true } : { link: true, ...to })
    }
    expect(fs.readFileSync(file, 'utf8')).toBe('{\n  "link": true // ours\n}\n')
  })

  test('[O2] of a project without haal.json makes one', async () => {
    const edited = await editConfig(
      nodeDisk(),
      path.join(temporaryFolder({}), 'haal.json'),
      wishEdits({ artifacts: {}, pins: {} }, to),
    )
    expect(JSON.parse(edited)).toEqual({ artifacts: to.artifacts, pins: to.pins })
  })
})

const keys = ['skill/a', 'skill/b', 'skill/c', 'skill/d', 'rule/*', '1']
const remark = fc.constantFrom('', '', '', ' // note', ' /* note */')
const above = fc.constantFrom('', '', '', '// above', '// "skill/a": "*",', '/* two\nlines */')
const wish = fc.record({ key: fc.constantFrom(...keys), value: fc.constantFrom('*', '1.0.0'), above, remark })
const section = fc.record({
  name: fc.constantFrom('artifacts', 'pins', 'mine'),
  wishes: fc.uniqueArray(wish, { maxLength: 5, selector: ({ key }) => key }),
  above,
  remark,
})
type Section = typeof section extends fc.Arbitrary<infer T> ? T : never
const lined = (sections: Section[], indent: string) => {
  const line = (depth: number, text: string) => (text === '' ? '' : `${indent.repeat(depth)}${text}\n`)
  const comma = (index: number, all: unknown[]) => (index < all.length - 1 ? ',' : '')
  const one = ({ name, wishes, above, remark }: Section, index: number) =>
    `${line(1, above)}${line(1, `"${name}": {${remark}`)}${wishes
      .map((w, i) => line(2, w.above) + line(2, `"${w.key}": "${w.value}"${comma(i, wishes)}${w.remark}`))
      .join('')}${line(1, `}${comma(index, sections)}`)}`
  return `{\n${indent}"link": true${sections.length > 0 ? ',' : ''}\n${sections.map(one).join('')}}\n`
}
/** A member a line, with comments about them. */
const laidOut = fc
  .tuple(fc.uniqueArray(section, { selector: ({ name }) => name }), fc.constantFrom('  ', '\t', '    '), fc.boolean())
  .map(([sections, indent, windows]) => {
    const text = lined(sections, indent)
    return windows ? text.replaceAll('\n', '\r\n') : text
  })
const wishes = fc.dictionary(fc.constantFrom(...keys), fc.constantFrom('*', '1.0.0', '2.0.0'))
