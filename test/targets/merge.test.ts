import { describe, expect, test } from 'vitest'
import type { Ref } from '../../src/model/kinds.js'
import { limits } from '../../src/model/limits.js'
import type { Entry, SharedPlace } from '../../src/model/targets.js'
import { lookInto, mergeFile } from '../../src/targets/merge.js'
import { material, placed } from './materials.js'

const at = '.mcp.json'

function servers(ref: Ref, values: Record<string, unknown>): SharedPlace {
  const entries = Object.entries(values).map(([name, value]): Entry => ({ path: ['mcpServers', name], value }))
  return { ref, at, format: 'json', entries }
}

function hooks(ref: Ref, ...commands: string[]): SharedPlace {
  const entries = commands.map((command): Entry => ({ path: ['hooks', 'Stop'], value: { command }, item: true }))
  return { ref, at, format: 'json', entries }
}

interface Case {
  text?: string
  was?: SharedPlace[]
  shall?: SharedPlace[]
  force?: boolean
}

async function merged({ text, was = [], shall = [], force = false }: Case): Promise<string[]> {
  const bytes = text === undefined ? undefined : Buffer.from(text)
  const { step, conflicts, kept, touched } = await mergeFile({ at, bytes, was, shall, force })
  const after = step?.after
  return [
    ...(after === undefined
      ? []
      : [after.from === 'bytes' ? Buffer.from(after.bytes).toString().replaceAll(/\s+/g, '') : after.from]),
    ...(step?.saveOld ? ['old saved'] : []),
    ...conflicts.map(({ why, files }) => `conflict: ${why} ${files.join(' ')}`),
    ...kept.map(({ files }) => `keeps ${files.join(' ')}`),
    ...touched.map((ref) => `touches ${ref}`),
  ]
}

const [one, two] = [servers('mcp/a', { a: { command: 'one' } }), servers('mcp/a', { a: { command: 'two' } })]
const json = (value: unknown) => JSON.stringify(value)
const holding = (command: string) => json({ mcpServers: { a: { command } } })

describe('a named value', () => {
  test.each<[string, Case, string[]]>([
    ['comes into a new file', { shall: [one] }, [holding('one'), 'touches mcp/a']],
    ['that is there as it shall be is left', { text: holding('one'), shall: [one] }, []],
    ['of a person’s own is a conflict', { text: holding('mine'), shall: [one] }, ['conflict: foreign mcpServers.a']],
    [
      'of a person’s own keeps all others out too',
      { text: holding('mine'), shall: [one, servers('mcp/b', { b: 1 })] },
      ['conflict: foreign mcpServers.a', 'touches mcp/b'],
    ],
    [
      'of a person’s own makes way with force',
      { text: holding('mine'), shall: [one], force: true },
      [holding('one'), 'old saved', 'touches mcp/a'],
    ],
    ['changes', { text: holding('one'), was: [one], shall: [two] }, [holding('two'), 'touches mcp/a']],
    [
      'that a person has edited does not change',
      { text: holding('mine'), was: [one], shall: [two] },
      ['conflict: edited mcpServers.a'],
    ],
    [
      'that a person has edited stays where nothing new is wanted',
      { text: holding('mine'), was: [one], shall: [one] },
      [],
    ],
    [
      'that a person has deleted comes back',
      { text: '{}', was: [one], shall: [one] },
      [holding('one'), 'touches mcp/a'],
    ],
    ['goes', { text: '{"mine":1,"mcpServers":{ "a":{"command":"one"}}}', was: [one] }, ['{"mine":1}', 'touches mcp/a']],
    ['that a person has edited stays', { text: holding('mine'), was: [one] }, ['keeps .mcp.json (mcpServers.a)']],
    [
      'that a person has edited goes with force',
      { text: '{ "mcpServers":{ "a":{}}}', was: [one], force: true },
      ['nothing', 'old saved', 'touches mcp/a'],
    ],
    [
      'goes with the file where haal has made it',
      { text: '{ "mcpServers": { "a":{"command":"one"} } }', was: [one] },
      ['nothing', 'touches mcp/a'],
    ],
    [
      'of two artifacts is one, and stays with the second',
      { text: holding('one'), was: [one, { ...one, ref: 'plugin/p' }], shall: [{ ...one, ref: 'plugin/p' }] },
      [],
    ],
  ])('[T4 T5] %s', async (_title, given, expected) => {
    expect(await merged(given)).toEqual(expected)
  })
})

