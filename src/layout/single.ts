import { onError } from '../model/errors.js'
import { type Kind, kindOf } from '../model/kinds.js'
import { isKebab, nameProblem } from '../model/names.js'
import { nameFor } from '../model/source.js'
import { type AgentosKind, agentosKind, kindWord } from './agentos-kind.js'
import { readHead, textOf } from './frontmatter.js'
import type { Layout, Look, Offer } from './look.js'
import {
  type AgentosManifest,
  type PackageJson,
  readAgentosManifest,
  readPackageJson,
  readPluginJson,
  unreadable,
} from './manifests.js'

/** What the file at the root says of the one artifact; undefined where the file is not what its name promises. */
type About = { kind: AgentosKind; name?: string | null | undefined; id?: string | null | undefined } | undefined

interface Row {
  file: string
  about(look: Look): Promise<About>
}

/** Files that make a whole tree one artifact, in the order they are looked for. */
const rows: readonly Row[] = [
  ...['SKILL.md', 'skill.md'].map((file): Row => ({ file, about: (look) => aboutSkill(look, file) })),
  ...['.claude-plugin/plugin.json', 'plugin.json'].map(
    (file): Row => ({ file, about: (look) => aboutPlugin(look, file) }),
  ),
  { file: 'manifest.json', about: aboutExtension },
  { file: 'persona.json', about: async () => ({ kind: { kind: 'persona' } }) },
  { file: 'package.json', about: aboutPackage },
]

/** One artifact at the root. Its name is the one it gives itself, else that of its repository, folder or package. A manifest that cannot be read is
    passed over; a skill whose head cannot be read is still offered. */
export const single: Layout = {
  name: 'single',
  find: async (look) => {
    const top = await look.entries('')
    const isCollection = top.some(
      ({ path, type }) => path === 'registry.json' || (type === 'folder' && kindOf(path) !== undefined),
    )
    for (const { file, about } of rows) {
      if ((file === 'package.json' && isCollection) || !(await look.hasFile(file))) continue
      const found = await onError(
        unreadable,
        () => about(look),
        () => undefined,
      )
      if (found !== undefined) return { offers: [offerOf(found, look)], notes: [] }
    }
    return undefined
  },
}

function offerOf(about: NonNullable<About>, { tree }: Look): Offer {
  const own = about.name ?? undefined
  const name =
    own !== undefined && nameProblem(own) === undefined && !own.includes('/') ? own : nameFor(tree.revision.at)
  const id = about.id ?? undefined
  return { ...about.kind, name, ...(id !== undefined && { id }), content: { path: '' }, form: 'folder', requires: [] }
}

async function aboutSkill({ tree }: Look, file: string): Promise<About> {
  const { values } = await readHead(await tree.read(file))
  const name = textOf(values, 'name')
  return { kind: { kind: 'skill' }, name: name !== undefined && isKebab(name) ? name : undefined }
}

async function aboutPlugin({ tree, source }: Look, file: string): Promise<About> {
  return { kind: { kind: 'plugin' }, name: readPluginJson(await tree.read(file), source(file)).name }
}

/** Browsers and phones have a manifest.json too: AgentOS's has an id, or says what it extends. */
async function aboutExtension({ tree, source, hasFile }: Look): Promise<About> {
  const manifest = readAgentosManifest(await tree.read('manifest.json'), source('manifest.json'))
  if (!manifest.id && !manifest.extensionId && !manifest.extensions) return undefined
  if ('manifest_version' in manifest || 'start_url' in manifest) return undefined
  const usual: Kind | undefined = (await hasFile('persona.json')) ? 'persona' : undefined
  return {
    kind: usual ? { kind: usual } : agentosKind(kindWord(manifest, undefined)),
    name: leafOfId(manifest),
    id: manifest.id,
  }
}

function leafOfId({ id, extensionId }: AgentosManifest): string | undefined {
  return extensionId ?? id?.split('.').at(-1)
}

/** A package without manifest.json is an extension where it says that AgentOS is what it extends. */
async function aboutPackage({ tree, source }: Look): Promise<About> {
  const packageJson = readPackageJson(await tree.read('package.json'), source('package.json'))
  if (!isExtension(packageJson)) return undefined
  return { kind: { kind: 'tool' }, name: packageJson.name?.replace(/^.*\//, '').replace(/^agentos-ext-/, '') }
}

function isExtension({ name, peerDependencies, dependencies }: PackageJson): boolean {
  const needs = { ...peerDependencies, ...dependencies }
  return /(^|\/)agentos-ext-/.test(name ?? '') || Object.hasOwn(needs, '@framers/agentos')
}
