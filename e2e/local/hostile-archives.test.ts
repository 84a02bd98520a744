import fs from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type Files, integrityOf, needs, type RawEntry, skill, sri, world } from '../world/index.js'

const good: RawEntry = { path: 'skills/a/SKILL.md', body: skill('a') }

/** An archive as the registry of a fresh project; `a` is what is asked for. */
async function archived(
  entries: Files | readonly RawEntry[],
  options: Parameters<Awaited<ReturnType<typeof world>>['archive']>[2] = {},
) {
  const at = await world()
  const file = await at.archive('acme', entries, { listed: true, ...options })
  return { ...at, file }
}

/** Each: what lies beside a good skill, or in its place, and what is said of it. */
const refused: [what: string, entries: RawEntry[], code: string][] = [
  ['A01 ../', [{ path: '../evil', body: 'x' }], 'E_PATH_ESCAPE'],
  ['A01 p/../../', [{ path: 'skills/a/../../../evil', body: 'x' }], 'E_PATH_ESCAPE'],
  ['A01 backslashes', [{ path: 'skills\\a\\..\\..\\..\\evil', body: 'x' }], 'E_PATH_ESCAPE'],
  ['A02 /tmp', [{ path: '/tmp/evil', body: 'x' }], 'E_PATH_ABSOLUTE'],
  ['A02 C:\\', [{ path: 'C:\\evil', body: 'x' }], 'E_PATH_ABSOLUTE'],
  ['A02 C:evil', [{ path: 'C:evil', body: 'x' }], 'E_PATH_ABSOLUTE'],
  ['A02 a share', [{ path: '\\\\srv\\share\\x', body: 'x' }], 'E_PATH_ABSOLUTE'],
  ['A02 //?/', [{ path: '//?/C:/x', body: 'x' }], 'E_PATH_ABSOLUTE'],
  ['A05 case twins', [{ path: 'skills/a/skill.md', body: 'x' }], 'E_PATH_COLLISION'],
  [
    'A05 twin folders',
    [
      { path: 'skills/a/Scripts/x', body: 'x' },
      { path: 'skills/a/scripts/y', body: 'y' },
    ],
    'E_PATH_COLLISION',
  ],
  [
    'A05 Unicode twins',
    [
      { path: 'skills/a/\u00e9', body: 'x' },
      { path: 'skills/a/e\u0301', body: 'y' },
    ],
    'E_PATH_COLLISION',
  ],
  ['A09 a duplicate', [{ path: 'skills/a/SKILL.md', body: 'evil' }], 'E_ARCHIVE_DUPLICATE'],
  ['A13 a link out', [{ path: 'skills/a/l', type: '2', link: '../../../../etc/passwd' }], 'E_ENTRY_TYPE'],
  ['A13 an absolute link', [{ path: 'skills/a/l', type: '2', link: '/etc/passwd' }], 'E_ENTRY_TYPE'],
  ['A14 a link inside', [{ path: 'skills/a/l', type: '2', link: 'SKILL.md' }], 'E_ENTRY_TYPE'],
  ['A16 a hard link out', [{ path: 'skills/a/l', type: '1', link: '/etc/passwd' }], 'E_ENTRY_TYPE'],
  ['A16 a hard link inside', [{ path: 'skills/a/l', type: '1', link: 'skills/a/SKILL.md' }], 'E_ENTRY_TYPE'],
  ['S1 a device', [{ path: 'skills/a/null', type: '3' }], 'E_ENTRY_TYPE'],
  ['S1 a pipe', [{ path: 'skills/a/pipe', type: '6' }], 'E_ENTRY_TYPE'],
  ['A18 setuid', [{ path: 'skills/a/x', body: 'x', mode: 0o6777 }], 'E_ENTRY_MODE'],
  ['A19 .git', [{ path: 'skills/a/.git/hooks/post-checkout', body: 'x' }], 'E_PATH_FORBIDDEN'],
  ['A19 .GIT', [{ path: 'skills/a/.GIT/config', body: 'x' }], 'E_PATH_FORBIDDEN'],
  ['A19 git~1', [{ path: 'skills/a/git~1/x', body: 'x' }], 'E_PATH_FORBIDDEN'],
  ['A19 .g<200c>it', [{ path: 'skills/a/.g\u200cit/x', body: 'x' }], 'E_PATH_FORBIDDEN'],
  ['S1 a Windows device', [{ path: 'skills/a/aux.md', body: 'x' }], 'E_PATH_FORBIDDEN'],
  ['S1 a trailing dot', [{ path: 'skills/a/x.', body: 'x' }], 'E_PATH_FORBIDDEN'],
  ['S1 a stream', [{ path: 'skills/a/x:y', body: 'x' }], 'E_PATH_FORBIDDEN'],
  ['S1 an escape sequence', [{ path: 'skills/a/\u001b[2J', body: 'x' }], 'E_PATH_FORBIDDEN'],
  [
    'S2 a long path',
    [{ path: `skills/a/${'d/'.repeat(20)}${'n'.repeat(99)}/${'m'.repeat(99)}`, body: 'x' }],
    'E_LIMIT_PATH',
  ],
  ['S2 a deep path', [{ path: `skills/a/${'d/'.repeat(40)}x`, body: 'x' }], 'E_LIMIT_DEPTH'],
]

