import path from 'node:path'
import { sha256Hex } from '../../model/digest.js'
import { fail, HaalError } from '../../model/errors.js'
import type { ApprovedPlan } from '../../model/plan.js'
import type { Site } from '../../model/site.js'
import { generationFile } from '../generations.js'
import { checkPlaces, checkState } from '../no-links.js'
import { absoluteFrom, generationsFolder, stateFolder } from '../paths.js'
import { finish } from './finish.js'
import { besideOf, enterPhase, flushState, type Journal, openJournal, openJournals, type Swap } from './journal.js'
import { pauseAfter, stage } from './stage.js'
import { type Task, type Transaction, transactionOf } from './transaction.js'
import { tidyState, undo } from './undo.js'

/** Carries out a plan as a whole or not at all, and answers with the number of the generation it makes. The mutex must be held and `recover`
    done.

    1 the journal says what is about to happen  2 everything new is written beside its place  3 place by place, the old goes aside and
    the new comes in  4 the generation, haal.json and haal.lock come in by rename; haal.lock's is the commit (the journal's own, where
    haal.lock stays as it is)  5 what was set aside goes, the journal last.

    Throws E_STATE_UNSAFE and E_CONFLICT before anything is written; E_DISK, E_CACHE and E_INTERRUPTED after everything was undone. */
export async function apply(plan: ApprovedPlan, site: Site): Promise<number> {
  checkState(site)
  checkPlaces(site, [...plan.steps.map(({ place }) => place), site.lockFile, site.manifestFile])
  const transaction = transactionOf(plan, site)
  const { journal } = transaction
  site.emit({ type: 'start', what: 'writing', key: 'apply' })
  try {
    await carryOut(transaction, site)
    finish(site, { phase: journal.lock ? 'swapping' : 'committed', journal })
  } finally {
    site.emit({ type: 'end', key: 'apply' })
  }
  return journal.generation
}

async function carryOut(transaction: Transaction, site: Site): Promise<void> {
  const { journal } = transaction
  try {
    openState(site)
    openJournal(site, journal)
    await stage(transaction, site)
    enterPhase(site, { phase: 'staging', journal }, 'swapping')
    flushState(site)
    await swap(transaction, site)
    commit(transaction, site)
  } catch (e) {
    takeBack(site, { journal, cause: e })
    throw e
  }
}

/** The state folder ignores itself in git. */
function openState(site: Site): void {
  const { disk } = site
  const ignore = path.join(stateFolder(site), '.gitignore')
  disk.mkdir(generationsFolder(site))
  if (disk.stat(ignore)?.type !== 'file' || disk.text(ignore) !== '*\n') disk.write(ignore, '*\n')
}

async function swap({ tasks }: Transaction, site: Site): Promise<void> {
  for (const [number, task] of tasks.entries()) {
    if (task.move.had) site.disk.rename(task.place, task.aside)
    if (task.content) comeIn(site, task)
    const pause = pauseAfter(site, { number, of: tasks.length })
    if (pause) await pause
  }
}

/** A folder never comes in over anything but an empty folder: the file system refuses. A file would replace another without a word, so
    there it is asked first. */
function comeIn({ disk }: Site, { place, shown, fresh, content }: Task): void {
  const isFolder = content?.from === 'store' && content.file === undefined
  if (!isFolder && disk.stat(place)) late(shown)
  try {
    disk.rename(fresh, place)
  } catch (e) {
    if (e instanceof HaalError && disk.stat(place) && disk.stat(fresh)) late(shown, e)
    throw e
  }
}

function late(shown: string, cause?: HaalError): never {
  return fail('E_CONFLICT', `${shown} has appeared while haal was writing`, {
    hint: 'see what it is, then run the command again',
    cause,
  })
}

function commit({ journal }: Transaction, site: Site): void {
  const generation = generationFile(site, journal.generation)
  site.disk.rename(besideOf(generation, journal, 'generation').fresh, generation)
  bringIn(site, { journal, swap: journal.manifest, which: 'manifest' })
  bringIn(site, { journal, swap: journal.lock, which: 'lock' })
  site.disk.flush(path.dirname(site.lockFile))
  if (journal.lock === null) enterPhase(site, { phase: 'swapping', journal }, 'committed')
}

interface Coming {
  journal: Journal
  swap: Swap | null
  which: 'manifest' | 'lock'
}

function bringIn({ root, disk }: Site, { journal, swap, which }: Coming): void {
  if (swap === null) return
  const file = absoluteFrom(root, swap.file)
  const text = disk.text(file)
  if ((text === undefined ? null : sha256Hex(text)) !== swap.before)
    fail('E_CONFLICT', `${swap.file} was changed while haal was writing`, { hint: 'run the command again' })
  disk.rename(besideOf(file, journal, which).fresh, file)
}

/** Undoes what was begun; the journal on disk says how far that had come. What cannot be undone now is undone by the next command. */
function takeBack(site: Site, { journal, cause }: { journal: Journal; cause: unknown }): void {
  try {
    enterPhase(site, { phase: 'committed', journal }, 'swapping')
    const begun = openJournals(site).begun.find((each) => each.journal.transaction === journal.transaction)
    if (begun) undo(site, begun)
    else leaveState(site)
  } catch (e) {
    if (!(e instanceof HaalError) || !(cause instanceof HaalError)) throw e
    const hint = `${e.message}; run any haal command to have this undone`
    throw new HaalError(cause.code, cause.message, { hint, details: cause.details, cause })
  }
}

function leaveState(site: Site): void {
  site.disk.remove(path.join(stateFolder(site), 'journal.tmp'))
  tidyState(site)
}
