import { byCodeUnit } from '../model/names.js'

type Paths = readonly { path: string }[]

/** Of entries sorted by path those at a path, then those below it; what else is there is not gone through. */
export function atAndBelow<E extends { path: string }>(sorted: readonly E[], path: string): E[] {
  return [
    ...sorted.slice(firstFrom(sorted, path), firstFrom(sorted, `${path}\0`)),
    ...sorted.slice(firstFrom(sorted, `${path}/`), firstFrom(sorted, `${path}0`)),
  ]
}

/** The index of the first that is not before `path`. */
function firstFrom(sorted: Paths, path: string): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (byCodeUnit(sorted[middle]?.path ?? '', path) < 0) low = middle + 1
    else high = middle
  }
  return low
}
