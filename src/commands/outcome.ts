import type { Paint, StyleName } from '../model/command.js'
import type { Action, Change, Label, Outcome, Plan, Shadow, Surface } from '../model/plan.js'
import { addOne } from '../model/registry.js'
import { columns, counted, inDryRun, textWidth } from '../model/text.js'

/** How people read what a changing command did or, in a dry run, would do. What stayed as it was is only counted. */
export function outcomeLines(outcome: Outcome, paint: Paint): string[] {
  const changed = outcome.changes.filter(({ action }) => action !== 'keep')
  const added = outcome.added === undefined ? [] : [addedLine(outcome.added, outcome.generation === null)]
  if (changed.length === 0) return [...added, ...nothingLines(outcome)]
  return [
    ...added,
    ...changeLines(changed, paint),
    ...surfaceLines(outcome.surfaces, paint),
    ...shadowLines(outcome.shadowed, changed, paint),
    lastLine(changed, outcome, paint),
  ]
}

/** Of a configuration that has a registry more. */
export function addedLine({ file, registry }: NonNullable<Outcome['added']>, dryRun: boolean): string {
  return `${file}: ${dryRun ? 'would add' : 'added'} the registry ${registry}`
}

/** What a person is asked to agree to. */
export function planLines({ changes, steps, surfaces }: Plan, paint: Paint): string[] {
  const lost = steps
    .filter(({ saveOld }) => saveOld)
    .map(({ shown }) => `${paint.warn('!')} ${shown} was edited; it is kept aside`)
  return [
    ...changeLines(
      changes.filter(({ action }) => action !== 'keep'),
      paint,
    ),
    ...surfaceLines(surfaces, paint),
    ...lost,
  ]
}

const signs: Record<Action, { sign: string; look: StyleName }> = {
  add: { sign: '+', look: 'good' },
  update: { sign: '~', look: 'warn' },
  remove: { sign: '-', look: 'bad' },
  pin: { sign: '=', look: 'bold' },
  unpin: { sign: '=', look: 'dim' },
  copy: { sign: '>', look: 'good' },
  keep: { sign: ' ', look: 'dim' },
}

export function changeLines(changes: readonly Change[], paint: Paint): string[] {
  const rows = columns(changes.map((change) => [change.artifact, labels(change), ''])).map(
    ([name = '', label = '']) => ({ name, label }),
  )
  return changes.map((change, i) => {
    const { action, registry } = change
    const { sign, look } = signs[action]
    const row = rows[i] ?? { name: '', label: '' }
    const more = [remark(change), registry === null ? '' : `(${registry})`].filter((part) => part !== '').join(' ')
    return `${paint[look](sign)} ${row.name}  ${more === '' ? row.label.trimEnd() : `${row.label}  ${paint.dim(more)}`}`
  })
}

function remark({ action, place, tools, pinned }: Change): string {
  if (action === 'pin' || pinned) return 'pinned'
  if (place !== undefined) return `to ${place}`
  if (tools !== undefined) return forTools(tools)
  return action === 'unpin' || pinned === false ? 'no longer pinned' : ''
}

/** Which tools an artifact is newly given to or taken from. */
function forTools({ added, removed }: NonNullable<Change['tools']>): string {
  const said = [
    added.length === 0 ? '' : `now for ${added.join(', ')}`,
    removed.length === 0 ? '' : `no longer for ${removed.join(', ')}`,
  ].filter((part) => part !== '')
  return said.length === 0 ? 'placed again for tools' : said.join(', ')
}

/** `1.2.3 → 1.3.0`; under one version the revisions tell what differs. */
function labels({ from, to }: Change): string {
  if (from === null || to === null || from.integrity === to.integrity) return to?.version ?? from?.version ?? ''
  if (from.version !== to.version) return `${from.version} → ${to.version}`
  return `${from.version} (${shortly(from)} → ${shortly(to)})`
}

function shortly({ revision, integrity }: Label): string {
  return /^[0-9a-f]{40,64}$/.test(revision)
    ? revision.slice(0, 7)
    : integrity.slice('sha256-'.length, 'sha256-'.length + 7)
}

/** What can run: people should know it before it is installed. */
function surfaceLines(surfaces: readonly Surface[] = [], paint: Paint): string[] {
  return surfaces.flatMap(({ artifact, surface, unapproved }) => {
    const asked = unapproved.length === 0 ? [] : needed(artifact, unapproved, paint)
    const rest = surface.filter((each) => !unapproved.includes(each))
    if (rest.length > few) return [...asked, paint.dim(`  ${artifact} can run`), ...itemized(rest).map(paint.dim)]
    return [...asked, ...(rest.length === 0 ? [] : [paint.dim(`  ${artifact} can run ${rest.join(', ')}`)])]
  })
}

/** Up to so many items stand on one line; more get a line each. */
const few = 3

function itemized(items: readonly string[]): string[] {
  return items.map((each) => `    ${each}`)
}

function needed(artifact: string, unapproved: readonly string[], paint: Paint): string[] {
  if (unapproved.length > few)
    return [
      `${paint.warn('!')} ${artifact} needs approval ${paint.dim(`(--approve ${artifact})`)}`,
      ...itemized(unapproved),
    ]
  const what = `${artifact} needs approval: ${unapproved.join(', ')}`
  const how = `(--approve ${artifact})`
  const fits = textWidth(what) + textWidth(how) + 3 <= paint.width
  const first = `${paint.warn('!')} ${what}`
  return fits ? [`${first} ${paint.dim(how)}`] : [first, `  ${paint.dim(how)}`]
}

/** Only for artifacts that changed: for the others it was said when they came, and `haal why` says it again. */
function shadowLines(shadowed: readonly Shadow[], changes: readonly Change[], paint: Paint): string[] {
  const names = new Set(changes.map(({ artifact }) => artifact))
  return shadowed
    .filter(({ artifact }) => names.has(artifact))
    .map(({ artifact, winner, losers }) =>
      paint.dim(`  ${artifact} is ${winner}'s; ${losers.join(', ')} ${losers.length === 1 ? 'has' : 'have'} one too`),
    )
}

function lastLine(changed: readonly Change[], { generation }: Outcome, paint: Paint): string {
  const count = counted(changed.length, 'change')
  return generation === null ? paint.bold(inDryRun(count)) : paint.dim(`${count}, generation ${generation}`)
}

function nothingLines({ changes, generation, order }: Outcome): string[] {
  const [first] = changes
  if (generation !== null)
    return [`no artifact changes; haal.json and haal.lock are up to date, generation ${generation}`]
  if (first === undefined && order.length === 0) return [`nothing to do: no registry is configured; ${addOne}`]
  if (first === undefined) return ['nothing to do: nothing is asked for; see what there is: haal list --available']
  const what = changes.length === 1 ? `${first.artifact} is` : `${counted(changes.length, 'artifact')} are`
  return [`nothing to do: ${what} in place`]
}
