import * as v from 'valibot'
import type { Note } from '../model/artifact.js'
import { decode, dictionary, loose } from '../model/decode.js'
import { type Kind, type Ref, refOf } from '../model/kinds.js'
import { leafOf } from '../model/names.js'
import { note } from '../model/notes.js'
import { givenName, insidePath, type Layout, type Look, type Offer, pointedAt } from './look.js'
import { filled, text } from './shapes.js'

/** What a competency lists, and the kind each list means. Version 2 has the same lists below `shared` and `tools.<tool>`, there with paths. */
const lists: Readonly<Record<string, Kind>> = {
  skills: 'skill',
  agents: 'agent',
  commands: 'command',
  hooks: 'hook',
  rules: 'rule',
  plugins: 'plugin',
  mcpServers: 'mcp',
  mcpservers: 'mcp',
}

/** Lists of things that haal does not install. */
const foreign = ['powers', 'systems', 'olafdata']

const names = v.nullish(v.array(filled))
const listed = Object.fromEntries([...Object.keys(lists), ...foreign].map((key) => [key, names]))
const groupSchema = v.nullish(loose(listed))

const competencySchema = loose({
  name: text,
  description: text,
  ...listed,
  shared: groupSchema,
  tools: v.nullish(dictionary(groupSchema)),
})

const described = { id: filled, description: text }

const manifestSchema = loose({
  collections: v.nullish(v.array(loose({ ...described, competencyIds: names }))),
  competencies: v.nullish(v.array(loose({ ...described, manifestUrl: text }))),
  systems: v.nullish(v.array(loose({ id: v.string() }))),
})

const collectionsSchema = dictionary(v.array(filled))

type Manifest = v.InferOutput<typeof manifestSchema>
type Lists = Readonly<Record<string, unknown>>

/** haal-installer's registry: `competencies/*.json` are bundles of artifacts; the collections of `haal_manifest.json`, or of the older
    `collection-manifest.json`, are bundles of competencies. Format: haal-installer's docs/registry-structure.md. */
export const haalManifest: Layout = {
  name: 'haal-manifest',
  find: async (look) => {
    const manifest = await read(look, 'haal_manifest.json', manifestSchema)
    const older = await read(look, 'collection-manifest.json', collectionsSchema)
    const competencies = await competenciesOf(manifest, look)
    if (manifest === undefined && older === undefined && competencies.length === 0) return undefined
    const bundles = await Promise.all(competencies.map((competency) => competencyOffer(competency, look)))
    return {
      offers: [...bundles.flatMap(({ offers }) => offers), ...collectionOffers(manifest, older, look)],
      notes: [...bundles.flatMap(({ notes }) => notes), ...systemNotes(manifest, look)],
    }
  },
}

interface Competency {
  name: string
  path: string
  description?: string | null | undefined
  where: string
}

async function read<S extends v.GenericSchema>(
  look: Look,
  path: string,
  schema: S,
): Promise<v.InferOutput<S> | undefined> {
  const entry = await look.at(path)
  if (entry === undefined || entry.type === 'folder') return undefined
  return decode(schema, await look.json(path), look.source(path), 'E_INDEX')
}

/** Those that the manifest names, and every other file in `competencies/`. */
async function competenciesOf(manifest: Manifest | undefined, look: Look): Promise<Competency[]> {
  const source = look.source('haal_manifest.json')
  const named = (manifest?.competencies ?? []).map(({ id, description, manifestUrl }): Competency => {
    const where = `${source}: competency "${id}"`
    const relative = manifestUrl && !/^[a-z][a-z\d+.-]*:/i.test(manifestUrl) ? manifestUrl : `competencies/${id}.json`
    return { name: givenName(id, where), path: insidePath(relative, where), description, where }
  })
  const known = new Set(named.map(({ path }) => path))
  const others = (await look.entries('competencies')).flatMap(({ path, type }): Competency[] =>
    type === 'file' && path.endsWith('.json') && !known.has(path)
      ? [
          {
            name: givenName(leafOf(path).slice(0, -'.json'.length), look.source(path)),
            path,
            where: look.source(path),
          },
        ]
      : [],
  )
  return [...named, ...others]
}

