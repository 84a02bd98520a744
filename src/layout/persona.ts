import type { Note } from '../model/artifact.js'
import { fail, onError } from '../model/errors.js'
import { isRecord, readJson } from '../model/json.js'
import { refOf } from '../model/kinds.js'
import { byCodeUnit } from '../model/names.js'
import { note } from '../model/notes.js'
import { unreadable } from './manifests.js'
import type { Within } from './within.js'

/** A persona's definition: what AgentOS's PersonaLoader reads. */
export interface Persona {
  file: string
  values: Readonly<Record<string, unknown>>
  /** It begins with a byte order mark, at which the loader gives up. */
  isMarked: boolean
}

/** What the loader skips a definition without. */
const needed = ['id', 'name', 'version', 'baseSystemPrompt']

/** The definition in `persona.json`, `<name>.json`, `*.persona.json`, a manifest.json that holds one, the single file that the persona is, or any
    other JSON with a prompt in it, wherever it lies: the loader takes them all. undefined for a persona that is code. Throws E_JSON, E_JSON_KEY,
    E_MANIFEST. */
export async function readPersona(within: Within): Promise<Persona | undefined> {
  const { artifact, files, has, read, source } = within
  const single = artifact.form === 'file' ? files[0]?.path : undefined
  const named = files.map(({ path }) => path).find((path) => /^[^/]+\.persona\.json$/.test(path))
  const file =
    single ??
    ['persona.json', `${artifact.name}.json`].find(has) ??
    named ??
    (has('manifest.json') ? 'manifest.json' : undefined)
  if (file === undefined) return underOtherName(within)
  const found = personaIn(file, await read(file), source(file))
  return file === 'manifest.json' && found.values.baseSystemPrompt === undefined ? underOtherName(within) : found
}

function personaIn(file: string, bytes: Uint8Array, source: string): Persona {
  const values = readJson(bytes, source)
  if (!isRecord(values)) return fail('E_MANIFEST', `${source} should be an object`)
  return { file, values, isMarked: bytes[0] === 0xef }
}

/** More files than these are data of some other sort. */
const mostLookedInto = 20

/** The definition in a file of any other name; the one nearest to the root counts. A file that is no JSON is passed over. */
async function underOtherName({ files, read, source }: Within): Promise<Persona | undefined> {
  const paths = files.map(({ path }) => path)
  if (paths.some((path) => /\.[mc]?js$/.test(path))) return undefined
  const depth = (path: string) => path.split('/').length
  const likely = paths
    .filter((path) => /\.json$/i.test(path) && !/^(package|manifest)\.json$/.test(path))
    .sort((a, b) => depth(a) - depth(b) || byCodeUnit(a, b))
  for (const file of likely.slice(0, mostLookedInto)) {
    const found = await onError(
      unreadable,
      async () => personaIn(file, await read(file), source(file)),
      () => undefined,
    )
    if (found?.values.baseSystemPrompt !== undefined) return found
  }
  return undefined
}

/** Whether the loader takes a persona, and what it lacks. */
export function checkPersona(
  { artifact, source }: Within,
  { file, values, isMarked }: Persona,
): { loadable: boolean; notes: Note[] } {
  const lacks = needed.filter((key) => isBlank(values[key]))
  const why = lacks.length > 0 ? `has no ${lacks.join(', ')}` : isMarked ? 'begins with a byte order mark' : undefined
  if (why === undefined) return { loadable: true, notes: [] }
  const ref = refOf(artifact.kind, artifact.name)
  return { loadable: false, notes: [note('W_PERSONA', `${ref} cannot be loaded: ${source(file)} ${why}`)] }
}

/** A prompt may be text, a list of parts or a template; a version may be a number. */
function isBlank(value: unknown): boolean {
  if (typeof value === 'string') return value.trim() === ''
  return !value || (typeof value === 'object' && Object.keys(value).length === 0)
}
