import fc from 'fast-check'
import { parse } from 'jsonc-parser'
import { describe, expect, test } from 'vitest'
import type { Entry } from '../../src/model/targets.js'
import { openJson } from '../../src/targets/json-file.js'
import type { Scaffold, SharedText } from '../../src/targets/shared-text.js'

const source = '.mcp.json'
const docs: Entry = { path: ['mcpServers', 'docs'], value: { command: 'npx', args: ['-y', 'docs'] } }
const logs: Entry = { path: ['mcpServers', 'logs'], value: { url: 'https://logs.example.com' } }
const guard: Entry = {
  path: ['hooks', 'PreToolUse'],
  value: { matcher: 'Bash', hooks: [{ type: 'command', command: './guard.sh' }] },
  item: true,
}

function edited(text: string | undefined, edit: (file: SharedText) => void): string | undefined {
  const file = openJson(text, source)
  edit(file)
  return file.text()
}

const add = (text: string | undefined, entry: Entry, scaffold?: Scaffold) =>
  edited(text, (file) => file.add(entry, scaffold)) ?? 'gone'
const remove = (text: string, entry: Entry, scaffold?: Scaffold) => edited(text, (file) => file.remove(entry, scaffold))

describe('a value comes in where it belongs, and the rest stays', () => {
  test.each<[string, string, Entry, string]>([
    [
      'behind the last of its kind, in its style',
      '{\n    "mcpServers": {\n        "mine": { "command": "x" }\n    }\n}\n',
      docs,
      '{\n    "mcpServers": {\n        "mine": { "command": "x" },\n        "docs": {\n            "command": "npx",\n            "args": ["-y", "docs"]\n        }\n    }\n}\n',
    ],
    [
      'behind a comment that is about the one before',
      '{\n\t"mcpServers": {\n\t\t"mine": {} // keep\n\t\t// "old": {}\n\t}\n}',
      logs,
      '{\n\t"mcpServers": {\n\t\t"mine": {}, // keep\n\t\t"logs": {\n\t\t\t"url": "https://logs.example.com"\n\t\t}\n\t\t// "old": {}\n\t}\n}',
    ],
    [
      'with a comma behind it where the person writes one',
      '{\r\n  "mcpServers": {\r\n    "mine": {},\r\n  },\r\n}\r\n',
      logs,
      '{\r\n  "mcpServers": {\r\n    "mine": {},\r\n    "logs": {\r\n      "url": "https://logs.example.com"\r\n    },\r\n  },\r\n}\r\n',
    ],
    [
      'on one line in a file of one line',
      '{"mcpServers":{"mine":{}}}',
      logs,
      '{"mcpServers":{"mine":{}, "logs": { "url": "https://logs.example.com" }}}',
    ],
    [
      'within an empty pair of brackets, without a space',
      '{ "mcpServers": {} }',
      logs,
      '{ "mcpServers": {"logs": { "url": "https://logs.example.com" }} }',
    ],
    ['within an empty file', '{}\n', logs, '{"mcpServers": { "logs": { "url": "https://logs.example.com" } }}\n'],
    [
      'as an item of a list that has to be made',
      '{\n  "model": "opus"\n}\n',
      guard,
      '{\n  "model": "opus",\n  "hooks": {\n    "PreToolUse": [\n      {\n        "matcher": "Bash",\n        "hooks": [\n          {\n            "type": "command",\n            "command": "./guard.sh"\n          }\n        ]\n      }\n    ]\n  }\n}\n',
    ],
  ])('[T5] %s', (_title, before, entry, after) => {
    expect(add(before, entry)).toBe(after)
    expect(remove(after, entry)).toBe(before)
  })

  test('[T5] a file that haal has made goes with the last of its values', () => {
    const one = add(undefined, docs)
    expect(one).toBe(
      '{\n  "mcpServers": {\n    "docs": {\n      "command": "npx",\n      "args": ["-y", "docs"]\n    }\n  }\n}\n',
    )
    const two = add(one, logs)
    expect(remove(two, docs)).toBe(add(undefined, logs))
    expect(remove(remove(two, docs) ?? '', logs)).toBeUndefined()
  })

  test('[T5] what such a file needs besides is no reason to keep it, but a person’s own file stays', () => {
    const scaffold = { version: 1 }
    const made = add(undefined, guard, scaffold)
    expect(parse(made)).toEqual({ hooks: { PreToolUse: [guard.value] }, version: 1 })
    expect(remove(made, guard, scaffold)).toBeUndefined()
    const own = '{\n  "version": 1\n}\n'
    expect(remove(add(own, guard, scaffold), guard, scaffold)).toBe(own)
  })

  test('[T5] a value is replaced where it stands', () => {
    const before =
      '{\n  "mcpServers": {\n    "docs": { "command": "npx", "args": ["-y", "docs"] }, // haal\n    "mine": {}\n  }\n}\n'
    const entry = { path: docs.path, value: { command: 'uvx' } }
    expect(edited(before, (file) => file.replace(docs, entry))).toBe(
      before.replace(/\{ "command".*\] \}/, '{ "command": "uvx" }'),
    )
  })
})

