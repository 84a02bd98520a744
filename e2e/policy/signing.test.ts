import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { manifest, needs, plugin, registryJson, skill, type World, world } from '../world/index.js'
import { pair } from './bundles.js'

interface Signed {
  signed: string
  covers: string[]
  artifacts: number
  uncovered: string[]
  version: number
  id: string
  signatures: number
  key: string
}

/** A folder to sign, a key beside it, and a policy that trusts this key. */
async function publisher(files: Parameters<World['folder']>[1]) {
  const at = await world()
  const registry = await at.folder('acme', files)
  const { publicKey } = await at.haal('registry keygen ../acme.pem').json<{ publicKey: string }>()
  await trust(at, { keys: [publicKey] })
  return { ...at, registry, publicKey }
}

const trust = (at: Pick<World, 'store'>, rule: object) =>
  at.store.write({
    'policy.json': { policyVersion: 1, registries: { require: { signature: [{ registry: '*', ...rule }] } } },
  })

const sign = (at: World, more = '') => at.haal(`registry sign ../folders/acme --key ../acme.pem ${more}`).json<Signed>()

describe('haal registry sign', () => {
  test('[S12] a registry without an index gets one that lists the integrity of everything', async () => {
    const at = await publisher({
      'skills/a/SKILL.md': skill('a'),
      'agents/b.md': skill('b'),
      'competencies/kit.json': { skills: ['a'], agents: ['b'] },
      'haal_manifest.json': null,
    })
    expect(await sign(at)).toMatchObject({
      signed: 'haal.index.json',
      covers: [],
      artifacts: 3,
      uncovered: [],
      version: 1,
      id: 'acme',
      signatures: 1,
    })
    expect(Object.keys(at.registry.json<{ artifacts: object }>('haal.index.json').artifacts)).toEqual([
      'agent/b',
      'bundle/kit',
      'skill/a',
    ])
    await at.haal('install --all').succeeds()
    await at.haal('install --frozen').succeeds()
    await at.registry.write({ 'agents/b.md': skill('b', 'changed') })
    await at.haal('update').fails('E_INTEGRITY', 6)
    expect(await sign(at)).toMatchObject({ version: 2 })
    await at.haal('update').succeeds()
  })

  test.each([
    ['a skill', { 'SKILL.md': skill('a') }],
    [
      'a plugin with a marketplace of its own',
      {
        '.claude-plugin/plugin.json': plugin('a'),
        '.claude-plugin/marketplace.json': { name: 'm', owner: { name: 'o' }, plugins: [{ name: 'a', source: './' }] },
        'README.md': 'Read.\n',
      },
    ],
  ])('[S12] %s at the root of a registry is vouched for without what vouches for it', async (_what, files) => {
    const at = await publisher(files)
    for (const version of [1, 2]) expect(await sign(at)).toMatchObject({ artifacts: 1, version })
    await at.haal('install --all').succeeds()
    const there = Object.keys(at.project.tree('.haal')).filter((file) => /haal\.index|sigstore/.test(file))
    expect(there).toEqual([])
    await at.haal('verify').succeeds()
    await at.haal('update').changesNothing()
  })

  test('[S12] every index is signed, with what else decides what comes', async () => {
    const at = await publisher({
      'registry.json': registryJson([{ id: 'com.acme.tool', name: 'tool', version: '1.0.0', path: 'curated/tool' }]),
      'registry/curated/tool/manifest.json': manifest('com.acme.tool'),
      'registry/curated/tool/index.mjs': 'export const createExtensionPack = () => ({})\n',
      '.claude-plugin/marketplace.json': {
        name: 'acme',
        owner: { name: 'acme' },
        plugins: [
          { name: 'near', source: './plugins/near' },
          { name: 'far', source: { source: 'github', repo: 'acme/far' } },
          { name: 'fixed', source: { source: 'github', repo: 'acme/far', sha: 'a'.repeat(40) } },
        ],
      },
      'plugins/near/.claude-plugin/plugin.json': plugin('near'),
      'registries.json': [],
      'policy.json': { policyVersion: 1, version: 1, artifacts: { deny: ['hook/*'] } },
    })
    const { stderr, stdout } = await at.haal('registry sign ../folders/acme --key ../acme.pem').succeeds()
    expect(stderr).toBe('')
    expect(stdout).toMatch(/! plugin\/far only points elsewhere.*; give its entry .* in a marketplace a "sha"\n/)
    expect(await sign(at, '--id acme-prod --expires 7')).toMatchObject({
      signed: 'registry.json',
      covers: ['.claude-plugin/marketplace.json', 'registries.json', 'policy.json', 'haal.index.json'],
      uncovered: ['plugin/far'],
      id: 'acme-prod',
      version: 2,
    })
    await at.haal('install com.acme.tool plugin/near').succeeds()
    await at.haal('install plugin/far').fails('E_SIG_SUBJECT', 6)
    await at.registry.write({ 'policy.json': { policyVersion: 1, version: 2 } })
    await at.haal('install').succeeds()
    await at.haal('update').fails('E_SIG_SUBJECT', 6)
  })

  test('[S12] a second key adds its signature to the same statement', async () => {
    const at = await publisher({ 'skills/a/SKILL.md': skill('a') })
    const second = pair('P-256')
    await at.root.write({ 'second.pem': second.pem })
    await at
      .haal('registry sign ../folders/acme --key ../second.pem --cosign')
      .fails('E_SIG_SUBJECT', 6, { writes: ['folders'] })
    await sign(at)
    await trust(at, { keys: [at.publicKey, second.publicKey], threshold: 2 })
    await at.haal('install a').fails('E_SIG_KEY', 6)
    const cosigned = await at.haal('registry sign ../folders/acme --key ../second.pem --cosign').json<Signed>()
    expect(cosigned).toMatchObject({ version: 1, signatures: 2 })
    await at.haal('install a').succeeds()
    await at.registry.write({ 'skills/a/SKILL.md': skill('a', 'v2') })
    await at
      .haal('registry sign ../folders/acme --key ../second.pem --cosign')
      .fails('E_SIG_SUBJECT', 6, { writes: ['folders'] })
  })

  test('[S12] what cannot be signed leaves the index as it was signed', async () => {
    const at = await publisher({ 'skills/a/SKILL.md': skill('a') })
    await sign(at)
    await at.registry.write({ 'skills/a/SKILL.md': skill('a', 'v2') })
    await at.haal('registry sign ../folders/acme --key ../acme.pem --cosign').fails('E_SIG_SUBJECT', 6)
    await at.haal('registry sign ../folders/acme --key ../none.pem').fails('E_USAGE', 2)
  })

  test('[S12] a dry run signs nothing, and says what it would', async () => {
    const at = await publisher({ 'skills/a/SKILL.md': skill('a') })
    const { stdout } = await at.haal('registry sign ../folders/acme --key ../acme.pem --dry-run').changesNothing()
    expect(stdout).toMatch(/^would sign haal\.index\.json of acme as version 1/)
    const made = await at.haal('registry keygen ../new.pem --dry-run').changesNothing()
    expect(made.stdout).toBe('would write a private key to ../new.pem; a dry run, nothing is written\n')
  })

  test.skipIf(process.platform === 'win32')('[S12] [U8] a key may come through a pipe of the shell', async () => {
    const at = await publisher({ 'skills/a/SKILL.md': skill('a') })
    const line = 'cat ../acme.pem | "$0" "$1" registry sign ../folders/acme --key /dev/stdin'
    const bin = path.resolve(import.meta.dirname, '../../bin/haal.js')
    const words = JSON.stringify(['-c', line, process.execPath, bin])
    await at.node(['-e', `require('child_process').execFileSync('sh', ${words}, { stdio: 'inherit' })`]).succeeds()
    expect(await at.haal('registry verify ../folders/acme').json()).toMatchObject({ artifacts: 1 })
  })

  test('[S12] what cannot be installed cannot be signed', async () => {
    const at = await publisher({ 'skills/a/SKILL.md': skill('a'), 'skills/a/l': { link: 'SKILL.md' } })
    await at.haal('registry sign ../folders/acme --key ../acme.pem').fails('E_ENTRY_TYPE', 6)
    await at.haal('registry sign ../folders/none --key ../acme.pem').fails('E_USAGE', 2)
  })
})

