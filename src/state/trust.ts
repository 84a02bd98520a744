import * as v from 'valibot'
import { decode } from '../model/decode.js'
import type { Disk } from '../model/disk.js'
import { fail } from '../model/errors.js'
import { parseJson } from '../model/json.js'
import { byCodeUnit } from '../model/names.js'
import { readOrigin } from '../model/origin.js'
import { writeWhole } from './atomic-write.js'
import { sorted } from './home-file.js'

/** `HAAL_HOME/trust.json`: the origins that a person trusts, and the variables whose tokens may go there. An origin without variables
    may be reached over plain http and at a private address; `file://<machine>` is the shares of that machine. */
export type Trust = Readonly<Record<string, readonly string[]>>

const variable = v.pipe(v.string(), v.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'is not the name of a variable'))
const origin = v.pipe(
  v.string(),
  v.check((text) => readOrigin(text) === text, 'is not an origin'),
)
const head = v.looseObject({ trustVersion: v.number() })
const schema = v.strictObject({ trustVersion: v.literal(1), origins: v.record(origin, v.array(variable)) })

/** Nobody is trusted where there is no file. Throws E_CONFIG, E_STATE_NEWER. */
export function readTrust(disk: Disk, file: string): Trust {
  const text = disk.text(file)
  if (text === undefined) return {}
  const value = parseJson(text, file, { syntax: 'E_CONFIG_PARSE', key: 'E_CONFIG' })
  const { trustVersion } = decode(head, value, file, 'E_CONFIG')
  if (trustVersion > 1)
    fail('E_STATE_NEWER', `${file} was written by a newer haal (trustVersion ${trustVersion})`, {
      hint: 'npm install --global haal@latest',
    })
  return decode(schema, value, file, 'E_CONFIG').origins
}

/** The same trust, and one origin more; with `variable`, its token may go there. Throws E_USAGE where it is no origin. */
export function trusting(trust: Trust, place: string, name?: string): Trust {
  const at = readOrigin(place) ?? fail('E_USAGE', `"${place}" is not an origin such as https://git.corp.com`)
  const variables = new Set([...(trust[at] ?? []), ...(name === undefined ? [] : [name])])
  return { ...trust, [at]: [...variables].sort(byCodeUnit) }
}

/** Only the person may read and change it. */
export function writeTrust(disk: Disk, file: string, trust: Trust): void {
  const origins = sorted(Object.entries(trust))
  writeWhole(disk, file, `${JSON.stringify({ trustVersion: 1, origins }, null, 2)}\n`, 0o600)
}
