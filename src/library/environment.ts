type Environment = Readonly<Record<string, string | undefined>>

/** On Windows names of variables have no case, and `process.env` has none either. A copy of it (`{ ...process.env, TOKEN }`) is a plain object, whose
    `Path` nobody would find as `PATH`; so is `process.env` of a worker thread. */
export function environmentOn(platform: NodeJS.Platform, env: Environment): Environment {
  if (platform !== 'win32') return env
  const names = new Map(Object.keys(env).map((name) => [name.toUpperCase(), name]))
  const get = (_: Environment, name: string | symbol) =>
    typeof name === 'string' ? (env[name] ?? env[names.get(name.toUpperCase()) ?? name]) : undefined
  return new Proxy(env, { get })
}
