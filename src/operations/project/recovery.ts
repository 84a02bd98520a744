import { note } from '../../model/notes.js'
import type { Site } from '../../model/site.js'
import { attempt } from '../../state/attempt.js'
import { type Held, hold } from '../../state/mutex.js'
import type { Store } from '../../state/store.js'
import { mendAfterBoot } from '../../state/transaction/after-boot.js'
import { mend, recover } from '../../state/transaction/recover.js'
import { copiesOf, type Home } from './folders.js'

/** Mends for a command that only reads: takes the mutex for as long as that lasts. */
export async function mendToRead(site: Site, command: string): Promise<void> {
  tell(site, await mend(site, command))
}

/** Takes the mutex for a command that changes the project, and mends first. Throws E_BUSY, E_RECOVERY. */
export async function holdAndMend(site: Site, { wait, command }: { wait: number; command: string }): Promise<Held> {
  const held = await hold(site, { wait, command })
  try {
    recover(site)
    tell(site, mendAfterBoot(site))
    return held
  } catch (e) {
    held.release()
    throw e
  }
}

/** Ends what killed commands left below HAAL_HOME: a copy that no project has, and files of the store that were never finished. What cannot be
    removed now is no reason to stop. */
export async function tidyHome({ site, home, store, command }: Around): Promise<void> {
  await mendToRead(copiesOf({ site, home }), command)
  attempt(() => void store.sweep(site.now()))
}

interface Around {
  site: Site
  home: Home
  store: Store
  command: string
}

/** Mending is silent unless something was lost for good. */
function tell({ emit }: Site, lost: readonly string[]): void {
  for (const place of lost)
    emit({
      type: 'warning',
      note: note('W_LOST', `${place} lost bytes when the machine stopped: run haal install --force`),
    })
}
