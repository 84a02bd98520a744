import type { Command, Paint } from '../model/command.js'
import type { InfoResult } from '../model/results.js'
import { bytesText, columns, counted, fitted } from '../model/text.js'
import { info as perform } from '../operations/info.js'
import { originOf } from './listing.js'

export const info: Command<InfoResult> = {
  name: 'info',
  args: '<artifact>',
  summary: 'show one artifact: where it comes from, its files, and what in it can run',
  examples: ['haal info review-code', 'haal info corp:skill/review-code --json'],
  flags: [],
  completes: 'available',
  run: (ctx, [request = ''], flags) => perform(ctx, { request, flags }),
  show: (result, paint) => [
    ...heading(result, paint),
    ...facts(result),
    ...files(result, paint),
    ...result.notes.flatMap((note) => hanging(note, paint).map(paint.warn)),
  ],
}

function heading({ artifact, version, description }: InfoResult, paint: Paint): string[] {
  const whole = `${artifact} ${version ?? ''}`.trimEnd() + (description === undefined ? '' : `: ${description}`)
  return hanging(whole, paint).map((line, i) => (i === 0 ? line.replace(artifact, paint.bold(artifact)) : line))
}

/** Broken between words where the terminal is narrow. */
function hanging(text: string, { width }: Paint): string[] {
  return fitted(text, width - 2).map((line, i) => (i === 0 ? line : `  ${line}`))
}

function facts(result: InfoResult): string[] {
  const { installed, available, version, revision, integrity, path, loadable } = result
  const isHere = installed !== false
  const rows: [string, string | readonly string[] | null | undefined][] = [
    ['state', stateOf(result)],
    ['id', result.id],
    ['kind', result.agentosKind],
    ['registry', originOf(result)],
    ['registry has', available === version ? null : available],
    ['revision', revision === integrity ? null : revision],
    ['integrity', integrity],
    [isHere ? 'path' : 'path there', path],
    ['author', result.author],
    ['licence', result.licence],
    ['requested by', result.requestedBy.join(', ')],
    ['requires', result.requires],
    ['tools', result.targets.join(', ')],
    ['copies', result.copies],
    ['can run', result.surface],
    ['loads', loadable === false ? 'not as it is' : result.entry],
    ['cannot be installed', result.unavailable],
  ]
  const lines = rows.flatMap(([name, value]) =>
    (typeof value === 'string' ? [value] : (value ?? [])).map((text, i) => [i === 0 ? name : '', text]),
  )
  return columns(lines.filter(([, text]) => text !== '')).map(([name, text]) => `  ${name}  ${text}`)
}

function stateOf({ installed, pinned, modified, missing }: InfoResult): string {
  if (installed === false) return 'not installed'
  return [
    'installed',
    pinned ? 'pinned' : '',
    modified ? 'edited here (see: haal diff)' : '',
    missing ? 'missing here (see: haal verify)' : '',
  ]
    .filter(Boolean)
    .join(', ')
}

function files({ files: all }: InfoResult, paint: Paint): string[] {
  const total = all.reduce((sum, { size }) => sum + size, 0)
  const rows = columns(all.map(({ path, size }) => [path, bytesText(size), '']))
  const line = ([path = '', size = '']: string[], i: number) =>
    `  ${path}  ${paint.dim(`${size}${all[i]?.executable ? '  executable' : ''}`.trimEnd())}`
  return all.length === 0 ? [] : ['', `${counted(all.length, 'file')}, ${bytesText(total)}`, ...rows.map(line)]
}
