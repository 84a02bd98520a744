import fc from 'fast-check'
import { parse } from 'smol-toml'
import { describe, expect, test } from 'vitest'
import type { Entry } from '../../src/model/targets.js'
import type { SharedText } from '../../src/targets/shared-text.js'
import { openToml } from '../../src/targets/toml-file.js'
import { tomlPairs, tomlText } from '../../src/targets/toml-text.js'

const source = '.codex/config.toml'
const docs: Entry = {
  path: ['mcp_servers', 'docs'],
  value: { command: 'npx', args: ['-y', 'docs'], env: { KEY: 'a "b"' } },
}
const odd: Entry = { path: ['mcp_servers', 'a.b c'], value: { url: 'https://x.example.com' } }
async function edited(
  text: string | undefined,
  edit: (file: SharedText) => void | Promise<void>,
): Promise<string | undefined> {
  const file = await openToml(text, source)
  await edit(file)
  return file.text()
}

const add = async (text: string | undefined, entry: Entry) => (await edited(text, (file) => file.add(entry))) ?? 'gone'
const remove = (text: string, entry: Entry) => edited(text, (file) => file.remove(entry))
const find = async (text: string, entry: Entry) => (await openToml(text, source)).find(entry)
const replace = async (text: string, { was, entry }: { was: Entry; entry: Entry }) =>
  (await edited(text, (file) => file.replace(was, entry))) ?? 'gone'

const table = '[mcp_servers.docs]\ncommand = "npx"\nargs = ["-y", "docs"]\nenv = { KEY = "a \\"b\\"" }'

describe('a table comes in at the end, and the rest stays', () => {
  test.each<[string, string, string]>([
    ['after a blank line', 'model = "x" # mine\n', `model = "x" # mine\n\n${table}\n`],
    ['where the last line has no end', '[profile]\nmodel = "x"', `[profile]\nmodel = "x"\n\n${table}`],
    ['where the file is empty', '', `\n\n${table}`],
    ['with Windows line ends', 'a = 1\r\n', `a = 1\r\n\r\n${table.replaceAll('\n', '\r\n')}\r\n`],
    [
      'beside servers of the person’s',
      '[mcp_servers.mine]\ncommand = "m"\n# end\n',
      `[mcp_servers.mine]\ncommand = "m"\n# end\n\n${table}\n`,
    ],
  ])('[T5] %s', async (_title, before, after) => {
    expect(await add(before, docs)).toBe(after)
    expect(await remove(after, docs)).toBe(before)
  })

  test('[T5] a file that haal has made goes with the last of its tables', async () => {
    const one = await add(undefined, docs)
    expect(one).toBe(`${table}\n`)
    const two = await add(one, odd)
    expect(two).toBe(`${table}\n\n[mcp_servers."a.b c"]\nurl = "https://x.example.com"\n`)
    expect(await remove(two, docs)).toBe('[mcp_servers."a.b c"]\nurl = "https://x.example.com"\n')
    expect(await remove(one, docs)).toBeUndefined()
  })

  test('[T5] a table is replaced where it stands', async () => {
    const before = `${table}\n# mine\n\n[other]\n`
    const entry = { path: docs.path, value: { command: 'uvx' } }
    expect(await replace(before, { was: docs, entry })).toBe('[mcp_servers.docs]\ncommand = "uvx"\n# mine\n\n[other]\n')
  })

  test('[T5] what looks like the table within a text is not the table', async () => {
    const before = `a = """\n[mcp_servers.docs]\ncommand = "no"\n"""\nb = '''\n[mcp_servers.docs]'''\nc = [\n  "[x]", # [mcp_servers.docs]\n]\n`
    const after = await add(before, docs)
    expect(await find(before, docs)).toBe('absent')
    expect(await remove(after, docs)).toBe(before)
  })
})

const pairs = { command: 'command = "npx"', args: 'args = ["-y", "docs"]', env: 'env.KEY = \'a "b"\'' }
const written: readonly (readonly [string, (around: string) => string])[] = [
  [
    'with a table below it',
    (mine) => `${head()}${pairs.command}\n${pairs.args}\n\n[mcp_servers.docs.env]\nKEY = 'a "b"'\n\n${mine}`,
  ],
  [
    'a table below it first',
    (mine) => `${mine}\n[mcp_servers.docs.env]\nKEY = 'a "b"'\n${head()}${pairs.command}\n${pairs.args}\n`,
  ],
  [
    'far from a table below it',
    (mine) => `${head()}${pairs.command}\n${pairs.args}\n${mine}[mcp_servers."docs".env] # own\nKEY = 'a "b"'`,
  ],
  ['with dotted keys', (mine) => `[mcp_servers]\n${dotted('docs')}\n# note\n${mine}`],
  ['with dotted keys at the top', (mine) => `${dotted('mcp_servers."docs"')}\n${mine}`],
  ['on one line', (mine) => `[mcp_servers]\n  docs = { ${Object.values(pairs).join(', ')} } # own\n\n${mine}`],
]

