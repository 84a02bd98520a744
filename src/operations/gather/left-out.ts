import type { Note } from '../../model/artifact.js'
import { addTo } from '../../model/maps.js'
import { byCodeUnit } from '../../model/names.js'
import { note } from '../../model/notes.js'

/** Something that a registry or a bundle lists and that cannot come. */
export interface LeftOut {
  code: 'W_NO_FILES' | 'W_MEMBER_MISSING' | 'W_REGISTRY_MISSING'
  /** The registry or bundle that lists it. */
  by: string
  ref: string
  /** The whole message where it is the only one. */
  says: string
}

/** One line for each that lists, however much of what it lists is missing. */
export function leftOutNotes(all: readonly LeftOut[]): Note[] {
  const groups = new Map<string, LeftOut[]>()
  for (const one of all) addTo(groups, `${one.code} ${one.by}`, one)
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    const refs = [...new Set(group.map(({ ref }) => ref))].sort(byCodeUnit)
    if (first === undefined) return []
    const several = `${first.by} lists ${refs.length} artifacts ${words[first.code]}: ${refs.join(', ')}`
    return [note(first.code, refs.length === 1 ? first.says : several)]
  })
}

const words: Readonly<Record<LeftOut['code'], string>> = {
  W_NO_FILES: 'that cannot be installed (haal list --available says why)',
  W_MEMBER_MISSING: 'that no registry has',
  W_REGISTRY_MISSING: 'whose source does not answer, left out as --allow-missing asks',
}
