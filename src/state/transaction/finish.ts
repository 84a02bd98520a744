import path from 'node:path'
import { removeTree } from '../../io/disk.js'
import { note } from '../../model/notes.js'
import type { Site } from '../../model/site.js'
import { attemptTwice } from '../attempt.js'
import { pruneGenerations } from '../generations.js'
import { foldersAbove } from '../paths.js'
import { foundFolders, rememberFolders } from './found-folders.js'
import { type Begun, dropJournal, enterPhase, flushState, type Move } from './journal.js'
import { noteBoot } from './leftovers.js'
import { madeOutside, type Path, pathsOf } from './moves.js'
import { keepAside } from './set-aside.js'
import { textsOf } from './undo.js'

/** After the commit: what was set aside goes, folders that became empty go, and the journal goes last. The new state stands whatever
    happens here, so nothing is thrown: what fails at the second try is named in a warning, and the next command tries again. */
export function finish(site: Site, begun: Begun): void {
  const { journal } = begun
  const done = { phase: 'committed', journal } as const
  const paths = pathsOf(site, journal, leavesSomething)
  const marks = madeOutside(journal).map(({ mark }) => mark)
  const spent = [...marks, ...textsOf(site, journal), ...emptiedBy(site, paths)]
  const tidying = [
    () => rememberFolders(site, journal.found),
    ...paths.map((each) => () => clearOld(site, each, journal.generation)),
    ...spent.map((at) => () => void site.disk.remove(at)),
    () => pruneGenerations(site, journal.keep),
    () => noteBoot(site, { boot: journal.boot, generation: journal.generation }),
  ]
  const problem =
    problemIn([() => enterPhase(site, begun, 'committed'), () => flushState(site)]) ??
    problemIn(tidying) ??
    problemIn([() => dropJournal(site, done)])
  if (problem !== undefined) site.emit({ type: 'warning', note: note('W_LEFT', left(problem)) })
}

/** Each is tried twice, and all of them whatever becomes of one; the first problem, in words. */
function problemIn(acts: readonly (() => void)[]): string | undefined {
  const problems = acts.map(attemptTwice)
  return problems.find((problem) => problem !== undefined)
}

/** What was set aside, a mark outside the root, or folders that nothing is in any more. */
function leavesSomething(move: Move): boolean {
  return move.had || path.isAbsolute(move.place) || move.put === undefined
}

function clearOld(site: Site, { move, place, aside, mark }: Path, generation: number): void {
  const { disk } = site
  if (move.had && move.save && disk.stat(aside)) keepAside(site, { from: aside, place, generation })
  else if (move.had) removeTree(disk, aside)
  if (path.isAbsolute(move.place)) disk.remove(mark)
}

/** Folders above what was taken away, innermost first, without those that were there before haal: `remove` leaves those that are not empty. */
function emptiedBy(site: Site, paths: readonly Path[]): string[] {
  const going = paths.filter(({ move }) => move.put === undefined)
  if (going.length === 0) return []
  const found = foundFolders(site)
  const folders = new Set(going.flatMap(({ place }) => foldersAbove(site.root, place)))
  return [...folders].filter((folder) => !found.has(folder)).sort((a, b) => b.length - a.length)
}

function left(problem: string): string {
  return `the command is done, but what it no longer needs cannot be removed: ${problem}; the next haal command tries again`
}