function head(): string {
  return '[ mcp_servers . docs ] # own\n'
}

function dotted(name: string): string {
  return Object.values(pairs)
    .map((pair) => `${name}.${pair}`)
    .join('\n')
}

describe.each(written)('a value that has been written otherwise: %s', (_title, of) => {
  test.each([
    ['alone', ''],
    [
      'beside a person’s tables',
      '# a = 1\n[other]\nx = [\n  "mcp_servers.docs.y = 1",\n]\n[[many]]\n[mcp_servers.docs2]\ncommand = "m"\n',
    ],
  ])('[T5] %s, it goes as a whole and alone', async (_with, mine) => {
    const text = of(mine)
    expect(await find(text, docs)).toBe('same')
    const left = (await remove(text, docs)) ?? ''
    expect(withoutEmpty(parse(left))).toEqual(parse(mine))
    expect(left).toContain(mine.trimEnd())
    expect(left).not.toContain('# own')
  })

  test('[T5] with Windows line ends no half of one is left', async () => {
    const left = await remove(of('[other]\nx = 1\n').replaceAll('\n', '\r\n'), docs)
    expect(left).toContain('[other]\r\nx = 1')
    expect(left?.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
  })

  test('[T5] another takes its place', async () => {
    const entry = { path: docs.path, value: { command: 'uvx' } }
    const text = await replace(of('[other]\nx = 1\n'), { was: docs, entry })
    expect(parse(text)).toEqual({ mcp_servers: { docs: { command: 'uvx' } }, other: { x: 1 } })
  })
})

/** A table that a person has made stays, empty. */
function withoutEmpty(data: Record<string, unknown>): object {
  return Object.fromEntries(Object.entries(data).filter(([, value]) => JSON.stringify(value) !== '{}'))
}

test('[T5] a value in the midst of a line that says more is not taken apart', async () => {
  const text = `mcp_servers = { docs = { ${Object.values(pairs).join(', ')} }, mine = { command = "m" } }\n`
  expect(await find(text, docs)).toBe('same')
  await expect(remove(text, docs)).rejects.toThrow(expect.objectContaining({ code: 'E_CONFLICT' }))
})

describe('what is there', () => {
  test.each([
    ['nothing', 'a = 1\n', 'absent'],
    [
      'the same, written otherwise',
      '[mcp_servers]\ndocs = { args = ["-y", "docs"], command = "npx", env.KEY = \'a "b"\' }\n',
      'same',
    ],
    ['the same name with another value', '[mcp_servers.docs]\ncommand = "mine"\n', 'edited'],
  ])('[T4 T5] is told: %s', async (_title, text, found) => {
    expect(await find(text, docs)).toBe(found)
  })

  test.each([
    ['does not parse', 'a = = 1\n', 'config.toml:1:5 is not TOML'],
    ['has a list of that name', '[[mcp_servers]]\nx = 1\n', 'there is no room for [mcp_servers.docs]'],
    [
      'writes its servers on one line',
      'mcp_servers = { mine = { command = "m" } }\n',
      'there is no room for [mcp_servers.docs]',
    ],
  ])('[T5] a file that %s is an error, never replaced', async (_title, text, message) => {
    await expect(add(text, docs)).rejects.toThrow(
      expect.objectContaining({ code: 'E_CONFLICT', message: expect.stringContaining(message) }),
    )
  })
})

test('[T5] whatever haal writes, TOML reads back', () => {
  const anything = fc.string({ unit: 'binary' })
  fc.assert(
    fc.property(
      anything,
      anything,
      fc.array(anything),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      (key, text, list, number) => {
        const value = { [`k${key}`]: text, list, inner: { number, [`x${key}`]: list } }
        expect(parse(tomlPairs(value).join('\n'))).toEqual(structuredClone(value))
        expect(parse(`long = ${tomlText(`${text}\n${key}`)}`)).toEqual({ long: `${text}\n${key}` })
      },
    ),
  )
})

const line = fc.constantFrom(
  '',
  '# note',
  'a1 = 1',
  'b1 = "x"',
  '[t]',
  '[t.u]',
  '[[many]]',
  '[mcp_servers.mine]',
  'c = """\n[mcp_servers.docs]\n"""',
  'd = [\n 1,\n]',
  '   ',
)

test('[T5] a file is byte for byte what it was once everything that came in has gone, in whatever order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(line, { maxLength: 6 }),
      fc.constantFrom('', '\n', '\n\n\n'),
      fc.boolean(),
      fc.boolean(),
      async (lines, end, windows, reverse) => {
        const text = lines.join('\n') + end
        const before = windows ? text.replaceAll('\n', '\r\n') : text
        fc.pre(isToml(before))
        let after = before
        for (const entry of [docs, odd]) after = await add(after, entry)
        expect(await find(after, docs)).toBe('same')
        for (const entry of reverse ? [odd, docs] : [docs, odd]) after = (await remove(after, entry)) ?? 'gone'
        expect(after).toBe(before)
      },
    ),
    { numRuns: 500 },
  )
})

