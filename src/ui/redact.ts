/** Shorter values are not treated as secrets: replacing them would garble everything. */
const shortest = 6

const telling =
  /(^|_)(TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIALS?|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|AUTH|PAT)(_|$)/i

/** Values of environment variables whose names say that nobody should read them. */
export function secretsIn(env: Readonly<Record<string, string | undefined>>): Set<string> {
  const values = Object.entries(env)
    .filter(([name]) => telling.test(name))
    .map(([, value]) => value ?? '')
  return new Set(values.filter((value) => value.length >= shortest))
}

/** Replaces every secret by `***`, also where it stands percent-encoded, JSON-escaped or inside base64 (a header of basic auth). */
export function redact(text: string, secrets: Iterable<string>): string {
  const long = [...secrets].filter((secret) => secret.length >= shortest)
  if (long.length === 0) return text
  const forms = new Set(long.flatMap(formsOf))
  return [...forms].sort(longestFirst).reduce((clean, form) => clean.replaceAll(form, '***'), text)
}

/** `redact` for every string of a value that JSON can hold, keys included. */
export function redactAll(value: unknown, secrets: Iterable<string>): unknown {
  if (typeof value === 'string') return redact(value, secrets)
  if (Array.isArray(value)) return value.map((each) => redactAll(each, secrets))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [redact(key, secrets), redactAll(each, secrets)]),
  )
}

const known = new Map<string, string[]>()

function formsOf(secret: string): string[] {
  const forms = known.get(secret) ?? [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    ...[0, 1, 2].flatMap((before) => insideBase64(secret, before)),
  ]
  known.set(secret, forms)
  return forms
}

/** The secret inside base64 with so many bytes before it: only the characters that it decides alone. */
function insideBase64(secret: string, before: number): string[] {
  const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(secret)])
  const whole = Math.floor((bytes.length * 8) / 6)
  const part = bytes.toString('base64').slice(Math.ceil((before * 8) / 6), whole)
  return part.length >= 8 ? [part, part.replaceAll('+', '-').replaceAll('/', '_')] : []
}

function longestFirst(a: string, b: string): number {
  return b.length - a.length
}
