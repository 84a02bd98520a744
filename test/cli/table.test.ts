import { describe, expect, test } from 'vitest'
import { commonFlags } from '../../src/cli/flags.js'
import { parse } from '../../src/cli/program.js'
import { rowFor, wordsOf } from '../../src/cli/row.js'
import { table } from '../../src/cli/table.js'
import { read } from '../../src/cli/words.js'
import type { Command } from '../../src/model/command.js'

const commands = await Promise.all(table.rows.map(async (row) => [row.name, await row.load(), row] as const))
const each = commands.map(([name, command, row]): [string, Command, typeof row] => [name, command, row])

describe('every command', () => {
  test.each(each)('[U7] %s is what the table says it is', (name, command, row) => {
    expect({ name: command.name, summary: command.summary }).toEqual({ name, summary: row.summary })
  })

  test.each(each)(
    '[U7] %s has examples that are commands of haal, understood with all their flags',
    (name, command) => {
      expect(command.examples.length).toBeGreaterThan(0)
      for (const example of command.examples) {
        const line = /(?:^|\()haal ([^)]*)/.exec(example)?.[1] ?? ''
        const argv = (line.match(/'[^']*'|\S+/g) ?? []).map((word) => word.replace(/^'|'$/g, ''))
        const said = read(argv, table)
        expect(rowFor(table, said.words)?.name, example).toBe(name)
        expect(parse(command, said.rest).args.join(' '), example).not.toContain('--')
      }
    },
  )

  test.each(each)('[U7] %s has flags that no other of its flags shadows', (_name, command) => {
    const spellings = [...command.flags, ...commonFlags].flatMap(({ name, short }) => (short ? [name, short] : [name]))
    expect(new Set(spellings).size).toBe(spellings.length)
  })
})

test('[U3] no two commands answer to one word', () => {
  const words = wordsOf(table)
  expect(new Set(words).size).toBe(words.length)
})