describe('an item of a list', () => {
  const guarded = (...matchers: string[]) =>
    json({ hooks: { Stop: matchers.map((matcher) => ({ matcher, command: 'g' })) } })
  const guarding = (ref: Ref, ...matchers: string[]): SharedPlace => {
    const entries = matchers.map(
      (matcher): Entry => ({ path: ['hooks', 'Stop'], value: { matcher, command: 'g' }, item: true }),
    )
    return { ref, at, format: 'json', entries }
  }
  const listing = (...commands: string[]) => json({ hooks: { Stop: commands.map((command) => ({ command })) } })

  test.each<[string, Case, string[]]>([
    [
      'comes behind those of a person',
      { text: listing('mine'), shall: [hooks('hook/a', 'x')] },
      [listing('mine', 'x'), 'touches hook/a'],
    ],
    [
      'changes where it is',
      { text: listing('x', 'mine', 'y'), was: [hooks('hook/a', 'x', 'y')], shall: [hooks('hook/a', 'z', 'y')] },
      [listing('z', 'mine', 'y'), 'touches hook/a'],
    ],
    [
      'of two artifacts is one, and stays where it is with the second',
      {
        text: listing('x', 'mine'),
        was: [hooks('hook/a', 'x'), hooks('hook/b', 'x')],
        shall: [hooks('hook/b', 'x')],
      },
      [],
    ],
    [
      'that becomes what another artifact has goes',
      {
        text: listing('x', 'y'),
        was: [hooks('hook/a', 'x'), hooks('hook/b', 'y')],
        shall: [hooks('hook/a', 'y'), hooks('hook/b', 'y')],
      },
      [listing('y'), 'touches hook/a'],
    ],
    [
      'that becomes what another item of it was takes its place',
      { text: listing('x', 'y'), was: [hooks('hook/a', 'x', 'y')], shall: [hooks('hook/a', 'y')] },
      [listing('y'), 'touches hook/a'],
    ],
    [
      'more goes, the others stay',
      { text: listing('x', 'y'), was: [hooks('hook/a', 'x', 'y')], shall: [hooks('hook/a', 'x')] },
      [listing('x'), 'touches hook/a'],
    ],
    [
      'that a person has edited is known by its command',
      { text: '{"hooks":{"Stop":[{"command":"x","timeout":9}]}}', was: [hooks('hook/a', 'x')] },
      ['keeps .mcp.json (hooks.Stop)'],
    ],
    [
      'that a person has edited does not change',
      {
        text: '{"hooks":{"Stop":[{"command":"x","timeout":9}]}}',
        was: [hooks('hook/a', 'x')],
        shall: [hooks('hook/a', 'z')],
      },
      ['conflict: edited hooks.Stop'],
    ],
    [
      'that a person has edited makes way with force',
      {
        text: '{"hooks":{"Stop":[{"command":"x","timeout":9}]}}',
        was: [hooks('hook/a', 'x')],
        shall: [hooks('hook/a', 'z')],
        force: true,
      },
      [listing('z'), 'old saved', 'touches hook/a'],
    ],
    [
      'that a person has edited is known by the file of haal’s that it starts',
      {
        text: listing('sh "$ROOT/.haal/hooks/a/g.sh" --all', '.haal/hooks/a/g.sh.bak', '.haal/hooks/a/h.sh'),
        was: [hooks('hook/a', 'sh "$ROOT/.haal/hooks/a/g.sh"')],
      },
      ['keeps .mcp.json (hooks.Stop)'],
    ],
    [
      'of the same file as another of it is no edit of that',
      {
        text: listing('.haal/hooks/a/g.sh one', '.haal/hooks/a/g.sh two'),
        was: [hooks('hook/a', '.haal/hooks/a/g.sh one', '.haal/hooks/a/g.sh two')],
        shall: [hooks('hook/a', '.haal/hooks/a/g.sh three', '.haal/hooks/a/g.sh two')],
      },
      [listing('.haal/hooks/a/g.shthree', '.haal/hooks/a/g.shtwo'), 'touches hook/a'],
    ],
    [
      'of the same command as another of it is no edit of that',
      { shall: [guarding('hook/a', 'Bash', 'Edit')] },
      [guarded('Bash', 'Edit'), 'touches hook/a'],
    ],
    [
      'of the same command as another’s is no edit of that',
      {
        text: guarded('Bash'),
        was: [guarding('hook/a', 'Bash')],
        shall: [guarding('hook/a', 'Bash'), guarding('hook/b', 'Edit')],
      },
      [guarded('Bash', 'Edit'), 'touches hook/b'],
    ],
    [
      'of the same command as another’s goes alone',
      {
        text: guarded('Bash', 'Edit'),
        was: [guarding('hook/a', 'Bash'), guarding('hook/b', 'Edit')],
        shall: [guarding('hook/b', 'Edit')],
      },
      [guarded('Edit'), 'touches hook/a'],
    ],
    [
      'of the same command as a person’s is that, edited',
      { text: guarded('Read'), shall: [guarding('hook/a', 'Bash', 'Edit')] },
      ['conflict: foreign hooks.Stop', 'conflict: foreign hooks.Stop'],
    ],
    [
      'goes, and those behind it stay',
      { text: listing('x', 'y', 'z'), was: [hooks('hook/a', 'x', 'y', 'z')], shall: [hooks('hook/a', 'y', 'z')] },
      [listing('y', 'z'), 'touches hook/a'],
    ],
    [
      'that a person has edited stays where one before it goes',
      {
        text: json({ hooks: { Stop: [{ command: 'x' }, { command: 'y', timeout: 1 }] } }),
        was: [hooks('hook/a', 'x', 'y')],
        shall: [hooks('hook/a', 'y')],
      },
      [json({ hooks: { Stop: [{ command: 'y', timeout: 1 }] } }), 'touches hook/a'],
    ],
    [
      'changes, and what it was stays for another artifact that wants it now',
      {
        text: listing('x', 'y'),
        was: [hooks('hook/a', 'x'), hooks('hook/b', 'y')],
        shall: [hooks('hook/a', 'y'), hooks('hook/b', 'z')],
      },
      [listing('y', 'z'), 'touches hook/b', 'touches hook/a'],
    ],
    [
      'goes though another artifact stays',
      { text: listing('x', 'y'), was: [hooks('hook/a', 'x'), hooks('hook/b', 'y')], shall: [hooks('hook/b', 'y')] },
      [listing('y'), 'touches hook/a'],
    ],
  ])('[T4 T5] %s', async (_title, given, expected) => {
    expect(await merged(given)).toEqual(expected)
  })
})

