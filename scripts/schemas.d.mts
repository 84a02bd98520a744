export function schemas(): Promise<Record<string, string>>