async function competencyOffer(competency: Competency, look: Look): Promise<{ offers: Offer[]; notes: Note[] }> {
  const { name, path, where } = competency
  const place = await pointedAt(look, path, where)
  if (place === undefined) {
    const gone = bundle({ name, path, requires: [], description: competency.description })
    return { offers: [{ ...gone, unavailable: `its file ${path} is not there` }], notes: [] }
  }
  const source = look.source(path)
  const competencyFile = decode(competencySchema, await look.json(path), source, 'E_INDEX')
  const groups = [
    competencyFile,
    competencyFile.shared ?? {},
    ...Object.values(competencyFile.tools ?? {}).map((tool) => tool ?? {}),
  ]
  const requires = membersOf(groups, source)
  const skipped = foreign.filter((key) => groups.some((group) => listOf(group, key).length > 0))
  const notes = skipped.map((key) => note('W_UNSUPPORTED', `${source} lists ${key}, which haal does not install`))
  if (requires.length === 0) return { offers: [], notes }
  return {
    offers: [bundle({ name, path, requires, description: competency.description ?? competencyFile.description })],
    notes,
  }
}

function membersOf(groups: readonly Lists[], source: string): Ref[] {
  const refs = groups.flatMap((group) =>
    Object.entries(lists).flatMap(([key, kind]) =>
      listOf(group, key).map((member) => refOf(kind, memberName(member, `${source}: ${key}`))),
    ),
  )
  return [...new Set(refs)]
}

/** A name, or a path to it (`rules/repo/claude/errors.md`). */
function memberName(member: string, where: string): string {
  return givenName(leafOf(insidePath(member, where)).replace(/(\.(agent|prompt|instructions))?\.(md|json)$/, ''), where)
}

function listOf(group: Lists, key: string): string[] {
  const list = Object.hasOwn(group, key) ? group[key] : undefined
  return Array.isArray(list) ? list : []
}

/** A collection is known by its id; where both files have it, the newer file's is taken. */
function collectionOffers(
  manifest: Manifest | undefined,
  older: Readonly<Record<string, string[]>> | undefined,
  look: Look,
): Offer[] {
  const newer = (manifest?.collections ?? []).map(({ id, description, competencyIds }) => {
    return { name: id, description, members: competencyIds ?? [], path: 'haal_manifest.json' }
  })
  const known = new Set(newer.map(({ name }) => name))
  const rest = Object.entries(older ?? {}).flatMap(([name, members]) =>
    known.has(name) ? [] : [{ name, members, path: 'collection-manifest.json', description: undefined }],
  )
  return [...newer, ...rest].map(({ name, members, path, description }) => {
    const where = `${look.source(path)}: collection "${name}"`
    const requires = members
      .filter((member) => member !== name)
      .map((member) => refOf('bundle', givenName(member, where)))
    return bundle({ name: givenName(name, where), path, requires: [...new Set(requires)], description })
  })
}

function systemNotes(manifest: Manifest | undefined, look: Look): Note[] {
  const ids = (manifest?.systems ?? []).map(({ id }) => id)
  if (ids.length === 0) return []
  return [
    note(
      'W_UNSUPPORTED',
      `${look.source('haal_manifest.json')} lists systems, which haal does not install: ${ids.join(', ')}`,
    ),
  ]
}

function bundle(of: {
  name: string
  path: string
  requires: readonly Ref[]
  description?: string | null | undefined
}): Offer {
  const { name, path, requires, description } = of
  const content = { path, definition: requires }
  return { kind: 'bundle', name, content, form: 'folder', requires, ...(description && { description }) }
}
