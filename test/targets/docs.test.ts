import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { type PlacedKind, placedKinds } from '../../src/model/targets.js'
import { hookEvents } from '../../src/targets/hook-events.js'
import { type Cell, type Tool, tools } from '../../src/targets/table.js'

const page = path.resolve(import.meta.dirname, '../../docs/tools.md')

/** The tables of the page, printed from the tables of the program. */
const tables: Readonly<Record<string, string[][]>> = {
  project: placeRows('project'),
  global: placeRows('global'),
  found: [
    ['tool', 'found by'],
    ...[...tools].map(([name, { title, found }]) => [`\`${name}\` (${title})`, found.map(code).join(', ')]),
  ],
  variables: [
    ['tool', 'variable', 'instead of'],
    ...[...tools].flatMap(([name, { home }]) =>
      home === undefined ? [] : [[code(name), code(`$${home.variable}`), code(`~/${home.folder}`)]],
    ),
  ],
  hooks: hookRows(),
}

function placeRows(scope: 'project' | 'global'): string[][] {
  const cell = ({ reads }: Tool, kind: PlacedKind) => place(reads[kind]?.[scope], reads[kind])
  const rows = [...tools].map(([name, tool]) => [
    code(name),
    ...placedKinds.map((kind) => (kind === 'plugin' && !tool.reads.plugin ? 'in parts' : cell(tool, kind))),
  ])
  return [['tool', ...placedKinds.map((kind) => `${kind}s`.replace('mcps', 'mcp'))], ...rows]
}

function place(at: string | undefined, cell: Cell | undefined): string {
  if (at === undefined || cell === undefined) return '—'
  const isShared = !at.includes('<n>')
  return `${isShared ? 'in ' : ''}${code(at)}`
}

function hookRows(): string[][] {
  const { claude, ...others } = hookEvents
  const names = Object.keys(others) as (keyof typeof others)[]
  const rows = Object.keys(claude).map((event) => [
    code(event),
    ...names.map((name) => {
      const own = others[name][event]
      return own === undefined ? '—' : code(own.endsWith('_') ? `${own}…` : own)
    }),
  ])
  return [['claude', ...names], ...rows]
}

function code(text: string): string {
  return `\`${text}\``
}

function printed([head = [], ...rows]: string[][]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n')
}

test('[T2] docs/tools.md says what the table of tools says', async () => {
  const made = Object.entries(tables).reduce(
    (text, [name, rows]) =>
      text.replace(
        new RegExp(`<!-- ${name} -->\n[\\s\\S]*?<!-- end -->`),
        () => `<!-- ${name} -->\n${printed(rows)}\n<!-- end -->`,
      ),
    fs.readFileSync(page, 'utf8'),
  )
  for (const rows of Object.values(tables)) expect(made).toContain(printed(rows))
  await expect(made).toMatchFileSnapshot(page)
})
