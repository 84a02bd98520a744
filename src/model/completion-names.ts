import { byCodeUnit } from './names.js'

/** What shells complete without starting haal. Commands that change something write it to `.haal/.state/names`; each line is
    `type<TAB>name`, lines sorted by code unit, LF. The scripts in completions/ read it. */
export const namesFile = '.haal/.state/names'

export const nameTypes = ['available', 'generation', 'installed', 'registry', 'target'] as const

export type NameType = (typeof nameTypes)[number]

export type Names = Readonly<Partial<Record<NameType, readonly string[]>>>

/** Artifacts are given as `kind/name`. Names with a character that a shell could read as more than a name are left out. */
export function printNames(names: Names): string {
  const lines = nameTypes.flatMap((type) => (names[type] ?? []).filter(isPlain).map((name) => `${type}\t${name}\n`))
  return [...new Set(lines)].sort(byCodeUnit).join('')
}

/** The names of one type. Lines that `printNames` would not write are passed over. */
export function namesIn(text: string, type: NameType): string[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${type}\t`))
    .map((line) => line.slice(type.length + 1))
    .filter(isPlain)
}

function isPlain(name: string): boolean {
  return /^[A-Za-z0-9@][A-Za-z0-9@._/+-]*$/.test(name)
}