describe('an archive', () => {
  test.each(refused)('[S1] with %s is refused whole, and nothing is written', async (_what, entries, code) => {
    const { haal, store } = await archived([good, ...entries])
    await haal('install a').fails(code, 6)
    expect(Object.keys(store.tree('store')).filter((at) => at.includes('/'))).toEqual([])
  })

  test('[S1] whose percent signs spell a way out is taken at its word (A01)', async () => {
    const { haal, project } = await archived([good, { path: 'skills/a/%2e%2e%2fevil', body: 'x' }])
    await haal('install a').succeeds()
    await project.has({ '.haal/skills/a/%2e%2e%2fevil': 'x' })
  })

  test('[A27 S1] has its modes made plain: 0644 or 0755, whatever it says (A18)', async () => {
    const modes = { none: 0, sticky: 0o1644, wide: 0o666, group: 0o070, run: 0o711 }
    const files = Object.entries(modes).map(([name, mode]) => ({ path: `skills/a/${name}`, body: name, mode, uid: 0 }))
    const { haal, project } = await archived([{ path: 'skills/a', type: '5', mode: 0 }, good, ...files])
    await haal('install a').succeeds()
    for (const name of Object.keys(modes))
      expect(fs.statSync(project.at('.haal/skills/a', name)).mode & 0o7777, name).toBe(name === 'run' ? 0o755 : 0o644)
  })

  const cuts: [what: string, options: object][] = [
    ['without its end', { end: false }],
    ['cut at a block', { cut: 1024 }],
    ['cut in a file', { cut: 700 }],
    ['cut in a header', { cut: 1124 }],
  ]

  test.each(cuts)('[S1] %s is not taken for a whole one (A23)', async (_what, options) => {
    const { haal } = await archived([good, { path: 'skills/a/more.md', body: 'm'.repeat(2000) }], options)
    await haal('install a').fails('E_ARCHIVE_TRUNCATED', 6)
  })

  test('[S1] with a wrong checksum, cut after compression, or that is none, is refused (A23)', async () => {
    const { archive, haal, root } = await archived([{ ...good, badChecksum: true }])
    expect((await haal('install a').outcome()).exit).toBe(6)
    const file = await archive('acme', [good])
    const bytes = fs.readFileSync(file)
    fs.writeFileSync(file, bytes.subarray(0, bytes.length - 9))
    expect((await haal('install a').outcome()).exit).toBe(6)
    await root.write({ 'folders/acme.tgz': 'not an archive' })
    expect((await haal('install a').outcome()).exit).toBe(6)
    await root.write({ 'folders/acme.tgz': '' })
    expect((await haal('install a').outcome()).exit).toBe(6)
  })

  test('[S2] that unpacks to far more than it is stops at the budget, which is named (A27)', async () => {
    const { haal } = await archived([good, { path: 'skills/a/zeros', body: new Uint8Array(30 * 1024 * 1024) }], {
      gzip: 9,
    })
    const { stderr } = await haal('install a').fails('E_LIMIT_RATIO', 6)
    expect(stderr).toMatch(/100/)
  })

  test('[S2] with too many entries stops at the budget', async () => {
    const many = Array.from({ length: 10_001 }, (_, i) => ({ path: `skills/a/${i}`, body: '' }))
    const { haal } = await archived([good, ...many])
    await haal('install a').fails('E_LIMIT_ENTRIES', 6)
  })

  test('[O20] of another digest than its checksum is not opened (A30)', async () => {
    const { haal, file, project } = await archived([good], { entry: { checksum: sri('other') } })
    await haal('install a').fails('E_CHECKSUM', 6)
    await project.write({
      'haal.json': {
        registries: [{ name: 'acme', location: '../folders/acme.tgz', checksum: sri(fs.readFileSync(file)) }],
      },
    })
    await haal('install a').succeeds()
  })

  test('[A27] gives the same digest whatever its times, owners, order and compression (A32)', async () => {
    const files: RawEntry[] = [
      good,
      { path: 'skills/a/b.md', body: 'b' },
      { path: 'skills/a/run', body: 'r', mode: 0o755 },
    ]
    const ways = [
      { entries: files, options: {} },
      {
        entries: [...files].reverse().map((each) => ({ ...each, mtime: 1_700_000_000, uid: 1000 })),
        options: { gzip: 1 },
      },
      { entries: files.map((each) => ({ ...each, path: `package/${each.path}` })), options: { gzip: 9 } },
    ]
    const found = await Promise.all(
      ways.map(async ({ entries, options }) => {
        const { haal, project } = await archived(entries, options)
        await haal('install a').succeeds()
        return project.json<{ artifacts: Record<string, { integrity: string }> }>('haal.lock').artifacts['skill/a']
          ?.integrity
      }),
    )
    const integrity = integrityOf({ 'SKILL.md': skill('a'), 'b.md': 'b', run: { body: 'r', mode: 0o755 } })
    expect(found).toEqual([integrity, integrity, integrity])
  })

  test('[O27] is a registry like a folder: installs, updates, is verified and frozen', async () => {
    const { archive, haal, project } = await archived([good, { path: 'agents/r.md', body: 'r' }])
    await haal('install a r').succeeds()
    expect(project.json('haal.lock')).toMatchObject({
      registries: { acme: { revision: expect.stringMatching(/^sha256-/) } },
    })
    await archive('acme', [
      { ...good, body: skill('a', 'v2') },
      { path: 'agents/r.md', body: 'r' },
    ])
    await haal('install --frozen').changesNothing()
    expect((await haal('update').succeeds()).stdout).toMatch(/^~ skill\/a/)
    await project.has({ '.haal/skills/a/SKILL.md': /v2/ })
    await haal('verify').succeeds()
  })
})

