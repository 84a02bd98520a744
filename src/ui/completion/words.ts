import type { Command, Completes, Flag } from '../../model/command.js'
import { type NameType, nameTypes } from '../../model/completion-names.js'
import { kindNames } from '../../model/kinds.js'
import { toolNames } from '../../model/targets.js'

export const shells = ['bash', 'zsh', 'fish', 'powershell'] as const

export type Shell = (typeof shells)[number]

/** A command as the scripts know it. `name` has two words where it stands in a group. */
export interface Completable extends Pick<Command, 'name' | 'summary' | 'flags' | 'completes' | 'completesLater'> {
  aliases: readonly string[]
  /** Words that its arguments are taken from, where there are such. */
  words?: readonly string[]
}

/** Everything a script completes without asking anybody. */
export interface Words {
  commands: readonly Completable[]
  /** First words that stand before others, with what they are about. */
  groups: readonly { word: string; summary: string }[]
  common: readonly Flag[]
}

/** What may stand at a place: one of these words (and with `orFolder` a folder), a name from the names file, a path, or anything. */
export type Value =
  | { words: readonly string[]; orFolder?: true }
  | { names: NameType }
  | { path: 'file' | 'folder' }
  | { anything: true }

export function wantedBy({ choices, completes }: Pick<Flag, 'choices' | 'completes'>): Value {
  if (choices !== undefined) return { words: choices }
  if (completes === undefined) return { anything: true }
  const names = nameTypes.find((type) => type === completes)
  return names === undefined ? fixed(completes) : { names }
}

export function argumentsOf({ words, completes }: Pick<Completable, 'words' | 'completes'>): Value {
  return words === undefined ? wantedBy({ ...(completes !== undefined && { completes }) }) : { words }
}

/** What stands behind the first argument, where that is something else. */
export function laterOf({ completesLater }: Pick<Completable, 'completesLater'>): Value | undefined {
  return completesLater === undefined ? undefined : wantedBy({ completes: completesLater })
}

function fixed(completes: Completes): Value {
  if (completes === 'kind') return { words: kindNames }
  if (completes === 'tool') return { words: toolNames }
  if (completes === 'place') return { words: toolNames, orFolder: true }
  if (completes === 'shell') return { words: shells }
  return completes === 'file' || completes === 'folder' ? { path: completes } : { anything: true }
}

/** A value as the scripts write it: `=a b` fixed words, `+a b` words or a folder, `:type` names, `/file` and `/folder` paths, nothing where anything may stand. */
export function compact(value: Value): string {
  if ('words' in value) return `${value.orFolder ? '+' : '='}${value.words.join(' ')}`
  if ('names' in value) return `:${value.names}`
  return 'path' in value ? `/${value.path}` : ''
}

/** `--from`, and `-f` where the flag has a letter. */
export function spellings({ name, short }: Flag): string[] {
  return short === undefined ? [`--${name}`] : [`-${short}`, `--${name}`]
}

/** What can stand in the first place: commands of one word, their aliases, and groups. */
export function firstWords({ commands, groups }: Words): { word: string; summary: string }[] {
  const single = commands
    .filter(({ name }) => !name.includes(' '))
    .map(({ name, summary }) => ({ word: name, summary }))
  return [...single, ...groups].sort((a, b) => (a.word < b.word ? -1 : 1))
}

export function secondWords({ commands }: Words, group: string): { word: string; summary: string }[] {
  return commands
    .filter(({ name }) => name.startsWith(`${group} `))
    .map(({ name, summary }) => ({ word: name.slice(group.length + 1), summary }))
}

/** POSIX quoting, which bash, zsh and (for these characters) fish share. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
