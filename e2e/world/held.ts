import fs from 'node:fs'
import path from 'node:path'

/** Waits until a process holds a project, or what else has a mutex below `root`; answers which. */
export async function heldBy(root: string): Promise<number> {
  for (;;) {
    const pid = holderIn(path.join(root, '.haal/.state/mutex'))
    if (pid !== undefined) return pid
    await new Promise((next) => setImmediate(next))
  }
}

/** Entries come, change and go while they are read. */
function holderIn(folder: string): number | undefined {
  try {
    for (const name of fs.readdirSync(folder)) {
      const text = fs.readFileSync(path.join(folder, name), 'utf8')
      if (text.includes('"holds":true')) return Number.parseInt(name, 10)
    }
  } catch (e) {
    if ((e as NodeJS.ErrnoException).code !== 'ENOENT') throw e
  }
  return undefined
}
