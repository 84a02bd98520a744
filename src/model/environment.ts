type Environment = Readonly<Record<string, string | undefined>>

/** The value of a variable that a file names. What every object has, `constructor` say, is no variable. */
export function variableIn(env: Environment, name: string): string | undefined {
  const value: unknown = env[name]
  return typeof value === 'string' ? value : undefined
}