describe('a file that holds nothing else', () => {
  const [a, b, c] = [servers('mcp/a', { a: 1 }), servers('mcp/b', { b: 1 }), servers('mcp/c', { c: 1 })]
  const [x, y] = [hooks('hook/x', 'x'), hooks('hook/y', 'y', 'x')]
  const bytesOf = async (bytes: Buffer | undefined, was: SharedPlace[], shall: SharedPlace[]): Promise<Buffer> => {
    const { step } = await mergeFile({ at, bytes, was, shall, force: false })
    return step?.after.from === 'bytes' ? Buffer.from(step.after.bytes) : (bytes ?? Buffer.from(''))
  }

  test.each<[string, SharedPlace[][]]>([
    ['a value comes before another', [[b], [a, b]]],
    [
      'a value comes between others',
      [
        [a, c],
        [a, b, c],
      ],
    ],
    ['a value goes and comes back', [[a, b], [b], [a, b]]],
    ['an item comes before another', [[y], [x, y]]],
    ['an item of two artifacts stays with one', [[x, y], [y]]],
    [
      'a value that has changed is the last one',
      [
        [servers('mcp/a', { a: 2 }), b],
        [a, b],
      ],
    ],
  ])('[T4 L7] is, after %s, what these make at once', async (_title, states) => {
    let bytes: Buffer | undefined
    for (const [index, shall] of states.entries()) bytes = await bytesOf(bytes, states[index - 1] ?? [], shall)
    expect(String(bytes)).toBe(String(await bytesOf(undefined, [], states.at(-1) ?? [])))
  })

  test('[T5] of a person’s layout keeps it', async () => {
    const bytes = Buffer.from('{"mcpServers": {"b": 1}}')
    expect(String(await bytesOf(bytes, [b], [a, b]))).toBe('{"mcpServers": {"b": 1, "a": 1}}')
  })
})