describe('what is there', () => {
  test.each<[string, string, Entry, string]>([
    ['nothing', '{}', docs, 'absent'],
    ['the same in another layout', '{"mcpServers":{"docs":{"args":["-y","docs"],"command":"npx"}}}', docs, 'same'],
    ['the same name with another value', '{"mcpServers":{"docs":{"command":"mine"}}}', docs, 'edited'],
    ['the same item among others', `{"hooks":{"PreToolUse":[{},${JSON.stringify(guard.value)}]}}`, guard, 'same'],
    [
      'an item with the same command, edited',
      '{"hooks":{"PreToolUse":[{"matcher":"Edit","hooks":[{"command":"./guard.sh"}]}]}}',
      guard,
      'edited',
    ],
    ['another item', '{"hooks":{"PreToolUse":[{"hooks":[{"command":"./mine.sh"}]}]}}', guard, 'absent'],
  ])('[T4 T5] is told: %s', (_title, text, entry, found) => {
    expect(openJson(text, source).find(entry)).toBe(found)
  })

  test.each([
    ['is cut short', '{"mcpServers": {', '.mcp.json:1:17 is not JSON'],
    ['is empty', '', '.mcp.json:1:1 is not JSON'],
    ['has one key twice', '{"mcpServers":{},"mcpServers":{}}', 'has the key "mcpServers" twice'],
    ['is a list', '[]', 'is no JSON object'],
    ['is nested deeper than a stack bears', `{"a":${'['.repeat(100_000)}`, 'is nested deeper than 256'],
    ['has a list where the servers belong', '{"mcpServers":[]}', 'mcpServers is no object'],
  ])('[T5] a file that %s is an error, never replaced', (_title, text, message) => {
    expect(() => add(text, docs)).toThrow(
      expect.objectContaining({ code: 'E_CONFLICT', message: expect.stringContaining(message) }),
    )
  })
})

/** JSON as people write it: comments, odd spaces, trailing commas, Windows line ends. */
const blank = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('', ' ', '\n', '\n  ', '\n    ', '\t', '  ') },
  { weight: 1, arbitrary: fc.constantFrom(' // note  \n', '/* a */', '\n  // "old": {},\n  ', ' /* two\nlines */ ') },
)
const key = fc.constantFrom('mcpServers', 'hooks', 'mine', 'model', 'a b', 'ü', '//', 'PreToolUse')
const leaf = fc.constantFrom('1', '"text // no comment"', 'true', 'null', '"{"', '-0.5e3')

function joined(
  open: string,
  parts: readonly string[],
  close: string,
  [before, after, comma]: readonly [string, string, boolean],
) {
  return parts.length === 0 ? open + before + close : `${open}${parts.join(',')}${comma ? ',' : ''}${after}${close}`
}

const frame = fc.tuple(blank, blank, fc.boolean())
const { document } = fc.letrec<{ value: string; object: string; document: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    leaf,
    tie('object'),
    fc.tuple(fc.array(fc.tuple(blank, leaf, blank), { maxLength: 3 }), frame).map(([items, how]) =>
      joined(
        '[',
        items.map((item) => item.join('')),
        ']',
        how,
      ),
    ),
  ),
  object: fc
    .tuple(
      fc.uniqueArray(fc.tuple(key, blank, blank, blank, blank, tie('value')), {
        selector: ([name]) => name,
        maxLength: 4,
      }),
      frame,
    )
    .map(([members, how]) =>
      joined(
        '{',
        members.map(([name, a, b, c, d, value]) => `${a}${JSON.stringify(name)}${b}:${c}${value}${d}`),
        '}',
        how,
      ),
    ),
  document: fc
    .tuple(fc.constantFrom('', '\ufeff', '// head\n'), tie('object'), fc.constantFrom('', '\n', '\n\n', ' // tail'))
    .map((parts) => parts.join('')),
}))

test.each([
  ['{ "a": 1, // mine\n"mcpServers": {"docs": DOCS}}', '{ "a": 1 // mine\n}'],
  ['{ "a": 1, // mine\n"mcpServers": {"docs": DOCS}, "b": 2 }', '{ "a": 1, // mine\n"b": 2 }'],
  ['{ "a": 1 // mine\n, "mcpServers": {"docs": DOCS} }', '{ "a": 1 // mine\n }'],
  ['{ // mine\n "mcpServers": {"docs": DOCS} }', '{ // mine\n }'],
  ['{ "a": 1, /* mine */\n"mcpServers": {"docs": DOCS}, "b": 2 }', '{ "a": 1, /* mine */ "b": 2 }'],
])('[T5] what follows on the line of a value is not taken into a comment before it: %s', (text, after) => {
  const whole = text.replace('{"docs": DOCS}', JSON.stringify({ docs: docs.value }))
  expect(remove(whole.replace('{"docs"', '{ "docs"'), docs)).toBe(after)
})

test.each([
  ['{"mcpServers": /* mine */ { "docs": DOCS }}', '{"mcpServers": /* mine */ { }}'],
  ['{"mcpServers" // mine\n: { "docs": DOCS }, "b": 2}', '{"mcpServers" // mine\n: { }, "b": 2}'],
])('[T5] a comment behind a key of haal’s stays, and so does the key: %s', (text, after) => {
  expect(remove(text.replace('DOCS', JSON.stringify(docs.value)), docs)).toBe(after)
})

