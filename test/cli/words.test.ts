import { describe, expect, test } from 'vitest'
import { table } from '../../src/cli/table.js'
import { isCommon, read as readWith } from '../../src/cli/words.js'

const read = (argv: string[]) => readWith(argv, table)

describe('the command is found among the flags before it', () => {
  test.each<[string, string[], string[]]>([
    ['list', ['list'], []],
    ['--json list', ['list'], ['--json']],
    ['--cwd list install x', ['install'], ['--cwd', 'list', 'x']],
    ['-C here --cwd=there install x -y', ['install'], ['-C', 'here', '--cwd=there', 'x', '-y']],
    ['-qC here list -gn', ['list'], ['-q', '-C', 'here', '-g', '-n']],
    ['-Chere list', ['list'], ['-Chere']],
    ['list -- -qn', ['list'], ['--', '-qn']],
    ['--wait 5 uninstall a b', ['uninstall'], ['--wait', '5', 'a', 'b']],
    ['policy show --json', ['policy', 'show'], ['--json']],
    ['policy --json show', ['policy', 'show'], ['--json']],
    ['install policy show', ['install'], ['policy', 'show']],
    ['install -- --json', ['install'], ['--', '--json']],
    ['', [], []],
    ['--json', [], ['--json']],
    ['-- install', [], ['--', 'install']],
  ])('[U3] haal %s', (line, words, rest) => {
    const said = read(line.split(' ').filter((word) => word !== ''))
    expect({ words: said.words, rest: said.rest }).toEqual({ words, rest })
  })

  test('[U3] what stands behind -- is no flag', () => {
    expect(read(['install', '--', '--json', '-h'])).toMatchObject({ json: false, help: false })
    expect(read(['install', '--json', '-h', '-q', '--verbose'])).toMatchObject({
      json: true,
      help: true,
      quiet: true,
      verbose: true,
    })
  })

  test.each<[string, string[], string]>([
    ['none', ['install', 'x', '--json'], ''],
    ['-g', ['list', '-qg'], '--global'],
    ['-C and --config', ['-C', 'a b', 'install', '--config=x.ts'], '-C "a b" --config x.ts'],
    ['-C at its value', ['-Chere', 'list'], '-C here'],
    ['--cwd behind the command', ['list', '--cwd', 'here', '--global'], '--cwd here --global'],
    ['what only looks like one', ['install', '--from', '--', '--global'], ''],
  ])('[U3] flags that say where a command works are known as they have to be typed again: %s', (_says, argv, where) => {
    expect(read(argv).where).toBe(where)
  })

  test('[U3] letters that stand together count one by one', () => {
    expect(read(['list', '-qh'])).toMatchObject({ quiet: true, help: true })
  })

  test('[U3] --version is haal’s own only where no command is named', () => {
    expect([read(['--version']), read(['--json', '-V']), read(['list', '-v'])].map(({ version }) => version)).toEqual([
      true,
      true,
      false,
    ])
  })
})

test.each<[string, boolean]>([
  ['--json', true],
  ['-C', true],
  ['--cwd=here', true],
  ['--', true],
  ['--jsno', false],
  ['--frozen', false],
  ['-x', false],
])('[U3] %s is a flag of every command: %s', (word, common) => expect(isCommon(word)).toBe(common))
