import type { Artifact, Note, Pointer, Reading } from '../model/artifact.js'
import { fail, onError } from '../model/errors.js'
import { refOf } from '../model/kinds.js'
import { isKebab, leafOf } from '../model/names.js'
import { note } from '../model/notes.js'
import { sameLocator } from '../model/registry.js'
import type { Tree } from '../model/tree.js'
import { entryOf, manifestNotes, secretsOf } from './agentos-entry.js'
import { agentosKind, declaredKinds } from './agentos-kind.js'
import { agentosKinds, type Facts, factsOf } from './facts.js'
import { type Label, labelLength, labelOf } from './label.js'
import { joined, shownPlace } from './look.js'
import { unreadable } from './manifests.js'
import { needsOf } from './needs.js'
import { checkPersona } from './persona.js'
import { skillNotes } from './skill-text.js'
import { surfaceOf } from './surface.js'
import { filesWithin, type Within } from './within.js'

/** Reads what an artifact's own files say of it. `files` are all its files with paths relative to it (one, for an artifact that is a single
    file); `read` gives the bytes of one. Nothing in them is executed. Throws E_IDENTITY where they contradict the index, E_ENTRY_MISSING for
    a skill without SKILL.md, E_JSON, E_JSON_KEY and E_MANIFEST for a manifest that its kind needs, E_VERSION. */
export async function readArtifact(artifact: Artifact, files: Within['files'], read: Within['read']): Promise<Reading> {
  const within = filesWithin(artifact, files, read)
  const facts = await checkedFacts(within)
  const { version, description, licence } = labelOf(artifact, facts)
  const { notes = [], ...loading } = loadingOf(within, facts)
  return {
    ...(version !== undefined && { version }),
    ...(description !== undefined && { description }),
    ...(licence !== undefined && { licence }),
    ...loading,
    notes: [...nameNotes(artifact), ...headNotes(within, facts), ...disagreements(artifact, facts), ...notes],
    surface: await surfaceOf(within, facts),
    ...calledOf(artifact, facts),
    needs: needsOf(facts),
  }
}

/** Only the programs that an artifact needs, for which few files are read. Throws as `readArtifact` does. */
export async function readNeeds(
  artifact: Artifact,
  files: Within['files'],
  read: Within['read'],
): Promise<Reading['needs']> {
  return needsOf(await checkedFacts(filesWithin(artifact, files, read)))
}

async function checkedFacts(within: Within): Promise<Facts> {
  const facts = await factsOf(within)
  checkIdentity(within, facts)
  checkSkill(within)
  return facts
}

/** Tools know skills and agents by the name in their head, plugins by that in their manifest, and extensions of AgentOS by their ids. */
function calledOf({ kind, name, id }: Artifact, facts: Facts): Pick<Reading, 'called'> {
  const own = agentosKinds.has(kind) ? idsIn(facts) : [kind === 'plugin' ? facts.plugin?.name : headName(kind, facts)]
  const others = own.filter((each) => typeof each === 'string' && each !== '' && each !== name && each !== id)
  return others.length === 0 ? {} : { called: [...new Set(others as string[])] }
}

function headName(kind: Artifact['kind'], { head }: Facts): unknown {
  return kind === 'skill' || kind === 'agent' ? head?.head.values.name : undefined
}

function idsIn({ manifest, persona }: Facts): unknown[] {
  return [manifest?.id, manifest?.extensionId, ...(manifest?.extensions ?? []).map(({ id }) => id), persona?.values.id]
}

/** The label of an artifact, for listings and ranges: at most a few small files of it are read, none where the index says it all.
    `tree` holds the artifact's files. What cannot be read is left out. */
export async function readLabel(artifact: Artifact, tree: Tree): Promise<Label> {
  const known = labelOf(artifact, {})
  const isComplete = Object.keys(known).length === labelLength
  if (isComplete || artifact.unavailable !== undefined || !holds(tree, artifact.content)) return known
  const about = `label ${refOf(artifact.kind, artifact.name)} ${artifact.content.path}`
  const of = JSON.stringify(artifact)
  const before = tree.memory?.recall(about, of)
  if (before !== undefined) return JSON.parse(before) as Label
  const { root, files, folders } = await describing(artifact, tree)
  const read = new Set(folders)
  const within = filesWithin(
    artifact,
    files.map((path) => ({ path, mode: 0o644 })),
    (path) => {
      read.add(joined(root, path))
      return tree.read(joined(root, path))
    },
  )
  return onError(
    [...unreadable, 'E_VERSION', 'E_ENTRY_TYPE', 'E_ENTRY_MISSING'],
    async () => {
      const label = labelOf(artifact, await factsOf(within))
      tree.memory?.keep(about, { of, made: JSON.stringify(label), read: [...read] })
      return label
    },
    () => known,
  )
}

/** A bundle has no files, and what a registry only points at has none in the registry's own tree. */
function holds({ revision }: Tree, { definition, elsewhere }: Pointer): boolean {
  return definition === undefined && (elsewhere === undefined || sameLocator(elsewhere.at, revision.at))
}

