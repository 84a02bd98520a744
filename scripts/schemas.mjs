import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { toJsonSchema } from '@valibot/to-json-schema'
import { build } from 'esbuild'
import { shapesOf } from './shapes.mjs'

const root = path.resolve(import.meta.dirname, '..')

/** The JSON Schemas of haal's files, made from what haal itself decodes them by: name of the file in schemas/ → its text. What a schema cannot say
    (whether a registry is defined, whether a key is a key) is left to haal. */
export async function schemas() {
  const decoders = await load()
  const { kinds, kindNames, prototypeKeys } = decoders
  const folders = Object.values(kinds).flatMap(({ folder }) => folder ?? [])
  const words = [...new Set([...kindNames, ...folders])]
  const shapes = shapesOf({ kinds: kindNames, words, reserved: prototypeKeys })
  const lists = registriesOf(decoders, shapes)
  const all = {
    'haal.schema.json': ['haal.json', configOf(decoders, { shapes, ...lists })],
    'registries.schema.json': [
      'registries.json',
      { anyOf: [lists.list, { type: 'object', properties: { registries: lists.list }, required: ['registries'] }] },
    ],
    'policy.schema.json': ['a policy of haal', policyOf(decoders, shapes)],
    'haal-lock.schema.json': ['haal.lock', lockSchema(decoders, shapes)],
  }
  return Object.fromEntries(Object.entries(all).map(([file, [title, schema]]) => [file, printed(title, schema)]))
}

/** Registries as a list and as a map. */
function registriesOf({ entrySchema, vias, mostRegistries }, shapes) {
  const { properties, ...entry } = plain(entrySchema)
  properties.type = { enum: vias }
  refine(properties, { 'signature.properties.keys': keysOf(shapes) })
  const located = {
    anyOf: [{ required: ['location'] }, { required: ['url'] }],
    allOf: Object.entries(shapes.address).map(([type, pattern]) => ({
      if: { properties: { type: { const: type } }, required: ['type'] },
      // biome-ignore lint/suspicious/noThenProperty: a word of JSON Schema
      then: { properties: { location: { pattern }, url: { pattern } } },
    })),
  }
  const name = { type: 'string', minLength: 1, pattern: shapes.registry }
  const item = { ...entry, properties: { name, ...properties }, required: ['name'], ...located }
  return {
    list: { type: 'array', items: item, maxItems: mostRegistries },
    map: {
      type: 'object',
      propertyNames: { pattern: shapes.registry },
      additionalProperties: { ...entry, properties, ...located },
      maxProperties: mostRegistries,
    },
  }
}

function configOf({ configSchema, tools, kindNames }, { shapes, list, map }) {
  const config = plain(configSchema)
  delete config.properties.resolver
  return refine(config, {
    'properties.registries': { anyOf: [list, map] },
    'properties.targets.items': suggested([...tools.keys()]),
    'properties.defaultRegistries.propertyNames': suggested(kindNames),
    'properties.artifacts.propertyNames': { pattern: shapes.wanted },
    'properties.pins.propertyNames': { pattern: shapes.pinned },
  })
}

function policyOf({ policySchema }, shapes) {
  const pattern = (shape) => ({ pattern: shapes[shape] })
  const keys = keysOf(shapes)
  const artifacts = { 'items.anyOf.0': pattern('artifact'), 'items.anyOf.1.properties.match': pattern('artifact') }
  const places = {
    items: {
      oneOf: ['origin', 'file', 'npm'].map((key) => ({ required: [key] })),
      dependencies: { path: ['origin'] },
    },
    'items.properties.origin': pattern('origin'),
    'items.properties.path': pattern('webPath'),
    'items.properties.file': pattern('anyPath'),
    'items.properties.npm': pattern('package'),
  }
  const bounds = { 'properties.min': pattern('version'), 'properties.max': pattern('version') }
  const { properties, ...policy } = plain(policySchema)
  const refined = refine(properties, {
    'extends.items.properties.url': pattern('web'),
    'extends.items.properties.integrity': pattern('digest'),
    haal: bounds,
    'policies.properties.signature.items.properties.keys': keys,
    'registries.properties.allow': places,
    'registries.properties.deny': places,
    'registries.properties.require.properties.signature.items.properties.keys': keys,
    'namespaces.items.properties.match': pattern('artifact'),
    'namespaces.items.properties.registry': pattern('location'),
    'artifacts.properties.required.propertyNames': pattern('oneArtifact'),
    'artifacts.properties.pinned.propertyNames': pattern('artifact'),
    'artifacts.properties.pinned.additionalProperties': pattern('pin'),
    'artifacts.properties.allow': artifacts,
    'artifacts.properties.deny': artifacts,
    'tools.additionalProperties': bounds,
  })
  return { ...policy, properties: refined }
}

