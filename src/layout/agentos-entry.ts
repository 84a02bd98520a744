import type { Note } from '../model/artifact.js'
import { isRecord } from '../model/json.js'
import { refOf } from '../model/kinds.js'
import { byCodeUnit, isPackageName } from '../model/names.js'
import { note } from '../model/notes.js'
import type { Facts } from './facts.js'
import type { AgentosManifest, PackageJson } from './manifests.js'
import type { Within } from './within.js'

interface Entry {
  /** The module to load, relative to the artifact. */
  entry?: string
  loadable: boolean
  /** npm packages that it needs and does not bring, name → range. */
  packages?: Record<string, string>
  notes: Note[]
}

/** The module that AgentOS loads, and whether it can: the first of manifest.entryPoint, manifest.entry, the package's exports and main,
    dist/index and index that is there. Nothing is built and nothing is run: source alone, or packages that are missing, are told. */
export function entryOf(within: Within, { manifest, packageJson }: Facts): Entry {
  const stated = [manifest?.entryPoint, manifest?.entry, exported(packageJson?.exports), packageJson?.main].flatMap(
    (path) => (path ? [plain(path)] : []),
  )
  const usual = ['dist/index.js', 'dist/index.mjs', 'index.js', 'index.mjs']
  const entry = [...stated, ...usual].flatMap(spellings).find((path) => /\.[mc]?js$/.test(path) && within.has(path))
  const missing = missingPackages(within, manifest, packageJson)
  const ref = refOf(within.artifact.kind, within.artifact.name)
  const notes = [
    ...(entry === undefined ? [note('W_SOURCE_ONLY', `${ref} ${whyNoEntry(stated, within, packageJson)}`)] : []),
    ...(missing.length > 0 ? [note('W_DEPENDENCIES', `${ref} needs npm packages: ${packagesText(missing)}`)] : []),
  ]
  return {
    ...(entry !== undefined && { entry }),
    loadable: notes.length === 0,
    ...(missing.length > 0 && { packages: Object.fromEntries(missing) }),
    notes,
  }
}

/** The secrets that an extension needs, the AgentOS version it asks for, and whether it is deprecated. */
export function manifestNotes(within: Within, manifest: AgentosManifest | undefined): Note[] {
  const ref = refOf(within.artifact.kind, within.artifact.name)
  const secrets = secretsOf(manifest)
  const { agentosVersion, deprecated, deprecationMessage } = manifest ?? {}
  const end = deprecationMessage ?? (typeof deprecated === 'string' ? deprecated : 'no reason is given')
  return [
    ...(secrets.length > 0 ? [note('W_SECRETS', `${ref} needs the secrets ${secrets.join(', ')}`)] : []),
    ...(agentosVersion ? [note('W_AGENTOS_VERSION', `${ref} asks for AgentOS ${agentosVersion}`)] : []),
    ...(deprecated ? [note('W_DEPRECATED', `${ref} is deprecated: ${end}`)] : []),
  ]
}

/** The names of the secrets that a manifest asks for, in its order; what it calls optional is none of them. */
export function secretsOf(manifest: AgentosManifest | undefined): string[] {
  const secrets = manifest?.requiredSecrets
  if (!Array.isArray(secrets)) return []
  return secrets.flatMap((secret: unknown) => {
    const name = isRecord(secret) ? (secret.id ?? secret.name ?? secret.key) : secret
    return typeof name === 'string' && !(isRecord(secret) && secret.optional === true) ? [name] : []
  })
}

function plain(path: string): string {
  return path.replace(/^(\.\/+)+/, '')
}

/** A main may leave out its ending, or name a folder. */
function spellings(path: string): string[] {
  const bare = path.replace(/\/+$/, '')
  return [path, `${bare}.js`, `${bare}/index.js`]
}

const conditions = ['node', 'import', 'module', 'default', 'require']

/** The file that `exports` names for the package itself. */
function exported(exports: unknown): string | undefined {
  if (typeof exports === 'string') return exports
  if (Array.isArray(exports)) return exports.map(exported).find((path) => path !== undefined)
  if (!isRecord(exports)) return undefined
  if ('.' in exports) return exported(exports['.'])
  return conditions.map((condition) => exported(exports[condition])).find((path) => path !== undefined)
}

function whyNoEntry(stated: readonly string[], { files, has }: Within, packageJson: PackageJson | undefined): string {
  const [named] = stated
  const sources = files.some(({ path }) => /\.[mc]?tsx?$/.test(path) && !path.endsWith('.d.ts'))
  const why =
    named === undefined
      ? 'names no module to load'
      : `names ${named}, which is ${/\.[mc]?tsx?$/.test(named) ? 'source' : has(named) ? 'no module' : 'not there'}`
  const built =
    packageJson?.name && packageJson.private !== true && isWord(packageJson.name)
      ? `; the npm package ${packageJson.name} may bring it built`
      : ''
  return `${sources ? 'is source only' : 'cannot be loaded'}: it ${why}${built}`
}

/** Packages an extension says it needs and does not bring. The host gives it AgentOS's own. */
function missingPackages(
  { has }: Within,
  manifest: AgentosManifest | undefined,
  packageJson: PackageJson | undefined,
): [string, string][] {
  const declared =
    packageJson?.dependencies ??
    (packageJson === undefined && isRecord(manifest?.dependencies) ? manifest.dependencies : {})
  const peers = Object.entries(packageJson?.peerDependencies ?? {}).filter(
    ([name]) => !isOptional(packageJson?.peerDependenciesMeta, name),
  )
  return [...Object.entries(declared), ...peers]
    .flatMap(([name, range]): [string, string][] => (typeof range === 'string' ? [[name, range]] : []))
    .filter(([name]) => !/^@framers\/(agentos|agentos-core)$/.test(name) && !has(`node_modules/${name}/package.json`))
    .sort(([a], [b]) => byCodeUnit(a, b))
}

function isOptional(meta: unknown, name: string): boolean {
  const about = isRecord(meta) && Object.hasOwn(meta, name) ? meta[name] : undefined
  return isRecord(about) && about.optional === true
}

/** Ready to paste into any shell, so only names and ranges that are nothing but that stand in it; undefined where there are none. What comes from
    elsewhere than npm (`file:`, `workspace:`, a URL) is not among them: npm would bring another package of that name. */
export function installCommand(missing: readonly Package[]): string | undefined {
  const words = missing.filter(isNpms).map(([name, range]) => (isRange(range) ? `"${name}@${range}"` : name))
  return words.length === 0 ? undefined : `npm install ${words.join(' ')}`
}

type Package = readonly [name: string, range: string]

function packagesText(missing: readonly Package[]): string {
  const others = missing.filter((one) => !isNpms(one)).map(([name, range]) => JSON.stringify(`${name}@${range}`))
  return [installCommand(missing) ?? [], ...others].flat().join(', and ')
}

function isNpms([name, range]: Package): boolean {
  return isWord(name) && (range.trim() === '' || isRange(range))
}

function isRange(text: string): boolean {
  return /^[\w.^~<>=|+*-][\w.^~<>=|+* -]*$/.test(text)
}

/** One that starts with a dash would be an option. */
function isWord(name: string): boolean {
  return isPackageName(name) && !name.startsWith('-')
}
