import { kindOf, kinds } from '../model/kinds.js'
import { leafOf } from '../model/names.js'
import { note } from '../model/notes.js'
import { joined, type Layout } from './look.js'
import { filedKinds, forms, scan } from './scan.js'

const root = '.haal'

/** OLAF's registry: `.haal/<kinds>/<name>`, as a project holds them too. What haal installed there from AgentOS may have no manifest. */
export const olaf: Layout = {
  name: 'olaf',
  find: async (look) => {
    const folders = (await look.entries(root)).filter(
      ({ type, path }) => type === 'folder' && !leafOf(path).startsWith('.'),
    )
    if (folders.length === 0) return undefined
    const found = await Promise.all(
      filedKinds.map((kind) => {
        const { markers, files } = forms[kind]
        const form = markers.includes('manifest.json') ? { markers: [...markers, 'package.json'], files } : forms[kind]
        return scan(joined(root, kinds[kind].folder), { kind, form }, look)
      }),
    )
    const unknown = folders.filter(({ path }) => kindOf(leafOf(path)) === undefined)
    return {
      offers: found.flatMap(({ offers }) => offers),
      notes: [
        ...found.flatMap(({ notes }) => notes),
        ...unknown.map(({ path }) => note('W_UNSUPPORTED', `${look.source(path)} is of no kind that haal installs`)),
      ],
    }
  },
}
