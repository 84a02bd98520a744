import { onError } from '../model/errors.js'
import { agentosKind, kindWord } from './agentos-kind.js'
import { joined, type Look, type Offer } from './look.js'
import { type AgentosManifest, readAgentosManifest, unreadable } from './manifests.js'

/** Extensions that no index names, each with AgentOS's own word for what it is, as its manifest has it. */
export async function inOwnWords(offers: readonly Offer[], look: Look): Promise<Offer[]> {
  await prefetchManifests(
    offers.map(({ content }) => content.path),
    look,
  )
  return Promise.all(
    offers.map(async (offer) => {
      const word = agentosKind(kindWord(await manifestAt(offer.content.path, look), undefined))
      return word.kind === offer.kind ? { ...offer, ...word } : offer
    }),
  )
}

/** A manifest that cannot be read says nothing here; who installs the artifact is told then. */
export async function manifestAt(folder: string, look: Look): Promise<AgentosManifest | undefined> {
  const path = joined(folder, 'manifest.json')
  if (!(await look.hasFile(path))) return undefined
  return onError(
    unreadable,
    async () => readAgentosManifest(await look.tree.read(path), look.source(path)),
    () => undefined,
  )
}

/** Asks for all of them at once, where that is cheaper. */
export async function prefetchManifests(folders: readonly string[], look: Look): Promise<void> {
  if (look.tree.prefetch === undefined) return
  const paths = await Promise.all(
    folders.map(async (folder) => {
      const path = joined(folder, 'manifest.json')
      return (await look.hasFile(path)) ? [path] : []
    }),
  )
  if (paths.length > 0) await look.tree.prefetch(paths.flat())
}
