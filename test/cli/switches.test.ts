import fc from 'fast-check'
import { expect, test } from 'vitest'
import { commonFlags } from '../../src/cli/flags.js'
import { parse } from '../../src/cli/program.js'
import { plainlyGiven } from '../../src/cli/switches.js'
import { table } from '../../src/cli/table.js'
import { HaalError } from '../../src/model/errors.js'

const commands = await Promise.all(table.rows.map((row) => row.load()))

/** Words, and every spelling of every flag, right and nearly right. */
const spellings = [
  ...new Set(
    [...commands.flatMap(({ flags }) => flags), ...commonFlags].flatMap(({ name, short }) => [
      `--${name}`,
      `--${name}=x`,
      `--no-${name}`,
      ...(short === undefined ? [] : [`-${short}`, `-${short}y`]),
    ]),
  ),
]
const word = fc.oneof(fc.constantFrom('a', 'b c', '', 'skill/x@1', '-', '--'), fc.constantFrom(...spellings))

test('[U3 F1] what is read without commander is read as commander does, for every command', () => {
  fc.assert(
    fc.property(fc.constantFrom(...commands), fc.array(word, { maxLength: 5 }), (command, rest) => {
      const plain = plainlyGiven(command, rest)
      if (plain !== undefined) expect(plain).toEqual(parsed(command, rest))
    }),
    { numRuns: 3000 },
  )
})

test('[F1] words and switches are read without commander', () => {
  const install = commands.find(({ name }) => name === 'install')
  expect(install && plainlyGiven(install, ['a', '--frozen', '-y', '--dry-run'])).toEqual({
    args: ['a'],
    flags: { frozen: true, yes: true, dryRun: true },
  })
})

function parsed(command: (typeof commands)[number], rest: readonly string[]): unknown {
  try {
    return parse(command, rest)
  } catch (e) {
    if (e instanceof HaalError) return e.message
    throw e
  }
}
