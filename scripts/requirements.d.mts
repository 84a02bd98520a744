export interface Citation {
  id: string
  title: string
  file: string
}
interface Given {
  requirements: readonly { id: string; text: string }[]
  citations: readonly Citation[]
  pending: Readonly<Record<string, string>>
}
export function requirementsIn(markdown: string): { id: string; text: string }[]
export function citationsIn(source: string): { id: string; title: string }[]
export function judge(given: Given): string[]
export function table(given: Given): string[]
