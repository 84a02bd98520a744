import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { isCommit } from '../../model/registry.js'
import type { Reach } from '../../model/transport.js'
import type { Exchange, Outcome, Program } from './caller.js'
import type { Stores } from './stores.js'
import { fetching, waysFor } from './ways.js'

interface Bringing {
  setting: { program: Program; reach: Reach }
  stores: Stores
  ask(exchange: Exchange): Promise<Outcome>
}

/** Fetches a ref whose commit is not known yet into a new store, and answers the commit. Where that fails, undefined: the commit is fetched by its id
    later, which also reports what is wrong. The ref gets a new name here: another haal may fetch into the same store. */
export async function bringEarly(ref: string, gitDir: string, bringing: Bringing): Promise<string | undefined> {
  const { setting, stores, ask } = bringing
  const { program, reach } = setting
  const { disk } = reach
  const [{ args, config } = { args: [], config: {} }] = waysFor(program, reach)
  const name = `refs/haal/new/${randomUUID()}`
  const fetch = { args: [...fetching, ...args, '--depth=1', 'origin', `+${ref}:${name}`], gitDir, config }
  const answer = await ask(fetch).catch(() => ({ ok: false }))
  const commit = answer.ok ? (disk.text(path.join(gitDir, name))?.trim() ?? '') : ''
  if (!isCommit(commit)) return undefined
  disk.mkdir(path.join(gitDir, 'refs/haal/commits'))
  disk.rename(path.join(gitDir, name), path.join(gitDir, 'refs/haal/commits', commit))
  if (reach.broad) stores.ahead(gitDir)
  return commit
}
