import { describe, expect, test } from 'vitest'
import { type Files, manifest, skill, world } from '../world/index.js'

const index = (entries: unknown, more = {}): Files => ({
  'registry.json': { extensions: { curated: entries }, ...more },
})
const entry = (more: Record<string, unknown> = {}) => ({
  id: 'a.x',
  name: 'X',
  version: '1.0.0',
  path: 'curated/x',
  ...more,
})
const files: Files = { 'curated/x/manifest.json': manifest('a.x'), 'curated/x/index.mjs': '' }

async function offered(content: Files) {
  const at = await world()
  const acme = await at.folder('acme', content)
  return { ...at, acme }
}

describe('an index', () => {
  const raw = (text: string): Files => ({ ...files, 'registry.json': text })
  const one = (more: string) =>
    raw(`{"extensions":{"curated":[{"id":"a.x","name":"X","version":"1.0.0","path":"curated/x"${more}}]}}`)
  const refused: [what: string, files: Files, code: string, says: RegExp][] = [
    ['a key twice (R10)', one(',"id":"a.y"'), 'E_JSON_KEY', /"id" twice/],
    ['__proto__ as a key (R10)', one(',"__proto__":{"polluted":true}'), 'E_JSON_KEY', /__proto__/],
    ['constructor as a key (R10)', one(',"constructor":{"prototype":{}}'), 'E_JSON_KEY', /constructor/],
    [
      'a reserved word as its name (R10)',
      { ...files, ...index([entry({ path: 'curated/hasOwnProperty' })]) },
      'E_JSON_KEY',
      /hasOwnProperty/,
    ],
    [
      'a reserved word as its id (R10)',
      { ...files, ...index([entry({ id: '__proto__' })]) },
      'E_JSON_KEY',
      /__proto__/,
    ],
    ['depth beyond 64', one(`,"deep":${'['.repeat(70)}${']'.repeat(70)}`), 'E_LIMIT_DEPTH', /deeper/],
    ['a number where text belongs', { ...files, ...index([entry({ path: 7 })]) }, 'E_INDEX', /curated\[0\]\.path/],
    ['an object where a list belongs', { ...files, ...index({ x: entry() }) }, 'E_INDEX', /extensions\.curated/],
    ['a list where an object belongs', raw('[]'), 'E_INDEX', /registry\.json/],
    ['comments', raw('{ // no\n}'), 'E_JSON', /registry\.json:1/],
    [
      'a version of 300 characters (R08)',
      { ...files, ...index([entry({ version: `1.0.0-${'x'.repeat(300)}` })]) },
      'E_VERSION',
      /version/,
    ],
    [
      'a version beyond any number (R08)',
      { ...files, ...index([entry({ version: '99999999999999999999.0.0' })]) },
      'E_VERSION',
      /version/,
    ],
    ['a digest that is none', { ...files, ...index([entry({ integrity: 'sha1-abc' })]) }, 'E_INDEX', /integrity/],
  ]

  test.each(refused)('[S5 A23] with %s is refused, with the place in it', async (_what, content, code, says) => {
    const { haal } = await offered(content)
    const exit = code === 'E_VERSION' ? 2 : 6
    expect((await haal('install a.x').fails(code, exit)).stderr).toMatch(says)
  })

  test('[S5] does not reach the prototype of anything (R10)', async () => {
    const { haal } = await offered(one(',"toString":"x"'))
    const done = await haal('list --available --json').outcome()
    expect(JSON.parse(done.stdout)).toMatchObject({ ok: false, error: { code: 'E_JSON_KEY' } })
  })

  test('[S3] that names another id or kind than the manifest is refused (R12)', async () => {
    const { acme, haal } = await offered({ ...files, ...index([entry({ id: 'a.other' })]) })
    await haal('install a.other').fails('E_IDENTITY', 6)
    await acme.write({
      ...index([entry({ kind: 'guardrail' })]),
      'curated/x/manifest.json': manifest('a.x', '1.0.0', { kind: 'tool' }),
    })
    await haal('install a.x').fails('E_IDENTITY', 6)
  })

  test('[A27] whose digest is not that of the files is refused, and what it promises when right is held (A30)', async () => {
    const wrong = `sha256-${'A'.repeat(43)}=`
    const { haal } = await offered({ ...files, ...index([entry({ integrity: wrong })]) })
    const { stderr } = await haal('install a.x').fails('E_INTEGRITY', 6)
    expect(stderr).toMatch(/tool\/x differs from the digest that its index promises/)
    expect(stderr).toContain(wrong)
  })

  test('[O25] labels that are no semver match only exactly (R08)', async () => {
    const labels = ['1.0', 'v1.0.0', '01.0.0']
    for (const version of labels) {
      const { haal } = await offered({ ...files, ...index([entry({ version })]) })
      await haal('install a.x@^1.0.0').fails('E_NO_VERSION', 3)
      await haal('install a.x@>=0').fails('E_NO_VERSION', 3)
      await haal(['install', `a.x@${version}`]).succeeds()
    }
  })
})

describe('which registry answers', () => {
  test('[S3] a secondary with a far higher version is told about, not taken (R01)', async () => {
    const { folder, haal } = await offered({ 'skills/x/SKILL.md': skill('x', 'own', { version: '1.0.0' }) })
    await folder('evil', { 'skills/x/SKILL.md': skill('x', 'evil', { version: '99.0.0' }) })
    const { stdout } = await haal('install x').succeeds()
    expect(stdout).toMatch(/\+ skill\/x +1\.0\.0 +\(acme\)\n +skill\/x is acme's; evil has one too/)
  })

  test('[S3 O26] the owner without a version in range is an error, whatever others have (R02)', async () => {
    const { folder, haal } = await offered({ 'skills/x/SKILL.md': skill('x', 'own', { version: '1.0.0' }) })
    await folder('second', { 'skills/x/SKILL.md': skill('x', 'other', { version: '2.0.0' }) })
    const { stderr } = await haal('install x@^2').fails('E_NO_VERSION', 3)
    expect(stderr).toMatch(
      /hint: take the newest: haal install skill\/x@1\.0\.0; second has one of this name too, ask there with second:skill\/x/,
    )
    await haal('install second:skill/x@^2').succeeds()
  })

  test('[S3] a primary that is down, or no registry, stops the command (R04)', async () => {
    const at = await world()
    at.list({ name: 'first', location: '../folders/first' })
    await at.folder('second', { 'skills/x/SKILL.md': skill('x') })
    await at.haal('install x').fails('E_REGISTRY_UNAVAILABLE', 7)
    await at.root.write({ 'folders/first': 'a file' })
    await at.haal('install x').fails('E_REGISTRY_UNAVAILABLE', 7)
    await at.root.remove('folders/first')
    await at.root.write({ 'folders/first/registry.json': '<html>' })
    await at.haal('install x').fails('E_JSON', 6)
  })
})
