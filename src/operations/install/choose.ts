import type { Choice } from '../../model/events.js'
import { kindNames, kinds } from '../../model/kinds.js'
import { clip } from '../../model/text.js'
import { explain } from '../../policy/explain.js'
import type { Identity } from '../../policy/match.js'
import { offered } from '../search.js'
import type { Session } from '../session/session.js'

/** On a terminal, where nothing is asked for yet: offers what the registries have and answers what was chosen. [] where nobody can be asked, or is
    to be. */
export async function chosenByPerson(session: Session): Promise<readonly string[]> {
  const { ctx, flags, manifest, lock } = session
  const known = Object.keys(manifest.artifacts).length + Object.keys(lock.artifacts).length
  const isAsked = known > 0 || manifest.registries.length === 0
  if (isAsked || flags.yes || ctx.ask === undefined) return []
  const choices = await choicesOf(session)
  if (choices.length === 0) return []
  const answer = await ctx.ask({ kind: 'choose', message: 'what shall be installed?', choices })
  return Array.isArray(answer) ? answer : []
}

/** Grouped by kind; what policy forbids, or has no files, is there and says why. */
async function choicesOf(session: Session): Promise<Choice[]> {
  const all = await offered(session, {})
  const twins = new Set(all.flatMap(({ artifact }, i) => (all[i + 1]?.artifact === artifact ? [artifact] : [])))
  return all
    .toSorted((a, b) => kindNames.indexOf(a.kind) - kindNames.indexOf(b.kind))
    .map(({ artifact, kind, name, id, version, registry, description, unavailable }) => {
      const disabled = unavailable ?? forbidden(session, { ref: artifact, ...(id !== null && { id }) })
      return {
        value: id === null ? artifact : `${kind}/${id}`,
        label: [
          name,
          version ?? '',
          twins.has(artifact) ? (id ?? '') : '',
          session.manifest.registries.length > 1 ? `(${registry})` : '',
        ]
          .filter(Boolean)
          .join(' '),
        group: kinds[kind].folder ?? 'bundles',
        ...(description !== undefined && { description: clip(description, 200) }),
        ...(disabled !== undefined && { disabled }),
      }
    })
}

/** Why policy would refuse an artifact by its name. */
function forbidden({ policy }: Session, identity: Identity): string | undefined {
  const found = explain(policy, identity).find(({ effect }) => /^(denies|refuses)/.test(effect))
  return found && `policy ${found.effect}`
}
