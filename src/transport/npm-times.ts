import * as v from 'valibot'
import { decode, dictionary } from '../model/decode.js'
import { parseJson } from '../model/json.js'
import type { Locator } from '../model/registry.js'
import type { Answer } from '../model/transport.js'
import { fresh } from './fresh.js'
import { type Asked, revalidate, type Web } from './web.js'

const schema = v.looseObject({ time: v.optional(dictionary(v.unknown()), {}) })

/** When each version of a package was published, as its registry has recorded: version → ISO 8601. The long form of a packument has it, which is
    asked for only where a rule wants to know. */
export async function publishedTimes(
  at: Extract<Locator, { via: 'npm' }>,
  { base, web }: { base: string; web: Web },
): Promise<Readonly<Record<string, string>>> {
  const source = `${web.reach.registry.name}: ${at.name}`
  const ask = async (known: Answer | undefined): Promise<Asked> => {
    const got = await revalidate(web, { url: packumentUrl(base, at.name), accept: 'application/json', known })
    if (got === 'same') return got
    const { time } = decode(schema, parseJson(got.body, source), source, 'E_REGISTRY_UNAVAILABLE')
    return { ...got, body: JSON.stringify(time) }
  }
  const { body } = await fresh(at, `times ${base}`, { reach: web.reach, ask })
  const times = Object.entries(JSON.parse(body) as Record<string, unknown>)
  return Object.fromEntries(times.filter((each): each is [string, string] => isDate(each[1])))
}

/** Where a registry keeps what it knows of a package. */
export function packumentUrl(base: string, name: string): string {
  return `${base}${name.replace('/', '%2f')}`
}

function isDate(value: unknown): boolean {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value))
}
