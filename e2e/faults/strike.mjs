import fs from 'node:fs'
import path from 'node:path'
import { learning, listing } from './ground.mjs'
import { faults, striking } from './library.mjs'
import { succeeded } from './scenes.mjs'
import { damagedIn, debrisIn, stateOf } from './state.mjs'

/** What a scene is measured against: its state before and after, and how many calls each fault may strike. */
export function measured(ground, library, { name, scene }) {
  const before = under(ground, name, () => stateOf(ground.at))
  const after = under(ground, name, () => {
    succeeded(ground.run(scene.line, learning), `${name}: haal ${scene.line}`)
    return { state: stateOf(ground.at), store: storeOf(ground) }
  })
  const counts = Object.entries(faults).map(([fault, how]) => [fault, counted(ground, library, { name, scene, how })])
  return { before, after: after.state, store: after.store, counts: Object.fromEntries(counts) }
}

function counted(ground, library, { name, scene, how }) {
  return under(ground, name, () => {
    succeeded(ground.run(scene.line, strikingAt(ground, library, { how, at: 0 })), `${name}: haal ${scene.line}`)
    return numberIn(ground.count)
  })
}

function under(ground, name, act) {
  ground.bringBack(name)
  return act()
}

function strikingAt({ at: below, count }, library, { how, at }) {
  return striking({ library, below, count }, how, at)
}

function numberIn(file) {
  return Number(fs.readFileSync(file, 'utf8'))
}

/** Strikes one call of a scene and looks at everything that must hold afterwards. Answers what does not; undefined where the call was never
    reached. */
export function strike(ground, library, { name, scene, measure, fault, at }) {
  const how = faults[fault]
  ground.bringBack(name)
  fs.rmSync(ground.count, { force: true })
  const done = ground.run(scene.line, strikingAt(ground, library, { how, at }))
  const wasStruck = how.kills ? done.signal === 'SIGKILL' : numberIn(ground.count) >= at
  if (!wasStruck) return undefined
  const problems = how.kills ? [] : afterFailure(ground, { scene, measure, how, done })
  return [...problems, ...afterwards(ground, { scene, measure, mended: how.kills || how.lasts === true })]
}

/** Kills a scene at every so many-th call, then the command that would mend it at each of its own, and looks as `strike` does. Yields what each
    came to. */
export function* recoveries(ground, library, { name, scene, measure, mine, every }) {
  let number = 0
  for (let at = every; at <= measure.counts.kill; at += every) {
    ground.bringBack(name)
    ground.run(scene.line, strikingAt(ground, library, { how: faults.kill, at }))
    ground.keep('killed')
    const calls = counted(ground, library, { name: 'killed', scene: { line: 'list' }, how: faults.kill })
    for (let then = 1; then <= calls; then += 1) {
      number += 1
      if (!mine(number)) continue
      ground.bringBack('killed')
      const { signal } = ground.run('list', strikingAt(ground, library, { how: faults.kill, at: then }))
      if (signal === 'SIGKILL') yield { at, then, problems: afterwards(ground, { scene, measure, mended: true }) }
    }
  }
}

/** A command that lives on says that it failed, and takes back what it had begun; or the fault met nothing that matters. */
function afterFailure(ground, { measure, how, done }) {
  const { exit, signal, said } = done
  if (signal !== null) return [`ended by ${signal}`]
  const state = stateOf(ground.at)
  if (exit === 0)
    return state === measure.after || (how.lasts && said.includes('W_LEFT'))
      ? []
      : ['exit 0, and it is not the new state']
  const code = /^ {2}code: (E_\w+)$/m.exec(said)?.[1]
  return [
    ...(code === undefined || code === 'E_BUG' ? [`exit ${exit} without a code of its own\n${said}`] : []),
    ...(code === 'E_DISK' && !/^error: \S*[./]\S*: /m.test(said) ? [`the message names no path: ${said}`] : []),
    ...(how.undoes && !how.lasts && state !== measure.before
      ? [`exit ${exit}, and it is not the old state\n${said}`]
      : []),
  ]
}

/** The next command finds the old or the new state, or makes it so; the same command then succeeds, and nothing lies about. */
function afterwards(ground, { scene, measure, mended }) {
  const looked = mended ? ground.run(scene.look ?? 'verify') : { exit: 0 }
  const state = stateOf(ground.at)
  const isOld = state === measure.before
  const again = isOld ? scene.line : 'install'
  const problems = [
    ...(looked.exit === 0
      ? []
      : [`the next command, haal ${scene.look ?? 'verify'}, exits ${looked.exit}\n${looked.said}`]),
    ...(isOld || state === measure.after ? [] : [`neither the old nor the new state: ${difference(measure, state)}`]),
  ]
  const rerun = ground.run(again)
  const last = stateOf(ground.at)
  const debris = debrisIn(ground.at)
  const damaged = damagedIn(ground.at)
  return [
    ...problems,
    ...(rerun.exit === 0 ? [] : [`haal ${again} afterwards exits ${rerun.exit}\n${rerun.said}`]),
    ...(last === measure.after
      ? []
      : [`haal ${again} afterwards does not bring the new state: ${difference(measure, last)}`]),
    ...(debris.length === 0 ? [] : [`left: ${debris.join(', ')}`]),
    ...(damaged.length === 0 ? [] : [`damaged in the store: ${damaged.join(', ')}`]),
    ...(scene.store && storeOf(ground) !== measure.store ? ['the store is not pruned'] : []),
    ...(scene.keeps === undefined || holds(ground, scene.keeps) ? [] : ['what was edited is lost']),
  ]
}

function storeOf(ground) {
  return Object.keys(listing(path.join(ground.at, 'haal/store')))
    .filter((file) => file.length > 60)
    .join()
}

/** Whether any file of the project has this text. */
function holds({ project }, text) {
  return Object.entries(listing(project)).some(
    ([file, line]) => line.startsWith('file') && fs.readFileSync(path.join(project, file), 'utf8') === text,
  )
}

/** Where a state differs from the new one, in short. */
function difference({ before, after }, state) {
  const parts = [before, after, state].map((text) => JSON.parse(text))
  const of = (section) => {
    const [old, now, seen] = parts.map((part) => part[section])
    return [...new Set([old, now, seen].flatMap(Object.keys))].filter((key) => {
      const text = JSON.stringify(seen[key])
      return text !== JSON.stringify(old[key]) || text !== JSON.stringify(now[key])
    })
  }
  return ['files', 'saved', 'past']
    .flatMap((section) => of(section).map((key) => `${key}`))
    .slice(0, 12)
    .join(', ')
}
