import fs from 'node:fs'
import path from 'node:path'
import { root } from './grounds.mjs'

const file = path.join(root, 'docs/performance.md')

/** The tables of the page, each between <!-- name --> and <!-- end -->, written anew from the results. */
export function writePage(results) {
  const tables = { machine: about(results), ratios: ratios(results.rows) }
  if (results.growth) tables.growth = growth(results.growth)
  if (results.traced) tables.traced = traced(results.traced)
  let text = fs.readFileSync(file, 'utf8')
  for (const [name, table] of Object.entries(tables)) {
    text = text.replace(new RegExp(`(<!-- ${name} -->\n).*?(<!-- end -->)`, 's'), (_all, from, to) => from + table + to)
  }
  fs.writeFileSync(file, text)
}

function about({ date, haal, machine, peers, seconds }) {
  const { processor, cores, memory, system, node } = machine
  const lines = [
    `- haal ${haal}, Node ${node.slice(1)}, ${date}, ${seconds} seconds for all of it`,
    `- ${system}, ${processor}, ${cores} cores, ${memory}, files in memory (tmpfs)`,
    ...(peers ? [`- ${peers}`] : []),
  ]
  return `${lines.join('\n')}\n`
}

function ratios(rows) {
  const body = rows.map(({ name, against, unit, value, plain: least, atMost, verdict, why, haal, peer }) => {
    const measured = why === undefined ? `${plain(value)} ${unit}` : ''
    const limit = atMost === undefined ? '' : `${atMost}`
    const node = least === undefined ? '' : `${plain(least)} ×`
    const ending = why === undefined ? verdict : `${verdict}: ${why}`
    return [name, against, ms(haal), ms(peer), measured, limit, node, ending]
  })
  return table(['work', 'beside', 'haal, ms', 'beside, ms', 'measured', 'at most', 'plain Node', ''], body)
}

function ms(summary) {
  if (summary === undefined) return ''
  const { median, spread } = summary
  return spread === undefined ? plain(median) : `${plain(median)} ± ${plain(spread)}`
}

/** As many digits as mean something. */
function plain(number) {
  if (Number.isInteger(number)) return `${number}`
  if (number >= 100) return number.toFixed(0)
  if (number >= 10) return number.toFixed(1)
  return number.toFixed(number < 0.1 ? 3 : 2)
}

function growth({ sizes, rows }) {
  const head = ['command', ...sizes.map((size) => size.toLocaleString('en')), 'exponent', 'from 1,000 to 5,000']
  const body = rows.map(({ name, ms: each = [], exponent, last, why }) =>
    why === undefined ? [name, ...each.map(plain), exponent, last] : [name, why],
  )
  return table(head, body)
}

/** One column a command: there are more things to count than commands. */
function traced({ rows, cannot }) {
  if (cannot !== undefined) return `${cannot}\n`
  const counts = Object.keys(rows[0]).filter((key) => !['name', 'twice'].includes(key))
  return table(
    ['', ...rows.map(({ name }) => name)],
    counts.map((what) => [what, ...rows.map((row) => row[what].toLocaleString('en'))]),
  )
}

function table(head, body) {
  const lines = [head, head.map(() => '---'), ...body].map((cells) => `| ${cells.join(' | ')} |`)
  return `${lines.join('\n')}\n`
}