function isToml(text: string): boolean {
  try {
    return typeof parse(text) === 'object'
  } catch {
    return false
  }
}

const blocks = fc.constantFrom(
  '# note\n[p1]\nx = 1\n',
  "[p2.q]\ny = '''\n[mcp_servers.docs]\n'''\n",
  '[[many]]\nz = { docs = 1 } # end\n',
  '[mcp_servers.docs2]\ncommand = "m"\n\n\n',
  '[p3]\n"mcp_servers.docs" = [\n  # [mcp_servers.docs]\n  1,\n]\n',
  '[mcp_servers."docs.x"]\n',
)
const ours: readonly (readonly string[])[] = [
  [`${table}\n`],
  [`${head()}${pairs.command}\n${pairs.args}\n`, `[mcp_servers.docs.env]\nKEY = 'a "b"'\n`],
  [`[mcp_servers.'docs']\n${pairs.args}\n# own\n\n${pairs.command}\n[mcp_servers.docs."env"]\n\nKEY = 'a "b"' # own\n`],
]

test('[T5] wherever the parts of a table have come to stand, they go and nothing else does', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(blocks, { maxLength: 6 }),
      fc.constantFrom(...ours),
      fc.array(fc.nat(6), { minLength: 2, maxLength: 2 }),
      fc.boolean(),
      async (theirs, parts, at, windows) => {
        const all = parts.reduce<string[]>(
          (list, part, i) => list.toSpliced(Math.min(at[i] ?? 0, list.length), 0, part),
          theirs,
        )
        const text = windows ? all.join('').replaceAll('\n', '\r\n') : all.join('')
        expect(await find(text, docs)).toBe('same')
        const left = (await remove(text, docs)) ?? ''
        expect(parse(left)).toEqual(parse(windows ? theirs.join('').replaceAll('\n', '\r\n') : theirs.join('')))
        for (const theirLine of theirs.join('').split('\n')) expect(left).toContain(theirLine)
      },
    ),
    { numRuns: 500 },
  )
})

test('[T5] line ends are those of the person, though the lines that had any go', async () => {
  const more: Entry = { path: ['mcp_servers', 'more'], value: { command: 'more' } }
  const changed = await edited('x = 1\r\n\r\n[mcp_servers.more]\r\ncommand = "more"', async (file) => {
    await file.add({ path: ['mcp_servers', 'docs'], value: { command: 'docs' } })
    await file.remove(more)
  })
  expect(changed).toBe('x = 1\r\n\r\n[mcp_servers.docs]\r\ncommand = "docs"')
})

test('[T5] many changes of a text that is read once make what they make one by one', async () => {
  const named = ['docs', 'logs', 'more'].map(
    (name): Entry => ({ path: ['mcp_servers', name], value: { command: name } }),
  )
  const theirs = ['# note', '[t]\ny = 2', '[mcp_servers.more]\ncommand = "more"\n\n[mcp_servers.more.env]\nK = "v"']
  const change = fc.tuple(fc.constantFrom('add', 'remove', 'replace'), fc.constantFrom(docs, odd, ...named))
  const act = async (file: SharedText, [how, entry]: [string, Entry]) => {
    const found = await file.find(entry)
    if (how === 'remove') await file.remove(entry)
    else if (how === 'replace' && found !== 'absent') await file.replace(entry, { ...entry, value: { command: 'new' } })
    else if (found === 'absent') await file.add(entry)
  }
  await fc.assert(
    fc.asyncProperty(
      fc.option(fc.uniqueArray(fc.constantFrom(...theirs)), { nil: undefined }),
      fc.constantFrom('', '\n'),
      fc.boolean(),
      fc.array(change, { maxLength: 8 }),
      async (parts, end, windows, changes) => {
        const person = parts && ['w = 0\nx = 1', ...parts].join('\n\n') + end
        const text = windows ? person?.replaceAll('\n', '\r\n') : person
        fc.pre(text === undefined || isToml(text))
        const atOnce = await edited(text, async (file) => {
          for (const one of changes) await act(file, one)
        })
        let now = text
        for (const one of changes) now = await edited(now, (file) => act(file, one))
        expect(atOnce).toBe(now)
      },
    ),
    { numRuns: 1000 },
  )
})
