import { describe, expect, test } from 'vitest'
import { type Files, markdown, skill, world } from '../world/index.js'

const body = (text: string | Uint8Array): Files => ({ 'skills/a/SKILL.md': text })

/** A folder registry with one skill `a`. */
async function offered(files: Files) {
  const at = await world()
  await at.folder('acme', files)
  return at
}

const tag = String.fromCodePoint(0xe0001, 0xe0068, 0xe0069)
const bidi = '\u202e'
const isolate = '\u2066'

describe('text that people cannot see', () => {
  const hidden: [where: string, files: Files, says: RegExp][] = [
    ['tags in the body (M10)', body(skill('a', `line one\n${tag}`)), /SKILL\.md:7.*U\+E0001/],
    [
      'tags in the description (M10)',
      body(markdown({ name: 'a', description: `x${tag}` }, 'x')),
      /SKILL\.md:3.*U\+E0001/,
    ],
    [
      'tags in a comment of a script (M10)',
      { ...body(skill('a')), 'skills/a/run.sh': `#!/bin/sh\n# ${tag}\n` },
      /run\.sh:2/,
    ],
    ['bidi controls in Markdown (M11)', body(skill('a', `pay ${bidi}eve`)), /U\+202E/],
    ['bidi isolates in a script (M11)', { ...body(skill('a')), 'skills/a/x.py': `a = 1 # ${isolate}x\n` }, /U\+2066/],
    ['a run of variation selectors', body(skill('a', `x${'\ufe01\ufe02\ufe03\ufe04\ufe05'.repeat(4)}`)), /U\+FE0/],
  ]

  test.each(hidden)('[S9] %s is refused with file, line and code point', async (_where, files, says) => {
    const { haal } = await offered(files)
    const { stderr } = await haal('install a').fails('E_HIDDEN_UNICODE', 6)
    expect(stderr).toMatch(says)
    await haal('install a --force').fails('E_HIDDEN_UNICODE', 6)
  })

  test('[S9] emoji, flags, Arabic, CJK and Indic text pass (M14)', async () => {
    const scotland = String.fromCodePoint(0x1f3f4, 0xe0067, 0xe0062, 0xe0073, 0xe0063, 0xe0074, 0xe007f)
    const texts = ['👩‍👩‍👧‍👦 ❤️ 1️⃣', scotland, 'مرحبا بالعالم', '你好，世界 葛󠄀飾区', 'क्‍ष नमस्ते', 'שלום', 'é ﬁ']
    const { haal, project } = await offered(body(skill('a', texts.join('\n'))))
    await haal('install a').succeeds()
    await project.has({ '.haal/skills/a/SKILL.md': skill('a', texts.join('\n')) })
  })
})

describe('heads that cannot be read', () => {
  const broken: [what: string, text: string][] = [
    ['no head (M01)', '# Just text\n'],
    ['a head that does not end (M01)', '---\nname: a\n'],
    ['a head after an empty line (M01)', '\n---\nname: a\n---\n'],
    ['what is no YAML (M01)', '---\nname: a\nauthor: @x\n---\n'],
    ['two documents in one head (M01)', '---\nname: a\n--- \nname: b\n...\n---\n'],
    ['JavaScript (M04)', '---js\n{ name: "a" }\n---\n'],
    ['JavaScript by its long name (M04)', '---javascript\nmodule.exports = {}\n---\n'],
    ['CoffeeScript (M04)', '---coffee\nname: "a"\n---\n'],
    ['TOML (M04)', '---toml\nname = "a"\n---\n'],
    ['a function (M05)', '---\nname: !!js/function "function () {}"\n---\n'],
    ['a Python object (M05)', '---\nname: !!python/object:os.system ls\n---\n'],
    ['a tag of its own (M05)', '---\nname: !evil a\n---\n'],
    [
      'a billion laughs (M07)',
      `---\na: &a [x,x]\n${[...'bcdefghi'].map((c, i) => `${c}: &${c} [*${'abcdefghi'[i]},*${'abcdefghi'[i]}]`).join('\n')}\nname: *i\n---\n`,
    ],
  ]

  test.each(broken)(
    '[S5 S11] %s installs under its folder’s name with a warning, and is an error with --strict',
    async (_what, text) => {
      const { haal, project } = await offered(body(text))
      await haal('install a --strict').fails('E_FRONTMATTER', 6)
      expect((await haal('install a').succeeds()).stderr).toMatch(/skill\/a.*W_FRONTMATTER/)
      await project.has({ '.haal/skills/a/SKILL.md': text })
    },
  )

  test('[A21] CRLF and a byte order mark are fine (M01)', async () => {
    const { haal, project } = await offered({
      ...body(skill('a', 'x', { version: '1.2.3' }).replaceAll('\n', '\r\n')),
      'skills/b/SKILL.md': `\ufeff${skill('b', 'x', { version: '2.0.0' })}`,
    })
    expect((await haal('install a b').succeeds()).stderr).toBe('')
    expect(project.json('haal.lock')).toMatchObject({
      artifacts: { 'skill/a': { version: '1.2.3' }, 'skill/b': { version: '2.0.0' } },
    })
  })

  test('[A21 U8] a byte order mark is fine in what people write as JSON, and stays in what haal edits', async () => {
    const marked = (value: unknown) => `\ufeff${JSON.stringify(value)}\n`
    const { haal, project } = await offered({
      'registry.json': marked({
        version: '1.0.0',
        extensions: { curated: [{ id: 'com.acme.clock', name: 'Clock', version: '1.0.0', path: 'curated/clock' }] },
      }),
      'registry/curated/clock/manifest.json': marked({ id: 'com.acme.clock', kind: 'tool', version: '1.0.0' }),
      'registries.json': marked([{ name: 'more', url: '../more' }]),
      'policy.json': marked({ policyVersion: 1, name: 'acme' }),
      '../more/plugins/suite/.claude-plugin/plugin.json': marked({ name: 'suite', version: '2.0.0' }),
    })
    await project.write({ 'haal.json': marked(project.json('haal.json')) })
    await haal('install clock suite').succeeds()
    expect(project.json('haal.lock')).toMatchObject({
      artifacts: { 'tool/clock': { version: '1.0.0' }, 'plugin/suite': { version: '2.0.0', registry: 'more' } },
    })
    expect(project.read('haal.json').slice(0, 2)).toBe('\ufeff{')
    expect(project.read('haal.json')).toContain('"plugin/suite"')
  })

  test('[S2] a head of more than 16 KiB is not read', async () => {
    const { haal } = await offered(body(`---\nname: a\n${'x: y\n'.repeat(5000)}---\n`))
    expect((await haal('install a').succeeds()).stderr).toMatch(/W_FRONTMATTER/)
  })

  test('[S2] a file or an artifact beyond the budget is refused, and the budget named', async () => {
    const { haal } = await offered({ ...body(skill('a')), 'skills/a/big.bin': new Uint8Array(32 * 1024 * 1024 + 1) })
    expect((await haal('install a').fails('E_LIMIT_SIZE', 6)).stderr).toMatch(
      /big\.bin is larger than 32 MiB \(budget: file\)/,
    )
  })
})
