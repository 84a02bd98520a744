import { spawn } from 'node:child_process'
import fs from 'node:fs'

/** What a run answers that cannot be done here: by this peer, on this machine, without a network. */
export const cannot = (why) => ({ cannot: why })

/** One run of a whole process: milliseconds from spawn to exit, divided by how often it does its work. Refused with what the process said,
    where it exits with anything but 0. */
export function timed({ command: [program, ...args], cwd, env, times = 1 }) {
  return new Promise((done, refused) => {
    const started = process.hrtime.bigint()
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] })
    let stderr = ''
    child.stderr.on('data', (bytes) => {
      stderr += bytes
    })
    child.on('error', refused)
    child.on('close', (exit) => {
      const ms = Number(process.hrtime.bigint() - started) / 1e6
      if (exit === 0) done(ms / times)
      else refused(new Error(`${[program, ...args].join(' ')} ended with ${exit}\n${stderr}`))
    })
  })
}

/** Runs the subject and its peers in turn, round after round, so that a busy moment of the machine meets all of them; as many rounds as
    fit into `seconds`, but at least `least` and at most `most`, after one that does not count. Where they take longer than `long` seconds, `few`
    are enough. `before` puts each run's ground in order and is not timed. Answers each run's times by its name, or { cannot } for one that fails. */
export async function interleaved(runs, { least, most, seconds, few, long }) {
  const times = {}
  for (const [name, run] of Object.entries(runs)) times[name] = run.cannot ? run : await warmUp(run)
  const able = Object.keys(runs).filter((name) => !times[name].cannot)
  const started = performance.now()
  for (let round = 0; round < most; round += 1) {
    const took = (performance.now() - started) / 1000
    if ((round >= least && took > seconds) || (round >= few && took > long)) break
    for (const name of turned(able, round)) times[name].push(await once(runs[name]))
  }
  return times
}

async function warmUp(run) {
  try {
    await once(run)
    return []
  } catch (e) {
    return cannot(e.message)
  }
}

async function once(run) {
  await run.before?.()
  return await timed(run)
}

/** Each round begins with another one, so that nobody always runs after the same neighbour. */
function turned(names, round) {
  const at = round % names.length
  return [...names.slice(at), ...names.slice(0, at)]
}

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** Half of the runs lie within this many milliseconds of each other. */
export function spread(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length * 0.75)] - sorted[Math.floor(sorted.length * 0.25)]
}

/** The least-squares slope of log(time) over log(size): 1 is linear, 0 is constant. */
export function exponent(points) {
  const logs = points.map(([size, ms]) => [Math.log(size), Math.log(ms)])
  const mean = (at) => logs.reduce((sum, point) => sum + point[at], 0) / logs.length
  const [x, y] = [mean(0), mean(1)]
  const over = logs.reduce((sum, [a, b]) => sum + (a - x) * (b - y), 0)
  return over / logs.reduce((sum, [a]) => sum + (a - x) ** 2, 0)
}

export function rounded(value, digits = 2) {
  return Number(value.toFixed(digits))
}

/** tmpfs where there is one: what is measured is haal, not the disk. */
export function quickFolder() {
  try {
    fs.accessSync('/dev/shm', fs.constants.W_OK)
    return '/dev/shm'
  } catch {
    return undefined
  }
}