describe('a folder', () => {
  const links: [what: string, files: Files][] = [
    ['a link out', { 'skills/a/l': { link: '/etc/passwd' } }],
    ['a link inside', { 'skills/a/l': { link: 'SKILL.md' } }],
    ['a dangling link', { 'skills/a/l': { link: 'nowhere' } }],
    ['a linked folder', { 'skills/a/sub': { link: '../b' }, 'skills/b/SKILL.md': skill('b') }],
  ]

  test.each(links)('[A19 S1] with %s is refused', async (_what, files) => {
    const { folder, haal } = await world()
    await folder('acme', { 'skills/a/SKILL.md': skill('a'), ...files })
    await haal('install a').fails('E_ENTRY_TYPE', 6)
  })

  test('[A19] that is itself a link is not offered, or refused', async () => {
    const { folder, haal, root } = await world()
    await root.write({ 'outside/SKILL.md': skill('a'), 'outside/secret': 'x' })
    await folder('acme', { 'skills/a': { link: '../../../outside' }, 'skills/ok/SKILL.md': skill('ok') })
    expect((await haal('list --available').succeeds()).stderr).toMatch(/skills\/a.*W_LINK/)
    await haal('install a').fails('E_NOT_FOUND', 3)
    await haal('install ok').succeeds()
  })

  const paths = ['../out', '/etc', 'C:\\x', 'curated/../../out', 'curated/link/x']

  test.each(paths)('[A19] whose index names the path %s is refused', async (path) => {
    const { folder, haal, root } = await world()
    await root.write({ 'out/manifest.json': { id: 'a.x' }, 'out/x/manifest.json': { id: 'a.x' } })
    await folder('acme', {
      'registry.json': { extensions: { curated: [{ id: 'a.x', name: 'X', version: '1.0.0', path }] } },
      'registry/curated/link': { link: '../../../out' },
      'curated/link': { link: '../../out' },
    })
    const { exit } = await haal('install a.x').outcome()
    expect(exit).toBe(6)
    await haal('install a.x --dry-run').outcome()
    expect(root.exists('project/.haal/tools')).toBe(false)
  })

  needs('sh')('[S1] with a pipe is refused without waiting for it', async () => {
    const { folder, haal } = await world()
    const acme = await folder('acme', { 'skills/a/SKILL.md': skill('a') })
    const { execFileSync } = await import('node:child_process')
    execFileSync('mkfifo', [acme.at('skills/a/pipe')])
    await haal('install a').fails('E_ENTRY_TYPE', 6)
  })

  test('[S1] with names that not every platform takes is refused', async () => {
    for (const name of ['aux.md', 'x.', 'ab:c', 'x\\y', '.git/config', 'back\u202egnp.md']) {
      const { folder, haal } = await world()
      await folder('acme', { 'skills/a/SKILL.md': skill('a'), [`skills/a/${name}`]: 'x' })
      await haal('install a').fails('E_PATH_FORBIDDEN', 6)
    }
  })
})

test('[A27 S12] an archive beside the index of a folder is what its archiveIntegrity says, or refused (A30)', async () => {
  const at = await world()
  const file = await at.archive('beside', { 'SKILL.md': skill('a') }, { listed: false })
  const bytes = fs.readFileSync(file)
  const acme = await at.folder('acme', { 'a.tgz': bytes })
  const offer = (archiveIntegrity: string) =>
    acme.write({
      'registry.json': {
        skills: {
          curated: [{ id: 'a', name: 'a', version: '1.0.0', path: 'skills/a', archive: 'a.tgz', archiveIntegrity }],
        },
      },
    })
  await offer(sri('other'))
  expect((await at.haal('install a').fails('E_INTEGRITY', 6)).stderr).toContain('a.tgz is not what its integrity says')
  await offer('md5-x')
  expect((await at.haal('install a').fails('E_INDEX', 6)).stderr).toContain('the archiveIntegrity "md5-x"')
  await offer(sri(bytes, 'sha512'))
  await at.haal('install a').succeeds()
})
