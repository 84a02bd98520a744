import fs from 'node:fs'
import path from 'node:path'
import { bareNode, changeSkills, emptied, haalWith, projectOf, registryOf, run, standing } from './grounds.mjs'
import { exponent, interleaved, median, rounded } from './measure.mjs'

const sizes = [10, 100, 1000, 5000]

const simply =
  (...args) =>
  (place, count) =>
    haalWith(standing(place, count), ...args)

/** Each command at every size. A rollback brings one artifact back to what it was before, the next one takes that back. */
const commands = [
  { name: 'nothing to do', prepare: simply('install', '--quiet') },
  { name: 'list', prepare: simply('list') },
  { name: 'verify', prepare: simply('verify', '--quiet') },
  {
    name: 'frozen from the store',
    prepare: (place, count) => ({
      ...simply('install', '--frozen', '--quiet')(place, count),
      before: emptied(standing(place, count)),
    }),
  },
  {
    name: 'rollback of one artifact',
    prepare: (place, count) => haalWith(twoGenerations(place, count), 'rollback', '-yq'),
  },
  { name: 'update, nothing new', prepare: simply('update', '--quiet') },
]

/** Answers a row for each command: { name, node, ms: one for each size, exponent, last }. `exponent` is over all sizes, of the whole
    process, so starting Node is part of it; `last` is from 1,000 to 5,000 and without what starting Node costs. */
export async function growth(place, rounds, print) {
  const rows = []
  for (const { name, prepare } of commands) {
    const row = await grown(name, (count) => prepare(place, count), { place, rounds })
    rows.push(row)
    print(growthLine(row))
  }
  return { sizes, rows }
}

async function grown(name, prepare, { place, rounds }) {
  const runs = Object.fromEntries(sizes.map((count) => [`of ${count}`, prepare(count)]))
  const times = await interleaved({ ...runs, node: bareNode(standing(place, 10)) }, rounds)
  const failed = Object.values(times).find((each) => each.cannot)
  if (failed) return { name, why: failed.cannot.split('\n').slice(0, 2).join(': ') }
  const node = median(times.node)
  const ms = sizes.map((count) => median(times[`of ${count}`]))
  const last = exponent(sizes.slice(-2).map((count, i) => [count, ms.at(i - 2) - node]))
  return {
    name,
    node: rounded(node),
    ms: ms.map((each) => rounded(each, 1)),
    exponent: rounded(exponent(sizes.map((count, i) => [count, ms[i]]))),
    last: rounded(last),
  }
}

function twoGenerations(place, count) {
  const registry = registryOf(place, count, '-two')
  const ground = projectOf(place, registry)
  changeSkills(registry, { count: 1, round: 1 })
  run(haalWith(ground, 'update', '--yes', '--quiet'))
  fs.rmSync(path.join(place, `registry-${count}-two`), { recursive: true })
  return ground
}

function growthLine({ name, ms, node, exponent: slope, last, why }) {
  if (why !== undefined) return `${name.padEnd(26)} failed   ${why}`
  const cells = ms.map((each, i) => `${sizes[i]}: ${each} ms`.padEnd(16))
  return `${name.padEnd(26)} node: ${node} ms  ${cells.join('')} exponent ${slope}, ${last} from 1000 to 5000`
}
