import { describe, expect, test } from 'vitest'
import { errors } from '../../src/model/errors.js'
import { notes } from '../../src/model/notes.js'
import { errorsPage, errorsText } from '../../src/ui/errors-page.js'
import { commandHelp, commandsPage, groupHelp, type Helped, rootHelp } from '../../src/ui/help.js'
import { painter } from '../../src/ui/paint.js'

const { paint } = await painter({ colours: false, width: 60, secrets: [], nonce: 'n' })

const grow: Helped = {
  name: 'garden grow',
  args: '<plant...>',
  summary: 'grow plants that are in the garden already',
  about: ['Water is given every day until the plant is as high as the fence, or it rains.'],
  examples: ['haal garden grow rose'],
  flags: [
    { name: 'water', short: 'w', value: '<litres>', summary: 'how much', choices: ['1', '2'], several: true },
    { name: 'in-the-shade-of-the-old-apple-tree', value: '<which>', summary: 'where the sun does not come in summer' },
  ],
}
const common = [{ name: 'json', summary: 'print one JSON document' }]

test('[U7] help of a command has its usage, what it is about, its flags and examples, at 60 columns', () => {
  expect(commandHelp(grow, common, paint).join('\n')).toMatchInlineSnapshot(`
    "haal garden grow: grow plants that are in the garden already

    Usage: haal garden grow <plant...> [flags]

    Water is given every day until the plant is as high as the
    fence, or it rains.

    Flags
      -w, --water <litres>
              how much (one of 1, 2; may be repeated)
          --in-the-shade-of-the-old-apple-tree <which>
              where the sun does not come in summer

    Flags of every command
      --json  print one JSON document

    Examples
      haal garden grow rose"
  `)
})

test('[U7] help of a command names its other words, and its page does', () => {
  const aliased = { ...grow, aliases: ['raise', 'g'] }
  expect(commandHelp(aliased, common, paint)).toContain('Also:  haal raise, haal g')
  expect(commandsPage([aliased], common)).toContain('Also: `haal raise`, `haal g`')
})

test('[U7] a flag with one choice names it', () => {
  const flags = [{ name: 'format', value: '<format>', summary: 'for a scanner', choices: ['sarif'] }]
  expect(commandHelp({ ...grow, flags }, common, paint)).toContain('  --format <format>  for a scanner (sarif)')
})

test('[U7] help at 120 columns keeps to a width that reads well', async () => {
  const wide = await painter({ colours: false, width: 120, secrets: [], nonce: 'n' })
  const lines = commandHelp(grow, common, wide.paint)
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100)
})

test('[U7] root help lists every command under its group', () => {
  const rows = [
    { name: 'plant', group: 'Start', summary: 'put a plant into the earth' },
    { name: 'garden grow', group: 'Change', summary: 'grow plants' },
  ]
  expect(rootHelp(rows, common, paint).join('\n')).toMatchInlineSnapshot(`
    "haal installs what AI agents read and run, from ordered
    registries, under policy, held by a lockfile.

    Usage: haal <command> [arguments] [flags]

    Start
      plant        put a plant into the earth

    Change
      garden grow  grow plants

    Flags of every command
      --json  print one JSON document

    "haal help <command>" says more about one; "haal help
    errors" lists every failure and its exit status."
  `)
  expect(groupHelp('garden', rows.slice(1), paint)).toEqual([
    'Usage: haal garden <command>',
    '',
    '  garden grow  grow plants',
  ])
})

test('[U7] the page of commands says the same', () => {
  expect(commandsPage([grow], common).join('\n')).toMatchInlineSnapshot(`
    "# Commands

    \`haal help <command>\` prints the same.

    ## Flags of every command

    | flag | does |
    | --- | --- |
    | \`--json\` | print one JSON document |

    ## haal garden grow

    Grow plants that are in the garden already.

    \`\`\`
    haal garden grow <plant...> [flags]
    \`\`\`

    Water is given every day until the plant is as high as the fence, or it rains.

    | flag | does |
    | --- | --- |
    | \`-w, --water <litres>\` | how much (one of 1, 2; may be repeated) |
    | \`--in-the-shade-of-the-old-apple-tree <which>\` | where the sun does not come in summer |

    Examples:

    \`\`\`sh
    haal garden grow rose
    \`\`\`"
  `)
})

describe('every failure is listed with its exit status', () => {
  const all = Object.entries(errors)

  test('[U3] in the text', () => {
    const text = errorsText({ width: Number.POSITIVE_INFINITY })
    for (const [code, [exit, meaning]] of all) {
      const at = text.findIndex((line) => line.trim().startsWith(`${code} `))
      expect(text[at]).toContain(meaning)
      expect(text.slice(0, at).findLast((line) => line.startsWith('exit'))).toMatch(new RegExp(`^exit ${exit}:`))
    }
  })

  test('[U2] in a narrow terminal no line is longer than it', () => {
    const text = errorsText({ width: 60 })
    expect(Math.max(...text.map((line) => line.length))).toBeLessThanOrEqual(60)
  })

  test('[U3] on the page', () => {
    for (const [code, [, meaning]] of all) expect(errorsPage()).toContain(`| \`${code}\` | ${meaning} |`)
    for (const [code, { meaning }] of Object.entries(notes))
      expect(errorsPage().some((line) => line.startsWith(`| \`${code}\` | ${meaning} | `))).toBe(true)
    expect(errorsPage()).toContain('| `W_NAME` | a name is not kebab-case | `E_NAME` |')
  })
})
