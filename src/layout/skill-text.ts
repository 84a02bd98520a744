import type { Artifact, Note } from '../model/artifact.js'
import { refOf } from '../model/kinds.js'
import { isKebab } from '../model/names.js'
import { note } from '../model/notes.js'
import { type Head, metadataOf, textOf } from './frontmatter.js'

const keys = new Set(['name', 'description', 'license', 'compatibility', 'metadata', 'allowed-tools'])

/** Where a skill departs from the Agent Skills specification. Most published skills do somewhere, so it is one quiet note a skill. */
export function skillNotes(artifact: Artifact, file: string, head: Head): Note[] {
  const { values } = head
  const departures = [
    ...aboutFile(file),
    ...aboutName(textOf(values, 'name'), artifact.name),
    ...aboutTexts(values),
    ...aboutKeys(values),
  ]
  const ref = refOf(artifact.kind, artifact.name)
  return departures.length === 0
    ? []
    : [note('W_SKILL', `${ref} departs from the Agent Skills text: ${departures.join('; ')}`)]
}

type Values = Head['values']

function aboutFile(file: string): string[] {
  return file === 'SKILL.md' ? [] : [`its file is ${file}, not SKILL.md`]
}

function aboutName(name: string | undefined, folder: string): string[] {
  if (name === undefined) return ['it has no name']
  if (name !== folder) return [`it calls itself ${JSON.stringify(name.slice(0, 80))}`]
  return name.length > 64 || !isKebab(name) ? ['its name is not up to 64 lower-case letters, digits and hyphens'] : []
}

function aboutTexts(values: Values): string[] {
  const description = textOf(values, 'description')
  const compatibility = textOf(values, 'compatibility')
  return [
    ...(description === undefined ? ['it has no description'] : []),
    ...((description?.length ?? 0) > 1024 ? ['its description is longer than 1024 characters'] : []),
    ...((compatibility?.length ?? 0) > 500 ? ['its compatibility is longer than 500 characters'] : []),
  ]
}

function aboutKeys(values: Values): string[] {
  const unknown = Object.keys(values).filter((key) => !keys.has(key))
  const metadata = metadataOf(values) ?? {}
  const nested = Object.keys(metadata).filter((key) => typeof metadata[key] !== 'string')
  return [
    ...(unknown.length > 0 ? [`it has the ${unknown.length === 1 ? 'key' : 'keys'} ${unknown.join(', ')}`] : []),
    ...(nested.length > 0 ? [`metadata has more than text in ${nested.join(', ')}`] : []),
  ]
}
