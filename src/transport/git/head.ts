import { randomUUID } from 'node:crypto'
import path from 'node:path'
import type { HaalError } from '../../model/errors.js'
import type { Reach } from '../../model/transport.js'
import type { Answer, Exchange, Program } from './caller.js'
import { isCommit, parseAdvertised } from './refs.js'
import type { Stores } from './stores.js'
import type { Trouble } from './trouble.js'
import { fetching, waysFor } from './ways.js'

interface Heading {
  setting: { program: Program; reach: Reach }
  stores: Stores
  ask(exchange: Exchange): Promise<Answer>
}

/** Where HEAD leads. Into a new store it is fetched at once: its commit is known when it is there, and on a real network that is half the time.
    undefined where the server does not say, or where other ways than the first may be needed. */
export async function head(heading: Heading): Promise<string | undefined> {
  const { stores, ask } = heading
  const isNew = stores.existing('').length === 0
  const gitDir = stores.make('sparse', '')
  if (!isNew) {
    const answer = await ask({ args: ['ls-remote', '--quiet', 'origin', 'HEAD'], gitDir })
    if (!answer.ok) throw answer.error
    return parseAdvertised(answer.out).get('HEAD')
  }
  const { commit, refused } = await bringRef('HEAD', gitDir, heading)
  if (refused !== undefined && !passable.has(refused.trouble)) throw refused.error
  return commit
}

/** Another way, or asking for all refs, may get round these. */
const passable: ReadonlySet<Trouble> = new Set(['refused', 'absent', 'unknown'])

/** Fetches a ref whose commit is not known yet, and answers that. The name that the ref gets here is new: another haal may fetch into the same store. */
export async function bringRef(
  ref: string,
  gitDir: string,
  { setting, stores, ask }: Heading,
): Promise<{ commit?: string; refused?: { trouble: Trouble; error: HaalError } }> {
  const { program, reach } = setting
  const { disk } = reach
  const [{ args, config } = { args: [], config: {} }] = waysFor(program, reach)
  const name = `refs/haal/new/${randomUUID()}`
  const answer = await ask({ args: [...fetching, ...args, '--depth=1', 'origin', `+${ref}:${name}`], gitDir, config })
  if (!answer.ok) return { refused: answer }
  const commit = disk.text(path.join(gitDir, name))?.trim() ?? ''
  if (!isCommit(commit)) return {}
  disk.mkdir(path.join(gitDir, 'refs/haal/commits'))
  disk.rename(path.join(gitDir, name), path.join(gitDir, 'refs/haal/commits', commit))
  if (reach.broad) stores.ahead(gitDir)
  return { commit }
}
