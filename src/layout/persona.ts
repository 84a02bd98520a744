import type { Note } from '../model/artifact.js'
import { fail } from '../model/errors.js'
import { isRecord, readJson } from '../model/json.js'
import { refOf } from '../model/kinds.js'
import { note } from '../model/notes.js'
import type { Within } from './within.js'

/** A persona's definition: what AgentOS's PersonaLoader reads. */
export interface Persona {
  file: string
  values: Readonly<Record<string, unknown>>
}

/** What the loader skips a definition without. */
const needed = ['id', 'name', 'version', 'baseSystemPrompt']

/** The definition in `persona.json`, `<name>.json`, `*.persona.json`, a manifest.json that holds one, or the single file that the persona
    is; undefined for a persona that is code. Throws E_JSON, E_JSON_KEY, E_MANIFEST. */
export async function readPersona({ artifact, files, has, read, source }: Within): Promise<Persona | undefined> {
  const single = artifact.form === 'file' ? files[0]?.path : undefined
  const named = files.map(({ path }) => path).find((path) => /^[^/]+\.persona\.json$/.test(path))
  const file =
    single ??
    ['persona.json', `${artifact.name}.json`].find(has) ??
    named ??
    (has('manifest.json') ? 'manifest.json' : undefined)
  if (file === undefined) return undefined
  const values = readJson(await read(file), source(file))
  if (!isRecord(values)) return fail('E_MANIFEST', `${source(file)} should be an object`)
  return file === 'manifest.json' && values.baseSystemPrompt === undefined ? undefined : { file, values }
}

/** Whether the loader takes a persona, and what it lacks. */
export function checkPersona(
  { artifact, source }: Within,
  { file, values }: Persona,
): { loadable: boolean; notes: Note[] } {
  const lacks = needed.filter((key) => isBlank(values[key]))
  if (lacks.length === 0) return { loadable: true, notes: [] }
  const ref = refOf(artifact.kind, artifact.name)
  return {
    loadable: false,
    notes: [note('W_PERSONA', `${ref} cannot be loaded: ${source(file)} has no ${lacks.join(', ')}`)],
  }
}

/** A prompt may be text, a list of parts or a template. */
function isBlank(value: unknown): boolean {
  if (typeof value === 'string') return value.trim() === ''
  return value === undefined || value === null || typeof value !== 'object' || Object.keys(value).length === 0
}
