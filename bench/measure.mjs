import { spawn } from 'node:child_process'
import fs from 'node:fs'

/** One run of a whole process: milliseconds from spawn to exit, divided by how often it does its work. An exit other than 0 ends the benchmark with what it said. */
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

/** Runs the subject and its peers in turn, round after round, so that a busy moment of the machine meets all of them. `before` puts
    each run's ground in order and is not timed. Answers the times of each by name. */
export async function interleaved(runs, rounds) {
  const times = Object.fromEntries(Object.keys(runs).map((name) => [name, []]))
  for (let round = -1; round < rounds; round += 1) {
    for (const [name, run] of Object.entries(runs)) {
      await run.before?.()
      const ms = await timed(run)
      if (round >= 0) times[name].push(ms)
    }
  }
  return times
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

/** tmpfs where there is one: what is measured is haal, not the disk. */
export function quickFolder() {
  try {
    fs.accessSync('/dev/shm', fs.constants.W_OK)
    return '/dev/shm'
  } catch {
    return undefined
  }
}