test('[T4] a shared file is not written where it has changed since it was read', async () => {
  const bytes = Buffer.from('{}')
  const { step } = await mergeFile({ at, bytes, was: [], shall: [one], force: false })
  expect(step?.onlyIfSame).toBe('44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a')
  const fresh = await mergeFile({ at, bytes: undefined, was: [], shall: [one], force: false })
  expect(fresh.step).toMatchObject({ onlyIfAbsent: true })
})

test('[S2 T5] a file that is larger than haal reads is an error before it is parsed, never replaced', async () => {
  const bytes = Buffer.from(`{"mine": "${'x'.repeat(limits.file)}"}`)
  await expect(mergeFile({ at, bytes, was: [], shall: [one], force: true })).rejects.toMatchObject({
    code: 'E_CONFLICT',
    message: `${at} is larger than 32 MiB; haal does not write into it`,
  })
})

test('[T5] a file that is not UTF-8 is an error, never replaced', async () => {
  const bytes = Buffer.from([0x7b, 0xff, 0x7d])
  await expect(mergeFile({ at, bytes, was: [], shall: [one], force: false })).rejects.toMatchObject({
    code: 'E_CONFLICT',
  })
})

test.each([
  [undefined, 'absent'],
  ['{}', 'absent'],
  [holding('one'), 'same'],
  [holding('mine'), 'edited'],
])('[T5 O28] what haal has put into %s is %s', async (text, found) => {
  expect(await lookInto(one, text === undefined ? undefined : Buffer.from(text))).toBe(found)
})

test.each(['claude', 'codex', 'opencode'])(
  '[T5] numbers that JSON cannot hold come out of the files of %s again',
  async (tool) => {
    const text = '{ "mcpServers": { "a": { "command": "x", "args": ["y", 1e999, -0], "env": { "N": -0 } } } }'
    const { places } = await placed(material('mcp/a', { 'mcp.json': text, 'README.md': '' }), { names: [tool] })
    const all = places.flatMap(({ place }) => ('entries' in place ? [place] : []))
    expect(all).toHaveLength(1)
    for (const place of all) {
      const { step } = await mergeFile({ at: place.at, bytes: undefined, was: [], shall: [place], force: false })
      const bytes = step?.after.from === 'bytes' ? step.after.bytes : undefined
      expect(await lookInto(place, bytes)).toBe('same')
    }
  },
)

