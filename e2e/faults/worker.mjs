import path from 'node:path'
import { groundIn } from './ground.mjs'
import { faults } from './library.mjs'
import { race } from './races.mjs'
import { randomOf } from './random.mjs'
import { large, scenes, setScene } from './scenes.mjs'
import { measured, recoveries, strike } from './strike.mjs'

/* One of several processes that share the points among themselves: told its share, it sends what each of its points came to. */

process.on('message', (task) => {
  perform(task).then(
    () => process.disconnect(),
    (e) => process.send({ failed: e.stack }, () => process.exit(1)),
  )
})

async function perform({ root, library, share, of, seed, all, rounds }) {
  const ground = groundIn(path.join(root, String(share)))
  const mine = (number) => number % of === share
  const tell = (point, problems) => process.send({ point, problems })
  let number = 0
  for (const point of [...pointsOf(scenes, 'small'), ...pointsOf(large, 'large')]) {
    const { name, scene, size } = point
    setScene(ground, name, scene)
    const measure = measured(ground, library, { name, scene })
    for (const { fault, at } of chosen(measure.counts, { random: randomOf(seed + number), size, all })) {
      number += 1
      if (!mine(number)) continue
      const problems = strike(ground, library, { name, scene, measure, fault, at })
      if (problems !== undefined) tell(`${size} ${name}: ${fault} at call ${at}`, problems)
    }
    if (!scene.recovers) continue
    for (const { at, then, problems } of recoveries(ground, library, {
      name,
      scene,
      measure,
      mine,
      every: all ? 1 : 8,
    }))
      tell(`${size} ${name}: killed at call ${at}, then the recovery at ${then}`, problems)
  }
  const random = randomOf(seed + share)
  const races = await race(ground, library, { rounds: Math.ceil(rounds / of), random })
  for (const [round, problems] of races.entries()) tell(`race ${share}.${round}`, problems)
}

function pointsOf(table, size) {
  return Object.entries(table).map(([name, scene]) => ({ name, scene, size }))
}

/** Kills at every call of the small scenes; of everything else every so many-th, from a first one that is drawn. */
const steps = {
  small: { kill: 1, tear: 2, EIO: 3, EACCES: 6, EMFILE: 6, ENOSPC: 6, EROFS: 6 },
  large: { kill: 90, tear: 60, EIO: 180, EACCES: 180, EMFILE: 180, ENOSPC: 180, EROFS: 180 },
}

function chosen(counts, { random, size, all }) {
  return Object.keys(faults).flatMap((fault) => {
    const step = all ? 1 : steps[size][fault]
    const first = 1 + Math.floor(random() * step)
    const points = []
    for (let at = first; at <= counts[fault]; at += step) points.push({ fault, at })
    return points
  })
}