function keysOf({ key, date }) {
  return {
    'items.anyOf.0': { pattern: key },
    'items.anyOf.1.properties.key': { pattern: key },
    'items.anyOf.1.properties.until': { pattern: date },
  }
}

/** Adds to what stands at each path what is known of it besides: words of JSON Schema, or paths further down. Throws where a path leads nowhere. */
function refine(schema, known) {
  for (const [path, more] of Object.entries(known)) {
    const at = path.split('.').reduce((place, key) => place?.[key], schema)
    if (at === undefined) throw new Error(`the schema has nothing at ${path}`)
    const isDeeper = (key) => key.includes('.') || at[key] !== undefined
    const deeper = Object.entries(more).filter(([key]) => isDeeper(key))
    Object.assign(at, Object.fromEntries(Object.entries(more).filter(([key]) => !isDeeper(key))))
    refine(at, Object.fromEntries(deeper))
  }
  return schema
}

/** What the fields of haal.lock hold that are more than text. */
const held = {
  path: 'placeOrRoot',
  integrity: 'digest',
  file: 'file',
  entry: 'entry',
  requires: 'ref',
  copies: 'copy',
  as: 'place',
  targets: 'target',
}

/** haal.lock is checked by a table of functions. What type each field has shows when they are tried. */
function lockSchema(decoders, shapes) {
  const { artifactFields, requiredFields, registryFields, requiredRegistryFields, lockfileVersion } = decoders
  const object = (fields, required, patterns = {}) => ({
    type: 'object',
    properties: Object.fromEntries(
      Object.entries(fields).map(([name, check]) => [name, typeOf(name, check, shapes[patterns[name]])]),
    ),
    required: [...required],
  })
  const map = (names, values) => ({
    type: 'object',
    propertyNames: { pattern: names },
    additionalProperties: values,
  })
  return {
    type: 'object',
    properties: {
      lockfileVersion: { const: lockfileVersion },
      registries: map(shapes.name, object(registryFields, requiredRegistryFields)),
      artifacts: map(shapes.ref, object(artifactFields, requiredFields, held)),
    },
    required: ['lockfileVersion', 'registries', 'artifacts'],
  }
}

const digest = `sha256-${'A'.repeat(43)}=`

function typeOf(name, check, pattern) {
  const takes = (value) => check(value) === undefined
  const samples = ['x', 'skill/x', digest]
  const string = { type: 'string', ...(pattern && { pattern }) }
  if (samples.some(takes)) return string
  if (takes(true)) return { type: 'boolean' }
  if (samples.some((each) => takes([each]))) return { type: 'array', items: string }
  throw new Error(`nothing is known that ${name} takes`)
}

/** Known words are offered; others may come. */
function suggested(words) {
  return { anyOf: [{ enum: words }, { type: 'string' }] }
}

function plain(schema) {
  const { $schema: _version, ...rest } = toJsonSchema(schema, { errorMode: 'ignore', typeMode: 'output' })
  return rest
}

function printed(title, schema) {
  return `${JSON.stringify({ $schema: 'http://json-schema.org/draft-07/schema#', title, ...schema }, null, 2)}\n`
}

async function load() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'haal-schemas-'))
  try {
    const outfile = path.join(folder, 'decoders.mjs')
    await build({
      absWorkingDir: root,
      entryPoints: ['scripts/decoders.ts'],
      bundle: true,
      format: 'esm',
      platform: 'node',
      mainFields: ['module', 'main'],
      banner: { js: "import{createRequire as $$require}from'node:module';const require=$$require(import.meta.url);" },
      external: ['typescript'],
      outfile,
      logLevel: 'warning',
    })
    return await import(pathToFileURL(outfile).href)
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  fs.mkdirSync(path.join(root, 'schemas'), { recursive: true })
  for (const [file, made] of Object.entries(await schemas())) {
    fs.writeFileSync(path.join(root, 'schemas', file), made)
    console.log(`schemas/${file}`)
  }
}
