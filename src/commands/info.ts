import type { Command, Paint } from '../model/command.js'
import type { InfoResult } from '../model/results.js'
import { bytesText, columns, counted } from '../model/text.js'
import { info as perform } from '../operations/info.js'

export const info: Command<InfoResult> = {
  name: 'info',
  args: '<artifact>',
  summary: 'show one artifact: where it comes from, its files, and what in it can run',
  examples: ['haal info review-code', 'haal info corp:skill/review-code --json'],
  flags: [],
  completes: 'available',
  run: (ctx, [request = ''], flags) => perform(ctx, { request, flags }),
  show: (result, paint) => [
    heading(result, paint),
    ...facts(result),
    ...files(result, paint),
    ...result.notes.map((note) => paint.warn(note)),
  ],
}

function heading({ artifact, version, description }: InfoResult, paint: Paint): string {
  return `${paint.bold(artifact)} ${version ?? ''}${description === undefined ? '' : `: ${description}`}`
}

function facts(result: InfoResult): string[] {
  const rows: [string, string | null | undefined][] = [
    ['id', result.id],
    ['registry', `${result.registry}${result.verified ? ' (verified)' : ''}`],
    ['available', result.available],
    ['revision', result.revision],
    ['integrity', result.integrity],
    ['path', result.path],
    ['author', result.author],
    ['licence', result.licence],
    [
      'state',
      [
        result.installed === false ? 'not installed' : '',
        result.pinned ? 'pinned' : '',
        result.modified ? 'modified' : '',
      ]
        .filter(Boolean)
        .join(', '),
    ],
    ['requested by', result.requestedBy.join(', ')],
    ['requires', result.requires.join(', ')],
    ['targets', result.targets.join(', ')],
    ['can run', result.surface.join(', ')],
    ['loads', result.loadable === false ? 'not as it is' : result.entry],
    ['cannot be installed', result.unavailable],
  ]
  const known = rows.filter((row): row is [string, string] => row[1] !== null && row[1] !== undefined && row[1] !== '')
  return columns(known).map(([name, value]) => `  ${name}  ${value}`)
}

function files({ files: all }: InfoResult, paint: Paint): string[] {
  const total = all.reduce((sum, { size }) => sum + size, 0)
  const rows = columns(all.map(({ path, size }) => [path, bytesText(size), '']))
  const line = ([path = '', size = '']: string[], i: number) =>
    `  ${path}  ${paint.dim(`${size}${all[i]?.executable ? '  executable' : ''}`.trimEnd())}`
  return all.length === 0 ? [] : ['', `${counted(all.length, 'file')}, ${bytesText(total)}`, ...rows.map(line)]
}
