export function declare(folder: string): void
export function libraryPage(types: string): string
export function exportsOf(file: string): { name: string; file: string }[]
