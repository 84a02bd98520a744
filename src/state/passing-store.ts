import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { removeTree } from '../io/disk.js'
import { pidSpace } from '../io/host.js'
import type { Digest } from '../model/digest.js'
import type { Disk } from '../model/disk.js'
import { openStore, passing, type Store } from './store.js'

interface PassingStore extends Store {
  /** Takes away what came in, and the folders that were made for it. */
  leave(): void
}

/** The store as a dry run has it: what comes in lies in a folder beside its entries, for this one command. One that is killed leaves that folder to
    `sweep`. */
export function openPassingStore(disk: Disk, folder: string, pid: number): PassingStore {
  const store = openStore(disk, folder, pid)
  const own = path.join(folder, `${passing}${pid}-${pidSpace()}-${randomBytes(8).toString('hex')}`)
  const beside = openStore(disk, own, pid)
  const came = new Set<Digest>()
  let made: string[] = []
  return {
    ...store,
    take: async (fill) => {
      if (came.size === 0) made = [...made, ...disk.mkdir(own)]
      const integrity = await beside.take(fill)
      came.add(integrity)
      return integrity
    },
    open: (integrity) => (came.has(integrity) ? beside : store).open(integrity),
    stat: (integrity) => (came.has(integrity) ? beside : store).stat(integrity),
    leave: () => {
      if (made.length === 0) return
      removeTree(disk, own)
      for (const each of made.toReversed()) disk.remove(each)
    },
  }
}
