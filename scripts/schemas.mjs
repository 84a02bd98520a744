import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { toJsonSchema } from '@valibot/to-json-schema'
import { build } from 'esbuild'

const root = path.resolve(import.meta.dirname, '..')

/** The JSON Schemas of haal's files, made from what haal itself decodes them by: name of the file in schemas/ → its text. They are for editors: what
    only haal can judge (whether a path escapes, whether a key is a key) is left to haal. */
export async function schemas() {
  const decoders = await load()
  const { configSchema, entrySchema, policySchema, tools, kindNames } = decoders
  const entry = plain(entrySchema)
  const list = {
    type: 'array',
    items: { ...entry, required: ['name'], properties: { name: text, ...entry.properties } },
  }
  const config = plain(configSchema)
  config.properties.registries = { anyOf: [list, { type: 'object', additionalProperties: entry }] }
  config.properties.targets = { type: 'array', items: suggested([...tools.keys()]) }
  config.properties.defaultRegistries = { ...config.properties.defaultRegistries, propertyNames: suggested(kindNames) }
  delete config.properties.resolver
  const all = {
    'haal.schema.json': ['haal.json', config],
    'registries.schema.json': [
      'registries.json',
      { anyOf: [list, { type: 'object', properties: { registries: list }, required: ['registries'] }] },
    ],
    'policy.schema.json': ['a policy of haal', plain(policySchema)],
    'haal-lock.schema.json': ['haal.lock', lockSchema(decoders)],
  }
  return Object.fromEntries(Object.entries(all).map(([file, [title, schema]]) => [file, printed(title, schema)]))
}

const text = { type: 'string' }

/** haal.lock is checked by a table of functions. What type each field has shows when they are tried. */
function lockSchema({ artifactFields, requiredFields, registryFields, requiredRegistryFields, lockfileVersion }) {
  const object = (fields, required) => ({
    type: 'object',
    properties: Object.fromEntries(Object.entries(fields).map(([name, check]) => [name, typeOf(name, check)])),
    required: [...required],
  })
  return {
    type: 'object',
    properties: {
      lockfileVersion: { const: lockfileVersion },
      registries: { type: 'object', additionalProperties: object(registryFields, requiredRegistryFields) },
      artifacts: { type: 'object', additionalProperties: object(artifactFields, requiredFields) },
    },
    required: ['lockfileVersion', 'registries', 'artifacts'],
  }
}

const digest = `sha256-${'A'.repeat(43)}=`

function typeOf(name, check) {
  const takes = (value) => check(value) === undefined
  const samples = ['x', 'skill/x', digest]
  const schema = samples.some(takes)
    ? { type: 'string' }
    : takes(true)
      ? { type: 'boolean' }
      : samples.some((each) => takes([each]))
        ? { type: 'array', items: { type: 'string' } }
        : undefined
  if (schema === undefined) throw new Error(`nothing is known that ${name} takes`)
  return takes(digest) && !takes('x') ? { ...schema, pattern: '^sha256-[A-Za-z0-9+/]{43}=$' } : schema
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