/** The files directly in an artifact's folder and in its `.claude-plugin/`, where those that describe it are, and the folders that were read for them. */
async function describing(
  { content, form }: Artifact,
  tree: Tree,
): Promise<{ root: string; files: string[]; folders: string[] }> {
  const { path, include } = content
  if (form === 'file') return { root: path.slice(0, -leafOf(path).length - 1), files: [leafOf(path)], folders: [] }
  const top = await tree.children(path)
  const folders = top
    .filter((entry) => entry.type === 'folder' && leafOf(entry.path) === '.claude-plugin')
    .map((entry) => entry.path)
  const inner = (await Promise.all(folders.map((folder) => tree.children(folder)))).flat()
  const names = [...top, ...inner].flatMap((entry) =>
    entry.type === 'file' ? [path === '' ? entry.path : entry.path.slice(path.length + 1)] : [],
  )
  const isIncluded = (name: string) =>
    include === undefined || include.some((each) => name === each || name.startsWith(`${each}/`))
  return { root: path, files: names.filter(isIncluded), folders: [path, ...folders] }
}

/** The id is an artifact's identity; names for people differ between index and manifest in the wild. A kind counts where the index states it. */
function checkIdentity({ artifact, source }: Within, { manifest }: Facts): void {
  const { id, kindStated, kind } = artifact
  const ref = refOf(artifact.kind, artifact.name)
  if (id !== undefined && manifest?.id && manifest.id !== id)
    fail(
      'E_IDENTITY',
      `${artifact.registry} offers ${ref} as ${id}, and ${source('manifest.json')} says ${manifest.id}`,
      {
        details: { artifact: ref, index: id, manifest: manifest.id },
      },
    )
  const declared = agentosKinds.has(kind) ? declaredKinds(manifest) : []
  const fits = declared.some((word) => agentosKind(word).kind === kind && (artifact.agentosKind ?? word) === word)
  if (kindStated === true && declared.length > 0 && !fits)
    fail(
      'E_IDENTITY',
      `${artifact.registry} offers ${ref} as ${artifact.agentosKind ?? kind}, and ${source('manifest.json')} says ${declared.join(', ')}`,
      {
        details: { artifact: ref, index: artifact.agentosKind ?? kind, manifest: declared },
      },
    )
}

function checkSkill({ artifact, has }: Within): void {
  if (artifact.kind === 'skill' && artifact.form === 'folder' && !has('SKILL.md') && !has('skill.md'))
    fail(
      'E_ENTRY_MISSING',
      `${artifact.registry} has ${refOf('skill', artifact.name)} at ${shownPlace(artifact.content)}, and no SKILL.md is there`,
    )
}

type Loading = Pick<Reading, 'entry' | 'loadable' | 'packages' | 'secrets'> & { notes?: readonly Note[] }

function loadingOf(within: Within, facts: Facts): Loading {
  if (!agentosKinds.has(within.artifact.kind)) return {}
  const { persona, manifest } = facts
  const notes = manifestNotes(within, manifest)
  const secrets = secretsOf(manifest)
  const asks = secrets.length > 0 ? { secrets } : {}
  if (persona !== undefined) {
    const checked = checkPersona(within, persona)
    return { entry: persona.file, loadable: checked.loadable, ...asks, notes: [...checked.notes, ...notes] }
  }
  const module = entryOf(within, facts)
  return { ...module, ...asks, notes: [...module.notes, ...notes] }
}

function nameNotes({ kind, name }: Artifact): Note[] {
  return isKebab(name) ? [] : [note('W_NAME', `${refOf(kind, name)} has a name that is not kebab-case`)]
}

/** A skill needs a head; other kinds may have none, but not a broken one. */
function headNotes({ artifact, source }: Within, { head: found }: Facts): Note[] {
  if (found === undefined) return []
  const { file, head } = found
  const isSkill = artifact.kind === 'skill'
  if (head.problem !== undefined)
    return isSkill || head.absent !== true ? [note('W_FRONTMATTER', `${source(file)} ${head.problem}`)] : []
  return isSkill ? skillNotes(artifact, file, head) : []
}

/** Differences between index and artifact that are no reason to refuse it. */
function disagreements(artifact: Artifact, { plugin, manifest }: Facts): Note[] {
  const ref = refOf(artifact.kind, artifact.name)
  const { version } = artifact
  const versions = [
    { file: 'manifest.json', says: manifest?.version },
    { file: 'plugin.json', says: artifact.kind === 'plugin' ? plugin?.version : undefined },
  ].filter(({ says }) => version !== undefined && says && says !== version)
  const own = artifact.kind === 'plugin' ? plugin?.name : artifact.id === undefined ? undefined : manifest?.extensionId
  return [
    ...versions.map(({ file, says }) =>
      note(
        'W_VERSION',
        `${artifact.registry} offers ${ref} as ${version}, its ${file} says ${says}; ${version} is used`,
      ),
    ),
    ...(own && own !== artifact.name ? [note('W_IDENTITY', `${ref} calls itself ${JSON.stringify(own)}`)] : []),
  ]
}
