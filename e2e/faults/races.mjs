import { spawn } from 'node:child_process'
import { commandOf, listing } from './ground.mjs'
import { faults, striking } from './library.mjs'
import { setScene } from './scenes.mjs'
import { damagedIn, debrisIn } from './state.mjs'

const lines = [
  'install b',
  'install a r',
  'install --force --yes',
  'uninstall a',
  'uninstall b r',
  'update',
  'rollback',
  'rollback --to 1',
  'pin a',
  'unpin a',
  'copy a ../other/raced --force --yes',
  'cache prune',
  'verify',
  'list',
]

/** What a command that lost may say: nothing to do it with, in the way, busy, drift that the other is about to end. */
const orderly = new Set([0, 3, 4, 8])

/** Rounds of two commands at once in one project that lives through all of them; some are killed at a call that is drawn. Answers, for each
    round, what did not hold. */
export async function race(ground, library, { rounds, random }) {
  setScene(ground, 'race', { first: ['install a b r'] })
  const own = ownFiles(ground)
  const answers = []
  for (let round = 0; round < rounds; round += 1) answers.push(await oneRound(ground, library, { random, own }))
  return answers
}

async function oneRound(ground, library, { random, own }) {
  const two = [drawn(random), drawn(random)]
  const said = two.map(({ line, at }) => (at === 0 ? line : `${line} (killed at ${at})`)).join(' | ')
  const done = await Promise.all(two.map((each) => started(ground, library, each)))
  const problems = done
    .filter(({ exit, signal, text }) => signal !== 'SIGKILL' && (!orderly.has(exit) || text.includes('E_BUG')))
    .map(({ line, exit, text }) => `haal ${line} exits ${exit}\n${text}`)
  for (const look of ['verify', 'install']) {
    const { exit, said: text } = ground.run(look)
    if (exit !== 0) problems.push(`haal ${look} afterwards exits ${exit}\n${text}`)
  }
  const debris = debrisIn(ground.at)
  if (debris.length > 0) problems.push(`left: ${debris.join(', ')}`)
  if (damagedIn(ground.at).length > 0) problems.push('an entry of the store is damaged')
  if (ownFiles(ground) !== own) problems.push('files that are not haal’s have changed')
  return problems.map((problem) => `${said}: ${problem}`)
}

function drawn(random) {
  const line = lines[Math.floor(random() * lines.length)]
  return { line, at: random() < 0.5 ? 0 : 1 + Math.floor(random() * 70) }
}

function started(ground, library, { line, at }) {
  const [node, args] = commandOf(line)
  const strike = at === 0 ? {} : striking({ library, below: ground.at, count: '/dev/null' }, faults.kill, at)
  const child = spawn(node, args, {
    cwd: ground.project,
    env: ground.environment(strike),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const parts = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => parts.push(bytes))
  return new Promise((done, refused) => {
    child.on('error', refused)
    child.on('close', (exit, signal) => done({ line, exit, signal, text: Buffer.concat(parts).toString() }))
  })
}

/** All but what the commands above may change. */
function ownFiles({ at }) {
  const theirs = /^(haal|other\/raced|project\/haal\.(json|lock)|project\/\.haal\/(\.state|skills|agents))(\/|$)/
  return JSON.stringify(listing(at, (file) => theirs.test(file)))
}