describe('keys', () => {
  test('[S12] an encrypted one is opened by HAAL_KEY_PASSPHRASE, which is never shown', async () => {
    const at = await publisher({ 'skills/a/SKILL.md': skill('a') })
    const passphrase = at.secret('passphrase')
    const { pem, publicKey } = pair('ed25519', passphrase)
    await at.root.write({ 'locked.pem': pem })
    const line = 'registry sign ../folders/acme --key ../locked.pem'
    await at.haal(line).fails('E_CANNOT_ASK', 2, { writes: ['folders'] })
    const wrong = await at
      .haal(line, { env: { HAAL_KEY_PASSPHRASE: 'wrong' } })
      .fails('E_USAGE', 2, { writes: ['folders'] })
    expect(wrong.stderr).toContain('hint: give the passphrase of the key in HAAL_KEY_PASSPHRASE')
    const other = await at.haal(line.replace('locked.pem', 'project/haal.json')).fails('E_USAGE', 2, {
      writes: ['folders'],
    })
    expect(other.stderr).toContain('hint: make one: haal registry keygen <file>')
    await at.haal(`${line} --verbose`, { env: { HAAL_KEY_PASSPHRASE: passphrase } }).succeeds()
    await trust(at, { keys: [publicKey] })
    await at.haal('install a').succeeds()
  })

  needs('script')('[S12] an encrypted one is asked for on a terminal, and what is typed is not shown', async () => {
    const at = await publisher({ 'skills/a/SKILL.md': skill('a') })
    const passphrase = at.secret('passphrase')
    await at.root.write({ 'locked.pem': pair('P-256', passphrase).pem })
    const terminal = at.haal('registry sign ../folders/acme --key ../locked.pem').terminal()
    await terminal.until('Passphrase of ../locked.pem:')
    terminal.type(`${passphrase}\r`)
    const { exit, stdout } = await terminal.outcome
    expect(exit, stdout).toBe(0)
    expect(stdout).toMatch(/\*{8}/)
  })

  needs('openssl')('[S12] openssl’s keys do: ed25519 and P-256, and no others', async () => {
    const at = await publisher({ 'skills/a/SKILL.md': skill('a') })
    const openssl = (...args: string[]) =>
      execFileSync('openssl', args, { cwd: at.root.path, stdio: 'pipe' }).toString()
    openssl('genpkey', '-algorithm', 'ed25519', '-out', 'ed.pem')
    openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', 'p256.pem')
    openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384', '-out', 'p384.pem')
    openssl('genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048', '-out', 'rsa.pem')
    for (const name of ['ed', 'p256']) {
      await at.haal(`registry sign ../folders/acme --key ../${name}.pem`).succeeds()
      openssl('pkey', '-in', `${name}.pem`, '-pubout', '-out', `${name}.pub`)
      await at.haal(`registry verify ../folders/acme --key ../${name}.pub`).succeeds()
    }
    for (const name of ['p384', 'rsa'])
      await at.haal(`registry sign ../folders/acme --key ../${name}.pem`).fails('E_USAGE', 2)
    await at.haal('registry verify ../folders/acme --key ../p256.pem').fails('E_USAGE', 2)
  })

  test('[S12] keygen makes one that others cannot read, and never overwrites', async () => {
    const at = await world()
    await at.haal('registry keygen ../k.pem').succeeds()
    expect(at.root.tree()['k.pem']).toMatch(/^file 600 /)
    await at.haal('registry keygen ../k.pem').fails('E_CONFLICT', 4)
    const env = { HAAL_KEY_PASSPHRASE: at.secret('passphrase') }
    await at.haal('registry keygen ../l.pem', { env }).succeeds()
    await at.root.has({ 'l.pem': /BEGIN ENCRYPTED PRIVATE KEY/ })
  })
})

