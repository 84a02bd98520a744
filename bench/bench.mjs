import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { cases } from './cases.mjs'
import { workplace } from './grounds.mjs'
import { interleaved, median, spread } from './measure.mjs'

const here = import.meta.dirname

/** `--quick`: fewer rounds, and only the cases that are marked so. `--only <text>`: the cases whose name has it. */
async function main() {
  const quick = process.argv.includes('--quick')
  const only = process.argv.includes('--only') ? process.argv[process.argv.indexOf('--only') + 1] : ''
  const chosen = cases.filter(({ name, quick: short }) => name.includes(only) && (short || !quick))
  const rounds = quick ? 9 : 20
  const place = workplace()
  const rows = []
  try {
    for (const each of chosen) rows.push(print(await measured(each, place.path, rounds)))
  } finally {
    place.remove()
  }
  write(rows, rounds)
  const missed = rows.filter(({ reached }) => !reached)
  console.log(`\n${rows.length - missed.length} of ${rows.length} ratios reached`)
}

async function measured({ name, against, atMost, prepare }, place, rounds) {
  const times = await interleaved(await prepare(place), rounds)
  const ratio = median(times.haal) / median(times.peer)
  const summary = (all) => ({
    median: round(median(all), 2),
    spread: round(spread(all), 2),
    least: round(Math.min(...all), 2),
  })
  return {
    name,
    against,
    atMost,
    ratio: round(ratio, 3),
    reached: ratio <= atMost,
    haal: summary(times.haal),
    peer: summary(times.peer),
  }
}

function print(row) {
  const verdict = row.reached ? 'reached' : 'missed'
  const cells = [
    row.name.padEnd(44),
    `${row.haal.median} ms ± ${row.haal.spread}`.padStart(18),
    `÷ ${row.against} ${row.peer.median} ms`.padEnd(28),
  ]
  console.log(`${cells.join('  ')}  = ${row.ratio.toFixed(2).padStart(5)}  at most ${row.atMost}  ${verdict}`)
  return row
}

function round(value, digits = 1) {
  return Number(value.toFixed(digits))
}

function write(rows, rounds) {
  const machine = {
    node: process.version,
    system: `${os.type()} ${os.release()}`,
    processor: os.cpus()[0]?.model ?? '',
    cores: os.cpus().length,
  }
  const { version } = JSON.parse(fs.readFileSync(path.join(here, '../package.json'), 'utf8'))
  const results = { date: new Date().toISOString().slice(0, 10), haal: version, machine, rounds, rows }
  fs.writeFileSync(path.join(here, 'results.json'), `${JSON.stringify(results, null, 2)}\n`)
}

await main()
