import * as v from 'valibot'
import { decode, dictionary, loose } from '../model/decode.js'
import { type Digest, isDigest } from '../model/digest.js'
import { fail } from '../model/errors.js'
import { jsonPath } from '../model/json.js'
import { type Kind, kindOf, type Ref, refOf, splitRef } from '../model/kinds.js'
import { isReserved, leafOf } from '../model/names.js'
import { checkLabel } from '../model/version-label.js'
import { givenName, insidePath } from './look.js'
import { anything, author, filled, text } from './shapes.js'

/** The sections of registry.json, and the kind of what they list where neither entry nor manifest says another. */
const sections = [
  ['extensions', undefined],
  ['skills', 'skill'],
  ['personas', 'persona'],
] as const

const word = v.nullish(filled)
const digest = v.nullish(v.custom<Digest>(isDigest, 'is not a sha256 digest (sha256-…)'))
const archive = { archive: word, integrity: digest, archiveIntegrity: word, path: word }

/** One entry of AgentOS's registry.json. `id`, `name`, `version` and `path` are enough; unknown keys are tolerated. */
const entrySchema = loose({
  ...archive,
  path: filled,
  id: v.nullish(
    v.pipe(
      v.string(),
      v.regex(/^[^\s\u0000-\u001f\u007f-\u009f]{1,200}$/u, 'should be 1 to 200 characters without a space'),
    ),
  ),
  name: text,
  version: text,
  kind: word,
  category: text,
  description: text,
  author,
  license: anything,
  licence: anything,
  verified: v.nullish(v.boolean()),
  package: text,
  requires: anything,
  files: v.nullish(
    v.array(v.union([v.string(), loose({ path: v.string() })], 'should be a path or an object with a path')),
  ),
  versions: v.nullish(dictionary(loose(archive))),
})

const sectionSchema = v.nullish(dictionary(v.nullish(v.array(entrySchema))))

const indexSchema = loose({ extensions: sectionSchema, skills: sectionSchema, personas: sectionSchema })

/** An entry whose names and path are safe to use. */
export interface IndexEntry extends v.InferOutput<typeof entrySchema> {
  /** As a message calls it: file and JSON path. */
  where: string
  /** The last segment of its path. */
  leaf: string
  usualKind: Kind | undefined
  requiredRefs: readonly Ref[]
}

/** All entries of a registry.json, its sections in order. `categories` is not read: it goes stale and decides nothing.
    Throws E_INDEX with the JSON path, E_PATH_…, E_NAME, E_JSON_KEY, E_VERSION. */
export function indexEntries(json: unknown, source: string): IndexEntry[] {
  const index = decode(indexSchema, json, source, 'E_INDEX')
  return sections.flatMap(([section, usualKind]) =>
    Object.entries(index[section] ?? {}).flatMap(([group, entries]) =>
      (entries ?? []).map((entry, i) => {
        const where = `${source}: ${jsonPath([section, group, i])}${entry.id ? ` (${entry.id})` : ''}`
        return checked(entry, where, usualKind)
      }),
    ),
  )
}

function checked(entry: v.InferOutput<typeof entrySchema>, where: string, usualKind: Kind | undefined): IndexEntry {
  const path = insidePath(entry.path, where)
  if (path === '')
    fail(
      'E_INDEX',
      `${where} names the path ${JSON.stringify(entry.path)}, the registry itself; its name is that of a folder in it`,
    )
  const leaf = leafOf(path)
  if (entry.id && isReserved(entry.id)) fail('E_JSON_KEY', `${where} has the id "${entry.id}", which is never allowed`)
  givenName(leaf, where)
  for (const label of [entry.version ?? '', ...Object.keys(entry.versions ?? {})]) checkLabel(label, where)
  return { ...entry, path, where, leaf, usualKind, requiredRefs: refsIn(entry.requires, where) }
}

/** `requires: ["skill/review-code"]`; anything but a list means something else in somebody else's index. */
function refsIn(requires: unknown, where: string): Ref[] {
  if (!Array.isArray(requires)) return []
  return requires.map((ref: unknown) => {
    const { kind, name } = typeof ref === 'string' && ref.includes('/') ? splitRef(ref) : { kind: '', name: '' }
    const known = kindOf(kind) ?? fail('E_INDEX', `${where} requires ${JSON.stringify(ref)}, which is no kind/name`)
    return refOf(known, givenName(name, where))
  })
}