describe('haal registry verify', () => {
  test('[S12] says of a configured registry, as of a folder, nothing of what cannot be installed anyway', async () => {
    const entries = ['here', 'gone'].map((name) => ({ name, version: '1.0.0', path: `curated/${name}` }))
    const at = await publisher({
      'registry.json': registryJson(entries),
      'registry/curated/here/manifest.json': manifest('here'),
    })
    await sign(at)
    for (const registry of ['acme', '../folders/acme'])
      expect(await at.haal(`registry verify ${registry}`).json()).toMatchObject({ artifacts: 1, uncovered: [] })
  })

  test('[S12] needs a key to trust', async () => {
    const at = await publisher({ 'skills/a/SKILL.md': skill('a') })
    await sign(at)
    await at.store.remove('policy.json')
    await at.haal('registry verify acme').fails('E_SIG_KEY', 6)
    await at.haal(`registry verify acme --key ${at.publicKey}`).changesNothing()
    const { stdout } = await at.haal(`registry verify ../folders/acme --key ${at.publicKey}`).changesNothing()
    expect(stdout).toMatch(
      /^ok {2}acme: haal\.index\.json of acme, version 1, until \d{4}-\d\d-\d\d, vouches for 1 artifact$/m,
    )
    await at.registry.write({ 'skills/b/SKILL.md': skill('b') })
    const folder = `registry verify ../folders/acme --key ${at.publicKey}`
    await at.haal(folder).changesNothing()
    await at.registry.write({ 'skills/a/SKILL.md': skill('a', 'changed') })
    expect((await at.haal(folder).fails('E_INTEGRITY', 6)).stderr).toContain(
      'hint: if it is meant, sign again: haal registry sign ../folders/acme --key <file>\n',
    )
    expect((await at.haal(`registry verify acme --key ${at.publicKey}`).succeeds()).stdout).toMatch(
      /! skill\/b is not covered/,
    )
  })
})