test('[T5 U3] of two files with the same mistake each is told by its own name', async () => {
  const place = (at: string): SharedPlace => ({ ...one, at, format: 'toml' })
  const told = ['a.toml', 'b.toml'].map((at) =>
    lookInto(place(at), Buffer.from('not toml')).catch((e: Error) => e.message.split(':')[0]),
  )
  expect(await Promise.all(told)).toEqual(['a.toml', 'b.toml'])
})

describe('a file with very many values', () => {
  const named = (count: number) => Array.from({ length: count }, (_, i) => `server-${i}`)
  const names = named(1500)

  test.each(['json', 'toml'] as const)('of %s is read once, however many are looked for', async (format) => {
    const all = named(5000)
    const table = (name: string) => `[mcpServers.${name}]\ncommand = "node"\n`
    const values = Object.fromEntries(all.map((name) => [name, { command: 'node' }]))
    const bytes = Buffer.from(format === 'json' ? json({ mcpServers: values }) : all.map(table).join('\n'))
    const place = (name: string): SharedPlace => ({ ...servers('mcp/a', { [name]: { command: 'node' } }), format })
    const found = await Promise.all(all.map((name) => lookInto(place(name), bytes)))
    expect(new Set(found)).toEqual(new Set(['same']))
  })

  test.each(['json', 'toml'] as const)(
    'of %s is made at once, and is the one that is made value by value',
    async (format) => {
      const place = (name: string): SharedPlace => ({
        ...servers(`mcp/${name}`, { [name]: { command: 'node', args: ['a', name], env: {} } }),
        format,
        ...(format === 'json' && { scaffold: { version: 1 } }),
      })
      const textOf = async (file: Case): Promise<string> => {
        const { text, was = [], shall = [] } = file
        const { step } = await mergeFile({
          at,
          bytes: text === undefined ? undefined : Buffer.from(text),
          was,
          shall,
          force: false,
        })
        return step?.after.from === 'bytes' ? Buffer.from(step.after.bytes).toString() : 'nothing'
      }
      const few = names.slice(0, 4).map(place)
      let text = await textOf({ shall: few.slice(0, 1) })
      for (let i = 1; i < few.length; i += 1)
        text = await textOf({ text, was: few.slice(0, i), shall: few.slice(0, i + 1) })
      expect(await textOf({ shall: few })).toBe(text)
      const all = await textOf({ shall: names.map(place) })
      const [first, ...others] = names.map(place)
      const without = await textOf({ text: all, was: names.map(place), shall: others })
      expect(all).toContain('server-1499')
      expect(without).toBe(await textOf({ shall: others }))
      expect(first?.ref).toBe('mcp/server-0')
    },
  )

  test.each(['json', 'list', 'toml'] as const)(
    'that is a person’s, too (%s), takes them all, changes them all and gives them all back',
    async (form) => {
      const refs = named(2000)
      const place = (name: string, command: string): SharedPlace => {
        const own = { at, ref: `hook/${name}` as Ref, format: form === 'toml' ? form : 'json' } as const
        if (form !== 'list') return { ...own, entries: [{ path: ['servers', name], value: { command } }] }
        return { ...own, entries: [{ path: ['hooks', 'Stop'], value: { command: `${command} ${name}` }, item: true }] }
      }
      const person = form === 'toml' ? 'mine = 1 # first\n' : '{\n  "mine": 1 // first\n}\n'
      const [one, two] = ['one', 'two'].map((command) => refs.map((name) => place(name, command)))
      const textAfter = async (text: string, was: SharedPlace[] = [], shall: SharedPlace[] = []) => {
        const { step } = await mergeFile({ at, bytes: Buffer.from(text), was, shall, force: false })
        return step?.after.from === 'bytes' ? Buffer.from(step.after.bytes).toString() : 'nothing'
      }
      const first = await textAfter(person, [], one)
      const second = await textAfter(first, one, two)
      expect(second).toBe(first.replaceAll('one', 'two'))
      expect(await textAfter(second, two)).toBe(person)
    },
  )
})
