type Environment = Readonly<Record<string, string | undefined>>

/** On Windows `process.env` ignores the case of names. A copy of it (`{ ...process.env, TOKEN }`) is a plain object, in which `PATH` would not find
    `Path`; so is `process.env` of a worker thread. This makes them ignore case too. */
export function environmentOn(platform: NodeJS.Platform, env: Environment): Environment {
  if (platform !== 'win32') return env
  const names = new Map(Object.keys(env).map((name) => [name.toUpperCase(), name]))
  const get = (_: Environment, name: string | symbol) =>
    typeof name === 'string' ? (env[name] ?? env[names.get(name.toUpperCase()) ?? name]) : undefined
  return new Proxy(env, { get })
}
