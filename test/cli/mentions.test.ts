import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { commonFlags } from '../../src/cli/flags.js'
import { table } from '../../src/cli/table.js'
import { nearest } from '../../src/model/nearest.js'
import { sourcesIn } from '../architecture/sources.js'

const root = path.resolve(import.meta.dirname, '../..')
/** Requirements may name what is still to come. */
const pages = ['README.md', ...fs.readdirSync(path.join(root, 'docs')).map((name) => `docs/${name}`)].filter(
  (page) => page !== 'docs/requirements.md',
)

/** The flags of each command, by every name that it has. */
const flagsOf = new Map<string, Set<string>>()
for (const { name, aliases = [], load } of table.rows) {
  const { flags } = await load()
  const own = new Set([...flags, ...commonFlags].map((flag) => `--${flag.name}`))
  for (const each of [name, ...aliases]) flagsOf.set(each, own)
}
const words = [...new Set([...flagsOf.keys()].flatMap((name) => name.split(' ')))]

/** What is wrong with the commands that a text names: one that does not exist, or a flag that it lacks. Other sentences about haal are none. */
function wrongIn(text: string): string[] {
  return [...text.matchAll(/(?<![\w/.-])haal ([a-z][^\n"'`;,|)]*)/g)].flatMap(([said, line = '']) => {
    const [first = '', second = '', ...rest] = line.trim().split(/[.:]?(?:\s+|$)/)
    const name = [`${first} ${second}`, first].find((each) => flagsOf.has(each))
    if (name === undefined) return isMeant(first, second) ? [`there is no "${said}"`] : []
    const flags = [second, ...rest].map((word) => /^--[a-z][a-z-]*/.exec(word)?.[0] ?? '').filter((flag) => flag !== '')
    return flags.filter((flag) => !flagsOf.get(name)?.has(flag)).map((flag) => `haal ${name} has no ${flag}: "${said}"`)
  })
}

/** `haal polcy` and `haal registry make` mean a command; `haal copies` and `haal policy` (of which there are several) are sentences. */
function isMeant(first: string, second: string): boolean {
  const isGroup = table.groups.some(({ word }) => word === first)
  if (isGroup) return !/^(<|\$|…|$)/.test(second)
  return first.length > 3 && !/s$/.test(first) && nearest(first, words) !== undefined
}

test('[U3 U7] every command that a message, a hint or an example names exists, with its flags', () => {
  const wrong = sourcesIn(path.join(root, 'src')).flatMap(({ path: at, text }) =>
    wrongIn(text.replace(/^\s*(?:\/\/|\/?\*).*$/gm, '')).map((why) => `${at}: ${why}`),
  )
  expect(wrong).toEqual([])
})

test.each(pages)('[U7] every command that %s names exists, with its flags', (page) => {
  expect(wrongIn(fs.readFileSync(path.join(root, page), 'utf8'))).toEqual([])
})

test('[U7] a command or a flag that is not there is seen', () => {
  expect(wrongIn('haal instal x; haal update --to 3, haal registry make; haal verify says; haal keeps it')).toEqual([
    'there is no "haal instal x"',
    'haal update has no --to: "haal update --to 3"',
    'there is no "haal registry make"',
  ])
})