test('[T5] whatever a person has made of the file around it, taking a value out leaves JSON, and all of theirs', () => {
  const space = fc.array(fc.constantFrom(' ', '\n', '\n  ', ' // c\n', '\n  // c, {\n', '/* c */'), { maxLength: 3 })
  const gap = space.map((parts) => parts.join(''))
  const member = fc.tuple(fc.constantFrom('a', 'b', 'c'), gap, gap)
  fc.assert(
    fc.property(
      fc.uniqueArray(member, { selector: ([name]) => name }),
      fc.nat(),
      gap,
      gap,
      (others, at, before, after) => {
        const own = `"mcpServers": { "docs": ${JSON.stringify(docs.value)} }`
        const members = others.map(([name, ahead, behind]) => `${ahead}"${name}": 1${behind}`)
        members.splice(at % (members.length + 1), 0, `${before}${own}${after}`)
        const errors: never[] = []
        const left = remove(`{${members.join(',')}}`, docs) ?? '{}'
        expect(parse(left, errors)).toEqual(Object.fromEntries(others.map(([name]) => [name, 1])))
        expect(errors).toEqual([])
      },
    ),
    { numRuns: 2000 },
  )
})

test('[T5] a file is byte for byte what it was once everything that came in has gone, in whatever order', () => {
  const entries = [docs, logs, guard]
  fc.assert(
    fc.property(
      document,
      fc.boolean(),
      fc.shuffledSubarray(entries, { minLength: 1 }),
      fc.infiniteStream(fc.nat()),
      (made, windows, coming, order) => {
        const before = windows ? made.replaceAll('\n', '\r\n') : made
        const data = parse(before.replace(/^\ufeff/, '')) as Record<string, unknown>
        fc.pre(
          isObject(data.mcpServers) &&
            isObject(data.hooks) &&
            isList((data.hooks as Record<string, unknown> | undefined)?.PreToolUse),
        )
        let text = before
        for (const entry of coming) text = add(text, entry)
        const errors: never[] = []
        expect(parse(text.replace(/^\ufeff/, ''), errors, { allowTrailingComma: true })).toEqual(
          withEntries(data, coming),
        )
        expect(errors).toEqual([])
        const going = [...coming]
        while (going.length > 0) {
          const [entry] = going.splice((order.next().value ?? 0) % going.length, 1)
          text = remove(text, entry as Entry) ?? 'gone'
        }
        expect(text).toBe(before)
      },
    ),
    { numRuns: 1000 },
  )
})

test('[T5] many changes of a text that is read once make what they make one by one', () => {
  const named = ['docs', 'logs', 'more'].map(
    (name): Entry => ({ path: ['mcpServers', name], value: { command: name } }),
  )
  const items = ['./a.sh', './b.sh'].map((command): Entry => ({ ...guard, value: { hooks: [{ command }] } }))
  const change = fc.tuple(fc.constantFrom('add', 'remove', 'replace'), fc.constantFrom(docs, guard, ...named, ...items))
  const act = (file: SharedText, [how, entry]: [string, Entry]) => {
    if (how === 'remove') file.remove(entry)
    else if (how === 'replace') file.replace(entry, { ...entry, value: { command: 'new', args: ['x'] } })
    else if (file.find(entry) === 'absent') file.add(entry)
  }
  fc.assert(
    fc.property(document, fc.boolean(), fc.array(change, { maxLength: 8 }), (made, windows, changes) => {
      const person = made.replace('{', '{\n   "first": {},\n   ')
      const text = windows ? person.replaceAll('\n', '\r\n') : person
      const data = parse(text.replace(/^\ufeff/, '')) as Record<string, unknown>
      const { hooks } = data as { hooks?: { PreToolUse?: unknown } }
      fc.pre(isObject(data.mcpServers) && isObject(hooks) && isList(hooks?.PreToolUse))
      const each = (now: string, one: [string, Entry]) => edited(now, (file) => act(file, one)) ?? 'gone'
      const atOnce = edited(text, (file) => {
        for (const one of changes) act(file, one)
      })
      expect(atOnce).toBe(changes.reduce(each, text))
    }),
    { numRuns: 2000 },
  )
})

function isObject(value: unknown): boolean {
  return value === undefined || (typeof value === 'object' && value !== null && !Array.isArray(value))
}

function isList(value: unknown): boolean {
  return value === undefined || Array.isArray(value)
}

function withEntries(data: Record<string, unknown>, entries: readonly Entry[]): Record<string, unknown> {
  const copy = structuredClone(data)
  for (const { path, value, item } of entries) {
    let holder = copy
    for (const step of path.slice(0, -1)) {
      const next = (holder[step] ?? {}) as Record<string, unknown>
      holder[step] = next
      holder = next
    }
    const last = path.at(-1) ?? ''
    if (item) holder[last] = [...((holder[last] as unknown[] | undefined) ?? []), value]
    else holder[last] = value
  }
  return copy
}
