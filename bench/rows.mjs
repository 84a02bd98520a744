import { interleaved, median, rounded, spread } from './measure.mjs'

/** A case is { name, against, atMost?, quick?, prepare }. `prepare(place)` makes the ground and answers the runs by name, each
    { command, cwd, env, before?, times? } or { cannot: why }; `haal` is the one that is measured. `against` is the name of the run `peer`,
    or an object: a peer's name to its limit. A limit is
      a number        haal may take that many times as long,
      { more }        haal may take that many milliseconds more,
      { of, atMost }  as a number, against what `of` makes of all medians,
      undefined       shown, without a limit.
    A run called `plain` is no peer: it says how near to the limit the least that a program on Node can do comes.
    Answers a row for each peer: { name, against, unit, value, atMost, verdict, why?, fastest?, plain?, haal?, peer? }. */
export async function measured({ prepare, ...about }, { place, rounds }) {
  const { name, against, atMost } = about
  const peers = typeof against === 'string' ? [[against, atMost, 'peer']] : Object.entries(against)
  try {
    const times = await interleaved(await prepare(place), rounds)
    if (times.haal.cannot) throw new Error(times.haal.cannot)
    return peers.map(([peer, limit, key = peer]) => ({ name, against: peer, ...compared(times, key, limit) }))
  } catch (e) {
    return peers.map(([peer]) => ({ name, against: peer, ...stopped(e) }))
  }
}

/** A program that is not there is no fault of haal. */
function stopped({ code, path, message }) {
  return code === 'ENOENT' && path !== undefined
    ? { verdict: 'cannot', why: `${path} is not installed` }
    : { verdict: 'failed', why: firstLine(message) }
}

function compared(times, key, limit) {
  if (times[key]?.cannot) return { verdict: 'cannot', why: firstLine(times[key].cannot) }
  const haal = summary(times.haal)
  if (limit?.of) {
    const able = Object.entries(times).map(([name, all]) => [name, median(all)])
    return judged({ haal, peer: { median: rounded(limit.of(Object.fromEntries(able))) } }, limit.atMost)
  }
  const peer = summary(times[key])
  const least = times.plain === undefined ? {} : { plain: rounded(median(times.plain) / peer.median, 3) }
  return { ...judged({ haal, peer }, limit), ...least }
}

function judged({ haal, peer }, limit) {
  const more = limit?.more !== undefined
  const value = more ? rounded(haal.median - peer.median, 1) : rounded(haal.median / peer.median, 3)
  const atMost = more ? limit.more : limit
  // Of the fastest run of each: on a busy machine the better hint, and never what is judged.
  const fastest = more || peer.least === undefined ? {} : { fastest: rounded(haal.least / peer.least, 3) }
  return { unit: more ? 'ms more' : '×', value, ...fastest, atMost, verdict: verdictOf(value, atMost), haal, peer }
}

/** A figure is { name, unit, atMost, quick?, figure }: a number that has no peer. `figure(place)` answers it, or { cannot }. */
export async function figured({ name, unit, atMost, figure }, { place }) {
  try {
    const value = await figure(place)
    if (value.cannot) return { name, against: '', verdict: 'cannot', why: firstLine(value.cannot) }
    return { name, against: '', unit, value: rounded(value), atMost, verdict: verdictOf(value, atMost) }
  } catch (e) {
    return { name, against: '', ...stopped(e) }
  }
}

function verdictOf(value, atMost) {
  if (atMost === undefined) return 'shown'
  return value <= atMost ? 'reached' : 'missed'
}

function summary(all) {
  return {
    median: rounded(median(all)),
    spread: rounded(spread(all)),
    least: rounded(Math.min(...all)),
    rounds: all.length,
  }
}

function firstLine(text) {
  return text.trim().split('\n').slice(0, 2).join(': ').slice(0, 300)
}

/** One line for the terminal. */
export function line({ name, against, unit, value, fastest, plain, atMost, verdict, why, haal, peer }) {
  const cells = [name.padEnd(50), against.padEnd(48), verdict.padEnd(8)]
  if (why !== undefined) return [...cells, why].join(' ')
  const limit = atMost === undefined ? '' : ` (at most ${atMost})`
  const times = peer === undefined ? '' : `  ${haal.median} ms ± ${haal.spread ?? 0} beside ${peer.median} ms`
  const hint = fastest === undefined ? '' : `, fastest runs ${fastest}`
  const least = plain === undefined ? '' : `, plain Node ${plain}`
  return [...cells, `${value} ${unit}${limit}`.padEnd(28), times, hint, least].join(' ').trimEnd()
}
