import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { cases } from './cases.mjs'
import { figures } from './figures.mjs'
import { root, workplace } from './grounds.mjs'
import { growth } from './growth.mjs'
import { writePage } from './page.mjs'
import { versions } from './peers.mjs'
import { figured, line, measured } from './rows.mjs'
import { traced } from './traced.mjs'

/** `--quick`: fewer rounds, and only the cases that are marked so. `--only <text>`: the cases whose name has it, and nothing else.
    `--docs`: everything, and the tables of docs/performance.md anew. */
const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    docs: { type: 'boolean', default: false },
  },
})
const whole = !options.quick && options.only === ''
if (options.docs && !whole) throw new Error('the page is made of everything: --docs goes without --quick and --only')
const rounds = options.quick
  ? { least: 5, most: 9, seconds: 1.5, few: 3, long: 10 }
  : { least: 5, most: 25, seconds: 5, few: 3, long: 10 }

async function main() {
  const started = Date.now()
  const place = workplace()
  try {
    const results = await everything(place.path)
    results.seconds = Math.round((Date.now() - started) / 1000)
    fs.writeFileSync(path.join(root, 'bench/results.json'), `${JSON.stringify(results, null, 2)}\n`)
    if (options.docs) writePage(results)
    report(results)
  } finally {
    place.remove()
  }
}

async function everything(place) {
  const about = { date: new Date().toISOString().slice(0, 10), haal: ownVersion(), machine: machine() }
  const rows = []
  for (const each of chosen(cases)) rows.push(...printed(await measured(each, { place, rounds })))
  for (const each of chosen(figures)) rows.push(...printed([await figured(each, { place })]))
  if (!whole) return { ...about, rows }
  console.log('\nHow it grows')
  const grown = await growth(place, rounds, console.log)
  console.log('\nWhat is done to files')
  return { ...about, peers: versions(), rows, growth: grown, traced: traced(place, console.log) }
}

function chosen(all) {
  return all.filter(({ name, quick }) => name.includes(options.only) && (quick || !options.quick))
}

function printed(rows) {
  for (const row of rows) console.log(line(row))
  return rows
}

function ownVersion() {
  return JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')).version
}

function machine() {
  return {
    node: process.version,
    system: `${os.type()} ${os.release()}`,
    processor: os.cpus()[0]?.model ?? '',
    cores: os.cpus().length,
    memory: `${Math.round(os.totalmem() / 2 ** 30)} GiB`,
  }
}

/** A missed ratio is told, not an error of the benchmark; a haal that fails is one. */
function report({ rows, seconds }) {
  const count = (verdict) => rows.filter((row) => row.verdict === verdict).length
  const said = ['reached', 'missed', 'cannot', 'failed'].map((verdict) => `${count(verdict)} ${verdict}`)
  console.log(`\n${said.join(', ')}; ${seconds} seconds`)
  if (count('failed') > 0) process.exitCode = 1
}

await main()
