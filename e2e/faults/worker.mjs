import path from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { groundIn } from './ground.mjs'
import { faults } from './library.mjs'
import { race } from './races.mjs'
import { randomOf } from './random.mjs'
import { large, scenes, setScene } from './scenes.mjs'
import { measured, recoveries, strike } from './strike.mjs'

/* One of several processes that share the points among themselves: told its share, it sends what each of its points came to. */

process.on('disconnect', () => process.exit())
process.on('message', (task) => {
  perform(task).then(
    () => process.disconnect(),
    (e) => process.send({ point: 'the harness', problems: [e.stack] }, () => process.exit(1)),
  )
})

async function perform(task) {
  const { root, library, share, of, seed, rounds, only } = task
  const ground = groundIn(path.join(root, String(share)))
  const number = counter()
  for (const point of [...pointsOf(scenes, 'small'), ...pointsOf(large, 'large')]) {
    if (!`${point.size} ${point.name}`.includes(only)) continue
    for (const came of struck(ground, library, { ...task, ...point, mine: () => number() % of === share })) {
      process.send(came)
      await turn()
    }
  }
  if (!'race'.includes(only)) return
  const answers = await race(ground, library, { rounds: Math.ceil(rounds / of), random: randomOf(seed + share) })
  for (const [round, problems] of answers.entries()) process.send({ point: `race ${share}.${round}`, problems })
}

/** What each point of a scene came to. */
function* struck(ground, library, { name, scene, size, seed, all, mine }) {
  setScene(ground, name, scene)
  const measure = measured(ground, library, { name, scene })
  const told = (what, problems) => ({ point: `${size} ${name}: ${what}`, problems })
  for (const { fault, at } of chosen(measure.counts, {
    random: randomOf(seed),
    steps: all ? every : steps[scene.light ? 'light' : size],
  })) {
    if (!mine()) continue
    const problems = strike(ground, library, { name, scene, measure, fault, at })
    if (problems !== undefined) yield told(`${fault} at call ${at}`, problems)
  }
  if (!scene.recovers) return
  for (const { at, then, problems } of recoveries(ground, library, { name, scene, measure, mine, every: all ? 1 : 24 }))
    yield told(`killed at call ${at}, then the recovery at ${then}`, problems)
}

function counter() {
  let number = 0
  return () => {
    number += 1
    return number
  }
}

function pointsOf(table, size) {
  return Object.entries(table).map(([name, scene]) => ({ name, scene, size }))
}

/** Kills at every call of the small scenes that are not light; of everything else every so many-th, from a first one that is drawn. */
const steps = {
  small: { kill: 1, tear: 3, EIO: 4, EACCES: 8, EMFILE: 8, ENOSPC: 8, EROFS: 8 },
  light: { kill: 4, tear: 6, EIO: 8, EACCES: 16, EMFILE: 16, ENOSPC: 16, EROFS: 16 },
  large: { kill: 90, tear: 90, EIO: 240, EACCES: 240, EMFILE: 240, ENOSPC: 240, EROFS: 240 },
}
const every = { kill: 1, tear: 1, EIO: 1, EACCES: 1, EMFILE: 1, ENOSPC: 1, EROFS: 1 }

function chosen(counts, { random, steps: by }) {
  return Object.keys(faults).flatMap((fault) => {
    const first = 1 + Math.floor(random() * by[fault])
    const points = []
    for (let at = first; at <= counts[fault]; at += by[fault]) points.push({ fault, at })
    return points
  })
}
